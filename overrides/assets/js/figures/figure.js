"use strict";

// What the interactive figures share. A figure that the page marks with data-interactive="name"
// shows what `live.stand(name, ...)` is given in place of its drawing, which stays for print.
const live = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const inLanguage = (zh, en) => (document.documentElement.lang === "en" ? en : zh);

  function filled(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  const html = (name, attributes = {}, ...children) =>
    filled(document.createElement(name), attributes, children);
  const svg = (name, attributes = {}, ...children) =>
    filled(document.createElementNS(SVG, name), attributes, children);

  function stand(name, title, ...children) {
    const figure = document.querySelector(`figure[data-interactive="${name}"]`);
    const box = html("div", { class: "live", role: "group", "aria-label": title }, ...children);
    figure.querySelector(".woven-scroll").after(box);
    figure.classList.add("is-live");
  }

  // Numbers kept in the address as ?fig-name=1,2,3, so that what is seen can be linked to.
  // `limits` holds [initial, least, most] for each; what the address says badly is passed over.
  function remembered(name, limits) {
    const key = `fig-${name}`;
    const initial = limits.map(([value]) => value);
    const given = new URLSearchParams(location.search).get(key)?.split(",") ?? [];
    const values = limits.map(([value, least, most], i) => {
      const number = given[i]?.trim() ? Number(given[i]) : NaN;
      return Number.isFinite(number) ? Math.min(most, Math.max(least, number)) : value;
    });
    let timer;
    function write() {
      const query = new URLSearchParams(location.search);
      if (String(values) === String(initial)) query.delete(key);
      else query.set(key, values.map((value) => +value.toFixed(4)).join(","));
      const search = query.toString().replaceAll("%2C", ",");
      const address = location.pathname + (search && `?${search}`) + location.hash;
      history.replaceState(history.state, "", address);
      const language = document.querySelector("a.language");
      if (language) language.search = location.search; // the same view in the other language
    }
    const save = () => {
      clearTimeout(timer);
      timer = setTimeout(write, 200); // browsers refuse a new address at every pixel of a drag
    };
    if (given.length) write();
    return { values, save };
  }

  // A range with its name and its value in words.
  function slider(name, least, most, step, changed) {
    const input = html("input", { type: "range", min: least, max: most, step });
    const value = html("span", { class: "live-value", "aria-hidden": "true" });
    const label = html("label", {}, html("span", {}, name), input, value);
    input.addEventListener("input", () => changed(input.valueAsNumber));
    const show = (number, words) => {
      input.value = number;
      input.setAttribute("aria-valuetext", words);
      value.textContent = words;
    };
    return { label, input, show };
  }

  function button(words, pressed) {
    const made = html("button", { type: "button" }, words);
    made.addEventListener("click", pressed);
    return made;
  }

  // Names and values in two columns; `show({ name: text })` fills them in.
  function readout(names) {
    const places = {};
    const list = html("dl", { class: "live-readout" });
    for (const [key, name] of Object.entries(names)) {
      places[key] = html("dd", { "data-value": key });
      list.append(html("dt", {}, name), places[key]);
    }
    const show = (texts) => {
      for (const [key, text] of Object.entries(texts)) places[key].textContent = text;
    };
    return { list, show };
  }

  // A minus that is one, and never that of -0.
  const number = (value, digits) =>
    (+value.toFixed(digits) || 0).toFixed(digits).replace("-", "\u2212");

  return { inLanguage, html, svg, stand, remembered, slider, button, readout, number };
})();
