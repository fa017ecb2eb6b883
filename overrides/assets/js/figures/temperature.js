"use strict";

// Softmax temperature against effective rank: the untrained head of the drawing at any scale of its
// scores. Its words and weights are drawn as numpy draws them, from the seeds of the snippet
// snippets/mechanics/attention_spectrum.py:baseline, so its numbers are those of the run.
(() => {
  const { inLanguage, html, svg, number } = live;
  const N = 64; // words, and the width of each

  // numpy.random.default_rng: PCG64, 128 bits of state of which 64 come out (O'Neill 2014).
  const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
  const low64 = (bits) => BigInt.asUintN(64, bits);
  function generator(state, increment) {
    let half; // of the last word, when 32 bits were asked for
    function word() {
      state = BigInt.asUintN(128, state * MULTIPLIER + increment);
      const [bits, turn] = [low64(state >> 64n ^ state), state >> 122n];
      return low64(bits >> turn | bits << 64n - turn);
    }
    const uniform = () => Number(word() >> 11n) / 2 ** 53;
    function halfWord() {
      if (half !== undefined) {
        const kept = half;
        half = undefined;
        return kept;
      }
      const bits = word();
      half = Number(bits >> 32n);
      return Number(bits & 0xffffffffn);
    }
    return { word, uniform, halfWord };
  }
  const seeded = { // the first state and the increment that numpy makes of a seed
    1: () => generator(207833532711051698738587646355624148094n,
      194290289479364712180083596243593368443n),
    2: () => generator(139756322654377766727085075210351969228n,
      121863417007658695389390353187995180015n),
  };

  // The ziggurat (Marsaglia and Tsang 2000): 256 layers of equal area under the bell curve, each
  // but the lowest a rectangle as wide as EDGES says.
  const [TAIL, AREA] = [3.6541528853610088, 0.004928673233974655];
  const bell = (x) => Math.exp(-x * x / 2);
  const EDGES = [0];
  EDGES[255] = TAIL;
  for (let i = 254; i > 0; i--) {
    EDGES[i] = Math.sqrt(-2 * Math.log(AREA / EDGES[i + 1] + bell(EDGES[i + 1])));
  }
  function normal({ word, uniform }) {
    for (;;) {
      const bits = word();
      const layer = Number(bits & 255n);
      const sign = bits >> 8n & 1n ? -1 : 1;
      const size = Number(bits >> 9n & 0xfffffffffffffn) / 2 ** 52;
      const x = size * (layer ? EDGES[layer] : AREA / bell(TAIL));
      if (x < (layer ? EDGES[layer - 1] : TAIL)) return sign * x;
      if (layer) {
        const [low, high] = [bell(EDGES[layer]), bell(EDGES[layer - 1])];
        if (low + (high - low) * uniform() < bell(x)) return sign * x;
      } else { // beyond the last edge; its sign is another bit
        for (;;) {
          const over = -Math.log1p(-uniform()) / TAIL;
          if (-2 * Math.log1p(-uniform()) > over * over) {
            return (bits >> 17n & 1n ? -1 : 1) * (TAIL + over);
          }
        }
      }
    }
  }

  // Where each row's weights go in `rng.permuted(a, axis=1)`: Fisher and Yates, row by row.
  function orders({ halfWord }) {
    return Array.from({ length: N }, () => {
      const order = [...Array(N).keys()];
      for (let i = N - 1; i > 0; i--) {
        const mask = 2 ** (32 - Math.clz32(i)) - 1;
        let j = i + 1;
        while (j > i) j = halfWord() & mask;
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    });
  }

  function table(entry) {
    const rows = Array.from({ length: N }, () => new Float64Array(N));
    for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) rows[i][j] = entry(i, j);
    return rows;
  }
  function dot(a, b) {
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
    return sum;
  }
  const times = (a, b) => table((i, j) => dot(a[i], b[j])); // a bᵀ
  const first = seeded[1]();
  const draw = (size) => table(() => size * normal(first));
  const words = draw(1);
  const [queries, keys] = [0, 1].map(() => { // with W_Q, then with W_K
    const weights = draw(N ** -0.5);
    return times(words, table((i, j) => weights[j][i]));
  });
  const scores = times(queries, keys).map((row) => { // a softmax ignores a shift of its row
    const most = Math.max(...row);
    return row.map((score) => (score - most) / N ** 0.5);
  });
  const moved = orders(seeded[2]());

  function softmax(row, scale) {
    const weights = new Float64Array(N);
    let sum = 0;
    for (let j = 0; j < N; j++) sum += weights[j] = Math.exp(scale * row[j]);
    for (let j = 0; j < N; j++) weights[j] /= sum;
    return weights;
  }
  const VIEWS = [
    [inLanguage("原样", "as it is"), (row, i, j) => row[j]],
    [inLanguage("减去均匀的一份", "uniform part removed"), (row, i, j) => row[j] - 1 / N],
    [inLanguage("行内打乱", "rows shuffled"), (row, i, j) => row[moved[i][j]]],
  ];
  function attention(scale, view) {
    const rows = scores.map((row) => softmax(row, scale));
    return table((i, j) => VIEWS[view][1](rows[i], i, j));
  }

  // The eigenvalues of a aᵀ, largest first: reflections leave of it only `diagonal` and, beside
  // that, `beside`; then turns with a shift make that vanish (Golub and Van Loan, 8.3).
  function energies(a) {
    const s = times(a, a);
    const beside = new Float64Array(N);
    for (let k = N - 1; k > 0; k--) {
      const mirror = s[k].slice(0, k); // it takes this row onto its last axis
      const size = Math.sqrt(dot(mirror, mirror)) * (mirror[k - 1] < 0 ? -1 : 1);
      beside[k - 1] = -size;
      mirror[k - 1] += size;
      const square = dot(mirror, mirror);
      if (!square) continue;
      const image = mirror.map((_, i) => 2 / square * dot(mirror, s[i]));
      const half = dot(mirror, image) / square;
      for (let i = 0; i < k; i++) image[i] -= half * mirror[i];
      for (let i = 0; i < k; i++) {
        const [row, m, v] = [s[i], mirror[i], image[i]];
        for (let j = 0; j < k; j++) row[j] -= m * image[j] + v * mirror[j];
      }
    }
    const diagonal = Float64Array.from(s, (row, i) => row[i]);
    const trace = diagonal.reduce((sum, value) => sum + value);
    const gone = (k) => Math.abs(beside[k]) < 1e-14 * trace;
    for (let end = N - 1; end > 0; end--) {
      while (!gone(end - 1)) turned(diagonal, beside, end, gone);
    }
    return diagonal.sort().reverse();
  }

  // One pass of turns over the block that ends at `end`.
  function turned(diagonal, beside, end, gone) {
    let start = end - 1;
    while (start > 0 && !gone(start - 1)) start--;
    const [last, off] = [diagonal[end], beside[end - 1]];
    const half = (diagonal[end - 1] - last) / 2;
    const reach = Math.sqrt(half * half + off * off);
    let x = diagonal[start] - last + off * off / (half + (half < 0 ? -reach : reach));
    let z = beside[start];
    for (let k = start; k < end; k++) {
      const size = Math.sqrt(x * x + z * z);
      const [c, s] = size ? [x / size, z / size] : [1, 0];
      const [p, q, r] = [diagonal[k], diagonal[k + 1], beside[k]];
      if (k > start) beside[k - 1] = size;
      diagonal[k] = c * c * p + 2 * c * s * r + s * s * q;
      diagonal[k + 1] = s * s * p - 2 * c * s * r + c * c * q;
      beside[k] = c * s * (q - p) + (c * c - s * s) * r;
      x = beside[k];
      z = s * beside[k + 1];
      if (k + 1 < end) beside[k + 1] *= c;
    }
  }

  function counted(energy) {
    const total = energy.reduce((sum, value) => sum + value);
    const shares = energy.map((value) => value / total);
    const entropy = shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
    return {
      total, shares, entropy: Math.exp(entropy),
      participation: 1 / dot(shares, shares), stable: 1 / shares[0],
    };
  }
  const { values, save } = live.remembered("temperature", [[0, -3, 3], [0, 0, 2]]);
  const stroke = (colour, width, more = {}) => svg("path", {
    fill: "none", stroke: `var(--${colour})`, "stroke-width": width, ...more });
  const text = (words, left, top, anchor = "middle", colour = "soft") => svg("text", {
    x: left, y: top, fill: `var(--${colour})`, style: `text-anchor: ${anchor}` }, words);
  const points = (all) => "M" + all.map((xy) => xy.map((v) => v.toFixed(1)).join()).join("L");
  const drawing = (height, ...children) => svg(
    "svg", { viewBox: `0 0 260 ${height}`, "aria-hidden": "true" }, ...children);

  // The matrix: a square for each weight, its area the weight, up to FULL.
  const [CELL, FULL] = [4, 1 / 4];
  const [more, less] = ["A", "soft"].map((colour) => svg("path", { fill: `var(--${colour})` }));
  const matrix = drawing(294, more, less,
    text(inLanguage("一行一个查询，一列一个键", "a row is a query, a column a key"),
      130, 268),
    text(inLanguage("满格：不小于 1/4；灰色：负数", "a full cell: at least 1/4; grey: negative"),
      130, 285));
  const short = (value) => Math.round(100 * value) / 100;
  function squares(a, sign) {
    let all = "";
    for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) {
      const side = CELL * Math.sqrt(Math.min(1, Math.max(0, sign * a[i][j] / FULL)));
      if (side < 0.01) continue;
      const [x, y] = [j, i].map((k) => short(2 + CELL * (k + 0.5) - side / 2));
      all += `M${x},${y}h${short(side)}v${short(side)}H${x}z`;
    }
    return all;
  }

  // Below it the effective ranks at all scales, and the spectrum at this one.
  const [LEFT, TOP, WIDE, HIGH, RANKS] = [34, 24, 218, 150, 48];
  const frame = () => stroke("line", 1, { d: `M${LEFT},${TOP}v${HIGH}h${WIDE}` });
  const across = (power) => LEFT + (power + 3) / 6 * WIDE;
  const up = (count) => TOP + HIGH * (1 - count / RANKS);
  const CURVES = [["ink", ""], ["soft", "6 4"], ["soft", "2 3"]];
  const powers = Array.from({ length: 13 }, (_, k) => k / 2 - 3);
  const curves = VIEWS.map((_, view) =>
    stroke(CURVES[view][0], 1.6, { "stroke-dasharray": CURVES[view][1] }));
  const rank = (power, view) => counted(energies(attention(2 ** power, view))).entropy;
  curves.forEach((curve, view) => setTimeout(() => // one by one, so that the page stays quick
    curve.setAttribute("d", points(powers.map((p) => [across(p), up(rank(p, view))])))));
  const here = svg("circle", { r: 4.5, fill: "var(--accent)" });
  const name = (view, power, height, anchor) =>
    text(VIEWS[view][0], across(power), up(height), anchor, CURVES[view][0]);
  const ranks = drawing(214, frame(), ...curves, here,
    ...[1, 16, 32, 48].map((count) => text(count, LEFT - 5, up(count), "end")),
    ...[["1/8", -3], ["1", 0], ["8", 3]].map(([words, power]) =>
      text(words, across(power), TOP + HIGH + 12)),
    text(inLanguage("有效秩（熵）", "effective rank (entropy)"), 4, 10, "start"),
    text(inLanguage("分数的倍数", "scale of the scores"), LEFT + WIDE, 200, "end"),
    name(0, -0.2, 5, "start"), name(1, -2.9, 31, "start"), name(2, 3, 41, "end"));

  const DECADES = 5; // that the spectrum shows
  const place = (k) => LEFT + k / N * WIDE;
  const share = (p) => TOP + HIGH * Math.min(1, -Math.log10(Math.max(p, 1e-99)) / DECADES);
  const bars = svg("path", { fill: "var(--ink)" });
  const flat = stroke("accent", 1.6, { "stroke-dasharray": "5 3" });
  const label = svg("g");
  const spectrum = drawing(214, frame(), bars, flat, label,
    ...["1", "10⁻²", "10⁻⁴"].map((words, k) =>
      text(words, LEFT - 3, TOP + 2 * k / DECADES * HIGH, "end")),
    ...[1, 16, 32, 48, 64].map((k) => text(k, place(k - 0.5), TOP + HIGH + 12)),
    text(inLanguage("特征值的份额", "share of each eigenvalue"), 4, 10, "start"),
    text(inLanguage("从大到小第几个", "from the largest"), LEFT + WIDE, 200, "end"));

  const scale = live.slider(inLanguage("分数的倍数", "Scale of scores"), -3, 3, 0.125, (value) => {
    values[0] = value;
    show();
  });
  const radios = VIEWS.map(([words], view) => {
    const input = html("input", { type: "radio", name: "fig-temperature", value: view });
    input.addEventListener("change", () => {
      values[1] = view;
      show();
    });
    return { input, label: html("label", {}, input, html("span", {}, words)) };
  });
  const readout = live.readout({
    temperature: inLanguage("温度", "temperature"),
    entropy: inLanguage("有效秩（熵）", "effective rank (entropy)"),
    participation: inLanguage("参与比", "participation ratio"),
    stable: inLanguage("稳定秩", "stable rank"),
    total: inLanguage("总能量", "total energy"),
  });

  function show() {
    values[1] = Math.round(values[1]);
    const [power, view] = values;
    const a = attention(2 ** power, view);
    const { total, shares, entropy, participation, stable } = counted(energies(a));
    more.setAttribute("d", squares(a, 1));
    less.setAttribute("d", squares(a, -1));
    here.setAttribute("cx", across(power).toFixed(1));
    here.setAttribute("cy", up(entropy).toFixed(1));
    bars.setAttribute("d", [...shares].map((p, k) =>
      `M${place(k).toFixed(1)},${TOP + HIGH}V${share(p).toFixed(1)}h2.4V${TOP + HIGH}z`).join(""));
    flat.setAttribute("d", points([[LEFT, share(1 / entropy)], [place(entropy), share(1 / entropy)],
      [place(entropy), TOP + HIGH]]));
    label.replaceChildren(text(
      inLanguage(`${number(entropy, 1)} 份均分`, `${number(entropy, 1)} equal shares`),
      place(Math.min(entropy, 32)) + 5, share(1 / entropy) - 20, "start", "accent"));
    scale.show(power, number(2 ** power, 3));
    radios.forEach(({ input }, which) => (input.checked = which === view));
    readout.show({
      temperature: number(2 ** -power, 3), entropy: number(entropy, 2),
      participation: number(participation, 2), stable: number(stable, 2), total: number(total, 3),
    });
    save();
  }

  live.stand("temperature",
    inLanguage("温度与有效秩", "Temperature and effective rank"), matrix,
    html("div", { class: "live-controls" },
      html("fieldset", {}, html("legend", {}, inLanguage("看哪个矩阵", "Matrix")),
        ...radios.map(({ label: choice }) => choice)),
      scale.label, readout.list), ranks, spectrum);
  show();
})();
