# ---
# title: 摆法的代价
# description: "同样的数换个摆法、换个次序，差多少时间：一样一样，先由缓存模拟器预言，再用 CPU 时钟量，最后对照。"
# ---

# %% [markdown]
# # 摆法的代价 { #cache-layout }
#
# 同样的数，只换摆放的位置或取用的次序：先用模拟的缓存预言，再量，最后对照，看预言说中了几成。
# { .lead }
#
# ## 先预言，再量 { #method }
#
# [缓存那一章](../mechanics/cache-layout.md)有一个模拟器，给它一串地址，它数出未命中多少次。这一页每一节都照此办理：先让它在缩小的尺寸上数一遍，再看记录里的 CPU 时间。模拟用的小缓存有 64 个缓存行，每行 64 字节，分 8 组，每组放得下 8 行：
#
# ```snippet
# labs/cache_walks.py:small
# ```
#
# 正文里写“超过几倍”或“在几与几之间”的地方，都是实验室的一条**次序**：两件活、一个余量，在 `runs/` 的每份记录上检验，跑测试的机器也当场量一遍。比值本身只属于那台机器，所以只出现在记录的表和图里，或注明是构建这一页的机器。

# %%
import matplotlib.pyplot as plt
import numpy as np

from snippets.labs import cache_layout as lab
from snippets.labs import machine
from snippets.labs.cache_tables import beside, each
from snippets.labs.cache_walks import (
    copy, down, every, fields, share_missed, small, steady_misses,
)
from snippets.labs.ladder_tables import last_of_each, newest
from snippets.labs.records import banner, load_all
from snippets.labs.timing import measure, with_control
from snippets.mechanics.cache_layout import Cache, by_slices, misses, walk
from snippets.palette import INK, LINE, SOFT

MACHINE_BOUND = True  # one cell times what it runs
runs = last_of_each(load_all("cache-layout"))
run = newest(runs)
claimed, limits = {}, {}  # what the orderings say
for o in lab.LAB.orderings:
    names = (o.slower.partition("/")[2], o.faster.partition("/")[2])
    claimed[" / ".join(names)] = o.margin
    limits[" / ".join(names)] = o.limit
print(len(claimed), "orderings")
print(banner(run))

# %% [markdown]
# ## 沿行，沿列 { #traversal }
#
# 一个 float32 方阵，每行求和，或每列求和，一次调用加起一行或一列：
#
# ```snippet
# labs/cache_layout.py:along_rows
# ```
#
# ```snippet
# labs/cache_layout.py:down_columns
# ```
#
# 预言取 {{ cells.order }} 阶，走一列要碰 {{ cells.order }} 个缓存行，小缓存放不下：

# %%
order = 136
count = {by_row: misses(walk(order, by_row, 4), small())
         for by_row in (True, False)}
columns_predicted = count[False] / count[True]
predicted = {"rows": 1, "columns": columns_predicted,
             "rows F": columns_predicted, "columns F": 1}
print(beside(runs, "traversal-2048", "rows", predicted))

# %% [markdown]
# `F` 是同一个矩阵改按列存。在构建这一页的机器上也量一次。`rows` 排两遍队，第二遍叫 `control`；从它偏离 1 多少，大致看得出噪声有多大：

# %%
side = 2048
x = np.ones((side, side), np.float32)
works = {"rows": lambda: lab.along_rows(x),
         "columns": lambda: lab.down_columns(x)}
timing = measure(with_control(works, "rows"), rounds=5)
columns_here = timing.ratio("columns", "rows").median
control_here = timing.ratio("control", "rows").median
print(machine.processor())
print(f"columns / rows {columns_here:.1f}   control {control_here:.2f}")

# %% [markdown]
# 按行存时，沿列的 CPU 时间超过沿行的 {{ cells.claimed[columns / rows]:g}} 倍；按列存，方向对调，余量相同。模拟器说 {{ cells.columns_predicted:.0f}} 倍，这次构建量到 {{ cells.columns_here:.1f}} 倍，对照是 {{ cells.control_here:.2f}}。
#
# 为什么对不上？未命中只是时间里的一份。求和本身、每行一次调用，两边都要付，会把比值往下拉；处理器预先取数、二级缓存接住一级缓存漏掉的缓存行，也往下拉。反过来，连着的数可以整条向量一起加，隔开的不行，这会把比值往上推。**模拟器只提示方向，给不出倍数。**
#
# **什么时候不成立。** 一列的缓存行若全放得进近处的缓存，各组也放得下，走完一列再回头，它们还在。实测的矩阵是 {{ cells.side }} 阶，[行长正好是 2 的幂](#power-of-two)，许多缓存行会挤进相同的组。
#
# ## 每个数隔多远 { #strides }
#
# 取 {{ cells.touched:,}} 个数，相邻两个隔 16 到 512 字节，求最大值。int8、float32、float64 各来一遍。预言：每个数要几个缓存行？

