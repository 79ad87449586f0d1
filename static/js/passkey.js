// Passkeys: what is to be signed comes from the server, the browser has it signed, and the form is sent with it.
// A button names how (data-passkey="get" or "create") and where the options are (data-options: an address or "#id").
const library = document.currentScript.dataset.library;
const loaded = () => window.webauthnJSON ? Promise.resolve() : new Promise((resolve, reject) => {
  const script = document.createElement("script");
  Object.assign(script, { src: library, onload: resolve, onerror: () => reject(new Error("Its script did not load.")) });
  document.head.append(script);
});

const optionsOf = async (source) => {
  if (source.startsWith("#")) return JSON.parse(document.querySelector(source).textContent);
  const answer = await fetch(source, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  if (!answer.ok) throw new Error(`The portal answered ${answer.status}.`);
  return answer.json();
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button) return;
  event.preventDefault();
  const form = button.form;
  const told = form.querySelector("[data-passkey-told]");
  told.textContent = "";
  try {
    await loaded();
    const options = await optionsOf(button.dataset.options);
    const made = button.dataset.passkey === "create" ? await webauthnJSON.create(options.creation_options) : await webauthnJSON.get(options.request_options);
    form.elements.credential.value = JSON.stringify(made);
    form.requestSubmit();
  } catch (error) {
    told.textContent = error.name === "NotAllowedError" ? told.dataset.cancelled : `${told.dataset.failed} ${error.message}`;
  }
});
