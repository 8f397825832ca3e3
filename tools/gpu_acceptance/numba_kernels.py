"""The toy and the plain hop as kernels of Numba: a thread a particle, its state in registers.

Needs Numba to import. Kernels see `cuda` as a name of this module, as Numba's simulator asks.
"""

# mypy: ignore-errors
# Numba has no types that mypy could read, and kernels are called with brackets.
import math

import numpy as np
from numba import cuda

from tools.bench.toy_tree import END, STEP
from tools.gpu_acceptance import plain_hop

_TOY_STEP = np.uint32(STEP)
_M0, _M1 = (np.uint64(factor) for factor in plain_hop.MULTIPLIERS)
_W0, _W1 = (np.uint32(step) for step in plain_hop.WEYL)
_K0, _K1 = np.uint32(plain_hop.SEED & 0xFFFF_FFFF), np.uint32(plain_hop.SEED >> 32)
_STREAM, _ROUNDS = np.uint64(plain_hop.STREAM), plain_hop.ROUNDS
_WORD, _HALF, _NINE = np.uint64(0xFFFF_FFFF), np.uint64(32), np.uint64(9)
_BIN, _MIDDLE = np.float32(2.0**-23), np.float32(0.5)
_ONE, _TWO = np.float32(1.0), np.float32(2.0)


@cuda.jit
def toy(first, second, share, dwell, names, place, clock, draws):  # noqa: PLR0917
    """Walk from `place` until the toy's end."""
    i = cuda.grid(1)
    if i >= names.size:
        return
    here, now, draw = place[i], np.float32(0.0), np.uint32(0)
    while now < END:
        draw = np.uint32(draw + np.uint32(1))
        word = np.uint32(names[i] + np.uint32(draw * _TOY_STEP))
        word ^= word >> np.uint32(16)
        word = np.uint32(word * np.uint32(0x85EBCA6B))
        word ^= word >> np.uint32(13)
        word = np.uint32(word * np.uint32(0xC2B2AE35))
        word ^= word >> np.uint32(16)
        here = first[here] if word < share[here] else second[here]
        now += dwell[here]
    place[i], clock[i], draws[i] = here, now, draw


@cuda.jit
def hop(transit, share, following, rates, hazard, toll, start, n_hops, clock, budget):  # noqa: PLR0917
    """Follow points for a number of hops; `plain_hop.walk_arrays` is the same in arrays."""
    i = cuda.grid(1)
    if i >= start.size:
        return
    place, now, left = start[i], np.int64(0), budget[i]
    for draw in range(n_hops):
        c0, c1 = np.uint64(i) & _WORD, np.uint64(i) >> _HALF
        c2, c3 = _STREAM, np.uint64(draw)
        k0, k1 = _K0, _K1
        for _ in range(_ROUNDS):
            low, high = c0 * _M0, c2 * _M1
            c0, c2 = (high >> _HALF) ^ c1 ^ np.uint64(k0), (low >> _HALF) ^ c3 ^ np.uint64(k1)
            c1, c3 = high & _WORD, low & _WORD
            k0, k1 = np.uint32(k0 + _W0), np.uint32(k1 + _W1)
        along = (np.float32(c0 >> _NINE) + _MIDDLE) * _BIN
        aside = (np.float32(c1 >> _NINE) + _MIDDLE) * _BIN
        place = following[place] + (np.int64(1) if aside >= share[place] else np.int64(0))
        taken = transit[place] / (_TWO * math.sqrt(_ONE - along))
        now += np.int64(round(taken))
        row = rates[place]
        left -= np.int64(round(hazard[row] * taken + toll[row]))
    clock[i], budget[i] = now, left
