// @ts-check
// What the dialogs' forms share: fields, submitting, and errors beside the fields.

import { Problem } from "./api.js";
import { find, findAll } from "./elements.js";

/** @param {HTMLDialogElement} dialog */
export function formOf(dialog) {
  return /** @type {HTMLFormElement} */ (find(dialog, "form"));
}

/** @param {HTMLDialogElement} dialog */
export function submitOf(dialog) {
  return /** @type {HTMLButtonElement} */ (find(dialog, "[type=submit]"));
}

/** A form's field, or its group of radio buttons: both have a `value`.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function field(form, name) {
  return /** @type {HTMLInputElement | RadioNodeList} */ (form.elements.namedItem(name));
}

/** Opens a dialog; `submit` does the work, and its Problem is shown in the form. An answer that comes when the
 * dialog was opened again, for another task, does nothing to it.
 * @param {HTMLDialogElement} dialog
 * @param {(form: HTMLFormElement, isShown: () => boolean) => Promise<void>} submit
 */
export function open(dialog, submit) {
  const form = formOf(dialog);
  const confirm = submitOf(dialog);
  showProblem(form, null);
  confirm.disabled = false;
  /** @param {SubmitEvent} event */
  const answer = async (event) => {
    const isShown = () => form.onsubmit === answer;
    event.preventDefault();
    if (confirm.disabled) return;
    confirm.disabled = true;
    showProblem(form, null);
    try {
      await submit(form, isShown);
      if (isShown()) dialog.close();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (isShown()) showProblem(form, problem);
    } finally {
      if (isShown()) confirm.disabled = false;
    }
  };
  form.onsubmit = answer;
  dialog.showModal();
}

/** Shows each error beside the field it points to, and the others at the foot of the form.
 * @param {HTMLFormElement} form
 * @param {Problem | null} problem
 */
function showProblem(form, problem) {
  for (const line of findAll(form, ".error")) line.textContent = "";
  for (const invalid of findAll(form, "[aria-invalid]")) invalid.removeAttribute("aria-invalid");
  if (!problem) return;
  const others = problem.errors.filter(({ pointer, detail }) => !showAtField(form, pointer, detail));
  const summary = problem.errors.length ? others.map((error) => error.detail).join(" ") : problem.message;
  find(form, ".error[role=alert]").textContent = summary;
  findAll(form, "[aria-invalid]")[0]?.focus();
}

/** Whether the form has a field that the JSON pointer names, and now shows the message there.
 * @param {HTMLFormElement} form
 * @param {string} pointer
 * @param {string} detail
 */
function showAtField(form, pointer, detail) {
  const named = form.querySelector(`[name="${CSS.escape(pointer.split("/")[1] || "")}"]`);
  const line = named?.closest(".field")?.querySelector(".error");
  if (!named || !line) return false;
  line.textContent = detail;
  named.setAttribute("aria-invalid", "true");
  return true;
}
