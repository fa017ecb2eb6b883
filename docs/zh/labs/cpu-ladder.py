# ---
# title: 从三重循环到机器的极限
# description: 同一个矩阵乘积，从 Python 的三重循环一级一级爬到处理器的峰值，每一级都量，每一级都说清快在哪里；最后画出这台机器的屋顶线。
# ---

# %% [markdown]
# # 从三重循环到机器的极限 { #cpu-ladder }
#
# 同一个 $C=AB$，每一级做的乘法都一样多。照着定义写三重循环，离处理器的本事还差多远？中间隔着哪几级台阶？
# { .lead }
#
# ## 照定义写 { #literal }
#
# 三个循环，一次更新一个元素。
#
# ```snippet
# labs/rungs.py:literal
# ```
#
# 拿 64×64 的矩阵试：一次用列表，一次用 NumPy 数组（循环一模一样），一次用 `@`。时钟数的是 CPU 时间，几件活轮流跑，取中位数：

# %%
import numpy as np

from snippets.labs import cpu_ladder, machine, tile
from snippets.labs import ladder_tables as tables
from snippets.labs.records import load_all
from snippets.labs.rungs import column_axpy, elements, literal, row_axpy
from snippets.labs.timing import cpu_medians, measure

MACHINE_BOUND = True  # some cells time what they run
a, b = cpu_ladder.operands(64, 64, 64)
x, y = a.tolist(), b.tolist()
seconds = cpu_medians({
    "lists": lambda: literal(x, y),
    "arrays": lambda: elements(a, b),
    "@": lambda: a @ b,
}, rounds=3)
lists_ratio = seconds["lists"] / seconds["@"]
arrays_ratio = seconds["arrays"] / seconds["lists"]
print(machine.processor())
for name, time in seconds.items():
    print(f"{name:7} {1e6 * time:10,.0f} us")

# %% [markdown]
# 在构建本页的机器上，列表的三重循环用时是 `@` 的 {{ cells.lists_ratio:,.0f}} 倍。乘加只有 $64^3$ 对，时间几乎全花在别处：解释器要取下标、查类型、造一个装结果的对象，再放回列表，一对乘加要走完这一整套。
#
# 把列表换成数组，循环不动，反倒更慢，是列表的 {{ cells.arrays_ratio:.1f}} 倍：`a[i, k]` 每取一个数，都要现造一个 Python 对象把它包起来。**NumPy 快在整块地算；一个一个取数，它比列表还慢。**
#
# **什么时候不成立。** 这是 CPython 的账。换成会编译循环的实现，结果就不同，后面可以用 numba 试。
#
# ## 一级一级往上爬 { #ladder }
#
# 下表从上到下，一次调用要么多干些活，要么同样的活干得更顺。设矩阵是 $n\times n$，乘加总共 $n^3$ 对：
#
# | 写法 | 一次调用算什么 | 调用次数 | 每次的乘加 |
# | --- | --- | --- | --- |
# | `literal` | 一对乘加 | 没有调用，全由解释器走 | $1$ |
# | `sums` | 一行点一列，`sum` 和 `map` 在 C 里走循环，数仍是 Python 对象 | $n^2$ | $n$ |
# | `dots` | 一行点一列，内存里直接是数，不再是对象 | $n^2$ | $n$ |
# | `column axpy` | 一列乘一个数，加到另一列上 | $n^2$ | $n$ |
# | `row axpy` | 一行乘一个数，加到另一行上 | $n^2$ | $n$ |
# | `outers` | 一列乘一行，得一整个矩阵，再累加 | $n$ | $n^2$ |
# | `gemvs` | 一行乘整个 $B$ | $n$ | $n^2$ |
# | `blocks of 48` | 48×48 的小块相乘 | $(n/48)^3$ | $48^3$ |
# | `matmul` | 全部 | $1$ | $n^3$ |
#
# 其中三个：
#
# ```snippet
# labs/rungs.py:row_axpy
# ```
#
# ```snippet
# labs/rungs.py:outers
# ```
#
# ```snippet
# labs/rungs.py:gemvs
# ```
#
# 最后两级用 float32：`matmul32` 是同一个 `@`，`tile32` 是下文那十来行 C。峰值由另一个 C 函数测得：只在寄存器里做乘加，不碰内存；若 2048 阶的 `@` 更快，或没有编译器，就取 `@` 的速率。float64 的峰值按一半算，因为一个向量只装得下一半的数。这些要量几分钟，不在构建时量，下面读的是存下来的记录：

