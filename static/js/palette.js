// The palette: what is typed is looked up, arrows choose, Enter goes. Without this file its button is a link to the search.
const palette = one("#palette");
const jump = one("#jump");
const options = () => all("#choices [role=option]");
const active = () => one("#choices [role=option][aria-selected=true]");
let here = []; // what the page itself offers: [words, letter, element]

function activate(option) {
  active()?.setAttribute("aria-selected", "false");
  if (!option) return jump.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  jump.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function openPalette() {
  const seen = new Set();
  here = all("[data-key]").filter((element) => isShown(element) && !element.disabled && !seen.has(element.dataset.key) && seen.add(element.dataset.key))
    .map((element) => [(element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent).trim(), element.dataset.key]);
  jump.value = "";
  palette.showModal();
  emit(jump, NEWS.palette);
}

function offerHere() {
  const words = jump.value.trim().toLowerCase();
  const offered = here.filter(([label]) => label && label.toLowerCase().includes(words));
  if (!offered.length) return;
  const group = one("template", palette).content.firstElementChild.cloneNode(true);
  for (const [label, key] of offered) {
    const option = document.createElement("div");
    option.role = "option";
    option.id = `choice-here-${options().length}-${key.charCodeAt(0)}`;
    option.dataset.reach = key;
    const name = document.createElement("span");
    const letter = document.createElement("kbd");
    name.textContent = label;
    letter.textContent = key.toUpperCase();
    option.append(name, letter);
    group.append(option);
  }
  one("#choices").append(group);
}

function choose(option) {
  if (!option.dataset.reach) return option.click();
  palette.close();
  reach(option.dataset.reach);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-search]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (!palette.open) openPalette();
  }
  const option = target.closest("#choices [data-reach]");
  if (option) choose(option);
});

jump.addEventListener("input", () => activate(null));
jump.addEventListener("keydown", (event) => {
  const found = options();
  const at = found.indexOf(active());
  const to = { ArrowDown: at + 1, ArrowUp: Math.max(at, 0) - 1 }[event.key];
  if (to !== undefined && found.length) activate(found.at(to % found.length));
  else if (event.key === "Enter" && active()) choose(active());
  else return;
  event.preventDefault();
});

document.addEventListener(NEWS.afterSettle, ({ target, detail }) => {
  if (target.id !== "choices") return;
  offerHere();
  // An answer to what stood there before chooses nothing: Enter then asks for what stands there now.
  const asked = new URL(detail.xhr.responseURL).searchParams.get("q") ?? "";
  activate(asked.trim() === jump.value.trim() ? options()[0] : null);
});
