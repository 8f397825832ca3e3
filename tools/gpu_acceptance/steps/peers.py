"""Other ways to program the GPU: on the toy all must do the same; on the real hop what each can."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ctc.backends.cuda import CudaBackend
from tools.bench.toy_tree import ToyTree, Walk, Words, grow_toy_tree, particles, walk_numpy
from tools.gpu_acceptance import toy_on_gpu
from tools.gpu_acceptance.bodies import body_setting
from tools.gpu_acceptance.foreign import is_not_here, on_host
from tools.gpu_acceptance.hop_speed import Walkers
from tools.gpu_acceptance.plain_hop import (
    BUDGET,
    PlainTables,
    clock_of_mean,
    walk_arrays,
)
from tools.gpu_acceptance.scene import Scene

_PARTICLES = (100_000, 1_000_000, 10_000_000)
_POINTS, _HOPS = 1_000_000, 64
_COPIES = 12
_SHORT_PARTICLES, _SHORT_POINTS, _SHORT_COPIES = (1_000, 2_000), 2_000, 2
_REPEATS = 3


def run(scene: Scene) -> str:
    """Run the toy, then the real hop."""
    backend = CudaBackend()
    left_out = _toy(scene, backend)
    if scene.left < 10.0:
        return f"no time for {left_out or ''} the real hop"
    _real(scene, backend)
    return f"no time for {left_out}" if left_out else ""


def _toy(scene: Scene, backend: CudaBackend) -> str:
    tree = grow_toy_tree()
    counts = _SHORT_PARTICLES if scene.is_short else _PARTICLES
    names = particles(counts[0])
    expected = walk_numpy(tree, names).digest()
    for way, make in _contenders(backend.xp).items():
        try:
            found = toy_on_gpu.on_host(make(tree, names)())
        except Exception as error:
            if not is_not_here(error):
                raise
            scene.add(f"toy, {way}", "not here", note=f"{type(error).__name__}: {error}")
            continue
        is_same = found.digest() == expected
        scene.add(f"toy, {way}: bits of NumPy", "equal" if is_same else "different", ok=is_same)
        for count in counts:
            if scene.left < 10.0:
                return f"{way} with {count:,} particles"
            walk = make(tree, particles(count))
            seconds, hops = _best(walk)
            scene.add(f"toy, {way}, {count:,} particles", hops / seconds, "hops/s")
    return ""


def _contenders(xp: Any) -> dict[str, Callable[[ToyTree, Words], Callable[[], Walk]]]:
    return {
        "CUDA kernel on records": lambda tree, names: toy_on_gpu.plain_kernel(xp, tree, names),
        "CuPy arrays": lambda tree, names: toy_on_gpu.array_style(xp, tree, names),
        "Numba": toy_on_gpu.numba_kernel,
        "Warp": toy_on_gpu.warp_kernel,
    }


def _best(walk: Callable[[], Walk]) -> tuple[float, int]:
    """Return the shortest time of some walks after one that compiles, and the hops of each."""
    hops = toy_on_gpu.on_host(walk()).n_hops
    times = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        walk()
        times.append(time.perf_counter() - began)
    return min(times), hops


def _real(scene: Scene, backend: CudaBackend) -> None:
    """Compare plain points in arrays and in Numba with whole cells in our kernel."""
    setting = body_setting(is_short=scene.is_short)
    walkers = Walkers(setting, _SHORT_COPIES if scene.is_short else _COPIES)
    n_points = _SHORT_POINTS if scene.is_short else _POINTS
    ours = walkers.measure(backend, n_points).kernel
    scene.add("real, ours, whole physics", ours, "hops/s")
    start = np.resize(setting.sources[0].sites.record.astype(np.int64), n_points)
    expected = clock_of_mean(
        walk_arrays(np, PlainTables.of(walkers.hops, setting.tables), start[:20_000], _HOPS)[0]
    )
    ways = {"CuPy arrays": _arrays, "Numba": _numba}
    for way, make in ways.items():
        try:
            walk = make(backend.xp, PlainTables.of(walkers.hops, setting.tables), start)
            found = clock_of_mean(walk()[:20_000])
        except Exception as error:
            if not is_not_here(error):
                raise
            scene.add(f"real, {way}", "not here", note=f"{type(error).__name__}: {error}")
            continue
        began = time.perf_counter()
        walk()
        rate = n_points * _HOPS / (time.perf_counter() - began)
        is_like = abs(found - expected) < 1e-3 * expected
        note = f"points only; ours over it {ours / rate:.3g}"
        scene.add(f"real, {way}", rate, "hops/s", ok=is_like, note=note)


def _arrays(xp: Any, tables: PlainTables, start: Any) -> Callable[[], Any]:
    there = PlainTables(*(xp.asarray(column) for column in vars(tables).values()))
    begin = xp.asarray(start)

    def walk() -> Any:
        return on_host(walk_arrays(xp, there, begin, _HOPS)[0])

    return walk


def _numba(_: Any, tables: PlainTables, start: Any) -> Callable[[], Any]:
    cuda = import_module("numba.cuda")
    kernel = import_module("tools.gpu_acceptance.numba_kernels").hop
    columns = [cuda.to_device(column) for column in vars(tables).values()]
    begin = cuda.to_device(start)

    def walk() -> Any:
        clock = cuda.device_array(start.size, np.int64)
        budget = cuda.to_device(np.full(start.size, BUDGET))
        kernel[(start.size + 127) // 128, 128](*columns, begin, _HOPS, clock, budget)
        return clock.copy_to_host()

    return walk
