"""Scene: what there is to see of a run at one moment; draws nothing.

The shapes of the organs come from `ctc.body`, by the name of the body plan that the run file
holds: the file has no shapes of its own.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.blood_samples import weight_of
from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Frame, Run
from ctc.states import GONE, CellState
from ctc.vessels.blood import classify_blood
from ctc.vessels.network import SegmentKind
from ctc.viewer.body_shapes import body_size, fitting_territories
from ctc.viewer.durations import DAY, YEAR
from ctc.viewer.lesion_rows import newest_rows
from ctc.viewer.patient_view import PatientView

# What is counted in an organ, by the state that it stands for and the name of the series.
ORGAN_COUNTS = {
    CellState.ARRESTED: "arrested",
    CellState.EXTRAVASATED: "extravasated",
    CellState.DORMANT: "dormant",
    CellState.COLONY: "colonies",
}
_MOST_SOURCES = 3
_ROUNDING = 1.0  # [ns]
_YEARS_FROM = 1000.0  # [days]


@dataclass(frozen=True)
class Vessels:
    """The tubes to draw; no beds, no heart chambers.

    Attributes
    ----------
    start, end : (n, 3) float64 [m]
        The two ends.
    radius : (n,) float64 [m]
        Of the lumen.
    blood : (n,) uint8
        A `Blood`.
    organ : (n,) int16
        Index into the organ names, -1 between organs.
    """

    start: FloatArray
    end: FloatArray
    radius: FloatArray
    blood: npt.NDArray[np.uint8]
    organ: npt.NDArray[np.int16]


@dataclass(frozen=True)
class Scene:
    """A run at one moment.

    Attributes
    ----------
    title : str
        Of the run.
    time : int [ns]
        Of the frame, or of the last epoch where the run holds no frame.
    is_framed : bool
        Whether there is a frame.
    position : (n, 3) float64 [m]
        Of the tracked cells alive; colonies and dead cells are left out.
    state : (n,) uint8
        A `CellState` for each.
    colony_position : (m, 3) float64 [m]
        Of the lesions that live.
    colony_cells : (m,) float64
        Cells in each.
    sources : tuple of str
        Organs that hold a source of cells, to stand out; empty where there are many.
    territories : dict of str to tuple of Territory
        By organ; empty where the vessels are not those of the body plan.
    vessels : Vessels
        All of the body.
    organ_names : tuple of str
        In the order of the counts.
    series : dict of str to array
        Of the run, whole.
    epoch : int
        Row of the series that is true at the time, or just before it; -1 before the first.
    label : str
        Seed, version and network, to tell pictures apart.
    size : float
        Of the body over a person's.
    weight : float
        Shed cells that each followed one stands for.
    milestone : str
        The last one of the patient; empty for none.
    is_found : (m,) bool or None
        Which of the lesions an examination has shown; None without a calendar.
    """

    title: str
    time: int
    is_framed: bool
    position: FloatArray
    state: npt.NDArray[np.uint8]
    colony_position: FloatArray
    colony_cells: FloatArray
    sources: tuple[str, ...]
    territories: dict[str, tuple[Territory, ...]]
    vessels: Vessels
    organ_names: tuple[str, ...]
    series: dict[str, npt.NDArray[Any]]
    epoch: int
    label: str
    size: float = 1.0
    weight: float = 1.0
    milestone: str = ""
    is_found: npt.NDArray[np.bool_] | None = None

    def organ_counts(self) -> dict[CellState, npt.NDArray[np.int64]]:
        """Return the cells (or colonies) now in every organ, (n_organs,), by state."""
        return {
            state: self.series[name][self.epoch].astype(np.int64)
            if self.epoch >= 0
            else np.zeros(len(self.organ_names), dtype=np.int64)
            for state, name in ORGAN_COUNTS.items()
        }


def read_scene(run: Run, time: float | None = None) -> Scene:
    """Read what is to be seen of a run.

    Parameters
    ----------
    run : Run
        Finished or running.
    time : float [s], optional
        The frame nearest to it; by default the last frame with cells.

    Returns
    -------
    Scene
        Without cells where no frame is stored and no time is asked for.

    Raises
    ------
    InputError
        If a time is asked for and none is stored, or it lies outside the frames; lists them.
    """
    frame = _choose_frame(run, time)
    series = run.series()
    last = int(series["time"][-1]) if run.n_epochs else 0
    now = frame.time if frame is not None else last
    network = run.network()
    colonies = newest_rows(run.lesion_history(), now)
    colonies = colonies[~np.isin(colonies["state"], GONE)]
    patient = PatientView(run, run.scenario(), lock=threading.RLock())
    middle = 0.5 * (
        network.node_position[network.start_node] + network.node_position[network.end_node]
    )
    drawn = network.is_kind(
        SegmentKind.ARTERY,
        SegmentKind.ARTERIOLE,
        SegmentKind.VENULE,
        SegmentKind.VEIN,
        SegmentKind.LYMPHATIC,
    )
    scenario = run.scenario()
    alive = _alive(frame)
    provenance = run.provenance
    return Scene(
        title=scenario.get("scenario", {}).get("title", ""),
        time=now,
        is_framed=frame is not None,
        position=alive[0],
        state=alive[1],
        colony_position=middle[colonies["segment"]],
        colony_cells=colonies["cells"].astype(np.float64),
        sources=source_organs(scenario),
        territories=fitting_territories(scenario["body"]["plan"], network.node_position),
        vessels=Vessels(
            start=network.node_position[network.start_node[drawn]],
            end=network.node_position[network.end_node[drawn]],
            radius=network.lumen_radius[drawn],
            blood=classify_blood(network)[drawn],
            organ=network.organ[drawn],
        ),
        organ_names=run.organ_names,
        series=series,
        epoch=int(np.searchsorted(series["time"], now + _ROUNDING)) - 1,
        label=f"ctc {provenance.version}, seed {provenance.seed}, "
        f"network {provenance.network_hash[:8]}",
        size=body_size(scenario["body"]),
        weight=weight_of(scenario),
        milestone=patient.last_milestone(now),
        is_found=np.isin(colonies["lesion"], patient.found(now)),
    )


def duration_text(nanoseconds: int) -> str:
    """Return a time in the unit that suits it, such as ``8 h``, ``1.5 days`` or ``6.6 years``."""
    seconds = nanoseconds / NANOSECONDS
    if seconds >= _YEARS_FROM * DAY:
        return f"{seconds / YEAR:.3g} years"
    for unit, size in (("day", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            count = f"{seconds / size:.3g}"
            return f"{count} {unit}" + ("s" if unit == "day" and count != "1" else "")
    return f"{seconds:.3g} s"


def frame_at(run: Run, time: float) -> int:
    """Return the frame nearest to a time [s].

    Raises
    ------
    InputError
        If the run has no frames, or the time lies outside of them; says from when to when.
    """
    times = run.frame_times
    if not times.size:
        message = "time must be that of a frame, got a run without any. Add a [[record.window]]."
        raise InputError(message, file=str(run.path), key="--time")
    wanted = time * NANOSECONDS
    if not times[0] - _ROUNDING <= wanted <= times[-1] + _ROUNDING:
        message = (
            f"time must lie within the frames, {duration_text(int(times[0]))} to "
            f"{duration_text(int(times[-1]))}, got {time:.6g} s. "
            "Choose another, or add a [[record.window]] to the scenario."
        )
        raise InputError(message, file=str(run.path), key="--time")
    return int(np.argmin(np.abs(times - wanted)))


def _choose_frame(run: Run, time: float | None) -> Frame | None:
    if time is None:
        _, counts = run.frame_extents
        filled = np.flatnonzero(counts[: run.n_frames])
        return run.frame(int(filled[-1])) if filled.size else None
    return run.frame(frame_at(run, time))


def _alive(frame: Frame | None) -> tuple[FloatArray, npt.NDArray[np.uint8]]:
    if frame is None:
        return np.zeros((0, 3)), np.zeros(0, dtype=np.uint8)
    shown = np.isin(
        frame.state,
        [
            CellState.CIRCULATING,
            CellState.ARRESTED,
            CellState.EXTRAVASATED,
            CellState.DORMANT,
        ],
    )
    return frame.position[shown].astype(np.float64), frame.state[shown]


def source_organs(scenario: dict[str, Any]) -> tuple[str, ...]:
    """Return the organs that hold a source of cells; none where there are many."""
    organs = dict.fromkeys(source.get("organ", "") for source in scenario["source"])
    organs.pop("", None)
    return tuple(organs) if len(organs) <= _MOST_SOURCES else ()
