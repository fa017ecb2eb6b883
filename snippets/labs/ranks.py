"""Processes that compute together: start them, count what passes between them, end them all.

Every rank runs the same program on its own part of the data; `torch.distributed` carries what they
tell each other, here through the CPU's network sockets (the backend gloo).
"""

import contextlib
import math
import multiprocessing
import os
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import connection
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

PATIENCE = timedelta(seconds=30)  # a rank that waits longer for another gives up
GRACE = 5  # seconds in which the others may say what they saw when one has failed


class RankError(RuntimeError):
    """A rank failed, and all the others have been ended."""


def launch(world: int, work: Callable, *arguments: Any) -> list:
    """work(*arguments) on each of `world` ranks; what they returned, by rank.

    Raises RankError if one of them raises or dies. No process is left behind either way.
    """
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder, "meeting").as_uri()
        pipes, processes = [], []
        try:
            for rank in range(world):
                ours, theirs = context.Pipe(duplex=False)
                task = (theirs, meeting, rank, world, work, arguments)
                process = context.Process(target=run_rank, args=task, daemon=True)
                process.start()
                theirs.close()  # so that the pipe ends when the process does
                pipes.append(ours)
                processes.append(process)
            return collect(pipes, processes)
        finally:
            for process in processes:
                process.kill()
                process.join()


def run_rank(pipe, meeting: str, rank: int, world: int, work: Callable, arguments: tuple) -> None:
    """What one process does: join the others, work, hand back the result or the error."""
    try:
        torch.set_num_threads(1)
        dist.init_process_group(
            "gloo", init_method=meeting, rank=rank, world_size=world, timeout=PATIENCE
        )
        dist.barrier()  # all are connected before anybody can fail
        result = work(*arguments)
        dist.barrier()  # nobody leaves while another still needs it
        pipe.send((True, result))
        dist.destroy_process_group()
    except Exception as error:
        pipe.send((False, f"{type(error).__name__}: {error}"))


def collect(pipes: list, processes: list) -> list:
    """The results, or RankError with the cause: a death first, else the earliest exception."""
    results, raised, died = {}, {}, []
    waiting = {pipe: rank for rank, pipe in enumerate(pipes)}
    while waiting and (
        ready := connection.wait(list(waiting), GRACE if raised or died else None)
    ):
        for pipe in ready:
            rank = waiting.pop(pipe)
            try:
                fine, what = pipe.recv()
            except EOFError:
                died.append(f"rank {rank} of {len(pipes)} {how_it_ended(processes[rank])}")
                continue
            if fine:
                results[rank] = what
            else:
                raised[rank] = what
    if died:
        raise RankError(f"{died[0]}; the other ranks were ended")
    if raised:
        alike = len(raised) == len(pipes) and len(set(raised.values())) == 1
        rank, what = next(iter(raised.items()))
        if alike:
            raise RankError(f"each of {len(pipes)} ranks raised {what}")
        raise RankError(f"rank {rank} of {len(pipes)} raised {what}; the other ranks were ended")
    return [results[rank] for rank in range(len(pipes))]


def how_it_ended(process) -> str:
    process.join()
    if process.exitcode < 0:
        return f"died of {signal.Signals(-process.exitcode).name}"
    return f"ended with exit status {process.exitcode} before it was done"


@dataclass
class Book:
    """What the collectives of one rank moved: calls and bytes, by collective.

    Bytes are those that reach a rank of the group, on average over its ranks, when nothing is sent
    that need not be: a byte counts once, where it arrives.
    """

    calls: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, amount: float) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        self.bytes[name] = self.bytes.get(name, 0) + amount

    def turn(self) -> "Book":
        """What has been noted since the last call."""
        page = Book(self.calls, self.bytes)
        self.calls, self.bytes = {}, {}
        return page

    @property
    def total(self) -> float:
        return sum(self.bytes.values())


class Group:
    """Some ranks, and their collectives, each of which is noted in a book.

    `handle` is torch's group (None: all ranks), `rank` this rank's number
    within it.
    """

    def __init__(self, book: Book, handle: dist.ProcessGroup | None = None):
        self.book, self.handle = book, handle
        self.size = dist.get_world_size(handle)
        self.rank = dist.get_rank(handle)

    def note(self, name: str, whole: torch.Tensor, times: int = 1) -> None:
        """(p - 1)/p of `whole` must reach each rank, on average."""
        self.book.note(name, times * whole.nbytes * (self.size - 1) / self.size)

    def all_reduce(self, x: torch.Tensor) -> torch.Tensor:
        """The sum of all ranks' x, on every rank: summed up, then shared."""
        total = x.contiguous().clone()
        dist.all_reduce(total, group=self.handle)
        self.note("all_reduce", total, times=2)
        return total

    def all_gather(self, x: torch.Tensor) -> torch.Tensor:
        """All ranks' x, one below the other, on every rank."""
        parts = [torch.empty_like(x) for _ in range(self.size)]
        dist.all_gather(parts, x.contiguous(), group=self.handle)
        whole = torch.cat(parts)
        self.note("all_gather", whole)
        return whole

    def reduce_scatter(self, x: torch.Tensor) -> torch.Tensor:
        """This rank's p-th (of the rows) of the sum of all ranks' x."""
        parts = [part.contiguous() for part in x.chunk(self.size)]
        total = torch.empty_like(parts[self.rank])
        dist.reduce_scatter(total, parts, group=self.handle)
        self.note("reduce_scatter", x)
        return total

    def broadcast(self, x: torch.Tensor, root: int) -> torch.Tensor:
        """x of rank `root`, on every rank. All ranks' x have the same shape."""
        copy = x.contiguous().clone()
        dist.broadcast(copy, group_src=root, group=self.handle)
        self.note("broadcast", copy)
        return copy

    def reduce(self, x: torch.Tensor, root: int) -> torch.Tensor:
        """The sum of all ranks' x on rank `root`; elsewhere anything."""
        total = x.contiguous().clone()
        dist.reduce(total, group_dst=root, group=self.handle)
        self.note("reduce", total)
        return total


def received() -> float:
    """Bytes that this process's TCP sockets have received so far.

    Linux counts them for each connection: tcpi_bytes_received, 64 bits at
    byte 128 of what getsockopt(TCP_INFO) fills in (linux/tcp.h). Other
    systems are not asked: nan.
    """
    if sys.platform != "linux":
        return math.nan
    total = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # no socket, or not of this kind
            one = socket.socket(fileno=int(name))
            try:
                info = one.getsockopt(
                    socket.IPPROTO_TCP, socket.TCP_INFO, 136
                )
                total += struct.unpack_from("Q", info, 128)[0]
            finally:
                one.detach()  # it is not ours to close
    return total


def on_the_wire(action: Callable[[], Any]) -> float:
    """Bytes that reach a rank during the action, averaged over all ranks.

    The barriers keep a neighbour's next message out of the account; their own few bytes are in.
    """
    dist.barrier()
    before = received()
    action()
    arrived = torch.tensor(received() - before, dtype=torch.float64)
    dist.barrier()
    dist.all_reduce(arrived)
    return arrived.item() / dist.get_world_size()
