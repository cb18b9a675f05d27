// @ts-check
// The waterfall: what followed from a request, or a task's whole life, hop by hop.

import { address, read } from "./api.js";
import {
  byId,
  clock,
  code,
  dashed,
  dated,
  duration,
  facts,
  filled,
  json,
  link,
  make,
  table,
} from "./elements.js";
import { scaleOf } from "./scale.js";

/** @import { Hop, Line, Row, Trace, View } from "./types" */
/** @import { Scale } from "./scale.js" */

// What follows within this time is drawn together.
const SETTLE_MS = 250;

const shown = { id: "", task: "" };
/** Places of hops that are open, which a later version of the trace keeps open.
 * @type {Set<string>}
 */
const open = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @type {View} */
export const request = { title: "Request", show: (id) => start(id, ""), refresh: follow };
/** @type {View} */
export const task = { title: "Task", show: (id) => start("", id), refresh: follow };

/**
 * @param {string} id
 * @param {string} taskId
 */
function start(id, taskId) {
  Object.assign(shown, { id, task: taskId });
  open.clear();
  byId("trace").replaceChildren();
  draw();
}

/** @param {Row[]} fresh */
function follow(fresh) {
  const concerned = fresh.some((row) => (shown.id ? row.id === shown.id : row.task === shown.task));
  if (!concerned) return;
  clearTimeout(timer);
  timer = setTimeout(draw, SETTLE_MS);
}

function draw() {
  const { id, task: taskId } = shown;
  return filled(byId("trace"), async () => waterfall(await read("trace", { id, task: taskId })));
}

/** @param {Trace} trace */
function waterfall(trace) {
  const scale = scaleOf(trace);
  const list = make("ol", "waterfall", ...trace.hops.map((hop, index) => itemOf(hop, String(index), scale)));
  const about = trace.kind === "task" ? "The whole life of task" : "What followed from request";
  const other = otherTraces(trace);
  return make(
    "div",
    "",
    make("p", "lead", `${about} `, make("code", "", trace.title)),
    facts([
      ["Began", dated(trace.start)],
      ["Took", duration(trace.durationMs)],
      ["Hops", String(trace.hops.length)],
      [
        "Failures",
        trace.hops.some((hop) => hop.failed) && String(trace.hops.filter((hop) => hop.failed).length),
      ],
      [trace.kind === "task" ? "Requests" : "Tasks", other.length > 0 && make("span", "links", ...other)],
    ]),
    make("p", "actions", download(trace)),
    axis(trace, scale),
    list,
  );
}

/** @param {Trace} trace */
function download(trace) {
  const query = new URLSearchParams({ [trace.kind === "task" ? "task" : "id"]: trace.title });
  const made = link("Download for OpenTelemetry (OTLP)", `${address("trace/otlp")}?${query}`);
  made.download = `trace-${trace.title}.json`;
  return made;
}

/** Links from a task's life to its requests, and the other way round.
 * @param {Trace} trace
 */
function otherTraces(trace) {
  const lines = trace.hops.flatMap((hop) => hop.lines);
  const ids = lines.map((line) => (trace.kind === "task" ? line.id : line.fields.task_id));
  const names = [...new Set(ids.filter((id) => typeof id === "string"))];
  const path = trace.kind === "task" ? "request" : "task";
  return names.map((id) => link(String(id), `#/${path}/${encodeURIComponent(String(id))}`));
}

/**
 * @param {Trace} trace
 * @param {Scale} scale
 */
function axis(trace, scale) {
  const ends = make("span", "", make("span", "", "0 ms"), make("span", "", duration(trace.durationMs)));
  for (const cut of scale.cuts) {
    const mark = make("span", "cut", `⋯ ${duration(cut.ms)}`);
    mark.style.left = `${cut.at * 100}%`;
    ends.append(mark);
  }
  return make("div", "axis", ends);
}

/**
 * @param {Hop} hop
 * @param {string} place
 * @param {Scale} scale
 */
function itemOf(hop, place, scale) {
  const bar = make("span", "bar");
  const from = scale.at(hop.startMs);
  const to = scale.at(hop.startMs + (hop.durationMs || 0));
  bar.style.left = `${from * 100}%`;
  bar.style.width = `${(to - from) * 100}%`;
  const name = make("span", "name", hop.text.trim());
  name.style.paddingLeft = `${Math.min(hop.depth, 12) * 0.8}rem`;
  const summary = make(
    "summary",
    "",
    name,
    make(
      "span",
      "marks",
      hop.cold !== null && make("span", hop.cold ? "mark cold" : "mark", hop.cold ? "cold" : "warm"),
      hop.failed && make("span", "mark bad", "failed"),
    ),
    make("span", "track", bar),
    make("span", "ms", hop.durationMs === null ? "" : duration(hop.durationMs)),
  );
  const details = make("details", `hop ${hop.kind}${hop.failed ? " failed" : ""}`, summary);
  const unfold = () => {
    if (details.open && details.childElementCount === 1) details.append(insides(hop));
    if (details.open) open.add(place);
    else open.delete(place);
  };
  details.addEventListener("toggle", unfold);
  details.open = open.has(place);
  if (details.open) unfold();
  return make("li", "", details);
}

/** @param {Hop} hop */
function insides(hop) {
  const changes = Object.entries(hop.changes || {});
  return make(
    "div",
    "insides",
    facts([
      ["Begins", `+${duration(hop.startMs)}`],
      ["Duration", hop.durationMs === null ? "" : duration(hop.durationMs)],
      ["Waited", hop.waitMs !== null && duration(hop.waitMs)],
      ["Function", hop.function && link(dashed(hop.function), `#/map/${hop.function}`)],
      ["Start", hop.cold === null ? "" : hop.cold ? "cold: the first call of its process" : "warm"],
      [
        "Request",
        hop.correlationId && link(hop.correlationId, `#/request/${encodeURIComponent(hop.correlationId)}`),
      ],
    ]),
    changes.length > 0 && make("h3", "", "What changed"),
    changes.length > 0 &&
      table(
        ["Field", "Before", "After"],
        changes.map(([field, change]) => [field, plain(change.old), plain(change.new)]),
      ),
    hop.payload && make("h3", "", "Payload"),
    hop.payload && code(json(hop.payload), "Payload"),
    hop.lines.length > 0 && make("h3", "", "Log lines"),
    hop.lines.length > 0 && make("ul", "lines", ...hop.lines.map(lineOf)),
  );
}

/** @param {unknown} value */
function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A log line, with everything that it says.
 * @param {Line} line
 */
export function lineOf(line) {
  const { exception, stack_trace, ...fields } = line.fields;
  const head = make(
    "p",
    "",
    make("time", "", clock(line.at)),
    ` ${dashed(line.function)} `,
    make("strong", line.level === "INFO" ? "" : "bad", line.message),
  );
  const trace = typeof exception === "string" ? exception : stack_trace ? json(stack_trace) : "";
  return make("li", "", head, code(json(fields), "Fields"), trace && code(trace, "Stack trace"));
}
