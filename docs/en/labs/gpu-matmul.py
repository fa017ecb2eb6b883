# ---
# title: A matrix product on a GPU
# description: How to time a product on a device that only queues the call, what each precision costs in accuracy, what the datasheet promises, and a kernel of our own in five steps.
# ---

# %% [markdown]
# # A matrix product on a GPU { #gpu-matmul }
#
# On a CPU a call returns when its work is done. On a GPU it returns when the work is queued. What does that do to a stopwatch, and how near does a product come to what the datasheet promises?
# { .lead }
#
# This page shows GPU times only from recorded runs. Where it says `no run recorded yet`, nobody has recorded one. All other cells ran on the machine that built the page.
#
# ## One call, timed in six ways { #six-ways }
#
# The same call is timed with the host's clock and with events, waiting or not, and once as part of a CUDA graph:
#
# ```snippet
# labs/gpu_ways.py:ways
# ```
#
# | way | clock | what it counts |
# | --- | --- | --- |
# | `launch` | host | putting the call into the queue; nobody waits for the work |
# | `sync-each` | host | one call and the wait for it, the way to the device and back included |
# | `sync-once` | host | many calls and one wait, shared out |
# | `events` | device | what lies between two marks in the device's own queue; what fits stays in the cache |
# | `events-cold` | device | the same after the cache was overwritten |
# | `graph` | device | many calls that were queued as one request, shared out |
#
# A thread can stand in for the device. It takes work in a queue and does it later, as a GPU does; each call keeps it busy for {{ cells.work_ms}} ms:

# %%
from statistics import median

import matplotlib.pyplot as plt

from snippets.labs import gpu_kernels, gpu_peaks
from snippets.labs.gpu_matmul import LAB, Product
from snippets.labs.gpu_ways import fake, take_turns, ways
from snippets.labs.timing import ratio
from snippets.palette import A, B, C, INK, LINE, SOFT

MACHINE_BOUND = True  # three cells time what they run
work_ms = 5
device, call, graph = fake(work_ms / 1e3)
taken = take_turns(device, ways(device, call, graph), rounds=5)
ms = {cell.key: 1e3 * median(cell.samples) for cell in taken}
for name, time in ms.items():
    print(f"{name:12} {time:7.3f} ms")

# %% [markdown]
# The host's clock without a wait says {{ cells.ms[launch]:.3f}} ms, the events say {{ cells.ms[events]:.1f}} ms. **The first figure is not a fast product. It is the time to ask for one.** On a real device it depends on Python and the driver and hardly on the size of the matrices, so a rate computed from it grows with the cube of the size and soon exceeds every peak.
#
# A recorded GPU says how far the other five are apart for a small and for a large product:

# %%
gpu_peaks.show("six-ways")

# %% [markdown]
# **Where this stops being true.** A full queue makes the host wait after all: enough launches in a row are paced by the device. An empty queue misleads the events: the first mark passes at once, and if the call is shorter than the time it takes to queue it, the device waits for the host between the marks. `events-cold` does not show this as long as overwriting the cache keeps the device busy meanwhile. And work that reads a result back, such as `.item()` or `.cpu()`, waits by itself.
#
# **Try it.** Set `work_ms = 0.01` in the cell. Which ways now count mostly the stand-in's own overhead?
#
# ## Does the clock agree with itself? { #control }
#
# Before any comparison, the same work is measured twice under two names. How far that ratio is from 1 is the noise. Here it is done on the device at hand, for 256 products of 16×16, at one request (`bmm`) and one after the other:

# %%
measured = {cell.key: cell for cell in LAB.groups["batch"].run(rounds=9)}
one = measured["batch/bmm-fp32-256x16"].samples
again = measured["batch/control"].samples
loop = measured["batch/loop-fp32-256x16"].samples
control = ratio(again, one)
looped = ratio(loop, one)
for name, found in (("control", control), ("loop", looped)):
    middle, low, high = found
    print(f"{name:7} / bmm {middle:5.2f} [{low:.2f}..{high:.2f}]")
