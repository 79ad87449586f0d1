// Says what is ticked in the queue, each currency by itself. Without this file the button is there all the same.
"use strict";

{
  const most = (bar) => Number(bar.dataset.most);
  const ticked = () => [...document.querySelectorAll("input[form=bulk]:checked")];
  const named = (bar, name) => bar.querySelector("template").content.querySelector(`[data-says="${name}"]`).textContent;

  function money(minor, currency) {
    // As the server prints it.
    const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  }

  function sums(boxes) {
    const found = new Map();
    for (const { dataset } of boxes) found.set(dataset.currency, (found.get(dataset.currency) ?? 0) + Number(dataset.minor));
    return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([currency, minor]) => money(minor, currency));
  }

  function tell() {
    const bar = document.querySelector("#bulk");
    if (!bar) return;
    const boxes = ticked();
    const printed = sums(boxes);
    const words = printed.length > 1 ? named(bar, "several").replace("{m}", printed.length) : named(bar, "one");
    const tooMany = boxes.length > most(bar) ? ` ${named(bar, "most")}` : "";
    bar.querySelector("output").textContent = boxes.length ? words.replace("{n}", boxes.length).replace("{sums}", printed.join(", ")) + tooMany : "";
    bar.querySelector("button").disabled = boxes.length > most(bar);
  }

  document.addEventListener("change", ({ target }) => {
    if (target.matches("input[form=bulk]")) tell();
  });
  // A decided row goes, and its tick with it.
  document.addEventListener("htmx:afterSettle", tell);
  addEventListener("pageshow", tell);
}
