// Speed for hands on a keyboard. Pages work without this file; it never decides anything, it focuses, opens and warns.
"use strict";

// Every event name that crosses a border is here: ours, and the ones htmx gives us.
const NEWS = {
  pick: "rd:pick", // a row became the current one; a row asks for its panel with hx-trigger="rd:pick"
  palette: "rd:palette", // the palette was opened and asks for what was opened last
  autosave: "rd:autosave", // a [data-autosave] form rested for a second
  toast: "rd:toast", // sent by the server in HX-Trigger: {"rd:toast": {"message": "…", "tone": "bad"}}
  beforeSwap: "htmx:beforeSwap",
  afterSettle: "htmx:afterSettle",
  abort: "htmx:abort",
  configRequest: "htmx:configRequest",
  beforeRequest: "htmx:beforeRequest",
  responseError: "htmx:responseError",
  sendError: "htmx:sendError",
  noAnswer: "redress:no-answer",
};
const REST_MS = 1000;
const CHORD_MS = 1200;
const ASK_AGAIN_MS = 3000;
const TOAST_MS = 8000;
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isShown = (element) => element.checkVisibility();
const sentence = (name) => one(`[data-name="${name}"]`, one("#sentences").content).textContent;
const emit = (element, name, detail) => element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

// Rows
const rows = () => all("[data-rows] [data-row]").filter(isShown);
const currentRow = () => one("[data-rows] [data-row][aria-current]");
const panelIsShown = () => all(".panel").some(isShown);

let lastAt = 0; // where the current row stands, or stood before it went

function mark(row) {
  currentRow()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  lastAt = rows().indexOf(row);
}

function pick(row) {
  mark(row);
  emit(row, NEWS.pick);
}

function move(step) {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(currentRow());
  // When the row has gone, the next one stands where it stood.
  const to = at < 0 ? lastAt + Math.min(step, 0) : at + step;
  const row = list[Math.min(Math.max(to, 0), list.length - 1)];
  if (row !== currentRow()) pick(row);
  const link = one("[data-open]", row);
  link?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

let lastSelected = null;

function select(isRange) {
  const row = currentRow();
  const list = rows();
  const from = isRange && lastSelected ? list.indexOf(lastSelected) : list.indexOf(row);
  const to = list.indexOf(row);
  if (to < 0) return;
  const boxes = list.slice(Math.min(from, to), Math.max(from, to) + 1).map((each) => one("input[type=checkbox]:enabled", each));
  const isOn = isRange || !boxes[0]?.checked;
  for (const box of boxes) {
    if (!box || box.checked === isOn) continue;
    box.checked = isOn;
    emit(box, "change");
  }
  lastSelected = row;
}

// Letters: an element says which key reaches it (data-key="a"). Links and plain buttons are pressed; fields and
// buttons that send a form are only focused, so that no single letter decides money. Of several, the first empty
// required field wins, then the button.
function reach(letter) {
  const found = all(`[data-key="${CSS.escape(letter)}"]`).filter((element) => isShown(element) && !element.disabled);
  const target = found.find((element) => element.matches(FIELDS) && element.required && !element.value) ?? found.find((element) => !element.matches(FIELDS)) ?? found[0];
  if (!target) return false;
  target.focus();
  if (target.matches("button:not([type=button])")) intend(target);
  if (target.matches("a, summary, button[type=button], [data-press]")) target.click();
  if (target.matches("input")) target.select();
  return true;
}

// The button a letter went to last is what Ctrl Enter presses: D, a rationale, Ctrl Enter declines.
function intend(button) {
  if (!button.form) return;
  all("[data-submit]", button.form).forEach((other) => other.removeAttribute("data-submit"));
  button.setAttribute("data-submit", "");
}

let chordUntil = 0;

function chord(letter) {
  chordUntil = 0;
  one(`[data-chord="${CSS.escape(letter)}"]`)?.click();
}

function press(key, isShifted) {
  if (performance.now() < chordUntil) return chord(key), true;
  switch (key) {
    case "g": chordUntil = performance.now() + CHORD_MS; return true;
    case "j": return move(1), true;
    case "k": return move(-1), true;
    case "o": one("[data-open]", currentRow() ?? document.createElement("i"))?.click(); return true;
    case "x": return select(isShifted), true;
    case "?": one("#keys")?.showModal(); return true;
    default: return reach(key);
  }
}

function escape(target) {
  const place = one("[data-open]", currentRow() ?? document.createElement("i")) ?? one("#main");
  all("details[data-menu][open]").forEach((menu) => menu.removeAttribute("open"));
  place.focus({ preventScroll: true });
}

function sendForm(form) {
  // A press, so that a button with an address or an hx-post of its own is heard.
  (one("[data-submit]", form) ?? one("button:not([type=button])", form))?.click();
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  if (isCommand && key.toLowerCase() === "k") {
    event.preventDefault();
    one("[data-search]")?.click();
  } else if (isCommand && key === "Enter") {
    event.preventDefault();
    if (target.form) sendForm(target.form);
  } else if (key === "Escape" && !one("dialog[open]")) {
    escape(target);
  } else if (!isCommand && !one("dialog[open]") && !target.matches(FIELDS)) {
    const isArrow = (key === "ArrowDown" || key === "ArrowUp") && target.closest("[data-row]");
    const areLettersOff = document.documentElement.dataset.letterKeys === "off";
    if (isArrow) move(key === "ArrowDown" ? 1 : -1);
    if (isArrow || (!areLettersOff && key.length === 1 && press(key.toLowerCase(), event.shiftKey))) event.preventDefault();
  }
});