control_median, looped_median = control.median, looped.median

# %% [markdown]
# The same work, measured twice, stands at {{ cells.control_median:.2f}} to 1. The loop takes {{ cells.looped_median:.1f}} times as long as one request, on the machine of this build. The lab claims an ordering only where the margin is far larger than such noise; this one it claims for every machine that records a run, with a margin of 2.
#
# **Where this stops being true.** The loop pays for each request. Where a single product takes much longer than a request, there is little left to save; the table of batches [further down](#layouts) has a case of each kind.
#
# ## What does a precision cost? { #precisions }
#
# The operands are drawn in float32, then rounded to each format and multiplied. The error is taken against the float64 product of the operands *before* rounding, so that it counts all that a format loses:

# %%
formats = ("fp32", "fp16", "bf16", "fp8")
errors = {p: Product(p, 64, 512, 64).error() for p in formats}
for name, error in errors.items():
    print(f"{name} {error:.0e}")

# %% [markdown]
# bfloat16 keeps 8 significant bits and float16 keeps 11; the errors are {{ cells.errors[bf16]:.0e}} and {{ cells.errors[fp16]:.0e}}. fp8 in its e4m3 form keeps 4, and the error is {{ cells.errors[fp8]:.0e}}. That buys speed: each halving of the width halves the bytes to fetch, and tensor cores that know the format do about twice as many products in a cycle. Tensor cores are units that multiply small matrices at one instruction.
#
# For fp8 the lab calls `torch._scaled_mm`, a private function. The public `torch.nn.functional.scaled_mm` of this version wants to be told as well how the scales are laid out; here both scales are a single 1. Where a device cannot do it, the record says so in place of a time.

# %%
gpu_peaks.show("precisions")

# %% [markdown]
# TF32 stores float32 and lets tensor cores read 11 bits of each significand. PyTorch asks for it with `torch.backends.cuda.matmul.fp32_precision = "tf32"`; the error column tells whether the device obeyed.
#
# **Where this stops being true.** These are random operands of one size. Values of very different magnitude overflow or vanish in float16 and fp8 unless they are scaled first; and one scale for a whole matrix may not do, as [an exercise](#exercise-scales) shows for fp8.
#
# ## What does the datasheet promise? { #peaks }
#
# Dense products in TFLOP/s, memory in GB/s, and the operations for each byte at which arithmetic in bfloat16 takes over from memory as the limit (`ridge`):

# %%
shown = ("fp32", "tf32", "bf16", "fp8")
print(" " * 16 + "".join(f"{p:>8}" for p in shown), "  GB/s  ridge")
for peak in gpu_peaks.PEAKS:
    rates = [gpu_peaks.number(peak.tflops.get(p), ".1f") for p in shown]
    columns = "".join(f"{rate:>8}" for rate in rates)
    ridge = gpu_peaks.ridge(peak.tflops["bf16"], peak.memory)
    print(f"{peak.name:16}{columns}{peak.memory:7}{ridge:7.0f}")

cores, per_cycle, clock = 528, 1024, 1.83e9
from_clock = cores * per_cycle * clock / 1e12
h100 = gpu_peaks.peak_of("H100 80GB HBM3")
h100_bf16 = h100.tflops["bf16"]
h100_ridge = gpu_peaks.ridge(h100_bf16, h100.memory)
sheet = gpu_peaks.SPARSE * h100_bf16
print(f"from cores and clock: {from_clock:.1f} TFLOP/s")
plain_cores = 16896  # two operations each in a cycle
plain_clock = h100.tflops["fp32"] * 1e12 / (2 * plain_cores)
print(f"clock behind the float32 figure: {plain_clock:.2e} Hz")

