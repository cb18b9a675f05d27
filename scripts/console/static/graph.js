// @ts-check
// Drawings: boxes in columns and rows, and arrows between them.

import { make } from "./elements.js";

/** @import { Arrow, GraphNode } from "./types" */

const SVG = "http://www.w3.org/2000/svg";
const ROUND = 6;
const BEND = 34;
let count = 0;
// On a narrow screen a drawing is scrolled rather than made smaller than this.
const SMALLEST = 0.66;

/**
 * @typedef {object} Sizes
 * @property {number} width of a box
 * @property {number} height of a box
 * @property {number} across from a box to the next column
 * @property {number} down from a box to the next row
 */

/**
 * @typedef {object} Look
 * @property {string} label what the drawing shows, for screen readers
 * @property {Sizes} sizes
 * @property {(node: GraphNode) => string} [title]
 * @property {(node: GraphNode) => string} [note] a second line
 * @property {(node: GraphNode) => string} [kind] classes of a box
 * @property {(node: GraphNode) => string | undefined} [href]
 * @property {(arrow: Arrow) => string} [text] of an arrow
 */

/** A drawing that can be scrolled by keyboard.
 * @param {GraphNode[]} nodes
 * @param {Arrow[]} arrows
 * @param {Look} look
 */
export function drawing(nodes, arrows, look) {
  const { sizes } = look;
  const places = new Map(nodes.map((node) => [node.id, placeOf(node, sizes)]));
  const wide = Math.max(...[...places.values()].map((place) => place.x)) + sizes.width + 10;
  const high = Math.max(...[...places.values()].map((place) => place.y)) + sizes.height + 40;
  const svg = element("svg", { viewBox: `0 0 ${wide} ${high}`, role: "group" });
  svg.style.minWidth = `${wide * SMALLEST}px`;
  svg.setAttribute("aria-label", look.label);
  const tip = `tip-${++count}`;
  svg.append(arrowHead(tip));
  for (const arrow of arrows) {
    const [from, to] = [places.get(arrow.source), places.get(arrow.target)];
    if (from && to) svg.append(...lineOf(arrow, from, to, look, tip));
  }
  for (const node of nodes) svg.append(boxOf(node, look));
  const frame = make("div", "graph scrolls", svg);
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", look.label);
  return frame;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} content
 */
function element(tag, attributes, ...content) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...content);
  return made;
}

/**
 * @param {GraphNode} node
 * @param {Sizes} sizes
 */
function placeOf(node, { width, height, across, down }) {
  return { x: 5 + node.column * (width + across), y: 36 + node.row * (height + down) };
}

/** @param {string} id */
function arrowHead(id) {
  const tip = element("path", { d: "M0 0 7 3.5 0 7z", class: "tip" });
  const size = { markerWidth: 7, markerHeight: 7, refX: 6.5, refY: 3.5, orient: "auto" };
  return element("defs", {}, element("marker", { id, ...size }, tip));
}

/**
 * @param {GraphNode} node
 * @param {Look} look
 */
function boxOf(node, look) {
  const { width, height } = look.sizes;
  const { x, y } = placeOf(node, look.sizes);
  const note = look.note?.(node) || "";
  const middle = x + width / 2;
  const box = element("rect", { x, y, width, height, rx: ROUND });
  const name = element(
    "text",
    { x: middle, y: y + height / 2 + (note ? -2 : 4) },
    look.title?.(node) || node.id,
  );
  const parts = [box, name];
  if (note) parts.push(element("text", { x: middle, y: y + height / 2 + 12, class: "note" }, note));
  if (node.about) parts.push(element("title", {}, node.about));
  const kind = `node ${look.kind?.(node) || ""}`;
  const href = look.href?.(node);
  return element(href ? "a" : "g", href ? { class: kind, href } : { class: kind }, ...parts);
}

/** An arrow to the next column goes from side to side; over other boxes it goes above, and back below them.
 * @param {Arrow} arrow
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 * @param {Look} look
 * @param {string} tip id of the arrow's head
 */
function lineOf(arrow, from, to, look, tip) {
  const { width, height, across } = look.sizes;
  const forward = to.x > from.x;
  const above = forward && from.y === to.y && to.x - from.x > width + across;
  const middle = width / 2;
  /** @type {Record<string, string | number>} */
  let place = {};
  let d = "";
  if (forward && !above) {
    const [x1, y1, x2, y2] = [from.x + width, from.y + height / 2, to.x, to.y + height / 2];
    const bend = Math.min(60, (x2 - x1) / 2);
    d = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    place = { x: x2 - 9, y: y2 - 5, "text-anchor": "end" };
  } else {
    const side = above ? 0 : height;
    const bend = above ? -BEND : BEND;
    const [x1, y1, x2, y2] = [from.x + middle, from.y + side, to.x + middle, to.y + side];
    d = `M${x1} ${y1} C${x1} ${y1 + bend} ${x2} ${y2 + bend} ${x2} ${y2}`;
    place = { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + bend * 0.75 - 4, "text-anchor": "middle" };
  }
  const kind = arrow.aside ? "arrow aside" : "arrow";
  const path = element("path", { d, class: kind, "marker-end": `url(#${tip})` });
  const text = look.text ? look.text(arrow) : arrow.label;
  return text ? [path, element("text", { ...place, class: "label" }, text)] : [path];
}
