// @ts-check
// The dialogs: a task's fields, a decision, a deletion, a token.

import { api, Problem, token, useToken } from "./api.js";
import { byId, dialogById, fill, find, findAll } from "./elements.js";
import { field, formOf, open, submitOf } from "./forms.js";
import { RULES } from "./rules.js";
import { owner, recordDeletion, recordWrite } from "./tasks.js";

/** @import { ApprovalRequest, NewTask, Priority, Task } from "../../clients/typescript/task-manager" */
/** @import { Decision } from "./types" */

const APPROVER_KEY = "task-manager-approver";
const OWNER_KEY = "task-manager-owner";

let onSignIn = () => {};
let onDecision = () => {};

/** Opens the dialog that creates a task. */
export function openNewTask() {
  const dialog = dialogById("task-dialog");
  const form = formOf(dialog);
  form.reset();
  field(form, "userId").value = owner || sessionStorage.getItem(OWNER_KEY) || "";
  setTexts(dialog, "New task", "Create");
  byId("task-owner").hidden = false;
  const key = idempotencyKeys();
  open(dialog, async () => {
    const userId = field(form, "userId").value.trim();
    /** @type {NewTask} */
    const body = { ...fieldsOf(form), userId };
    if (!userId && token()) delete body.userId; // the API takes it from the token
    recordWrite(await api.create(body, key(body)));
    if (userId) sessionStorage.setItem(OWNER_KEY, userId);
  });
}

/** Opens the dialog that edits a task.
 * @param {Task} task
 */
export function openEdit(task) {
  const dialog = dialogById("task-dialog");
  const form = formOf(dialog);
  // What the form showed before it was edited. That is not the task: no field shows a CRLF, or a comma in a tag.
  /** @type {Map<string, unknown> | undefined} */
  let shown;
  const touched = () =>
    Object.entries(fieldsOf(form)).filter(
      ([name, value]) => shown && JSON.stringify(value) !== JSON.stringify(shown.get(name)),
    );
  setTexts(dialog, "Edit task", "Save");
  byId("task-owner").hidden = true;
  openOn(dialog, task, {
    show: (current) => {
      const typed = touched().map(([name]) => ({ name, value: field(form, name).value }));
      fillIn(form, current);
      shown = new Map(Object.entries(fieldsOf(form)));
      for (const { name, value } of typed) field(form, name).value = value;
    },
    submit: async (current) => {
      const changes = touched();
      if (changes.length) recordWrite(await api.change(current, Object.fromEntries(changes)));
    },
    again: "save",
  });
}

/** Opens the dialog that approves a task.
 * @param {Task} task
 */
export function openApproval(task) {
  openDecision(task, "approve", "Approve");
}

/** Opens the dialog that rejects a task.
 * @param {Task} task
 */
export function openRejection(task) {
  openDecision(task, "reject", "Reject");
}

/**
 * @param {Task} task
 * @param {Decision} decision
 * @param {string} label
 */
function openDecision(task, decision, label) {
  const dialog = dialogById("decision-dialog");
  const form = formOf(dialog);
  form.reset();
  setTexts(dialog, `${label} this task?`, label, decision === "reject" ? "danger" : "primary");
  byId("decision-who").hidden = Boolean(token()); // the API takes the approver from the token
  field(form, "approver").value = sessionStorage.getItem(APPROVER_KEY) || "";
  const submit = async (/** @type {Task} */ current) => {
    const approver = token() ? "" : field(form, "approver").value.trim();
    const reason = field(form, "reason").value.trim();
    /** @type {ApprovalRequest} */
    const body = { decision, ...(reason && { reason }), ...(approver && { approver }) };
    await api.decide(current, body);
    if (approver) sessionStorage.setItem(APPROVER_KEY, approver);
    onDecision();
  };
  openOn(dialog, task, { show: showSubject, submit, again: "decide" });
}

/** @param {Task} task */
function showSubject(task) {
  byId("decision-task").textContent = `${task.title} (${task.userId})`;
  fill(byId("decision-description"), task.description);
}

/** Opens the dialog that deletes a task.
 * @param {Task} task
 */
export function openDeletion(task) {
  openOn(dialogById("delete-dialog"), task, {
    show: ({ title, userId }) => {
      byId("delete-task").textContent = `${title} (${userId})`;
    },
    submit: async (current) => {
      await api.remove(current);
      recordDeletion(current);
    },
    again: "delete",
  });
}

/** Opens a dialog about a task. What is confirmed counts for the version that was shown: once there is a newer
 * one, that is shown, to be confirmed again.
 * @param {HTMLDialogElement} dialog
 * @param {Task} task
 * @param {{ show: (task: Task) => void, submit: (task: Task) => Promise<void>, again: string }} work
 */
function openOn(dialog, task, { show, submit, again }) {
  let current = task;
  show(current);
  open(dialog, async (_form, isShown) => {
    try {
      await submit(current);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      current = await api.task(current.taskId);
      recordWrite(current);
      if (isShown()) show(current);
      const detail = `The task was changed meanwhile. Check the new version, then ${again} again.`;
      throw new Problem(412, { detail });
    }
  });
}

/** Opens the dialog for the bearer token, unless it is open. */
export function openToken() {
  const dialog = dialogById("token-dialog");
  if (dialog.open) return;
  field(formOf(dialog), "token").value = token();
  open(dialog, async (form) => signIn(field(form, "token").value));
}

/** @param {string} value */
function signIn(value) {
  useToken(value.trim().replace(/^Bearer\s+/i, ""));
  showSignedIn();
  onSignIn();
}

function showSignedIn() {
  byId("open-token").textContent = token() ? "Signed in" : "Sign in";
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {string} title
 * @param {string} label
 */
function setTexts(dialog, title, label, kind = "primary") {
  find(dialog, "h2").textContent = title;
  const confirm = submitOf(dialog);
  confirm.textContent = label;
  confirm.className = kind;
}

/** @param {HTMLFormElement} form */
function fieldsOf(form) {
  const tags = field(form, "tags").value.split(",");
  return {
    title: field(form, "title").value.trim(),
    description: field(form, "description").value.trim(),
    priority: /** @type {Priority} */ (field(form, "priority").value),
    tags: tags.map((tag) => tag.trim()).filter(Boolean),
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {Task} task
 */
function fillIn(form, task) {
  field(form, "title").value = task.title;
  field(form, "description").value = task.description;
  field(form, "priority").value = task.priority;
  field(form, "tags").value = task.tags.join(", ");
}

/** One idempotency key per distinct body: submitting the same fields again creates no second task,
 * and the API refuses a key that comes with another body.
 */
function idempotencyKeys() {
  /** @type {Map<string, string>} */
  const keys = new Map();
  /** @param {object} body */
  return (body) => {
    const content = JSON.stringify(body);
    const key = keys.get(content) ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
    keys.set(content, key);
    return key;
  };
}

/** Prepares the dialogs, once; the functions are called after a sign-in or -out and after a decision.
 * @param {{ signedIn: () => void, decided: () => void }} listeners
 */
export function prepareDialogs({ signedIn, decided }) {
  onSignIn = signedIn;
  onDecision = decided;
  showSignedIn();
  for (const close of findAll(document, "[data-close]")) {
    close.addEventListener("click", () => close.closest("dialog")?.close());
  }
  for (const [name, limit] of Object.entries(RULES.limits)) {
    const limited = find(byId("task-dialog"), `[name=${name}]`);
    limited.setAttribute("maxlength", String(limit));
  }
  byId("forget-token").addEventListener("click", () => {
    dialogById("token-dialog").close();
    signIn("");
  });
}
