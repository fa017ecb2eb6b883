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

  // Text kept in the address as ?fig-name=text, so that what is seen can be linked to; none while
  // it is the initial one. `given` is what the address said, or null.
  function kept(name, initial) {
    const key = `fig-${name}`;
    const given = new URLSearchParams(location.search).get(key);
    let timer;
    function write(text) {
      const query = new URLSearchParams(location.search);
      if (text === initial) query.delete(key);
      else query.set(key, text);
      const search = query.toString().replaceAll("%2C", ",");
      const address = location.pathname + (search && `?${search}`) + location.hash;
      history.replaceState(history.state, "", address);
      const language = document.querySelector("a.language");
      if (language) language.search = location.search; // the same view in the other language
    }
    const save = (text) => {
      clearTimeout(timer);
      timer = setTimeout(write, 200, text); // browsers refuse a new address at each pixel of a drag
    };
    return { given, save, write };
  }

  // Numbers kept so: `limits` holds [initial, least, most] for each; what the address says badly
  // is passed over.
  function remembered(name, limits) {
    const words = (numbers) => numbers.map((number) => +number.toFixed(4)).join(",");
    const { given, save, write } = kept(name, words(limits.map(([value]) => value)));
    const parts = given?.split(",") ?? [];
    const values = limits.map(([value, least, most], i) => {
      const number = parts[i]?.trim() ? Number(parts[i]) : NaN;
      return Number.isFinite(number) ? Math.min(most, Math.max(least, number)) : value;
    });
    if (given !== null) write(words(values));
    return { values, save: () => save(words(values)) };
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

  // Back, Play and Next for `values[at]`, a step from 0 to `last()`. `go` makes any change that the
  // reader asks for, which stops the show; `label` says what pressing Play would do now.
  function player(values, at, last, show, pace = 1000, stride = 1) {
    let timer;
    const go = (change) => {
      clearInterval(timer);
      timer = undefined;
      change();
      show();
    };
    const next = () => {
      values[at] = Math.min(values[at] + stride, last());
      if (values[at] === last()) go(() => {});
      else show();
    };
    const start = () => {
      if (values[at] === last()) values[at] = -stride;
      timer = setInterval(next, pace);
      next();
    };
    const move = (by) => go(() => (values[at] = (values[at] + by + last() + 1) % (last() + 1)));
    const play = button("", () => (timer ? go(() => {}) : start()));
    const buttons = html("div", { class: "live-buttons" },
      button(inLanguage("上一步", "Back"), () => move(-1)), play,
      button(inLanguage("下一步", "Next"), () => move(1)));
    const label = () =>
      (play.textContent = timer ? inLanguage("停", "Pause") : inLanguage("播放", "Play"));
    return { buttons, go, label, playing: () => Boolean(timer) };
  }

  // The conditions under which the numbers hold, or how to read them.
  const note = (zh, en) => html("p", { class: "live-note" }, inLanguage(zh, en));

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

  return {
    inLanguage, html, svg, stand, kept, remembered, slider, button, player, note, readout, number,
  };
})();
