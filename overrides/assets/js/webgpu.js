// Times the kernels that the page shows on the reader's own GPU. The code that runs is the code
// that stands in the page's WGSL blocks; nothing is sent anywhere.
"use strict";

(() => {
  const blocks = [...document.querySelectorAll(".language-wgsl")];
  if (!blocks.length) return;

  const WORDS = {
    en: {
      start: "Time it on my GPU", again: "Time it again", working: "Measuring {0}×{0} …",
      none: "This browser offers no WebGPU, so nothing can be measured here.",
      noAdapter: "The browser knows WebGPU but offers no GPU for it.",
      failed: "It did not work: {0}",
      wrong: "wrong result (relative error {0}): no time shown",
      adapter: "Adapter: {0}. ", unnamed: "not named by the browser",
      stamps: "Clock: timestamps of the GPU.",
      queue: "Clock: the browser's, around the whole queue; the GPU offers no timestamps.",
      head: ["kernel", "size", "ms: median [least..most]", "GFLOP/s", ""],
      names: ["naive", "tiled", "4×4 in registers"],
    },
    zh: {
      start: "在我的 GPU 上测", again: "再测一遍", working: "正在测 {0}×{0} ……",
      none: "这个浏览器不提供 WebGPU，在这里测不了。",
      noAdapter: "浏览器支持 WebGPU，但没有可用的 GPU。",
      failed: "没有成功：{0}",
      wrong: "结果不对（相对误差 {0}），不报时间",
      adapter: "设备：{0}。", unnamed: "浏览器没有说",
      stamps: "时钟：GPU 的时间戳。",
      queue: "时钟：浏览器的，量的是整个队列；这块 GPU 不提供时间戳。",
      head: ["内核", "大小", "毫秒：中位数 [最小..最大]", "GFLOP/s", ""],
      names: ["直接写", "分块", "寄存器里 4×4"],
    },
  };
  const words = WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
  const fill = (text, value) => text.replaceAll("{0}", value);

  const SIZES = [256, 512, 1024, 2048, 4096];
  const TILES = [16, 16, 64]; // of C that a workgroup of each kernel computes
  const ROUNDS = 9;
  const SAMPLE = 10; // ms that a sample should last; browsers round timestamps to 0.1 ms
  const SHORTEST = 0.005; // ms of one call; rounded, it may read as none at all
  const PATIENCE = 250; // ms of one call, from which on no larger size is tried
  const ROWS = 8; // of C that are held against the CPU
  const WRONG = 1e-4; // relative error that no sum of float32 numbers excuses

  const make = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });
  const box = make("div");
  box.className = "webgpu";
  const button = make("button", words.start);
  button.className = "md-button";
  button.type = "button";
  const status = make("p");
  status.setAttribute("role", "status");
  const table = make("table");
  const frame = make("div"); // in which a wide table scrolls
  frame.className = "md-typeset__scrollwrap";
  frame.append(table);
  box.append(button, status, frame);
  blocks.at(-1).after(box);

  button.addEventListener("click", async () => {
    button.disabled = true;
    table.replaceChildren();
    try {
      await measureAll();
    } catch (fault) {
      status.textContent = fill(words.failed, fault.message);
    }
    button.textContent = words.again;
    button.disabled = false;
  });

  async function measureAll() {
    if (!navigator.gpu) return void (status.textContent = words.none);
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return void (status.textContent = words.noAdapter);
    const gpu = await open(adapter);
    const { vendor, architecture, description } = adapter.info ?? {};
    const name = description || [vendor, architecture].filter(Boolean).join(" ") || words.unnamed;
    const results = recorded();
    try {
      for (const n of SIZES.filter((n) => 4 * n * n <= gpu.largest)) {
        status.textContent = fill(words.working, n);
        const found = await measure(gpu, n);
        results.push(...found);
        draw(results);
        if (Math.max(...found.map((result) => result.once)) > PATIENCE) break;
      }
    } finally {
      gpu.device.destroy();
    }
    const clock = gpu.stamps ? words.stamps : words.queue;
    status.textContent = fill(words.adapter, name) + clock;
  }

  async function open(adapter) {
    const stamps = adapter.features.has("timestamp-query");
    const largest = adapter.limits.maxStorageBufferBindingSize;
    const device = await adapter.requestDevice({
      requiredFeatures: stamps ? ["timestamp-query"] : [],
      requiredLimits: { maxStorageBufferBindingSize: largest,
                        maxBufferSize: adapter.limits.maxBufferSize },
    });
    return { device, stamps, largest: Math.min(largest, adapter.limits.maxBufferSize) };
  }

  // Numbers between -1 and 1, the same in each run.
  function numbers(count, seed) {
    const found = new Float32Array(count);
    let state = seed;
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      found[i] = state / 2 ** 31 - 1;
    }
    return found;
  }

  // Rows of A B in double precision, by their number.
  function reference(a, b, n) {
    const exact = new Map();
    for (let i = 0; i < ROWS; i++) {
      const row = Math.floor((i * (n - 1)) / (ROWS - 1));
      const sums = new Float64Array(n);
      for (let k = 0; k < n; k++) {
        const x = a[row * n + k];
        for (let j = 0; j < n; j++) sums[j] += x * b[k * n + j];
      }
      exact.set(row, sums);
    }
    return exact;
  }

  function errorOf(c, exact, n) {
    let wrong = 0, all = 0;
    for (const [row, sums] of exact) {
      for (let j = 0; j < n; j++) {
        wrong += (c[row * n + j] - sums[j]) ** 2;
        all += sums[j] ** 2;
      }
    }
    return Math.sqrt(wrong / all);
  }

  async function measure(gpu, n) {
    const { device } = gpu;
    const a = numbers(n * n, 1), b = numbers(n * n, 2);
    const buffers = [upload(device, a), upload(device, b), blank(device, n)];
    const exact = reference(a, b, n);
    const works = [];
    for (const [i, block] of blocks.entries()) {
      const work = await compile(gpu, block.querySelector("code").textContent, n, TILES[i], buffers);
      work.name = words.names[i];
      work.once = await time(gpu, work, 1); // warms up
      const c = await download(device, buffers[2], 4 * n * n);
      const error = errorOf(new Float32Array(c), exact, n);
      if (!(error < WRONG)) work.wrong = error;
      // A number left over from this kernel must not pass for the next one's.
      device.queue.writeBuffer(buffers[2], 0, new Float32Array(n * n));
      work.once = Math.min(work.once, await time(gpu, work, 1));
      work.calls = Math.ceil(SAMPLE / Math.max(work.once, SHORTEST));
      works.push(work);
    }
    const sound = works.filter((work) => work.wrong === undefined);
    const samples = new Map(sound.map((work) => [work, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const work of shuffled(sound)) samples.get(work).push(await time(gpu, work, work.calls));
    }
    buffers.forEach((buffer) => buffer.destroy());
    return works.map((work) => summary(work, n, samples.get(work)));
  }

  function summary(work, n, samples) {
    const { name, once, wrong } = work;
    if (!samples) return { name, n, once, wrong };
    const [least, middle, most] = [0, ROUNDS >> 1, ROUNDS - 1].map(
      (i) => samples.sort((x, y) => x - y)[i],
    );
    return { name, n, once, least, middle, most, rate: (2 * n ** 3) / middle / 1e6 };
  }

  function shuffled(items) {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  function upload(device, values) {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ size: values.byteLength, usage });
    device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }

  function blank(device, n) {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return device.createBuffer({ size: 4 * n * n, usage });
  }

  async function download(device, buffer, size) {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const target = device.createBuffer({ size, usage });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, target, 0, size);
    device.queue.submit([encoder.finish()]);
    await target.mapAsync(GPUMapMode.READ);
    const copy = target.getMappedRange().slice(0);
    target.destroy();
    return copy;
  }

  // Rejects, with the compiler's words, where the code is no WGSL.
  async function compile({ device }, code, n, tile, buffers) {
    const compute = { module: device.createShaderModule({ code }), entryPoint: "main",
                      constants: { n } };
    const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute });
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { pipeline, group, groups: n / tile };
  }

  // Milliseconds of one call, of so many in a row.
  async function time({ device, stamps }, work, calls) {
    const encoder = device.createCommandEncoder();
    const clock = stamps && stopwatch(device);
    const pass = encoder.beginComputePass(stamps ? { timestampWrites: clock.writes } : {});
    pass.setPipeline(work.pipeline);
    pass.setBindGroup(0, work.group);
    for (let i = 0; i < calls; i++) pass.dispatchWorkgroups(work.groups, work.groups);
    pass.end();
    if (stamps) encoder.resolveQuerySet(clock.writes.querySet, 0, 2, clock.buffer, 0);
    await device.queue.onSubmittedWorkDone();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    let spent = performance.now() - start;
    if (stamps) {
      const [first, last] = new BigInt64Array(await download(device, clock.buffer, 16));
      spent = Number(last - first) / 1e6;
      clock.writes.querySet.destroy();
      clock.buffer.destroy();
    }
    return spent / calls;
  }

  function stopwatch(device) {
    const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    const writes = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    return { writes, buffer: device.createBuffer({ size: 16, usage }) };
  }

  // Lines such as `512  98.1 GFLOP/s  a name`, which a cell of the page has printed.
  function recorded() {
    const lines = [...document.querySelectorAll("pre")].flatMap((pre) => pre.textContent.split("\n"));
    return lines
      .map((line) => /^\s*(\d+)\s+([\d.]+) GFLOP\/s\s+(.+)$/.exec(line))
      .filter(Boolean)
      .map(([, n, rate, name]) => ({ name, n: Number(n), rate: Number(rate) }));
  }

  function draw(results) {
    const head = make("tr");
    head.append(...words.head.map((word) => make("th", word)));
    const sizes = new Set(results.filter((r) => r.once !== undefined).map((r) => r.n));
    const rows = results.filter((r) => sizes.has(r.n)).sort((x, y) => x.n - y.n);
    const best = Math.max(...rows.map(({ rate }) => rate ?? 0));
    table.replaceChildren(head, ...rows.map((result) => row(result, best)));
  }

  function row({ name, n, least, middle, most, rate, wrong }, best) {
    const line = make("tr");
    const span = middle && `${show(middle)} [${show(least)}..${show(most)}]`;
    const times = wrong === undefined ? span ?? "" : fill(words.wrong, wrong.toExponential(0));
    const bar = make("td");
    if (rate) {
      const meter = make("meter");
      Object.assign(meter, { min: 0, max: best, value: rate });
      meter.setAttribute("aria-label", `${name}: ${show(rate)} GFLOP/s`);
      bar.append(meter);
    }
    const cells = [name, `${n}`, times, rate ? show(rate) : ""].map((text) => make("td", text));
    line.append(...cells, bar);
    return line;
  }

  const show = (value) => String(Number(value.toPrecision(3)));
})();
