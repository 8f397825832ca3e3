"""What there is to say of one cell, lesion, organ or vessel: labels and texts with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.flow.field import FlowField
from ctc.record.layout import NANOSECONDS, NO_FOUNDER, NO_SEGMENT
from ctc.record.reader import Frame
from ctc.states import (
    COUNTED_CELL,
    CellState,
    DeathCause,
    EventKind,
    LesionState,
    Route,
)
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.colouring import GONE_NAMES
from ctc.viewer.durations import clock_text, duration_text
from ctc.viewer.frame_store import row_of
from ctc.viewer.lesion_bodies import TISSUE_DENSITY, Primary, sphere_radius
from ctc.viewer.palette import STATE_NAMES

Story = tuple[tuple[str, str], ...]

_PASCAL_PER_MMHG = 133.322
_ML = 1e6  # in a cubic metre
_MOST_EVENTS = 200
_COUNTED = {
    "cells": "cells now, lesions included",
    "arrested": "arrested now",
    "extravasated": "extravasated now",
    "dormant": "dormant now",
    "colonies": "colonies founded",
    "died": "died",
    "arrivals": "arrivals in its beds",
}


def cell_story(
    cell: int,
    frame: Frame | None,
    *,
    events: npt.NDArray[Any],
    organ_names: tuple[str, ...],
    class_cells: Sequence[int] = (),
    do_events_tell_size: bool = True,
) -> Story:
    """Return what is known of a cell: as the frame shows it, then its events in order.

    Parameters
    ----------
    cell : int
        Its identity.
    frame : Frame or None
        Of the moment shown; a cell that it lacks is told by its events alone.
    events : (n,) structured array
        All of that cell.
    organ_names : tuple of str
        What organ indices mean.
    class_cells : sequence of int
        Cells that travel together, by size class; empty where the run does not say.
    do_events_tell_size : bool
        Whether the run stores the size class of its events.
    """
    story = [("cell", str(cell))]
    row = -1 if frame is None else row_of(frame.id, cell)
    if frame is not None and row >= 0:
        state = CellState(int(frame.state[row]))
        story += [
            ("state", state_name(state)),
            ("organ", organ_name(int(frame.organ[row]), organ_names)),
            ("age", duration_text(float(frame.age[row]))),
            ("size", size_text(int(frame.size_class[row]), class_cells)),
        ]
        if int(frame.segment[row]) != NO_SEGMENT:
            story.append(("vessel", str(int(frame.segment[row]))))
    elif events.size and do_events_tell_size:
        story.append(("size", size_text(int(events["size_class"][0]), class_cells)))
    if events.size:
        story.append(("passes", f"{int(events['passes'].max())} beds by its last event"))
        story.append(("clone", str(int(events["clone"][0]))))
    for event in events[:_MOST_EVENTS]:
        story.append((clock_text(int(event["time"])), event_text(event, organ_names)))
    if events.size > _MOST_EVENTS:
        story.append(("and", f"{events.size - _MOST_EVENTS} more events"))
    if not events.size:
        story.append(("events", "none stored so far"))
    return tuple(story)


def size_text(size_class: int, class_cells: Sequence[int]) -> str:
    """Return a size class in words, such as ``a cluster of 3 cells, class 17``."""
    if size_class >= len(class_cells):
        return f"class {size_class}"
    n_cells = int(class_cells[size_class])
    what = "a single cell" if n_cells == 1 else f"a cluster of {n_cells} cells"
    return f"{what}, class {size_class}"


def event_text(event: np.void, organ_names: tuple[str, ...]) -> str:
    """Return an event in words, such as ``died in lung (shear)``."""
    text = _name_of(EventKind, int(event["kind"]))
    if text == "colony":
        text = "founded a colony"
    organ = int(event["organ"])
    if organ >= 0:
        text += f" in {organ_names[organ]}"
    cause = int(event["cause"])
    return text if cause == DeathCause.NONE else f"{text} ({_name_of(DeathCause, cause)})"


def lesion_story(
    rows: npt.NDArray[Any],
    time: int,
    *,
    organ_names: tuple[str, ...],
    doubling_times: Mapping[str, float],
) -> Story:
    """Return what is known of a lesion.

    Parameters
    ----------
    rows : (n,) structured array
        All of this lesion in order of time, at least one.
    time : int [ns]
        The moment shown.
    organ_names : tuple of str
        What organ indices mean.
    doubling_times : mapping of str to float [s]
        By organ, ``default`` for the others, where the scenario gives them.
    """
    until = np.flatnonzero(rows["time"] <= time)
    now = rows[until[-1] if until.size else 0]
    organ = organ_name(int(now["organ"]), organ_names)
    cells = int(now["cells"])
    diameter = 2.0 * float(sphere_radius(np.array([float(cells)]))[0])
    is_primary = int(now["cell"]) == NO_FOUNDER
    founder = {NO_FOUNDER: "primary tumour", COUNTED_CELL: "a cell that had been dormant"}
    story = [
        ("lesion", str(int(now["lesion"]))),
        ("founder", founder.get(int(now["cell"]), f"cell {int(now['cell'])}")),
        ("organ", organ),
        ("founded", clock_text(int(now["founded"]))),
        ("cells", f"{cells:,} at {clock_text(int(now['time']))}"),
        ("diameter", length_text(diameter)),
        ("clone", str(int(now["clone"]))),
        ("vessel", str(int(now["segment"]))),
    ]
    if not is_primary:
        parent = int(now["parent"])
        story.append(("shed by", f"lesion {parent}" if parent >= 0 else f"source {-parent}"))
        if now["route"] != Route.SEVERAL:
            story.append(("left by", f"{_name_of(Route, int(now['route']))} route"))
    if now["state"] != LesionState.GROWING:
        story.append(("state", _name_of(LesionState, int(now["state"]))))
    measured = measured_doubling(rows, time)
    if measured is not None:
        story.append(("doubling time", f"{duration_text(measured)}, over its last rows"))
    else:
        planned = doubling_times.get(organ, doubling_times.get("default"))
        if planned is not None and not is_primary:
            story.append(("doubling time", f"{duration_text(planned)}, of the scenario"))
    return tuple(story)


def measured_doubling(rows: npt.NDArray[Any], time: int) -> float | None:
    """Return in what time [s] a lesion doubled over its last two different sizes, or nothing."""
    past = rows[rows["time"] <= time]
    if past.size < 2:
        return None
    last = past[-1]
    if last["cells"] < past["cells"].max():
        return None  # it shrinks
    smaller = np.flatnonzero((past["cells"] < last["cells"]) & (past["cells"] > 0))
    if not smaller.size:
        return None
    # The counts are whole numbers: the oldest size at most half the last one tells the rate best.
    half = smaller[past["cells"][smaller] * 2 <= last["cells"]]
    before = past[half[-1] if half.size else smaller[0]]
    seconds = (int(last["time"]) - int(before["time"])) / NANOSECONDS
    return seconds / float(np.log2(float(last["cells"]) / float(before["cells"])))


def doubling_times(scenario: Mapping[str, Any]) -> dict[str, float]:
    """Return the doubling time [s] of lesions by organ, as far as a scenario gives them."""
    head, tail = "tissue.organ.", ".doubling_time"
    return {
        key.removeprefix(head).removesuffix(tail): float(parameter["value"])
        for key, parameter in scenario.get("parameters", {}).items()
        if key.startswith(head) and key.endswith(tail)
    }


def primary_story(primary: Primary) -> Story:
    """Return what is known of a tumour that the scenario gives."""
    diameter = 2.0 * float(np.cbrt(3.0 / (4.0 * np.pi) * primary.mass / TISSUE_DENSITY))
    return (
        ("lesion", "primary tumour"),
        ("organ", primary.organ),
        ("mass", f"{primary.mass * 1e3:.3g} g"),
        ("diameter", length_text(diameter)),
        ("sheds", f"{clock_text(primary.start)} to {clock_text(primary.stop)}"),
        ("clone", str(primary.source)),
    )


def organ_story(
    name: str,
    network: VesselNetwork,
    flow: FlowField,
    *,
    series: Mapping[str, npt.NDArray[Any]],
    epoch: int,
) -> Story:
    """Return flow, blood and counts of an organ; counts of a row of the series, -1 for none.

    The flow is that through its capillary beds; the mean transit is its blood over that flow.
    """
    story = [("organ", name)]
    if name not in network.organ_names:
        return (*story, ("vessels", "none of its own"))
    organ = network.organ_names.index(name)
    inside = network.organ == organ
    is_lymph = network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    beds = inside & network.is_kind(SegmentKind.CAPILLARY_BED)
    blood = float(network.volume[inside & ~is_lymph].sum())
    through = float(flow.flow_rate[beds].sum())
    story.append(("flow", f"{through * _ML * 60.0:.3g} ml/min"))
    story.append(("blood", f"{blood * _ML:.3g} ml"))
    if through > 0.0:
        story.append(("mean transit", duration_text(blood / through)))
    story.append(("capillary beds", f"{int(beds.sum()):,}"))
    if epoch >= 0:
        for key, label in _COUNTED.items():
            if key in series:
                story.append((label, f"{int(series[key][epoch, organ]):,}"))
    return tuple(story)


def segment_story(
    segment: int,
    network: VesselNetwork,
    flow: FlowField,
    *,
    passages: npt.NDArray[np.uint64] | None,
) -> Story:
    """Return what is known of one segment."""
    kind = SegmentKind(int(network.kind[segment])).name.lower().replace("_", " ")
    story = [("vessel", str(segment)), ("kind", kind)]
    if network.name[segment] >= 0:
        story.append(("name", network.vessel_names[network.name[segment]]))
    story.append(("organ", organ_name(int(network.organ[segment]), network.organ_names)))
    radius, rate = float(network.lumen_radius[segment]), float(flow.flow_rate[segment])
    ends = [network.start_node[segment], network.end_node[segment]]
    pressure = float(flow.pressure[ends].mean())
    story += [
        ("radius", length_text(radius)),
        ("length", length_text(float(network.length[segment]))),
        ("flow", f"{rate * _ML * 60.0:.3g} ml/min"),
        ("pressure", f"{pressure / _PASCAL_PER_MMHG:.3g} mmHg"),
        ("haematocrit", f"{float(flow.discharge_haematocrit[segment]):.2f}"),
        ("wall shear stress", f"{float(flow.wall_shear_stress[segment]):.3g} Pa"),
    ]
    transit = float(flow.transit_time[segment])
    if np.isfinite(transit):
        velocity = float(network.length[segment]) / transit
        story.append(("mean velocity", f"{velocity * 1e3:.3g} mm/s"))
        story.append(("transit", duration_text(transit)))
    if passages is not None:
        story.append(("cells passed so far", f"{int(passages[segment]):,}"))
    return tuple(story)


def _name_of(words: type[IntEnum], code: int) -> str:
    """Return a stored code in words; a later version may have stored others."""
    known = [int(word) for word in words]
    return words(code).name.lower().replace("_", " ") if code in known else f"event {code}"


def length_text(metres: float) -> str:
    """Return a length in um, mm or cm."""
    for unit, size in (("cm", 1e-2), ("mm", 1e-3)):
        if metres >= size:
            return f"{metres / size:.3g} {unit}"
    return f"{metres * 1e6:.3g} um"


def organ_name(index: int, names: tuple[str, ...]) -> str:
    """Return the name of an organ, or words for none."""
    return names[index] if index >= 0 else "between organs"


def state_name(state: CellState) -> str:
    """Return a state in words."""
    return {**STATE_NAMES, **GONE_NAMES}[state]
