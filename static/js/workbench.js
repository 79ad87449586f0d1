// The draft of a policy, for hands on a keyboard. The page works without this file; it warns, opens, marks and announces.
"use strict";

const NEWS = { afterSettle: "htmx:afterSettle", responseError: "htmx:responseError", sendError: "htmx:sendError" };

const form = document.querySelector("#draft");
const says = document.querySelector("#preview-says");
const marks = new Map(); // a field's id, and the mark that was set beside it while typing

let isDirty = false;

form.addEventListener("input", () => { isDirty = true; });
form.addEventListener("submit", () => { isDirty = false; });
addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  form.requestSubmit(document.querySelector("#save"));
});

// Rows without amounts of their own show those they go by.
form.addEventListener("input", ({ target }) => {
  const band = /^id_thresholds\.default\.(.+)$/.exec(target.id)?.[1];
  if (!band) return;
  for (const field of form.querySelectorAll('input[id^="id_thresholds."]')) if (field !== target && field.id.endsWith(`.${band}`)) field.placeholder = target.value;
});

function reveal(element) {
  for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
}

// A link to a chapter or to a field opens what it stands in, and hands over the keyboard.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  reveal(target);
  const place = target.matches("input, select, textarea") ? target : target.querySelector("input:not([type=hidden]), select, textarea") ?? target;
  event.preventDefault();
  history.replaceState(null, "", link.hash);
  place.focus({ preventScroll: true });
  (place === target ? place : target.closest("details") ?? target).scrollIntoView({ block: "start" });
});

// A mistake shows at its field while it is typed, not only after saving.
function mark(id, sentence) {
  const field = document.getElementById(id);
  if (!field || document.getElementById(`${id}_error`)) return;
  const note = document.createElement("p");
  note.className = "error";
  note.id = `${id}_error`;
  note.textContent = sentence;
  field.before(note);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", note.id);
  field.closest("td, .field")?.classList.add("errors");
  marks.set(id, note);
}

function unmark(id, note) {
  const field = document.getElementById(id);
  note.remove();
  field?.removeAttribute("aria-invalid");
  field?.removeAttribute("aria-describedby");
  field?.closest("td, .field")?.classList.remove("errors");
  marks.delete(id);
}

document.addEventListener(NEWS.afterSettle, ({ target }) => {
  if (target.id !== "preview") return;
  const wrong = new Map([...target.querySelectorAll("[data-mistake]")].map((link) => [link.dataset.mistake, link.querySelector("span").textContent]));
  for (const [id, note] of marks) if (wrong.get(id) !== note.textContent) unmark(id, note);
  for (const [id, sentence] of wrong) mark(id, sentence);
  says.textContent = target.querySelector("[data-summary]")?.textContent ?? "";
});

for (const trouble of [NEWS.responseError, NEWS.sendError]) {
  document.addEventListener(trouble, () => { says.textContent = form.dataset.trouble; says.classList.remove("sr"); });
}

document.querySelectorAll("[data-needs-js]").forEach((element) => { element.hidden = false; });
document.querySelector(".errornote")?.focus();
if (location.hash) reveal(document.getElementById(location.hash.slice(1)) ?? form);
