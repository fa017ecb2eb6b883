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
  // `a` and `b` of snippets/foundations/products.py:batch
  const LEFT = [[[3, 4], [6, 1], [2, 4]], [[2, 2], [2, 4], [6, 3]], [[1, 4], [5, 3], [1, 1]]];
  const RIGHT = [
    [[3, 4, 3, 6], [6, 3, 3, 6]], [[2, 6, 4, 1], [2, 1, 6, 1]], [[2, 4, 5, 6], [6, 5, 3, 4]],
  ];
  const PRODUCTS = ["(2, 3) @ (3, 4)", ...LEFT.map((_, layer) =>
    `(3, 3, 2) @ (3, 2, 4)${inLanguage(`，第 ${layer} 层`, `, layer ${layer}`)}`)];
  const MINI = 9; // of a cell where the whole batch is shown
  const READINGS = [
    inLanguage("点积", "dot products"), inLanguage("外积之和", "sum of outer products"),
    inLanguage("按列", "by columns"), inLanguage("按行", "by rows"),
  ];
  const [DOTS, OUTER, COLUMNS] = [0, 1, 2];
  const transposed = (m) => m[0].map((_, j) => m.map((row) => row[j]));

  // The reading, the step, whether transposed, and which product: 0, or 1 + a layer.
  const { values, save } = live.remembered("cube",
    [[DOTS, 0, 3], [0, 0, 15], [0, 0, 1], [0, 0, LEFT.length]]);
  const picture = svg("svg", { "aria-hidden": "true", class: "live-cube" });
  const formula = html("output", { class: "live-formula" });
  const turned = html("input", { type: "checkbox" });
  const stack = svg("svg", { "aria-hidden": "true", class: "live-stack" });

  // The factors and, for each cell of the cube, the step at which a reading computes it.
  function scene() {
    const [reading, , flipped, product] = values.map(Math.round);
    const factors = product ? [LEFT[product - 1], RIGHT[product - 1]] : [PRICES, BASKETS];
    const [a, b] = flipped ? factors.reverse().map(transposed) : factors;
    const [m, k, n] = [a.length, b.length, b[0].length];
    const when = [(i, j) => i * n + j, (i, j, l) => l, (i, j) => j, (i) => i][reading];
    const steps = [m * n, k, n, m][reading];
    const name = `C${flipped ? "\u1d40" : ""}`;
    return { a, b, m, k, n, reading, flipped, product, name, when, steps };
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

  // The products of all layers, which go through the same steps; the one that is shown is framed.
  function drawStack({ m, n, reading, product, when }, now) {
    stack.replaceChildren();
    stack.toggleAttribute("hidden", !product);
    const [width, height] = [n * MINI, m * MINI];
    for (const layer of LEFT.keys()) {
      const left = 3 + layer * (width + 2 * MINI);
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
        const current = reading === OUTER || when(i, j, 0) === now;
        const done = reading === OUTER || when(i, j, 0) <= now;
        stack.append(svg("rect", {
          x: left + j * MINI, y: 3 + i * MINI, width: MINI - 1, height: MINI - 1,
          fill: "var(--C)", "fill-opacity": current ? 1 : done ? 0.4 : 0.12,
        }));
      }
      if (layer === product - 1) {
        stack.append(svg("rect", {
          x: left - 2, y: 1, width: width + 3, height: height + 3, fill: "none",
          stroke: "var(--accent)", "stroke-width": 1.5,
        }));
      }
    }
    stack.setAttribute("viewBox", `0 0 ${LEFT.length * (width + 2 * MINI)} ${height + 6}`);
  }

  function words({ a, b, k, n, reading, product, name }, now) {
    const whole = product ? `${name}[${product - 1}]` : name;
    const terms = (pairs) => pairs.map(([x, y]) => `${x}·${y}`).join(" + ");
    const all = [...Array(k).keys()];
    if (reading === DOTS) {
      const [i, j] = [Math.floor(now / n), now % n];
      const sum = all.reduce((total, l) => total + a[i][l] * b[l][j], 0);
      const place = product ? [product - 1, i, j] : [i, j];
      return `${name}[${place.join(", ")}] = ${terms(all.map((l) => [a[i][l], b[l][j]]))} = ${sum}`;
    }
    if (reading === OUTER) {
      return inLanguage(`左边第 ${now} 列乘右边第 ${now} 行，加进 ${whole}`,
        `Column ${now} on the left times row ${now} on the right, added to ${whole}`);
    }
    if (reading === COLUMNS) {
      const mix = all.map((l) => inLanguage(`${b[l][now]}·列 ${l}`, `${b[l][now]}·column ${l}`));
      return inLanguage(`${whole} 的列 ${now} = `, `column ${now} of ${whole} = `) + mix.join(" + ");
    }
    const mix = all.map((l) => inLanguage(`${a[now][l]}·行 ${l}`, `${a[now][l]}·row ${l}`));
    return inLanguage(`${whole} 的行 ${now} = `, `row ${now} of ${whole} = `) + mix.join(" + ");
  }

  const radios = READINGS.map((name, reading) => {
    const input = html("input", { type: "radio", name: "fig-cube", value: reading });
    input.addEventListener("change", () => go(() => values.splice(0, 2, reading, 0)));
    return { input, label: html("label", {}, input, html("span", {}, name)) };
  });
  const step = live.slider(inLanguage("步", "Step"), 0, 1, 1, (value) =>
    go(() => (values[1] = value)));
  const player = live.player(values, 1, () => scene().steps - 1, show);
  const { go } = player;
  turned.addEventListener("change", () => go(() => values.splice(1, 2, 0, +turned.checked)));
  const product = html("select", {}, ...PRODUCTS.map((name, value) =>
    html("option", { value }, name)));
  product.addEventListener("change", () => go(() => (values[3] = +product.value)));

  function show() {
    const now = scene();
    values[1] = Math.min(Math.round(values[1]), now.steps - 1);
    draw(now, values[1]);
    drawStack(now, values[1]);
    radios.forEach(({ input }, reading) => (input.checked = reading === now.reading));
    turned.checked = Boolean(now.flipped);
    step.input.max = now.steps - 1;
    step.show(values[1], `${values[1] + 1} / ${now.steps}`);
    product.value = now.product;
    player.label();
    formula.textContent = words(now, values[1]);
    save();
  }

  live.stand("cube", inLanguage("乘积是一个立方体", "The product as a cube"), picture,
    html("div", { class: "live-controls" },
      html("fieldset", {}, html("legend", {}, inLanguage("怎么读", "Read it as")),
        ...radios.map(({ label }) => label)),
      player.buttons, step.label,
      html("label", {}, turned,
        html("span", {}, inLanguage("转置：", "Transpose: "), "(AB)ᵀ = BᵀAᵀ")),
      html("label", {}, html("span", {}, "A @ B"), product), stack,
      formula),
    live.note(
      "每个小方块是一次乘法：左边一个数乘上边一个数。斜着的一串相加，得前面绿表的一格。",
      "Each small square is one multiplication, of a number on the left and one above. A slanting"
      + " row of them adds up to the green cell in front of it."));
  show();
})();