# %% [markdown]
# The A100's figures stand in its datasheet[^nvidiaa100]. For the SXM versions of the H100[^nvidiah100] and the H200[^nvidiah200] NVIDIA prints {{ cells.sheet:,.0f}} TFLOP/s in bfloat16, and a note says that this is with sparsity: products with zeros that the hardware skips are counted. For a dense product it promises half of that, {{ cells.h100_bf16:.1f}}. That agrees with {{ cells.cores}} tensor cores, {{ cells.per_cycle:,}} operations each in a cycle, and {{ cells.clock:.2e}} cycles a second: {{ cells.from_clock:.1f}} TFLOP/s.
#
# The tables of recorded runs give both shares: of this peak, and of the best rate that the same run reached in the same precision.
#
# **Where this stops being true.** The peak holds at one clock, and that is not the highest: behind the H100's float32 figure stand {{ cells.plain_cores:,}} ordinary cores at {{ cells.plain_clock:.2e}} cycles a second. A device that kept this clock in bfloat16 products too would pass 100% of the peak. Under a heavy product the power limit can lower the clock instead, and then no kernel reaches the printed figure. A record therefore keeps clock, power and temperature from before, during and after the run.
#
# ## How many rows keep it busy? { #roofline }
#
# A language model that writes one token multiplies one row by a large matrix of weights. It fetches all of the weights for two operations each. The roofline[^williams2009] bounds such a product: the rate is at most the smaller of the peak and bandwidth times operations per byte. Here are the roofs of two datasheets, with a line at the operations per byte of $m$ rows times 8192×8192 weights in bfloat16:

# %%
n, rows = 8192, [1, 8, 64, 512, 8192]
work = [Product("bf16", m, n, n).work() for m in rows]
intensity = {m: w.flop / w.bytes for m, w in zip(rows, work, strict=True)}
axis = [2**k for k in range(-1, 13)]

fig, ax = plt.subplots(figsize=(6.4, 3.4))
for name, style in (("H100 80GB HBM3", "-"), ("A100-SXM4-80GB", "--")):
    peak = gpu_peaks.peak_of(name)
    top, speed = peak.tflops["bf16"], peak.memory
    x = sorted([*axis, gpu_peaks.ridge(top, speed)])
    roof = [gpu_peaks.roof(at, top, speed) for at in x]
    ax.loglog(x, roof, style, color=INK)
    ax.text(axis[-1], 1.25 * roof[-1], name[:4], ha="right")
for m in rows:
    ax.axvline(intensity[m], color=LINE, lw=0.8)
    ax.text(intensity[m], 0.35, m, ha="center", fontsize=9)
for run in gpu_peaks.gpu_runs():
    for _, x, _, found in gpu_peaks.thin(run):
        ax.plot(x, found, "o", color=SOFT)
ax.set(xlabel="FLOP per byte", ylabel="TFLOP/s", ylim=(0.25, 4000))
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: Two roofs on logarithmic axes. Each rises with the operations per byte and turns flat; that of the H100 lies above that of the A100. Five vertical lines mark numbers of rows; the first three stand under the slopes, the last two under the flat part of both.
#     caption: "Roofs of two datasheets in bfloat16, solid H100 SXM, dashed A100 SXM 80 GB. Vertical lines: $m$ rows times 8192×8192 weights. Grey points are recorded runs, where there are any."
#     labels: {FLOP per byte: FLOP per byte, TFLOP/s: TFLOP/s}
# ```
#
# One row does {{ cells.intensity[1]:.2f}} operations for each byte, 8192 rows do {{ cells.intensity[8192]:,.0f}}. The H100 SXM needs {{ cells.h100_ridge:.0f}} before arithmetic is its limit. **With one row, more arithmetic would buy nothing; with {{ cells.rows[3]}}, more bandwidth would buy nothing.** So far the model.

# %%
gpu_peaks.show("thin")
for run in gpu_peaks.gpu_runs():
    for name, x, limit, found in gpu_peaks.thin(run):
        print(f"{name:22}{x:7.1f} FLOP/B {limit:7.1f} roof {found:7.1f}")

