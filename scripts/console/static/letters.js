// @ts-check
// Dead letters: which, why, their bodies; repair and redrive; and what happens next.

import { about, read, write } from "./api.js";
import {
  button,
  byId,
  code,
  dashed,
  duration,
  facts,
  filled,
  indented,
  link,
  make,
  notice,
  renew,
} from "./elements.js";
import { rows } from "./store.js";

/** @import { Letter, Moved, Row, View } from "./types" */

const CHECK_MS = 300;
const COUNT_MS = 5000;

/** @type {Letter[]} */
let letters = [];
/** Keys of letters that are ticked.
 * @type {Set<string>}
 */
const chosen = new Set();
/** Key of a letter → its edited body.
 * @type {Map<string, string>}
 */
const edited = new Map();
/** What was moved back, and is followed: letters, and the number of the last row before.
 * @type {{ moved: Moved[], after: number } | undefined}
 */
let followed;

/** How many there were when they were counted last. */
let counted = 0;

/** @type {View} */
export const deadLetters = {
  title: "Dead letters",
  show: () => {
    load();
    drawFollowed();
  },
  refresh: (fresh) => {
    if (followed) drawFollowed();
    // A message that was given up is in its queue soon after its last failure.
    if (fresh.some((row) => row.failed && row.kind === "reaction")) later();
  },
};

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
function later() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!edited.size) load();
  }, 1500);
}

/** @param {{ queue: string, messageId: string }} letter */
function keyOf(letter) {
  return `${letter.queue}/${letter.messageId}`;
}

/** Makes the controls work, and keeps the number of dead letters current. */
export function prepareLetters() {
  byId("letters-again").addEventListener("click", load);
  setInterval(count, COUNT_MS);
  count();
}

/** Counts the dead letters; shows them anew if there are more or fewer, unless one is being repaired. */
async function count() {
  if (document.hidden) return;
  const { count: now } = await read("letters/count").catch(() => ({ count: counted }));
  byId("letters-link").textContent = now ? `Dead letters (${now})` : "Dead letters";
  const changed = now !== counted;
  counted = now;
  if (changed && !byId("view-letters").hidden && !edited.size) load();
}

function load() {
  return filled(byId("letters"), async () => {
    letters = (await read("letters")).letters;
    for (const key of [...chosen, ...edited.keys()]) {
      if (letters.some((letter) => keyOf(letter) === key)) continue;
      chosen.delete(key);
      edited.delete(key);
    }
    return letters.length ? list() : make("p", "note", "No dead letters: every message was handled.");
  });
}

function list() {
  const some = button("Redrive chosen", "quiet", () =>
    redrive(letters.filter((one) => chosen.has(keyOf(one)))),
  );
  const every = button("Redrive all", "primary", () => redrive(letters));
  const count = make(
    "p",
    "lead",
    `${letters.length} ${letters.length === 1 ? "dead letter" : "dead letters"}`,
  );
  const update = () => {
    some.disabled = !chosen.size;
    some.textContent = chosen.size ? `Redrive chosen (${chosen.size})` : "Redrive chosen";
  };
  update();
  const items = letters.map((letter) => itemOf(letter, update));
  return make(
    "div",
    "",
    make("div", "toolbar", count, !about.readOnly && some, !about.readOnly && every),
    make("ul", "cards", ...items),
  );
}

/**
 * @param {Letter} letter
 * @param {() => void} update
 */
function itemOf(letter, update) {
  const key = keyOf(letter);
  const name = `${letter.queue}, ${letter.messageId}`;
  const tick = make("input");
  tick.type = "checkbox";
  tick.checked = chosen.has(key);
  tick.setAttribute("aria-label", `Choose: ${name}`);
  tick.addEventListener("change", () => {
    if (tick.checked) chosen.add(key);
    else chosen.delete(key);
    update();
  });
  const body = make("div", "body");
  const card = make(
    "article",
    "card",
    make(
      "header",
      "",
      !about.readOnly && tick,
      make("h3", "", letter.queue),
      make("span", "soft", `${duration(letter.ageSeconds * 1000)} old`),
    ),
    make("p", "bad reason", letter.reason),
    facts([
      ["Message", letter.messageId],
      ["Request", letter.correlationId && link(letter.correlationId, `#/request/${letter.correlationId}`)],
      ["Task", letter.taskId && link(letter.taskId, `#/task/${letter.taskId}`)],
    ]),
    body,
  );
  const read = () =>
    body.replaceChildren(
      code(indented(letter.body), `Body: ${name}`),
      about.readOnly
        ? ""
        : make(
            "p",
            "actions",
            button("Repair", "quiet", () => edit(), name),
            button("Redrive", "quiet", () => redrive([letter]), name),
          ),
    );
  const edit = () => body.replaceChildren(editor(letter, name, read));
  if (edited.has(key)) edit();
  else read();
  return make("li", "", card);
}

