// The large view of evidence: opened over the page it was called from, with the same markup as the page of its own, which
// it also serves. Files come by short-lived addresses, so each sheet is fetched when it is wanted.
"use strict";

{
  const LEVELS = [1, 1.5, 2, 3, 4];
  const dialog = document.querySelector("dialog[data-viewer]");
  let opener = null;

  const sheet = () => document.querySelector(dialog?.open ? "dialog[data-viewer] [data-sheet]" : "[data-sheet]");
  const picture = () => sheet()?.querySelector(".stage img");

  // The styles are classes, so that the policy of the page need not allow any other.
  function zoom(step) {
    const shown = picture();
    if (!shown) return;
    const at = LEVELS.indexOf(Number(shown.dataset.zoomLevel)) + step;
    shown.dataset.zoomLevel = LEVELS[Math.min(Math.max(at, 0), LEVELS.length - 1)];
  }

  function turn() {
    const shown = picture();
    if (shown) shown.dataset.turned = (Number(shown.dataset.turned) + 90) % 360;
  }

  async function show(address) {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) { location.assign(address); return; }
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-sheet]");
    if (!drawn) { location.assign(address); return; }
    drawn.querySelectorAll("[data-needs-js]").forEach((element) => { element.hidden = false; });
    const title = document.createElement("h2");
    const old = drawn.querySelector("h1");
    title.append(...old.childNodes);
    title.tabIndex = -1;
    title.id = "viewer-title";
    old.replaceWith(title);
    drawn.removeAttribute("id");
    dialog.querySelector(".body").replaceChildren(drawn);
    if (!dialog.open) dialog.showModal();
    title.focus();
    picture()?.addEventListener("load", () => tick(address), { once: true });
  }

  // The server noted it when it served the picture; the tile says so without loading the page again.
  function tick(address) {
    const path = new URL(address, location.href).pathname;
    const tile = [...document.querySelectorAll(".thumbs a[data-sheet-link]")].find((link) => new URL(link.href).pathname === path);
    tile?.closest("li").querySelector("[data-opened]")?.removeAttribute("hidden");
  }

  document.addEventListener("click", (event) => {
    const { target } = event;
    const link = target.closest("a[data-sheet-link]");
    if (link && dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      if (!dialog.open) opener = link;
      show(link.href).catch(() => location.assign(link.href));
    } else if (target.closest("[data-zoom]")) zoom(target.closest("[data-zoom]").dataset.zoom === "in" ? 1 : -1);
    else if (target.closest("[data-turn]")) turn();
  });

  document.addEventListener("keydown", (event) => {
    if (!sheet() || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (document.documentElement.dataset.letterKeys === "off" && event.key.length === 1) return;
    if (dialog && !dialog.open) return;
    const follow = (rel) => sheet().querySelector(`a[rel="${rel}"]`)?.click();
    const acts = {
      "+": () => zoom(1), "=": () => zoom(1), "-": () => zoom(-1), r: turn, R: turn,
      ArrowLeft: () => follow("prev"), ArrowRight: () => follow("next"),
    };
    const isMoving = event.key.startsWith("Arrow") && event.target.matches(".stage") && picture()?.dataset.zoomLevel !== "1";
    if (acts[event.key] && !isMoving) { event.preventDefault(); event.stopPropagation(); acts[event.key](); }
    else if (dialog?.open && /^[1-9]$/.test(event.key)) {
      document.querySelector(`.thumbs [data-key="${event.key}"]`)?.click();
    }
  }, true);

  dialog?.addEventListener("close", () => {
    opener?.focus();
    dialog.querySelector(".body").replaceChildren();
  });
}
