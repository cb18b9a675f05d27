// @ts-check
// What every part of the page uses: elements, words, times, notices.

const NOTICE_MS = 8000;

/** The element with this id; the page must have it.
 * @param {string} id
 */
export function byId(id) {
  return find(document, `#${id}`);
}

/** The dialog with this id.
 * @param {string} id
 */
export function dialogById(id) {
  return /** @type {HTMLDialogElement} */ (byId(id));
}

/** A copy of a template's element.
 * @param {string} id
 */
export function copyOf(id) {
  const { content } = /** @type {HTMLTemplateElement} */ (byId(id));
  return /** @type {HTMLElement} */ (content.firstElementChild?.cloneNode(true));
}

/** The first element that matches; throws without one.
 * @param {ParentNode} root
 * @param {string} selector
 */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

/** All elements that match.
 * @param {ParentNode} root
 * @param {string} selector
 */
export function findAll(root, selector) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
}

/** Makes `list` hold these items in this order, without moving those already in place.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} items
 */
export function arrange(list, items) {
  const kept = new Set(items);
  for (const item of [...list.children]) {
    if (!kept.has(/** @type {HTMLElement} */ (item))) item.remove();
  }
  items.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] || null);
  });
}

/** @param {string} name */
export function words(name) {
  return name.replaceAll("_", " ");
}

/** @param {string} text */
export function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Sets an element's text; hides the element if there is none.
 * @param {HTMLElement} element
 * @param {string | false | null | undefined} text
 */
export function fill(element, text) {
  element.textContent = text || "";
  element.hidden = !text;
}

/** A moment relative to now, such as "5 min ago".
 * @param {string} moment
 */
export function ago(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 45 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 22 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(moment).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** A time of day, to the second. With hour12, midnight would be 24:00:00.
 * @param {string} moment
 */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString(undefined, { hourCycle: "h23" });
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86400).toFixed(1)} d`;
}

/** The `time` element inside `root`.
 * @param {HTMLElement} root
 */
export function timeIn(root) {
  return /** @type {HTMLTimeElement} */ (find(root, "time"));
}

/** Shows a moment relative to now; `updateTimes` keeps it current.
 * @param {HTMLTimeElement} element
 * @param {string} moment
 */
export function setTime(element, moment) {
  element.dateTime = moment;
  element.title = new Date(moment).toLocaleString();
  element.textContent = ago(moment);
}

/** Brings the times on all cards up to date. */
export function updateTimes() {
  for (const card of findAll(document, ".card")) {
    const time = timeIn(card);
    time.textContent = ago(time.dateTime);
  }
}

/** A button; `subject` completes its label for screen readers.
 * @param {string} label
 * @param {string} kind
 * @param {string} subject
 * @param {() => void} act
 */
export function button(label, kind, subject, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = label;
  made.setAttribute("aria-label", `${label}: ${subject}`);
  made.dataset.action = label;
  made.addEventListener("click", act);
  return made;
}

/** Shows a message that disappears by itself.
 * @param {string} text
 */
export function notice(text) {
  const line = document.createElement("p");
  line.textContent = text;
  byId("notices").append(line);
  setTimeout(() => line.remove(), NOTICE_MS);
}
