// @ts-check
// The live feed: polls for the newest events, shows them, and updates the board and the totals.

import { api, Problem } from "./api.js";
import { openToken } from "./dialogs.js";
import {
  arrange,
  byId,
  capitalised,
  clock,
  copyOf,
  duration,
  find,
  findAll,
  notice,
  timeIn,
  words,
} from "./elements.js";
import { followTotals } from "./statistics.js";
import { generation, load, owner, reload, tasks } from "./tasks.js";

/** @import { FeedEntry } from "../../clients/typescript/task-manager" */
/** @import { Entry } from "./types" */

const REMOVALS = ["TaskDeleted", "TaskExpired"];
const MAX_EVENTS = 50;
const POLL_MS = 1000;
const FAST_POLL_MS = 300;
const IDLE_POLL_MS = 5000;
const MAX_BACKOFF_MS = 30000;
const FAST_FOR_MS = 5000;
const BUSY_FOR_MS = 2 * 60 * 1000;

/** Events by eventId.
 * @type {Map<string, Entry>}
 */
const received = new Map();
let tag = "";
let failures = 0;
let busyUntil = Date.now() + BUSY_FOR_MS;
let fastUntil = 0;
let paused = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

let reconnected = () => {};

/** Registers what is to be done when the API answers again: events were missed meanwhile.
 * @param {() => void} listener
 */
export function onReconnected(listener) {
  reconnected = listener;
}

/** Polls faster for a while, because an event is expected. */
export function expectEvent() {
  fastUntil = Date.now() + FAST_FOR_MS;
  schedule();
}

/** Schedules the next poll; none while the feed is paused or the page hidden. */
export function schedule() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(poll, pollInterval());
}

/** Whether the feed is neither paused nor failing. */
export function isLive() {
  return !paused && !failures;
}

function pollInterval() {
  if (failures) return Math.min(MAX_BACKOFF_MS, POLL_MS * 2 ** failures);
  if (Date.now() < fastUntil) return FAST_POLL_MS;
  return Date.now() < busyUntil ? POLL_MS : IDLE_POLL_MS;
}

/** Reads the feed once, then schedules the next poll. */
export async function poll() {
  const asked = generation;
  try {
    const response = await api.events({ userId: owner, limit: MAX_EVENTS }, tag);
    if (asked !== generation) return;
    connected();
    if (response.content) {
      tag = response.headers.get("ETag") || "";
      await receive(response.content.events);
    }
  } catch (problem) {
    if (asked === generation) disconnected(problem);
  } finally {
    schedule();
  }
}

/** @param {Entry[]} events */
async function receive(events) {
  const fresh = events.filter((event) => !received.has(event.eventId));
  for (const event of fresh) received.set(event.eventId, event);
  drawEvents();
  if (!fresh.length) return;
  busyUntil = Date.now() + BUSY_FOR_MS;
  const ofTasks = fresh.filter(isOfTask);
  for (const event of ofTasks) if (REMOVALS.includes(event.detailType)) tasks.delete(event.taskId);
  const statuses = ofTasks.flatMap(({ status, previousStatus }) =>
    previousStatus ? [status, previousStatus] : [status],
  );
  const asked = generation;
  await load([...new Set(statuses)]);
  const older = new Set(ofTasks.filter(isShownOlder).map((event) => event.taskId));
  await Promise.all([...older].map(reload));
  if (asked === generation) await followTotals(new Set(ofTasks.map((event) => event.userId)));
}

/** Whether the event is of a task, as opposed to another entity.
 * @param {Entry} event
 * @returns {event is FeedEntry}
 */
function isOfTask(event) {
  return "taskId" in event;
}

/** Whether the board shows an older version of the event's task: it is not among the newest of its list.
 * @param {FeedEntry} event
 */
function isShownOlder(event) {
  const task = tasks.get(event.taskId);
  return task !== undefined && task.version < event.version && !REMOVALS.includes(event.detailType);
}

