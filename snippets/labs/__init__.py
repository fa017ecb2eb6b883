"""What the labs share: a clock (`timing`), what a lab is (`lab`), records of runs (`records`), one
command line for all of them (`command`), and a comparison of two runs (`compare`).

A lab is a module of its own, snippets/labs/<name>.py, and like every snippet it can be imported
at no cost. Its groups measure; works of one group take turns, and only they are compared. What
takes less than a second or two is `quick`: the tests measure it on the machine they run on, ten
seconds a lab. Keys read group/work and join the runs of different machines, so sizes belong in
them. Orderings hold on every record in runs/ and here; who reverses one says so on the page.

    LAB = Lab("cpu-ladder", [
        Ordering("square-128/matmul", "square-128/einsum", margin=1.5, note="no BLAS"),
        Ordering("square-128/matmul", f"square-128/{CONTROL}", margin=0.8, limit=1.25),
    ])

    @LAB.group("square-128", quick=True)
    def square_128(rounds: int) -> list[Cell]:
        a = np.random.default_rng(0).standard_normal((128, 128))
        matmul = Work(lambda: a @ a, flop=2 * 128**3, bytes=3 * a.nbytes)
        works = {"matmul": matmul, "einsum": lambda: np.einsum("ij,jk", a, a)}
        return cells(with_control(works, "matmul"), rounds)  # options of `measure` may follow

    if __name__ == "__main__":
        from snippets.labs.command import main

        main(LAB)  # --record, --out, --against; returns where none is given

        # --8<-- [start:recorded]
        for run in load_all("cpu-ladder"):  # what a page shows of the runs in runs/
            print(banner(run))
            gap = run.ratio("square-128/einsum", "square-128/matmul")
            print(f"einsum / matmul  {gap.median:.1f} [{gap.low:.1f}..{gap.high:.1f}]")
        # --8<-- [end:recorded]

A group may measure in its own way and return `Cell`s with samples of its own, in seconds of a
call: in child processes, say. `cells` keeps what cannot be done here as a cell with its error.
`Lab(..., rounds=20, device=find)` asks `find` for "cuda" or "cpu" when it measures, and
`clock_of(device)` gives the clock. A lab that measures while its page is built says
`MACHINE_BOUND = True`; one that only reads runs/ runs again when anything in there changes.
`python -m snippets.labs.cpu_ladder --record` takes ten minutes at most, in a process with one
thread and without variables that pin a library.
"""
