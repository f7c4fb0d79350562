// Conveniences only: every page works without this file. No inline code, no eval, same origin only.
(function () {
  "use strict";
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // --- announcements for screen readers
  const announcer = document.createElement("div");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  document.body.append(announcer);

  // --- copy: <button hidden data-copy="#id" data-copied="Copied">
  async function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // plain http: no clipboard API
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copy refused");
  }

  each("[data-copy]", (button) => {
    const source = document.querySelector(button.dataset.copy);
    if (!source) return;
    const word = button.querySelector("[data-word]") || button;
    const before = word.textContent;
    let timer;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = "value" in source ? source.value : source.textContent.trim();
      try {
        await copyText(text);
        button.focus();
        word.textContent = announcer.textContent = button.dataset.copied || before;
        clearTimeout(timer);
        timer = setTimeout(() => {
          word.textContent = before;
          announcer.textContent = "";
        }, 2000);
      } catch {
        getSelection().selectAllChildren(source); // then Ctrl+C is one key away
      }
    });
  });

  // --- live check: <input data-check-url="…" data-check-target="#id">; GET ?<field name>=<value>.
  // The answer is an HTML fragment, or JSON {"state": "ok|warn|bad|info", "text": "…"}.
  each("[data-check-url]", (field) => {
    const target = document.querySelector(field.dataset.checkTarget);
    if (!target) return;
    let timer, running;
    async function check() {
      if (running) running.abort();
      running = null;
      if (!field.value.trim()) return target.replaceChildren();
      const asked = (running = new AbortController());
      const url = new URL(field.dataset.checkUrl, location.href);
      if (url.origin !== location.origin) return;
      url.searchParams.set(field.name, field.value);
      try {
        const answer = await fetch(url, {
          signal: asked.signal,
          credentials: "same-origin",
          headers: { Accept: "text/html, application/json" },
        });
        // A redirect is the sign-in page of an ended session, never an answer.
        if (!answer.ok || answer.redirected) return target.replaceChildren();
        const json = (answer.headers.get("Content-Type") || "").includes("json");
        const body = json ? await answer.json() : await answer.text();
        if (asked !== running) return;
        if (!json) return (target.innerHTML = body);
        const note = document.createElement("span");
        note.className = "pill " + body.state;
        note.textContent = body.text;
        target.replaceChildren(note);
      } catch (error) {
        if (error.name !== "AbortError") target.replaceChildren();
      }
    }
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(check, 300);
    });
  });

  // --- progress: an element with an id and data-refresh="seconds" is replaced by itself, read anew
  // from data-refresh-url (default: this page). It stops when the new one no longer asks for it.
  function refreshLater(box) {
    setTimeout(async () => {
      const url = box.dataset.refreshUrl || location.href;
      try {
        const answer = await fetch(url, { credentials: "same-origin" });
        if (answer.redirected) return location.replace(answer.url);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = answer.ok && page.getElementById(box.id);
        if (!fresh) return location.reload();
        if (!fresh.dataset.refresh) return location.reload();
        box.replaceWith(fresh);
        refreshLater(fresh);
      } catch {
        refreshLater(box); // offline for a moment
      }
    }, 1000 * (Number(box.dataset.refresh) || 2));
  }
  each("[data-refresh][id]", refreshLater);

  // --- SAML HTTP-POST binding: send the form on, unless the person came back with the Back button
  const form = document.getElementById("auto-submit");
  const arrival = performance.getEntriesByType("navigation")[0];
  if (form && !(arrival && arrival.type === "back_forward")) {
    HTMLFormElement.prototype.submit.call(form);
  }
})();
