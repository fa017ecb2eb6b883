"use strict";

// Browsers start no worker for a page that is opened from a folder. There, what a worker would
// run, the search, runs in a hidden frame. Only the book for reading offline loads this script.
window.Worker = class extends EventTarget {
  constructor(url) {
    super();
    this.inside = new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.addEventListener("load", () => resolve(frame.contentWindow), { once: true });
      document.body.append(frame);
    }).then((inside) => this.run(inside, url));
  }
  async run(inside, url) {
    const load = (source) =>
      new Promise((resolve, reject) => {
        const script = inside.document.createElement("script");
        script.addEventListener("load", resolve);
        script.addEventListener("error", reject);
        script.src = source;
        inside.document.body.append(script);
      });
    inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
    inside.importScripts = async (...sources) => {
      for (const source of sources) await load(source);
    };
    await load(url);
    return inside;
  }
  async postMessage(data) {
    (await this.inside).dispatchEvent(new MessageEvent("message", { data }));
  }
};
