# ---
# title: From three loops to the machine's limit
# description: One matrix product climbs from a triple loop in Python towards the processor's peak. Each rung is measured and has its reason; at the end stands the roofline of the machine.
# ---

# %% [markdown]
# # From three loops to the machine's limit { #cpu-ladder }
#
# One product, $C=AB$, and on every rung the same multiplications. Write it as it is defined, in three loops: how far is that from what the processor can do, and what lies between?
# { .lead }
#
# ## The definition, written down { #literal }
#
# Three loops, which update one entry at a time.
#
# ```snippet
# labs/rungs.py:literal
# ```
#
# Try it on 64×64 matrices: as lists, as NumPy arrays with the very same loops, and with `@`. The clock counts CPU time, the three take turns, and the median is taken:

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
# On the machine that built this page the loops over lists take {{ cells.lists_ratio:,.0f}} times as long as `@`. There are only $64^3$ multiply-adds, so the time goes elsewhere. For each of them the interpreter looks up indices, checks types, makes an object for the result and stores it in a list.
#
# Put arrays in place of lists, leave the loops alone, and they take {{ cells.arrays_ratio:.1f}} times as long as with lists: every `a[i, k]` has to wrap a number in a new Python object. **NumPy gains by working on whole blocks. Fetching one number at a time, it loses to lists.**
#
# **Where this stops being true.** This is the account of CPython. Where loops are compiled it looks different; with numba it can be tried below.
#
# ## Rung by rung { #ladder }
#
# From rung to rung, a single call is given more to do, or as much in a better form. Let the matrices be $n\times n$, so that there are $n^3$ multiply-adds in all:
#
# | rung | what a call does | calls | multiply-adds in each |
# | --- | --- | --- | --- |
# | `literal` | one multiply-add | none, the interpreter does it all | $1$ |
# | `sums` | a row times a column; `sum` and `map` loop in C, but over Python objects | $n^2$ | $n$ |
# | `dots` | a row times a column; bare numbers in memory, no objects | $n^2$ | $n$ |
# | `column axpy` | a column, scaled, added to a column | $n^2$ | $n$ |
# | `row axpy` | a row, scaled, added to a row | $n^2$ | $n$ |
# | `outers` | a column times a row: a whole matrix, then added | $n$ | $n^2$ |
# | `gemvs` | a row times all of $B$ | $n$ | $n^2$ |
# | `blocks of 48` | products of 48×48 blocks | $(n/48)^3$ | $48^3$ |
# | `matmul` | everything | $1$ | $n^3$ |
#
# Three of them:
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
# The last two rungs are in float32: `matmul32` is the same `@`, `tile32` the short piece of C from further below. The peak comes from another C function, which multiplies and adds in registers and touches no memory; where `@` at order 2048 is faster, or there is no compiler, that is taken. The peak of float64 is taken as half, since a vector holds half as many of its numbers. All of this takes minutes, so it is not measured when the page is built. What follows is read from a record:

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
#   - alt: Horizontal bars on a logarithmic scale of billions of floating-point operations a second. One for each rung from top to bottom, and to the right of each a short upright line for the peak of its data type.
#     caption: The rate of each rung in the latest record (without a record there is only the frame). The short upright lines are the peaks of the data types. Each step of the axis is a factor of ten.
#     labels: {literal: literal, sums: sums, dots: dots, column axpy: column axpy, row axpy: row axpy, outers: outers, gemvs: gemvs, blocks of 48: blocks of 48, matmul: "@ float64", matmul32: "@ float32", tile32: tile in C, GFLOP/s: GFLOP/s}
# ```
#
# The line `matmul / itself` is the control. The same `@` stood in the queue twice, and how far the ratio of the two is from 1 is the noise of this measurement.
#
# Two things are at work in the table. Up to `gemvs` it is mostly that **calls are shared out**: the fixed cost of one is borne by 1, by $n$, by $n^2$ multiply-adds. `outers` and `gemvs` make equally many calls and do equally much arithmetic; they differ in what they move. An outer product builds a temporary $n\times n$ matrix, writes it out, reads it back and adds it to $C$, while `gemvs` reads $B$ once each time. With `@`, in blocks or whole, **reuse** comes in: $n^3$ multiply-adds need just $3n^2$ numbers, so a number fetched into cache or register can serve many times before it is let go. Libraries know how to arrange that[^goto2008], and further below you can do it yourself.
#
# **Where this stops being true.** The ratios belong to this one size. With smaller matrices the calls drown everything; see [small matrices](#small). With larger ones, rows and columns come from caches further away and the gaps change.
#
# **Try it.** Replace `np.outer` in `outers` by `a[:, k, None] * b[k]`, then by `np.multiply` with `out=`, and see which part of the cost goes away.
#
# ## Which loop inside { #order }
#
# `row axpy` and `column axpy` differ in the order of the loops only. NumPy stores arrays by rows unless told otherwise (`order="C"`): numbers of a row lie side by side, those of a column a whole row apart. Here 1024×2 times 2×1024 gives a $C$ of 1024 rows:

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
# Stored by rows, the column form takes {{ cells.c_ratio:.1f}} times as long as the row form. Without touching the code, store all three matrices by columns (`order="F"`), and the winner changes: now the row form takes {{ cells.f_ratio:.1f}} times as long. The slow one enters another cache line with every number, and by the time it could use the neighbours they have been pushed out of the near cache. The [chapter on caches](../mechanics/cache-layout.md#loops) counts this with a simulator.
#
# Each of these calls still carries the cost of Python, which waters down the effect of the stride. Give the same loops to a compiler, and that cost is gone:
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
# `ijk`, the order of the definition, is `ikj` with its two inner loops exchanged. numba compiles them all when they are first called, which is not counted. It is optional: `pip install -r requirements-labs.txt`. Where the recording machine lacked it, the table says so. First all four at order 512. Each line gives the median time with the tenth and ninetieth percentile, then how many times as long as `@` it takes, with the least and the greatest of all rounds:

# %%
print(tables.report(runs, tables.times("compiled-512", "matmul")))

# %% [markdown]
# The innermost loop of `ikj` runs along rows, and the compiler can handle a whole vector of numbers in one instruction. That of `ijk` is a single sum; floating-point additions must keep their order, so the compiler may not do several at once. `jki` jumps in two matrices at once. And 512 is a power of two, as 1024 was above, which makes every jump dearer: the numbers of a column crowd into [the same few sets of the cache](../mechanics/cache-layout.md#conflicts).
#
# `blocked` has the order of `ikj`, and another aim. For every row of $C$, `ikj` reads all of $B$, from whichever cache still holds it; `blocked` works on 64 KiB of $B$ until it is done with them. Does that pay? Here are the rates of both at 512 and at larger sizes; the last column says how many times as long `blocked` takes, so above 1 it loses:

# %%
print(tables.report(runs, tables.loop_lines))

# %% [markdown]
# Not always, and the records do not even agree at which size. `blocked` has its price: the innermost loop has 256 numbers instead of a whole row and starts more often, the pieces of $B$ lie far apart, and $C$ is read and written anew for every 64 rows of $B$. What it saves depends on where $B$ would come from. As long as the rate of `ikj` hardly falls from one size to the next, some cache still holds $B$ and keeps up with the loop: there is nothing to save. Where the rate is less than half of what it was at the size before, $B$ arrives more slowly than the loop uses it, and there `blocked` takes less time. How large $B$ is by then differs from machine to machine, with the size and the speed of the larger caches.
#
# **Try it.** Make the blocks 32 rows high and 512 columns wide: still 64 KiB, and half as many starts. What becomes of the last column? And how much of the time of `jki` is left at 528, which is no power of two?
#
# **Where this stops being true.** All this is for loops whose additions the compiler has to keep in order. Let it reorder them (`fastmath=True`), and `ijk` still jumps; store $B$ transposed as well, and `ijk` goes along rows only.
#
# ## How large a block { #blocks }
#
# By the textbook, small blocks reuse too little, large ones overflow the cache, and there should be a best size. Measure it with `@` inside the blocks:

# %%
print(tables.report(runs, tables.times("blocks-384", "matmul")))

# %% [markdown]
# From 16 to 64 each doubling saves time. Blocks of 128 cost no more, so there is no valley so far. The `@` inside makes blocks of its own, and what blocks outside it add is Python calls and one more addition. What falls with the size is the number of calls. To see the half that the cache is responsible for, compile the loops, as in the section above, and change the size of the blocks.
#
# ## Another kind of number { #dtypes }
#
# All matrices are of order 256, all entries small integers, and only the data type changes. First a trap in `int8`, then the recorded times, with float32 as 1:

# %%
hundreds = np.full((4, 4), 100, np.int8)
wrapped = int((hundreds @ hundreds)[0, 0])
true = int((hundreds.astype(np.int64) @ hundreds)[0, 0])
print(f"int8 @ int8: {wrapped}, int64 @ int8: {true}")
print(tables.report(runs, tables.times("dtypes-256", "float32")))

# %% [markdown]
# The result of `int8` stays in 8 bits. Four times $100\times100$ should be {{ cells.true:,}}; it wraps around to {{ cells.wrapped}}, and nothing warns you.
#
# BLAS knows four types: real and complex, single and double. For all others NumPy falls back on a plain loop of its own, without blocks and without packing. float16 has one more thing to pay for: in every multiply-add both factors are first converted to float32, one at a time; only the finished sum is rounded back. As long as integers are not too large, it pays to go by way of float64:
#
# ```snippet
# labs/cpu_ladder.py:by_float64
# ```
#
# As long as no entry of $|A|\,|B|$ (the product of the absolute values) exceeds $2^{53}$, not a bit is lost.
#
# **Where this stops being true.** This is NumPy on a CPU. PyTorch has code of its own for bfloat16 and int8, and on a GPU float16 is among the fast ones.
#
# ## The same formula, otherwise { #calls }
#
# `np.einsum` is pleasant to write; whether it is to run is another matter. Two factors, three factors, 512 small products of 16×16, each written in several ways; and in the end, parentheses:

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
# - With two factors, `einsum` runs a loop of its own; with `optimize=True` it hands the work to BLAS.
# - With three, `ij,jk,kl->il` without optimisation is a fourfold loop of $n^4$ multiply-adds. Two at a time need only $2n^3$.
# - A batch of small matrices, one by one, pays for 512 calls. `@` takes the batch in one. If the batch is the innermost axis in memory, each small matrix is scattered, and `@` has to gather it before BLAS can take it.
# - $(PQ)v$ multiplies two matrices, {{ cells.matrices_first:,}} floating-point operations. $P(Qv)$ needs {{ cells.vector_first:,}}, fewer by a factor of {{ cells.saved:.0f}}. The time does not shrink as much: matrix times vector uses each number of the matrix once, so its speed is set by how fast they arrive and not by arithmetic. That is the subject of the [roofline](#roofline).
#
# ## Ten lines of C { #tile }
#
# What does `@` do inside that the loops above do not? At its core is the **register tile**. A processor multiplies numbers that are in registers; if each multiply-add has to fetch them first, fetching is what limits it. So compute a small tile of $C$ at a time and keep all its sums in registers. The vector type below belongs to GCC and Clang. One text compiles for AVX-512, AVX2, SSE and NEON, and only the shape of the tile depends on how many registers there are:

# %%
print(tile.SHAPE)
print(tile.TILE)

# %% [markdown]
# Take a tile of 8×3 vectors. For each $k$ it needs 3 vectors and 8 numbers and does 24 vector multiply-adds, more than two for each thing fetched. There is no `restrict` and no assembly: the sums are local, and the compiler itself keeps them in registers, all or nearly all. Build it, compare it with float64, and race it against `@` (without a C compiler, this says only that there is none):

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
# Several sizes from the records, with the rate of `@` as 100%. The last line says which of ours is best, and how far it falls short of 95%:

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
#   - alt: The number of rows across, the rate as a share of that of @ upwards. A dashed line is the tile without packing, a solid line the one with packing, and a thin horizontal line marks 0.95.
#     caption: Our rate as a share of that of `@` in the latest record (without a record there is only the frame). The thin line is 95%. Dashed without packing, solid with it.
#     labels: {tiles: unpacked, packed: packed, rows: rows, share of @: share of @}
# ```
#
# When `tiles` reads $B$, it skips $n$ numbers from one row to the next. In a large matrix, the few columns that a tile needs are scattered over $n$ places, and with memory pages of 4 KiB each is on a page of its own. If $n$ contains a large power of two (1536, 3072), these places also crowd into the same few sets of the cache and drive each other out (see [powers of two are a trap](../mechanics/cache-layout.md#conflicts)). The remedy is **packing**: copy the columns side by side, then compute. Where the tile is 48 wide, a copy moves $n\times 48$ numbers, and each is then used $n$ times, so it soon pays:

# %%
print(tile.PACKED)

