"use strict";

// Two shapes that the reader types, aligned on the right: `broadcast_shape` and
// `stretched_strides` of snippets/foundations/broadcasting.py.
(() => {
  const { inLanguage, html, svg } = live;
  const AXES = 6; // at most
  const LONGEST = 9999; // the greatest length
  const CELL = 26; // pixels
  const DRAWN = 6; // cells along an axis; of a longer one the first four and the last
  const SHEETS = 6; // drawn at most; how many there are is written above them
  const INITIAL = [[5, 1, 4], [3, 1]];
  const EXAMPLES = [ // `cases` of the snippet
    [[3, 4], [4]], [[3, 1], [4]], [[3, 4], [3, 1]], [[3, 4], [3]],
    [[3], [3, 1]], [[5, 1, 4], [3, 1]], [[], [2, 3]], [[2, 3], [3, 2]],
  ];
  const NAMES = ["x", "y"];

  // "(3, 4)", "3 4", "3×4" or "（３，４）" as [3, 4]; null for what is no shape.
  function read(text) {
    const inner = text.normalize("NFKC").trim().replace(/^[([【]\s*(.*?)\s*[)\]】]$/, "$1")
      .replace(/(\d)\s*,$/, "$1");
    if (!inner) return [];
    const parts = inner.split(/\s*[,、x×*]\s*|\s+/);
    const fine = parts.every((part) => /^\d{1,6}$/.test(part) && Number(part) <= LONGEST);
    return fine && parts.length <= AXES ? parts.map(Number) : null;
  }
  const write = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  // How many entries, to the last digit however many.
  const count = (shape) => shape.reduce((product, length) => product * BigInt(length), 1n);

  // Each axis from the left: the two lengths (undefined where there is none) and what comes out,
  // null where they differ and neither is 1.
  function align(a, b) {
    const axes = Math.max(a.length, b.length);
    return [...Array(axes).keys()].map((at) => {
      const lengths = [a, b].map((shape) => shape[at - axes + shape.length]);
      const [m, n] = lengths.map((length) => length ?? 1);
      return { lengths, result: m === n || n === 1 ? m : m === 1 ? n : null };
    });
  }

  // Cells of memory from one entry to the next along each axis, stored by rows as PyTorch does.
  const stored = (shape) =>
    shape.map((_, at) => count(shape.slice(at + 1).map((length) => Math.max(1, length))));
  // The same memory read as the result: 0 along new axes and along those that grow.
  function stretched(shape, result) {
    const strides = stored(shape);
    const missing = result.length - shape.length;
    return result.map((length, at) => (shape[at - missing] === length ? strides[at - missing] : 0));
  }

  const { given, save, write: remember } = live.kept("broadcast", code(INITIAL));
  function code(shapes) {
    return shapes.map((shape) => shape.join(",")).join(" "); // a blank is a + in an address
  }
  function fromAddress() {
    const shapes = (given ?? "").split(" ").map(read);
    return given !== null && shapes.length === 2 && shapes.every(Boolean) ? shapes : INITIAL;
  }

  // The two axes at the end as a grid, those in front as sheets behind; what is only imagined is
  // dashed. Each cell says where in memory it lies, if there are few.
  function drawing(name, shape, result) {
    const target = [1, 1, ...result].slice(-2);
    const strides = [0, 0, ...stretched(shape, result)].slice(-2).map(Number);
    const own = [1, 1, ...shape].slice(-2);
    const front = result.slice(0, -2);
    const sheets = count(front);
    // Whether the sheet of that number is one of the operand's own.
    const isOwn = (sheet) => front.every((length, at) => {
      const index = Math.floor(sheet / Number(count(front.slice(at + 1)))) % length;
      return index < (shape[at - result.length + shape.length] ?? 1);
    });
    const behind = Math.min(Math.max(1, Number(sheets)), SHEETS) * 5 - 5;
    const [rows, columns] = target.map(places);
    const [width, height] = [columns, rows].map((line) => CELL * line.length);
    const picture = svg("svg", {
      viewBox: `-1 ${-behind - 1} ${width + behind + 44} ${height + behind + 2}`,
      width: width + behind + 44, "data-drawn": name,
    });
    const cells = sheets && target[0] && target[1];
    for (let depth = cells ? behind : 0; depth > 0; depth -= 5) {
      picture.append(svg("rect", { x: depth, y: -depth, width, height, fill: "var(--paper)",
        stroke: "var(--soft)", ...(isOwn(depth / 5) ? {} : { "stroke-dasharray": "3 3" }) }));
    }
    if (behind) {
      picture.append(svg("text", { x: width + behind + 4, y: 7 - behind, fill: "var(--soft)",
        style: "text-anchor: start" }, `× ${sheets}`));
    }
    if (cells) {
      for (const [y, i] of rows.entries()) for (const [x, j] of columns.entries()) {
        const real = i < own[0] && j < own[1];
        const gap = i < 0 || j < 0;
        picture.append(svg("rect", {
          x: x * CELL, y: y * CELL, width: CELL, height: CELL, fill: "var(--paper)",
          stroke: real && !gap ? "var(--ink)" : "var(--soft)",
          ...(real || gap ? {} : { "stroke-dasharray": "3 3" }),
        }));
        const label = gap ? "…" : i * strides[0] + j * strides[1];
        if (gap || label < 1000) {
          picture.append(svg("text", { x: (x + 0.5) * CELL, y: (y + 0.5) * CELL,
            fill: real ? "var(--ink)" : "var(--soft)" }, label));
        }
      }
    }
    const grown = write(shape) === write(result) ? "" : ` → ${write(result)}`;
    return html("div", { class: "live-operand" },
      html("span", {}, `${name} ${write(shape)}${grown}`),
      cells ? picture : html("span", { class: "live-none" }, inLanguage("没有格子", "no cells")));
  }

  // The positions drawn along an axis, -1 where some are left out.
  function places(length) {
    if (length <= DRAWN) return [...Array(length).keys()];
    return [0, 1, 2, 3, -1, length - 1];
  }

  const inputs = NAMES.map((name) => {
    const input = html("input", { type: "text", autocomplete: "off", spellcheck: "false",
      autocapitalize: "off", size: 14 });
    input.addEventListener("input", show);
    return { input, label: html("label", {},
      html("span", {}, inLanguage(`${name} 的形状`, `Shape of ${name}`)), input) };
  });
  const example = html("select", {}, ...EXAMPLES.map((shapes, at) =>
    html("option", { value: at }, shapes.map(write).join(" + "))),
  html("option", { value: "" }, inLanguage("自己输入", "my own")));
  example.addEventListener("change", () => {
    if (example.value) fill(EXAMPLES[example.value]);
    show();
  });
  const table = html("table", { class: "live-axes" });
  const wide = html("div", { class: "live-scroll" }, table);
  const cells = html("div", { class: "live-operands", "aria-hidden": "true" });
  const verdict = html("output", { class: "live-formula" });

  function fill(shapes) {
    inputs.forEach(({ input }, at) => (input.value = write(shapes[at])));
  }

  // A row of the table: its name, then a cell for each axis, given as [text, class].
  const row = (name, entries) => html("tr", {}, html("th", { scope: "row" }, name),
    ...entries.map(([text, kind]) => html("td", kind ? { class: kind } : {}, text)));

  function drawTable(axes, strides) {
    const head = html("tr", {}, html("th", { scope: "col" }, inLanguage("轴", "axis")),
      ...axes.map((_, at) => html("th", { scope: "col" }, `\u2212${axes.length - at}`)));
    const lengths = (side) => axes.map(({ lengths: both, result }) => {
      const length = both[side] ?? "(1)";
      if (result === null) return [length, "is-clash"];
      return length === result ? [length, ""]
        : [result === 1 ? length : `${length} → ${result}`, "is-stretched"];
    });
    table.replaceChildren(head, ...NAMES.map((name, side) => row(name, lengths(side))),
      row("x + y", axes.map(({ result }) => (result === null ? ["✗", "is-clash"] : [result, ""]))),
      ...strides.map((steps, side) => row(
        inLanguage(`${NAMES[side]} 的步长`, `stride of ${NAMES[side]}`),
        steps.map((step) => [step, step ? "" : "is-zero"]))));
  }

  // Why the shapes do not go together, from the right as the rule goes.
  function reasons(axes) {
    return axes.map(({ lengths, result }, at) => ({ lengths, result, axis: axes.length - at }))
      .filter(({ result }) => result === null).reverse()
      .map(({ lengths: [m, n], axis }) => inLanguage(
        `轴 −${axis} 上 ${m} 对 ${n}，不相等，也没有一个是 1`,
        `axis −${axis} has ${m} against ${n}, not equal and neither of them 1`))
      .join(inLanguage("；", "; "));
  }

  function show() {
    const shapes = inputs.map(({ input }) => read(input.value));
    inputs.forEach(({ input }, at) =>
      (shapes[at] ? input.removeAttribute("aria-invalid")
        : input.setAttribute("aria-invalid", "true")));
    if (!shapes.every(Boolean)) {
      verdict.textContent = inLanguage(
        `形状写作 3, 4；标量留空。至多 ${AXES} 根轴，长度是 0 到 ${LONGEST} 的整数`,
        `Write a shape as 3, 4 and leave a scalar's empty: up to ${AXES} axes, each a whole number`
        + ` from 0 to ${LONGEST}`);
      table.replaceChildren();
      cells.replaceChildren();
      return;
    }
    const axes = align(...shapes);
    const result = axes.map((axis) => axis.result);
    const fits = !result.includes(null);
    drawTable(axes, fits ? shapes.map((shape) => stretched(shape, result)) : []);
    cells.replaceChildren(...shapes.map((shape, at) =>
      drawing(NAMES[at], shape, fits ? result : shape)));
    if (fits) cells.append(drawing("x + y", result, result));
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0; // for the arrow keys
    else wide.removeAttribute("tabindex");
    const [m, n] = shapes.map(count);
    verdict.textContent = fits
      ? inLanguage(`${write(result)}：共 ${count(result)} 格；x 存 ${m} 个数，y 存 ${n} 个`,
        `${write(result)}, cells: ${count(result)}; numbers stored: x ${m}, y ${n}`)
      : inLanguage("报错：", "Error: ") + reasons(axes);
    const same = (other) => code(other) === code(shapes);
    example.value = String(EXAMPLES.findIndex(same)).replace("-1", "");
    save(code(shapes));
  }

  live.stand("broadcast", inLanguage("两个形状，靠右对齐", "Two shapes, aligned on the right"),
    html("div", { class: "live-controls" },
      ...inputs.map(({ label }) => label),
      html("label", {}, html("span", {}, inLanguage("例子", "Examples")), example),
      verdict),
    wide, cells,
    live.note(
      "x、y 按行存，步长以数计。格子里写着它在内存里的位置；虚线格子只是想象，步长 0 让同一处"
      + "反复出现。末两根轴以前的轴画成一叠，× 后面是层数。",
      "x and y are stored by rows, strides count numbers, and a cell says its place in memory."
      + " Dashed cells are imagined: stride 0 comes back to the same place. Axes before the last"
      + " two make a stack; × is followed by the number of its sheets."));
  fill(fromAddress());
  if (given !== null) remember(code(fromAddress()));
  show();
})();
