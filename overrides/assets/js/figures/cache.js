"use strict";

// A cache steps through the three loops of a product: the simulator of
// snippets/mechanics/cache_layout.py (`Cache` with one set, `triple_loop`) at order 8.
(() => {
  const { inLanguage, html, svg } = live;
  const ORDER = 8; // of the matrices
  const STEPS = ORDER ** 3; // multiply-adds; each touches one entry of A, B and C
  const LOOPS = ["ikj", "kij", "ijk", "jik", "kji", "jki"];
  const BYTES = 8; // of an entry
  const LINES = [1, 2, 4, 8]; // entries to a line
  const ROOM = 24; // lines, at most
  const UNIT = 20; // pixels
  // The corners of A, B, C and of the cache itself, in cells: C lies right of A and below B.
  const PLACES = [[0, 9], [9, 0], [9, 9], [0, 0]];
  const NAMES = ["A", "B", "C"];
  const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Indices i, j, k of a step, the last letter of the loops fastest.
  function indices(loops, step) {
    const digits = [Math.floor(step / ORDER ** 2), Math.floor(step / ORDER) % ORDER, step % ORDER];
    return ["i", "j", "k"].map((letter) => digits[loops.indexOf(letter)]);
  }

  // Entries touched in a step; A, B and C follow each other in memory, each stored by rows.
  function touched(loops, step) {
    const [i, j, k] = indices(loops, step);
    return [[i, k], [k, j], [i, j]].map(([row, column], matrix) =>
      (matrix * ORDER + row) * ORDER + column);
  }

  // An empty cache with `room` lines after so many steps. `held` has the oldest line first.
  function run(loops, entries, room, steps) {
    const held = new Set();
    const found = { held, misses: 0, last: [] };
    for (let step = 0; step < steps; step++) {
      found.last = touched(loops, step).map((entry) => {
        const line = Math.floor(entry / entries);
        const hit = held.delete(line);
        held.add(line);
        if (held.size > room) held.delete(held.values().next().value);
        found.misses += !hit;
        return { entry, hit };
      });
    }
    return found;
  }

  const { values, save } = live.remembered("cache",
    [[150, 0, STEPS], [2, 0, LOOPS.length - 1], [2, 0, LINES.length - 1], [8, 1, ROOM]]);

  const box = (x, y, width, height, attributes) =>
    svg("rect", { x: UNIT * x, y: UNIT * y, width: UNIT * width, height: UNIT * height,
      ...attributes });
  const place = (entry) => {
    const [matrix, cell] = [Math.floor(entry / ORDER ** 2), entry % ORDER ** 2];
    const [x, y] = PLACES[matrix];
    return { name: NAMES[matrix], x: x + cell % ORDER, y: y + Math.floor(cell / ORDER) };
  };
  const cells = [...Array(3 * ORDER ** 2).keys()].map((entry) => {
    const { name, x, y } = place(entry);
    return box(x, y, 1, 1, { fill: `var(--${name})`, stroke: "var(--paper)", "stroke-width": 1 });
  });
  const frames = svg("g", { fill: "none", stroke: "var(--soft)", "stroke-width": 1 });
  const marks = svg("g", { fill: "none", stroke: "var(--paper)", "stroke-width": 2.4 });
  const shelf = svg("g", { stroke: "var(--paper)", "stroke-width": 1 });
  const name = (x, y, text, colour) => svg("text",
    { x: UNIT * x, y: UNIT * y, fill: `var(--${colour})`, "font-weight": 700 }, text);
  const picture = svg("svg", { viewBox: `-2 -22 ${17 * UNIT + 4} ${18 * UNIT + 6}`,
    "aria-hidden": "true", class: "live-cache" },
  ...cells, frames, marks, shelf, name(0.4, 8.5, "A", "A"), name(17 - 0.4, -0.55, "B", "B"),
  name(8.5, 16.6, "C", "C"),
  svg("text", { x: 0, y: -11, fill: "var(--soft)", style: "text-anchor: start" },
    inLanguage("缓存，最近用的在上", "cache, last used on top")));

  // Where one line ends and the next begins.
  function drawLines(entries) {
    frames.replaceChildren(...cells.flatMap((_, entry) => {
      if (entry % entries) return [];
      const { x, y } = place(entry);
      return [box(x, y, entries, 1, {})];
    }));
  }

  // A hit is a dot, a miss a cross, on the entries of the step just done.
  function drawMarks(last) {
    marks.replaceChildren(...last.map(({ entry, hit }) => {
      const { x, y } = place(entry);
      const [cx, cy, r] = [UNIT * (x + 0.5), UNIT * (y + 0.5), UNIT / 4];
      if (hit) return svg("circle", { cx, cy, r: 2.4, fill: "var(--paper)" });
      const stroke = (rise) => `M${cx - r} ${cy - rise}L${cx + r} ${cy + rise}`;
      return svg("path", { d: stroke(r) + stroke(-r) });
    }));
  }

  // The lines of the cache, the one used last on top, the next to go at the bottom.
  function drawShelf(held, entries, room) {
    const height = Math.min(1, ORDER / room);
    const newest = [...held].reverse();
    shelf.replaceChildren();
    for (let row = 0; row < room; row++) {
      for (let column = 0; column < entries; column++) {
        const line = newest[row];
        const at = [PLACES[3][0] + column, PLACES[3][1] + row * height, 1, height];
        shelf.append(line === undefined
          ? box(...at, { fill: "none", stroke: "var(--line)" })
          : box(...at, { fill: `var(--${place(line * entries).name})`, "fill-opacity": 0.5 }));
      }
    }
  }

  const player = live.player(values, 0, () => STEPS, show, CALM ? 1000 : 60, CALM ? ORDER : 1);
  const { go } = player;
  const totals = LOOPS.map((loops, at) => {
    const input = html("input", { type: "radio", name: "fig-cache", value: at });
    input.addEventListener("change", () => go(() => (values[1] = at)));
    const bar = html("span", { class: "live-bar" });
    const count = html("span", { class: "live-value", "data-total": loops });
    return { input, bar, count, label: html("label", {}, input, html("span", {}, loops),
      html("span", { class: "live-track" }, bar), count) };
  });
  const step = live.slider(inLanguage("步", "Step"), 0, STEPS, 1, (value) =>
    go(() => (values[0] = value)));
  const line = live.slider(inLanguage("缓存行", "A line"), 0, LINES.length - 1, 1, (value) =>
    go(() => (values[2] = value)));
  const room = live.slider(inLanguage("装得下", "Room for"), 1, ROOM, 1, (value) =>
    go(() => (values[3] = value)));
  const said = html("output", { class: "live-formula" });
  const readout = live.readout({
    misses: inLanguage("× 到此未命中", "× misses so far"),
    hits: inLanguage("● 到此命中", "● hits so far"),
  });

  // The step in two lines, such as C[0, 3] += A[0, 2]·B[2, 3] and A hit, B miss, C hit.
  function words(loops, done, last) {
    if (!done) return [inLanguage("缓存是空的", "The cache is empty"), html("br"), "\u00a0"];
    const [i, j, k] = indices(loops, done - 1);
    const fared = last.map(({ hit }, matrix) => `${NAMES[matrix]} ` +
      (hit ? inLanguage("命中", "hit") : inLanguage("未命中", "miss")));
    return [`C[${i}, ${j}] += A[${i}, ${k}]·B[${k}, ${j}]`, html("br"),
      fared.join(inLanguage("，", ", "))];
  }

  function show() {
    values.forEach((value, at) => (values[at] = Math.round(value)));
    const [done, at, size, lines] = values;
    const entries = LINES[size];
    const { held, misses, last } = run(LOOPS[at], entries, lines, done);
    const now = new Set(last.map(({ entry }) => entry));
    cells.forEach((cell, entry) => {
      const here = held.has(Math.floor(entry / entries));
      cell.setAttribute("fill-opacity", now.has(entry) ? 1 : here ? 0.5 : 0.1);
      cell.toggleAttribute("data-held", here);
    });
    drawLines(entries);
    drawMarks(last);
    drawShelf(held, entries, lines);
    totals.forEach(({ input, bar, count }, which) => {
      const total = run(LOOPS[which], entries, lines, STEPS).misses;
      input.checked = which === at;
      bar.style.width = `${100 * total / (3 * STEPS)}%`;
      count.textContent = total;
    });
    step.show(done, `${done} / ${STEPS}`);
    line.show(size, inLanguage(`${entries} 个数，${entries * BYTES} 字节`,
      `${entries} ${entries > 1 ? "entries" : "entry"}, ${entries * BYTES} bytes`));
    room.show(lines, inLanguage(`${lines} 个缓存行`, `${lines} ${lines > 1 ? "lines" : "line"}`));
    readout.show({ misses, hits: 3 * done - misses });
    player.label();
    said.setAttribute("aria-live", player.playing() ? "off" : "polite");
    said.replaceChildren(...words(LOOPS[at], done, last));
    save();
  }

  live.stand("cache", inLanguage("三重循环走过缓存", "Three loops walk through a cache"), picture,
    html("div", { class: "live-controls" },
      html("fieldset", { class: "live-totals" }, html("legend", {},
        inLanguage(`循环次序：走完 ${STEPS} 步的未命中次数`,
          `Loop order: misses after all ${STEPS} steps`)),
      ...totals.map(({ label }) => label)),
      line.label, room.label, player.buttons, step.label, said, readout.list),
    live.note(
      `三个矩阵都是 ${ORDER} 阶 float64，按行存，前后相连。缓存行放在哪里都行，扔掉最久没用的。`,
      `Three matrices of order ${ORDER}, float64, stored by rows one after the other. A line may`
      + " stand anywhere, and the one used least recently goes."));
  show();
})();
