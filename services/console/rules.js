// @ts-check
// The domain's rules, which the build writes into the page.

/** @import { Rules } from "./types" */

/** @type {Rules} */
export const RULES = JSON.parse(document.getElementById("rules")?.textContent ?? "");
