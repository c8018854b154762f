/* A form that strangers fill in: while they write, the browser works for it (altcha, from our own address).
   Without this, or where it fails, the form goes as it is. */
const form = document.querySelector("form[data-proof]");
const work = async () => {
  if (!globalThis.crypto?.subtle || !globalThis.Worker) return;
  await import(form.dataset.proof);
  globalThis.$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(form.dataset.worker));
  const widget = document.createElement("altcha-widget");
  widget.setAttribute("challenge", form.dataset.challenge);
  widget.setAttribute("display", "invisible");
  widget.setAttribute("auto", "onload");
  form.append(widget);
};
if (form) work().catch(() => {});
