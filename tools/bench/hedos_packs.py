"""HEDOS' problem as an entry of its own on our lanes, with or without its table of paths."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erfinv

from ctc.checks import FloatArray
from ctc.simulation.hop_table import NANOSECONDS
from tools.bench.hedos_graph import DURATION, N_STEPS, SCALE, CompartmentGraph
from tools.bench.native_code import native_library

_SLOTS, _N_START = 64, 1024
_WORD = 2.0**32


Words = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class PackWalk:
    """What a walk came to.

    Attributes
    ----------
    place : (n_particles,) uint32
        Compartment at the end.
    hops : int
        Compartments entered.
    path : (n_particles, N_STEPS) uint8 or None
        Compartment at the start of each step.
    """

    place: Words
    hops: int
    path: npt.NDArray[np.uint8] | None

    def occupancy(self, n_compartments: int) -> FloatArray:
        """Return the share of the particles in each compartment at the end."""
        share: FloatArray = np.bincount(self.place, minlength=n_compartments) / self.place.size
        return share


def walk_packs(
    graph: CompartmentGraph,
    n_particles: int,
    *,
    variant: str,
    threads: int = 1,
    has_path: bool = False,
) -> PackWalk:
    """Follow particles from equilibrium for the whole time.

    Parameters
    ----------
    graph, n_particles : CompartmentGraph, int
        Where, and how many.
    variant, threads : str, int
        Instruction set; no result depends on either.
    has_path : bool
        Whether the table of paths is filled.
    """
    function = native_library("hedos.cpp", variant).bench_hedos
    function.restype = ctypes.c_uint64
    n = len(graph.names)
    pairs = [alias_table(row) for row in (*graph.chance, graph.share)]
    threshold = np.concatenate([pair[0] for pair in pairs])
    compartment = np.concatenate([pair[1] for pair in pairs])
    scale = (SCALE * graph.mean_dwell * NANOSECONDS).astype(np.float32)
    first = erfinv((np.arange(_N_START) + 0.5) / _N_START).astype(np.float32)
    place = np.empty(n_particles, dtype=np.uint32)
    path = np.empty((n_particles, N_STEPS), dtype=np.uint8) if has_path else None
    bounds = np.linspace(0, n_particles, threads + 1).astype(int).tolist()

    def part(i: int) -> int:
        start, stop = bounds[i], bounds[i + 1]
        tables = [_address(each) for each in (threshold, compartment, scale, first)]
        numbers = [ctypes.c_uint64(each) for each in (n, round(DURATION * NANOSECONDS), 1)]
        where = None if path is None else _address(path[start:stop])
        ends = [_address(place[start:stop]), ctypes.c_uint64(stop - start), ctypes.c_uint64(start)]
        return int(function(*tables, *numbers, where, ctypes.c_uint64(N_STEPS), *ends))

    if threads == 1:
        return PackWalk(place, part(0), path)
    with ThreadPoolExecutor(threads) as pool:
        return PackWalk(place, sum(pool.map(part, range(threads))), path)


def alias_table(chance: FloatArray) -> tuple[Words, Words]:
    """Return the alias table of some chances (Vose 1991, doi:10.1109/32.92917).

    Parameters
    ----------
    chance : (n,) float64
        At most 64 of them, with the sum 1.

    Returns
    -------
    (64,) uint32, (64,) uint32
        Of each slot the chance of its own number in 2^-32, and its number with that of its alias
        16 bits above.
    """
    left = np.zeros(_SLOTS)
    left[: chance.size] = chance * _SLOTS
    own, alias = np.ones(_SLOTS), np.arange(_SLOTS)
    small = [i for i in range(_SLOTS) if left[i] < 1.0]
    large = [i for i in range(_SLOTS) if left[i] >= 1.0]
    while small and large:
        low, high = small.pop(), large.pop()
        own[low], alias[low] = left[low], high
        left[high] -= 1.0 - left[low]
        (small if left[high] < 1.0 else large).append(high)
    numbers = (np.arange(_SLOTS) | (alias << 16)).astype(np.uint32)
    return np.minimum(np.rint(own * _WORD), _WORD - 1.0).astype(np.uint32), numbers


def _address(array: npt.NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
