# ---
# title: GPU 上的一次矩阵乘法
# description: 一次乘法怎样计时才算数，每种精度要牺牲多少准确度，规格书的峰值怎么读，再用五步写一个自己的内核。
# ---

# %% [markdown]
# # GPU 上的一次矩阵乘法 { #gpu-matmul }
#
# 在 CPU 上，调用返回时活已经干完；在 GPU 上，调用返回时活才刚排上队。秒表会因此出什么错？一次乘法离规格书上的数字又有多远？
# { .lead }
#
# 本页的 GPU 时间只来自录下的运行。写着 `no run recorded yet` 的地方，就是还没有人录过。其余单元都在生成本页的机器上跑过。
#
# ## 同一次调用，六种计时 { #six-ways }
#
# 同一次调用，用主机的钟量，用设备上的事件量，等或者不等，最后再录成 CUDA 图（graph）重放：
#
# ```snippet
# labs/gpu_ways.py:ways
# ```
#
# | 办法 | 钟 | 量到的是什么 |
# | --- | --- | --- |
# | `launch` | 主机 | 把调用放进队列要多久；没人等活干完 |
# | `sync-each` | 主机 | 调一次等一次，连同与设备一来一回 |
# | `sync-once` | 主机 | 连调许多次，只等一回，再平摊 |
# | `events` | 设备 | 设备自己的队列里两个记号之间；装得下的数据还留在缓存里 |
# | `events-cold` | 设备 | 同上，先把缓存冲掉 |
# | `graph` | 设备 | 许多次调用并成一个请求，再平摊 |
#
# 没有 GPU，可以拿一个线程来顶替：它像 GPU 一样先收下活，过后再做，每次调用要忙 {{ cells.work_ms}} ms：

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
# 主机的钟不等人，报出 {{ cells.ms[launch]:.3f}} ms；事件报的是 {{ cells.ms[events]:.1f}} ms。**前一个数并不说明乘得快，那只是把活派出去的时间。** 在真设备上，它取决于 Python 和驱动，与矩阵大小关系不大。拿它去除运算次数，算出的速率会随边长的立方往上涨，很快就超过任何峰值。
#
# 另外五种差多少，小矩阵与大矩阵各如何，看录下的运行：

# %%
gpu_peaks.show("six-ways")

# %% [markdown]
# **什么时候不成立。** 队列满了，主机还是得等：一口气排进去足够多次，排队的快慢就由设备说了算。队列空着，事件也会骗人：前一个记号当场就过，若调用本身比排队还短，设备便在两个记号之间干等主机。`events-cold` 只要冲缓存时设备一直忙着，就看不到这段空等。另外，`.item()`、`.cpu()` 这类要把结果读回来的操作，自己就会等。
#
# **动手。** 把单元里改成 `work_ms = 0.01`，哪几种办法量到的主要成了替身自己的开销？
#
# ## 测两遍，对得上吗？ { #control }
#
# 比较之前，先让同一件活用两个名字各测一遍，两者之比离 1 多远，噪声就有多大。下面在手头的设备上算 256 个 16×16 的乘法，一种是一次请求全做完（`bmm`），一种是挨个来：

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
# 同一件活测两遍，时间之比是 {{ cells.control_median:.2f}}。在生成本页的机器上，挨个来要花一次请求的 {{ cells.looped_median:.1f}} 倍时间。这个实验室只在差距远大于噪声时才断言谁快谁慢；上面这一条，凡是录下运行的机器都要满足，差距至少 2 倍。
#
# **什么时候不成立。** 循环慢在每次请求都有开销。单个乘法若比一次请求长得多，就省不出什么了；[后面](#layouts)批量的表里两种情形都有。
#
# ## 换一种精度，牺牲多少 { #precisions }
#
# 先用 float32 随机生成矩阵，再舍入成各种格式来乘。误差是对着舍入*之前*那两个矩阵的 float64 乘积算的，一种格式丢掉的全都计入：

# %%
formats = ("fp32", "fp16", "bf16", "fp8")
errors = {p: Product(p, 64, 512, 64).error() for p in formats}
for name, error in errors.items():
    print(f"{name} {error:.0e}")