# %%
runs = tables.last_of_each(load_all("cpu-ladder"))
print(tables.report(runs, tables.ladder_lines))

# %% [markdown]

# %%
import matplotlib.pyplot as plt

from snippets.palette import ACCENT, INK, SOFT

run = tables.newest(runs)
rates = {key: rate for key, rate, _ in tables.ladder(run)} if run else {}
top = tables.peak_of(run)[1] if run else np.nan
fig, ax = plt.subplots(figsize=(7.2, 3.6))
for place, (key, bits) in enumerate(reversed(tables.LADDER)):
    ax.barh(place, rates.get(key, 0) / 1e9, color=SOFT, height=0.6)
    edge = [top * 32 / bits / 1e9] * 2
    ax.plot(edge, [place - 0.4, place + 0.4], color=ACCENT, lw=1.5)
names = [key.partition("/")[2] for key, _ in reversed(tables.LADDER)]
ax.set_yticks(range(len(names)), names)
ax.set_xscale("log")
ax.set_xlim(0.005, 1000)
ax.set_xlabel("GFLOP/s")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 横条图，横轴是对数刻度的 GFLOP/s。从上到下一级一条，每条右方有一道短线，标出它那种数据类型的峰值。
#     caption: 最近一次记录里每一级的速率（没有记录时只有框架）。竖的短线是各自数据类型的峰值。横轴每格差十倍。
#     labels: {literal: 三重循环, sums: sum 与 map, dots: 行点列, column axpy: 按列累加, row axpy: 按行累加, outers: 外积之和, gemvs: 逐行 gemv, blocks of 48: 48 阶小块, matmul: "@ float64", matmul32: "@ float32", tile32: C 小块 float32, GFLOP/s: GFLOP/s}
# ```
#
# 最后那行 `matmul / itself` 是对照：同一个 `@` 排了两次队，两份样本相比，偏离 1 多少，这次测量就有多少噪声。
#
# 表里有两种东西在起作用。到 `gemvs` 为止，主要是**调用摊薄了**：一次调用的固定开销，由 1 对、$n$ 对、$n^2$ 对乘加来分摊。`outers` 和 `gemvs` 的调用次数相同，乘加也相同，差别在搬运：外积每次造一个 $n\times n$ 的临时矩阵，写出去，再读回来加到 $C$ 上；`gemvs` 每次只读一遍 $B$。用上 `@` 以后（不论分块还是整个），靠的是**反复使用**：$n^3$ 对乘加只用到 $3n^2$ 个数，取进缓存和寄存器的数能用很多次才放手。库知道怎么安排[^goto2008]，后面自己动手写一个。
#
# **什么时候不成立。** 这些比值属于这一个尺寸。矩阵再小，调用的开销压过一切；见[小矩阵](#small)。矩阵再大，逐行逐列的写法要到更远的缓存里去取数，差距会变。
#
# **动手。** 把 `outers` 里的 `np.outer` 换成 `a[:, k, None] * b[k]`，再换成带 `out=` 的 `np.multiply`，看省下的是哪一笔。
#
# ## 谁在里，谁在外 { #order }
#
# `row axpy` 和 `column axpy` 只差一个循环次序。NumPy 数组默认按行存（`order="C"`），一行里的数挨着，一列里的数隔着一整行。1024×2 乘 2×1024，结果 $C$ 有 1024 行：

# %%
works = {}
for order in "CF":
    p, q = (np.asarray(x, order=order)
            for x in cpu_ladder.operands(1024, 2, 1024))
    works["rows", order] = lambda p=p, q=q, o=order: row_axpy(p, q, o)
    works["columns", order] = lambda p=p, q=q, o=order: column_axpy(p, q, o)
seconds = cpu_medians(works, rounds=3)
c_ratio = seconds["columns", "C"] / seconds["rows", "C"]
f_ratio = seconds["rows", "F"] / seconds["columns", "F"]
for (loops, order), time in seconds.items():
    print(f"{loops:8} order={order}  {1e3 * time:7.1f} ms")

