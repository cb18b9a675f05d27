// @ts-check
// The tasks that this page knows, merged from lists, its own writes, and events.

import { api, Problem } from "./api.js";
import { RULES } from "./rules.js";

/** @import { Status, Task } from "../../clients/typescript/task-manager" */

const FIRST_PAGE = 25;
const NEXT_PAGES = 100;
// A list may lag behind a write: until then, the write's response is the newest state.
const SETTLE_MS = 3000;

/** The newest version of each task, by taskId.
 * @type {Map<string, Task>}
 */
export const tasks = new Map();
/** When this page last wrote a task, by taskId.
 * @type {Map<string, number>}
 */
const writtenAt = new Map();
/** When this page deleted a task, by taskId.
 * @type {Map<string, number>}
 */
const deletedAt = new Map();
/** How many pages of a status are shown; the first one, unless more were asked for.
 * @type {Map<Status, number>}
 */
const depths = new Map();
/** Where the list of a status goes on after the pages that were read; null at its end.
 * @type {Map<Status, string | null>}
 */
const cursors = new Map();
/** The owner whose tasks are shown; empty for all owners. */
export let owner = "";
/** Grows when another owner or caller is chosen: answers to requests from before are not for them. */
export let generation = 0;

let onChange = () => {};

/** Registers the function that redraws the tasks.
 * @param {() => void} listener
 */
export function onTasksChanged(listener) {
  onChange = listener;
}

/** @param {Task} task */
function keepNewest(task) {
  const known = tasks.get(task.taskId);
  const newer = known && known.version > task.version;
  if (isSettled(deletedAt, task.taskId) && !newer) tasks.set(task.taskId, task);
}

/** Whether lists show by now what this page did to a task, if it did.
 * @param {Map<string, number>} doneAt
 * @param {string} taskId
 */
function isSettled(doneAt, taskId) {
  return Date.now() - (doneAt.get(taskId) ?? 0) > SETTLE_MS;
}

/** Merges the response to a write of this page.
 * @param {Task} task
 */
export function recordWrite(task) {
  writtenAt.set(task.taskId, Date.now());
  keepNewest(task);
  onChange();
}

/** Removes a task that this page deleted.
 * @param {Task} task
 */
export function recordDeletion(task) {
  deletedAt.set(task.taskId, Date.now());
  tasks.delete(task.taskId);
  onChange();
}

/** Reads the newest tasks with these statuses again; older ones stay as they were read.
 * @param {Status[]} statuses
 */
export async function load(statuses) {
  const asked = generation;
  const pages = await Promise.all(statuses.map((status) => api.page(queryOf(status))));
  if (asked !== generation) return;
  statuses.forEach((status, index) => {
    merge(status, pages[index].tasks, !pages[index].nextCursor);
    if ((depths.get(status) ?? 1) === 1) cursors.set(status, pages[index].nextCursor);
  });
  onChange();
}

/** Reads every page that is shown of these statuses again; older tasks come back with the next page.
 * @param {Status[]} statuses
 */
export async function loadShown(statuses) {
  const asked = generation;
  await Promise.all(
    statuses.map(async (status) => {
      /** @type {Task[]} */
      const found = [];
      /** @type {string | null} */
      let cursor = null;
      const depth = depths.get(status) ?? 1;
      for (let left = depth; left > 0; left--) {
        const page = await api.page(queryOf(status, cursor));
        found.push(...page.tasks);
        cursor = page.nextCursor;
        if (!cursor) break;
      }
      // Not if the next page was shown meanwhile, which this would take away.
      if (asked !== generation || depth !== (depths.get(status) ?? 1)) return;
      merge(status, found, true);
      cursors.set(status, cursor);
    }),
  );
  onChange();
}

/** Reads the next page of each of these statuses that has one.
 * @param {Status[]} statuses
 */
export async function loadMore(statuses) {
  const asked = generation;
  await Promise.all(
    statuses.filter(isTruncated).map(async (status) => {
      const page = await api.page(queryOf(status, cursors.get(status)));
      if (asked !== generation) return;
      page.tasks.forEach(keepNewest);
      depths.set(status, (depths.get(status) ?? 1) + 1);
      cursors.set(status, page.nextCursor);
    }),
  );
  onChange();
}

/** Reads one task that is shown and was changed; its list may be too long to have it on the first page.
 * @param {string} taskId
 */
export async function reload(taskId) {
  const asked = generation;
  try {
    const task = await api.task(taskId);
    if (asked !== generation) return;
    keepNewest(task);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
    tasks.delete(taskId);
  }
  onChange();
}

/** Takes a list's tasks, and forgets those that should be among them and are not.
 * @param {Status} status
 * @param {Task[]} listed the newest of the status
 * @param {boolean} whole whether older tasks of the status should be among them, too
 */
function merge(status, listed, whole) {
  const present = new Set(listed.map((task) => task.taskId));
  const last = whole ? "" : (listed.at(-1)?.taskId ?? "");
  for (const task of tasks.values()) {
    const missing = task.status === status && !present.has(task.taskId) && task.taskId > last;
    if (missing && isSettled(writtenAt, task.taskId)) tasks.delete(task.taskId);
  }
  listed.forEach(keepNewest);
}

/**
 * @param {Status} status
 * @param {string | null} [cursor] of the page before
 */
function queryOf(status, cursor) {
  return { status, userId: owner, limit: cursor ? NEXT_PAGES : FIRST_PAGE, cursor: cursor ?? "" };
}

/** Whether the API has more tasks with this status than were read.
 * @param {Status} status
 */
export function isTruncated(status) {
  return Boolean(cursors.get(status));
}

/** Shows one owner's tasks, or all with an empty name.
 * @param {string} name
 */
export async function showOwner(name) {
  owner = name;
  generation += 1;
  tasks.clear();
  depths.clear();
  cursors.clear();
  onChange();
  await load(RULES.statuses);
}

/** The owners of the tasks that are shown. */
export function ownersShown() {
  return owner ? [owner] : [...new Set([...tasks.values()].map((task) => task.userId))].sort();
}
