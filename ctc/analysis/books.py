"""Whether the books of a run close: cells shed, where they are, what became of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.event_sequences import Sequences
from ctc.record.layout import NO_FOUNDER
from ctc.record.reader import Run
from ctc.states import COUNTED_CELL, CellState, DeathCause, EventKind

_STATES = (CellState.ARRESTED, CellState.EXTRAVASATED, CellState.DORMANT)
_SO_FAR = (
    *("time", "shed", "hops", "died_by_cause", "arrivals", "colonies", "died", "vessel_passages"),
    *("lesions_lost", "lesions_resected", "lesions_eradicated", "wall_time"),
)
_FINAL = (CellState.DIED, CellState.COLONY, CellState.EXITED)


def unbalanced(run: Run) -> list[str]:
    """Return what is wrong with the sums of a run: shed = in flight + fates, at every epoch."""
    series, litters = run.series(), run.litters()
    by_state = series["cells_by_state"].astype(np.int64)
    wrong = _where("cells by state do not add up to those shed", by_state.sum(1), series["shed"])
    deaths = series["died_by_cause"].astype(np.int64)
    wrong += _where(
        "deaths by cause do not add up to the dead",
        deaths.sum(1),
        by_state[:, CellState.DIED],
    )
    for state in _STATES:
        own = series[state.name.lower()].astype(np.int64).sum(axis=1)
        wrong += _when(
            f"more cells {state.name.lower()} in organs than there are", own > by_state[:, state]
        )
    for name, state in (("colonies", CellState.COLONY), ("died", CellState.DIED)):
        own = series[name].astype(np.int64).sum(axis=1)
        wrong += _when(f"more {name} in organs than there are", own > by_state[:, state])
    for name in _SO_FAR:
        values = series[name]
        if len(values) > 1:
            fell = (values[1:] < values[:-1]).any(axis=tuple(range(1, values.ndim)))
            wrong += _when(f"{name} falls", np.append(False, fell))
    if run.has_column("litters", "first_cell"):
        # Only those that were born in an epoch whose row is complete count.
        order = np.searchsorted(series["time"], litters["time"], side="right")
        born = np.zeros(len(series["time"]) + 1, dtype=np.int64)
        np.add.at(born, np.minimum(order, born.size - 1), litters["count"].astype(np.int64))
        wrong += _where(
            "litters do not add up to the cells shed", np.cumsum(born)[:-1], series["shed"]
        )
        first, count = litters["first_cell"], litters["count"]
        gaps = np.flatnonzero(first[1:] - first[:-1] != count[:-1]) + 1
        wrong += [f"litter {row} does not follow on the one before" for row in gaps[:3].tolist()]
    return wrong


def not_as_events(run: Run, events: Sequences, *, are_all_stored: bool) -> list[str]:
    """Return where series and tallies are not what the events add up to.

    Deaths of cells that are counted as dormant are no events: they are what is left over, and must
    be deaths in tissue or by treatment that only rise.
    """
    series, moved = run.series(), events.moved
    n_organs = len(run.organ_names)
    by_state = series["cells_by_state"].astype(np.int64)
    died = np.cumsum(moved[..., CellState.DIED].sum(axis=2), axis=0)
    of_counted = np.cumsum(events.colonies_of_counted, axis=0)
    colonies = np.cumsum(moved[..., CellState.COLONY].sum(axis=2), axis=0) + of_counted
    wrong = _where("colonies by organ", colonies[:, :n_organs], series["colonies"])
    wrong += _where("colonies", colonies.sum(axis=1), by_state[:, CellState.COLONY])
    exited = np.cumsum(moved[..., CellState.EXITED].sum(axis=(1, 2)))
    wrong += _where("cells that left by an open end", exited, by_state[:, CellState.EXITED])
    asleep_died = series["died"].astype(np.int64) - died[:, :n_organs]
    wrong += _when("fewer dead in an organ than events", (asleep_died < 0).any(axis=1))
    if len(asleep_died) > 1:
        fell = (np.diff(asleep_died, axis=0) < 0).any(axis=1)
        wrong += _when("dead that are no events become fewer", np.append(False, fell))
    causes = np.cumsum(events.died_by_cause, axis=0)
    left = series["died_by_cause"].astype(np.int64)[:, : causes.shape[1]] - causes
    others = [
        cause for cause in DeathCause if cause not in (DeathCause.TISSUE, DeathCause.TREATMENT)
    ]
    wrong += _when("deaths by cause", (left[:, others] != 0).any(axis=1))
    all_died = by_state[:, CellState.DIED] - died.sum(axis=1)
    wrong += _where("deaths in tissue that are no events", left.sum(axis=1), all_died)
    if are_all_stored:
        wrong += _states_wrong(series, events, asleep_died, all_died, n_organs)
        tallies = tallies_of(run)
        if "first_pass_arrested" in tallies:
            is_same = tallies["first_pass_arrested"] == events.first_arrests[:n_organs]
            wrong += ["" if all(is_same) else "cells stopped in their first bed, by organ"]
    return [each for each in wrong if each]


def tallies_of(run: Run) -> dict[str, npt.NDArray[Any]]:
    """Return the tallies where they are of the epoch to which a run was opened; else none."""
    tallies = run.tallies()
    # A file has those of the newest epoch only, and its writer may have gone on.
    return tallies if run.n_epochs_by_now == run.n_epochs else {}


def _states_wrong(
    series: dict[str, npt.NDArray[Any]],
    events: Sequences,
    asleep_died: npt.NDArray[np.int64],
    all_died: npt.NDArray[np.int64],
    n_organs: int,
) -> list[str]:
    moved = events.moved
    arrived = np.cumsum(moved.sum(axis=2), axis=0)
    gone = np.cumsum(moved.sum(axis=3), axis=0)
    of_counted = np.cumsum(events.colonies_of_counted, axis=0)
    by_state = series["cells_by_state"].astype(np.int64)
    wrong = []
    for state in _STATES:
        here = arrived[..., state] - gone[..., state]
        in_all = here.sum(axis=1)
        own = here[:, :n_organs]
        if state is CellState.DORMANT:
            own = own - of_counted[:, :n_organs] - asleep_died
            in_all = in_all - of_counted.sum(axis=1) - all_died
        name = state.name.lower()
        wrong += _where(f"cells {name} by organ", own, series[name])
        wrong += _where(f"cells {name}", in_all, by_state[:, state])
    return wrong


def lesions_without_colony(run: Run, *, is_every: bool) -> list[str]:
    """Return lesions that no colony founded, and colonies that founded none where all must.

    Parameters
    ----------
    run : Run
        Open.
    is_every : bool
        Whether every colony becomes a lesion.
    """
    history = run.lesion_history()
    history = history[history["cell"] != np.uint64(NO_FOUNDER)]
    rows = history[np.unique(history["lesion"], return_index=True)[1]]
    found = [run.events(0, 0)]
    block = 1 << 20
    for start in range(0, run.n_events, block):
        stop = min(start + block, run.n_events)
        kind = run.log_column("events", "kind", start=start, stop=stop)
        if (kind == EventKind.COLONY).any():
            found.append(run.events(start, stop)[kind == EventKind.COLONY])
    colonies = np.concatenate(found)
    wrong = []
    keys = ("time", "cell", "segment", "organ", "clone")
    known: dict[tuple[int, ...], int] = {}
    for each in zip(*(colonies[name].tolist() for name in keys), strict=True):
        known[each] = known.get(each, 0) + 1
    lesion_keys = ("founded", "cell", "segment", "organ", "clone")
    columns = [rows["lesion"].tolist(), *(rows[name].tolist() for name in lesion_keys)]
    for lesion, *key in zip(*columns, strict=True):
        left = known.get(tuple(key), 0)
        if not left:
            wrong.append(f"lesion {lesion} was founded by no colony of the events")
        known[tuple(key)] = left - 1
    if is_every:
        n_left = sum(count for count in known.values() if count > 0)
        wrong += [f"{n_left} colonies founded no lesion"] if n_left else []
    return wrong + _changed_founders(history) + _wrong_parents(run, rows)


def _changed_founders(history: npt.NDArray[Any]) -> list[str]:
    """Return lesions whose rows disagree on who founded them, when and where."""
    wrong = []
    newest = history[np.argsort(history["lesion"], kind="stable")]
    is_same = newest["lesion"][1:] == newest["lesion"][:-1]
    for name in ("cell", "founded", "segment", "organ", "clone", "parent", "route"):
        differs = is_same & (newest[name][1:] != newest[name][:-1])
        wrong += [
            f"lesion {newest['lesion'][1:][row]} changed its {name}"
            for row in np.flatnonzero(differs)[:2].tolist()
        ]
    return wrong


def _wrong_parents(run: Run, rows: npt.NDArray[Any]) -> list[str]:
    """Return lesions whose parent is not what shed their founders."""
    litters = run.litters()
    named = rows[rows["cell"] != np.uint64(COUNTED_CELL)]
    if not (litters.size and named.size):
        return []
    place = np.searchsorted(litters["first_cell"], named["cell"], side="right") - 1
    own = litters[np.maximum(place, 0)]
    is_wrong = (own["parent"] != named["parent"]) | (own["route"] != named["route"])
    return [
        f"lesion {number} has another parent than its founder"
        for number in named["lesion"][is_wrong][:3].tolist()
    ]


def _where(what: str, found: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> list[str]:
    """Return in words at which epoch two series differ first."""
    different = found.astype(np.int64) != wanted.astype(np.int64)
    return _when(what, different.any(axis=tuple(range(1, different.ndim))))


def _when(what: str, is_wrong: npt.NDArray[np.bool_]) -> list[str]:
    epochs = np.flatnonzero(is_wrong)
    return [f"{what} (epoch {epochs[0]} of {is_wrong.size})"] if epochs.size else []
