// What changed while somebody looks: counters, who holds which row, and "3 new". It never moves a row by itself.
const ASK_MS = 20_000;
const AGAIN_MS = 1500;
const MOST_FAILURES = 3;

const live = { stream: null, timer: 0, failures: 0, at: null, tag: "", fresh: [] };

const list = () => one("#list[data-live-view]");
const address = (path, more = {}) => `${path}?${new URLSearchParams({ view: list()?.dataset.liveView ?? "", since: live.at ?? list()?.dataset.liveSince ?? "", ...more })}`;

function hear(told) {
  for (const [id, text] of Object.entries(told.counts)) {
    const counter = one(`#${CSS.escape(id)}`);
    if (counter && counter.textContent !== text) counter.textContent = text;
  }
  live.fresh = (told.new ?? []).filter((id) => !one(`[data-route="${CSS.escape(id)}"]`));
  live.heardAt = told.at;
  tellNew();
  if (told.held) all("[data-route]").forEach((row) => tellHolder(row, told.held[row.dataset.route]));
}

function tellNew() {
  const place = one("#news");
  const count = live.fresh.length;
  if (!count) return place.replaceChildren();
  if (!place.firstElementChild) place.append(one("#news-bar").content.cloneNode(true));
  one("span", place).textContent = sentence("news").replace("{count}", count < 100 ? count : "100+");
}

// A column where there is room for it, a line below the reference where there is not.
function tellHolder(row, name) {
  const words = name ? sentence("holder").replace("{name}", name) : "";
  const places = all("[data-held]", row);
  for (const place of places.length ? places : [one(".card-title", row) ?? row.cells[0]]) {
    const note = one("[data-holder]", place);
    if (!words) note?.remove();
    if (!words || note?.textContent === words) continue;
    const told = note ?? document.createElement("span");
    told.dataset.holder = "";
    told.className = "note holder";
    told.textContent = words;
    if (!note) place.append(told);
  }
}

// The stream; where it is not to be had, a question every twenty seconds.
function listen() {
  stop();
  if (document.hidden || !one("#news")) return;
  if (live.failures >= MOST_FAILURES) return void ask();
  const stream = new EventSource(address("/live/"));
  live.stream = stream;
  stream.onmessage = ({ data }) => { live.failures = 0; hear(JSON.parse(data)); };
  stream.onerror = () => {
    live.failures += 1;
    // A stream that ended by itself is opened again by the browser; one that was refused is not.
    if (stream.readyState !== EventSource.CLOSED && live.failures < MOST_FAILURES) return;
    stop();
    live.timer = setTimeout(listen, AGAIN_MS);
  };
}

async function ask() {
  try {
    const answer = await fetch(address("/live/poll/", { seen: live.tag }), { redirect: "error" });
    if (answer.status === 200) {
      const told = await answer.json();
      live.tag = told.tag;
      hear(told);
    }
  } catch {
    // The next question is asked all the same; the banner says when the connection is gone.
  }
  if (!document.hidden) live.timer = setTimeout(ask, ASK_MS);
}

function stop() {
  live.stream?.close();
  live.stream = null;
  clearTimeout(live.timer);
}

// New rows come when they are asked for: the list is fetched again, the panel and what is typed in it stay.
async function renew() {
  const before = currentRow();
  const top = before?.getBoundingClientRect().top;
  const ticked = all("[data-row] input[type=checkbox]:checked").map((box) => box.closest("[data-row]").id);
  const focused = document.activeElement.closest("[data-row]")?.id;
  const heardAt = live.heardAt;
  await htmx.ajax("GET", location.pathname + location.search, { target: "#waiting", select: "#waiting", swap: "outerHTML" });
  const row = before && one(`#${CSS.escape(before.id)}`);
  if (row) {
    mark(row);
    scrollBy(0, row.getBoundingClientRect().top - top);
  }
  for (const id of ticked) {
    const box = one(`#${CSS.escape(id)} input[type=checkbox]`);
    if (box) { box.checked = true; emit(box, "change"); }
  }
  const isHeldByNobody = document.activeElement === document.body || document.activeElement.closest("#news");
  const place = (focused && one(`#${CSS.escape(focused)}`)) || (isHeldByNobody && (row ?? rows()[0]));
  if (place) one("[data-open]", place)?.focus({ preventScroll: true });
  live.at = heardAt;
  live.fresh = [];
  live.tag = "";
  tellNew();
  listen();
}

document.addEventListener("click", ({ target }) => { if (target.closest("#news button")) renew(); });
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", stop);
addEventListener("pageshow", listen);
// Another view came into the page by its filter: from now on that one is looked at.
document.addEventListener(NEWS.afterSettle, ({ target }) => {
  if (target.id !== "list") return;
  live.at = null;
  live.fresh = [];
  tellNew();
  listen();
});
