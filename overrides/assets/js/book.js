"use strict";

// 1. What the search needs is asked for when the reader first turns to it, not on every page: its
// scripts, search.js for Material's worker, and its index, which Material asks for by itself.
(() => {
  const own = new URL("search.js", document.currentScript.src);
  const wanted = new Promise((resolve) => {
    const query = new URLSearchParams(location.search);
    if (query.has("q") || query.has("h")) resolve(); // a linked search, highlighted words
    const turned = (event) => event.target.matches("[name=query], #__search") && resolve();
    addEventListener("focusin", turned, true);
    addEventListener("change", turned, true);
  });
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.waits = String(url).endsWith("/search_index.json");
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (this.waits) wanted.then(() => send.call(this, body));
    else send.call(this, body);
  };
  const Thread = window.Worker;
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const pass = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.thread = wanted.then(() => {
        const thread = new Thread(own);
        thread.addEventListener("message", pass);
        thread.postMessage({ script: String(new URL(url, location)) });
        return thread;
      });
    }
    postMessage(message) {
      this.thread.then((thread) => thread.postMessage(message));
    }
  };

  // While nothing is found, and before anything is typed: what can be asked, and in which words.
  wanted.then(() => {
    const hint = document.createElement("p");
    hint.className = "search-hint";
    const { base } = JSON.parse(document.querySelector("#__config").textContent);
    const glossary = `${base}/reference/glossary/${location.protocol === "file:" ? "index.html" : ""}`;
    hint.innerHTML =
      document.documentElement.lang === "en"
        ? `A term, a name in code, or a question. The book's words are in the <a href="${glossary}">glossary</a>.`
        : `可以搜术语、代码里的名字，也可以直接问。书里的叫法见<a href="${glossary}">术语表</a>。`;
    document.querySelector(".md-search-result__list")?.before(hint);
  });
})();

// 2. The language link keeps the section that is being read, and the place in it. Both languages
// have the same headings, blocks of code and figures: what lies between two of them is longer in
// one than in the other, so the place is kept as a share of it.
const english = document.documentElement.lang === "en";
const other = document.querySelector("a.language");
const OFFERED = "language-offered";
const kept = {
  // A browser may refuse to keep anything.
  get: (area, key) => { try { return window[area].getItem(key); } catch { return null; } },
  set: (area, key, value) => { try { window[area].setItem(key, value); } catch { } },
};
(() => {
  const bounds = () => [
    ...[...document.querySelectorAll(".md-content :is(h1, h2, h3, h4, .snippet, figure.woven)")]
      .filter((mark) => !mark.closest("details")) // what one page unfolds, the other has folded
      .map((mark) => mark.getBoundingClientRect().top + scrollY),
    document.body.scrollHeight,
  ];

  function leave() {
    const tops = bounds(), line = scrollY + innerHeight / 4;
    const last = tops.findLastIndex((top) => top <= line);
    const share = (line - tops[last]) / (tops[last + 1] - tops[last]);
    const place = { path: new URL(other.href).pathname, count: tops.length, last, share };
    kept.set("sessionStorage", "place", JSON.stringify(scrollY && last >= 0 ? place : null));
    kept.set("localStorage", OFFERED, "known");
    const reading = document.querySelector(".md-nav--secondary .md-nav__link--active");
    other.hash = reading ? new URL(reading.href).hash : location.hash;
  }

  function arrive() {
    const place = JSON.parse(kept.get("sessionStorage", "place"));
    kept.set("sessionStorage", "place", "null");
    const go = () => {
      const tops = bounds();
      if (place.path !== location.pathname || place.count !== tops.length) return;
      const [from, to] = tops.slice(place.last);
      scrollTo(0, from + place.share * (to - from) - innerHeight / 4);
    };
    if (!place) return;
    go();
    addEventListener("load", () => setTimeout(go)); // the browser scrolls to the section itself
  }

  other?.addEventListener("click", leave);
  arrive();
})();

// 3. The other language is offered once, where the browser prefers it.
(() => {
  const written = document.head.querySelector(`link[hreflang="${other?.lang}"]`);
  const preferred = navigator.languages.map((tag) => tag.slice(0, 2));
  if (!written || preferred.find((tag) => ["zh", "en"].includes(tag)) !== other.lang) return;
  if (kept.get("localStorage", OFFERED)) return;
  kept.set("localStorage", OFFERED, "offered");
  if (!kept.get("localStorage", OFFERED)) return; // or it would be offered on every page
  const words = english
    ? ["本书有中文版。", "看中文版", "不用了"]
    : ["This book is also in English.", "Read it in English", "No, thanks"];
  const make = (name, text, given) =>
    Object.assign(document.createElement(name), { textContent: text }, given);
  const line = make("aside", "", { className: "offer", lang: other.lang, ariaLabel: words[0] });
  const link = make("a", words[1], { href: other.href });
  const close = make("button", words[2], { type: "button" });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    other.click(); // which keeps the place
  });
  close.addEventListener("click", () => {
    line.remove();
    other.focus({ preventScroll: true });
  });
  line.append(make("span", words[0]), link, close);
  // Not beside what else the body holds: a browser would style all that follows anew.
  document.querySelector("[data-md-component=announce]").append(line);
})();

