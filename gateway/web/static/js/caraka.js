// Comfort on top of pages that work without it: live refresh, keys, the five seconds before a number is drawn, drafts.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { const box = $("#siaran"); if (box) box.textContent = text; };
  const inField = (element) => Boolean(element && element.closest("input, select, textarea, [contenteditable]"));

  // Of more places than fit on a phone, the one where we are is in sight.
  const here = $(".nav li:has([aria-current])");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 2;

  // htmx inherits no attributes: the token goes into every request here.
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx && event.detail.ctx.request;
    const token = $("meta[name=csrf-token]");
    if (request && request.headers && token) request.headers["X-CSRF-Token"] = token.content;
  });

  // A page that answers a form stands in the browser's history as the page of that form: reload and back show what is
  // true now, with the words typed, and the browser does not ask whether to send once more.
  const answers = document.body.dataset.answers;
  if (answers) history.replaceState(null, "", answers);
  // What is shown once stays the answer, for a reload; whoever leaves it comes back to the form.
  if (answers === "") document.addEventListener("click", (event) => {
    if (event.target.closest("a[href]:not([href^='#'], [target])")) history.replaceState(null, "", $("form[action='/bahasa'] [name=lanjut]").value);
  });

  const trouble = $("#masalah");
  if (trouble) trouble.focus({ preventScroll: false });

  // ── the bell: at once where the page listens to changes, else every half minute. No stream of its own: a browser
  // opens only a few connections to one place, and many tabs would use them all.
  const bell = $("[data-bell]");
  let ringing = 0;
  const look = async () => {
    ringing = 0;
    const answer = await fetch("/pemberitahuan/lonceng", { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const { unseen } = await answer.json(), count = $("[data-bell-count]", bell);
    if (unseen > Number(count.textContent)) say(bell.dataset.bell.replace("{n}", unseen));
    count.textContent = unseen;
    count.hidden = !unseen;
  };
  const ring = bell && (() => { if (!ringing) ringing = setTimeout(look, 250); });
  if (bell) setInterval(() => { if (!document.hidden) ring(); }, 30000);

  // ── live: a change anywhere refreshes what is marked; morphing keeps focus and scroll ──
  const liveParts = () => $$("[data-live]");
  if (liveParts().length && window.EventSource && window.htmx) {
    const state = $("[data-live-state]");
    const show = (up) => {
      if (!state) return;
      state.classList.toggle("is-live", up);
      state.classList.toggle("is-away", !up);
      $("[data-live-text]", state).textContent = up ? state.dataset.on : state.dataset.off;
    };
    let timer = 0;
    const refresh = () => { timer = 0; liveParts().forEach((part) => part.dispatchEvent(new Event("carakachanged"))); };
    const soon = () => { if (!timer) timer = setTimeout(refresh, 250); };
    const since = liveParts().map((part) => part.dataset.since).find(Boolean);
    const stream = new EventSource("/api/v1/stream" + (since ? "?since=" + encodeURIComponent(since) : ""));
    stream.onopen = () => show(true);
    stream.onerror = () => show(false);
    stream.addEventListener("change", soon);
    stream.addEventListener("change", () => ring && ring());
    stream.addEventListener("reset", soon);
    setInterval(() => { if (!document.hidden) soon(); }, 60000); // deadlines move by themselves
    addEventListener("pagehide", () => stream.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // ── the strip for a reporter: printed by one key ──
  $$("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => print()); button.focus(); });

  // ── recipients: another row; the usual office of a class ──
  const addRow = (set) => {
    const rows = $$("[data-recipient]", set), last = rows[rows.length - 1], row = last.cloneNode(true), n = rows.length + 1;
    $$("[id]", row).forEach((part) => { part.id = part.id.replace(/\d+$/, n); });
    $$("label", row).forEach((part) => { part.htmlFor = part.htmlFor.replace(/\d+$/, n); part.textContent = part.textContent.replace(/\d+$/, n); });
    $("input", row).value = "";
    $("select[name=copy_kind]", row).value = "tembusan";
    last.after(row);
    return row;
  };
  $$("[data-recipients]").forEach((set) => {
    const button = $("[data-add-recipient]", set);
    button.hidden = false;
    button.addEventListener("click", () => $("select", addRow(set)).focus());
    set.addEventListener("change", (event) => {
      if (event.target.name !== "recipient_class") return;
      const office = $("input", event.target.closest("[data-recipient]"));
      if (!office.value && ["walikota", "sekda"].includes(event.target.value)) office.value = event.target.selectedOptions[0].text;
    });
  });

  // ── drafts: survive a reload; gone once the letter is registered or its writer logs out ──
  const person = document.body.dataset.person || "";
  const draftName = (id) => `caraka:draft:${person}:${id}`;
  const store = { get(id) { try { return JSON.parse(localStorage.getItem(draftName(id))); } catch { return null; } },
    set(id, value) { try { localStorage.setItem(draftName(id), JSON.stringify(value)); } catch { /* full or forbidden */ } },
    drop(id) { try { localStorage.removeItem(draftName(id)); } catch { /* forbidden */ } } };
  const HIDDEN = ["csrf_token", "key", "version"];
  const written = (form) => [...new FormData(form)].filter(([name, value]) => !HIDDEN.includes(name) && typeof value === "string");
  // Of what was sent and is not known to have arrived the key is kept: sent again it is the same, not a second one.
  const keyOf = (form) => { const field = form.elements.namedItem("key"); return field ? [["key", field.value]] : []; };
  const rekey = (form, pairs) => { const held = pairs.find(([name]) => name === "key"), field = form.elements.namedItem("key"); if (held && field) field.value = held[1]; };
  const words = (pairs) => pairs.filter(([name]) => name !== "key");
  const restore = (form, pairs) => {
    const wanted = pairs.filter(([name]) => name === "office").length, set = $("[data-recipients]", form);
    while (set && $$("[data-recipient]", set).length < wanted) addRow(set);
    const seen = {};
    $$("input[type=checkbox], input[type=radio]", form).forEach((box) => { box.checked = pairs.some(([name, value]) => name === box.name && value === box.value); });
    words(pairs).forEach(([name, value]) => {
      const fields = $$(`[name="${name}"]:not([type=checkbox], [type=radio], [type=file])`, form), at = seen[name] || 0;
      if (fields[at]) fields[at].value = value;
      seen[name] = at + 1;
    });
  };
  const done = $("[data-done]");
  if (done) done.dataset.done.split(" ").forEach((id) => store.drop(id));
  if (new URLSearchParams(location.search).get("baru") === "letters.register") store.drop("catat");
  $$("form[data-draft]").forEach((form) => {
    const id = form.dataset.draft, draft = store.get(id);
    let held = [];
    if (draft && answers === undefined) { rekey(form, draft); held = draft.filter(([name]) => name === "key"); }
    if (draft && JSON.stringify(words(draft)) !== JSON.stringify(written(form))) { restore(form, draft); say(form.dataset.restored); form.classList.add("was-restored"); }
    form.addEventListener("input", () => store.set(id, [...written(form), ...held]));
    form.addEventListener("change", () => store.set(id, [...written(form), ...held]));
    form.addEventListener("submit", () => { if (!form.dataset.register) { held = keyOf(form); store.set(id, [...written(form), ...held]); } });
    // Without a line nothing is sent: the words stay on the page instead of behind the browser's own.
    const away = $("[data-away]", form);
    if (away) form.addEventListener("submit", (event) => {
      away.hidden = navigator.onLine;
      if (!navigator.onLine) { event.preventDefault(); away.focus(); }
    });
  });
  addEventListener("online", () => $$("[data-away]").forEach((note) => { note.hidden = true; }));
  $$("form[data-logout]").forEach((form) => form.addEventListener("submit", () => {
    try { Object.keys(localStorage).filter((name) => name.startsWith(draftName(""))).forEach((name) => localStorage.removeItem(name)); } catch { /* forbidden */ }
  }));

  // ── what was sent waits in this tab alone for its writer until a page has answered it: behind the login where the
  // session had ended; behind the browser's own page where nobody answered; after a reload or a step back where it
  // was refused ──
  const SENT = "caraka:sent";
  const sent = (() => { try { return JSON.parse(sessionStorage.getItem(SENT)); } catch { return null; } })();
  const keep = (what) => { try { if (what) sessionStorage.setItem(SENT, JSON.stringify(what)); else sessionStorage.removeItem(SENT); } catch { /* full or forbidden */ } };
  const alike = (form) => $$("form[method=post]").filter((each) => each.getAttribute("action") === form.getAttribute("action"));
  const trip = performance.getEntriesByType("navigation")[0] || {};
  const cameBack = trip.type === "reload" || trip.type === "back_forward";
  if (sent && !person && $("form[action='/masuk']")) keep({ ...sent, ended: true });
  else if (sent && sent.person !== person) keep(null);
  else if (sent && answers !== undefined && !sent.ended) keep(answers ? { ...sent, refused: true } : null);
  else if (sent && !sent.ended && (sent.refused ? !cameBack : trip.redirectCount)) keep(null);
  else if (sent && sent.path === location.pathname) {
    const form = $$("form[method=post]").filter((each) => each.getAttribute("action") === sent.action)[sent.at];
    if (form && !sent.ended && !sent.refused) rekey(form, sent.pairs);
    if (form && JSON.stringify(words(sent.pairs)) !== JSON.stringify(written(form))) {
      restore(form, sent.pairs);
      for (let at = form; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
      $$("details", form).forEach((part) => { if ($$("input:not([type=hidden]), textarea", part).some((field) => field.value !== field.defaultValue)) part.open = true; });
      say(document.body.dataset.restored);
      $("textarea, input:not([type=hidden])", form)?.focus();
    }
    if (sent.ended) keep(null);
  }
  if (person) addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.target || form.dataset.draft || form.dataset.logout !== undefined || $("[type=password]", form)) return;
    keep({ person, path: location.pathname, action: form.getAttribute("action"), at: alike(form).indexOf(form), pairs: [...written(form), ...keyOf(form)] });
  });

  // ── five seconds before the number is drawn ──
  const SECONDS = 5;
  const register = $("form[data-register]");
  let counting = 0, before = null;
  const bar = register && $("[data-countdown-bar]", register), submit = register && $("[data-submit]", register);
  const stopCounting = (undone) => {
    clearInterval(counting);
    counting = 0;
    bar.hidden = true;
    submit.hidden = false;
    $("[data-undone-note]", register).hidden = !undone;
    if (undone) { say(register.dataset.undone); (before && before.isConnected && before !== document.body ? before : submit).focus(); }
  };
  if (register) {
    const go = () => { register.dataset.go = "1"; stopCounting(false); submit.disabled = true; register.submit(); };
    register.addEventListener("submit", (event) => {
      if (register.dataset.go) { event.preventDefault(); return; }
      event.preventDefault();
      if (counting) { go(); return; }
      before = document.activeElement;
      $("[data-undone-note]", register).hidden = true;
      let left = SECONDS;
      const tell = () => { $("[data-countdown-text]", bar).textContent = register.dataset.countdown.replace("{n}", left); };
      tell();
      bar.hidden = false;
      submit.hidden = true;
      $("[data-now]", bar).focus();
      counting = setInterval(() => { left -= 1; if (left <= 0) go(); else tell(); }, 1000);
    });
    $("[data-undo]", bar).addEventListener("click", () => stopCounting(true));
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // ── keys ──
  // The sheet tells what is on this page: what is marked with a key, and what the page has written there itself.
  const sheet = $("#tombol");
  const showSheet = () => {
    const list = $("[data-key-list]", sheet);
    $$("[data-found]", list).forEach((row) => row.remove());
    $$("[data-key]").filter((place) => place.offsetParent || place.closest("[aria-hidden]")).forEach((place) => {
      const row = document.createElement("div"), name = document.createElement("dt"), what = document.createElement("dd");
      const key = document.createElement("kbd"), words = place.cloneNode(true);
      $$("kbd", words).forEach((each) => each.remove());
      key.textContent = place.dataset.key;
      what.textContent = words.textContent.trim();
      name.append(key);
      row.append(name, what);
      row.dataset.found = "";
      list.prepend(row);
    });
    sheet.showModal();
  };
  const sheetButton = $("[data-sheet]");
  if (sheetButton) { sheetButton.hidden = false; sheetButton.addEventListener("click", showSheet); }
  const cards = () => $$("[data-card]");
  const moveOnBoard = (key) => {
    const now = document.activeElement.closest("[data-card]");
    if (!now) { const first = cards()[0]; if (first) first.focus(); return; }
    const columns = $$(".column").map((column) => $$("[data-card]", column)).filter((column) => column.length);
    const x = columns.findIndex((column) => column.includes(now)), y = columns[x].indexOf(now);
    const column = columns[x + (key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0)];
    const next = column && column[Math.min(y + (key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0), column.length - 1)];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target, key = event.key;
    // A key that is held is no second word: it would cut the five seconds short.
    if (event.repeat && key === "Enter" && register && register.contains(target)) { event.preventDefault(); return; }
    if (key === "Escape" && inField(target)) { target.blur(); return; }
    if (counting && key === "u") { event.preventDefault(); stopCounting(true); return; }
    if (register && key === "Enter" && target.tagName === "SELECT" && register.contains(target)) { event.preventDefault(); register.requestSubmit(); return; }
    if (key === "Enter" && target.tagName === "INPUT" && target.closest("[data-enter-next]")) {
      // What cannot be taken back is not sent by the phone's Enter in the middle of the form.
      const fields = $$("input:not([type=hidden], [type=checkbox])", target.form), next = fields[fields.indexOf(target) + 1];
      if (next) { event.preventDefault(); next.focus(); return; }
    }
    if (inField(target) || (sheet && sheet.open)) return;
    if (sheet && key === "?") { event.preventDefault(); showSheet(); return; }
    if (register && key === "i") { event.preventDefault(); $("input:not([type=hidden])", register).focus(); return; }
    if ($("#papan") && key.startsWith("Arrow") && (target === document.body || target.closest("#papan, main"))) { event.preventDefault(); moveOnBoard(key); return; }
    if (event.repeat || counting) return;
    if (register && key === "Enter" && !target.closest("a, button, summary")) { event.preventDefault(); register.requestSubmit(submit); return; }
    const place = /^[a-z]$/.test(key) && $(`[data-key="${key}"]`);
    if (!place) return;
    event.preventDefault();
    if (place.tagName === "SUMMARY") {
      place.parentElement.open = true;
      const field = $("input, textarea", place.parentElement.querySelector("form"));
      const reason = $("[name=reason]", place.parentElement) || field;
      if (reason) { reason.focus(); reason.select(); }
    } else place.click();
  });

  // Open menus close when the focus or a click goes elsewhere.
  document.addEventListener("click", (event) => $$("details.me[open], details.pop[open]").forEach((each) => { if (!each.contains(event.target)) each.open = false; }));
})();
