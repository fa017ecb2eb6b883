# ---
# title: 一台机器装不下的乘法
# description: 一次矩阵乘法分给几个进程：按列、按行、按方格切，整数矩阵的结果一位不差；谁拿着什么，路上走了多少字节，对着公式和内核的计数核对一遍。
# ---

# %% [markdown]
# # 一台机器装不下的乘法 { #sharded-matmul }
#
# 矩阵大得一台机器装不下，就切开，各拿一份。切法有好几种，结果可以一位不差；差别在于谁拿着什么、要互相寄多少。
# { .lead }
#
# 这一页起四个进程，各有各的内存，谁也看不见谁的矩阵，要什么只能寄。寄信的是 `torch.distributed`，走的是 CPU 上的 gloo。每个进程叫一个 **rank**，编号 0 到 3，跑同一段程序，只是手里的数据不同。页上没有一个计时：四个进程挤在一台机器里，快慢说明不了真正的网络；要寄多少字节，却与线路快慢无关。
#
# ## 谁拿着什么 { #who-holds-what }
#
# 要算的是 $C=AB$。下图是三种切法，块里的数字是拿着它的 rank：

# %%
import matplotlib.pyplot as plt

from snippets.palette import A, B, C, INK, PAPER

whole = [["0 1 2 3"]]
columns, rows = [["0", "1", "2", "3"]], [["0"], ["1"], ["2"], ["3"]]
grid = [["0", "1"], ["2", "3"]]
layouts = {
    "by columns": (whole, columns, columns),
    "by rows": (columns, rows, whole),
    "on a grid": (grid, grid, grid),
}

figure, axes = plt.subplots(figsize=(6.4, 5.6))
for down, (name, layout) in enumerate(layouts.items()):
    top = -1.3 * down
    axes.text(-0.15, top - 0.5, name, ha="right", va="center", color=INK)
    for across, (blocks, colour) in enumerate(zip(layout, (A, B, C))):
        left, high, wide = 1.45 * across, 1 / len(blocks), 1 / len(blocks[0])
        for i, line in enumerate(blocks):
            for j, ranks in enumerate(line):
                corner = (left + j * wide, top - (i + 1) * high)
                axes.add_patch(plt.Rectangle(
                    corner, wide, high, fc=colour, ec=PAPER, lw=3
                ))
                middle = corner[0] + wide / 2, corner[1] + high / 2
                axes.text(*middle, ranks, ha="center", va="center", color=PAPER)
        if across < 2:
            axes.text(left + 1.22, top - 0.5, "@="[across],
                      ha="center", va="center", color=INK, fontsize=14)
axes.set(xlim=(-1.1, 4), ylim=(-3.7, 0.1), aspect="equal")
axes.axis("off")
plt.show()

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 三行，每行是 A 乘 B 等于 C 三个方块。按列：A 是一整块，四个 rank 都有；B 和 C 竖切成四条，各拿一条。按行：A 竖切四条，B 横切四条，C 是一整块，人人都有。按方格：三个矩阵都切成两行两列，每个 rank 各拿一块。
#     caption: 三种切法。蓝的是 $A$，橙的是 $B$，绿的是 $C$；数字是拿着这一块的 rank。一块上写着四个数字，意思是人人一份。
#     labels: {by columns: 按列, by rows: 按行, on a grid: 按方格}
# ```
#
# - **按列**：$B$ 竖着切，rank $j$ 算 $C_j=AB_j$。各算各的，什么也不用寄；代价是 $A$ 人人都要有一份。
# - **按行**：$B$ 横着切，$A$ 跟着竖着切，rank $j$ 算 $A_jB_j$。这是一个与 $C$ 一样大的加数，四份加起来才是 $C$，所以要寄。
# - **按方格**：三个矩阵都切成 $q\times q$ 块，没有一块存两份。缺的块到用时再借。
#
# 还有一种：横切 $A$，$B$ 人人一份，也就是把按列转置过来。行是样本、$B$ 是权重时，它就是数据并行。
#
# 写成程序，按列和按行各只有一行：
#
# ```snippet
# labs/sharded_matmul.py:by_columns
# ```
#
# ```snippet
# labs/sharded_matmul.py:by_rows
# ```
#
# 寄信的是 `Copy` 和 `Sum`。两者都继承 `torch.autograd.Function`，去程（前向传播）和回程（反向传播）各做什么，都由自己写明。去程上，`Copy` 什么也不做；回程上，每个 rank 都用过 $A$，$A$ 的梯度是大家的梯度之和，要加一次。`Sum` 正好反过来：
#
# ```snippet
# labs/sharded_matmul.py:Copy
# ```
#
# ```snippet
# labs/sharded_matmul.py:Sum
# ```
#
# 加完以后每个 rank 都拿到总和，这叫**全归约**（all-reduce）。一样东西人人都有、又各有各的用法，它的梯度就欠一次全归约。
#
# ## 一块一块地借 { #summa }
#
# 按方格切，$C_{ij}=\sum_kA_{ik}B_{kj}$。rank $(i,j)$ 要的各块 $A_{ik}$ 就在同一行，各块 $B_{kj}$ 就在同一列。于是分 $q$ 步走：第 $k$ 步，第 $k$ 列的 rank 把自己的 $A$ 块寄给同行，第 $k$ 行的把自己的 $B$ 块寄给同列，人人乘一次、累加一次，借来的随即扔掉。这就是 SUMMA[^vandegeijn1995]：
#
# ```snippet
# labs/sharded_matmul.py:Summa
# ```
#
# 回程用的是 $\mathrm dA=\mathrm dC\,B^{\mathsf T}$ 和 $\mathrm dB=A^{\mathsf T}\mathrm dC$，照样分 $q$ 步：借来一个因子，乘出一份加数，沿行或沿列加到主人那里。
#
# 三种切法都跑一遍。元素取绝对值不过 9 的整数，存成 float64，加法不论先后都没有舍入，所以可以要求结果与 `a @ b` 一位不差，两个梯度也是：

