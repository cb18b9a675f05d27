// @ts-check
// Requests to the server of this page. All paths are relative to the page, whose address holds the token.

/** @import { About } from "./types" */

/** A refusal, or no answer. */
export class Refusal extends Error {}

/** What is shown; read once, when the page is loaded.
 * @type {About}
 */
export let about = {
  environment: "local",
  cloud: "embedded",
  readOnly: true,
  apiUrl: "",
  user: "",
  opened: new Date().toISOString(),
  resources: null,
};

/** Reads what is shown. */
export async function introduce() {
  about = await read("about");
}

/** @param {string} path */
export function address(path) {
  return new URL(`api/${path}`, location.href.split("#")[0]);
}

/** Reads something.
 * @param {string} path
 * @param {Record<string, string>} [query]
 */
export async function read(path, query = {}) {
  const url = address(path);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return answered(fetch(url, { cache: "no-store" }));
}

/** Changes something.
 * @param {string} path
 * @param {object} body
 */
export async function write(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answered(fetch(address(path), { method: "POST", headers, body: JSON.stringify(body) }));
}

/** @param {Promise<Response>} asked */
async function answered(asked) {
  const response = await asked.catch(notAnswered);
  const text = await response.text().catch(notAnswered); // it was cut off
  const content = parsed(text);
  if (!response.ok) throw new Refusal(content.detail || `The console answered ${response.status}.`);
  return content;
}

/** @returns {never} */
function notAnswered() {
  throw new Refusal("The console does not answer: is `make console` still running?");
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
