// Two minutes before the session ends without its person, it asks; what is typed stays on the page either way.
const box = document.querySelector("#idle");
const left = box.dataset.left;
const EARLY = 120;
const part = (name) => box.querySelector(`[data-idle="${name}"]`);

const show = (name) => {
  for (const one of ["soon", "over"]) part(one).hidden = one !== name;
  if (!box.open) box.showModal();
};

// A new sign-in brings a new token against forgery; the forms of this page would be refused with the old one.
const freshen = () => {
  const [, token] = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=(\w+)/) ?? [];
  if (!token) return;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
};

const ask = async () => {
  let answer;
  try {
    answer = await fetch(left, { redirect: "manual", headers: { Accept: "application/json" } });
  } catch (error) {
    // No answer is no end of a session: the banner says so, and this asks again.
    document.dispatchEvent(new CustomEvent("redress:no-answer"));
    setTimeout(ask, EARLY * 500);
    return;
  }
  if (answer.status >= 500) {
    setTimeout(ask, EARLY * 500);
    return;
  }
  // Who is led to the login is signed out.
  if (!answer.ok) {
    show("over");
    return;
  }
  const { seconds } = await answer.json();
  if (seconds > EARLY) {
    if (box.open) box.close();
    freshen();
    setTimeout(ask, (seconds - EARLY) * 1000);
  } else {
    show("soon");
    setTimeout(ask, Math.min(seconds, 15) * 1000 + 1000);
  }
};

part("stay").addEventListener("click", async () => {
  freshen();
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  await fetch(box.dataset.stay, { method: "POST", headers, redirect: "error" }).catch(() => undefined);
  await ask();
});

setTimeout(ask, Number(box.dataset.seconds) * 1000 - EARLY * 1000);