# %% [markdown]
# **Where this stops being true.** The roof is a bound, no forecast. A library may lack a good kernel for a shape in between and stay well below it. The measured roof uses the run's own copy for bandwidth and its own best product for arithmetic. A copy writes as much as it reads, a thin product writes little. Its traffic need not meet the copy's limit, and it may lie above the measured roof.
#
# ## Layouts and batches { #layouts }
#
# `n` is a matrix stored by rows, `t` by columns, `s` in every other place of a row; the first letter is $A$, the second $B$. Batches come as one request or as a loop:

# %%
for group in ("layouts", "batch"):
    gpu_peaks.show(group)

# %% [markdown]
# An operand stored by columns is an ordinary argument for the library. One with gaps in each row is not: BLAS knows one step between columns or rows, but not two, so PyTorch first makes a copy[^dongarra1990].
#
# **Where this stops being true.** A copy costs in proportion to the matrix, a square product in proportion to the cube of the side. For large matrices the copy hardly counts; for thin ones it can be most of the work.
#
# ## Do the values matter? { #values }
#
# Same shape, same instructions; only the numbers differ. On a GPU at its power limit that alone can change the time: fewer bits that flip cost less power, and the clock can stay higher[^he2024].

# %%
gpu_peaks.show("values")

# %% [markdown]
# **Where this stops being true.** A GPU below its power limit has no reason to lower the clock, and then values should not matter. One seldom knows beforehand, so benchmark with random numbers, and not with `torch.zeros`.
#
# ## A kernel of our own { #triton }
#
# In Triton[^tillet2019] one writes what a *program* does for one piece of $C$; a large product takes thousands of programs, and the GPU runs as many at once as it has room for. The first step gives a program one entry:
#
# ```snippet
# labs/gpu_kernels.py:naive
# ```
#
# It reads a row and a column for a single number. The second step gives each program a tile. What it reads once then serves all entries of the tile, from registers and shared memory:
#
# ```snippet
# labs/gpu_kernels.py:tile
# ```
#
# With `UPCAST` the tile is multiplied in float32 on ordinary cores, and `PRECISION` forbids TF32; without, `tl.dot` is handed bfloat16 and may use tensor cores. That is the fourth step, which also takes larger tiles, so its gain is not due to tensor cores alone. The third changes nothing but the order in which programs take tiles:
#
# ```snippet
# labs/gpu_kernels.py:in_groups
# ```
#
# Suppose nine programs run at once, and $A$, $B$ and $C$ are nine by nine tiles. What do the first nine have to read?

# %%
in_rows = gpu_kernels.order(9, 9, 1)[:9]
in_groups = gpu_kernels.order(9, 9, 3)[:9]
tiles = {
    "rows": gpu_kernels.tiles_read(in_rows, 9),
    "groups": gpu_kernels.tiles_read(in_groups, 9),
}
print(tiles)

# %% [markdown]
# Both write nine tiles. Taken in rows they read {{ cells.tiles[rows]}} tiles of $A$ and $B$, in groups of three {{ cells.tiles[groups]}}. What several programs read at about the same time has to come from memory only once, as long as the cache that they share holds it.

