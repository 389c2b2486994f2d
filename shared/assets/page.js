// What the pages do beyond being read: buttons that are pressed once, codes that are copied, and a state that stays true without a
// reload. Everything is on the page before this runs.
"use strict";
(() => {
  const every = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

  // A form is sent once; the key in it makes sure of the rest. Coming back by the browser's history wakes the buttons up again.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-once]");
    if (!form) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const button = form.querySelector("button");
    button.dataset.text = button.textContent;
    button.textContent = form.dataset.once;
    button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => every("form[data-sent]", (form) => {
    delete form.dataset.sent;
    const button = form.querySelector("button");
    button.textContent = button.dataset.text;
    button.removeAttribute("aria-disabled");
  }));

  // In a frame the clipboard may be closed to us: then the text is selected, and says how to go on.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const code = button.parentElement.querySelector("code");
    const selection = getSelection();
    selection.selectAllChildren(code);
    let copied = true;
    try { await navigator.clipboard.writeText(code.textContent); } catch { copied = document.execCommand("copy"); }
    const text = button.textContent;
    button.textContent = copied ? button.dataset.copy : button.dataset.copyFailed;
    say(button.textContent);
    if (copied) selection.removeAllRanges();
    setTimeout(() => { button.textContent = text; }, 2500);
  });

  // Filters apply as they are chosen.
  every(".filters", (form) => {
    form.addEventListener("change", () => form.requestSubmit());
    form.querySelector("button").hidden = true;
  });

  const said = document.getElementById("said");
  const say = (text) => { if (said && text) said.textContent = text; };

  const awake = (root) => every(".copy[hidden]", (button) => { button.hidden = false; }, root);

  // The part that changes is asked for again, sooner while something is under way, and put in place only when it differs. What was
  // open stays open, and the focus stays where it was.
  const live = document.querySelector("[data-live]");
  const pause = () => Number((live.matches("[data-poll]") ? live : live.querySelector("[data-poll]"))?.dataset.poll) || 30000;
  let last;
  let misses = 0;
  const put = (html) => {
    const open = new Set([...live.querySelectorAll("details[open]")].map((one) => one.id));
    const focused = document.activeElement;
    const place = live.contains(focused) ? [...live.querySelectorAll("a,button,summary")].indexOf(focused) : -1;
    live.innerHTML = html;
    every("details", (one) => { one.open = open.has(one.id); }, live);
    awake(live);
    if (place >= 0) live.querySelectorAll("a,button,summary")[place]?.focus();
    say(said?.dataset.updated);
  };
  const part = (text) => {
    const read = new DOMParser().parseFromString(text, "text/html");
    if (!live.dataset.part) return read.body.innerHTML.trim();
    const found = read.getElementById(live.dataset.part);
    if (found) live.dataset.poll = found.dataset.poll;
    return found?.innerHTML.trim();
  };
  const look = async () => {
    const busy = document.hidden || live.querySelector("form[data-sent]") || !getSelection().isCollapsed;
    if (!busy) {
      try {
        const answer = await fetch(live.dataset.live, { headers: { accept: "text/html" }, cache: "no-store" });
        if (answer.status === 403) return location.reload();
        if (!answer.ok) throw new Error(String(answer.status));
        const html = part(await answer.text());
        if (html && html !== last) put(html);
        last = html;
        misses = 0;
      } catch {
        misses += 1;
        if (misses === 2) say(document.body.dataset.offline);
      }
    }
    setTimeout(look, pause() * Math.min(2 ** misses, 16));
  };
  if (live) {
    // As the server wrote it, before anything here touches it.
    last = live.innerHTML.trim();
    setTimeout(look, pause());
  }
  awake(document);

  // A reload asks for the panel as it is, and not for yesterday's notice.
  const here = new URL(location.href);
  if (here.searchParams.has("done")) {
    here.searchParams.delete("done");
    history.replaceState(null, "", here);
  }

  // A CRM that wants to can fit its frame to the page; the height is no secret.
  if (parent !== self) {
    const tell = () => parent.postMessage({ type: "passerelle:height", height: document.documentElement.scrollHeight }, "*");
    new ResizeObserver(tell).observe(document.body);
  }
})();
