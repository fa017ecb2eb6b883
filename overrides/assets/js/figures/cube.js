"use strict";

// The product as a cube: one cell for each multiplication, read by dots, sheets, columns and rows.
(() => {
  const { inLanguage, html, svg } = live;
  const SIDE = 52; // of a cell of the factors and of the product, in pixels
  const BACK = [26, 39]; // one layer towards the reader: between the tiles of the one behind
  const TILE = 25;
  const GAP = 12;
  // `prices` and `baskets` of snippets/foundations/products.py
  const PRICES = [[3, 2, 5], [4, 3, 2]];
  const BASKETS = [[2, 1, 0, 5], [1, 0, 4, 0], [3, 2, 1, 0]];
  const READINGS = [
    inLanguage("点积", "dot products"), inLanguage("外积之和", "sum of outer products"),
    inLanguage("按列", "by columns"), inLanguage("按行", "by rows"),
  ];
  const [DOTS, OUTER, COLUMNS] = [0, 1, 2];
  const transposed = (m) => m[0].map((_, j) => m.map((row) => row[j]));

  const { values, save } = live.remembered("cube", [[DOTS, 0, 3], [0, 0, 15], [0, 0, 1]]);
  const picture = svg("svg", { "aria-hidden": "true", class: "live-cube" });
  const formula = html("output", { class: "live-formula" });
  const turned = html("input", { type: "checkbox" });
  let playing;

  // The factors and, for each cell of the cube, the step at which a reading computes it.
  function scene() {
    const [reading, , flipped] = values.map(Math.round);
    const a = flipped ? transposed(BASKETS) : PRICES;
    const b = flipped ? transposed(PRICES) : BASKETS;
    const [m, k, n] = [a.length, b.length, b[0].length];
    const when = [(i, j) => i * n + j, (i, j, l) => l, (i, j) => j, (i) => i][reading];
    return { a, b, m, k, n, reading, flipped, when, steps: [m * n, k, n, m][reading] };
  }

  function quad(x, y, u, v, colour, lit, text, matrix) {
    const corners = [[x, y], [x + u[0], y + u[1]], [x + u[0] + v[0], y + u[1] + v[1]],
      [x + v[0], y + v[1]]];
    const shape = svg("polygon", {
      points: corners.join(" "), stroke: `var(--${colour})`, fill: `var(--${colour})`,
      "fill-opacity": lit ? 1 : 0.08, "stroke-width": 1,
    });
    const label = svg("text", {
      x: x + (u[0] + v[0]) / 2, y: y + (u[1] + v[1]) / 2, fill: lit ? "var(--paper)" : "var(--ink)",
      "data-cell": matrix,
    }, text);
    picture.append(shape, label);
  }

  function draw({ a, b, m, k, n, when, reading, flipped }, now) {
    const [right, down] = [[SIDE, 0], [0, SIDE]];
    const [aside, above] = BACK.map((size) => k * size + GAP); // the factors hide no cell
    const origin = [aside + 4, above + 4]; // the corner at the back
    const lit = (cells) => cells.some((step) => step === now);
    const range = (count) => [...Array(count).keys()];
    const at = (j, i, l) => [0, 1].map((axis) =>
      origin[axis] + [j, i][axis] * SIDE + l * BACK[axis]);
    const [first, second] = flipped ? ["B", "A"] : ["A", "B"]; // a matrix keeps its colour
    const mark = flipped ? "\u1d40" : "";
    picture.replaceChildren();
    for (const l of range(k)) {
      for (const j of range(n)) {
        const [x, y] = at(j, 0, l);
        quad(x, y - above, right, BACK, second, lit(range(m).map((i) => when(i, j, l))), b[l][j],
          "B");
      }
      for (const i of range(m)) {
        const [x, y] = at(0, i, l);
        quad(x - aside, y, BACK, down, first, lit(range(n).map((j) => when(i, j, l))), a[i][l],
          "A");
      }
    }
    for (const l of range(k)) for (const i of range(m)) for (const j of range(n)) {
      const step = when(i, j, l);
      const [x, y] = at(j, i, l + 0.5);
      const inset = (SIDE - TILE) / 2;
      const done = step <= now;
      quad(x + inset, y + inset, [TILE, 0], [0, TILE], step === now ? "ink" : "soft", step === now,
        done ? a[i][l] * b[l][j] : "", "cube");
    }
    const out = Math.min((m * SIDE - GAP) / BACK[1], (n * SIDE - GAP) / BACK[0]);
    for (const i of range(m)) for (const j of range(n)) {
      const terms = range(k).filter((l) => when(i, j, l) <= now);
      const sum = terms.reduce((total, l) => total + a[i][l] * b[l][j], 0);
      const [x, y] = at(j, i, k + out);
      const current = reading === OUTER || lit([when(i, j, 0)]);
      quad(x, y, right, down, "C", current, terms.length ? sum : "", "C");
    }
    const name = (x, y, text, colour) => picture.append(
      svg("text", { x, y, fill: `var(--${colour})`, "font-weight": 700 }, text));
    const [cx, cy] = at(n, m, k + out);
    name(origin[0] + n * SIDE + 20, origin[1] - above + 12, second + mark, second);
    name(origin[0] - aside + 4, origin[1] + m * SIDE + 26, first + mark, first);
    name(cx + 12, cy - 12, "C" + mark, "C");
    picture.setAttribute("viewBox", `0 0 ${cx + 26} ${cy + 4}`);
  }

  function words({ a, b, k, n, reading }, now) {
    const terms = (pairs) => pairs.map(([x, y]) => `${x}·${y}`).join(" + ");
    const all = [...Array(k).keys()];
    if (reading === DOTS) {
      const [i, j] = [Math.floor(now / n), now % n];
      const sum = all.reduce((total, l) => total + a[i][l] * b[l][j], 0);
      return `C[${i}, ${j}] = ${terms(all.map((l) => [a[i][l], b[l][j]]))} = ${sum}`;
    }
    if (reading === OUTER) {
      return inLanguage(`左边第 ${now} 列乘右边第 ${now} 行，加进 C`,
        `Column ${now} on the left times row ${now} on the right, added to C`);
    }
    if (reading === COLUMNS) {
      const mix = all.map((l) => inLanguage(`${b[l][now]}·列 ${l}`, `${b[l][now]}·column ${l}`));
      return inLanguage(`C 的列 ${now}`, `column ${now} of C`) + ` = ${mix.join(" + ")}`;
    }
    const mix = all.map((l) => inLanguage(`${a[now][l]}·行 ${l}`, `${a[now][l]}·row ${l}`));
    return inLanguage(`C 的行 ${now}`, `row ${now} of C`) + ` = ${mix.join(" + ")}`;
  }

  const radios = READINGS.map((name, reading) => {
    const input = html("input", { type: "radio", name: "fig-cube", value: reading });
    input.addEventListener("change", () => go(() => values.splice(0, 2, reading, 0)));
    return { input, label: html("label", {}, input, html("span", {}, name)) };
  });
  const step = live.slider(inLanguage("步", "Step"), 0, 1, 1, (value) =>
    go(() => (values[1] = value)));
  const move = (by) => go(() => (values[1] = (values[1] + by + scene().steps) % scene().steps));
  const play = live.button("", () => (playing ? go(() => {}) : start()));
  turned.addEventListener("change", () => go(() => values.splice(1, 2, 0, +turned.checked)));

  // What the reader does stops the show.
  function go(change) {
    clearInterval(playing);
    playing = undefined;
    change();
    show();
  }

  function start() {
    const { steps } = scene();
    if (values[1] >= steps - 1) values[1] = -1;
    const next = () => {
      values[1] += 1;
      if (values[1] >= scene().steps - 1) go(() => {});
      else show();
    };
    playing = setInterval(next, 1000);
    next();
  }

  function show() {
    const now = scene();
    values[1] = Math.min(Math.round(values[1]), now.steps - 1);
    draw(now, values[1]);
    radios.forEach(({ input }, reading) => (input.checked = reading === now.reading));
    turned.checked = Boolean(now.flipped);
    step.input.max = now.steps - 1;
    step.show(values[1], `${values[1] + 1} / ${now.steps}`);
    play.textContent = playing ? inLanguage("停", "Pause") : inLanguage("播放", "Play");
    formula.textContent = words(now, values[1]);
    save();
  }

  live.stand("cube", inLanguage("乘积是一个立方体", "The product as a cube"), picture,
    html("div", { class: "live-controls" },
      html("fieldset", {}, html("legend", {}, inLanguage("怎么读", "Read it as")),
        ...radios.map(({ label }) => label)),
      html("div", { class: "live-buttons" },
        live.button(inLanguage("上一步", "Back"), () => move(-1)), play,
        live.button(inLanguage("下一步", "Next"), () => move(1))),
      step.label,
      html("label", {}, turned,
        html("span", {}, inLanguage("转置：", "Transpose: "), "(AB)ᵀ = BᵀAᵀ")),
      formula));
  show();
})();
