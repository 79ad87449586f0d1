// Holding what somebody works on: the first touch of a decision form holds its request, further ones renew the hold at
// most once a minute, and leaving the page gives it back. The server lets a hold run out when nobody renews it.
"use strict";

{
  const MINUTE_MS = 60_000;
  let held = null; // the form that is worked on, and when it was last said

  // A press of its buttons is the decision itself, which needs no hold.
  const formOf = (target) => (target.closest?.("button") ? null : target.closest?.("form[data-lease]"));

  function hold(form) {
    if (held?.address === form.dataset.lease && performance.now() - held.at < MINUTE_MS) return;
    held = { address: form.dataset.lease, release: form.dataset.release, at: performance.now() };
    // Whoever leaves at once takes the answer with her; a refusal is told by the toast.
    htmx.ajax("POST", form.dataset.lease, { source: form, swap: "none", values: {} }).catch(() => {});
  }

  for (const kind of ["keydown", "pointerdown", "input"]) {
    document.addEventListener(kind, ({ target }) => { const form = formOf(target); if (form) hold(form); });
  }

  addEventListener("pagehide", () => {
    const token = held && document.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!token) return;
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    body.append("quietly", "1"); // nobody is there to read an answer
    navigator.sendBeacon(held.release, body);
    held = null;
  });

  // The filters come back with the list: the sheet that was open stays open, and hands stay where they were.
  let before = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target } = detail;
    if (target.id !== "list") return;
    const hand = target.contains(document.activeElement) ? document.activeElement : null;
    before = {
      sheets: [...target.querySelectorAll("details[open][id]")].map(({ id }) => id),
      id: hand?.id,
      typed: hand?.matches("input:not([type=checkbox])") ? hand.value : null,
      row: hand?.closest("[data-row]")?.id,
    };
  });
  function restore() {
    for (const id of before.sheets) document.getElementById(id)?.setAttribute("open", "");
    const field = before.id && document.getElementById(before.id);
    if (field && before.typed !== null && field.value !== before.typed) {
      field.value = before.typed;
      // What a script wrote is no change to the browser.
      field.addEventListener("blur", () => field.dispatchEvent(new Event("change", { bubbles: true })), { once: true });
    }
    const row = before.row && (document.getElementById(before.row) ?? document.querySelector("[data-rows] [data-row]"));
    (field || row?.querySelector("[data-open]"))?.focus({ preventScroll: true });
    before = null;
  }

  // What was decided is not held any more; and the button that claims speaks of the view that is shown now.
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (held && !document.querySelector(`form[data-lease="${held.address}"]`)) held = null;
    if (before && target.id === "list") restore();
    const list = document.querySelector("#list[data-back]");
    if (target.id === "list" && list) document.querySelectorAll("[data-follows-list]").forEach((field) => { field.value = list.dataset.back; });
  });
}