# %% [markdown]
# bfloat16 留 8 个有效二进制位，float16 留 11 个，误差分别是 {{ cells.errors[bf16]:.0e}} 和 {{ cells.errors[fp16]:.0e}}。fp8 的 e4m3 格式只留 4 个，误差 {{ cells.errors[fp8]:.0e}}。换来的是速度：位宽每减一半，要搬的字节减半；张量核心若支持这种格式，每个周期能做的乘法大致翻倍。张量核心是一条指令就乘完一对小矩阵的运算单元。
#
# fp8 用的是 PyTorch 的私有函数 `torch._scaled_mm`。这个版本里公开的 `torch.nn.functional.scaled_mm` 还要说明缩放系数怎样排布；这里两边的系数都只是一个 1。设备做不了的，记录里写原因，不写时间。

# %%
gpu_peaks.show("precisions")

# %% [markdown]
# TF32 仍按 float32 存，只是张量核心从每个数的有效位里只读 11 个。PyTorch 里这样打开：`torch.backends.cuda.matmul.fp32_precision = "tf32"`；设备照办了没有，看误差那一列。
#
# **什么时候不成立。** 这里的矩阵是随机的，只有一种大小。数值相差悬殊时，float16 和 fp8 不先缩放就会上溢或者归零；整个矩阵共用一个系数还未必够，[练习](#exercise-scales)里有 fp8 的一例。
#
# ## 规格书上写的是什么 { #peaks }
#
# 稠密乘法，单位 TFLOP/s；显存带宽，单位 GB/s；最后一列 `ridge` 是分界：用 bfloat16 时，每个字节要做多少次运算，瓶颈才从显存换成算力。

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
# A100 的数字就印在规格书上[^nvidiaa100]。H100[^nvidiah100] 与 H200[^nvidiah200] 的 SXM 版，bfloat16 一项 NVIDIA 印的是 {{ cells.sheet:,.0f}} TFLOP/s，脚注说明这是按稀疏算的：硬件跳过的、与零相乘的那些也计了数。稠密乘法只许诺一半，即 {{ cells.h100_bf16:.1f}}。这与另一种算法相符：{{ cells.cores}} 个张量核心，每个周期各做 {{ cells.per_cycle:,}} 次运算，每秒 {{ cells.clock:.2e}} 个周期，乘起来是 {{ cells.from_clock:.1f}} TFLOP/s。
#
# 录下的运行列出两种占比：占这个峰值多少，占同一次运行、同一种精度里最高速率多少。
#
# **什么时候不成立。** 峰值只对应一个频率，而且还不是最高的那个：H100 的 float32 那个数，背后是 {{ cells.plain_cores:,}} 个普通核心，每秒 {{ cells.plain_clock:.2e}} 个周期。算 bfloat16 时若也能一直跑在这个频率上，占比就会超过 100%。反过来，乘法一重，功率碰到上限，频率会降下来，那时没有哪个内核够得着印出来的数。所以记录里存着运行之前、之中、之后的频率、功率和温度。
#
# ## 多少行才喂得饱 { #roofline }
#
# 语言模型每写一个词元，就拿一行去乘一个大权重矩阵：权重全部搬一遍，每个只用来做两次运算。屋顶线模型[^williams2009]给这种乘法一个上限：速率不超过峰值，也不超过带宽乘以每字节的运算次数。下面是两份规格书的屋顶，竖线标出 $m$ 行乘 8192×8192 的 bfloat16 权重时，每字节做多少次运算：

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
#   - alt: 对数坐标上的两道屋顶，都随每字节的运算次数上升，然后走平；H100 的在上，A100 的在下。五条竖线各标一个行数，前三条在斜坡下，后两条在两道屋顶走平的地方。
#     caption: "两份规格书的 bfloat16 屋顶，实线 H100 SXM，虚线 A100 SXM 80 GB。竖线：$m$ 行乘 8192×8192 的权重。有录下的运行时，用灰点标出。"
#     labels: {FLOP per byte: 每字节运算次数, TFLOP/s: TFLOP/s}
# ```
#
# 一行，每字节做 {{ cells.intensity[1]:.2f}} 次运算；8192 行，{{ cells.intensity[8192]:,.0f}} 次。H100 SXM 要到 {{ cells.h100_ridge:.0f}} 次，瓶颈才是算力。**只有一行时，再添算力也没用；到了 {{ cells.rows[3]}} 行，再添带宽也没用。** 模型是这么说的。