# %%
from snippets.labs.ranks import launch
from snippets.labs.sharded_matmul import products

n = 144
three = launch(4, products, n)[0]
unit = 8 * n * n  # bytes of one whole matrix
share = {}
for name, way in three.items():
    share[name] = {k: x / unit for k, x in way.items() if k != "equal"}
    print(f"{name:8} equal {way['equal']}", share[name])

# %% [markdown]
# `holds` 是一个 rank 手里的 $A$、$B$、$C$，`forward` 和 `backward` 是去程、回程平均有多少字节寄到一个 rank 手上，都以一整个矩阵为 1。按列与按行，手里都有 {{ cells.share[columns][holds]:.2f}}，往返共收 {{ cells.share[rows][forward]:.2f}}，只是一个在回程付，一个在去程付。方格手里只有 {{ cells.share[grid][holds]:.2f}}，去程收 {{ cells.share[grid][forward]:.2f}}，回程收 {{ cells.share[grid][backward]:.2f}}；四个 rank 时，往返合计与另外两种一样多。
#
# rank 多起来会怎样？$p$ 个 rank，按行的去程是 $2(p-1)/p$，越来越接近 2，**rank 再多也不会少**。方格是 $2(\sqrt p-1)/p$，大约随 $1/\sqrt p$ 下降：

# %%
import numpy as np

from snippets.labs.sharded_matmul import moved_forward
from snippets.palette import SOFT

counted = {4: three} | {p: launch(p, products, n)[0] for p in (1, 9)}
sides = np.arange(1, 9)
figure, axes = plt.subplots(figsize=(6, 3))
for way, label, style, colour in (
    ("rows", "by rows", "--", SOFT), ("grid", "on a grid", "-", INK)
):
    moved = [moved_forward(way, side**2) for side in sides]
    axes.plot(sides**2, moved, style, color=colour)
    axes.text(66, moved[-1], label, va="center", color=colour)
    dots = [counted[p][way]["forward"] / unit for p in counted]
    axes.plot(list(counted), dots, "o", color=colour, clip_on=False)
axes.set(xlabel="ranks", ylabel="whole matrices", xlim=(0, 64), ylim=(0, 2.1))
axes.set_xticks([1, 4, 9, 16, 36, 64])
plt.show()
agree = all(
    counted[p][way]["forward"] == moved_forward(way, p) * unit
    for p in counted for way in counted[p]
)
print("counted as the formula says:", agree)