# %%
touched = lab.COUNT
lines_each = {s: misses(every(s, 1024), small()) / 1024
              for s in lab.STRIDES}
print("lines for each number:", lines_each)
print(banner(run))
spent = each(run, "strides-65536", touched) if run else {}
for s in lab.STRIDES if run else ():
    row = [f"{t} {spent[f'{t} {s}']:6.2f} ns"
           for t in ("int8", "float32", "float64")]
    print(f"{s:3} bytes  ", "   ".join(row))

# %% [markdown]

# %%
fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.0))
axes[0].plot(lab.STRIDES, list(lines_each.values()), color=INK, marker="o")
styles = {"int8": ":", "float32": "-", "float64": "--"}
for dtype, style in styles.items():
    heights = [spent.get(f"{dtype} {s}", np.nan) for s in lab.STRIDES]
    axes[1].plot(lab.STRIDES, heights, style, color=INK, marker="o", ms=3)
for ax, name in zip(axes, ("lines per number", "ns per number")):
    ax.axvline(64, color=LINE, zorder=0)
    ax.set_xscale("log", base=2)
    ax.set_xticks(lab.STRIDES, [str(s) for s in lab.STRIDES])
    ax.set_xlim(14, 600)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("bytes apart")
    ax.set_ylabel(name)
fig.tight_layout()
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 左图是模拟的结果，间隔从 16 字节到 64 字节，每个数的缓存行从 {{ cells.lines_each[16]:.2f}} 升到 1，此后不变。右图的横轴相同，纵轴是每个数的纳秒数，画三种数据类型，竖线标出 64 字节。
#     caption: 左：模拟，每个数要几个缓存行。右：最近一次记录里每个数的时间（没有记录时只有框架），点线是 int8，实线是 float32，虚线是 float64。竖线是 64 字节。
#     labels: {lines per number: 每个数的缓存行, ns per number: 每个数的纳秒, bytes apart: 间隔的字节数}
# ```
#
# 预言有两条。其一，间隔不到 64 字节时，几个数分摊一个缓存行；从 64 起，每个数独占一个。float32 间隔 64 字节的时间，超过间隔 16 字节的 {{ cells.claimed[float32 64 / float32 16]:g}} 倍。其二，要紧的是**字节**，不是“第几个”：间隔同是 64 字节，int8 隔 64 个，float64 隔 8 个，与 float32 的时间之比都在 {{ cells.claimed[int8 64 / float32 64]:g}} 与 {{ cells.limits[int8 64 / float32 64]:g}} 之间。
#
# 模拟说 64 字节之后一概为 1，时间未必：间隔更大，数就散到更多的内存页上，每页在哪里也要查、也要记，预取也更难猜中。模拟器没有页，也没有预取。
#
# **什么时候不成立。** 有的处理器一行是 128 字节，拐点就往右移一格，见[练习 1](#ex-lines)。
#
# ## 十六取一 { #every }
#
# 64 MiB 的 float32，每个加一；再改成隔一个加一，隔三个加一，一直到每 64 个里加一个。加法越做越少，时间呢？

