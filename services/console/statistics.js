// The totals of those whose tasks are on the board.

const MOST_PEOPLE = 8;
// Totals follow from the same events as the feed, in a function of their own: it may be a moment later.
const FOLLOW_MS = 1500;

const totals = new Map(); // userId → what the API counts

/** Reads the totals of these users, now and once more when they have surely followed. */
async function count(users) {
  await readTotals(users);
  setTimeout(() => readTotals(users), FOLLOW_MS);
}

async function readTotals(users) {
  await Promise.all([...users].slice(0, MOST_PEOPLE).map(readTotalsOf));
  drawPeople();
}

async function readTotalsOf(user) {
  try {
    totals.set(user, await api.totals(user));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    totals.delete(user); // somebody else's, which this token does not open
  }
}

function peopleOnBoard() {
  return owner ? [owner] : [...new Set([...tasks.values()].map((task) => task.userId))].sort();
}

function drawPeople() {
  const rows = [...totals.values()]
    .filter((person) => !owner || person.userId === owner)
    .sort((a, b) => b.completed - a.completed || b.created - a.created)
    .slice(0, MOST_PEOPLE)
    .map(rowOf);
  byId("people").replaceChildren(...rows);
  byId("no-people").hidden = rows.length > 0;
}

function rowOf(person) {
  const row = copyOf("person-template");
  const [created, completed, average] = row.querySelectorAll("td");
  row.querySelector("th").textContent = person.userId;
  created.textContent = person.created;
  completed.textContent = person.completed;
  average.textContent = person.completed ? duration(person.averageCompletionSeconds) : "–";
  if (person.lastCompletedAt) row.title = `Last completed ${ago(person.lastCompletedAt)}`;
  return row;
}
