"""Charts: legend, cells by organ and cells over time, beside the body; on a logarithmic axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.record.layout import NANOSECONDS
from ctc.states import CellState
from ctc.vessels.blood import Blood
from ctc.viewer.palette import (
    BLOOD_COLOURS,
    FAINT_TEXT,
    LINE,
    STATE_COLOURS,
    STATE_NAMES,
    TEXT,
)
from ctc.viewer.scene import ORGAN_COUNTS, Scene, duration_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The axis begins a little below one cell, so that one cell is seen.
_LEAST = 0.7
_MOST_ORGANS = 22
_MARKERS = {
    CellState.ARRESTED: "o",
    CellState.EXTRAVASATED: "o",
    CellState.DORMANT: "o",
    CellState.COLONY: "D",
}
_VESSELS = {
    "artery": Blood.ARTERIAL,
    "vein": Blood.VENOUS,
    "portal vein": Blood.PORTAL,
    "lymph": Blood.LYMPH,
}


def draw_legend(axes: Axes, scene: Scene, *, size: float) -> None:
    """Write the states with their colours and counts, and the kinds of vessel.

    Parameters
    ----------
    axes : Axes
        Empty; its frame is hidden.
    scene : Scene
        Counts are those of all cells of the body, tracked or not.
    size : float [points]
        Of the text.
    """
    axes.set(xlim=(0.0, 1.0), ylim=(len(STATE_NAMES) + 0.9, -0.6))
    axes.axis("off")
    has_epoch = scene.epoch >= 0
    by_state = scene.series["cells_by_state"][scene.epoch] if has_epoch else None
    for row, (state, name) in enumerate(STATE_NAMES.items()):
        is_colony = state is CellState.COLONY
        axes.plot(
            [0.03],
            [row],
            _MARKERS.get(state, "o"),
            color=STATE_COLOURS[state],
            markersize=size * (0.80 if is_colony else 0.62),
        )
        axes.text(0.09, row, name, color=TEXT, fontsize=size, va="center")
        count = "" if by_state is None else f"{int(by_state[state]):,}"
        axes.text(1.0, row, count, color=TEXT, fontsize=size, va="center", ha="right")
    kinds = [kind for kind, blood in _VESSELS.items() if (scene.vessels.blood == blood).any()]
    for kind, x in zip(kinds, (0.0, 0.24, 0.45, 0.76), strict=False):
        below = len(STATE_NAMES) + 0.3
        colour = BLOOD_COLOURS[_VESSELS[kind]]
        axes.plot([x + 0.005, x + 0.07], [below, below], color=colour, linewidth=0.28 * size)
        axes.text(x + 0.09, below, kind, color=FAINT_TEXT, fontsize=0.9 * size, va="center")


def draw_organ_chart(axes: Axes, scene: Scene, *, size: float) -> None:
    """Draw how many cells are in each state in each organ, the fullest organ on top.

    Parameters
    ----------
    axes : Axes
        Empty.
    scene : Scene
        Organs without a cell are left out, as are the emptiest of many.
    size : float [points]
        Of the text.
    """
    counts = scene.organ_counts()
    total = np.sum(list(counts.values()), axis=0)
    order = np.lexsort((np.arange(total.size), -total))
    order = order[total[order] > 0][:_MOST_ORGANS]
    rows = np.arange(order.size)
    _prepare(axes, size=size)
    axes.set(ylim=(max(order.size, 1) - 0.4, -0.6))
    axes.set_yticks(rows, [scene.organ_names[i] for i in order], color=TEXT)
    axes.tick_params(axis="y", length=0)
    axes.set_xscale("log")
    axes.set_xlim(_LEAST, 2.0 * max(float(total.max(initial=0)), 5.0))
    stacked = np.array([counts[state][order] for state in ORGAN_COUNTS])
    for row, here in zip(rows, stacked.T, strict=True):
        present = here[here > 0]
        axes.plot([present.min(), present.max()], [row, row], color=LINE, linewidth=0.14 * size)
    for state, values in zip(ORGAN_COUNTS, stacked, strict=True):
        has_some = values > 0
        axes.plot(
            values[has_some],
            rows[has_some],
            _MARKERS[state],
            color=STATE_COLOURS[state],
            markersize=size * 0.48,
            markeredgewidth=0.0,
        )
    head = "In each organ, all cells"
    if scene.epoch >= 0:
        head += f", at {duration_text(int(scene.series['time'][scene.epoch]))}"
    _head(axes, head, size=size)
    if not order.size:
        note = "none" if scene.epoch >= 0 else "not counted yet"
        if scene.epoch < 0 and scene.series["time"].size:
            note = f"counted from {duration_text(int(scene.series['time'][0]))} on"
        style: dict[str, Any] = {"color": FAINT_TEXT, "fontsize": size, "ha": "center"}
        axes.text(0.5, 0.5, note, transform=axes.transAxes, **style)


def draw_time_chart(axes: Axes, scene: Scene, *, size: float) -> None:
    """Draw how many cells are in each state over the whole run, with a line at the time shown.

    Parameters
    ----------
    axes : Axes
        Empty.
    scene : Scene
        With its series; epochs after the time shown are drawn faint.
    size : float [points]
        Of the text.
    """
    _prepare(axes, size=size)
    time = scene.series["time"] / NANOSECONDS
    unit, scale = _time_unit(float(time[-1]) if time.size else 0.0)
    axes.set_yscale("log")
    shown = slice(0, scene.epoch + 1)
    top = 10.0
    for state, colour in STATE_COLOURS.items():
        counts = scene.series["cells_by_state"][:, state].astype(float)
        top = max(top, float(counts.max(initial=0.0)))
        counts[counts == 0.0] = np.nan
        style: dict[str, Any] = {"color": colour, "linewidth": 0.16 * size}
        axes.plot(time / scale, counts, alpha=0.30, **style)
        axes.plot(time[shown] / scale, counts[shown], **style)
    axes.set_ylim(_LEAST, 2.0 * top)
    axes.set_xlim(0.0, max(float(time[-1]) / scale if time.size else 1.0, 1e-9))
    axes.axvline(scene.time / NANOSECONDS / scale, color=TEXT, linewidth=0.1 * size, alpha=0.8)
    axes.set_xlabel(f"time [{unit}]", color=FAINT_TEXT, fontsize=0.9 * size)
    _head(axes, "In the whole body, over time", size=size)


def _prepare(axes: Axes, *, size: float) -> None:
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(LINE)
    axes.tick_params(colors=FAINT_TEXT, labelsize=0.9 * size, width=0.6, length=0.25 * size)
    axes.tick_params(which="minor", length=0)
    axes.grid(visible=True, axis="both", color=LINE, alpha=0.35, linewidth=0.6)
    axes.set_axisbelow(True)


def _head(axes: Axes, text: str, *, size: float) -> None:
    axes.set_title(text, color=TEXT, fontsize=size, loc="left", pad=0.6 * size)


def _time_unit(seconds: float) -> tuple[str, float]:
    for unit, scale in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2.0 * scale:
            return unit, scale
    return "s", 1.0
