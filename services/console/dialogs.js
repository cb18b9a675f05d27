// What the page asks before it writes: a task's fields, a verdict, whether to delete, a token.

const APPROVER = "task-manager-approver";
const OWNER = "task-manager-owner";

/** Opens a dialog; `submit` does the work, and what it refuses is shown where it belongs. */
function ask(dialog, submit) {
  const form = dialog.querySelector("form");
  const confirm = form.querySelector("[type=submit]");
  showProblem(form, null);
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (confirm.disabled) return;
    confirm.disabled = true;
    showProblem(form, null);
    try {
      await submit(form.elements);
      dialog.close();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      showProblem(form, problem);
    } finally {
      confirm.disabled = false;
    }
  };
  dialog.showModal();
}

/** Messages beside the fields that they name; the rest, and nothing lost, at the foot of the form. */
function showProblem(form, problem) {
  for (const line of form.querySelectorAll(".error")) line.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  if (!problem) return;
  const nameless = problem.errors.filter(({ pointer, detail }) => !showAtField(form, pointer.split("/")[1], detail));
  const summary = problem.errors.length ? nameless.map((error) => error.detail).join(" ") : problem.message;
  form.querySelector(".error[role=alert]").textContent = summary;
  form.querySelector("[aria-invalid]")?.focus();
}

function showAtField(form, name, detail) {
  const field = form.querySelector(`[name="${CSS.escape(name || "")}"]`);
  const line = field?.closest(".field")?.querySelector(".error");
  if (!line) return false;
  line.textContent = detail;
  field.setAttribute("aria-invalid", "true");
  return true;
}

function askNewTask() {
  const dialog = byId("task-dialog");
  const form = dialog.querySelector("form");
  form.reset();
  form.elements.userId.value = owner || sessionStorage.getItem(OWNER) || "";
  dress(dialog, "New task", "Create");
  byId("task-owner").hidden = false;
  const key = newKey(); // the same for the same fields: however often Create is pressed, there is one task
  ask(dialog, async (fields) => {
    const given = { ...fieldsOf(fields), userId: fields.userId.value.trim() };
    if (!given.userId && token()) delete given.userId; // whose token it is, the API knows
    wrote((await api.create(given, key(given))).content);
    if (given.userId) sessionStorage.setItem(OWNER, given.userId);
  });
}

function askChanges(task) {
  const dialog = byId("task-dialog");
  const { elements } = dialog.querySelector("form");
  elements.title.value = task.title;
  elements.description.value = task.description;
  elements.priority.value = task.priority;
  elements.tags.value = task.tags.join(", ");
  dress(dialog, "Edit task", "Save");
  byId("task-owner").hidden = true;
  ask(dialog, async (fields) => {
    const changes = Object.entries(fieldsOf(fields)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(task[name]),
    );
    if (changes.length) wrote((await api.change(task, Object.fromEntries(changes))).content);
  });
}

function askApproval(task) {
  askDecision(task, "approve", "Approve");
}

function askRejection(task) {
  askDecision(task, "reject", "Reject");
}

function askDecision(task, decision, label) {
  const dialog = byId("decision-dialog");
  const form = dialog.querySelector("form");
  form.reset();
  dress(dialog, `${label} this task?`, label, decision === "reject" ? "danger" : "primary");
  showDecisionOn(task);
  byId("decision-who").hidden = Boolean(token()); // then the API knows
  form.elements.approver.value = sessionStorage.getItem(APPROVER) || "";
  ask(dialog, async ({ reason, approver }) => {
    const who = token() ? "" : approver.value.trim();
    const body = { decision, reason: reason.value.trim(), approver: who };
    try {
      await api.decide(task, Object.fromEntries(Object.entries(body).filter(([, value]) => value)));
    } catch (problem) {
      if (problem.status !== 412) throw problem;
      // A decision counts for the version that was shown: show the newest one, and ask again.
      task = await api.task(task.taskId);
      wrote(task);
      showDecisionOn(task);
      throw new Problem(412, { detail: "The task was changed meanwhile. This is how it is now: decide again." });
    }
    if (who) sessionStorage.setItem(APPROVER, who);
    watchClosely();
  });
}

function showDecisionOn(task) {
  byId("decision-task").textContent = `${task.title} (${task.userId})`;
  fill(byId("decision-description"), task.description);
}

function askDeletion(task) {
  byId("delete-task").textContent = `${task.title} (${task.userId})`;
  ask(byId("delete-dialog"), async () => {
    await api.remove(task);
    removed(task);
  });
}

function askToken() {
  const dialog = byId("token-dialog");
  if (dialog.open) return;
  dialog.querySelector("form").elements.token.value = token();
  ask(dialog, async (fields) => signedIn(fields.token.value));
}

function signedIn(value) {
  useToken(value.trim().replace(/^Bearer\s+/i, ""));
  byId("open-token").textContent = token() ? "Signed in" : "Sign in";
  restart();
}

function dress(dialog, title, label, kind = "primary") {
  dialog.querySelector("h2").textContent = title;
  const confirm = dialog.querySelector("[type=submit]");
  confirm.textContent = label;
  confirm.className = kind;
}

function fieldsOf({ title, description, priority, tags }) {
  return {
    title: title.value.trim(),
    description: description.value.trim(),
    priority: priority.value,
    tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean),
  };
}

/** Idempotency keys: one for each different body, since the API refuses a key with another body. */
function newKey() {
  const keys = new Map();
  return (body) => {
    const content = JSON.stringify(body);
    if (!keys.has(content)) keys.set(content, Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-"));
    return keys.get(content);
  };
}

function prepareDialogs() {
  for (const close of document.querySelectorAll("[data-close]")) {
    close.addEventListener("click", () => close.closest("dialog").close());
  }
  for (const [name, limit] of Object.entries(RULES.limits)) {
    byId("task-dialog").querySelector(`[name=${name}]`).maxLength = limit;
  }
  byId("forget-token").addEventListener("click", () => {
    byId("token-dialog").close();
    signedIn("");
  });
}