# %%
def grid(ax, picked, color):
    """Nine by nine tiles, some of them filled."""
    for row in range(9):
        for column in range(9):
            fill = color if (row, column) in picked else "none"
            place = column, 8 - row
            ax.add_patch(plt.Rectangle(place, 1, 1, fc=fill, ec=LINE))
    ax.set(xlim=(0, 9), ylim=(0, 9), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


fig, axes = plt.subplots(2, 3, figsize=(5.8, 3.9))
orders = {"in rows": in_rows, "in groups": in_groups}
for line, (name, first) in zip(axes, orders.items(), strict=True):
    rows_read = {i for i, _ in first}
    columns_read = {j for _, j in first}
    grid(line[0], {(i, k) for i in rows_read for k in range(9)}, A)
    grid(line[1], {(k, j) for j in columns_read for k in range(9)}, B)
    grid(line[2], set(first), C)
    line[0].set_ylabel(name)
for ax, letter in zip(axes[0], "ABC", strict=True):
    ax.text(4.5, 9.4, f"${letter}$", ha="center")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: Two rows of three nine-by-nine grids. Above, one row of A, all of B and the first row of C are filled. Below, three rows of A, three columns of B and a square of three by three in C.
#     caption: Nine programs at once. To fill the tiles of $C$ they read the filled tiles of $A$ and $B$; above in rows, below in groups of three.
#     labels: {in rows: in rows, in groups: in groups}
# ```
#
# The fifth step leaves tile sizes, the number of warps (32 threads each on NVIDIA's GPUs) and of tiles fetched ahead to measurement: it tries ten choices on the device and keeps the best for each shape.
#
# No GPU is needed to see what the compiler makes of a kernel. Compiled for an H100, its text asks for tensor cores (`wgmma`, on older GPUs `mma`) or for plain multiply-adds (`fma`):

# %%
if gpu_kernels.triton:
    asked = "[instructions(s, 'bfloat16', 90) for s in STEPS[:4]]"
    told = gpu_kernels.elsewhere(asked)
    for step, counts in zip(gpu_kernels.STEPS, told, strict=False):
        print(f"{step:7} {counts}")
    case = ("tensor", "bfloat16", 70, 40, 50)
    wrong = gpu_kernels.elsewhere(f"errors([{case}])", TRITON_INTERPRET="1")
    print(f"interpreted: relative error {wrong[0]:.0e}")
else:
    print(gpu_kernels.why_not("cuda"))

# %% [markdown]
# Such text says which instructions were chosen, and nothing of how fast they are. If the cell shows only `triton is not installed` and a command, Triton was missing when the page was built: no kernel was compiled or interpreted, and on Linux the command installs it. The tests then skip the kernels and say so too. Beside the library, on a recorded GPU:

# %%
goal = 0.95
gpu_peaks.show("kernels")
for run in gpu_peaks.gpu_runs():
    share = gpu_peaks.share_of_library(run)
    print(f"{gpu_peaks.number(share, '.1%')} of the library, goal {goal:.0%}")

# %% [markdown]
# The goal for the last step is {{ cells.goal:.0%}} of the library's rate at 8192×8192 in bfloat16 on an H100. As long as no table above comes from an H100, nobody has recorded whether that is reached.
#
# **Where this stops being true.** Compiled text and interpreter prove no speed. The interpreter multiplies the bits of bfloat16 in `tl.dot` as though they were integers, so under it we convert to float32 first. That tests our addresses and masks, and not the tensor cores.
#
# ## On your GPU, in this page { #webgpu }
#
# WebGPU gives a page access to the reader's GPU. Nothing is installed, and nothing leaves the page. Three kernels in WGSL, its shading language, all for $n\times n$ matrices of float32. In the first, an invocation computes one entry of $C$ and reads a row and a column for it:
#
# ```wgsl
# @group(0) @binding(0) var<storage, read> a: array<f32>;
# @group(0) @binding(1) var<storage, read> b: array<f32>;
# @group(0) @binding(2) var<storage, read_write> c: array<f32>;
# override n: u32;
#
# @compute @workgroup_size(16, 16)
# fn main(@builtin(global_invocation_id) at: vec3u) {
#   var total = 0.0;
#   for (var k = 0u; k < n; k++) {
#     total += a[at.y * n + k] * b[k * n + at.x];
#   }
#   c[at.y * n + at.x] = total;
# }
# ```
#
# In the second, 16×16 invocations form a workgroup. Together they copy a tile of $A$ and one of $B$ into memory that they share, wait for each other, and use every number 16 times:
#
# ```wgsl
# @group(0) @binding(0) var<storage, read> a: array<f32>;
# @group(0) @binding(1) var<storage, read> b: array<f32>;
# @group(0) @binding(2) var<storage, read_write> c: array<f32>;
# override n: u32;
# var<workgroup> left: array<array<f32, 16>, 16>;
# var<workgroup> right: array<array<f32, 16>, 16>;
#
# @compute @workgroup_size(16, 16)
# fn main(@builtin(global_invocation_id) at: vec3u,
#         @builtin(local_invocation_id) here: vec3u) {
#   var total = 0.0;
#   for (var k = 0u; k < n; k += 16) {
#     left[here.y][here.x] = a[at.y * n + k + here.x];
#     right[here.y][here.x] = b[(k + here.y) * n + at.x];
#     workgroupBarrier();
#     for (var i = 0u; i < 16; i++) {
#       total += left[here.y][i] * right[i][here.x];
#     }
#     workgroupBarrier();
#   }
#   c[at.y * n + at.x] = total;
# }
# ```
#
# In the third, an invocation computes 4×4 entries, which the compiler can keep in registers. For 8 numbers that it reads from the shared tiles it does 16 multiply-adds, where the second kernel reads two for each:
#
# ```wgsl
# @group(0) @binding(0) var<storage, read> a: array<f32>;
# @group(0) @binding(1) var<storage, read> b: array<f32>;
# @group(0) @binding(2) var<storage, read_write> c: array<f32>;
# override n: u32;
# var<workgroup> left: array<array<f32, 16>, 64>;
# var<workgroup> right: array<array<f32, 64>, 16>;
#
# @compute @workgroup_size(16, 16)
# fn main(@builtin(workgroup_id) tile: vec3u,
#         @builtin(local_invocation_id) here: vec3u,
#         @builtin(local_invocation_index) me: u32) {
#   let top = tile.y * 64;
#   let start = tile.x * 64;
#   var total: array<vec4f, 4>;
#   for (var k = 0u; k < n; k += 16) {
#     for (var i = me; i < 1024; i += 256) {
#       left[i / 16][i % 16] = a[(top + i / 16) * n + k + i % 16];
#       right[i / 64][i % 64] = b[(k + i / 64) * n + start + i % 64];
#     }
#     workgroupBarrier();
#     for (var i = 0u; i < 16; i++) {
#       let x = 4 * here.x;
#       let row = vec4f(right[i][x], right[i][x + 1],
#                       right[i][x + 2], right[i][x + 3]);
#       for (var r = 0u; r < 4; r++) {
#         total[r] += left[4 * here.y + r][i] * row;
#       }
#     }
#     workgroupBarrier();
#   }
#   for (var r = 0u; r < 4; r++) {
#     for (var s = 0u; s < 4; s++) {
#       let row = top + 4 * here.y + r;
#       c[row * n + start + 4 * here.x + s] = total[r][s];
#     }
#   }
# }
# ```
#
# The button below runs exactly these three blocks. Before a time is shown, eight rows of each result are compared with sums in double precision. Then the kernels take turns: short calls are repeated within a sample, so that the rounding of timestamps weighs little, and of nine samples the table gives median, least and most. Where the browser offers the GPU's timestamps they are the clock, else the whole queue is timed; the page says which. To the table it adds what the processor that built this page reaches with one thread, and recorded runs in float32 where there are any:

# %%
from snippets.labs.timing import cpu_medians

sizes = (256, 512, 1024)
squares = {str(n): Product("fp32", n, n, n) for n in sizes}
for n, seconds in cpu_medians(squares, rounds=3).items():
    rate = 2 * int(n) ** 3 / seconds / 1e9
    print(f"{n:>5} {rate:9.1f} GFLOP/s  CPU")
for run in gpu_peaks.gpu_runs():
    for n in sizes:
        if rate := gpu_peaks.square(run, n):
            print(f"{n:5} {rate:9.1f} GFLOP/s  {run.device}, {run.date}")

# %% [markdown]
# No button? Then scripts are switched off, or this is a copy of the page as a notebook or a book. Where the browser has no WebGPU, pressing it says so.
#
# **Where this stops being true.** The sizes are multiples of 64, and the kernels check no edges; a browser may add checks of its own to each access. WGSL has no portable access to tensor cores, so these rates compare with float32 on ordinary cores and with nothing else. Browsers round timestamps, and a laptop's GPU may change its clock between two samples.
#
# ## Your own machine { #your-own }
#
# One command measures all of this with whatever PyTorch finds, CUDA, ROCm, MPS or XPU, and else with the CPU on smaller sizes. A run that has not ended after ten minutes is stopped and not kept:
#
# ```console
# $ pip install -r requirements-labs.txt
# $ python -m snippets.labs.gpu_matmul --out my.json
# $ python -m snippets.labs.gpu_matmul --run my.json --against runs/<device>/<run>.json
# ```
#
# The last line sets your run beside a recorded one, cell by cell, with likely reasons for large gaps. With `--record` in place of `--out my.json` the run is laid down in `runs/`, ready to be given to the book.
#
# ## What holds, and when { #what-holds }
#
# | claim | holds when |
# | --- | --- |
# | A host clock without a wait measures the queue | the queue is not full, and nothing reads the result |
# | One request beats many | each product is small against a request |
# | Fewer bits, larger errors, in the order of the significands | operands are of similar size, and scaled into the range |
# | The bfloat16 peak of the H100 SXM is {{ cells.h100_bf16:.1f}} TFLOP/s | dense products, {{ cells.clock:.2e}} cycles a second |
# | One row is limited by memory | the weights do not lie in cache already |
# | Grouped tiles read less | programs that run at once are neighbours in the order, and their tiles of $C$ form something nearer to a square |
#
# ## Exercises { #exercises }
#
# ### TF32 on a processor without it { #exercise-tf32 }
#
# Round both operands to 11 significant bits and multiply them in float32. Which format's error do you expect to find?
#
# ??? success "Solution"
#     ```snippet
#     labs/gpu_matmul_solutions.py:to_tf32
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:tf32
#     ```
#
#     That of float16, {{ labs.gpu_matmul_solutions.tf32_errors[fp16]:.0e}}, for both keep 11 bits. What TF32 has over float16 is float32's range.
#
# ### Enough rows { #exercise-busy }
#
# How many rows must be multiplied by 8192×8192 weights in bfloat16 before arithmetic is the limit? Compare three datasheets.
#
# ??? success "Solution"
#     ```snippet
#     labs/gpu_matmul_solutions.py:rows_to_be_busy
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:busy
#     ```
#
#     H100 and H200 compute alike. The H200 fetches faster and is busy from {{ labs.gpu_matmul_solutions.busy[H200]}} rows on, the H100 from {{ labs.gpu_matmul_solutions.busy[H100 80GB HBM3]}}.
#
# ### The best group { #exercise-groups }
#
# An H100 SXM has 132 multiprocessors. If each runs one program, and the matrices are 64 by 64 tiles, which group reads the fewest tiles?
#
# ??? success "Solution"
#     ```snippet
#     labs/gpu_matmul_solutions.py:best_group
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:groups
#     ```
#
#     {{ labs.gpu_matmul_solutions.group}}, and the next larger does as well: $\sqrt{132}$ lies between them, and for a given area a square has the shortest sides. Taken in rows they read {{ labs.gpu_matmul_solutions.read_in_rows:,}} tiles instead of {{ labs.gpu_matmul_solutions.read_best:,}}.
#
# ### One large row in fp8 { #exercise-scales }
#
# One row of a matrix is a million times as large as the others. What does a single scale for the whole matrix do to them?
#
# ??? success "Solution"
#     ```snippet
#     labs/gpu_matmul_solutions.py:fp8_error
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:scales
#     ```
#
#     They are lost: the relative error is {{ labs.gpu_matmul_solutions.lost:.2f}}. With a scale for each row it is {{ labs.gpu_matmul_solutions.kept:.2f}}.
#
# ### Too good { #exercise-claimed }
#
# Somebody reports 0.9 ms for a dense 8192×8192 product in bfloat16 on an H100 SXM. Believe it?
#
# ??? success "Solution"
#     ```snippet
#     labs/gpu_matmul_solutions.py:possible
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:claimed
#     ```
#
#     No: at the peak it takes {{ labs.gpu_matmul_solutions.least:.2f}} ms, and even at the higher clock of the [float32 figure](#peaks) {{ labs.gpu_matmul_solutions.at_plain_clock:.2f}} ms. Most likely somebody forgot to wait.
