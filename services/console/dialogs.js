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
  field(form, "title").value = task.title;
  field(form, "description").value = task.description;
  field(form, "priority").value = task.priority;
  field(form, "tags").value = task.tags.join(", ");
  // Not the task's own: no field shows a comma in a tag, or a CRLF.
  const shown = new Map(Object.entries(fieldsOf(form)));
  setTexts(dialog, "Edit task", "Save");
  byId("task-owner").hidden = true;
  open(dialog, async () => {
    const changes = Object.entries(fieldsOf(form)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(shown.get(name)),
    );
    if (changes.length) recordWrite(await api.change(task, Object.fromEntries(changes)));
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
  let current = task;
  form.reset();
  setTexts(dialog, `${label} this task?`, label, decision === "reject" ? "danger" : "primary");
  showSubject(current);
  byId("decision-who").hidden = Boolean(token()); // the API takes the approver from the token
  field(form, "approver").value = sessionStorage.getItem(APPROVER_KEY) || "";
  open(dialog, async () => {
    const approver = token() ? "" : field(form, "approver").value.trim();
    const reason = field(form, "reason").value.trim();
    /** @type {ApprovalRequest} */
    const body = { decision, ...(reason && { reason }), ...(approver && { approver }) };
    try {
      await api.decide(current, body);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      // A decision counts for the version that was shown: show the newest one, and ask again.
      current = await api.task(current.taskId);
      recordWrite(current);
      showSubject(current);
      throw new Problem(412, {
        detail: "The task was changed meanwhile. Check the new version, then decide again.",
      });
    }
    if (approver) sessionStorage.setItem(APPROVER_KEY, approver);
    onDecision();
  });
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
  byId("delete-task").textContent = `${task.title} (${task.userId})`;
  open(dialogById("delete-dialog"), async () => {
    await api.remove(task);
    recordDeletion(task);
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