# %% [markdown]
# 按行存时，按列累加用时是按行的 {{ cells.c_ratio:.1f}} 倍。代码一字不改，只把三个矩阵改成按列存（`order="F"`），输赢对调：按行的用时是按列的 {{ cells.f_ratio:.1f}} 倍。慢的一方每取一个数就换一个缓存行，还没等用到同一行里的邻居，它已经给挤出近处的缓存了。[缓存那一章](../mechanics/cache-layout.md#loops)用模拟器数过这笔账。
#
# 上面每次调用还要付 Python 的开销，把步长的影响冲淡了。把同样的循环交给编译器，这层开销就没有了：
#
# ```snippet
# labs/compiled.py:jki
# ```
#
# ```snippet
# labs/compiled.py:ikj
# ```
#
# ```snippet
# labs/compiled.py:blocked
# ```
#
# `ijk` 就是定义的次序，把 `ikj` 里面两层对调即是。numba 在第一次调用时编译它们（不算在时间里）。它是选装的：`pip install -r requirements-labs.txt`；录制的机器上没装，表里就写明没装。先看 512 阶，四种都有。每行先给时间的中位数和第 10、第 90 百分位，再给它是 `@` 的多少倍，括号里是各轮中最小和最大的：

# %%
print(tables.report(runs, tables.times("compiled-512", "matmul")))

# %% [markdown]
# `ikj` 的最里层沿着行走，编译器能让一条指令处理一整个向量；`ijk` 的最里层是一个累加，浮点加法不许随便换次序，编译器便不能一次加好几个；`jki` 在两个矩阵里都跳着走。而且 512 是 2 的幂（前面的 1024 也是），跳着走格外吃亏：一列的数全挤在[缓存的同几组](../mechanics/cache-layout.md#conflicts)里。
#
# `blocked` 的次序和 `ikj` 一样，图的是另一件事。`ikj` 每算 $C$ 的一行，就要把 $B$ 从头到尾读一遍，哪一级缓存里还有，就从哪一级取；`blocked` 每次只用 $B$ 的 64 KiB，用够了再换下一块。划算吗？下面是两者在 512 阶和更大时的速率，最后一列是 `blocked` 用时为 `ikj` 的多少倍，大于 1 就是输了：

# %%
print(tables.report(runs, tables.loop_lines))

# %% [markdown]
# 未必划算，而且从多大起划算，几份记录也不一致。`blocked` 有它的开销：最里层由整整一行缩短到 256 个数，起头的次数多了；$B$ 的小段彼此隔得远；每换 64 行 $B$，$C$ 又要重新读写一遍。省下多少，则要看 $B$ 原本从哪里来。阶数变大而 `ikj` 的速率几乎不降，说明还有某一级缓存装着 $B$，而且供得上，那就没有什么可省；速率若跌到前一档的一半以下，$B$ 已经供得没有循环用得快，这时 `blocked` 用时就更短。$B$ 多大才会这样，取决于后面几级缓存的大小和快慢，每台机器都不同。
#
# **动手。** 把块改成 32 行、512 列：还是 64 KiB，起头的次数却少了一半。最后一列会变成多少？再把 512 阶换成 528 阶（不是 2 的幂），`jki` 的时间还剩多少？
#
# **什么时候不成立。** 以上都以编译器不动加法的次序为前提。给编译器松绑（`fastmath=True`，允许换加法的次序），`ijk` 照样跳着走；把 $B$ 也转置了存，`ijk` 才全是沿着行走。
#
# ## 块取多大 { #blocks }
#
# 教科书上，块太小则反复使用不够，块太大则缓存装不下，应当有个最合适的大小。用 `@` 做小块的乘法，量一量：

# %%
print(tables.report(runs, tables.times("blocks-384", "matmul")))

# %% [markdown]
# 从 16 到 64，块每大一倍都省时间，128 也不比 64 费时，到此还没有出现谷底：里面的 `@` 自己会分块，外面再分，多出来的只有 Python 调用和一次累加。块大了，少的就是调用。要看见缓存的那一半，得像上一节那样自己编译循环，再改块的大小。
#
# ## 换一种数 { #dtypes }
#
# 矩阵都是 256 阶，元素都是小整数，只换数据类型。先看 `int8` 的一个坑，再看记录里的时间，以 float32 为 1：

