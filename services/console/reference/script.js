// @ts-check
// Starts Swagger UI, and completes what it draws: names, levels of headings, and what the keyboard needs.

const root = /** @type {HTMLElement} */ (document.getElementById("swagger-ui"));

/** @param {string} selector
 *  @param {(element: HTMLElement) => void} complete
 */
function each(selector, complete) {
  for (const element of root.querySelectorAll(selector)) complete(/** @type {HTMLElement} */ (element));
}

/** Sets an attribute, unless it has that value: a change would be observed again.
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} value
 */
function ensure(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Makes what can be clicked a button.
 * @param {HTMLElement} element
 * @param {string} name
 */
function makeButton(element, name) {
  if (element.getAttribute("role") === "button") return;
  ensure(element, "role", "button");
  ensure(element, "tabindex", "0");
  ensure(element, "aria-label", name);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

/** @param {HTMLElement} field */
function nameField(field) {
  const row = field.closest("tr[data-param-name]");
  if (row && !field.getAttribute("aria-label"))
    ensure(field, "aria-label", row.getAttribute("data-param-name") || "");
}

function complete() {
  each("h3.opblock-tag, .models > h4", (heading) => ensure(heading, "aria-level", "2"));
  each(".opblock h4, .opblock h5", (heading) => ensure(heading, "aria-level", "3"));
  // A link inside the button that opens the operation; the button leads to the same place.
  each(".opblock-summary-control a[href]", (link) => link.removeAttribute("href"));
  each(".opblock-summary .copy-to-clipboard", (copy) => makeButton(copy, "Copy the path"));
  each(".copy-to-clipboard > button", (copy) => ensure(copy, "aria-label", "Copy to the clipboard"));
  each("textarea.body-param__text", (field) => ensure(field, "aria-label", "Request body"));
  each("#servers", (choice) => ensure(choice, "aria-label", "Server"));
  each(".operation-filter-input", (field) => ensure(field, "aria-label", "Filter by tag"));
  each("tr[data-param-name] :is(select, input, textarea)", nameField);
  each("table[role=region]", (table) =>
    ensure(table, "aria-label", `Responses of ${table.id.replace("_responses", "")}`),
  );
  each("pre", (text) => ensure(text, "tabindex", "0")); // it scrolls on narrow screens
}

function start() {
  const text = /** @type {HTMLElement} */ (document.getElementById("document")).textContent || "";
  const SwaggerUI = /** @type {any} */ (window).SwaggerUIBundle;
  new MutationObserver(complete).observe(root, { childList: true, subtree: true });
  const ui = SwaggerUI({
    domNode: root,
    spec: JSON.parse(text),
    docExpansion: "list",
    deepLinking: true,
    filter: true,
    layout: "BaseLayout",
    showExtensions: true,
    showCommonExtensions: true,
    presets: [SwaggerUI.presets.apis],
    plugins: [SwaggerUI.plugins.DownloadUrl],
    withCredentials: true,
  });
  ui.specActions.updateUrl(new URL("openapi.json", location.href).pathname);
}

start();
