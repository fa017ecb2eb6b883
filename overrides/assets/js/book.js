"use strict";

// 1. What the search needs is asked for when the reader first turns to it, not on every page:
// its script, which Material starts as a worker, and its index, which Material asks for by itself.
(() => {
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
        const thread = new Thread(url);
        thread.addEventListener("message", pass);
        return thread;
      });
    }
    postMessage(message) {
      this.thread.then((thread) => thread.postMessage(message));
    }
  };
})();

// 2. The language link keeps the section that is being read.
document.querySelector(".language")?.addEventListener("click", (event) => {
  const reading = document.querySelector(".md-nav--secondary .md-nav__link--active");
  const section = reading ? new URL(reading.href).hash : location.hash;
  event.currentTarget.href = event.currentTarget.href.replace(/#.*/, "") + section;
});

// 3. The copy button of every code block; the book's own snippets bring theirs along.
const words = document.documentElement.lang === "en" ? ["Copy", "Copied"] : ["复制", "已复制"];
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

// 4. What scrolls sideways can be reached, and scrolled, with the keyboard.
const scrolls = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const boxes = ".table, .woven-scroll, .formula, .snippet-output, .highlight code, article p:has(math)";
document.querySelectorAll(boxes).forEach((box) => scrolls.observe(box));
