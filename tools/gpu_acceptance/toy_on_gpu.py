"""The toy of ``tools.bench`` on a GPU: array style, Numba, Warp, and one plain CUDA kernel."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from tools.bench.toy_tree import END, STEP, ToyTree, Walk, Words, first_places
from tools.gpu_acceptance import foreign

Walker = Callable[[], Walk]
_COLUMNS = ("first", "second", "share", "dwell")
_BLOCK = 128

# One 16-byte load a branch, state in registers: the form of our own kernels, with the toy's law.
_PLAIN = r"""
extern "C" __global__ void toy(const uint4* nodes, const unsigned* names, unsigned* place,
                               float* clock, unsigned* draws, unsigned n, float end) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    const unsigned name = names[i];
    unsigned here = place[i], draw = 0;
    float now = 0.0f;
    uint4 node = nodes[here];
    while (now < end) {
        draw += 1;
        unsigned word = name + draw * 0x9E3779B9u;
        word ^= word >> 16;
        word *= 0x85EBCA6Bu;
        word ^= word >> 13;
        word *= 0xC2B2AE35u;
        word ^= word >> 16;
        here = word < node.w ? node.y : node.z;
        node = nodes[here];
        now += __uint_as_float(node.x);
    }
    place[i] = here;
    clock[i] = now;
    draws[i] = draw;
}
"""


def plain_kernel(xp: Any, tree: ToyTree, names: Words) -> Walker:
    """Return the walk by one CUDA kernel over 16-byte records."""
    kernel = xp.RawKernel(_PLAIN, "toy")
    nodes, given = xp.asarray(tree.nodes.view("u4")), xp.asarray(names)

    def walk() -> Walk:
        place = given % np.uint32(tree.size)
        clock, draws = xp.empty(names.size, np.float32), xp.empty(names.size, np.uint32)
        grid = ((names.size + _BLOCK - 1) // _BLOCK,)
        arguments = (nodes, given, place, clock, draws, np.uint32(names.size), END)
        kernel(grid, (_BLOCK,), arguments)
        foreign.synchronise(xp)
        return Walk(place, clock, draws)

    return walk


def array_style(xp: Any, tree: ToyTree, names: Words) -> Walker:
    """Return the walk in whole arrays: all particles one hop, then those still on their way."""
    first, second, share, dwell = (
        xp.asarray(np.ascontiguousarray(tree.nodes[name])) for name in _COLUMNS
    )
    given = xp.asarray(names)

    def walk() -> Walk:
        place, particle = given % np.uint32(tree.size), given
        ended = Walk(xp.empty_like(given), xp.empty(names.size, np.float32), xp.empty_like(given))
        clock, row, draw = xp.zeros(names.size, np.float32), xp.arange(names.size), 0
        while row.size:
            draw += 1
            word = _mixed(particle + np.uint32(draw * STEP & 0xFFFF_FFFF))
            place = xp.where(word < share[place], first[place], second[place])
            clock = clock + dwell[place]
            is_on = clock < END
            rows = row[~is_on]
            ended.place[rows], ended.clock[rows] = place[~is_on], clock[~is_on]
            ended.draws[rows] = draw
            place, clock, particle, row = place[is_on], clock[is_on], particle[is_on], row[is_on]
        foreign.synchronise(xp)
        return ended

    return walk


def _mixed(word: Any) -> Any:
    word = word ^ (word >> np.uint32(16))
    word = word * np.uint32(0x85EBCA6B)
    word = word ^ (word >> np.uint32(13))
    word = word * np.uint32(0xC2B2AE35)
    return word ^ (word >> np.uint32(16))


def numba_kernel(tree: ToyTree, names: Words) -> Walker:
    """Return the walk in Numba for CUDA; raises ImportError without it."""
    cuda = import_module("numba.cuda")
    kernel = import_module("tools.gpu_acceptance.numba_kernels").toy
    columns = [cuda.to_device(np.ascontiguousarray(tree.nodes[name])) for name in _COLUMNS]
    given = cuda.to_device(names)

    def walk() -> Walk:
        place = cuda.to_device(first_places(tree, names))
        clock = cuda.device_array(names.size, np.float32)
        draws = cuda.device_array(names.size, np.uint32)
        kernel[(names.size + _BLOCK - 1) // _BLOCK, _BLOCK](*columns, given, place, clock, draws)
        cuda.synchronize()
        return Walk(place, clock, draws)

    return walk


def warp_kernel(tree: ToyTree, names: Words) -> Walker:
    """Return the walk in Warp on the GPU; raises ImportError where it is not here."""
    warp = import_module("warp")
    warp.config.quiet = True
    warp.init()
    if not warp.is_cuda_available():
        message = "Warp sees no GPU"
        raise ImportError(message)
    kernel = import_module("tools.bench.toy_warp").toy_kernel()
    inputs = [
        warp.array(np.ascontiguousarray(each), device="cuda")
        for each in (*(tree.nodes[name] for name in _COLUMNS), names)
    ]

    def walk() -> Walk:
        place = warp.array(first_places(tree, names), device="cuda")
        clock = warp.empty(names.size, dtype=warp.float32, device="cuda")
        draws = warp.empty(names.size, dtype=warp.uint32, device="cuda")
        warp.launch(
            kernel, dim=names.size, inputs=[*inputs, place], outputs=[clock, draws], device="cuda"
        )
        warp.synchronize()
        return Walk(place, clock, draws)

    return walk


def on_host(walk: Walk) -> Walk:
    """Return a walk as NumPy arrays, whatever they were."""
    return Walk(*(foreign.on_host(each) for each in (walk.place, walk.clock, walk.draws)))
