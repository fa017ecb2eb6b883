"use strict";

// Power iteration twice: with W it turns towards an eigenvector, with WᵀW towards the direction
// that W stretches most. The lengths of the images measure the two rulers.
(() => {
  const { inLanguage, html, svg, number } = live;
  const [A, B, C, D] = [0.9, 2, 0, 0.3]; // W of snippets/language/two_rulers.py:two
  const UNIT = 62;
  const PANELS = [[85, 90], [325, 90]]; // the origins before and after W
  const DEGREE = Math.PI / 180;

  const apply = ([x, y]) => [A * x + B * y, C * x + D * y];
  const back = ([x, y]) => [A * x + C * y, B * x + D * y]; // by the transpose
  const unit = ([x, y]) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];
  const along = (angle) => [Math.cos(angle), Math.sin(angle)];
  const after = (move, x, rounds) => {
    for (let k = 0; k < rounds; k++) x = unit(move(x));
    return x;
  };

  const stretched = Math.atan2(2 * (A * B + C * D), A * A + C * C - B * B - D * D) / 2;
  const SINGULAR = [along(stretched), along(stretched + Math.PI / 2)];
  const EIGEN = [A, D].map((value) => unit(value === A ? [1, 0] : [B, value - A])); // as C is 0
  const CIRCLE = Array.from({ length: 121 }, (_, k) => along(3 * k * DEGREE));

  const { values, save } = live.remembered("power", [[0, 0, 12], [100, 0, 180]]);
  const pixel = ([x, y], panel) =>
    [PANELS[panel][0] + UNIT * x, PANELS[panel][1] - UNIT * y].map((v) => v.toFixed(1));
  const path = (points, panel, colour, more = {}) => svg("path", {
    d: "M" + points.map((point) => pixel(point, panel)).join("L"),
    fill: "none", stroke: `var(--${colour})`, "stroke-width": 1.6, ...more,
  });
  const through = (x) => [x.map((v) => -v), x];
  const still = [];
  for (const [panel, image, colour] of [[0, (x) => x, "B"], [1, apply, "C"]]) {
    still.push(path(CIRCLE.map(image), panel, "soft"));
    still.push(...SINGULAR.map((x) => path(through(x).map(image), panel, colour)));
    still.push(...EIGEN.map((x) =>
      path(through(x).map(image), panel, "accent", { "stroke-dasharray": "5 4" })));
  }
  const moving = svg("g");
  const picture = svg("svg", { viewBox: "0 0 490 180", "aria-hidden": "true", class: "live-wide" },
    ...still, moving);

  const rounds = live.slider(inLanguage("轮数", "Rounds"), 0, 12, 1, (value) => {
    values[0] = value;
    show();
  });
  const start = live.slider(inLanguage("起点", "Start"), 0, 180, 1, (value) => {
    values[1] = value;
    show();
  });
  const readout = live.readout({
    eigen: inLanguage("● 只乘 W，长度变为", "● by W alone, length becomes"),
    singular: inLanguage("○ 乘 W 再乘 Wᵀ，长度变为", "○ by W, then Wᵀ, length becomes"),
  });

  function show() {
    values[0] = Math.round(values[0]);
    const x = along(values[1] * DEGREE);
    const found = {
      eigen: after(apply, x, values[0]),
      singular: after((v) => back(apply(v)), x, values[0]),
    };
    moving.replaceChildren();
    for (const [name, direction] of Object.entries(found)) {
      for (const [panel, point] of [direction, apply(direction)].entries()) {
        const [cx, cy] = pixel(point, panel);
        const fill = name === "eigen" ? "var(--ink)" : "var(--paper)";
        moving.append(path([[0, 0], point], panel, "ink"),
          svg("circle", { cx, cy, r: 5, fill, stroke: "var(--ink)", "stroke-width": 2 }));
      }
    }
    rounds.show(values[0], String(values[0]));
    start.show(values[1], `${number(values[1], 0)}°`);
    readout.show({
      eigen: number(Math.hypot(...apply(found.eigen)), 3),
      singular: number(Math.hypot(...apply(found.singular)), 3),
    });
    save();
  }

  live.stand("power", inLanguage("幂迭代找到两把尺子", "Power iteration finds both rulers"),
    picture, html("div", { class: "live-controls" }, rounds.label, start.label, readout.list),
    live.note(
      `每轮乘完缩回长度 1。● 只乘 W，转向特征值 ${A} 的特征向量；○ 乘 W 再乘 Wᵀ，`
      + "转向 W 拉得最长的方向。",
      "A round multiplies and scales back to length 1. ● by W alone turns towards the eigenvector"
      + ` with eigenvalue ${A}, ○ by W and then Wᵀ towards the direction that W stretches most.`));
  show();
})();