# %%
gpu_peaks.show("thin")
for run in gpu_peaks.gpu_runs():
    for name, x, limit, found in gpu_peaks.thin(run):
        print(f"{name:22}{x:7.1f} FLOP/B {limit:7.1f} roof {found:7.1f}")

# %% [markdown]
# **什么时候不成立。** 屋顶是上限，不是预测。中间那些形状，库里可能没有合适的内核，会远远低于屋顶。实测的屋顶，带宽取自同一次运行里的复制，算力取自其中速率最高的那次乘法。复制时读写各半，行数很少的乘法却没写多少，未必受同一个带宽限制，所以可能落到实测的屋顶之上。
#
# ## 存法与批量 { #layouts }
#
# `n` 表示按行存，`t` 按列存，`s` 每行隔一格放一个数；前一个字母说 $A$，后一个说 $B$。批量则比较一次请求与循环：

# %%
for group in ("layouts", "batch"):
    gpu_peaks.show(group)

# %% [markdown]
# 按列存的矩阵，库照收不误。每行里有空格的就不行了：行与行、列与列之间的跨度，BLAS 只认一个，不认两个，PyTorch 只好先复制一份[^dongarra1990]。
#
# **什么时候不成立。** 复制的代价与元素个数成正比，方阵乘法的代价与边长的立方成正比。矩阵大，复制不值一提；矩阵又窄又长，大半时间可能都花在复制上。
#
# ## 与数值有关吗？ { #values }
#
# 形状一样，指令一样，只有数不一样。GPU 顶着功率上限跑时，单凭这一点就可能改变时间：翻转的位少，耗电就少，频率也就降得少[^he2024]。

# %%
gpu_peaks.show("values")

# %% [markdown]
# **什么时候不成立。** GPU 没碰到功率上限，就没有理由降频，数值也就不该有影响。事先往往不知道碰没碰到，所以测速要用随机数，别用 `torch.zeros`。
#
# ## 自己写内核 { #triton }
#
# 用 Triton[^tillet2019] 写的是：一个*程序*怎样算出 $C$ 的一小块；大矩阵要成千上万个程序来算，GPU 容得下几个，就同时跑几个。第一步，一个程序算一个元素：
#
# ```snippet
# labs/gpu_kernels.py:naive
# ```
#
# 读一整行、一整列，只换来一个数。第二步，一个程序算一块。读进来的数放在寄存器和共享内存里，整块都用得上：
#
# ```snippet
# labs/gpu_kernels.py:tile
# ```
#
# `UPCAST` 打开，就转成 float32，由普通核心来乘，`PRECISION` 则不许它换成 TF32；不打开，`tl.dot` 拿到的是 bfloat16，可以用张量核心，这是第四步。这一步的块也取得更大，所以快出来的不能全算在张量核心头上。第三步只改程序领块的次序：
#
# ```snippet
# labs/gpu_kernels.py:in_groups
# ```
#
# 设想同时跑九个程序，$A$、$B$、$C$ 都是九乘九块。最先的九个程序要读多少块？

# %%
in_rows = gpu_kernels.order(9, 9, 1)[:9]
in_groups = gpu_kernels.order(9, 9, 3)[:9]
tiles = {
    "rows": gpu_kernels.tiles_read(in_rows, 9),
    "groups": gpu_kernels.tiles_read(in_groups, 9),
}
print(tiles)