// 4. Dark or light: as the system has it, until the reader chooses. Material's script at the head of
// the page reads what is kept here, so that the next page starts with it.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const scheme = () => document.body.getAttribute("data-md-color-scheme");
  let chosen = false;
  try {
    chosen = __md_get("__palette")?.chosen;
  } catch { } // a browser may refuse to keep anything
  const paint = (dark) => {
    const color = { scheme: dark ? "slate" : "default" };
    if (color.scheme !== scheme()) document.body.setAttribute("data-md-color-scheme", color.scheme);
    __md_set("__palette", { color, chosen });
  };
  const follow = () => chosen || paint(system.matches);
  follow();
  system.addEventListener("change", follow);
  document.querySelector(".palette")?.addEventListener("click", () => {
    chosen = true;
    paint(scheme() !== "slate");
  });
})();

// 5. The copy button of every code block; the book's own snippets bring theirs along.
const words = english ? ["Copy", "Copied"] : ["复制", "已复制"];
for (const block of document.querySelectorAll(".md-content .highlight")) {
  let button = block.closest(".snippet")?.querySelector(".copy");
  if (!button) {
    button = document.createElement("button");
    button.className = "copy";
    button.type = "button";
    button.textContent = words[0];
    block.append(button);
  }
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent.trimEnd() + "\n");
    button.textContent = words[1];
    setTimeout(() => (button.textContent = words[0]), 2000);
  });
}

// 6. What scrolls sideways can be reached, and scrolled, with the keyboard. Whether code does is not
// known until it comes into view: until then it can be reached.
const scrolls = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else if (!target.matches(".highlight :focus")) target.removeAttribute("tabindex");
  }
});
const boxes = ".table, .woven-scroll, .formula, .snippet-output, .highlight code, article p:has(math)";
for (const box of document.querySelectorAll(boxes)) {
  if (box.matches(".highlight code")) box.tabIndex = 0;
  scrolls.observe(box);
}

// 7. A term's meaning shows while the term is pointed at or has the focus: the style sheet sees to
// that. A finger's first touch shows it, the second follows the link; Escape takes it away.
const termAt = (event) => event.target.closest?.(".term");
let shows = null;
document.addEventListener("pointerdown", (event) => {
  const term = termAt(event);
  shows = event.pointerType === "touch" && term !== document.activeElement ? term : null;
});
document.addEventListener("click", (event) => {
  if (shows && termAt(event) === shows) {
    event.preventDefault();
    shows.focus();
  }
  shows = null;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const shown = document.querySelectorAll(".term:is(:hover, :focus)");
  shown.forEach((term) => term.classList.add("is-left"));
});
for (const left of ["pointerout", "focusout"]) {
  document.addEventListener(left, (event) => termAt(event)?.classList.remove("is-left"));
}

// 8. A reader who takes a path through the book, by a link with ?path=, finds on its pages where it
// goes on, until they leave it. The tab remembers it, if the browser lets it; else the links do.
(() => {
  const key = "matmul-book.path";
  const address = new URL(location);
  let taken = address.searchParams.get("path");
  try {
    taken ??= sessionStorage.getItem(key);
    if (taken) sessionStorage.setItem(key, taken);
  } catch {}
  const lines = [...document.querySelectorAll("nav.path")];
  const line = lines.find(({ dataset }) => dataset.path === taken);
  if (!line) return;
  line.hidden = false;
  line.querySelector("button").addEventListener("click", () => {
    try {
      sessionStorage.removeItem(key);
    } catch {}
    address.searchParams.delete("path");
    history.replaceState(history.state, "", address);
    line.remove();
  });
})();

// 9. Every figure can be looked at large. It moves into a dialog, and back when that closes: so
// one that can be tried goes on as it was. An empty figure keeps the room.
for (const figure of document.querySelectorAll("figure.woven")) {
  const words = english ? ["Enlarge", "Close"] : ["放大", "关闭"];
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words[0];
  figure.querySelector(".figure-tools").prepend(button);

  function enlarge() {
    const dialog = document.createElement("dialog"), room = document.createElement("figure");
    dialog.className = "large";
    dialog.ariaLabel = figure.querySelector(".figure-number").textContent;
    room.className = "woven";
    room.style.height = `${figure.offsetHeight}px`;
    figure.before(dialog, room);
    dialog.append(figure);
    button.textContent = words[1];
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      button.textContent = words[0];
      room.replaceWith(figure);
      dialog.remove();
      button.focus({ preventScroll: true });
    });
    dialog.showModal();
    button.focus();
  }

  const opened = () => figure.closest("dialog");
  button.addEventListener("click", () => (opened() ? opened().close() : enlarge()));
  figure.querySelector(".woven-scroll").addEventListener("click", () => opened() || enlarge());
}
