"""The toy by other means: Numba, Warp, and our packs; every one gives the bits of NumPy."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from tools.bench.native_code import call, native_library
from tools.bench.rows import RowSkipped
from tools.bench.toy_tree import END, STEP, ToyTree, Walk, Words, first_places

Walker = Callable[[], Walk]
_COLUMNS = ("first", "second", "share", "dwell")
_EXTRA = "pip install -e '.[bench]'"


def packs(tree: ToyTree, names: Words, *, variant: str, threads: int = 1) -> Walker:
    """Return the walk on our packs of one instruction set."""
    function = native_library("toy.cpp", variant).bench_toy
    room = np.empty(tree.size + 4, dtype=tree.nodes.dtype)
    nodes = room[(-room.ctypes.data % 64) // 16 :][: tree.size]
    nodes[:] = tree.nodes
    bounds = np.linspace(0, names.size, threads + 1).astype(np.int64)

    def walk() -> Walk:
        place = first_places(tree, names)
        clock, draws = np.empty(names.size, np.float32), np.empty_like(names)

        def part(i: int) -> None:
            of = slice(int(bounds[i]), int(bounds[i + 1]))
            arrays = (names[of], place[of], clock[of], draws[of])
            call(function, nodes, *arrays, int(bounds[i + 1] - bounds[i]))

        if threads == 1:
            part(0)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(part, range(threads)))
        return Walk(place, clock, draws)

    return walk


def numba_walk(
    tree: ToyTree, names: Words, *, threads: int = 1, has_records: bool = False
) -> tuple[Walker, str]:
    """Return the walk in Numba, compiled, and its version.

    Parameters
    ----------
    tree, names : ToyTree, (n,) uint32
        Where, and of whom.
    threads : int
        More than one: a parallel loop.
    has_records : bool
        Whether the four numbers of a branch lie side by side, as ours do, or in four arrays.

    Raises
    ------
    RowSkipped
        If Numba is not installed.
    """
    numba = _imported("numba")
    columns = tuple(tree.nodes[name] for name in _COLUMNS) if has_records else _columns(tree)
    end, step = END, STEP
    every = numba.prange if threads > 1 else range

    @numba.njit(parallel=threads > 1)
    def advance(columns, names, place, clock, draws):  # type: ignore[no-untyped-def]
        first, second, share, dwell = columns
        for i in every(names.size):
            here, now, draw = place[i], np.float32(0.0), np.uint32(0)
            while now < end:
                draw = np.uint32(draw + np.uint32(1))
                word = np.uint32(names[i] + np.uint32(draw * np.uint32(step)))
                word ^= word >> np.uint32(16)
                word = np.uint32(word * np.uint32(0x85EBCA6B))
                word ^= word >> np.uint32(13)
                word = np.uint32(word * np.uint32(0xC2B2AE35))
                word ^= word >> np.uint32(16)
                here = first[here] if word < share[here] else second[here]
                now += dwell[here]
            place[i], clock[i], draws[i] = here, now, draw

    def walk() -> Walk:
        place = first_places(tree, names)
        clock, draws = np.empty(names.size, np.float32), np.empty_like(names)
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        advance(columns, names, place, clock, draws)
        return Walk(place, clock, draws)

    walk()
    return walk, str(numba.__version__)


def warp_walk(tree: ToyTree, names: Words) -> tuple[Walker, str]:
    """Return the walk in Warp on the processor, compiled, and its version.

    Raises
    ------
    RowSkipped
        If Warp is not installed.
    """
    with _silenced():
        warp = _imported("warp")
        warp.config.quiet = True
        warp.init()
        from tools.bench.toy_warp import toy_kernel  # noqa: PLC0415 - needs Warp

        kernel = toy_kernel()
    inputs = [warp.array(each, device="cpu") for each in (*_columns(tree), names)]

    def walk() -> Walk:
        place = warp.array(first_places(tree, names), device="cpu")
        clock = warp.empty(names.size, dtype=warp.float32, device="cpu")
        draws = warp.empty(names.size, dtype=warp.uint32, device="cpu")
        warp.launch(
            kernel, dim=names.size, inputs=[*inputs, place], outputs=[clock, draws], device="cpu"
        )
        return Walk(place.numpy(), clock.numpy(), draws.numpy())

    with _silenced():
        walk()
    return walk, str(warp.__version__)


def _columns(tree: ToyTree) -> tuple[Any, ...]:
    return tuple(np.ascontiguousarray(tree.nodes[name]) for name in _COLUMNS)


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what a library and its compiler print, by any way, out of the table."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(stream) for stream in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, before in zip((1, 2), kept, strict=True):
            os.dup2(before, stream)
            os.close(before)
        os.close(nowhere)


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        message = f"{name} is not installed: {_EXTRA}"
        raise RowSkipped(message) from None
