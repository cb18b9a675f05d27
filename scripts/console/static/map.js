// @ts-check
// The map of the system, with what goes over its arrows; and one function of it.

import { about, read } from "./api.js";
import { byId, clock, code, dashed, duration, facts, filled, link, make, table } from "./elements.js";
import { drawing } from "./graph.js";

/** @import { FunctionFacts, MapNode, Right, Row, SystemMap, View } from "./types" */

const REFRESH_MS = 1000;
const SIZES = { width: 122, height: 34, across: 76, down: 20 };

/** The function that is shown below the map. */
let chosen = "";
let drawnAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @type {View} */
export const systemMap = {
  title: "Map",
  show: (name) => {
    const other = name !== chosen;
    chosen = name;
    if (other) byId("function").replaceChildren();
    draw();
    describe();
  },
  refresh: () => {
    clearTimeout(timer);
    timer = setTimeout(draw, Math.max(0, REFRESH_MS - (Date.now() - drawnAt)));
  },
};

function draw() {
  drawnAt = Date.now();
  return filled(byId("map"), async () => page(await read("map")));
}

/** @param {SystemMap} map */
function page(map) {
  /** @type {Map<string, MapNode>} */
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const picture = drawing(map.nodes, map.arrows, {
    label: "Map of the system: functions are links",
    sizes: SIZES,
    title: (node) => nodes.get(node.id)?.name || "",
    note: (node) => nodes.get(node.id)?.note || "",
    kind: (node) => {
      const { bad, function: name } = /** @type {MapNode} */ (nodes.get(node.id));
      return `${name ? "function" : ""} ${bad ? "failed" : ""} ${name && name === chosen ? "current" : ""}`;
    },
    href: (node) => {
      const name = nodes.get(node.id)?.function;
      return name ? `#/map/${name}` : undefined;
    },
  });
  const words = `On arrows: how many in the last ${map.minutes} minutes, and the mean time of one.`;
  return make("div", "", make("p", "soft", words), picture);
}

function describe() {
  const place = byId("function");
  place.hidden = !chosen;
  if (chosen) filled(place, async () => panel(await read("function", { name: chosen })));
}

/** @param {FunctionFacts} found */
function panel(found) {
  const settings = Object.entries(found.settings);
  return make(
    "div",
    "",
    make("h2", "", dashed(found.name)),
    make("p", "soft", found.description),
    !about.readOnly && make("p", "actions", link("Invoke or break it", `#/try/${found.name}`)),
    make("h3", "", "Errors"),
    callsOf(found.errors, "No error lately."),
    make("h3", "", "Last calls"),
    callsOf(found.calls, "No call lately."),
    make("h3", "", "Rights"),
    found.rights.length ? rightsOf(found.rights) : make("p", "soft", "It has none."),
    make("h3", "", "Settings"),
    facts([["Trigger", found.trigger], .../** @type {[string, string][]} */ (settings)]),
    make("h3", "", "Source"),
    make("p", "soft", found.path),
    code(found.source, `Source: ${found.path}`),
  );
}

/**
 * @param {Row[]} calls
 * @param {string} otherwise
 */
function callsOf(calls, otherwise) {
  if (!calls.length) return make("p", "soft", otherwise);
  return table(
    ["Time", "What", "Took", "Request"],
    calls.map((row) => [
      clock(row.at),
      make("span", row.failed ? "bad" : "", row.what),
      row.ms === null ? "" : duration(row.ms),
      row.id ? link(row.id, `#/request/${encodeURIComponent(row.id)}`) : "",
    ]),
  );
}

/** @param {Right[]} rights */
function rightsOf(rights) {
  return table(
    ["Action", "On", "Granted", "Used", "Denied", "Note"],
    rights.map((right) => [
      right.action,
      right.on,
      right.granted ? "yes" : "no",
      right.used === null ? "not known" : right.used ? "yes" : "no",
      make("span", right.denied ? "bad" : "", right.denied ? "yes" : "no"),
      right.note,
    ]),
  );
}
