"""Which cells of a run are followed again: some of every fate and organ, some of all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.record.reader import Run
from ctc.rerun.material import RunAgain
from ctc.simulation.identities import SERIAL_BITS
from ctc.states import COUNTED_CELL

_BLOCK = 1 << 20
_EACH = 4


def chosen_cells(again: RunAgain, count: int, *, seed: int) -> npt.NDArray[np.uint64]:
    """Return some cells, rising: a few of each kind of event in each organ, then any.

    A quarter of those that are left are tracked ones, where the run has frames.

    Parameters
    ----------
    again : RunAgain
        The run.
    count : int
        How many at most.
    seed : int
        Of the choice.
    """
    births, run = again.births, again.run
    first, n_born = births.setting.patient << SERIAL_BITS, births.count
    generator = np.random.default_rng(seed)
    if count >= n_born:
        return np.arange(n_born, dtype=np.uint64) + np.uint64(first)
    kinds = _of_each_kind(run, generator)
    generator.shuffle(kinds)
    wanted = [kinds[: count // 2]]
    setting = births.setting
    if setting.frames and setting.n_tracked:
        n_tracked = min(setting.n_tracked, -(-n_born // setting.track_every))
        some = generator.permutation(n_tracked)[: count // 4]
        wanted.append((some * setting.track_every + first).astype(np.uint64))
    any_of = generator.integers(0, n_born, size=count).astype(np.uint64) + np.uint64(first)
    wanted.append(any_of)
    together = np.concatenate(wanted)
    order = np.sort(np.unique(together, return_index=True)[1])[:count]
    return np.sort(together[order])


def _of_each_kind(run: Run, generator: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Return a few cells of every kind, cause and organ of events, in blocks through the file."""
    found: dict[int, list[int]] = {}
    for start in range(0, run.n_events, _BLOCK):
        events = run.events(start, min(start + _BLOCK, run.n_events))
        events = events[events["cell"] != np.uint64(COUNTED_CELL)]
        key = (
            (events["kind"].astype(np.int64) << 24)
            | (events["cause"].astype(np.int64) << 16)
            | (events["organ"].astype(np.int64) & 0xFFFF)
        )
        order = generator.permutation(key.size)
        for each in np.unique(key).tolist():
            own = order[key[order] == each][:_EACH]
            found.setdefault(each, []).extend(events["cell"][own].tolist())
    picked: list[int] = []
    for cells in found.values():
        picked += generator.permutation(np.array(cells, dtype=np.uint64))[:_EACH].tolist()
    return np.unique(np.array(picked, dtype=np.uint64))