/**
 * @param {Letter} letter
 * @param {string} name
 * @param {() => void} leave
 */
function editor(letter, name, leave) {
  const key = keyOf(letter);
  const text = make("textarea", "code");
  text.value = edited.get(key) ?? indented(letter.body);
  text.rows = Math.min(24, text.value.split("\n").length + 1);
  text.spellcheck = false;
  text.setAttribute("aria-label", `Body of ${name}`);
  const verdict = make("p", "verdict");
  verdict.setAttribute("role", "status");
  const send = button("Redrive repaired", "primary", () => redrive([letter]), name);
  const check = async () => {
    const body = text.value;
    const { problem } = await write("letters/problem", { queue: letter.queue, body }).catch((refusal) => ({
      problem: refusal.message,
    }));
    if (body !== text.value) return;
    verdict.textContent = problem ? `The body ${problem}` : "The function can read this body.";
    verdict.className = problem ? "verdict bad" : "verdict good";
    send.disabled = Boolean(problem);
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  text.addEventListener("input", () => {
    edited.set(key, text.value);
    clearTimeout(waiting);
    waiting = setTimeout(check, CHECK_MS);
  });
  edited.set(key, text.value);
  check();
  const stop = button(
    "Leave as it was",
    "quiet",
    () => {
      edited.delete(key);
      leave();
    },
    name,
  );
  return make("div", "editor", text, verdict, make("p", "actions", send, stop));
}

/** @param {Letter[]} some */
async function redrive(some) {
  const after = rows.length ? rows[rows.length - 1].number : 0;
  const sent = some.map((letter) => ({
    queue: letter.queue,
    messageId: letter.messageId,
    body: edited.get(keyOf(letter)),
  }));
  byId("letters").setAttribute("aria-busy", "true");
  try {
    const answer = await write("letters/redrive", { letters: sent });
    followed = { moved: answer.letters, after };
    for (const one of followed.moved) if (one.moved) edited.delete(keyOf(one));
    drawFollowed();
  } catch (refusal) {
    notice(refusal instanceof Error ? refusal.message : String(refusal));
  }
  await load();
}

/** What happened to the letters that were moved back: the rows of their requests that came since. */
function drawFollowed() {
  const place = byId("letters-next");
  place.hidden = !followed;
  if (!followed) return;
  const { moved, after } = followed;
  const fresh = rows.filter((row) => row.number > after);
  const items = moved.map((one) => {
    const next = fresh.filter((row) => one.correlationId && row.id === one.correlationId);
    return make(
      "li",
      "",
      make("p", "", make("strong", "", one.queue), ` ${one.moved ? "moved back" : `stays: ${one.trouble}`}`),
      one.moved && outcome(next),
      make("ul", "next", ...next.map(nextOf)),
      one.correlationId && link("See its trace", `#/request/${encodeURIComponent(one.correlationId)}`),
    );
  });
  renew(place, make("h2", "", "What happened next"), make("ul", "", ...items));
}

/** @param {Row[]} next */
function outcome(next) {
  const failed = next.some((row) => row.failed);
  const done = next.some((row) => row.kind === "reaction" && !row.failed);
  if (done && !failed) return make("p", "verdict good", "Handled.");
  if (failed) return make("p", "verdict bad", "Failed again: it is retried, then it comes back here.");
  return make("p", "verdict", "Waiting for its function…");
}

/** @param {Row} row */
function nextOf(row) {
  return make(
    "li",
    row.failed ? "bad" : "",
    `${dashed(row.function)}  ${row.what}${row.ms === null ? "" : `  ${duration(row.ms)}`}`,
  );
}