# %% [markdown]
# ```cell
# code: fold
# figures:
#   - alt: 横轴是 rank 的个数，从一到六十四；纵轴是寄到每个 rank 的数据量，以一整个矩阵为一。虚线是按行，从零升到将近二；实线是按方格，先升后降。一、四、九个 rank 处的圆点都落在线上。
#     caption: 去程寄到每个 rank 的数据量，以一整个矩阵为 1。线是公式，点是 1、4、9 个进程各跑一遍数出来的。
#     labels: {by rows: 按行, on a grid: 按方格, ranks: rank 个数, whole matrices: 多少个矩阵}
# ```
#
# 图上只有去程，而去程上按列一点不寄。往返合计，按列、按行都是 $2(p-1)/p$，方格是 $6(\sqrt p-1)/p$：四个 rank 时两者相等，九个起方格才更少。
#
# 还能更少吗？Irony 等人证明：每个 rank 只存 $O(n^2/p)$ 个数、照三重循环去乘，总有一个 rank 要收发 $\Omega(n^2/\sqrt p)$ 个数；肯多存几份，才能再往下降[^irony2004]。
#
# **什么时候不成立。** 上面是方阵。$A$ 只有几行时，按行切要寄的只是一个一样矮的 $C$，方格却还要把 $B$ 的块传来传去，胜负就倒过来；从哪里倒，见[练习 4](#exercise-thin)。
#
# ## 数的是什么 { #counted }
#
# 寄什么都要经过一个 `Group`，它顺手在账本 `Book` 里记一笔：
#
# ```snippet
# labs/ranks.py:Group
# ```
#
# 记的是**这件事至少要走多少**：只算数据本身，一个字节在到达时算一次，对组里的 rank 取平均。设整份（拼好的、加好的，或抄送的）有 $s$ 字节：
#
# | 操作 | 谁最后拿到什么 | 平均寄到每个 rank |
# | --- | --- | --- |
# | all-gather | 人人拿到拼好的整份 | $\frac{p-1}p s$ |
# | reduce-scatter | 各拿总和的 $p$ 分之一 | $\frac{p-1}p s$ |
# | all-reduce | 人人拿到整份总和 | $2\frac{p-1}p s$ |
# | broadcast | 人人拿到某个 rank 的那份 | $\frac{p-1}p s$ |
# | reduce | 一个 rank 拿到总和 | $\frac{p-1}p s$ |
#
# 全归约等于先 reduce-scatter 再 all-gather，所以是两倍；Patarasuk 和 Yuan 证明它不能再少，并给出了恰好达到的环形算法[^patarasuk2009]。NCCL 的测试程序折算带宽，全归约、all-gather、reduce-scatter 用的也是这几个系数；broadcast 和 reduce 它取 1，因为它看的是最忙的那条线，这里看的是平均[^nccltests]。
#
# 这是公式。gloo 真的这么寄吗？Linux 给每条 TCP 连接记着收到了多少字节，问它就行：
#
# ```snippet
# labs/ranks.py:received
# ```

# %%
from snippets.labs.sharded_matmul import collectives

wire = launch(4, collectives, 1 << 20)[0]
ratio = {}
for name, one in wire.items():
    formula, arrived = one["formula"], one["arrived"]
    ratio[name] = arrived / formula
    print(f"{name:14} formula {formula / 2**20:.2f} MiB", end="   ")
    print(f"arrived / formula {ratio[name]:.2f}")

# %% [markdown]
# 三样对上了；消息头当然也占几个字节，少得这里看不出。reduce-scatter 不然，寄到的是公式的 {{ cells.ratio[reduce_scatter]:.2f}} 倍，与一次全归约一样多：PyTorch 的 gloo 后端，在这里装的版本中，先让人人都得到整份总和，再各取一段。reduce 是 {{ cells.ratio[reduce]:.2f}} 倍：各加 $p$ 分之一，再汇到一处，多走了一趟。所以**账本上的数是下限，不是哪个库的实测**；本页其余的字节数都是账本上的。
#
# **什么时候不成立。** 公式不算消息头，也不算延迟。数据小的时候，寄一趟要多久与捎了多少无关；一次全归约，环要走 $2(p-1)$ 步，树要上下各走一遍，是层数的两倍。`received` 只问 Linux，在别的系统上给出 `nan`。
#
# ## 把一层切开 { #layer }
#
# Transformer 的一层里，要切的权重矩阵在注意力和 MLP 中；归一化和残差相加，每个 rank 都做整份。MLP 是 $\mathrm{gelu}(XU)D$：$U$ 竖着切，$D$ 横着切，中间的结果恰好是 rank 自己那几列，gelu 逐元素算，这里一个字节也不用寄：
#
# ```snippet
# labs/sharded_matmul.py:mlp
# ```
#
# 注意力天生是分好的：头与头之间互不相干，到输出投影 $W_O$ 才加在一起，每个 rank 领几个就是：
#
# ```snippet
# labs/sharded_matmul.py:attention
# ```
#
# 这就是 Megatron-LM 的切法[^shoeybi2019]。{{ cells.heads }} 个头分给四个 rank，与没切的一层比，输出和全部梯度都比：

# %%
from snippets.labs.sharded_matmul import layer

