// Small things that every part of the page uses: elements, words, times, notices.

const byId = (id) => document.getElementById(id);
const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);

const NOTICE_MS = 8000;

function words(name) {
  return name.replaceAll("_", " ");
}

function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Puts text into an element, which is hidden when there is none. */
function fill(element, text) {
  element.textContent = text || "";
  element.hidden = !text;
}

/** A moment as "5 min ago"; `time` elements are brought up to date by `tellTimes`. */
function ago(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 45 * 60) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 22 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(moment).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

function duration(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86400).toFixed(1)} d`;
}

function setTime(element, moment) {
  element.dateTime = moment;
  element.title = new Date(moment).toLocaleString();
  element.textContent = ago(moment);
}

function tellTimes() {
  for (const element of document.querySelectorAll(".card time")) element.textContent = ago(element.dateTime);
}

function button(label, kind, about, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = label;
  made.setAttribute("aria-label", `${label}: ${about}`);
  made.dataset.action = label;
  made.addEventListener("click", act);
  return made;
}

/** Says something that nobody asked for: it goes away by itself. */
function notice(text) {
  const line = document.createElement("p");
  line.textContent = text;
  byId("notices").append(line);
  setTimeout(() => line.remove(), NOTICE_MS);
}
