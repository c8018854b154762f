/* Comfort for strangers, on top of pages that work without it.

   Steps: the answer to a form is shown in the same document. The browser's button goes back a step, with what was typed,
   instead of asking whether to send once more; where nobody answers, the words stay. All of it is in this tab's memory
   and nowhere else. What shows a number and a code is a page of its own, so that a reload shows both again.

   Proof: while somebody writes, the browser works for the form (altcha, from our own address). It stands beside the
   form, so that it can never keep anybody from sending: without it the form goes as it is. */
const root = document.documentElement, visit = String(Math.random()), shown = [];
let at = 0, waits = false;

const prove = async () => {
  const form = document.querySelector("form[data-proof]");
  if (!form || form.dataset.proving || !globalThis.crypto?.subtle || !globalThis.Worker) return;
  form.dataset.proving = "1";
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

// The address under which a page can be opened again, as the change of language has it.
const home = (said) => said.querySelector("form[action='/bahasa'] [name=lanjut]")?.value;
// Of what was typed, passwords are never kept.
const page = () => {
  document.querySelectorAll("input[type=password]").forEach((secret) => { secret.value = ""; });
  return { body: document.body, title: document.title, lang: root.lang };
};
const put = ({ body, title, lang }) => {
  document.body = body;
  document.title = title;
  root.lang = lang;
  prove().catch(() => {});
};
const show = (said) => {
  shown[at] = page();
  const same = said.title === document.title && said.documentElement.lang === root.lang;
  if (!same) at += 1;
  shown.length = at;
  history[same ? "replaceState" : "pushState"]({ visit, at }, "", home(said));
  put({ body: document.adoptNode(said.body), title: said.title, lang: said.documentElement.lang });
  scrollTo(0, 0);
  document.querySelector("#masalah, [aria-invalid], main").focus();
};
const away = (form) => {
  const note = document.createElement("p");
  note.className = "error";
  note.dataset.awayNote = "";
  note.setAttribute("role", "alert");
  note.textContent = document.body.dataset.away;
  form.append(note);
};
const ours = async (form, sent) => {
  const body = form.enctype === "multipart/form-data" ? sent : new URLSearchParams(sent);
  const answer = await fetch(form.action, { method: "POST", headers: { accept: "text/html" }, body }).catch(() => null);
  if (!answer || answer.status > 500) return null;
  const said = new DOMParser().parseFromString(await answer.text().catch(() => ""), "text/html");
  return home(said) === undefined ? null : said;
};
const written = (form, name, value) => {
  const sent = new FormData(form);
  if (name) sent.set(name, value);
  return sent;
};

const inTurn = (work) => async (...given) => {
  if (waits) return;
  waits = true;
  root.dataset.waits = "";
  document.querySelectorAll("[data-away-note]").forEach((note) => note.remove());
  try { await work(...given); } finally { waits = false; delete root.dataset.waits; }
};
const step = inTurn(async (form, name, value) => {
  const said = await ours(form, written(form, name, value));
  if (said) show(said); else away(form);
});
const last = inTurn(async (form, button) => {
  const there = await fetch(document.querySelector("link[rel=icon]").href, { cache: "no-store" }).then((answer) => answer.ok, () => false);
  if (!there) { away(form); return; }
  form.dataset.reached = "1";
  form.requestSubmit(button ?? undefined);
});
const inWords = inTurn(async (form, button) => {
  const open = document.querySelector("form[data-step]");
  await fetch(form.action, { method: "POST", body: new URLSearchParams(written(form, button.name, button.value)), redirect: "manual" }).catch(() => null);
  const said = await ours(open, written(open, "ke", open.elements.namedItem("halaman").value));
  if (said) show(said); else away(open);
});

document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter, open = document.querySelector("form[data-step] [name=halaman]");
  if (form.dataset.reached) { delete form.dataset.reached; return; }
  const work = form.dataset.last !== undefined || button?.value === "kirim" ? () => last(form, button)
    : form.dataset.step !== undefined ? () => step(form, button?.name, button?.value)
      : form.getAttribute("action") === "/bahasa" && open && button ? () => inWords(form, button) : null;
  if (!work) return;
  event.preventDefault();
  work();
});
addEventListener("popstate", (event) => {
  const to = event.state ?? (location.hash ? null : { visit, at: 0 });
  if (!to || (to.visit === visit && to.at === at)) return;
  const kept = to.visit === visit && shown[to.at];
  if (!kept) { location.reload(); return; }
  shown[at] = page();
  at = to.at;
  put(kept);
});
// The answer to a form that this document did not send itself stays one, for a reload; whoever leaves it comes back to
// the page where it can be asked for again.
const answered = document.body.dataset.answers !== undefined;
if (!answered) history.replaceState({ visit, at }, "");
document.addEventListener("click", (event) => {
  if (answered && at === 0 && event.target.closest("a[href]:not([href^='#'], [target])")) history.replaceState(null, "", home(document));
});
prove().catch(() => {});
