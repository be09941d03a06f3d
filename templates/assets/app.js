// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What pages can do better where scripts run. Nothing depends on it: every page works without this file.

(() => {
  "use strict";

  const words = document.getElementById("keys");
  const say = (name, value) => (words?.dataset[name] ?? "{}").replace("{}", value);
  const calm = () => document.documentElement.classList.contains("still")
    || matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Text areas are as high as what is in them.
  function autosize(area) {
    const fit = () => {
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + 2}px`;
    };
    area.addEventListener("input", fit);
    if (area.value) fit();
  }

  // Characters as the server counts them: code points, an address as 23 of them.
  const lengthOf = (text) => [...text.replace(/https?:\/\/\S+/g, "x".repeat(23))].length;

  function count(area) {
    const place = document.getElementById("compose-limit");
    const limit = Number(place?.dataset.limit);
    const summary = document.getElementById("compose-summary");
    if (!limit || !words) return;
    const usual = place.textContent;
    const live = document.createElement("span");
    live.className = "unseen";
    live.setAttribute("role", "status");
    place.after(live);
    const before = lengthOf(area.value) + lengthOf(summary?.value ?? "");
    const show = () => {
      const length = lengthOf(area.value) + lengthOf(summary?.value ?? "");
      const left = limit - length;
      place.textContent = length ? say(left < 0 ? "over" : "left", Math.abs(left)) : usual;
      place.classList.toggle("too-long", left < 0);
      if (left < 0) area.setAttribute("aria-invalid", "true");
      else if (length !== before) area.removeAttribute("aria-invalid");
      // Ears are told near the end only.
      live.textContent = length && left < 50 && (left % 10 === 0 || left < 0) ? place.textContent : "";
    };
    for (const input of [area, summary]) input?.addEventListener("input", show);
    show();
  }

  // A picture that was chosen is shown before it is sent, with its description as the text.
  function preview(input) {
    const text = input.parentElement.querySelector("input[type=text]");
    let image;
    input.addEventListener("change", () => {
      if (image) {
        URL.revokeObjectURL(image.src);
        image.remove();
        image = undefined;
      }
      const file = input.files[0];
      if (!file?.type.startsWith("image/")) return;
      image = new Image();
      image.src = URL.createObjectURL(file);
      image.className = "preview";
      const describe = () => { image.alt = text?.value || say("preview", input.name.slice(-1)); };
      text?.addEventListener("input", describe);
      describe();
      input.after(image);
    });
  }

  // Who leaves a page with a text that was not sent is asked.
  function guard(form) {
    let sent = false;
    const state = () => JSON.stringify([...new FormData(form)].map(([name, value]) =>
      [name, typeof value === "string" ? value : value.name]));
    const before = state();
    form.addEventListener("submit", () => { sent = true; });
    addEventListener("beforeunload", (event) => {
      if (!sent && state() !== before) event.preventDefault();
    });
    addEventListener("pageshow", () => { sent = false; });
  }

  // The same form is not sent twice by a second click; the server would notice as well.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Timelines and notifications hear that there is more above, while somebody looks.
  function news(place) {
    let source;
    const stop = () => { source = source?.close(); };
    const tell = () => {
      stop();
      const link = document.createElement("a");
      link.className = "button quiet news";
      link.href = location.pathname;
      link.textContent = place.dataset.news;
      place.replaceChildren(link);
    };
    const listen = () => {
      stop();
      if (document.hidden || place.firstChild) return;
      source = new EventSource(place.dataset.live);
      source.addEventListener("message", tell);
    };
    document.addEventListener("visibilitychange", listen);
    addEventListener("pagehide", stop);
    addEventListener("pageshow", listen);
  }

  // Single keys: j k n r f b o ?. Whoever does not want them switches them off (WCAG 2.1.4).
  const posts = () => [...document.querySelectorAll("main article.post")];
  const present = () => document.activeElement?.closest?.("article.post");

  function move(step) {
    const all = posts();
    const at = all.indexOf(present());
    const next = all[at < 0 ? (step > 0 ? 0 : -1) : at + step];
    if (!next) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
  }

  const press = (selector) => present()?.querySelector(selector)?.click();
  const deeds = {
    j: () => move(1),
    k: () => move(-1),
    n: () => { location.href = "/compose/"; },
    r: () => press("a.action.reply"),
    f: () => press("button.action.like"),
    b: () => press("button.action.boost"),
    o: () => press("a.when"),
    "?": () => words.showModal(),
  };

  function keys(event) {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!Object.hasOwn(deeds, event.key)) return;
    event.preventDefault();
    deeds[event.key]();
  }

  // Of many tabs on a narrow screen the present one is seen.
  document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - 48;
  });
  document.querySelectorAll("textarea:not([readonly])").forEach(autosize);
  document.querySelectorAll("form.compose").forEach((form) => {
    count(form.querySelector("textarea"));
    guard(form);
  });
  document.querySelectorAll("input[type=file]").forEach(preview);
  document.querySelectorAll("[data-live]").forEach(news);
  if (words?.hasAttribute("data-on")) document.addEventListener("keydown", keys);
})();