# %% [markdown]
# 写出来的都是九块。逐行领，要读 $A$ 和 $B$ 的 {{ cells.tiles[rows]}} 块；三行一组地领，只读 {{ cells.tiles[groups]}} 块。几个程序差不多同时读的块，只要共用的缓存放得下，从显存取一次就够。

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
#   - alt: 两排九乘九的格子，每排三个。上排填满的是 A 的一行、整个 B 和 C 的第一行；下排是 A 的三行、B 的三列和 C 里三乘三的一块。
#     caption: 九个程序同时跑。要填 $C$ 的那几块，就要读 $A$ 和 $B$ 里填色的块；上面逐行领，下面三行一组。
#     labels: {in rows: 逐行, in groups: 分组}
# ```
#
# 第五步，块取多大、用几个 warp（NVIDIA 的 GPU 上每个 32 个线程）、提前取几块，都交给测量：在设备上试十种，每种形状留下最快的一种。
#
# 编译器把内核变成了什么，没有 GPU 也看得见。为 H100 编译出来，汇编文本里要么有张量核心的指令（`wgmma`，旧一些的 GPU 上是 `mma`），要么只有普通的乘加（`fma`）：

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
# 文本说明选了哪些指令，至于快慢，它什么也没说。单元里若只有 `triton is not installed` 和一条命令，意思是生成本页时没装 Triton，内核既没有编译，也没有解释执行；在 Linux 上，用那条命令就能装好。这时测试也会跳过内核，并照实说明。录下的运行里，与库并排：

# %%
goal = 0.95
gpu_peaks.show("kernels")
for run in gpu_peaks.gpu_runs():
    share = gpu_peaks.share_of_library(run)
    print(f"{gpu_peaks.number(share, '.1%')} of the library, goal {goal:.0%}")

