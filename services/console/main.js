// Puts the parts together and starts them.

const EVERYTHING_MS = 60000;
const TIMES_MS = 20000;

/** Does something that the user asked for, and says so if the API refused. */
async function attempt(act) {
  try {
    await act();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    notice(problem.status === 412 ? "Somebody else was quicker: here is the task as it is now." : problem.message);
    if (problem.status === 412 || problem.status === 404) await refresh();
  }
}

/** Reads the whole board and the totals anew: what the feed may have missed. */
async function refresh() {
  await load(RULES.statuses);
  await readTotals(peopleOnBoard());
}

/** Begins again: for another owner, or as somebody else. */
async function restart() {
  totals.clear();
  drawPeople();
  forgetEvents();
  failures = 0;
  byId("everything").setAttribute("aria-busy", "true");
  try {
    await showOwner(byId("owner").value.trim());
    await readTotals(peopleOnBoard());
    byId("everything").setAttribute("aria-busy", "false");
  } catch (problem) {
    disconnected(problem);
  }
  poll();
}

function start() {
  byId("docs").href = new URL("docs", BASE);
  byId("open-token").textContent = token() ? "Signed in" : "Sign in";
  buildBoard();
  drawBoard();
  prepareDialogs();
  byId("new-task").addEventListener("click", askNewTask);
  byId("open-token").addEventListener("click", askToken);
  byId("pause").addEventListener("click", pause);
  byId("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    restart();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : schedule()));
  setInterval(tellTimes, TIMES_MS);
  setInterval(() => document.hidden || paused || failures || attempt(refresh), EVERYTHING_MS);
  restart();
}

start();