document.addEventListener("click", (event) => {
  const { target } = event;
  const row = target.closest("[data-rows] [data-row]");
  if (row && panelIsShown() && !target.closest("a, button, input, label, select, summary") && !String(getSelection())) pick(row);
  all("details[data-menu][open]").forEach((menu) => menu.contains(target) || menu.removeAttribute("open"));
  const opener = target.closest("[commandfor]");
  if (opener && !("command" in HTMLButtonElement.prototype)) one(`#${CSS.escape(opener.getAttribute("commandfor"))}`)?.showModal();
  if (target.matches("dialog")) target.close();
  if (target.closest("[data-close]")) target.closest(".toast, .alert")?.remove();
});

// Toasts
function toast(message, { tone = "", again = null } = {}) {
  const box = one("#toast").content.firstElementChild.cloneNode(true);
  box.firstElementChild.textContent = message;
  if (tone) box.classList.add(tone);
  if (again) {
    one("[data-again]", box).hidden = false;
    one("[data-again]", box).addEventListener("click", () => { box.remove(); again(); });
  }
  one("#toasts").append(box);
  if (tone !== "bad") setTimeout(() => box.remove(), TOAST_MS);
}

document.addEventListener(NEWS.toast, ({ detail }) => toast(detail.message ?? detail.value, detail));

// Answers of the server
document.addEventListener(NEWS.beforeSwap, ({ detail }) => {
  const isRefusal = /^\s*<[^>]+\bid="refusal"/.test(detail.serverResponse ?? "");
  if (!isRefusal) return;
  // A refusal fills the place it was asked from, which keeps its id for the next answer.
  detail.shouldSwap = true;
  detail.isError = false;
  detail.swapOverride = "innerHTML";
});

document.addEventListener(NEWS.responseError, ({ detail }) => {
  const { xhr, elt } = detail;
  if (xhr.status < 500) return toast(sentence("gone"), { tone: "bad" });
  toast(`${sentence("broken")} ${xhr.getResponseHeader("X-Request-ID") ?? xhr.status}`, { tone: "bad", again: () => repeat(elt) });
});

document.addEventListener(NEWS.sendError, ({ detail }) => {
  emit(document, NEWS.noAnswer);
  toast(sentence("offline"), { tone: "bad", again: () => repeat(detail.elt) });
});

function repeat(element) {
  if (element.matches("form")) element.requestSubmit();
  else if (element.matches("[data-row]")) emit(element, NEWS.pick);
  else element.click();
}

// After a decision the focus goes to what came: the first bad field, the error summary, or the heading. What was only
// fetched, such as the panel of the next row, leaves it where it was, unless it says that the focus waits for it.
let wasSent = false;
document.addEventListener(NEWS.beforeRequest, ({ detail }) => { wasSent = detail.requestConfig.verb !== "get"; });
document.addEventListener(NEWS.afterSettle, ({ target }) => {
  // A panel says whose it is, so that the list follows when the server chose the next row.
  const row = target.dataset.rowId && one(`#${CSS.escape(target.dataset.rowId)}`);
  if (row) mark(row);
  const arrived = target.closest("[data-focus]") ?? one("[data-focus]", target);
  if (!arrived || !(wasSent || arrived.dataset.focus === "fetched")) return;
  const goal = one("[aria-invalid=true]", arrived) ?? one("[data-errors]", arrived) ?? one("h1, h2, h3, [tabindex='-1']", arrived) ?? arrived;
  if (!goal.matches(FIELDS)) goal.tabIndex = -1;
  goal.focus();
});