# %%
hundreds = np.full((4, 4), 100, np.int8)
wrapped = int((hundreds @ hundreds)[0, 0])
true = int((hundreds.astype(np.int64) @ hundreds)[0, 0])
print(f"int8 @ int8: {wrapped}, int64 @ int8: {true}")
print(tables.report(runs, tables.times("dtypes-256", "float32")))

# %% [markdown]
# `int8` 的结果仍装在 8 位里：四个 $100\times100$ 相加，本该是 {{ cells.true:,}}，回绕成了 {{ cells.wrapped}}，没有任何警告。
#
# BLAS 只认四种类型：单、双精度的实数和复数。其余的类型，NumPy 走自己的普通循环，没有分块，没有打包。float16 还要多付一笔：每次乘加，两个因子都先转成 float32，一个一个地转；整个和加完，才舍入回去。整数若不大，绕道 float64 反而划算：
#
# ```snippet
# labs/cpu_ladder.py:by_float64
# ```
#
# 只要 $|A|\,|B|$（两边先取绝对值再乘）的元素都不超过 $2^{53}$，结果一位不差。
#
# **什么时候不成立。** 这是 NumPy 在 CPU 上的情形。PyTorch 对 bfloat16、int8 另有专门的实现；到了 GPU 上，float16 反倒是快的那一个。
#
# ## 同一个式子，别的写法 { #calls }
#
# `np.einsum` 写起来随意，算起来未必。两个因子、三个因子、512 个 16×16 的小乘积，各换几种写法；最后是括号：

# %%
for group in ("einsum-128", "chain-40", "batch-512x16"):
    print(tables.report(runs, tables.times(group, "matmul")))
    print()
matrices_first = 2 * 1000**3 + 2 * 1000**2
vector_first = 2 * 2 * 1000**2
saved = matrices_first / vector_first
print(f"(PQ)v: {matrices_first:,} FLOP, P(Qv): {vector_first:,} FLOP")
print(tables.report(
    runs, tables.times("association-1000", "P(Qv)")))

# %% [markdown]
# - 两个因子，`einsum` 默认走自己的循环；`optimize=True` 会把活转给 BLAS。
# - 三个因子 `ij,jk,kl->il`，不优化就是四重循环，$n^4$ 对乘加；先乘两个再乘第三个，只要 $2n^3$。
# - 一批小矩阵，逐个调用要付 512 份开销。`@` 一次吞下整批；若批次那一维放在最里面，每个小矩阵都是散的，`@` 要先把它收拢，才能交给 BLAS。
# - $(PQ)v$ 先乘两个矩阵，要 {{ cells.matrices_first:,}} 次浮点运算，是 $P(Qv)$ 的 {{ cells.saved:.0f}} 倍，后者只要 {{ cells.vector_first:,}} 次。时间却没有差这么多倍：矩阵乘向量时，矩阵里每个数只用一次，快慢取决于数送得多快，与运算器关系不大。这正是[屋顶线](#roofline)要说的。
#
# ## 十来行 C { #tile }
#
# `@` 里面做了哪些上面的循环没做的事？核心是**寄存器小块**。处理器做一次乘加之前，两个数要先到寄存器里；若每对乘加都去取数，取数就成了瓶颈。办法是一次算 $C$ 的一小块，部分和全程留在寄存器里。下面的向量类型是 GCC 和 Clang 自带的，一份代码，AVX-512、AVX2、SSE、NEON 都能编译，只有小块的形状随寄存器的多少而变：

# %%
print(tile.SHAPE)
print(tile.TILE)

# %% [markdown]
# 以 8×3 个向量的小块为例：每个 $k$ 要用 3 个向量和 8 个数，做 24 次向量乘加，每取一样换来两次多。没有 `restrict`，没有汇编；部分和都是局部变量，编译器自己会把它们（全部或几乎全部）留在寄存器里。编译，与 float64 的结果对照，再与 `@` 比一比（没有 C 编译器时，这里只说明没有）：

# %%
a, b = cpu_ladder.operands(384, 384, 384, np.float32)
exact = a.astype(np.float64) @ b.astype(np.float64)
try:
    rows, columns, bits = tile.shape()
    works = {"tiles": lambda: tile.tiles(a, b), "@": lambda: a @ b}
    error = {name: abs(work() - exact).max() for name, work in works.items()}
    ratio = measure(works, rounds=5).ratio("tiles", "@").median
    print(f"vectors of {bits} bits, tiles of {rows} x {columns}")
    print(f"largest error below 1e-3: {max(error.values()) < 1e-3}")
    print(f"time of tiles / time of @: {ratio:.1f}")
