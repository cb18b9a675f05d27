// @ts-check
// The tasks that this page knows, merged from lists, its own writes, and events.

import { api } from "./api.js";
import { RULES } from "./rules.js";

/** @import { Status, Task, TaskPage } from "../../clients/typescript/task-manager" */

const PAGE_SIZE = 25;
const MAX_PAGE_SIZE = 100;
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
/** The taskIds that this page deleted.
 * @type {Set<string>}
 */
const deleted = new Set();
/** @type {Map<Status, number>} */
const pageSizes = new Map();
/** @type {Map<Status, boolean>} */
const truncated = new Map();
/** The owner whose tasks are shown; empty for all owners. */
export let owner = "";

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
  if (!deleted.has(task.taskId) && !(known && known.version > task.version)) tasks.set(task.taskId, task);
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
  deleted.add(task.taskId);
  tasks.delete(task.taskId);
  onChange();
}

/** Reads the tasks with these statuses again.
 * @param {Status[]} statuses
 */
export async function load(statuses) {
  const pages = await Promise.all(
    statuses.map((status) => api.page({ status, userId: owner, limit: pageSize(status) })),
  );
  statuses.forEach((status, index) => {
    merge(status, pages[index]);
  });
  onChange();
}

/**
 * @param {Status} status
 * @param {TaskPage} page
 */
function merge(status, page) {
  const listed = new Set(page.tasks.map((task) => task.taskId));
  const last = (page.nextCursor && page.tasks.at(-1)?.taskId) || "";
  for (const task of tasks.values()) {
    const settled = Date.now() - (writtenAt.get(task.taskId) || 0) > SETTLE_MS;
    const missing = task.status === status && !listed.has(task.taskId) && task.taskId > last;
    if (missing && settled) tasks.delete(task.taskId);
  }
  page.tasks.forEach(keepNewest);
  truncated.set(status, Boolean(page.nextCursor));
}

/** @param {Status} status */
function pageSize(status) {
  return pageSizes.get(status) || PAGE_SIZE;
}

/** Whether the API has more tasks with this status than were read.
 * @param {Status} status
 */
export function isTruncated(status) {
  return truncated.get(status) || false;
}

/** Whether a larger page may be read of this status.
 * @param {Status} status
 */
export function canShowMore(status) {
  return isTruncated(status) && pageSize(status) < MAX_PAGE_SIZE;
}

/** Reads these statuses with a larger page each.
 * @param {Status[]} statuses
 */
export async function loadMore(statuses) {
  for (const status of statuses) pageSizes.set(status, Math.min(MAX_PAGE_SIZE, pageSize(status) + PAGE_SIZE));
  await load(statuses);
}

/** Shows one owner's tasks, or all with an empty name.
 * @param {string} name
 */
export async function showOwner(name) {
  owner = name;
  tasks.clear();
  pageSizes.clear();
  await load(RULES.statuses);
}

/** The owners of the tasks that are shown. */
export function ownersShown() {
  return owner ? [owner] : [...new Set([...tasks.values()].map((task) => task.userId))].sort();
}
