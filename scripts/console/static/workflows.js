// @ts-check
// Approvals: the workflow as it is deployed, where each execution is, its deadline, and the decision.

import { about, read, write } from "./api.js";
import {
  button,
  byId,
  clock,
  dated,
  duration,
  facts,
  filled,
  link,
  make,
  notice,
  table,
} from "./elements.js";
import { drawing } from "./graph.js";

/** @import { Execution, View, Workflow } from "./types" */

const SETTLE_MS = 800;
const SIZES = { width: 108, height: 38, across: 92, down: 30 };

/** The name of the execution that is drawn. */
let chosen = "";
/** Names of executions whose states are shown, which a later version of the view keeps open.
 * @type {Set<string>}
 */
const opened = new Set();
/** Name of an execution → the reason that is being written.
 * @type {Map<string, string>}
 */
const reasons = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @type {View} */
export const workflows = {
  title: "Workflows",
  show: (name) => {
    chosen = name;
    load();
  },
  refresh: (fresh) => {
    const concerned = fresh.some((row) => row.kind === "step" || row.function === "deliver_decision");
    clearTimeout(concerned ? timer : undefined);
    if (concerned) timer = setTimeout(() => isWriting() || load(), SETTLE_MS);
  },
};

/** Makes the controls work. */
export function prepareWorkflows() {
  byId("workflows-again").addEventListener("click", load);
}

function isWriting() {
  return reasons.size > 0 || byId("workflows").querySelector("input:focus") !== null;
}

function load() {
  return filled(byId("workflows"), async () => page(await read("workflows")));
}

/** @param {Workflow} workflow */
function page(workflow) {
  const { executions } = workflow;
  const drawn = executions.find((one) => one.name === chosen) || executions[0];
  const waiting = executions.filter((one) => one.current === "WaitForApproval").length;
  return make(
    "div",
    "",
    make("p", "lead", drawn ? `${waiting} waiting for a decision` : "No approval was asked for so far."),
    pictureOf(workflow, drawn),
    drawn && history(drawn),
    executions.length > 0 && make("ul", "cards", ...executions.map((one) => cardOf(one, one === drawn))),
  );
}

/**
 * @param {Workflow} workflow
 * @param {Execution | undefined} drawn
 */
function pictureOf(workflow, drawn) {
  const passed = new Map(drawn?.states.map((state) => [state.name, state]));
  const took = (/** @type {string} */ name) => {
    const state = passed.get(name);
    if (!state) return "";
    if (!state.left) return drawn?.status === "RUNNING" ? "here" : "ended here";
    return duration(Date.parse(state.left) - Date.parse(state.entered));
  };
  return drawing(workflow.nodes, workflow.arrows, {
    label: drawn ? `The workflow of ${drawn.name}: ${drawn.current || drawn.status}` : "The workflow",
    sizes: SIZES,
    note: (node) => took(node.id),
    kind: (node) => {
      if (node.id === drawn?.current) return "current";
      return passed.has(node.id) ? "passed" : "";
    },
  });
}

/** @param {Execution} execution */
function history(execution) {
  const rows = execution.states.map((state) => [
    state.name,
    clock(state.entered),
    state.left ? duration(Date.parse(state.left) - Date.parse(state.entered)) : "",
  ]);
  const summary = make("summary", "", `States of ${execution.name}`);
  const details = make("details", "panel", summary, table(["State", "Entered", "Took"], rows));
  details.open = opened.has(execution.name);
  details.addEventListener("toggle", () => {
    if (details.open) opened.add(execution.name);
    else opened.delete(execution.name);
  });
  return details;
}

/**
 * @param {Execution} execution
 * @param {boolean} drawn
 */
function cardOf(execution, drawn) {
  const { task, current } = execution;
  const left = execution.deadline ? Date.parse(execution.deadline) - Date.now() : 0;
  const title = make("h3", "", task?.title || `Task …${execution.taskId.slice(-6)}`);
  const state = current || execution.status.toLowerCase();
  const kind = execution.status === "FAILED" ? "mark bad" : current ? "mark cold" : "mark";
  return make(
    "li",
    "",
    make(
      "article",
      drawn ? "card drawn" : "card",
      make(
        "header",
        "",
        title,
        make("span", kind, state),
        !drawn && link("Show its states", `#/workflows/${execution.name}`),
      ),
      task?.description && make("p", "soft", task.description),
      facts([
        ["Task", link(execution.taskId, `#/task/${execution.taskId}`)],
        ["Owner", task?.userId],
        ["Version", task && String(task.version)],
        ["Began", `${clock(execution.started)}, ${duration(Date.now() - Date.parse(execution.started))} ago`],
        ["Ended", execution.stopped && clock(execution.stopped)],
        ["Deadline", execution.deadline && `${dated(execution.deadline)}, in ${duration(Math.max(0, left))}`],
      ]),
      task && current === "WaitForApproval" && !about.readOnly && decisionOn(execution, task),
    ),
  );
}

/**
 * @param {Execution} execution
 * @param {NonNullable<Execution["task"]>} task
 */
function decisionOn(execution, task) {
  const reason = make("input");
  reason.type = "text";
  reason.id = `reason-${execution.name}`;
  reason.value = reasons.get(execution.name) || "";
  reason.addEventListener("input", () => {
    if (reason.value) reasons.set(execution.name, reason.value);
    else reasons.delete(execution.name);
  });
  const label = make("label", "", "Reason");
  label.htmlFor = reason.id;
  const decide = async (/** @type {string} */ decision) => {
    const { taskId } = execution;
    try {
      await write("workflows/decide", { taskId, decision, version: task.version, reason: reason.value });
      reasons.delete(execution.name);
      notice(`Recorded: ${decision} “${task.title}”, by ${about.user}.`);
    } catch (refusal) {
      notice(refusal instanceof Error ? refusal.message : String(refusal));
    }
    await load();
  };
  return make(
    "p",
    "actions decision",
    label,
    reason,
    button("Approve", "primary", () => decide("approve"), task.title),
    button("Reject", "danger", () => decide("reject"), task.title),
  );
}
