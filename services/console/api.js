// Requests to the API that this page came from, with the caller's token if there is one.

// Front doors put the page at /, at /stage or at /stage/: the API is always beside it.
const BASE = new URL(location.pathname.replace(/\/?$/, "/"), location.origin);
const TOKEN = "task-manager-token";
const AT_ONCE = 3;
const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 2000;

const underway = new Set();

const RULES = JSON.parse(document.getElementById("rules").textContent);

/** What the API refused, as it said so (RFC 9457); `status` is 0 when it did not answer at all. */
class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.message || `The API answered ${status}.`);
    this.status = status;
    this.errors = body.errors || [];
  }
}

function token() {
  return sessionStorage.getItem(TOKEN) || "";
}

function useToken(value) {
  if (value) sessionStorage.setItem(TOKEN, value);
  else sessionStorage.removeItem(TOKEN);
}

/** The answer, with its body as `content`; raises a Problem for anything but 2xx and 304. */
async function request(method, path, { query = {}, body, headers = {} } = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value) url.searchParams.set(name, value);
  }
  const sent = { ...headers };
  if (token()) sent.Authorization = `Bearer ${token()}`;
  if (body) sent["Content-Type"] = "application/json";
  const answer = await inTurn(() =>
    patiently(url, { method, headers: sent, body: body && JSON.stringify(body), cache: "no-store" }),
  );
  const text = await answer.text();
  const content = text && parsed(text);
  if (!answer.ok && answer.status !== 304) throw new Problem(answer.status, content || {});
  return { status: answer.status, headers: answer.headers, content };
}

/** Asks again, a little later each time, what was turned away unseen. */
async function patiently(url, options, pause = FIRST_PAUSE_MS) {
  const answer = await fetch(url, options).catch(() => {
    throw new Problem(0, { detail: "The API does not answer." });
  });
  if (answer.status !== 429 || pause > LAST_PAUSE_MS) return answer;
  await new Promise((done) => setTimeout(done, pause));
  return patiently(url, options, pause * 2);
}

/** Does it when fewer than AT_ONCE others are being done: a page needs no crowd of functions. */
async function inTurn(work) {
  while (underway.size >= AT_ONCE) await Promise.race(underway);
  const done = work();
  const settled = done.catch(() => {}).finally(() => underway.delete(settled));
  underway.add(settled);
  return done;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function versionOf(task) {
  return { "If-Match": `"${task.version}"` };
}

const api = {
  page: (query) => request("GET", "tasks", { query }).then((answer) => answer.content),
  create: (body, key) => request("POST", "tasks", { body, headers: { "Idempotency-Key": key } }),
  change: (task, body) => request("PUT", `tasks/${task.taskId}`, { body, headers: versionOf(task) }),
  remove: (task) => request("DELETE", `tasks/${task.taskId}`, { headers: versionOf(task) }),
  task: (taskId) => request("GET", `tasks/${taskId}`).then((answer) => answer.content),
  decide: (task, body) => request("POST", `tasks/${task.taskId}/approval`, { body, headers: versionOf(task) }),
  // In the query, because a slash or a question mark in a userId does not survive every path.
  totals: (userId) => request("GET", "users/stats", { query: { userId } }).then((answer) => answer.content),
  events: (query, tag) => request("GET", "events", { query, headers: tag ? { "If-None-Match": tag } : {} }),
};
