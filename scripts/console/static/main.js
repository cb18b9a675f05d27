// @ts-check
// Starts the page: one view at a time, which the part of the address after # names.

import { about, introduce } from "./api.js";
import { byId, notice } from "./elements.js";
import { feed, prepareFeed } from "./feed.js";
import { deadLetters, prepareLetters } from "./letters.js";
import { systemMap } from "./map.js";
import { connect, follow } from "./store.js";
import { request, task } from "./trace.js";
import { trying } from "./trying.js";
import { prepareWorkflows, workflows } from "./workflows.js";

/** @import { View } from "./types" */

/** Name in the address → the view, and the element that holds it.
 * @type {Record<string, [View, string]>}
 */
const views = {
  feed: [feed, "view-feed"],
  request: [request, "view-trace"],
  task: [task, "view-trace"],
  letters: [deadLetters, "view-letters"],
  workflows: [workflows, "view-workflows"],
  map: [systemMap, "view-map"],
  try: [trying, "view-try"],
};

/** @type {View} */
let current = feed;

function route() {
  const [, name = "feed", argument = ""] = location.hash.split("/");
  const [view, place] = views[name] || views.feed;
  current = view;
  for (const section of document.querySelectorAll("main > section")) {
    /** @type {HTMLElement} */ (section).hidden = section.id !== place;
  }
  for (const tab of document.querySelectorAll("nav a")) {
    const here = tab.getAttribute("href") === `#/${name}`;
    if (here) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.title = `${view.title} · ${about.environment} · Developer console`;
  view.show(decodeURIComponent(argument));
  if (entered) byId(place).focus({ preventScroll: true });
  entered = true;
}
let entered = false;

/** StackPort, if `make browse` started it. */
function showResources() {
  const link = /** @type {HTMLAnchorElement} */ (byId("resources"));
  link.hidden = !about.resources;
  if (about.resources) link.href = about.resources;
}

async function start() {
  prepareFeed();
  prepareLetters();
  prepareWorkflows();
  follow((fresh) => current.refresh?.(fresh));
  window.addEventListener("hashchange", route);
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the part of the address after # is the view
    /** @type {HTMLElement | null} */ (document.querySelector("main > section:not([hidden])"))?.focus();
  });
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const id = /** @type {HTMLInputElement} */ (byId("find-id")).value.trim();
    if (id) location.hash = `#/${/^[0-9a-f-]{36}$/.test(id) ? "task" : "request"}/${encodeURIComponent(id)}`;
  });
  try {
    await introduce();
    showResources();
    byId("environment").textContent = about.readOnly ? `${about.environment}, read-only` : about.cloud;
  } catch (refusal) {
    notice(refusal instanceof Error ? refusal.message : String(refusal));
  }
  connect();
  route();
}

start();
