// @ts-check
// Try: send an event, invoke a function, break something and mend it.

import { about, read, write } from "./api.js";
import { button, byId, code, dashed, duration, facts, filled, json, link, make } from "./elements.js";
import { lineOf } from "./trace.js";

/** @import { Invoked, Tryable, View } from "./types" */

/** The function that the forms begin with. */
let preferred = "";

/** @type {View} */
export const trying = {
  title: "Try",
  show: (name) => {
    preferred = name || preferred;
    if (about.readOnly) {
      const words = "A deployment on AWS is shown read-only: make invoke ENV=… asks first.";
      byId("try").replaceChildren(make("p", "note", words));
    } else filled(byId("try"), async () => page(await read("try")));
  },
};

/** @param {Tryable} tryable */
function page(tryable) {
  return make("div", "forms", sender(tryable), invoker(tryable), breaker(tryable));
}

/** A form with a heading; what `act` gives is shown below it.
 * @param {string} title
 * @param {HTMLElement[]} fields
 * @param {string} label
 * @param {() => Promise<Node>} act
 * @param {HTMLElement[]} [more]
 */
function form(title, fields, label, act, more = []) {
  const outcome = make("div", "outcome");
  outcome.setAttribute("role", "status");
  const submit = button(label, "primary", () => undefined);
  submit.type = "submit";
  const made = make(
    "form",
    "panel",
    make("h2", "", title),
    ...fields,
    make("p", "actions", submit, ...more),
    outcome,
  );
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    outcome.replaceChildren();
    await filled(outcome, act);
    submit.disabled = false;
  });
  return made;
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
function field(label, control) {
  const made = make("label", "field", make("span", "", label), control);
  return made;
}

/**
 * @param {[string, string][]} choices values and texts
 * @param {string} [value]
 */
function select(choices, value = "") {
  const made = make("select");
  for (const [name, text] of choices) made.append(new Option(text, name, name === value, name === value));
  return made;
}

/** @param {Tryable} tryable */
function functionsOf(tryable) {
  /** @type {[string, string][]} */
  const choices = tryable.functions.map(({ name }) => [name, dashed(name)]);
  return select(choices, preferred);
}

function taskField() {
  const made = make("input");
  made.type = "text";
  made.placeholder = "the sample's";
  made.autocomplete = "off";
  return made;
}

/** @param {Tryable} tryable */
function sender(tryable) {
  const kind = select(tryable.events.map((name) => [name, name]));
  const task = taskField();
  return form("Send an event", [field("Event", kind), field("Task", task)], "Send", async () => {
    const sent = await write("try/send", { kind: kind.value, task: task.value.trim() });
    return make(
      "div",
      "",
      make(
        "p",
        "good",
        `${kind.value} is on the bus. `,
        link("What follows from it", `#/request/${sent.id}`),
      ),
      code(json(sent.detail), "The event that was sent"),
    );
  });
}

/** @param {Tryable} tryable */
function invoker(tryable) {
  const name = functionsOf(tryable);
  const kind = select([
    ["", "the ordinary one"],
    .../** @type {[string, string][]} */ (tryable.events.map((one) => [one, one])),
  ]);
  const task = taskField();
  const fields = [field("Function", name), field("About event", kind), field("Of task", task)];
  return form("Invoke a function", fields, "Invoke", async () => {
    /** @type {Invoked} */
    const done = await write("try/invoke", { name: name.value, kind: kind.value, task: task.value.trim() });
    return make(
      "div",
      "",
      make("p", done.failed ? "bad" : "good", done.failed ? "It failed." : "It succeeded."),
      facts([
        ["Took", duration(done.ms)],
        ["Request", link(done.id, `#/request/${done.id}`)],
      ]),
      make("h3", "", "Answer"),
      code(json(done.answer), "Answer"),
      make("h3", "", "Log lines"),
      done.lines.length
        ? make("ul", "lines", ...done.lines.map(lineOf))
        : make("p", "soft", "It logged nothing."),
      make("h3", "", "Event"),
      code(json(done.event), "Event"),
    );
  });
}

/** @param {Tryable} tryable */
function breaker(tryable) {
  const name = functionsOf(tryable);
  const action = select([]);
  const amount = make("input");
  amount.type = "number";
  amount.min = "0";
  amount.step = "any";
  const how = select([
    ["deny", "deny its rights"],
    ["throttle", "limit its executions"],
    ["latency", "slow it down"],
    ["delivery", "stop the delivery to its queue"],
  ]);
  const actionField = field("Which", action);
  const amountField = field("", amount);
  const arrange = () => {
    const found = tryable.functions.find((one) => one.name === name.value);
    action.replaceChildren(
      new Option("all of them", ""),
      ...(found?.actions || []).map((one) => new Option(one, one)),
    );
    actionField.hidden = how.value !== "deny";
    amountField.hidden = how.value !== "throttle" && how.value !== "latency";
    amountField.firstElementChild?.replaceChildren(
      how.value === "latency" ? "Seconds" : "Executions at a time",
    );
    amount.value = how.value === "latency" ? "2" : "0";
  };
  name.addEventListener("change", arrange);
  how.addEventListener("change", arrange);
  arrange();
  const broken = make("div", "broken");
  const show = (/** @type {string[]} */ faults) => {
    const lines = faults.map((fault) => make("li", "bad", fault));
    broken.replaceChildren(lines.length ? make("ul", "", ...lines) : make("p", "soft", "Nothing is broken."));
  };
  show(tryable.faults);
  const mend = button("Mend everything", "quiet", async () => {
    await filled(outcomeOf(made), async () => {
      const done = await write("try/mend", {});
      show(done.faults);
      return make(
        "p",
        "good",
        done.mended.length ? `Mended: ${done.mended.join(", ")}.` : "Nothing was broken.",
      );
    });
  });
  const made = form(
    "Break and mend",
    [broken, field("Function", name), field("How", how), actionField, amountField],
    "Break",
    async () => {
      const given = { name: name.value, how: how.value, action: action.value, amount: Number(amount.value) };
      show((await write("try/break", given)).faults);
      return make("p", "", "Broken. See the feed and the dead letters; then mend it.");
    },
    [mend],
  );
  return made;
}

/** @param {HTMLElement} made */
function outcomeOf(made) {
  return /** @type {HTMLElement} */ (made.querySelector(".outcome"));
}
