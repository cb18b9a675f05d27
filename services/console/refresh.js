// @ts-check
// Reading the whole page again, and actions that fall back to it.

import { Problem } from "./api.js";
import { notice } from "./elements.js";
import { RULES } from "./rules.js";
import { readTotals } from "./statistics.js";
import { loadShown, ownersShown, reload } from "./tasks.js";

/** Reads the board and the totals again, for events that the feed may have missed. */
export async function refresh() {
  await loadShown(RULES.statuses);
  await readTotals(ownersShown());
}

/** Performs the user's action; shows a notice if the API refuses it.
 * @param {() => Promise<unknown>} act
 * @param {string} [taskId] the task that it is about
 */
export async function attempt(act, taskId) {
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const stale = problem.status === 412;
    notice(stale ? "The task was changed meanwhile: this is its new version." : problem.message);
    if (!stale && problem.status !== 404) return;
    await refresh();
    if (taskId) await reload(taskId);
  }
}
