// @ts-check
// The totals of the owners whose tasks are on the board.

import { api, Problem } from "./api.js";
import { ago, byId, copyOf, duration, find, findAll } from "./elements.js";
import { generation, owner } from "./tasks.js";

/** @import { UserStatistics } from "../../clients/typescript/task-manager" */

const MAX_OWNERS = 8;
// Totals are computed from the same events as the feed, by another function: they may lag a moment behind.
const LAG_MS = 1500;

/** Statistics by userId.
 * @type {Map<string, UserStatistics>}
 */
const totals = new Map();

/** Reads these owners' totals now, and once more after the lag.
 * @param {Iterable<string>} users
 */
export async function followTotals(users) {
  const asked = generation;
  await readTotals(users);
  setTimeout(() => asked === generation && readTotals(users), LAG_MS);
}

/** Reads and shows these owners' totals.
 * @param {Iterable<string>} users
 */
export async function readTotals(users) {
  await Promise.all([...users].slice(0, MAX_OWNERS).map(readTotalsOf));
  drawTotals();
}

/** Removes all totals. */
export function clearTotals() {
  totals.clear();
  drawTotals();
}

/** @param {string} user */
async function readTotalsOf(user) {
  const asked = generation;
  try {
    const found = await api.totals(user);
    if (asked === generation) totals.set(user, found);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    totals.delete(user); // another user's, which this token may not read
  }
}

function drawTotals() {
  const rows = [...totals.values()]
    .filter((user) => !owner || user.userId === owner)
    .sort((a, b) => (b.completed ?? 0) - (a.completed ?? 0) || (b.created ?? 0) - (a.created ?? 0))
    .slice(0, MAX_OWNERS)
    .map(rowOf);
  byId("people").replaceChildren(...rows);
  byId("no-people").hidden = rows.length > 0;
}

/** @param {UserStatistics} user */
function rowOf(user) {
  const row = copyOf("person-template");
  const [created, completed, average] = findAll(row, "td");
  find(row, "th").textContent = user.userId;
  created.textContent = String(user.created ?? 0);
  completed.textContent = String(user.completed ?? 0);
  average.textContent = user.completed ? duration(user.averageCompletionSeconds ?? 0) : "–";
  if (user.lastCompletedAt) row.title = `Last completed ${ago(user.lastCompletedAt)}`;
  return row;
}