tokens, width, heads = 24, 48, 12
shared = launch(4, layer, tokens, width, heads)[0]
for name, block in shared.items():
    print(f"{name:10} within 1e-12: {block['error'] < 1e-12}")
    for way in ("forward", "backward"):
        calls, sent = block[way]["calls"], block[way]["bytes"]
        print(f"  {way:8} {calls}  {sent['all_reduce']:,.0f} bytes")
whole_input = 8 * tokens * width

# %% [markdown]
# MLP 和注意力，去程各一次全归约，回程各一次：一层往返共四次。每次加的是 $X$ 那么大的一份（{{ cells.whole_input:,}} 字节），寄到每个 rank 的是它的 $2\cdot\frac34$ 倍，{{ cells.shared[mlp][forward][bytes][all_reduce]:,.0f}} 字节，**rank 个数一定，就只看 $X$ 的形状**。权重从头到尾没有寄过。
#
# PyTorch 自带这种切法：`DTensor` 记着一个张量怎样切，该寄时自己去寄；MLP 的两种切法，在那里叫 `ColwiseParallel` 和 `RowwiseParallel`。把同样的 MLP 交给它，问它调用了什么：

# %%
import importlib

from snippets.labs.sharded_matmul import dtensor_mlp

for name in ("parallel", "debug"):  # once, for all ranks
    importlib.import_module(f"torch.distributed.tensor.{name}")
torchs = launch(4, dtensor_mlp, 24, 48)[0]
for way, what in torchs.items():
    print(f"{way:8} {what}")

# %% [markdown]
# 去程一次，回程一次，与上面手写的一样。
#
# **什么时候不成立。** 比较时允许 $10^{-12}$ 的相对误差，不要求一位不差：这里的数不是整数，四份加数相加的先后与一次乘法里不同，[括号一挪，末位就变](../mechanics/rounding.md#three-orientations)。rank 的个数要整除头数，也要整除列数，否则报错。
#
# ## 死了一个怎么办 { #failure }
#
# 四个 rank 在全归约里互相等。半路上死了一个，其余的会不会永远等下去？

# %%
import multiprocessing

from snippets.labs.ranks import PATIENCE, RankError
from snippets.labs.sharded_matmul import one_dies

for count, work, argument in ((4, one_dies, 2), (3, products, n)):
    try:
        launch(count, work, argument)
    except RankError as error:
        print(error)
    left = len(multiprocessing.active_children())
    print("processes left:", left)
patience = PATIENCE.seconds

