# ---
# title: What a layout costs
# description: "The same numbers in other places or another order: layouts and walks, each predicted by a cache simulator, measured by the CPU clock, and compared."
# ---

# %% [markdown]
# # What a layout costs { #cache-layout }
#
# The same numbers in other places, or fetched in another order. A simulated cache predicts, the clock measures, and the two are compared.
# { .lead }
#
# ## Predict first, then measure { #method }
#
# The [chapter on layout](../mechanics/cache-layout.md) has a simulator that is given addresses and counts misses. Every section of this page uses it: first it counts, on a reduced scale, and then a record gives the CPU time. The small cache of the simulations has 64 lines of 64 bytes, in 8 sets of 8:
#
# ```snippet
# labs/cache_walks.py:small
# ```
#
# Where the text says that one time is more than so many times another, or lies between two limits, it states an **ordering** of the lab: two pieces of work and a margin, tested on every record in `runs/` and measured again wherever the tests run. A ratio belongs to its machine, so ratios appear only in the tables and figures of a record, or are said to come from the machine that built this page.

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
# ## Along rows, down columns { #traversal }
#
# Take a square matrix of float32 and sum each row, or each column, with one call for each:
#
# ```snippet
# labs/cache_layout.py:along_rows
# ```
#
# ```snippet
# labs/cache_layout.py:down_columns
# ```
#
# The prediction is for order {{ cells.order }}, where a column touches {{ cells.order }} lines, more than the small cache holds:

# %%
order = 136
count = {by_row: misses(walk(order, by_row, 4), small())
         for by_row in (True, False)}
columns_predicted = count[False] / count[True]
predicted = {"rows": 1, "columns": columns_predicted,
             "rows F": columns_predicted, "columns F": 1}
print(beside(runs, "traversal-2048", "rows", predicted))

# %% [markdown]
# `F` is the same matrix stored by columns. Measure it on the machine that builds this page, too. `rows` stands in the queue a second time, as `control`; how far that is from 1 gives an idea of the noise:

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
# Stored by rows, the columns take more than {{ cells.claimed[columns / rows]:g}} times the CPU time of the rows. Stored by columns it is the other way round, with the same margin. The simulator says {{ cells.columns_predicted:.0f}}, this build measured {{ cells.columns_here:.1f}}, and the control {{ cells.control_here:.2f}}.
#
# Why are they not equal? Misses are only one part of the time. The additions and the calls are paid on both sides and pull the ratio down; so do the guesses by which a processor fetches ahead, and a second-level cache that catches what the first one drops. Against that, neighbours can be added a whole vector at a time and scattered numbers cannot, which pushes the ratio up. **The simulator hints at a direction; it knows no factor.**
#
# **Where this stops being true.** If all lines of a column fit into a near cache, and into their sets, they are still there when the next column needs them. The timed matrix has order {{ cells.side }}, which is [a power of two](#power-of-two), so many of its lines meet in the same sets.
#
# ## How far apart { #strides }
#
# Take {{ cells.touched:,}} numbers, each 16 to 512 bytes from the one before, and find the largest; in int8, in float32 and in float64. The prediction: how many lines does a number cost?

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
#   - alt: The left drawing is simulated. From 16 to 64 bytes apart, the lines for each number rise from {{ cells.lines_each[16]:.2f}} to 1, and stay there. The right one has the same axis and shows nanoseconds for each number in three data types; an upright line marks 64 bytes.
#     caption: "Left: simulated lines for each number. Right: time for each number in the latest record (without a record there is only the frame); int8 dotted, float32 solid, float64 dashed. The upright line is at 64 bytes."
#     labels: {lines per number: lines per number, ns per number: ns per number, bytes apart: bytes apart}
# ```
#
# The prediction has two parts. Below 64 bytes several numbers share a line, and from 64 on each has its own: float32 at 64 bytes takes more than {{ cells.claimed[float32 64 / float32 16]:g}} times as long as at 16. And it is **bytes** that count, not entries: at 64 bytes, which is every 64th int8 or every 8th float64, the ratio to the time of float32 lies between {{ cells.claimed[int8 64 / float32 64]:g}} and {{ cells.limits[int8 64 / float32 64]:g}}.
#
# The simulation says 1 for all that lies beyond 64 bytes. Times need not: with longer strides the numbers spread over more pages of memory, whose places have to be looked up and remembered, and fetching ahead becomes harder. The simulator knows neither pages nor fetching ahead.
#
# **Where this stops being true.** Some processors have lines of 128 bytes; the bend then lies one mark further right, see [exercise 1](#ex-lines).
#
# ## One in sixteen { #every }
#
# Add one to each float32 of 64 MiB; then to every other, to every fourth, and in the end to one in 64. The additions become fewer and fewer. And the time?

