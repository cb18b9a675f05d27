// @ts-check
// Starts the page.

import { BASE, Problem } from "./api.js";
import { buildBoard } from "./board.js";
import { openNewTask, openToken, prepareDialogs } from "./dialogs.js";
import { byId, fill, find, updateTimes } from "./elements.js";
import {
  disconnected,
  expectEvent,
  isLive,
  onReconnected,
  poll,
  resetFeed,
  schedule,
  togglePause,
} from "./feed.js";
import { attempt, refresh } from "./refresh.js";
import { RULES } from "./rules.js";
import { clearTotals, readTotals } from "./statistics.js";
import { loadShown, ownersShown, showOwner } from "./tasks.js";

const REFRESH_MS = 60000;
const TIMES_MS = 20000;

/** Loads the page again, for another owner or another caller. */
async function restart() {
  clearTotals();
  resetFeed();
  byId("everything").setAttribute("aria-busy", "true");
  await loading(() => showOwner(/** @type {HTMLInputElement} */ (byId("owner")).value.trim()));
  poll();
}

let loadings = 0;

/** Reads the tasks and the totals; says so where that fails, until it succeeds. Only the newest call counts.
 * @param {() => Promise<void>} read
 */
async function loading(read) {
  const trouble = byId("trouble");
  const mine = ++loadings;
  try {
    await read();
    await readTotals(ownersShown());
    if (mine !== loadings) return;
    byId("everything").setAttribute("aria-busy", "false");
    trouble.hidden = true;
  } catch (problem) {
    if (mine !== loadings) return;
    disconnected(problem);
    const reason =
      problem instanceof Problem && problem.status === 401
        ? "Sign in to see them."
        : /** @type {Error} */ (problem).message;
    fill(find(trouble, "span"), `The tasks could not be read. ${reason}`);
    trouble.hidden = false;
  }
}

function start() {
  /** @type {HTMLAnchorElement} */ (byId("docs")).href = new URL("docs", BASE).href;
  /** @type {HTMLAnchorElement} */ (byId("event-docs")).href = new URL("docs/events", BASE).href;
  buildBoard();
  prepareDialogs({ signedIn: restart, decided: expectEvent });
  byId("new-task").addEventListener("click", openNewTask);
  byId("open-token").addEventListener("click", openToken);
  byId("pause").addEventListener("click", togglePause);
  find(byId("trouble"), "button").addEventListener("click", restart);
  onReconnected(() => loading(() => loadShown(RULES.statuses)));
  byId("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    restart();
  });
  document.addEventListener("visibilitychange", schedule);
  setInterval(updateTimes, TIMES_MS);
  setInterval(() => {
    if (!document.hidden && isLive()) attempt(refresh);
  }, REFRESH_MS);
  restart();
}

start();