/** Removes all events, and reads the whole feed with the next poll. */
export function resetFeed() {
  received.clear();
  tag = "";
  failures = 0;
  byId("events").replaceChildren();
  drawEvents();
}

function drawEvents() {
  const newest = [...received.values()]
    .sort((a, b) => (a.occurredAt + a.version < b.occurredAt + b.version ? 1 : -1))
    .slice(0, MAX_EVENTS);
  for (const event of received.values()) if (!newest.includes(event)) received.delete(event.eventId);
  const list = byId("events");
  const present = new Map(findAll(list, "[data-event]").map((item) => [item.dataset.event, item]));
  arrange(
    list,
    newest.map((event) => present.get(event.eventId) || itemOf(event)),
  );
  byId("no-events").hidden = newest.length > 0;
  showLatencies(newest);
}

/** @param {Entry} event */
function itemOf(event) {
  const item = copyOf("event-template");
  item.dataset.event = event.eventId;
  item.classList.add(event.detailType);
  find(item, ".what").textContent = kindOf(event);
  const title = find(item, ".title");
  title.textContent = event.title;
  title.title = event.title; // the line may be cut off at its end
  const latency = find(item, ".latency");
  if (typeof event.latencyMilliseconds === "number") {
    latency.textContent = duration(event.latencyMilliseconds / 1000);
    latency.title = "Latency from the write to the end of the pipeline";
  }
  const time = timeIn(item);
  time.dateTime = event.occurredAt;
  time.title = `${event.correlationId}, version ${event.version}`;
  time.textContent = clock(event.occurredAt);
  find(item, ".how").textContent = changeIn(event);
  return item;
}

/** "Created" of TaskCreated, "Comment created" of CommentCreated.
 * @param {Entry} event
 */
function kindOf({ detailType }) {
  return capitalised(
    detailType
      .replace("Task", "")
      .replace(/\B(?=[A-Z])/g, " ")
      .toLowerCase(),
  );
}

/** @param {Entry} event */
function changeIn(event) {
  const before = isOfTask(event) && event.previousStatus;
  if (before) return `${words(before)} →\u00a0${words(event.status)}`;
  if (event.changed.length) return event.changed.join(", ");
  return `${event.userId}, ${isOfTask(event) ? event.priority : event.entity}`;
}

/** @param {Entry[]} events */
function showLatencies(events) {
  const known = events.flatMap(({ latencyMilliseconds }) => latencyMilliseconds ?? []).sort((a, b) => a - b);
  /** @param {number} share */
  const at = (share) => duration(known[Math.min(known.length - 1, Math.floor(known.length * share))] / 1000);
  byId("latencies").textContent = known.length
    ? `End to end: ${at(0.5)} median, ${at(0.95)} at the 95th percentile`
    : "Latency from the write to the end of the pipeline";
}

function connected() {
  if (failures) {
    notice("Connected to the API again.");
    reconnected();
  }
  failures = 0;
  showConnection("live", paused ? "Paused" : "Live");
}

/** Shows that the API refused or failed, and asks for a token if the API requires one; polls back off.
 * @param {unknown} problem
 */
export function disconnected(problem) {
  if (!(problem instanceof Problem)) throw problem;
  failures += 1;
  if (problem.status === 401) {
    showConnection("shut", "Token required");
    if (failures === 1) openToken();
  } else {
    showConnection("lost", problem.status ? problem.message : "Not connected");
  }
}

/**
 * @param {string} state
 * @param {string} text
 */
function showConnection(state, text) {
  const line = byId("connection");
  if (line.textContent !== text) line.textContent = text; // screen readers announce a change only
  line.dataset.state = state;
}

/** Pauses the feed, or resumes it. */
export function togglePause() {
  paused = !paused;
  byId("pause").textContent = paused ? "Resume" : "Pause";
  byId("pause").setAttribute("aria-pressed", String(paused));
  showConnection(paused ? "paused" : "live", paused ? "Paused" : "Live");
  if (paused) clearTimeout(timer);
  else poll();
}
