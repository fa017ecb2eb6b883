# ---
# title: One product, many processes
# description: "A matrix product shared by several processes: by columns, by rows, on a grid. For integers the same result to the last bit; who holds what, and every byte that travels, checked against the formula and the kernel's own count."
# ---

# %% [markdown]
# # One product, many processes { #sharded-matmul }
#
# When a matrix does not fit on one machine, it is cut up and shared. There are several ways to cut, and all can give the same result to the last bit. They differ in who holds what and in how much has to travel.
# { .lead }
#
# This page starts four processes. Each has its own memory and cannot see the matrices of the others; what it needs must be sent. `torch.distributed` does the sending, over the CPU backend gloo. A process is called a **rank**. The ranks are numbered 0 to 3 and run the same program on different data. Nothing on this page is timed: four processes on one machine say nothing about the speed of a real network. How many bytes have to be sent does not depend on how fast the links are.
#
# ## Who holds what { #who-holds-what }
#
# The product is $C=AB$. Here are three ways to cut it; the digits in a block are the ranks that hold it:

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
#   - alt: Three rows, each showing squares A at B equals C. By columns, A is one block held by all four ranks; B and C are cut into four vertical strips, one a rank. By rows, A is cut into four vertical strips and B into four horizontal ones, and C is one block that all hold. On a grid, all three are cut two by two and each rank holds one block of each.
#     caption: Three ways to cut. Blue is $A$, orange $B$, green $C$; the digits are the ranks that hold the block. Four digits in a block mean that everyone has a copy.
#     labels: {by columns: by columns, by rows: by rows, on a grid: on a grid}
# ```
#
# - **By columns.** $B$ is cut into vertical strips, and rank $j$ computes $C_j=AB_j$. Nothing is sent. The price is that everyone holds all of $A$.
# - **By rows.** $B$ is cut into horizontal strips and $A$ into vertical ones to match. Rank $j$ computes $A_jB_j$, a summand as large as $C$; only the sum of all four is $C$, so something has to be sent.
# - **On a grid.** All three are cut into $q\times q$ blocks, and no block is stored twice. What a rank lacks it borrows when it needs it.
#
# There is also $A$ cut by rows with all of $B$ on every rank, which is the first cut transposed. With samples for rows and weights in $B$ it is data parallelism.
#
# In the program, columns and rows take one line each:
#
# ```snippet
# labs/sharded_matmul.py:by_columns
# ```
#
# ```snippet
# labs/sharded_matmul.py:by_rows
# ```
#
# `Copy` and `Sum` do the sending. They derive from `torch.autograd.Function`, so each says for itself what is done in the forward pass and what in the backward pass. Forward, `Copy` does nothing. Backward, every rank has used $A$, so the gradient of $A$ is the sum of theirs. `Sum` is the mirror image:
#
# ```snippet
# labs/sharded_matmul.py:Copy
# ```
#
# ```snippet
# labs/sharded_matmul.py:Sum
# ```
#
# A sum that ends up on every rank is called an **all-reduce**. Whatever all hold and each uses in a different way owes one to its gradient.
#
# ## Borrowing block by block { #summa }
#
# On the grid $C_{ij}=\sum_kA_{ik}B_{kj}$. Rank $(i,j)$ finds the blocks $A_{ik}$ in its row and the blocks $B_{kj}$ in its column. There are $q$ steps. In step $k$ the ranks of column $k$ hand their blocks of $A$ along their rows, those of row $k$ hand their blocks of $B$ along their columns, and everyone multiplies, adds, and drops what was borrowed. This is SUMMA[^vandegeijn1995]:
#
# ```snippet
# labs/sharded_matmul.py:Summa
# ```
#
# The way back uses $\mathrm dA=\mathrm dC\,B^{\mathsf T}$ and $\mathrm dB=A^{\mathsf T}\mathrm dC$, again in $q$ steps: borrow one factor, compute a summand, and add it up along the row or column at the owner.
#
# Now run all three. The entries are integers of at most 9 in absolute value, stored in float64. Their sums have no rounding in any order, so the result can be required to equal `a @ b` bit for bit, and so can both gradients:

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
# `holds` is a rank's share of $A$, $B$ and $C$; `forward` and `backward` are the bytes that reach a rank, on average, on the two passes. The unit is one whole matrix. Columns and rows both hold {{ cells.share[columns][holds]:.2f}} and receive {{ cells.share[rows][forward]:.2f}} in all, one on the way back and the other on the way forward. The grid holds {{ cells.share[grid][holds]:.2f}} and receives {{ cells.share[grid][forward]:.2f}} forward and {{ cells.share[grid][backward]:.2f}} backward, with four ranks as much in all as the others.
#
# What if there are more ranks? With $p$ of them, rows need $2(p-1)/p$ forward. That approaches 2: **more ranks do not make it less**. The grid needs $2(\sqrt p-1)/p$, which falls roughly like $1/\sqrt p$:

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
#   - alt: Number of ranks across, from one to sixty-four; data that reach each rank upwards, in whole matrices. The dashed line, by rows, rises from zero to nearly two. The solid line, on a grid, rises at first and then falls. Dots at one, four and nine ranks lie on both lines.
#     caption: Data that reach each rank on the way forward, in whole matrices. Lines are the formula; dots were counted in runs of 1, 4 and 9 processes.
#     labels: {by rows: by rows, on a grid: on a grid, ranks: ranks, whole matrices: whole matrices}
# ```
#
# The figure shows the forward pass alone, where columns send nothing at all. Over both passes columns and rows need $2(p-1)/p$ each, the grid $6(\sqrt p-1)/p$. With four ranks these are equal; from nine on the grid needs less.
#
# Could it be less? Irony et al. proved that with $O(n^2/p)$ numbers stored on each rank and the products of the triple loop, some rank must send or receive $\Omega(n^2/\sqrt p)$ numbers. Only extra copies lead further down[^irony2004].
#
# **Where this stops being true.** These are square matrices. If $A$ has only a few rows, cutting by rows sends a $C$ that is just as flat, while the grid still hands blocks of $B$ around, and the order is reversed. [Exercise 4](#exercise-thin) finds where.
#
# ## What is counted { #counted }
#
# Everything is sent through a `Group`, which keeps the account in its `Book`:
#
# ```snippet
# labs/ranks.py:Group
# ```
#
# It notes **the least that has to travel**: data alone, each byte once, where it arrives, averaged over the ranks of the group. Let the whole (all parts together, the sum, or the copy) have $s$ bytes:
#
# | operation | who ends up with what | reaches each rank, on average |
# | --- | --- | --- |
# | all-gather | everyone has all parts put together | $\frac{p-1}p s$ |
# | reduce-scatter | each has its $p$-th of the sum | $\frac{p-1}p s$ |
# | all-reduce | everyone has the whole sum | $2\frac{p-1}p s$ |
# | broadcast | everyone has what one rank had | $\frac{p-1}p s$ |
# | reduce | one rank has the sum | $\frac{p-1}p s$ |
#
# An all-reduce is a reduce-scatter followed by an all-gather, hence twice. Patarasuk and Yuan proved that it cannot be less and gave a ring that attains it[^patarasuk2009]. The test programs of NCCL convert bandwidths by the same factors for all-reduce, all-gather and reduce-scatter. For broadcast and reduce they take 1, since they look at the busiest link where this page takes the average[^nccltests].
#
# That is the formula. Is it what gloo sends? Linux keeps count of the bytes received on each TCP connection, and can be asked:
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
# Three agree; the message headers add too little to show here. The reduce-scatter does not: {{ cells.ratio[reduce_scatter]:.2f}} times the formula arrive, as much as in an all-reduce. PyTorch's gloo backend, in the version installed here, sums everything up on everyone and then keeps a part. The reduce takes {{ cells.ratio[reduce]:.2f}} times: each sums up a $p$-th, and these are then collected in one place, an extra trip. So **the numbers in the `Book` are lower bounds, not measurements of a library**. All other byte counts on this page come from it.
#
# **Where this stops being true.** The formulas know neither headers nor latency. For small data a message takes its time whatever it carries; an all-reduce on a ring takes $2(p-1)$ steps, on a tree twice as many as it has levels, once up and once down. `received` asks Linux only; on other systems it gives `nan`.
#
# ## Cutting a layer { #layer }
#
# In a Transformer layer the weight matrices to cut are those of the attention and of the MLP; normalisation and residual additions every rank does in full. The MLP is $\mathrm{gelu}(XU)D$. Cut $U$ by columns and $D$ by rows. What lies between them is then exactly this rank's columns, and gelu works entry by entry, so nothing is sent there:
#
# ```snippet
# labs/sharded_matmul.py:mlp
# ```
#
# Attention comes already divided. Heads have nothing to do with each other until the output projection $W_O$ adds them up, so each rank takes some:
#
# ```snippet
# labs/sharded_matmul.py:attention
# ```
#
# This is how Megatron-LM cuts a layer[^shoeybi2019]. With {{ cells.heads }} heads on four ranks, compare output and all gradients with the uncut layer:

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
# MLP and attention take one all-reduce each forward and one each backward: four in a layer. Each adds up something as large as $X$ ({{ cells.whole_input:,}} bytes), and $2\cdot\frac34$ of that reaches each rank, {{ cells.shared[mlp][forward][bytes][all_reduce]:,.0f}} bytes: **for a given number of ranks, only the shape of $X$ matters**. The weights never move.
#
# PyTorch has this built in: a `DTensor` knows how it is cut and sends when it must; the two cuts of the MLP are called `ColwiseParallel` and `RowwiseParallel`. Give it the same MLP and ask what it called:

# %%
import importlib

from snippets.labs.sharded_matmul import dtensor_mlp

for name in ("parallel", "debug"):  # once, for all ranks
    importlib.import_module(f"torch.distributed.tensor.{name}")
torchs = launch(4, dtensor_mlp, 24, 48)[0]
for way, what in torchs.items():
    print(f"{way:8} {what}")

# %% [markdown]
# One forward, one backward: the same as what was written by hand above.
#
# **Where this stops being true.** The comparison allows a relative error of $10^{-12}$, not bitwise equality. The numbers are no integers here, and four summands are added in another order than inside one product; [move a parenthesis and the last digit changes](../mechanics/rounding.md#three-orientations). The number of ranks must divide the number of heads and of columns, or there is an error.
#
# ## When one dies { #failure }
#
# Four ranks wait for each other in an all-reduce. If one dies on the way there, do the others wait for ever?

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
# In the first case rank 2 is killed halfway. In the second there are three processes, which make no grid. Both times the message says who and why, and {{ cells.left }} processes are left. The others need not wait: the kernel closes the dead rank's connections, and gloo raises an error in the rest. But their errors do not name the culprit, so `launch` watches too, and holds one end of a pipe to each process. A pipe that ends before the result has come means a death, and when one fails, all are ended. Should one wait for a rank that lives but never comes, `torch.distributed` gives up after {{ cells.patience }} seconds.
#
# Ordinarily `torchrun` starts the processes and keeps watch over them. On your own machine, in the root of the repository:
#
# ```bash
# torchrun --nproc-per-node 4 -m snippets.labs.sharded_matmul
# torchrun --nproc-per-node 9 -m snippets.labs.sharded_matmul
# torchrun --nproc-per-node 3 -m snippets.labs.sharded_matmul
# ```
#
# The third ends with an error. To kill a rank of the first as soon as there is one, and see what becomes of the rest:
#
# ```bash
# torchrun --nproc-per-node 4 -m snippets.labs.sharded_matmul &
# until pkill -9 -n -P $!; do sleep 0.1; done
# ```
#
# ## NCCL and many machines { #nccl }
#
# This section is on paper; none of it was run here.
#
# - **Same program, other backend.** `"gloo"` becomes `"nccl"`, the tensors live on GPUs, and the cuts stay as they are. NCCL chooses between rings, trees and reduction inside the switch, depending on the machine. On two machines trees can get past the limit that a ring has on the network, according to an answer in the issues of its test programs, so that the converted bandwidth exceeds that of the wire[^ncclissue196].
# - **Where to cut depends on the wires.** Tensor parallelism stops for four all-reduces in every layer, so it is kept inside a machine, on direct links between GPUs; between machines go pipeline and data parallelism. Narayanan et al. trained large models on such a combination[^narayanan2021].
# - **An all-reduce can be taken apart.** After the reduce-scatter, leave the all-gather for later: each rank applies normalisation and dropout to its own part of the sequence, and all is gathered when needed. The bytes are as many, and the activations of these steps are stored once instead of $p$ times[^korthikanti2023]; see [exercise 3](#exercise-shifts).
# - **Grids are in use too.** Optimus cuts a whole Transformer by SUMMA and shares out the activations too; its authors report a gain over Megatron on 64 GPUs[^xu2021optimus].
# - **Death is harder to see.** GPU operations are asynchronous: one rank dies, and the others spin on their GPUs. PyTorch has a watchdog thread for this, which by default ends the process when it sees an error[^torchnccl].
#
# ## What holds, and when { #what-holds }
#
# | statement | holds when |
# | --- | --- |
# | all three cuts equal the uncut product bit for bit | sums have no rounding; for floats in general, up to rounding |
# | columns and rows send equally much, one backward, the other forward | $A$, $B$ and $C$ are of the same size |
# | from four ranks on the grid sends less and less, like $1/\sqrt p$; over both passes less than the others from nine ranks on | square matrices, $p$ a square, each block stored once |
# | four all-reduces in a layer, bytes by the shape of $X$ and the number of ranks | first by columns, then by rows; the ranks divide the heads; no activations are computed again |
# | the `Book` holds lower bounds | each byte goes to one place; switches that add can do with less |
# | one dies, all are ended, and the error says who | processes started by `launch` or `torchrun` |
#
# ## Exercises { #exercises }
#
# ### 1. A ring { #exercise-ring }
#
# Write an all-reduce in which a rank sends only to the next and receives only from the one before it, and count the bytes received. Why is it, for each rank, exactly $2(p-1)/p$ times the bytes of the vector, if $p$ divides its length?
#
# ??? success "Solution"
#     ```snippet
#     labs/sharded_matmul_solutions.py:ring_all_reduce
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:ring
#     ```
#
#     The data are cut into $p$ pieces and go round twice, $p-1$ steps each time, one piece a step: first they are added up on the way, then the sums are handed on. {{ labs.sharded_matmul_solutions.ring[received]:,}} bytes are received, as the formula says.
#
# ### 2. The other way round { #exercise-orders }
#
# What if the first matrix of the MLP is cut by rows and the second by columns? Could gelu be applied before the sum, to save the wait?
#
# ??? success "Solution"
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
#     The other order is right as well, but adds up what lies in the middle, which is four times as wide: four times the bytes. Gelu before the sum is wrong. It is not linear, so the gelu of a sum is not the sum of the gelus.
#
# ### 3. Two halves of an all-reduce { #exercise-shifts }
#
# Let each rank keep only its own rows of $X$, gather all before the MLP, and take its rows home afterwards. Do the bytes change? Do the numbers held?
#
# ??? success "Solution"
#     ```snippet
#     labs/sharded_matmul_solutions.py:mlp_in_shifts
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:shifts
#     ```
#
#     As many bytes, {{ labs.sharded_matmul_solutions.shifts[bytes][all_reduce]:,.0f}} both ways; the result shrinks from {{ labs.sharded_matmul_solutions.shifts[numbers][all_reduce] }} numbers on each rank to {{ labs.sharded_matmul_solutions.shifts[numbers][two halves] }}. These bytes are the `Book`'s: as measured [above](#counted), gloo sends twice as many in its reduce-scatter.
#
# ### 4. Flat matrices { #exercise-thin }
#
# $A$ is $m\times n$ and $B$ is $n\times n$ with $n$ equal to {{ labs.sharded_matmul_solutions.width }}, with the ranks in a grid of $4\times4$. From which $m$ on does the grid send less than rows on the way forward?
#
# ??? success "Solution"
#     ```snippet
#     labs/sharded_matmul_solutions.py:moved
#     ```
#
#     ```snippet
#     labs/sharded_matmul_solutions.py:thin
#     ```
#
#     Rows send in proportion to $mn$; the grid sends $B$ as well, even if $m$ is 1. They are equal at $m$ about {{ labs.sharded_matmul_solutions.turning:.0f}}; trying one doubling after the other, the grid sends less from {{ labs.sharded_matmul_solutions.first_grid }} on. When text is generated word by word, $m$ is only the number of texts generated at once, so there rows send less.