except RuntimeError as missing:
    print(missing)

# %% [markdown]
# 几个尺寸的记录，以 `@` 的速率为 100%。最末一行说的是我们最好的一个，离 95% 还差多少：

# %%
print(tables.report(runs, tables.tile_lines))

# %% [markdown]

# %%
fig, ax = plt.subplots(figsize=(7.2, 3.0))
for rung, style in (("tiles", "--"), ("packed", "-")):
    shares = tables.against_matmul(run, rung) if run else {}
    sizes, heights = list(shares), list(shares.values())
    ax.plot(sizes, heights, style, color=INK, marker="o", ms=3)
    end = (sizes[-1] + 60, heights[-1]) if shares else (1500, 0.5)
    ax.text(*end, rung, va="center")
ax.axhline(tables.MARK, color=ACCENT, lw=0.8)
ax.set_ylim(0, 1.25)
ax.set_xlim(0, 3600)
ax.set_xlabel("rows")
ax.set_ylabel("share of @")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 横轴是矩阵的行数，纵轴是速率与 @ 之比。一条虚线是不打包的小块，一条实线是打包的，另有一道水平细线标在 0.95。
#     caption: 最近一次记录里，我们的速率与 `@` 之比（没有记录时只有框架）。细线是 95%。虚线不打包，实线打包。
#     labels: {tiles: 不打包, packed: 打包, rows: 矩阵的行数, share of @: 与 @ 之比}
# ```
#
# `tiles` 读 $B$ 时，从一行跳到下一行要跨过整整 $n$ 个数。矩阵一大，一小块要用的那几列散在 $n$ 个不同的地方，内存页若是 4 KiB，每处都在另一页上；$n$ 若含有很大的 2 的幂（1536、3072），这些地方还会挤进缓存的同几组，互相赶走（见 [2 的幂是个坑](../mechanics/cache-layout.md#conflicts)）。解法叫**打包**：先把要用的那几列抄到一起，再算。小块若宽 48 列，抄一次要搬 $n\times 48$ 个数，而它们随后要用 $n$ 遍，这点开销很快就收回来：

# %%
print(tile.PACKED)

# %% [markdown]
# 记录里 `packed` 那几行就是它。乘法的核心一个字没改。真正的库还把 $A$ 也打包，把 $k$ 也切段，让各级缓存都装得恰好[^goto2008]；我们没有做这些。
#
# **什么时候不成立。** 这个小块只收阶数为 48 的倍数的方阵。矩阵很窄，能反复用的就少；只有一列，就一个也没有，小块也帮不上忙。
#
# ## 向量越来越宽 { #simd }
#
# 同一台机器，同一个库，只告诉 OpenBLAS“你跑在一台旧处理器上”：它便改用那一代的指令。环境变量只在加载时读，所以每一代都在自己的进程里量，轮流来。Nehalem 用 128 位的 SSE，Sandybridge 用 256 位的 AVX，Haswell 多了乘加合一的 FMA，SkylakeX 用 512 位的 AVX-512，更晚的 Sapphirerapids 也是。以 Haswell 为 1：

# %%
print(tables.report(runs, tables.times("simd-512", "Haswell")))

# %% [markdown]
# 处理器或库不支持的，OpenBLAS 会换成别的，表里会写明，不给时间。只有 x86 加 OpenBLAS 才能这样试。向量加宽一倍，时间却未必减半：处理器跑宽向量时可能降频，小块边上的零头也多了。AMD 的 Zen 4 把最宽的向量拆成两半，先后算[^yee2024]，所以关于 AVX-512 的断言留得很宽。
#
# ## 多用几个核 { #threads }
#
# 时钟换成墙上的钟，因为 CPU 时间会把几个线程的加在一起。`64 on 2` 是 64 阶、2 个线程，最后一列是它的速率为一个线程的多少倍：

# %%
print(tables.report(runs, tables.thread_lines))

# %% [markdown]
# 这一张只作记录，不作断言。线程在每次乘法的末尾要互相等；机器上若还有别人，等的就是那个被换下去的线程，多线程可能比单线程慢得多。矩阵小到一定程度，OpenBLAS 根本不开第二个线程，倍数便在 1 上下。
#
# ## 小矩阵 { #small }
#
# 阶数从 1 到 128，以 4 阶为 1：