# %% [markdown]
# 最后一步的目标：在 H100 上，8192×8192、bfloat16，达到库的 {{ cells.goal:.0%}}。上面只要没有来自 H100 的表，就是还没有人录过，达到与否还不知道。
#
# **什么时候不成立。** 编译出来的文本和解释执行都证明不了快慢。解释器在 `tl.dot` 里把 bfloat16 的位当成整数来乘，所以这时先转成 float32。这样验得了地址和边界，验不了张量核心。
#
# ## 就在这一页，测你的 GPU { #webgpu }
#
# 有了 WebGPU，网页就能用上读者的 GPU：什么都不用装，什么都不会传出去。下面是三个内核，用它的着色语言 WGSL 写成，矩阵都是 $n\times n$ 的 float32。第一个，一个线程（WGSL 里叫 invocation）算 $C$ 的一个元素，为它读一行一列：
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
# 第二个，16×16 个线程组成一个工作组，合力把 $A$、$B$ 各一块抄进共享内存，互相等齐，每个数用上 16 次：
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
# 第三个，一个线程算 4×4 个元素，编译器可以把它们一直放在寄存器里。从共享的块里读 8 个数，就能做 16 次乘加；第二个内核每做一次要读两个：
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
# 下面的按钮运行的就是这三段代码，一字不差。报时间之前，先取结果里的八行，与双精度的和比对。然后三个内核轮流上场：短的调用在一个样本里连做许多次，时间戳取整便无关紧要；测九个样本，表里列出中位数、最小和最大。浏览器给得出 GPU 时间戳，就以它为钟；给不出，就量整个队列，用的是哪一种会写明。同一张表里还有生成本页的处理器，只用一个线程；有录下的 float32 运行，也一并列出：

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
# 看不见按钮，不是脚本关掉了，就是你在读笔记本或电子书版。浏览器没有 WebGPU 的话，按下去会告诉你。
#
# **什么时候不成立。** 边长都是 64 的倍数，内核不查边界；浏览器可能给每次访问另加检查。WGSL 还没有通行的办法用张量核心，所以这些速率只能与普通核心上的 float32 相比。浏览器会把时间戳取整，笔记本的 GPU 在两个样本之间还可能变频。
#
# ## 在你的机器上 { #your-own }
#
# 一条命令，PyTorch 找到什么就测什么：CUDA、ROCm、MPS、XPU 都行；都没有，就在 CPU 上测小一些的矩阵。十分钟还没测完就停下，结果不留：
#
# ```console
# $ pip install -r requirements-labs.txt
# $ python -m snippets.labs.gpu_matmul --out my.json
# $ python -m snippets.labs.gpu_matmul --run my.json --against runs/<device>/<run>.json
# ```
#
# 最后一行把你的运行与录下的逐项并排，差得多的还会列出可能的原因。把 `--out my.json` 换成 `--record`，结果就存进 `runs/`，可以交给本书。
#
# ## 什么成立，何时成立 { #what-holds }
#
# | 论断 | 成立的条件 |
# | --- | --- |
# | 主机的钟不等活干完，量到的只是排队 | 队列没满，也没有谁去读结果 |
# | 一次请求胜过许多次 | 单个乘法比一次请求短 |
# | 位数越少，误差越大，次序与有效位数一致 | 数值大小相近，并且缩放到了范围之内 |
# | H100 SXM 的 bfloat16 峰值是 {{ cells.h100_bf16:.1f}} TFLOP/s | 稠密乘法，每秒 {{ cells.clock:.2e}} 个周期 |
# | 只有一行时，瓶颈是显存 | 权重没有事先在缓存里 |
# | 分组领块读得少 | 同时跑的程序在次序里相邻，所算的块在 $C$ 里更接近正方形 |
#
# ## 练习 { #exercises }
#
# ### 没有 TF32，也来试 TF32 { #exercise-tf32 }
#
# 把两个矩阵舍入到 11 个有效二进制位，再用 float32 去乘。猜一猜：误差会像哪种格式？
#
# ??? success "解答"
#     ```snippet
#     labs/gpu_matmul_solutions.py:to_tf32
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:tf32
#     ```
#
#     像 float16，都是 {{ labs.gpu_matmul_solutions.tf32_errors[fp16]:.0e}}，因为两者都留 11 个有效位。TF32 强在范围与 float32 一样大。
#
# ### 要多少行 { #exercise-busy }
#
# 乘 8192×8192 的 bfloat16 权重，要多少行，瓶颈才变成算力？比较三份规格书。
#
# ??? success "解答"
#     ```snippet
#     labs/gpu_matmul_solutions.py:rows_to_be_busy
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:busy
#     ```
#
#     H100 与 H200 算力相同，H200 取数更快，{{ labs.gpu_matmul_solutions.busy[H200]}} 行就喂饱了，H100 要 {{ labs.gpu_matmul_solutions.busy[H100 80GB HBM3]}} 行。
#
# ### 几行一组最好 { #exercise-groups }
#
# H100 SXM 有 132 个多处理器。设每个同时跑一个程序，矩阵是 64 乘 64 块，几行一组读得最少？
#
# ??? success "解答"
#     ```snippet
#     labs/gpu_matmul_solutions.py:best_group
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:groups
#     ```
#
#     {{ labs.gpu_matmul_solutions.group}} 行，再多一行也一样：$\sqrt{132}$ 就在两者之间，面积一定，正方形的边最短。逐行领要读 {{ labs.gpu_matmul_solutions.read_in_rows:,}} 块，这样只读 {{ labs.gpu_matmul_solutions.read_best:,}} 块。
#
# ### fp8 里的一行大数 { #exercise-scales }
#
# 矩阵有一行比别的行大一百万倍。整个矩阵只用一个缩放系数，别的行会怎样？
#
# ??? success "解答"
#     ```snippet
#     labs/gpu_matmul_solutions.py:fp8_error
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:scales
#     ```
#
#     全丢了，相对误差 {{ labs.gpu_matmul_solutions.lost:.2f}}。每行一个系数，就只有 {{ labs.gpu_matmul_solutions.kept:.2f}}。
#
# ### 好得不像话 { #exercise-claimed }
#
# 有人说，H100 SXM 上一次 8192×8192 的稠密 bfloat16 乘法只要 0.9 ms。信吗？
#
# ??? success "解答"
#     ```snippet
#     labs/gpu_matmul_solutions.py:possible
#     ```
#
#     ```snippet
#     labs/gpu_matmul_solutions.py:claimed
#     ```
#
#     不能信：就算一直跑在峰值，也要 {{ labs.gpu_matmul_solutions.least:.2f}} ms；换成 [float32 那个数](#peaks)背后更高的频率，也要 {{ labs.gpu_matmul_solutions.at_plain_clock:.2f}} ms。多半是忘了等。
