// The board: what is known of the tasks, and the columns that show it.

const COLUMNS = [
  { title: "Approval inbox", statuses: ["pending_approval"], note: "High priority waits for a yes", empty: "Nothing waits for you." },
  { title: "Ready", statuses: ["approved", "pending"], note: "To be taken up", empty: "Nothing to take up." },
  { title: "In progress", statuses: ["in_progress"], note: "Somebody is at it", empty: "Nobody is at anything." },
  { title: "Done", statuses: ["completed", "rejected"], note: "Completed, or turned down", empty: "Nothing is done yet." },
];
const MOVES = { in_progress: "Start", completed: "Complete", pending: "Put back", approved: "Put back" };
const PAGE = 25;
const MOST = 100;
// A list may be a moment behind a write: until then, what the write answered is the truth.
const SETTLE_MS = 3000;

const tasks = new Map(); // taskId → the newest version that was seen
const touched = new Map(); // taskId → when this page wrote it
const gone = new Set(); // taskIds that this page deleted
const shown = new Map(); // status → how many to ask for
const further = new Map(); // status → whether there are more
let owner = "";

function seen(task) {
  const known = tasks.get(task.taskId);
  if (!gone.has(task.taskId) && !(known && known.version > task.version)) tasks.set(task.taskId, task);
}

/** Takes over what a write of this page answered. */
function wrote(task) {
  touched.set(task.taskId, Date.now());
  seen(task);
  drawBoard();
}

function removed(task) {
  gone.add(task.taskId);
  tasks.delete(task.taskId);
  drawBoard();
}

/** Reads the tasks of some statuses anew. */
async function load(statuses) {
  const pages = await Promise.all(
    statuses.map((status) => api.page({ status, userId: owner, limit: shown.get(status) || PAGE })),
  );
  statuses.forEach((status, index) => take(status, pages[index]));
  drawBoard();
}

function take(status, page) {
  const listed = new Set(page.tasks.map((task) => task.taskId));
  const last = page.nextCursor ? page.tasks.at(-1).taskId : "";
  for (const task of tasks.values()) {
    const settled = Date.now() - (touched.get(task.taskId) || 0) > SETTLE_MS;
    const missing = task.status === status && !listed.has(task.taskId) && task.taskId > last;
    if (missing && settled) tasks.delete(task.taskId);
  }
  page.tasks.forEach(seen);
  further.set(status, Boolean(page.nextCursor));
}

async function showOwner(name) {
  owner = name;
  tasks.clear();
  shown.clear();
  await load(RULES.statuses);
}

function buildBoard() {
  for (const column of COLUMNS) {
    const section = copyOf("column-template");
    const heading = section.querySelector("h2");
    heading.id = `column-${column.statuses[0]}`;
    heading.textContent = column.title;
    section.setAttribute("aria-labelledby", heading.id);
    section.dataset.column = column.statuses[0];
    section.querySelector(".note").textContent = column.note;
    section.querySelector(".empty").textContent = column.empty;
    section.querySelector(".more").addEventListener("click", () => {
      for (const status of column.statuses) shown.set(status, Math.min(MOST, (shown.get(status) || PAGE) + PAGE));
      attempt(() => load(column.statuses));
    });
    column.section = section;
    byId("board").append(section);
  }
}

function drawBoard() {
  const focused = document.activeElement;
  const card = focused?.closest("[data-task]");
  for (const column of COLUMNS) drawColumn(column);
  if (card && document.activeElement !== focused) returnFocus(card.dataset.task, focused.dataset.action);
}

function drawColumn(column) {
  const mine = [...tasks.values()]
    .filter((task) => column.statuses.includes(task.status))
    .sort((a, b) => (a.taskId < b.taskId ? 1 : -1));
  const list = column.section.querySelector(".cards");
  const present = new Map([...list.children].map((card) => [card.dataset.task, card]));
  const more = column.statuses.some((status) => further.get(status));
  mine.forEach((task, index) => {
    const old = present.get(task.taskId);
    const card = old?.dataset.version === String(task.version) ? old : cardOf(task);
    if (old && old !== card) old.remove();
    present.delete(task.taskId);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] || null);
  });
  for (const card of present.values()) card.remove();
  column.section.querySelector(".count").textContent = more ? `${mine.length}+` : mine.length;
  column.section.querySelector(".empty").hidden = mine.length > 0;
  column.section.querySelector(".more").hidden = !column.statuses.some(
    (status) => further.get(status) && (shown.get(status) || PAGE) < MOST,
  );
}

/** A card that moved takes its focus along; one that went leaves it on the board. */
function returnFocus(taskId, action) {
  const card = document.querySelector(`[data-task="${CSS.escape(taskId)}"]`);
  const same = action && card?.querySelector(`[data-action="${CSS.escape(action)}"]`);
  (same || card?.querySelector("button") || byId("board")).focus();
}

function cardOf(task) {
  const card = copyOf("card-template");
  card.dataset.task = task.taskId;
  card.dataset.version = task.version;
  const priority = card.querySelector(".priority");
  priority.textContent = capitalised(task.priority);
  priority.classList.add(task.priority);
  const status = card.querySelector(".status");
  fill(status, ["approved", "completed", "rejected"].includes(task.status) && capitalised(task.status));
  status.classList.add(task.status);
  card.querySelector("h3").textContent = task.title;
  fill(card.querySelector(".description"), task.description);
  fill(card.querySelector(".verdict"), verdictOn(task));
  const tags = card.querySelector(".tags");
  tags.hidden = task.tags.length === 0;
  for (const tag of task.tags) tags.append(Object.assign(document.createElement("li"), { textContent: tag }));
  card.querySelector(".who").textContent = task.userId;
  setTime(card.querySelector("time"), task.updatedAt);
  const [moves, others] = card.querySelectorAll(".actions");
  moves.append(...movesOf(task));
  moves.hidden = !moves.children.length;
  others.append(actionOn(task, "Edit", "quiet small", askChanges), actionOn(task, "Delete", "quiet small", askDeletion));
  return card;
}

function verdictOn(task) {
  if (!task.approval) return "";
  const { decision, approver, reason } = task.approval;
  const said = `${decision === "approve" ? "Approved" : "Rejected"} by ${approver}`;
  return reason ? `${said}: “${reason}”` : said;
}

function actionOn(task, label, kind, does) {
  // A card may be older than what is known: what is done, is done to the newest version.
  return button(label, kind, task.title, () => does(tasks.get(task.taskId) || task));
}

function movesOf(task) {
  if (task.status === "pending_approval") {
    return [
      actionOn(task, "Approve", "primary small", askApproval),
      actionOn(task, "Reject", "small", askRejection),
    ];
  }
  const allowed = RULES.moves[task.status][task.approval?.decision === "approve" ? "approved" : "otherwise"];
  return allowed.map((status, index) =>
    actionOn(task, MOVES[status], index ? "small" : "primary small", (current) => attempt(() => move(current, status))),
  );
}

async function move(task, status) {
  wrote((await api.change(task, { status })).content);
}