# %%
print(tables.report(runs, tables.times("small", "n=4")))

# %% [markdown]
# 16 阶的乘加是 4 阶的 64 倍，时间远远没有 64 倍：最小的那些，调用的开销比乘加还大。所以一大批小矩阵要合成一次调用。
#
# ## 这台机器的屋顶线 { #roofline }
#
# 一次乘积要做 $2mkn$ 次浮点运算，至少要搬 $4(mk+kn+mn)$ 字节（float32，每个矩阵过一遍）。两者之比叫**算术强度**。内存每秒送来 $\beta$ 字节，运算器每秒最多做 $\pi$ 次，于是速率不会超过
#
# $$\min(\pi,\ \beta\cdot\text{FLOP}/\text{byte}),$$
#
# 画出来是一道斜坡接一段平顶，人称屋顶线[^williams2009]。这里 $\pi$ 取下表里最快的 `@`，$\beta$ 取 `np.dot` 读 64 MiB 的速率，与下面那个 4096×4096 的矩阵一样大。`columns` 是这个矩阵乘几列，`rank` 是两个瘦长矩阵乘出 4096×4096：

# %%
print(tables.report(runs, tables.roof_lines))

# %% [markdown]

# %%
roof = list(tables.roofs(run)) if run else []
fig, ax = plt.subplots(figsize=(7.2, 3.8))
ax.set(xscale="log", yscale="log", xlabel="FLOP per byte", ylabel="GFLOP/s")
if run:
    top = max(predicted for _, _, predicted, _ in roof)
    slope = min(predicted / x for _, x, predicted, _ in roof if x < 1)
    bend = [0.4, top / slope, 500]
    ax.plot(bend, [min(top, slope * x) / 1e9 for x in bend], color=ACCENT, lw=1)
for kind, style, place in (
    ("columns", "o-", (-4, -16)), ("ranks", "s--", (8, -12)),
    ("squares", "^", (-12, -16)),
):
    part = {"columns": "column", "ranks": "rank", "squares": "^3"}[kind]
    points = [(x, rate / 1e9) for name, x, _, rate in roof if part in name]
    ax.plot([x for x, _ in points], [y for _, y in points], style,
            color=INK, ms=4)
    spot = points[kind != "columns"] if points else (1, 1)
    ax.annotate(kind, spot, xytext=place, textcoords="offset points")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 双对数图，横轴是每字节的浮点运算数，纵轴是 GFLOP/s。一条细线先斜着上升，再变平。三组点都在线上或线下：一组连成实线，一组连成虚线，一组是三角。
#     caption: 最近一次记录的屋顶线和各个形状（没有记录时只有框架）。实线：乘 1 到 256 列；虚线：秩 1 到 64；三角：方阵。点在线下越远，没用上的越多。
#     labels: {columns: 乘几列, ranks: 瘦长, squares: 方阵, FLOP per byte: 每字节的浮点运算, GFLOP/s: GFLOP/s}
# ```
#
# `share` 一列是实测与预言之比。屋顶线只是上限，并不预报实际速率：先看两端，再看中间。一列（gemv）归斜坡管，方阵归平顶管，夹在中间的是 2 到 16 列，离屋顶有多远，表里写着。内存和运算器已算进屋顶线，比屋顶线还低的部分，多半是库的缘故。从 2 列到 8 列，速率几乎随列数增长，也就是说时间几乎不变，可见花掉的时间与列数无关。原因之一可能是打包：每个数要用上许多次，打包才合算，而这里抄一遍 64 MiB 的 $A$，每个数只用 2 到 16 次。大模型逐字生成时，一次处理几个请求，乘的正是这样的形状。`rank` 各行还要多付一笔：写结果之前，多数处理器要先把那个缓存行从内存里读进来，而上面只算了写一次；这至多解释两倍。
#
# **什么时候不成立。** “内存”在这里是装着 64 MiB 的那一级。最后一级缓存若比它大，量到的就是缓存的速度，两边用的是同一个大小，比值仍然公道。256 阶的矩阵全在缓存里，不受斜坡管。
#
# ## 什么成立，何时成立 { #what-holds }
#
# 这一页主要的比较，都写成了带余量的断言：记录里两样都量了的，逐份检验；几秒量得完的，也在跑测试的机器上检验。左边是记录里的中位数和范围，右边是断言：

