// @ts-check
// Requests to the API that served this page, with the caller's token if there is one.

/** @import { ApprovalRequest, EventList, GatewayRefusal, NewTask, operations } from "../../clients/typescript/task-manager" */
/** @import { Problem as ProblemBody, Task, TaskChanges, TaskPage } from "../../clients/typescript/task-manager" */
/** @import { UserStatistics } from "../../clients/typescript/task-manager" */

// Gateways serve the page at /, at /stage or at /stage/: the API's paths are relative to it.
export const BASE = new URL(location.pathname.replace(/\/?$/, "/"), location.origin);
const TOKEN_KEY = "task-manager-token";
const MAX_IN_FLIGHT = 3;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 2000;

/** @type {Set<Promise<unknown>>} */
const inFlight = new Set();

/** A refusal of the API (RFC 9457); `status` is 0 if there was no response. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {Partial<ProblemBody & GatewayRefusal>} body
   */
  constructor(status, body) {
    super(body.detail || body.message || `The API answered ${status}.`);
    this.status = status;
    this.errors = body.errors || [];
  }
}

/** The bearer token; empty without one. */
export function token() {
  return sessionStorage.getItem(TOKEN_KEY) || "";
}

/** Stores the token in this tab; an empty one removes it.
 * @param {string} value
 */
export function useToken(value) {
  if (value) sessionStorage.setItem(TOKEN_KEY, value);
  else sessionStorage.removeItem(TOKEN_KEY);
}

/**
 * @typedef {object} Options
 * @property {Record<string, string | number>} [query]
 * @property {object} [body]
 * @property {Record<string, string>} [headers]
 */

/** The response, with its parsed body as `content`; throws a Problem for anything but 2xx and 304.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 */
async function request(method, path, { query = {}, body, headers = {} } = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value) url.searchParams.set(name, String(value));
  }
  const sent = { ...headers };
  if (token()) sent.Authorization = `Bearer ${token()}`;
  if (body) sent["Content-Type"] = "application/json";
  const response = await limited(() =>
    fetchWithRetry(url, { method, headers: sent, body: body && JSON.stringify(body), cache: "no-store" }),
  );
  const text = await response.text().catch(notAnswered); // it was cut off
  const content = text ? parsed(text) : undefined;
  if (!response.ok && response.status !== 304) throw new Problem(response.status, content || {});
  return { status: response.status, headers: response.headers, content };
}

/** @returns {never} */
function notAnswered() {
  throw new Problem(0, { detail: "The API does not answer." });
}

/** Retries throttled requests (429) with exponential backoff.
 * @param {URL} url
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 */
async function fetchWithRetry(url, options, delay = FIRST_RETRY_MS) {
  const response = await fetch(url, options).catch(notAnswered);
  if (response.status !== 429 || delay > MAX_RETRY_MS) return response;
  await new Promise((done) => setTimeout(done, delay));
  return fetchWithRetry(url, options, delay * 2);
}

/** Runs `work` once fewer than MAX_IN_FLIGHT requests are in flight, to keep the page's concurrency low.
 * @template T
 * @param {() => Promise<T>} work
 */
async function limited(work) {
  while (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight);
  const done = work();
  /** @type {Promise<unknown>} */
  const settled = done.catch(() => {}).finally(() => inFlight.delete(settled));
  inFlight.add(settled);
  return done;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** @param {Task} task */
function ifUnchanged(task) {
  return { "If-Match": `"${task.version}"` };
}

/** @typedef {NonNullable<operations["listTasks"]["parameters"]["query"]>} PageQuery */
/** @typedef {NonNullable<operations["listEvents"]["parameters"]["query"]>} FeedQuery */

export const api = {
  /** @type {(query: PageQuery) => Promise<TaskPage>} */
  page: async (query) => (await request("GET", "tasks", { query })).content,
  /** @type {(body: NewTask, key: string) => Promise<Task>} */
  create: async (body, key) =>
    (await request("POST", "tasks", { body, headers: { "Idempotency-Key": key } })).content,
  /** @type {(task: Task, body: TaskChanges) => Promise<Task>} */
  change: async (task, body) =>
    (await request("PUT", `tasks/${task.taskId}`, { body, headers: ifUnchanged(task) })).content,
  /** @type {(task: Task) => Promise<unknown>} */
  remove: (task) => request("DELETE", `tasks/${task.taskId}`, { headers: ifUnchanged(task) }),
  /** @type {(taskId: string) => Promise<Task>} */
  task: async (taskId) => (await request("GET", `tasks/${taskId}`)).content,
  /** @type {(task: Task, body: ApprovalRequest) => Promise<unknown>} */
  decide: (task, body) =>
    request("POST", `tasks/${task.taskId}/approval`, { body, headers: ifUnchanged(task) }),
  // In the query, because a slash or a question mark in a userId does not survive every path.
  /** @type {(userId: string) => Promise<UserStatistics>} */
  totals: async (userId) => (await request("GET", "users/stats", { query: { userId } })).content,
  /** The feed; without `content` if it is unchanged since `tag`.
   * @type {(query: FeedQuery, tag: string) =>
   *   Promise<{ status: number, headers: Headers, content?: EventList }>}
   */
  events: (query, tag) => request("GET", "events", { query, headers: tag ? { "If-None-Match": tag } : {} }),
};