// Forms: drafts, files, and a warning before work is lost
const resting = new WeakMap();

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form");
  if (!form) return;
  form.dataset.dirty = "";
  if (!form.hasAttribute("data-autosave")) return;
  clearTimeout(resting.get(form));
  resting.set(form, setTimeout(() => emit(form, NEWS.autosave), REST_MS));
});

// A long order: what is typed narrows the table; a line that something is typed in always stays. It is no change of
// the form, so the form does not hear of it.
function narrow(event) {
  const { target } = event;
  if (!target.dataset?.narrows) return;
  event.stopPropagation();
  const words = target.value.toLowerCase().split(/\s+/);
  for (const row of all("tbody tr", one(`#${CSS.escape(target.dataset.narrows)}`))) {
    const text = row.querySelector("th").textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word)) && !all("input", row).some((field) => field.value);
  }
}

document.addEventListener("input", narrow, true);
document.addEventListener("change", narrow, true);

// The live answer to a form of many lines is asked with the lines that say something.
document.addEventListener(NEWS.configRequest, (event) => {
  const { detail } = event;
  if (!detail.elt.matches("[data-sparse]")) return;
  if (detail.elt.hasAttribute("data-sent")) return event.preventDefault();
  for (const [name, value] of [...detail.formData]) {
    const line = /^quantity_(\d+)$/.exec(name)?.[1];
    if (line && !value) ["quantity", "condition", "amount"].forEach((field) => detail.formData.delete(`${field}_${line}`));
  }
});

// The button names the amount that is typed, so that nobody signs for another one than she reads.
document.addEventListener("input", ({ target }) => {
  const button = target.name === "amount" && target.form && one("[data-lowered]", target.form);
  if (!button) return;
  button.dataset.label ??= button.textContent;
  const amount = target.value.trim();
  const isAsked = !amount || amount === button.dataset.asked;
  button.textContent = isAsked ? button.dataset.label : button.dataset.lowered.replace("{amount}", amount);
});

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  delete target.dataset.dirty;
  // htmx sends it and waits for the answer, which must not be thrown away.
  if (defaultPrevented) return;
  // What was still being asked about it, or was about to be, does not matter any more.
  target.dataset.sent = "";
  emit(target, NEWS.abort, {});
});
addEventListener("beforeunload", (event) => {
  if (one("form[data-guard][data-dirty]")) event.preventDefault();
});

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const isTaken = (file, kinds) => !kinds || kinds.split(",").some((kind) => new RegExp(`^${kind.trim().replace("*", ".*")}$`).test(file.type) || file.name.toLowerCase().endsWith(kind.trim().toLowerCase()));

document.addEventListener("change", ({ target }) => {
  const list = target.dataset?.files && one(`#${CSS.escape(target.dataset.files)}`);
  if (!list) return;
  let complaint = "";
  list.replaceChildren(...[...target.files].map((file) => {
    const problem = file.size > Number(target.dataset.largest || Infinity) ? sentence("large") : isTaken(file, target.accept) ? "" : sentence("kind");
    if (problem) complaint = `${file.name}: ${problem}`;
    const line = document.createElement("li");
    const name = document.createElement("span");
    const note = document.createElement("span");
    name.textContent = file.name;
    note.textContent = problem ? `${size(file.size)}, ${problem}` : size(file.size);
    note.className = problem ? "error" : "muted";
    line.append(name, note);
    return line;
  }));
  target.setCustomValidity(complaint);
});

// The connection
let isAsking = false;
const tellConnection = () => {
  one("#offline").hidden = navigator.onLine;
  if (!navigator.onLine) one("#gone").hidden = true;
};
addEventListener("online", tellConnection);
addEventListener("offline", tellConnection);
document.addEventListener(NEWS.noAnswer, async () => {
  if (isAsking || !navigator.onLine) return;
  isAsking = true;
  while (!(await fetch("/healthz", { cache: "no-store" }).then((answer) => answer.ok, () => false))) {
    one("#gone").hidden = !navigator.onLine;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  one("#gone").hidden = true;
  isAsking = false;
});

// On arrival
tellConnection();
all("[data-needs-js]").forEach((element) => { element.hidden = false; });
all(".nav [aria-current], .tabs [aria-current]").forEach((link) => link.scrollIntoView({ block: "nearest", inline: "center" }));
(one("[aria-invalid=true]") ?? one("[data-errors]") ?? one("[autofocus]"))?.focus();
all("#toasts > .toast:not(.error)").forEach((box) => setTimeout(() => box.remove(), TOAST_MS));