# %%
print(tables.report(runs, tables.ordering_lines))

# %% [markdown]
# 绝对速率随机器、负载和温度走，所以只随记录一起给；能当结论的是比值。
#
# | 说法 | 何时成立 |
# | --- | --- |
# | 少调用几次就快 | 一次调用里的活抵不过它的开销时 |
# | 按存储的次序走 | 数据装不进近处的缓存时；BLAS 自己打包，不在乎 |
# | 分块有用 | 循环是自己写的，数据又供得没有循环用得快；块里已是 `@` 就没用 |
# | `@` 接近峰值 | 类型是 BLAS 认得的，三个维度都够大 |
# | 单精度比双精度快 | 向量里多装一倍的数，内存里少搬一半 |
#
# ## 在你的机器上 { #yours }
#
# 一条命令，几分钟，量出上面所有的表；第二条把它与存下来的记录并排，一格一格地比，差得多的还列出可能的原因：
#
# ```text
# python -m snippets.labs.cpu_ladder --out my.json
# python -m snippets.labs.cpu_ladder --run my.json --against runs/<device>/<run>.json
# ```
#
# 加 `--quick` 不到一分钟，费时的几部分略过。C 的部分要有 `cc`、`gcc` 或 `clang`；编译循环的部分要有 numba；没有就在那一格写明，其余照量。每次运行的机器和软件都列在[机器](../reference/machines.md)那一页。
#
# ## 练习 { #exercises }
#
# ### 几列才够到平顶 { #ex-ridge }
#
# 4096×4096 的 float32 矩阵乘 $c$ 列。若斜坡与平顶在每字节 20 次运算处相接，$c$ 要多大才走到平顶？
#
# ??? success "解答"
#     强度是 $mc/(2(m+2c))$，令它等于拐点，解出 $c$：
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:columns_at_the_ridge
#     ```
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:ridge
#     ```
#
#     要 {{ labs.cpu_ladder_solutions.thick:.1f}} 列。差不多是拐点的两倍，因为矩阵里每个数占 4 字节，每一列用它做 2 次运算。
#
# ### 小块该取什么形状 { #ex-shape }
#
# 16 个或 32 个寄存器，要放下所有部分和、$B$ 的一行向量和 $A$ 的一个数。哪种形状取数最少？8×3 差多少？
#
# ??? success "解答"
#     ```snippet
#     labs/cpu_ladder_solutions.py:tile_shapes
#     ```
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:shapes
#     ```
#
#     越接近正方，取数越少。32 个寄存器时 8×3 要 {{ labs.cpu_ladder_solutions.ours:.2f}} 次，不是最少；但一次乘加配不到一次取数，若处理器每拍能取的与能算的一样多，再少也快不了，而 8 行 48 列恰好除得尽 48。
#
# ### int8 不溢出的长度 { #ex-int8 }
#
# 两个 `int8` 矩阵绕道 float32 相乘，内维多长以内保证一位不差？
#
# ??? success "解答"
#     每个乘积的绝对值最大是 $2^{14}$，float32 能不差地放下 $2^{24}$ 以内的所有整数：
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:int8
#     ```
#
#     内维不超过 {{ labs.cpu_ladder_solutions.k:,}} 就行；再长，部分和可能超出，结果便没有保证。
#
# ### 四个因子，五种括号 { #ex-chain }
#
# $A$ 到 $D$ 的形状依次是 10×1000、1000×10、10×1000、1000×1。五种括号各要多少次乘法？
#
# ??? success "解答"
#     ```snippet
#     labs/cpu_ladder_solutions.py:chain
#     ```
#
#     从右往左最省，因为每一步都是矩阵乘向量。最差的先把中间两个乘成 1000×1000。`np.linalg.multi_dot` 会替你挑。
#
# ### 不是 48 的倍数怎么办 { #ex-padded }
#
# 让小块能乘任何阶数的方阵，多花多少？
#
# ??? success "解答"
#     补零到下一个倍数，乘完再裁：
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:padded
#     ```
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:fill
#     ```
#
#     100 阶补到 144 阶，乘加是原来的 {{ labs.cpu_ladder_solutions.more_work:.2f}} 倍；阶数越大，这一份越不显眼。真正的库在边上换用较小的核心。
