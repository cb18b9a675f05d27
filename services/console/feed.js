// The live feed: asks for the newest events, shows those that are new, and has the board follow.

const REMOVALS = ["TaskDeleted", "TaskExpired"];
const NEWEST = 50;
const EVERY_MS = 1000;
const CLOSELY_MS = 300;
const SELDOM_MS = 5000;
const BUSY_FOR_MS = 2 * 60 * 1000;
const MOST_SELDOM_MS = 30000;

const heard = new Map(); // eventId → event
let tag = "";
let failures = 0;
let busyUntil = Date.now() + BUSY_FOR_MS;
let closeUntil = 0;
let paused = false;
let timer = 0;

/** Something is about to happen: looks more often for a while. */
function watchClosely() {
  closeUntil = Date.now() + 5000;
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(poll, pace());
}

function pace() {
  if (failures) return Math.min(MOST_SELDOM_MS, EVERY_MS * 2 ** failures);
  if (Date.now() < closeUntil) return CLOSELY_MS;
  return Date.now() < busyUntil ? EVERY_MS : SELDOM_MS;
}

async function poll() {
  const asked = tag;
  try {
    const answer = await api.events({ userId: owner, limit: NEWEST }, tag);
    if (asked !== tag) return schedule(); // the owner was changed meanwhile
    connected();
    if (answer.status === 200) {
      tag = answer.headers.get("ETag") || "";
      await arrive(answer.content.events);
    }
  } catch (problem) {
    disconnected(problem);
  }
  return schedule();
}

async function arrive(events) {
  const fresh = events.filter((event) => !heard.has(event.eventId));
  for (const event of fresh) heard.set(event.eventId, event);
  drawEvents();
  if (!fresh.length) return;
  busyUntil = Date.now() + BUSY_FOR_MS;
  for (const event of fresh) if (REMOVALS.includes(event.detailType)) tasks.delete(event.taskId);
  await load([...new Set(fresh.flatMap((event) => [event.status, event.previousStatus]).filter(Boolean))]);
  await count(new Set(fresh.map((event) => event.userId)));
}

function forgetEvents() {
  heard.clear();
  tag = "";
  byId("events").replaceChildren();
  drawEvents();
}

function drawEvents() {
  const newest = [...heard.values()]
    .sort((a, b) => (a.occurredAt + a.version < b.occurredAt + b.version ? 1 : -1))
    .slice(0, NEWEST);
  for (const event of heard.values()) if (!newest.includes(event)) heard.delete(event.eventId);
  const list = byId("events");
  const present = new Map([...list.children].map((item) => [item.dataset.event, item]));
  newest.forEach((event, index) => {
    const item = present.get(event.eventId) || eventOf(event);
    present.delete(event.eventId);
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] || null);
  });
  for (const item of present.values()) item.remove();
  byId("no-events").hidden = newest.length > 0;
  tellLatencies(newest);
}

function eventOf(event) {
  const item = copyOf("event-template");
  item.dataset.event = event.eventId;
  item.classList.add(event.detailType);
  item.querySelector(".what").textContent = capitalised(event.detailType.replace("Task", "").toLowerCase());
  const title = item.querySelector(".title");
  title.textContent = title.title = event.title; // shown in one line, cut off at its end
  const known = event.latencyMilliseconds !== undefined;
  const latency = item.querySelector(".latency");
  latency.textContent = known ? duration(event.latencyMilliseconds / 1000) : "";
  latency.title = known ? "From the write to the far end of the pipeline" : "";
  const time = item.querySelector("time");
  time.dateTime = event.occurredAt;
  time.title = `${event.correlationId}, version ${event.version}`;
  time.textContent = new Date(event.occurredAt).toLocaleTimeString(undefined, { hour12: false });
  item.querySelector(".how").textContent = changeIn(event);
  return item;
}

function changeIn(event) {
  if (event.previousStatus) return `${words(event.previousStatus)} →\u00a0${words(event.status)}`;
  if (event.changed.length) return event.changed.join(", ");
  return `${event.userId}, ${event.priority}`;
}

function tellLatencies(events) {
  const known = events.map((event) => event.latencyMilliseconds).filter((value) => value !== undefined);
  known.sort((a, b) => a - b);
  const at = (share) => duration(known[Math.min(known.length - 1, Math.floor(known.length * share))] / 1000);
  byId("latencies").textContent = known.length
    ? `Write to far end: ${at(0.5)} median, ${at(0.95)} at the 95th percentile`
    : "From the write to the far end of the pipeline";
}

function connected() {
  if (failures) notice("The API answers again.");
  failures = 0;
  sayConnection("live", paused ? "Paused" : "Live");
}

function disconnected(problem) {
  if (!(problem instanceof Problem)) throw problem;
  failures += 1;
  if (problem.status === 401) {
    sayConnection("shut", "Token needed");
    if (failures === 1) askToken();
  } else {
    sayConnection("lost", problem.status ? problem.message : "Not connected");
  }
}

function sayConnection(state, text) {
  const line = byId("connection");
  if (line.textContent !== text) line.textContent = text; // said once, not at every poll
  line.dataset.state = state;
}

function pause() {
  paused = !paused;
  byId("pause").textContent = paused ? "Resume" : "Pause";
  byId("pause").setAttribute("aria-pressed", String(paused));
  sayConnection(paused ? "paused" : "live", paused ? "Paused" : "Live");
  if (paused) clearTimeout(timer);
  else poll();
}
