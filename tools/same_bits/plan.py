"""Which ways are compared: everything with everything where it is cheap, else every pair.

A fault of this kind needs a thread number, a chunk or a stop, or two of these together; so the ways
through files cover every pair of values of two axes, and those in memory, which take hundredths of
a second, every combination.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tools.same_bits.ways import (
    EACH,
    NATIVE,
    ONE,
    PLAIN,
    SHORT,
    STRAIGHT,
    TWO,
    Value,
    Way,
    axes,
)

Axes = Mapping[str, tuple[Value, ...]]
_Pair = tuple[tuple[str, Value], ...]
_OF_RUNS = ("device", "variant", "threads", "chunk", "room", "place")
_OF_SWEEPS = ("device", "variant", "threads", "chunk", "room", "company", "numpy")
_NOT_OF_SWEEPS = frozenset({"hops", "recording"})


def every_way(n_epochs: int, *, has_gpu: bool = False, is_sweep: bool = False) -> list[Way]:
    """Return the ways of the long form, for a run of so many epochs or for a sweep.

    The plainest in memory, with which all are compared, is not among them.
    """
    known = axes(has_gpu=has_gpu)
    if is_sweep:
        ways = covering_ways(_in_memory(known, _OF_SWEEPS), 1)
        ways += covering_ways(_of_sweep_files(known), 1)
    else:
        cheap = _in_memory(known, _OF_RUNS)
        ways = list(possible_ways(cheap))
        ways += covering_ways(cheap | {"hops": known["hops"][1:]}, 2)
        ways += covering_ways(_in_files(known), 2)
        ways += covering_ways(cheap | {"numpy": (PLAIN,)}, 1)
        ways += stopped_once(n_epochs, known)
    return [way for way in dict.fromkeys(ways) if way != Way()]


def ways_along(
    name: str, *, n_epochs: int, has_gpu: bool = False, is_sweep: bool = False
) -> list[Way]:
    """Return the plainest way with each value of one axis in turn."""
    known = axes(has_gpu=has_gpu)
    if name in _NOT_OF_SWEEPS if is_sweep else name == "company":
        return []
    ways = [replace(Way(), **{name: value}) for value in known[name]]  # type: ignore[arg-type]
    ways = [way if way.is_possible else replace(way, course=STRAIGHT) for way in ways]
    if name == "course":
        ways = ways[:2] if is_sweep else [*ways, *stopped_once(n_epochs, axes(has_gpu=False))]
    return [way for way in ways if way != Way()]


def few_ways(*, strength: int = 1) -> list[Way]:
    """Return ways in memory that between them have each value of each axis, without a GPU.

    Hops are left out: short launches of a whole body take as long as all others together.
    """
    cheap = _in_memory(axes(has_gpu=False), _OF_RUNS)
    return [way for way in covering_ways(cheap, strength) if way != Way()]


def file_ways() -> list[Way]:
    """Return ways through files that have each pair of values, without workers and without GPU."""
    known = _in_files(axes(has_gpu=False)) | {"numpy": (NATIVE,), "recording": (SHORT,)}
    return covering_ways(known | {"place": (ONE, TWO), "course": (STRAIGHT, "at-2")}, 2)


def stopped_once(n_epochs: int, known: Axes) -> list[Way]:
    """Return a way for each epoch but the last: stopped after it and resumed, in small pieces."""
    varied = itertools.cycle(itertools.product(known["threads"], known["chunk"]))
    widest = str(known["variant"][-1])
    return [
        Way(variant=widest, threads=int(threads), chunk=int(chunk), course=f"at-{stop}")
        for stop, (threads, chunk) in zip(range(1, n_epochs), varied, strict=False)
    ]


def possible_ways(known: Axes) -> Iterator[Way]:
    """Yield every way with values of some axes, the others at their plainest."""
    names = list(known)
    for values in itertools.product(*known.values()):
        way = Way(**dict(zip(names, values, strict=True)))  # type: ignore[arg-type]
        if way.is_possible:
            yield way


def covering_ways(known: Axes, strength: int) -> list[Way]:
    """Return few ways with every combination of values of so many axes that there is.

    Greedy: the way with the most combinations that were not met yet comes next; the first of them
    in the order of the axes, so that the plan is the same each time.
    """
    return list(_covering(tuple(known.items()), strength))


@functools.cache
def _covering(known: tuple[tuple[str, tuple[Value, ...]], ...], strength: int) -> Sequence[Way]:
    names = [name for name, _ in known]
    left = {way: set(_combinations(way, names, strength)) for way in possible_ways(dict(known))}
    chosen: list[Way] = []
    while left:
        best = max(left, key=lambda way: len(left[way]))
        met = left[best]
        if not met:
            break
        chosen.append(best)
        met = set(met)
        left = {way: rest for way, new in left.items() if (rest := new - met)}
    return tuple(chosen)


def _combinations(way: Way, names: Sequence[str], strength: int) -> Iterator[_Pair]:
    for chosen in itertools.combinations(names, strength):
        yield tuple((name, getattr(way, name)) for name in chosen)


def _in_memory(known: Axes, names: Sequence[str]) -> dict[str, tuple[Value, ...]]:
    return {name: known[name] for name in names}


def _in_files(known: Axes) -> dict[str, tuple[Value, ...]]:
    left_out = {"company", "hops"}
    return {
        name: (STRAIGHT, EACH) if name == "course" else values
        for name, values in known.items()
        if name not in left_out
    }


def _of_sweep_files(known: Axes) -> dict[str, tuple[Value, ...]]:
    return {"variant": known["variant"], "place": known["place"], "course": (STRAIGHT,)}
