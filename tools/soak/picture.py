"""The curves of a soak as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tools.soak.course import Course
from tools.soak.verdict import FloatArray, column, lags, rates, times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = Literal["lower right", "upper right"]
_WRITER, _READER, _PALE = "#0072b2", "#d55e00", "#9aa5b1"


def draw(course: Course, path: Path, *, title: str) -> None:
    """Write the curves as PNG: memory, handles, rate, lag and size over wall time."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure(figsize=(11, 8.5), layout="constrained")
    FigureCanvasAgg(figure)
    panels: Any = figure.subplots(3, 2, sharex=True)
    begin = course.epochs[0]["time"]
    when = (times(course.samples) - begin) / 60

    memory, handles, speed, pace, behind, size = panels.flat
    for who, colour in (("writer", _WRITER), ("reader", _READER)):
        resident, own = (_of(course, who, what) for what in ("resident", "proportional"))
        memory.plot(when, resident / 2**20, color=colour, lw=1.2, label=who)
        memory.plot(when, own / 2**20, color=colour, lw=0.8, ls=":")
        for what, style in (("handles", "-"), ("threads", "--")):
            count = _of(course, who, what)
            handles.plot(when, count, style, color=colour, lw=1.2, label=f"{what} of the {who}")
    _dress(memory, "resident memory [MiB]  (dotted: its share of shared pages)")
    _dress(handles, "threads and open files")

    at, rate, slowness = rates(course)
    minutes = (at - begin) / 60
    speed.plot(minutes, rate / 1e6, ".", ms=2, color=_PALE, label="as it was")
    speed.plot(
        minutes, rate * slowness / 1e6, ".", ms=2, color=_WRITER, label="by the machine's pace"
    )
    _dress(speed, "hops in a second of processor time [1e6]")
    pace.plot(
        minutes,
        np.diff(column(course.epochs, lambda row: row["hops"])) / 1e6,
        ".",
        ms=2,
        color=_WRITER,
    )
    _dress(pace, "hops an epoch [1e6]", legend=False)

    seen, late = lags(course)
    behind.plot((seen - begin) / 60, late, ".", ms=2, color=_READER, label="behind the writer")
    looks = (times(course.looks) - begin) / 60
    took = column(course.looks, lambda row: row["took"])
    behind.plot(looks, took, color=_PALE, lw=0.8, label="a look takes")
    _dress(behind, "the reader [s]", place="upper right")
    behind.set_xlabel("minutes of wall time")
    size.plot(when, column(course.samples, lambda row: row["size"]) / 1e6, color=_WRITER)
    _dress(size, "run file [MB]", legend=False)
    size.set_xlabel("minutes of wall time")
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def _of(course: Course, who: str, what: str) -> FloatArray:
    return column(course.samples, lambda row: row[who][what])


def _dress(panel: Axes, title: str, *, legend: bool = True, place: Place = "lower right") -> None:
    panel.set_title(title, loc="left", fontsize=9.5)
    panel.set_ylim(bottom=0)
    panel.grid(alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    if legend:
        panel.legend(fontsize=7.5, frameon=False, loc=place)
