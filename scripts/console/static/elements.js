// @ts-check
// What every view uses: elements, times, notices, and the states of a view.

const NOTICE_MS = 8000;

/** The element with this id; the page must have it.
 * @param {string} id
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return found;
}

/** The input with this id.
 * @param {string} id
 */
export function inputById(id) {
  return /** @type {HTMLInputElement} */ (byId(id));
}

/** A new element with a class, and in it texts and elements; what is empty is left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} kind
 * @param {...(Node | string | null | undefined | false)} content
 */
export function make(tag, kind = "", ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(.../** @type {(Node | string)[]} */ (content.filter((part) => part)));
  return made;
}

/** A button.
 * @param {string} label
 * @param {string} kind
 * @param {() => unknown} act
 * @param {string} [subject] what it is about, for screen readers
 */
export function button(label, kind, act, subject = "") {
  const made = make("button", kind, label);
  made.type = "button";
  if (subject) made.setAttribute("aria-label", `${label}: ${subject}`);
  made.addEventListener("click", act);
  return made;
}

/** A link within the page.
 * @param {string} text
 * @param {string} hash
 * @param {string} [kind]
 */
export function link(text, hash, kind = "") {
  const made = make("a", kind, text);
  made.href = hash;
  return made;
}

/** Code or data, in a box that can be scrolled by keyboard.
 * @param {string} text
 * @param {string} label
 */
export function code(text, label) {
  const box = make("pre", "code", text);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  return box;
}

/** Terms with what they mean; those without a value are left out.
 * @param {[string, Node | string | null | undefined | false][]} pairs
 */
export function facts(pairs) {
  const list = make("dl", "facts");
  for (const [term, value] of pairs) if (value) list.append(make("dt", "", term), make("dd", "", value));
  return list;
}

/** A table with a head.
 * @param {string[]} head
 * @param {(Node | string)[][]} rows
 */
export function table(head, rows) {
  const columns = head.map((name) => {
    const cell = make("th", "", name);
    cell.scope = "col";
    return cell;
  });
  const body = rows.map((row) => make("tr", "", ...row.map((cell) => make("td", "", cell))));
  const made = make("table", "", make("thead", "", make("tr", "", ...columns)), make("tbody", "", ...body));
  const frame = make("div", "scrolls", made);
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", `Table: ${head.filter(Boolean).join(", ")}`);
  return frame;
}

/** @param {unknown} value */
export function json(value) {
  return JSON.stringify(value, null, 2);
}

/** A body as it is best read: indented if it is JSON.
 * @param {string} text
 */
export function indented(text) {
  try {
    return json(JSON.parse(text));
  } catch {
    return text;
  }
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 9.95) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86400).toFixed(1)} d`;
}

// With hour12, midnight would be 24:00:00.
/** @type {Intl.DateTimeFormatOptions} */
const HOURS = { hourCycle: "h23" };

/** A moment of today, to the millisecond.
 * @param {string} moment
 */
export function clock(moment) {
  const at = new Date(moment);
  const ms = String(at.getMilliseconds()).padStart(3, "0");
  return `${at.toLocaleTimeString(undefined, HOURS)}.${ms}`;
}

/** A moment of any day.
 * @param {string} moment
 */
export function dated(moment) {
  return new Date(moment).toLocaleString(undefined, HOURS);
}

/** @param {string} name */
export function dashed(name) {
  return name.replaceAll("_", "-");
}

/** Shows a message that disappears by itself.
 * @param {string} text
 */
export function notice(text) {
  const line = make("p", "", text);
  byId("notices").append(line);
  setTimeout(() => line.remove(), NOTICE_MS);
}

/** Replaces what a place holds. The focus stays on the same link, button or other control, or in the view if that
 * is gone, and a drawing stays scrolled: the view may be drawn again while somebody is using it.
 * @param {HTMLElement} place
 * @param {...Node} content
 */
export function renew(place, ...content) {
  const left = place.querySelector(".graph")?.scrollLeft;
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const index = focused ? likeIn(place, focused).indexOf(focused) : 0;
  place.replaceChildren(...content);
  const graph = place.querySelector(".graph");
  if (graph && left) graph.scrollLeft = left;
  if (!focused || focused === place) return;
  const next = likeIn(place, focused)[index];
  for (const one of [next, place.closest("section")]) {
    if (place.contains(document.activeElement)) return;
    /** @type {HTMLElement | null | undefined} */ (one)?.focus({ preventScroll: true });
  }
}

/** The elements of a place with the tag, link and label of this one.
 * @param {HTMLElement} place
 * @param {Element} element
 */
function likeIn(place, element) {
  return [...place.querySelectorAll(element.localName)].filter((one) =>
    ["href", "aria-label"].every((name) => one.getAttribute(name) === element.getAttribute(name)),
  );
}

/** Fills a view with what `load` gives; until then it says that it loads, and if that fails, why.
 * @param {HTMLElement} place
 * @param {() => Promise<Node>} load
 */
export async function filled(place, load) {
  place.setAttribute("aria-busy", "true");
  const token = {};
  latest.set(place, token);
  if (!place.childNodes.length) place.replaceChildren(make("p", "note", "Loading…"));
  try {
    const content = await load();
    if (latest.get(place) === token) renew(place, content);
  } catch (problem) {
    if (latest.get(place) !== token) return;
    const line = make("p", "note bad", problem instanceof Error ? problem.message : String(problem));
    line.setAttribute("role", "alert");
    renew(
      place,
      line,
      button("Try again", "quiet", () => filled(place, load)),
    );
  }
  place.setAttribute("aria-busy", "false");
}

/** Place → its latest filling: an older answer that comes later must not overwrite it.
 * @type {WeakMap<HTMLElement, object>}
 */
const latest = new WeakMap();