# %% [markdown]
# 头一次，rank 2 半路被杀；第二次只起了三个进程，凑不成方格。两次都说清了是谁、为什么，剩下的进程数都是 {{ cells.left }}。没死的其实不会干等：内核会关掉死者的连接，gloo 随即在它们那里报错。可这些错误说不出是谁出了事，所以 `launch` 自己也看着：它与每个进程之间有一条管道，管道断了而结果没来，就是死了；一个出事，全部结束。要是等的那个还活着，却一直不来，`torch.distributed` 等 {{ cells.patience }} 秒也就放弃了。
#
# 平常由 `torchrun` 来起进程，也由它看着。在自己的机器上，仓库根目录下：
#
# ```bash
# torchrun --nproc-per-node 4 -m snippets.labs.sharded_matmul
# torchrun --nproc-per-node 9 -m snippets.labs.sharded_matmul
# torchrun --nproc-per-node 3 -m snippets.labs.sharded_matmul
# ```
#
# 第三条会报错退出。要在第一条刚起出 rank 时就杀掉一个，看看其余的怎么样：
#
# ```bash
# torchrun --nproc-per-node 4 -m snippets.labs.sharded_matmul &
# until pkill -9 -n -P $!; do sleep 0.1; done
# ```
#
# ## 换成 NCCL 和许多台机器 { #nccl }
#
# 这一节只在纸面上，没有一样是这里跑过的。
#
# - **程序照旧，后端换名。** `"gloo"` 换成 `"nccl"`，张量放到 GPU 上，怎么切还怎么切。NCCL 看机器怎样连，在环、树和交换机内的归约之间选。NCCL 测试程序的 issue 里有一则回答：两台机器之间用树，可以绕过环在网络上的瓶颈，折算出来的带宽于是高过网络本身[^ncclissue196]。
# - **切在哪里，看线有多粗。** 张量并行每一层都要停下来等四次全归约，所以放在一台机器里，走 GPU 之间的直连；跨机器的用流水线和数据并行。Narayanan 等人训练大模型就是这样配的[^narayanan2021]。
# - **全归约可以拆开。** reduce-scatter 之后先不 all-gather，各管一段序列，做归一化和 dropout，用到时再收齐：字节一样多，这几步的激活值只存一份，不必存 $p$ 份[^korthikanti2023]，见[练习 3](#exercise-shifts)。
# - **方格也有人用。** Optimus 用 SUMMA 切整个 Transformer，激活值也分开存；作者在 64 块 GPU 上报告比 Megatron 快[^xu2021optimus]。
# - **出了事更难发现。** GPU 上的操作是异步的，一个 rank 死了，别的还在 GPU 上空等。PyTorch 另有一个看门狗线程（watchdog），发现出错，默认就结束进程[^torchnccl]。
#
# ## 什么成立，何时成立 { #what-holds }
#
# | 说法 | 条件 |
# | --- | --- |
# | 三种切法与不切一位不差 | 加法没有舍入；一般的浮点数只到舍入误差 |
# | 按列、按行寄的一样多，一个付在回程，一个付在去程 | $A$、$B$、$C$ 大小相同 |
# | 四个 rank 起，方格寄的越来越少，大约随 $1/\sqrt p$；往返合计，九个 rank 起少于另外两种 | 方阵，$p$ 是平方数，每块只存一份 |
# | 一层往返四次全归约，字节数只看 $X$ 的形状和 rank 的个数 | 先竖切后横切，rank 个数整除头数，激活值不重算 |
# | 账本上的字节是下限 | 每个字节只到一处；交换机能代为相加时可以更少 |
# | 一个死了，全部结束，错误说明是谁 | 由 `launch` 或 `torchrun` 起的进程 |
#
# ## 练习 { #exercises }
#
# ### 1. 一个环 { #exercise-ring }
#
# 只许给下一个 rank 寄、从上一个收，写出全归约，并数收到的字节。长度是 $p$ 的倍数时，为什么每个 rank 收到的恰好是整个向量的 $2(p-1)/p$？
#
# ??? success "解答"
#     ```snippet
#     labs/sharded_matmul_solutions.py:ring_all_reduce
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:ring
#     ```
#
#     数据切成 $p$ 段，走两圈，每圈 $p-1$ 步，每步收一段：第一圈边走边加，第二圈把加好的传开。收到 {{ labs.sharded_matmul_solutions.ring[received]:,}} 字节，与公式一样。
#
# ### 2. 反过来切 { #exercise-orders }
#
# MLP 的第一个矩阵若横着切、第二个竖着切，会怎样？能不能把 gelu 提到求和之前，省掉等待？
#
# ??? success "解答"
#     ```snippet
#     labs/sharded_matmul_solutions.py:rows_first
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:too_late
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:orders
#     ```
#
#     反过来也对，但要加的是中间那份，宽四倍，寄的也是四倍。提前就错了：gelu 不是线性的，和的 gelu 不等于 gelu 的和。
#
# ### 3. 全归约拆成两半 { #exercise-shifts }
#
# 让每个 rank 平时只存自己那几行 $X$，进 MLP 前收齐，出来时各取一段。寄的字节变了吗？手里的数呢？
#
# ??? success "解答"
#     ```snippet
#     labs/sharded_matmul_solutions.py:mlp_in_shifts
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:shifts
#     ```
#
#     寄的一样多，都是 {{ labs.sharded_matmul_solutions.shifts[bytes][all_reduce]:,.0f}} 字节；每个 rank 手里的结果从 {{ labs.sharded_matmul_solutions.shifts[numbers][all_reduce] }} 个数变成 {{ labs.sharded_matmul_solutions.shifts[numbers][two halves] }} 个。这是账本上的数：照[上面](#counted)量的，gloo 的 reduce-scatter 实际寄了两倍。
#
# ### 4. 矮矩阵 { #exercise-thin }
#
# $A$ 是 $m\times n$，$B$ 是 $n\times n$，$n$ 取 {{ labs.sharded_matmul_solutions.width }}，rank 排成 $4\times4$。去程，$m$ 多大时方格才比按行寄得少？
#
# ??? success "解答"
#     ```snippet
#     labs/sharded_matmul_solutions.py:moved
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:thin
#     ```
#
#     按行寄的与 $mn$ 成正比，方格还要寄 $B$，哪怕 $m$ 是 1。两者在 $m$ 约 {{ labs.sharded_matmul_solutions.turning:.0f}} 处相等，逐个翻倍去试，从 {{ labs.sharded_matmul_solutions.first_grid }} 起方格少。逐词生成时，$m$ 只是同时生成的文本数，那时按行寄得少。