# %%
count = {s: misses(every(4 * s, 2**14 // s), small()) for s in lab.STEPS}
predicted = {str(s): value / count[1] for s, value in count.items()}
every_predicted = predicted["16"]
print(beside(runs, "every-64MiB", "1", predicted))

# %% [markdown]
# 步长 1 到 16，缓存行一个不少，模拟的未命中全都一样；到 32 才少一半。时钟到这里也未必跟着减：处理器预取时，可能把中间的缓存行也取了来。每 16 个改一个，加法只剩 $1/16$，时间仍超过原来的 {{ cells.claimed[16 / 1]:g}} 倍。若贵在加法，时间就该随之减少；剩下的开销，是把缓存行取来再写回去。步长 2 还多一层影响：数据不再相连，处理器不能一次加一整条向量，所以它完全可能比步长 1 还慢。
#
# **什么时候不成立。** 数组若待在近处的缓存里，取缓存行很便宜，做多少次加法就又要紧了。
#
# ## 装得下，装不下 { #working-set }
#
# 总共读 64 MiB：小数组反复读，大数组只读一遍。预言把数组走四遍，数最后一遍的未命中占多少：

# %%
for kib in (1, 2, 4, 5, 8, 16):
    lines = kib * 16
    share = steady_misses(every(64, lines), 4, small()) / lines
    print(f"{kib:3} KiB of 4: {share:.2f} of the lines missed")
print()
print(banner(run))
for kib in (256, 1024, 4096, 16384, 65536) if run else ():
    cell = run.cells[f"read-64MiB/{kib}"]
    rate = cell.bytes / run.seconds(cell.key).median
    print(f"{kib:6} KiB  {rate / 1e9:6.1f} GB/s")

# %% [markdown]
# 模拟的缓存有 4 KiB。装得下，第二遍起全部命中；装不下，又是从头到尾一圈一圈地走，被换出的是最久没用的缓存行，而同组的行里偏偏数它最先要用，等用到时已经不在了。真机器有好几级，跌落因此是一级一级的。读 64 MiB 的数组，时间超过读 256 KiB 的 {{ cells.claimed[65536 / 256]:g}} 倍，读的字节一样多。
#
# **什么时候不成立。** 比 256 KiB 再小就不宜这样量：一次 `dot` 至多几微秒，调用本身的开销越占越多。最近的那一级，要靠下一节。
#
# ## 连 Python 也感觉得到 { #chase }
#
# 前面都是顺着走，处理器能猜到下一步。要让它无从猜起，就把下一个地址藏在这一个里面：`i = following[i]`，一步一步跟过去。路线是一个随机的圈，每处走到一次。最里面是纯 Python 的循环：
#
# ```snippet
# labs/cache_layout.py:Chase
# ```
#
# ```snippet
# labs/cache_layout.py:cycle
# ```

# %%
share = {}
for kib in (2, 4, 8, 16, 64):
    following = lab.cycle(kib * 128, np.random.default_rng(0))
    share[kib] = share_missed(following, 4096, small())
    print(f"{kib:3} KiB of 4: {share[kib]:.2f} of the hops miss")
in_order = share_missed(lab.in_order(64 * 128), 4096, small())
print(f" 64 KiB in order: {in_order:.3f}")
print()
print(beside(runs, "chase-20000", "2", {}))

# %% [markdown]

# %%
fig, ax = plt.subplots(figsize=(6.4, 3.0))
hop = each(run, "chase-20000", lab.HOPS) if run else {}
heights = [hop.get(str(kib), np.nan) for kib in lab.SIZES]
ax.plot(lab.SIZES, heights, color=INK, marker="o", ms=4)
if run:
    for name, size in run.data["machine"]["caches"].items():
        if size < 45_000 * 1024:
            ax.axvline(size / 1024, color=LINE, zorder=0)
            ax.text(size / 1100, 0, f"$L_{name[-1]}$", color=SOFT,
                    ha="right", va="bottom")
ax.set_xscale("log", base=2)
ticks = lab.SIZES[:-2] + lab.SIZES[-1:]  # no room for all
ax.set_xticks(ticks, [str(kib) for kib in ticks])
ax.set_xlim(1.5, 45_000)
ax.set_ylim(bottom=0)
ax.set_xlabel("KiB")
ax.set_ylabel("ns per hop")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 横轴是数组大小，从 2 KiB 到 32 MiB，对数刻度；纵轴是每一步的纳秒数。折线是记录里的数据，几道竖线标出记录所在机器的各级缓存有多大。
#     caption: 最近一次记录里每一步的时间（没有记录时只有框架）。竖线是那台机器自报的缓存大小，超出图的不画。
#     labels: {ns per hop: 每步纳秒, KiB: KiB}
# ```
#
# 模拟里，圈子大到缓存的 16 倍，每步未命中的比例是 {{ cells.share[64]:.2f}}；同样大的圈子，挨个走就只有 {{ cells.in_order:.3f}}，一个缓存行里的八个数轮流用到。记录里，32 MiB 的圈子每步超过 2 KiB 的 {{ cells.claimed[32768 / 2]:g}} 倍，也超过同样大小、挨个走的 {{ cells.claimed[32768 / 32768 in order]:g}} 倍，而跑的是同一段字节码。解释器每步要做许多事，等内存的时间还是压过了它们。说 Python 太慢、感觉不到缓存，并不对。
#
# 随机**取数**（这里取 {{ cells.touched:,}} 个 float32）是同一回事，只是下标事先就有，处理器能同时取好几个：

# %%
print(beside(runs, "gather-65536", "16 in order", {}))

# %% [markdown]
# 在 32 MiB 里随机取，超过在 16 KiB 里随机取的 {{ cells.claimed[32768 random / 16 random]:g}} 倍，也超过挨个取的 {{ cells.claimed[32768 random / 32768 in order]:g}} 倍，挨个取时 16 个数分摊一个缓存行。
#
# **什么时候不成立。** 追指针的每一步都得等上一步；能事先知道地址的取数，等待可以重叠，一步的时间就不再等于一次等待。
#
# ## 行长是 2 的幂 { #power-of-two }
#
# 512 行的 float64 表，取前 64 列，一列一列地加一。行长取 512、1024、{{ cells.longest }}，或者各多 8 个数，也就是多一个缓存行。取的数一样多，走的步子几乎一样大。用 32 KiB、64 组、每组 8 行的缓存预言：

# %%
longest = lab.ROW_LENGTHS[4]
count = {n: misses(down(512, 16, n), Cache(ways=8, sets=64))
         for n in lab.ROW_LENGTHS}
apart_predicted = count[4096] / count[4104]
predicted = {str(n): value / count[4104] for n, value in count.items()}
print(beside(runs, "apart-512", "4104", predicted))

# %% [markdown]
# 行长 {{ cells.longest }}，每下一行，缓存行的编号加 512，正是 64 的倍数：整列挤在一组里，只有 8 个位置。多垫一个缓存行，一列就分散到全部 64 组，512 个缓存行正好放下，下一列还能用。模拟差 {{ cells.apart_predicted:.0f}} 倍，时间超过 {{ cells.claimed[4096 / 4104]:g}} 倍。另外两对行长，在这个小模拟里倍数相同，时间却可以不同。一种可能的缘故是二级缓存的组更多：步子越大，落进同一组的行越多，而 {{ cells.longest }} 这一对的步子最大。内存页也有份。
#
# **什么时候不成立。** 组数和每组的位置因处理器而异；走行不走列，也没有这个坑。该垫多少，见[练习 2](#ex-padding)。
#
# ## 转置，以及分块 { #transpose }
#
# 抄一个矩阵，原样抄和转置着抄，读写的数一样多。转置时读沿行，写就沿列，或者反过来。分块能让两边都用完整个缓存行[^lam1991]：
#
# ```snippet
# labs/cache_layout.py:transpose
# ```
#
# 预言取 128 阶，64 个缓存行，不分组：

# %%
count = {"straight": misses(copy(128, 128, False), Cache(64)),
         "naive": misses(copy(128, 128, True), Cache(64))}
for tile in (8, 16, 32):
    count[f"tiles of {tile}"] = misses(copy(128, tile, True), Cache(64))
predicted = {n: value / count["straight"] for n, value in count.items()}
naive_predicted = predicted["naive"]
in_sets = {n: misses(copy(n, 16, True), small())
           / misses(copy(n, n, False), small()) for n in (128, 144)}
print("tiles of 16 in 8 sets, orders 128 and 144:", in_sets)
print(beside(runs, "transpose-2048", "straight", predicted))

# %% [markdown]
# 不分块，写的那一边每个数一次未命中，合起来是原样抄的 {{ cells.naive_predicted:.1f}} 倍；块取 16，也就是一个缓存行的 float32，回到 1。时间上，不分块超过原样抄的 {{ cells.claimed[naive / straight]:g}} 倍，也超过 64 阶小块的 {{ cells.claimed[naive / tiles of 64]:g}} 倍。
#
# 分块的时间未必回到 1。一个缘故是真缓存要分组：换成分 8 组的小缓存，同是 16 阶的块，128 阶矩阵的未命中是原样抄的 {{ cells.in_sets[128]:.1f}} 倍，因为一块的缓存行挤进了同一组，每行多一个缓存行，就是 {{ cells.in_sets[144]:.1f}} 倍；而实测的 {{ cells.side }} 阶也是 2 的幂。另一些缘故与缓存无关：原样抄可以一次搬一整条向量，转置要把向量拆开；这里每一块又是一次 Python 调用，块小了，调用就多。
#
# **什么时候不成立。** 两个矩阵都放得进近处的缓存，分块省不下多少未命中，反而添了调用。
#
# ## 一条条记录，还是一列列字段 { #records }
#
# $2^{20}$ 条记录，每条八个 float32 字段。可以一条接一条放，也可以每个字段单独放一长列。只改一个字段，或全都改：

# %%
count = {
    "one field": misses(fields(1024, 1, apart=False), small()),
    "one field, apart": misses(fields(1024, 1, apart=True), small()),
    "all": misses(fields(1024, 8, apart=False), small()),
    "all, apart": misses(fields(1024, 8, apart=True), small()),
}
base = count["one field, apart"]
predicted = {name: value / base for name, value in count.items()}
field_predicted = predicted["one field"]
print(beside(runs, "records-2^20", "one field, apart", predicted))

# %% [markdown]
# 只改一个字段，单独放的只碰 $1/8$ 的缓存行，预言差 {{ cells.field_predicted:.0f}} 倍，时间差超过 {{ cells.claimed[one field / one field, apart]:g}} 倍。它还可以比预言更大：相连的数能整条向量地加。全都改，缓存行一样多，时间之比在 {{ cells.claimed[all / all, apart]:g}} 与 {{ cells.limits[all / all, apart]:g}} 之间。
#
# **什么时候不成立。** 若是随机地取整条记录，就反过来了，见[练习 4](#ex-records)。
#
# ## 批的六种摆法 { #batch }
#
# `a @ b`，两边都是 256 个 64 阶矩阵。`a` 的批 B、行 M、列 K 在内存里有六种次序，右边最密；`scattered` 是对照，从宽一倍的数组里隔一列取一列，也没有步长为 1 的下标。预言逐个矩阵地读：

# %%
count = {o: misses(by_slices(o, 64, 16, 16), Cache(64)) for o in lab.ORDERS}
wide = (2 * address for address in by_slices("BMK", 64, 16, 16))
count["scattered"] = misses(wide, Cache(64))
predicted = {o: value / count["BMK"] for o, value in count.items()}
batch_predicted = predicted["MKB"]
print(beside(runs, "batch-256x64", "BMK", predicted))

# %% [markdown]
# 四种次序缓存行用得一样满；批下标最密的两种，一个缓存行里的 16 个数分属 16 个矩阵，预言差 {{ cells.batch_predicted:.0f}} 倍。时间上，M B K 与 B M K 之比在 {{ cells.claimed[MBK / BMK]:g}} 与 {{ cells.limits[MBK / BMK]:g}} 之间，M K B 超过 B M K 的 {{ cells.claimed[MKB / BMK]:g}} 倍、M B K 的 {{ cells.claimed[MKB / MBK]:g}} 倍。可这不能全算在缓存行头上：BLAS 收不下这样的矩阵，NumPy 先抄一份，抄也要时间。对照同样要抄，缓存行却用掉一半；M K B 仍超过它的 {{ cells.claimed[MKB / scattered]:g}} 倍，**这一截才是摆法的账**：缓存行不同，步长又是 2 的幂，落进的组也不同。
#
# **什么时候不成立。** 矩阵越大，抄一份与乘法相比越轻。
#
# ## 改个标记，不必抄 { #flags }
#
# 转置的、从更宽的数组里切出来的操作数，`@` 收下时只多一个标记或一个行距，不抄。BLAS 自己动手前会把一块数抄成想要的样子，叫打包[^goto2008]。打包按块进行，那么转置着打包与顺着打包，未命中一样多吗？

# %%
straight = misses(copy(128, 16, transposed=False), Cache(64))
turned = misses(copy(128, 16, transposed=True), Cache(64))
pack_predicted = turned / straight
print(f"packing, transposed / straight: {pack_predicted:.2f}")
print(beside(runs, "flags-512", "as it is", {}))
print()
print(beside(runs, "view-1024", "view", {}))

# %% [markdown]
# 预言是 {{ cells.pack_predicted:.2f}}，量的结果是与不转置之比落在 {{ cells.claimed[A transposed / as it is]:g}} 与 {{ cells.limits[A transposed / as it is]:g}} 之间，行长 1024 也一样，尽管它是 2 的幂。`every other` 是行列都隔一个取一个，BLAS 收不下，NumPy 要先抄一遍；它不在任何一条次序里，因为代价与版本有关[^numpy23752]。
#
# 最后一张表是 `x.T` 与 `x.T.copy()`：前者只新建一个数组对象，写上形状和步长，一个数也不碰，抄一遍的时间超过它的 {{ cells.claimed[copy / view]:g}} 倍。所以，要不要 `copy`，看后面怎么读，与转置本身无关。
#
# **什么时候不成立。** 矩阵很小，或只有一列，打包就不划算，库可能走另一条路。
#
# ## 预言说中了几成 { #compared }
#
# 把八个预言和最近一次记录放在一起：

# %%
compared = {
    "columns / rows": (columns_predicted, "traversal-2048"),
    "float32 64 / float32 16": (lines_each[64] / lines_each[16],
                                "strides-65536"),
    "16 / 1": (every_predicted, "every-64MiB"),
    "4096 / 4104": (apart_predicted, "apart-512"),
    "naive / straight": (naive_predicted, "transpose-2048"),
    "one field / one field, apart": (field_predicted, "records-2^20"),
    "MKB / BMK": (batch_predicted, "batch-256x64"),
    "A transposed / as it is": (pack_predicted, "flags-512"),
}
found = {}
print(banner(run))
for pair, (expected, group) in compared.items() if run else ():
    slower, faster = pair.split(" / ")
    found[pair] = run.ratio(f"{group}/{slower}", f"{group}/{faster}").median
    print(f"{pair:30} predicted {expected:5.1f}   time {found[pair]:5.1f}")

# %% [markdown]

# %%
fig, ax = plt.subplots(figsize=(7.2, 3.4))
names = ["columns", "64 bytes apart", "one in sixteen", "power of two",
         "transposing", "one field", "batch last", "flag"]
for place, (pair, (expected, _)) in enumerate(compared.items()):
    ax.plot([expected, found.get(pair, expected)], [place] * 2,
            "-", color=LINE, lw=1.5, zorder=0)
    ax.plot(expected, place, "o", mfc="none", mec=INK, ms=8)
    ax.plot(found.get(pair, np.nan), place, "o", color=INK, ms=5)
ax.set_yticks(range(len(names)), names)
ax.invert_yaxis()
ax.set_xscale("log", base=2)
ticks = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
ax.set_xticks(ticks, [str(times) for times in ticks])
ax.set_xlim(0.2, 80)
ax.set_xlabel("times as much")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 八行，每行一种比较，横轴是对数刻度的倍数。空心圆是模拟的未命中之比，实心点是记录里的时间之比，细线连起二者。
#     caption: 空心圆是预言的未命中之比，实心点是最近一次记录的时间之比（没有记录时只有空心圆）。
#     labels: {columns: 沿列 / 沿行, 64 bytes apart: 隔 64 / 隔 16 字节, one in sixteen: 十六取一 / 全部, power of two: 2 的幂的行长, transposing: 转置 / 原样, one field: 一个字段 / 单放, batch last: 批最密 / BMK, flag: 转置的操作数, times as much: 倍数}
# ```
#
# 预言和时间之间的距离，来自模拟器没有的东西：指令、向量、调用、预取、多级缓存、内存页。这八条里，预言是 1 的，时间也在 1 附近的余量里，或像十六取一那样由一条次序管着下限；预言大于 1 的，每一条时间都超过写明的余量。
#
# ## 在你的机器上 { #yours }
#
# 一条命令，几十秒，写下你的记录，再与已有的并排：
#
# ```
# python -m snippets.labs.cache_layout --out my.json
# python -m snippets.labs.cache_layout --run my.json --against runs/<device>/<run>.json
# ```
#
# 动手前先猜：你的二级缓存有多大，追指针的曲线会在哪里抬头？
#
# ## 什么成立，何时成立 { #what-holds }
#
# | 说法 | 成立的条件 |
# | --- | --- |
# | 沿列比沿行慢 | 按行存，一列的缓存行放不进近处的缓存 |
# | 代价按字节算，不按个数算 | 间隔正好一个缓存行时，几种数据类型的时间相近；再远，内存页和预取可以让它们差开 |
# | 少做运算不等于省时间 | 缓存行一个没少，数据又不在近处 |
# | 连 Python 也感觉得到缓存 | 每一步都要等上一步，而数据远大于近处的缓存 |
# | 行长是 2 的幂有害 | 沿列走，行数多于所落进的那几组的位置 |
# | 分块转置划算 | 矩阵放不进近处的缓存，一块放得进 |
# | 字段单独放划算 | 只用少数字段，按次序走 |
# | 转置的操作数，时间差不多 | 交给 BLAS 的大乘法 |
# | 模拟器能预言 | 方向，还要由时钟来证实；倍数预言不了 |
#
# ## 练习 { #exercises }
#
# ### 1. 更长的缓存行 { #ex-lines }
#
# 缓存行若是 32 或 128 字节，间隔与未命中的曲线拐在哪里？
#
# ??? success "解答"
#     ```snippet
#     labs/cache_layout_solutions.py:lines_per_number
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:longer_lines
#     ```
#
#     拐点就是缓存行的长度：128 字节的行，拐在 {{ labs.cache_layout_solutions.knee[128]}}。反过来，时间曲线的拐点透露出机器的缓存行有多长，只是预取和内存页会让它模糊。
#
# ### 2. 垫多少 { #ex-padding }
#
# 行长 512 个 float64，64 组，每组 8 行。垫 8、16、32、64 个数，各用得上几组？哪种管用？
#
# ??? success "解答"
#     ```snippet
#     labs/cache_layout_solutions.py:sets_reached
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:padding
#     ```
#
#     垫 8 个，行长是奇数个缓存行，与 64 互素，全部 64 组都用得上，512 个缓存行恰好放下，未命中 {{ labs.cache_layout_solutions.padded[520]:,}} 次。垫 16 个只用得上一半，装不下，又是 {{ labs.cache_layout_solutions.padded[528]:,}} 次，与不垫相同。**垫得多不如垫成奇数个缓存行。**
#
# ### 3. 随机抽取 { #ex-draws }
#
# 不走圈，每次在 $L$ 个缓存行里随机抽一个数，缓存放得下 $S$ 行。未命中占几成？
#
# ??? success "解答"
#     ```snippet
#     labs/cache_layout_solutions.py:drawn
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:draws
#     ```
#
#     缓存装满之后，里面总有 $S$ 个不同的行，下一次抽中哪一行机会均等，所以是 $1-S/L$，模拟得 {{ labs.cache_layout_solutions.share:.2f}}。若按次序一圈一圈地走遍各缓存行，每一行都未命中：同样放得下一半，随机反倒好些。
#
# ### 4. 整条记录，随机取 { #ex-records }
#
# 按随机次序取整条记录，八个字段全要。哪种摆法好？
#
# ??? success "解答"
#     ```snippet
#     labs/cache_layout_solutions.py:whole_records
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:at_random
#     ```
#
#     放在一起，一条记录至多一次未命中；字段分开放，平均 {{ labs.cache_layout_solutions.at_random[True]:.1f}} 次，几乎每个字段一次。摆法没有好坏，要看怎么取。
#
# ### 5. 不知道缓存多大 { #ex-halves }
#
# 块的大小要配合缓存。写一种转置，不用任何关于缓存的数，在下面这次运行的 80 个缓存行里也能达到未命中的下限。
#
# ??? success "解答"
#     总把较长的一边对半切，切到只剩一个数：
#
#     ```snippet
#     labs/cache_layout_solutions.py:halved
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:halves
#     ```
#
#     切到某一层，两块都放得进去，这时块若还不窄于一个缓存行，每个缓存行就只取一次。这里的 80 行，一行 32 个数也够用；行数太少，对半切也达不到下限。缓存行是 128 字节时，16 阶的块要 {{ labs.cache_layout_solutions.found[128][16]:,}} 次，对半切只要 {{ labs.cache_layout_solutions.found[128][halves]:,}} 次，正是下限。这叫缓存无关算法[^frigo1999]。
