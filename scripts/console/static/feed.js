// @ts-check
// Requests, events, reactions and steps as they happen. Each line leads to its trace.

import { byId, clock, dashed, duration, inputById, link, make } from "./elements.js";
import { rows } from "./store.js";

/** @import { Row, View } from "./types" */

const MOST_SHOWN = 1000;

let paused = false;

/** @type {View} */
export const feed = {
  title: "Feed",
  show: () => draw(),
  refresh: (fresh) => {
    if (!paused) add(fresh);
  },
};

/** Makes the controls work. */
export function prepareFeed() {
  inputById("feed-text").addEventListener("input", draw);
  byId("feed-kinds").addEventListener("change", draw);
  byId("feed-pause").addEventListener("click", () => {
    paused = !paused;
    byId("feed-pause").textContent = paused ? "Resume" : "Pause";
    byId("feed-pause").setAttribute("aria-pressed", String(paused));
    draw();
  });
  byId("feed-rows").addEventListener("keydown", moveFocus);
}

/** @param {Row} row */
function wanted(row) {
  const text = inputById("feed-text").value.trim().toLowerCase();
  const kinds = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#feed-kinds input"));
  const kind = [...kinds].find((box) => box.value === row.kind);
  if (kind && !kind.checked && !row.failed) return false;
  if (!text) return true;
  return [row.function, dashed(row.function), row.what, row.id, row.task].some((part) =>
    part?.toLowerCase().includes(text),
  );
}

function draw() {
  byId("feed-rows").replaceChildren();
  add(rows);
}

/** @param {Row[]} fresh */
function add(fresh) {
  const list = byId("feed-rows");
  const lines = fresh.filter(wanted).slice(-MOST_SHOWN).reverse().map(lineOf);
  list.prepend(...lines);
  while (list.children.length > MOST_SHOWN) list.lastElementChild?.remove();
  byId("feed-empty").hidden = list.children.length > 0;
  byId("feed-empty").textContent = rows.length
    ? "Nothing of this kind so far."
    : "Nothing happened yet. Call the API, or send something from Try.";
}

/** @param {Row} row */
function lineOf(row) {
  const target = row.id ? `#/request/${encodeURIComponent(row.id)}` : row.task ? `#/task/${row.task}` : "";
  const what = target ? link(row.what, target, "what") : make("span", "what", row.what);
  const line = make(
    "li",
    `row ${row.kind}${row.failed ? " failed" : ""}`,
    make("time", "", clock(row.at)),
    make("span", "function", dashed(row.function)),
    what,
    make("span", "ms", row.ms === null ? "" : duration(row.ms)),
    row.task ? link(`task …${row.task.slice(-6)}`, `#/task/${row.task}`, "task") : make("span", "task"),
  );
  line.dataset.number = String(row.number);
  return line;
}

/** Up and down move between the lines.
 * @param {KeyboardEvent} event
 */
function moveFocus(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (!step) return;
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#feed-rows a.what")]);
  const at = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  links[at + step]?.focus();
  event.preventDefault();
}