# %%
count = {s: misses(every(4 * s, 2**14 // s), small()) for s in lab.STEPS}
predicted = {str(s): value / count[1] for s, value in count.items()}
every_predicted = predicted["16"]
print(beside(runs, "every-64MiB", "1", predicted))

# %% [markdown]
# From step 1 to step 16 not a line is spared, and the simulated misses are the same; only at 32 are they halved. The clock need not follow even there: a processor that fetches ahead may bring the lines in between as well. One number in 16 leaves $1/16$ of the additions and more than {{ cells.claimed[16 / 1]:g}} of the time. If the additions were what costs, the time would fall with them; what remains is fetching the lines and writing them back. Step 2 adds another effect: the numbers are no longer neighbours, the processor cannot add a whole vector at once, and so it may well take longer than step 1.
#
# **Where this stops being true.** In an array that stays in a near cache, lines are cheap and the number of additions counts again.
#
# ## Fits, or does not fit { #working-set }
#
# Read 64 MiB in all: a small array again and again, or a large one once. The prediction walks four times through an array and counts what share of the last walk misses:

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
# The simulated cache has 4 KiB. What fits is hit from the second walk on. If the array does not fit and is walked round and round, the line dropped, the one used least recently, is of all those in its set the one needed soonest, and by then it is gone. Real machines have several levels, so the rate falls in steps. Reading 64 MiB in an array of that size takes more than {{ cells.claimed[65536 / 256]:g}} times as long as reading as many bytes in one of 256 KiB.
#
# **Where this stops being true.** Below 256 KiB this is no way to measure: a `dot` takes a few microseconds at most, and the call itself weighs more and more. For the nearest level, see the next section.
#
# ## Even Python can feel it { #chase }
#
# So far the walks were straight and the processor could guess the next step. To stop it guessing, hide the next address in this one, `i = following[i]`, and follow. The route is a random cycle that visits each place once. The innermost loop is plain Python:
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
#   - alt: The size of the array across, from 2 KiB to 32 MiB on a logarithmic scale, nanoseconds for each hop upwards. A line shows the record, and upright lines show how large the caches of the recording machine are.
#     caption: Time of a hop in the latest record (without a record there is only the frame). The upright lines are the sizes of the caches as that machine reports them; those beyond the drawing are left out.
#     labels: {ns per hop: ns per hop, KiB: KiB}
# ```
#
# In the simulation, {{ cells.share[64]:.2f}} of the hops miss when the cycle is sixteen times as large as the cache. In a cycle of the same size that goes from neighbour to neighbour only {{ cells.in_order:.3f}} do: the eight numbers of a line serve in turn. In the records, a hop in 32 MiB takes more than {{ cells.claimed[32768 / 2]:g}} times as long as in 2 KiB, and more than {{ cells.claimed[32768 / 32768 in order]:g}} times as long as in the same 32 MiB in order, by the same bytecode. The interpreter has much to do for each hop, and still it is the waiting that shows. So it is not true that Python is too slow to notice a cache.
#
# **Gathering** {{ cells.touched:,}} float32 numbers at random is the same thing, except that the indices are known beforehand and the processor can fetch several at once:

# %%
print(beside(runs, "gather-65536", "16 in order", {}))

# %% [markdown]
# At random in 32 MiB takes more than {{ cells.claimed[32768 random / 16 random]:g}} times as long as at random in 16 KiB, and more than {{ cells.claimed[32768 random / 32768 in order]:g}} times as long as in order, where 16 numbers share a line.
#
# **Where this stops being true.** In a chase each hop has to wait for the one before. Where addresses are known in advance, the waits can overlap, and the time of a step is no longer that of a wait.
#
# ## A power of two between rows { #power-of-two }
#
# Take the first 64 columns of a table of float64 with 512 rows and add one, column by column. Rows have 512, 1024 or {{ cells.longest }} numbers, or 8 more, which is one line. As many numbers are touched, in strides that are nearly the same. The prediction has a cache of 32 KiB, 64 sets of 8 lines:

# %%
longest = lab.ROW_LENGTHS[4]
count = {n: misses(down(512, 16, n), Cache(ways=8, sets=64))
         for n in lab.ROW_LENGTHS}
apart_predicted = count[4096] / count[4104]
predicted = {str(n): value / count[4104] for n, value in count.items()}
print(beside(runs, "apart-512", "4104", predicted))

# %% [markdown]
# With rows of {{ cells.longest }} each step down adds 512 to the number of the line, and 512 is a multiple of 64: the whole column crowds into one set, with 8 places. One line of padding spreads it over all 64 sets, its 512 lines just fit, and the next column finds them. In the simulation this is a factor of {{ cells.apart_predicted:.0f}}; the time differs by more than {{ cells.claimed[4096 / 4104]:g}}. The other two pairs are the same to this small simulation, and yet their times may differ. One possible reason is that a second-level cache has more sets: the longer the stride, the more rows meet in one of them, and {{ cells.longest }} is the longest. Pages have a part in it too.
#
# **Where this stops being true.** The number of sets, and of places in each, depends on the processor. Along rows there is no such trap. For how much padding it takes, see [exercise 2](#ex-padding).
#
# ## Transposing, and tiles { #transpose }
#
# Copy a matrix as it is, or transposed: as many numbers are read and written. To transpose, read along rows and write down columns, or the reverse. Tiles can use up every line on both sides[^lam1991]:
#
# ```snippet
# labs/cache_layout.py:transpose
# ```
#
# The prediction is for order 128 and 64 lines that may stand anywhere:

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
# Without tiles every number written is a miss, which makes {{ cells.naive_predicted:.1f}} times the misses of a straight copy. With tiles of 16, a line of float32, it is 1 again. The naive one takes more than {{ cells.claimed[naive / straight]:g}} times as long as a straight copy, and more than {{ cells.claimed[naive / tiles of 64]:g}} times as long as tiles of 64.
#
# The time of tiles need not return to 1. One reason is that real caches have sets: in the small cache with its 8 sets, tiles of 16 cost {{ cells.in_sets[128]:.1f}} times the misses at order 128, where a tile’s lines crowd into one set, and {{ cells.in_sets[144]:.1f}} with rows one line longer. The timed order of {{ cells.side }} is a power of two as well. Others have nothing to do with caches: a straight copy moves a whole vector at once, while a transposition has to take vectors apart, and each tile here is a call from Python, so small tiles need many.
#
# **Where this stops being true.** If both matrices fit into a near cache, tiles spare hardly any misses and add calls.
#
# ## Records, or one field after another { #records }
#
# There are $2^{20}$ records of eight float32 fields each. They can stand one record after the other, or each field in an array of its own. Change one field, or all of them:

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
# With one field to change, fields that stand apart touch $1/8$ of the lines. The prediction is a factor of {{ cells.field_predicted:.0f}}, and the time differs by more than {{ cells.claimed[one field / one field, apart]:g}}. It can exceed the prediction, since neighbours can be added a vector at a time. With all to change there are as many lines either way, and the ratio of the times lies between {{ cells.claimed[all / all, apart]:g}} and {{ cells.limits[all / all, apart]:g}}.
#
# **Where this stops being true.** Fetch whole records at random, and it is the other way round; see [exercise 4](#ex-records).
#
# ## Six ways to store a batch { #batch }
#
# `a @ b` multiplies 256 matrices of order 64 by as many. Batch B, rows M and columns K of `a` can stand in memory in six orders, the densest last. `scattered` is the control, every other column of an array twice as wide, which has no index of stride 1 either. The prediction reads matrix after matrix:

# %%
count = {o: misses(by_slices(o, 64, 16, 16), Cache(64)) for o in lab.ORDERS}
wide = (2 * address for address in by_slices("BMK", 64, 16, 16))
count["scattered"] = misses(wide, Cache(64))
predicted = {o: value / count["BMK"] for o, value in count.items()}
batch_predicted = predicted["MKB"]
print(beside(runs, "batch-256x64", "BMK", predicted))

# %% [markdown]
# Four orders use their lines equally well. In the two with the batch index densest, the 16 numbers of a line belong to 16 matrices, and the prediction is a factor of {{ cells.batch_predicted:.0f}}. The time of M B K over that of B M K lies between {{ cells.claimed[MBK / BMK]:g}} and {{ cells.limits[MBK / BMK]:g}}; M K B takes more than {{ cells.claimed[MKB / BMK]:g}} times as long as B M K, and more than {{ cells.claimed[MKB / MBK]:g}} times as long as M B K. Not all of this is due to lines: BLAS cannot be given such a matrix, NumPy copies it first, and copying takes time. The control has to be copied too but uses half of each line. M K B still takes more than {{ cells.claimed[MKB / scattered]:g}} times as long, and **only this part comes from where the numbers stand**: in other lines, and, with a stride that is a power of two, in other sets.
#
# **Where this stops being true.** The larger the matrices, the less a copy weighs against the product.
#
# ## A flag in place of a copy { #flags }
#
# An operand that is transposed, or cut from a wider array, reaches `@` with one more flag or another distance between rows, and is not copied. BLAS copies a block at a time into an arrangement of its own before it computes, which is called packing[^goto2008]. It does so tile by tile; are the misses of packing a transposed tile the same?

# %%
straight = misses(copy(128, 16, transposed=False), Cache(64))
turned = misses(copy(128, 16, transposed=True), Cache(64))
pack_predicted = turned / straight
print(f"packing, transposed / straight: {pack_predicted:.2f}")
print(beside(runs, "flags-512", "as it is", {}))
print()
print(beside(runs, "view-1024", "view", {}))

# %% [markdown]
# The prediction is {{ cells.pack_predicted:.2f}}, and the measured ratio to the untransposed product lies between {{ cells.claimed[A transposed / as it is]:g}} and {{ cells.limits[A transposed / as it is]:g}}, also with rows of 1024, power of two though it is. `every other` takes every other row and column. BLAS cannot be given that, and NumPy copies it first; it is part of no ordering, since its price depends on the version[^numpy23752].
#
# The last table is `x.T` against `x.T.copy()`. The first only makes a new array object with its shape and strides and touches no number; the copy takes more than {{ cells.claimed[copy / view]:g}} times as long. Whether to `copy` depends on how the result will be read, and not on the transposition.
#
# **Where this stops being true.** For small matrices, or a single column, packing does not pay and a library may go another way.
#
# ## How much of it came true { #compared }
#
# Eight predictions beside the latest record:

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
#   - alt: Eight rows, a comparison in each, over a logarithmic axis of factors. A hollow circle is the simulated ratio of misses, a dot the recorded ratio of times, and a thin line joins the two.
#     caption: Hollow circles are predicted ratios of misses, dots are ratios of times in the latest record (without a record there are only circles).
#     labels: {columns: columns / rows, 64 bytes apart: 64 / 16 bytes apart, one in sixteen: one in sixteen / all, power of two: power of two, transposing: transposed / straight, one field: one field / apart, batch last: batch densest / BMK, flag: transposed operand, times as much: times as much}
# ```
#
# The distance between prediction and time comes from what the simulator lacks: instructions, vectors, calls, fetching ahead, several levels, pages. In these eight, where it predicts 1, the time lies within margins around 1 or, for one in sixteen, above the margin of its ordering. Where it predicts more than 1, the time exceeds the stated margin in each of them.
#
# ## On your machine { #yours }
#
# One command and some tens of seconds, and your record stands beside the others:
#
# ```
# python -m snippets.labs.cache_layout --out my.json
# python -m snippets.labs.cache_layout --run my.json --against runs/<device>/<run>.json
# ```
#
# Guess first: how large is your second-level cache, and where will the curve of the chase begin to rise?
#
# ## What holds, and when { #what-holds }
#
# | statement | holds when |
# | --- | --- |
# | columns take longer than rows | stored by rows, and the lines of a column do not fit into a near cache |
# | it is bytes that count, not entries | one line apart, data types take similar times; further apart, pages and fetching ahead can part them |
# | fewer operations need not save time | no line is spared, and the data are not near |
# | even Python feels the cache | each step waits for the last, and the data are much larger than the near caches |
# | a power of two between rows does harm | down columns, with more rows than the few sets they reach have places |
# | transposing in tiles pays | the matrices do not fit into a near cache, and a tile does |
# | fields stored apart pay | few fields are used, in order |
# | a transposed operand costs about the same | in a large product handed to BLAS |
# | the simulator predicts | a direction, which a clock has to confirm; no factor |
#
# ## Exercises { #exercises }
#
# ### 1. Longer lines { #ex-lines }
#
# With lines of 32 or of 128 bytes, where does the curve of misses over strides bend?
#
# ??? success "Solution"
#     ```snippet
#     labs/cache_layout_solutions.py:lines_per_number
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:longer_lines
#     ```
#
#     At the length of a line: with 128 bytes the bend is at {{ labs.cache_layout_solutions.knee[128]}}. Conversely, the bend of the times hints at the length of your machine's lines; fetching ahead and pages can blur it.
#
# ### 2. How much padding { #ex-padding }
#
# Rows have 512 float64 numbers; there are 64 sets of 8 lines. Pad with 8, 16, 32 or 64 numbers: how many sets does a column reach, and which padding helps?
#
# ??? success "Solution"
#     ```snippet
#     labs/cache_layout_solutions.py:sets_reached
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:padding
#     ```
#
#     With 8 a row has an odd number of lines, which is coprime to 64. All 64 sets are reached, 512 lines just fit, and there are {{ labs.cache_layout_solutions.padded[520]:,}} misses. With 16 half of the sets are reached, the column does not fit, and there are {{ labs.cache_layout_solutions.padded[528]:,}}, as many as without padding. **An odd number of lines does more than a large padding.**
#
# ### 3. Drawn at random { #ex-draws }
#
# In place of a circle, draw a number at random from $L$ lines each time, with room for $S$ lines in the cache. What share misses?
#
# ??? success "Solution"
#     ```snippet
#     labs/cache_layout_solutions.py:drawn
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:draws
#     ```
#
#     Once the cache is full it holds $S$ different lines, and each line is equally likely to be drawn next; hence $1-S/L$, and the simulation gives {{ labs.cache_layout_solutions.share:.2f}}. Going through the lines in order, round and round, misses every one of them: with room for half, chance does better than order.
#
# ### 4. Whole records, at random { #ex-records }
#
# Fetch whole records in random order, with all eight fields. Which layout is better?
#
# ??? success "Solution"
#     ```snippet
#     labs/cache_layout_solutions.py:whole_records
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:at_random
#     ```
#
#     Together, a record costs one miss at most. With the fields apart it costs {{ labs.cache_layout_solutions.at_random[True]:.1f}} on average, nearly one for each field. No layout is good or bad by itself; it depends on what is fetched.
#
# ### 5. Not knowing the cache { #ex-halves }
#
# Tiles have to suit the cache. Write a transposition that uses no number about any cache and, with the 80 lines of the run below, still reaches the least possible misses.
#
# ??? success "Solution"
#     Cut the longer side in half, until a single number is left:
#
#     ```snippet
#     labs/cache_layout_solutions.py:halved
#     ```
#
#     ```snippet
#     labs/cache_layout_solutions.py:halves
#     ```
#
#     At some depth both blocks fit, and if they are then still at least as wide as a line is long, each line is fetched once. The 80 lines here suffice even where a line holds 32 numbers; with too few lines, halving misses more than the least, too. With lines of 128 bytes, tiles of 16 miss {{ labs.cache_layout_solutions.found[128][16]:,}} times and halving {{ labs.cache_layout_solutions.found[128][halves]:,}} times, which is the least possible. Such algorithms are called cache-oblivious[^frigo1999].
