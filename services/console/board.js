// @ts-check
// The board: columns of cards, one card per task.

import { api } from "./api.js";
import { openApproval, openDeletion, openEdit, openRejection } from "./dialogs.js";
import {
  arrange,
  button,
  byId,
  capitalised,
  copyOf,
  fill,
  find,
  findAll,
  setTime,
  timeIn,
} from "./elements.js";
import { attempt } from "./refresh.js";
import { RULES } from "./rules.js";
import { isTruncated, loadMore, onTasksChanged, recordWrite, tasks } from "./tasks.js";

/** @import { Status, Task } from "../../clients/typescript/task-manager" */

/** @typedef {{ title: string, statuses: Status[], note: string, empty: string }} Column */

/** @type {Column[]} */
const COLUMNS = [
  {
    title: "Approval inbox",
    statuses: ["pending_approval"],
    note: "High priority, to be decided",
    empty: "No task waits for an approval.",
  },
  {
    title: "Ready",
    statuses: ["approved", "pending"],
    note: "Not started",
    empty: "No task is ready.",
  },
  {
    title: "In progress",
    statuses: ["in_progress"],
    note: "Work has begun",
    empty: "No task is in progress.",
  },
  {
    title: "Done",
    statuses: ["completed", "rejected"],
    note: "Completed or rejected",
    empty: "No task is done yet.",
  },
];
/** The label of the button that moves a task to a status.
 * @type {Partial<Record<Status, string>>}
 */
const MOVES = { in_progress: "Start", completed: "Complete", pending: "Put back", approved: "Put back" };

/** Adds the columns to the page, and redraws them whenever the tasks change. */
export function buildBoard() {
  const columns = COLUMNS.map((column) => ({ column, section: sectionOf(column) }));
  const draw = () => {
    const focused = document.activeElement;
    const card = focused?.closest("[data-task]");
    for (const { column, section } of columns) drawColumn(column, section);
    if (card instanceof HTMLElement && focused instanceof HTMLElement && document.activeElement !== focused) {
      returnFocus(card.dataset.task ?? "", focused.dataset.action);
    }
  };
  byId("board").append(...columns.map(({ section }) => section));
  onTasksChanged(draw);
  draw();
}

/** @param {Column} column */
function sectionOf(column) {
  const section = copyOf("column-template");
  const heading = find(section, "h2");
  heading.id = `column-${column.statuses[0]}`;
  heading.textContent = column.title;
  section.setAttribute("aria-labelledby", heading.id);
  section.dataset.column = column.statuses[0];
  find(section, ".note").textContent = column.note;
  find(section, ".empty").textContent = column.empty;
  find(section, ".more").addEventListener("click", () => attempt(() => showMore(column, section)));
  return section;
}

/** Reads a column's next pages; whoever works by keyboard goes on at the first card of them.
 * @param {Column} column
 * @param {HTMLElement} section
 */
async function showMore(column, section) {
  const before = findAll(section, "[data-task]").length;
  section.setAttribute("aria-busy", "true");
  try {
    await loadMore(column.statuses);
  } finally {
    section.setAttribute("aria-busy", "false");
  }
  const more = find(section, ".more");
  if (more.hidden) findAll(section, "[data-task]")[before]?.querySelector("button")?.focus();
}

/**
 * @param {Column} column
 * @param {HTMLElement} section
 */
function drawColumn(column, section) {
  const shown = [...tasks.values()]
    .filter((task) => column.statuses.includes(task.status))
    .sort((a, b) => (a.taskId < b.taskId ? 1 : -1));
  const list = find(section, ".cards");
  const present = new Map(findAll(list, "[data-task]").map((card) => [card.dataset.task, card]));
  const cards = shown.map((task) => {
    const card = present.get(task.taskId);
    return card?.dataset.version === String(task.version) ? card : cardOf(task);
  });
  arrange(list, cards);
  find(section, ".count").textContent = `${shown.length}${column.statuses.some(isTruncated) ? "+" : ""}`;
  find(section, ".empty").hidden = shown.length > 0;
  find(section, ".more").hidden = !column.statuses.some(isTruncated);
}

/** Focuses the same button on a card that was redrawn; the board if the card is gone.
 * @param {string} taskId
 * @param {string | undefined} action
 */
function returnFocus(taskId, action) {
  const [card] = findAll(document, `[data-task="${CSS.escape(taskId)}"]`);
  const buttons = card ? findAll(card, "button") : [];
  const same = buttons.find((one) => action && one.dataset.action === action);
  (same || buttons[0] || byId("board")).focus();
}

/** @param {Task} task */
function cardOf(task) {
  const card = copyOf("card-template");
  card.dataset.task = task.taskId;
  card.dataset.version = String(task.version);
  const priority = find(card, ".priority");
  priority.textContent = capitalised(task.priority);
  priority.classList.add(task.priority);
  const status = find(card, ".status");
  fill(status, ["approved", "completed", "rejected"].includes(task.status) && capitalised(task.status));
  status.classList.add(task.status);
  find(card, "h3").textContent = task.title;
  fill(find(card, ".description"), task.description);
  fill(find(card, ".verdict"), decisionOn(task));
  const tags = find(card, ".tags");
  tags.hidden = task.tags.length === 0;
  for (const tag of task.tags) tags.append(Object.assign(document.createElement("li"), { textContent: tag }));
  find(card, ".who").textContent = task.userId;
  setTime(timeIn(card), task.updatedAt);
  const [moves, others] = findAll(card, ".actions");
  moves.append(...movesOf(task));
  moves.hidden = !moves.children.length;
  others.append(
    actionOn(task, "Edit", "quiet small", openEdit),
    actionOn(task, "Delete", "quiet small", openDeletion),
  );
  return card;
}

/** @param {Task} task */
function decisionOn(task) {
  if (!task.approval) return "";
  const { decision, approver, reason } = task.approval;
  const text = `${decision === "approve" ? "Approved" : "Rejected"} by ${approver}`;
  return reason ? `${text}: “${reason}”` : text;
}

/** A button that acts on the newest known version of the task: the card may show an older one.
 * @param {Task} task
 * @param {string} label
 * @param {string} kind
 * @param {(task: Task) => void} act
 */
function actionOn(task, label, kind, act) {
  return button(label, kind, task.title, () => act(tasks.get(task.taskId) || task));
}

/** @param {Task} task */
function movesOf(task) {
  if (task.status === "pending_approval") {
    return [
      actionOn(task, "Approve", "primary small", openApproval),
      actionOn(task, "Reject", "small", openRejection),
    ];
  }
  const allowed = RULES.moves[task.status][task.approval?.decision === "approve" ? "approved" : "otherwise"];
  return allowed.map((status, index) =>
    actionOn(task, MOVES[status] ?? capitalised(status), index ? "small" : "primary small", (current) =>
      attempt(async () => recordWrite(await api.change(current, { status })), task.taskId),
    ),
  );
}
