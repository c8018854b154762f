/* A form that strangers fill in: while they write, the browser works for it (altcha, from our own address).
   It stands beside the form, so that it can never keep anybody from sending: without it the form goes as it is. */
const form = document.querySelector("form[data-proof]");
const work = async () => {
  if (!globalThis.crypto?.subtle || !globalThis.Worker) return;
  await import(form.dataset.proof);
  globalThis.$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(form.dataset.worker));
  const proof = form.elements.namedItem("altcha"), widget = document.createElement("altcha-widget");
  widget.addEventListener("statechange", (event) => {
    if (event.detail.state === "verified") proof.value = event.detail.payload;
  });
  for (const [name, value] of [["challenge", form.dataset.challenge], ["display", "invisible"], ["auto", "onload"], ["name", "widget"]]) widget.setAttribute(name, value);
  widget.hidden = true;
  document.body.append(widget);
};
if (form) work().catch(() => {});
