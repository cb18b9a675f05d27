// @ts-check
// The feed as it came: the newest rows, and who wants to know of more.

import { address } from "./api.js";
import { byId } from "./elements.js";

/** @import { Row } from "./types" */

const MOST = 2000;

/** Oldest first.
 * @type {Row[]}
 */
export const rows = [];

/** @type {((rows: Row[]) => void)[]} */
const followers = [];

/** Calls `follower` with each part that comes.
 * @param {(rows: Row[]) => void} follower
 */
export function follow(follower) {
  followers.push(follower);
}

/** Follows the feed while the page is visible: a browser keeps few connections to a server. */
export function connect() {
  let source = open();
  document.addEventListener("visibilitychange", () => {
    source.close();
    if (!document.hidden) source = open();
  });
}

/** Begins to follow the feed; the browser connects again by itself, and gets what it missed. */
function open() {
  const url = address("feed");
  if (rows.length) url.searchParams.set("after", String(rows[rows.length - 1].number));
  const source = new EventSource(url);
  source.addEventListener("rows", (message) => {
    const fresh = /** @type {Row[]} */ (JSON.parse(message.data));
    rows.push(...fresh);
    rows.splice(0, rows.length - MOST);
    for (const follower of followers) follower(fresh);
  });
  source.addEventListener("state", (message) => {
    const { trouble } = JSON.parse(message.data);
    connection(trouble ? "lost" : "live", trouble || "Live");
  });
  source.addEventListener("error", () => connection("lost", "Not connected: is make console running?"));
  return source;
}

/**
 * @param {string} state
 * @param {string} text
 */
function connection(state, text) {
  const line = byId("connection");
  if (line.textContent !== text) line.textContent = text; // screen readers announce a change only
  line.dataset.state = state;
}