# %% [markdown]
# These are the `packed` lines of the record. Not a word of the kernel has changed. Real libraries also pack $A$ and cut $k$ into pieces, so that every level of cache holds what it should[^goto2008]; ours leaves that out.
#
# **Where this stops being true.** The tile takes squares whose order is a multiple of 48. A narrow matrix has little to reuse and a single column nothing, and a tile cannot help them.
#
# ## Wider and wider vectors { #simd }
#
# Same machine, same library; only tell OpenBLAS that it runs on an older processor, and it takes the instructions of that generation. It reads the variable when it is loaded, so each generation is measured in a process of its own, in turn. Nehalem means SSE with 128 bits, Sandybridge AVX with 256, Haswell adds FMA, which multiplies and adds in one, and SkylakeX means AVX-512, as does the later Sapphirerapids. Haswell is 1:

# %%
print(tables.report(runs, tables.times("simd-512", "Haswell")))

# %% [markdown]
# For what the processor or the library lacks, OpenBLAS takes something else; the table says so and gives no time. This works on x86 with OpenBLAS only. Twice the width need not halve the time: processors may lower their clock for wide vectors, and more columns at the edge fill no whole vector. AMD's Zen 4 does the widest in two halves, one after the other[^yee2024]; so the assertion about AVX-512 is a loose one.
#
# ## More cores { #threads }
#
# The clock is the one on the wall here, because CPU time adds up all threads. `64 on 2` is order 64 on 2 threads, and the last column says how many times as fast that is as one:

# %%
print(tables.report(runs, tables.thread_lines))

# %% [markdown]
# This table is a record and no claim. Threads wait for each other at the end of every product, and if others use the machine, all wait for the one that was put aside; then many threads can be much slower than one. Below some size OpenBLAS does not start a second thread at all, and the factor is about 1.
#
# ## Small matrices { #small }
#
# Orders from 1 to 128, with order 4 as 1:

# %%
print(tables.report(runs, tables.times("small", "n=4")))

# %% [markdown]
# At 16 there are 64 times the multiply-adds of 4 and nothing like 64 times the time: in the smallest products the call costs more than the arithmetic. This is why many small products belong in one call.
#
# ## The roofline of this machine { #roofline }
#
# A product takes $2mkn$ floating-point operations and has to move at least $4(mk+kn+mn)$ bytes: float32, each matrix once. The quotient is its **arithmetic intensity**. If memory delivers $\beta$ bytes a second and the processor can do $\pi$ operations a second, the rate cannot exceed
#
# $$\min(\pi,\ \beta\cdot\text{FLOP}/\text{byte}),$$
#
# which drawn is a slope and a flat part: the roofline[^williams2009]. Here $\pi$ is the fastest `@` in the table below, and $\beta$ the rate at which `np.dot` reads 64 MiB, as much as the 4096×4096 matrix below takes. `columns` means this matrix times a few columns, `rank` two slim matrices whose product is 4096×4096:

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
#   - alt: Both axes logarithmic, floating-point operations per byte across, billions of them a second upwards. A thin line climbs and then turns flat. Three groups of points lie on it or below, one joined by a solid line, one by a dashed line, one as triangles.
#     caption: The roofline and the shapes of the latest record (without a record there is only the frame). Solid, 1 to 256 columns; dashed, rank 1 to 64; triangles, squares. The further below the line, the more is left unused.
#     labels: {columns: columns, ranks: ranks, squares: squares, FLOP per byte: FLOP per byte, GFLOP/s: GFLOP/s}
# ```
#
# The last column, `share`, is what was measured over what was predicted. A roof is a bound and no forecast: look at both ends and then in between. One column (gemv) belongs to the slope, squares belong to the flat part. In between are 2 to 16 columns, and the table says how far they stay below. The roof has counted memory and arithmetic already; what is lost beyond that is most likely the library's doing. From 2 to 8 columns the rate nearly grows with the columns, so the time hardly does: what it goes into does not depend on their number. One candidate is packing: it pays when each number is used many times, and here the 64 MiB of $A$ would be copied to be used two to sixteen times. Language models that write word by word for a handful of requests multiply just such shapes. The `rank` rows pay for one thing more: before a cache line of the result is written, most processors read it from memory, while the count above has only the write. That explains a factor of two at most.
#
# **Where this stops being true.** Memory here means whichever level holds 64 MiB. If the last cache is larger, its speed is what was measured; both sides use the same size, so the comparison is still fair. Order 256 fits into caches altogether, and the slope does not bind it.
#
# ## What holds, and when { #what-holds }
#
# The main comparisons of this page are assertions with a margin, tested on every record that measured both and, where that takes seconds only, on the machine that runs the tests. On the left the median and the range in the record, on the right the assertion:

# %%
print(tables.report(runs, tables.ordering_lines))

# %% [markdown]
# Absolute rates go with machine, load and temperature, so they stand only beside their record. What can be concluded are ratios.
#
# | statement | holds when |
# | --- | --- |
# | fewer calls are faster | the work in a call is small against the call itself |
# | walk in the order of storage | the data do not fit into a near cache; BLAS packs, and does not mind |
# | blocks help | you write the loops, and the data would arrive more slowly than they use them; with `@` in the blocks they do not |
# | `@` comes near the peak | BLAS knows the type, and all three dimensions are large |
# | single precision is faster than double | a vector holds twice as many numbers, memory moves half as much |
#
# ## On your machine { #yours }
#
# One command and a few minutes give all the tables above. A second puts them beside a record, cell by cell, and where the gap is large it names likely reasons:
#
# ```text
# python -m snippets.labs.cpu_ladder --out my.json
# python -m snippets.labs.cpu_ladder --run my.json --against runs/<device>/<run>.json
# ```
#
# With `--quick` it takes less than a minute and leaves out the long parts. The C part needs `cc`, `gcc` or `clang`, the compiled loops need numba; where one is missing, its cells say so and the rest is measured. All runs, with their machines and software, are listed under [machines](../reference/machines.md).
#
# ## Exercises { #exercises }
#
# ### How many columns to the flat part? { #ex-ridge }
#
# A 4096×4096 matrix of float32 times $c$ columns. If slope and flat part meet at 20 operations per byte, how large must $c$ be to get there?
#
# ??? success "Solution"
#     The intensity is $mc/(2(m+2c))$. Set it equal to the ridge and solve for $c$:
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:columns_at_the_ridge
#     ```
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:ridge
#     ```
#
#     It takes {{ labs.cpu_ladder_solutions.thick:.1f}} columns, about twice the ridge: a number of the matrix takes 4 bytes and each column does 2 operations with it.
#
# ### Which shape for the tile? { #ex-shape }
#
# With 16 or 32 registers, which have to hold all sums, a row of vectors of $B$ and one number of $A$, which tile loads least? How far off is 8×3?
#
# ??? success "Solution"
#     ```snippet
#     labs/cpu_ladder_solutions.py:tile_shapes
#     ```
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:shapes
#     ```
#
#     The nearer to a square, the fewer the loads. With 32 registers 8×3 needs {{ labs.cpu_ladder_solutions.ours:.2f}} for each multiply-add, which is not the least. But it is below one, and a processor that can load as often as it can multiply gains nothing from less; and 8 rows and 48 columns divide 48.
#
# ### How long can int8 be? { #ex-int8 }
#
# Two `int8` matrices are multiplied by way of float32. Up to which inner dimension is not a bit lost, whatever they hold?
#
# ??? success "Solution"
#     A product is at most $2^{14}$ in absolute value, and float32 holds all integers up to $2^{24}$:
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:int8
#     ```
#
#     Up to {{ labs.cpu_ladder_solutions.k:,}} it is safe. Beyond that, partial sums may become too large and nothing is promised.
#
# ### Four factors, five ways { #ex-chain }
#
# The shapes of $A$ to $D$ are 10×1000, 1000×10, 10×1000 and 1000×1. How many multiplications does each of the five ways to put the parentheses take?
#
# ??? success "Solution"
#     ```snippet
#     labs/cpu_ladder_solutions.py:chain
#     ```
#
#     From the right it is cheapest, since every step is matrix times vector. The worst begins by making a 1000×1000 matrix of the two in the middle. `np.linalg.multi_dot` chooses for you.
#
# ### Not a multiple of 48 { #ex-padded }
#
# Let the tile take squares of any order. What does it cost?
#
# ??? success "Solution"
#     Fill up with zeros to the next multiple, multiply, cut:
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:padded
#     ```
#
#     ```snippet
#     labs/cpu_ladder_solutions.py:fill
#     ```
#
#     From 100 to 144 it is {{ labs.cpu_ladder_solutions.more_work:.2f}} times the work; the larger the order, the less it shows. Real libraries take smaller kernels at the edges.
