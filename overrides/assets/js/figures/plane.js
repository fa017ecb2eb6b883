"use strict";

// A 2×2 matrix moves the plane: turn, stretch along the axes, turn again.
(() => {
  const { inLanguage, html, svg, number } = live;
  const UNIT = 60; // pixels
  const REACH = 3; // the window shows [-3, 3]²
  const DEGREE = Math.PI / 180;
  const F = [ // the corners of LETTER in snippets/mechanics/geometry.py
    [0.25, 0.1], [0.42, 0.1], [0.42, 0.42], [0.68, 0.42], [0.68, 0.57],
    [0.42, 0.57], [0.42, 0.75], [0.78, 0.75], [0.78, 0.9], [0.25, 0.9],
  ];
  const [c40, s40] = [Math.cos(40 * DEGREE), Math.sin(40 * DEGREE)];
  const MAPS = {
    shear: [inLanguage("剪切", "shear"), [1, 0.8, 0, 1]],
    identity: [inLanguage("恒等", "identity"), [1, 0, 0, 1]],
    rotation: [inLanguage("旋转", "rotation"), [c40, -s40, s40, c40]],
    stretch: [inLanguage("伸缩", "stretch"), [1.7, 0, 0, 0.6]],
    reflection: [inLanguage("反射", "reflection"), [0, 1, 1, 0]],
    projection: [inLanguage("投影", "projection"), [0.5, 0.5, 0.5, 0.5]],
  };
  const STAGES = inLanguage(
    ["原样", "先转", "再伸缩", "再转一次"], ["start", "turn", "stretch", "turn again"]);

  const apply = ([a, b, c, d], [x, y]) => [a * x + b * y, c * x + d * y];
  const times = (m, [a, b, c, d]) => {
    const [first, second] = [apply(m, [a, c]), apply(m, [b, d])];
    return [first[0], second[0], first[1], second[1]];
  };
  const rotation = (angle) =>
    [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)];

  // W = rotation(out) diag(long, short) rotation(into), long >= |short|. A mirror makes `short`
  // negative. The first right singular vector points right, as in `rotate_scale_rotate`.
  function decomposed([a, b, c, d]) {
    const det = a * d - b * c;
    const angle = Math.atan2(2 * (a * b + c * d), a * a + c * c - b * b - d * d) / 2;
    const image = apply([a, b, c, d], [Math.cos(angle), Math.sin(angle)]);
    const long = Math.hypot(...image);
    const short = long ? det / long : 0;
    const out = long ? Math.atan2(image[1], image[0]) : 0;
    const rank = long ? 1 + (Math.abs(short) > 1e-9 * long) : 0;
    return { det, long, short, into: -angle, out, rank };
  }

  // The matrix after a part of the way, from 0 to 3.
  function partWay({ long, short, into, out }, way) {
    const part = (stage) => Math.min(1, Math.max(0, way - stage));
    const stretch = [1 + (long - 1) * part(1), 0, 0, 1 + (short - 1) * part(1)];
    return times(rotation(out * part(2)), times(stretch, rotation(into * part(0))));
  }

  const pixel = ([x, y]) => [UNIT * (REACH + x), UNIT * (REACH - y)].map((v) => v.toFixed(1));
  const line = (points) => "M" + points.map(pixel).join("L");
  const GRID = [];
  for (let k = -6; k <= 6; k++) GRID.push([[k, -6], [k, 6]], [[-6, k], [6, k]]);
  const CIRCLE = Array.from({ length: 121 }, (_, k) =>
    [Math.cos(k * 3 * DEGREE), Math.sin(k * 3 * DEGREE)]);

  const { values, save } = live.remembered("plane", [
    [1, -2, 2], [0.8, -2, 2], [0, -2, 2], [1, -2, 2], [3, 0, 3],
  ]);
  const stroke = (colour, width) =>
    svg("path", { fill: "none", stroke: `var(--${colour})`, "stroke-width": width });
  const grid = stroke("soft", 0.7);
  const circle = stroke("ink", 1.8);
  const axes = stroke("accent", 2.2);
  const letter = svg("path", { fill: "var(--C)" });
  const columns = [stroke("A", 2.6), stroke("A", 2.6)];
  const tips = columns.map((_, j) => {
    const tip = svg("circle", { r: 9, fill: "var(--A)", class: "live-handle" });
    tip.addEventListener("pointerdown", (event) => tip.setPointerCapture(event.pointerId));
    tip.addEventListener("pointermove", (event) => {
      if (!tip.hasPointerCapture(event.pointerId)) return;
      const box = picture.getBoundingClientRect();
      const place = (at, start, size) => (2 * (at - start) / size - 1) * REACH;
      const snapped = (v) => Math.min(2, Math.max(-2, Math.round(v * 20) / 20));
      values[j] = snapped(place(event.clientX, box.left, box.width));
      values[j + 2] = snapped(-place(event.clientY, box.top, box.height));
      values[4] = 3;
      show();
    });
    return tip;
  });
  const size = 2 * REACH * UNIT;
  const picture = svg("svg", { viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true" },
    grid, letter, circle, axes, ...columns, ...tips);

  const entries = ["a", "b", "c", "d"].map((name, i) =>
    live.slider(name, -2, 2, 0.01, (value) => {
      values[i] = value;
      show();
    }));
  const way = live.slider(inLanguage("走到", "How far"), 0, 3, 0.05, (value) => {
    values[4] = value;
    show();
  });
  const map = html("select", {}, ...Object.entries(MAPS).map(([key, [name]]) =>
    html("option", { value: key }, name)),
  html("option", { value: "" }, inLanguage("自定", "my own")));
  map.addEventListener("change", () => {
    if (map.value) values.splice(0, 4, ...MAPS[map.value][1]);
    show();
  });
  const readout = live.readout({
    stretch: inLanguage("奇异值", "singular values"),
    turns: inLanguage("先转，后转", "first, last turn"),
    det: inLanguage("行列式", "determinant"),
    rank: inLanguage("秩", "rank"),
  });

  function show() {
    const w = values.slice(0, 4);
    const found = decomposed(w);
    const now = partWay(found, values[4]);
    const moved = (points) => line(points.map((point) => apply(now, point)));
    const right = [rotation(-found.into)].flatMap(([x, minusY, y, same]) =>
      [[x, y], [minusY, same]]);
    grid.setAttribute("d", GRID.map(moved).join(""));
    circle.setAttribute("d", moved(CIRCLE));
    letter.setAttribute("d", moved(F) + "Z");
    axes.setAttribute("d", right.map((v) => moved([[0, 0], v])).join(""));
    columns.forEach((column, j) => {
      const image = [now[j], now[j + 2]];
      column.setAttribute("d", line([[0, 0], image]));
      const [x, y] = pixel(image);
      tips[j].setAttribute("cx", x);
      tips[j].setAttribute("cy", y);
    });
    entries.forEach(({ show: write }, i) => write(values[i], number(values[i], 2)));
    const stage = STAGES[Math.ceil(values[4])];
    way.show(values[4], stage);
    const same = ([, [, m]]) => m.every((value, i) => Math.abs(value - w[i]) < 1e-4);
    map.value = Object.entries(MAPS).find(same)?.[0] ?? "";
    readout.show({
      stretch: `${number(found.long, 3)}, ${number(Math.abs(found.short), 3)}`,
      turns: `${number(found.into / DEGREE, 1)}°, ${number(found.out / DEGREE, 1)}°`,
      det: number(found.det, 2),
      rank: found.rank,
    });
    save();
  }

  const matrix = html("div", { class: "live-matrix" }, ...entries.map(({ label }) => label));
  live.stand("plane", inLanguage("矩阵变形平面", "A matrix deforms the plane"), picture,
    html("div", { class: "live-controls" },
      html("label", {}, html("span", {}, inLanguage("矩阵", "Matrix")), map),
      matrix, way.label, readout.list),
    live.note(
      "把“走到”从左拉到右，就是三步。蓝点是 W 的两列，可以拖。",
      "Move “How far” from left to right for the three steps. The blue points are the columns of W;"
      + " drag them."));
  show();
})();
