// @ts-check
// Starts the page.

import { BASE } from "./api.js";
import { buildBoard } from "./board.js";
import { openNewTask, openToken, prepareDialogs } from "./dialogs.js";
import { byId, updateTimes } from "./elements.js";
import { disconnected, expectEvent, isLive, poll, resetFeed, schedule, togglePause } from "./feed.js";
import { attempt, refresh } from "./refresh.js";
import { clearTotals, readTotals } from "./statistics.js";
import { ownersShown, showOwner } from "./tasks.js";

const REFRESH_MS = 60000;
const TIMES_MS = 20000;

/** Loads the page again, for another owner or another caller. */
async function restart() {
  clearTotals();
  resetFeed();
  const everything = byId("everything");
  everything.setAttribute("aria-busy", "true");
  try {
    await showOwner(/** @type {HTMLInputElement} */ (byId("owner")).value.trim());
    await readTotals(ownersShown());
    everything.setAttribute("aria-busy", "false");
  } catch (problem) {
    disconnected(problem);
  }
  poll();
}

function start() {
  /** @type {HTMLAnchorElement} */ (byId("docs")).href = new URL("docs", BASE).href;
  /** @type {HTMLAnchorElement} */ (byId("event-docs")).href = new URL("docs/events", BASE).href;
  buildBoard();
  prepareDialogs({ signedIn: restart, decided: expectEvent });
  byId("new-task").addEventListener("click", openNewTask);
  byId("open-token").addEventListener("click", openToken);
  byId("pause").addEventListener("click", togglePause);
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
