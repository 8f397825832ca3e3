"""The picture of a scan, as a PNG file: front and side, with bars, time and what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Run
from ctc.scan.examination import VIEWS, Modality, Scan, scan_run
from ctc.viewer.camera import View
from ctc.viewer.png import check_target, write_png
from ctc.viewer.scene import duration_text
from ctc.viewer.still import check_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEFAULT_SIZE = (1040, 1300)
_DOTS = 100
# Of the width, what the two views may take.
_VIEWS_SHARE = 0.64
_COLOURS = {Modality.PET: "gray_r", Modality.CT: "gray"}
_INK, _FAINT = "#1b1b1f", "#6a6a72"
_BARS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)  # [m]
_NOTE = (
    "Synthetic: shapes of the organs of the body plan,\n"
    "uptake and density by organ from scan.toml,\n"
    "tumours and lesions of the run at their places."
)


def render_scan(
    run: Run,
    target: Path,
    *,
    modality: Modality | str = Modality.PET,
    time: float | None = None,
    size: tuple[int, int] = DEFAULT_SIZE,
) -> Scan:
    """Write the picture of a scan of a run.

    Parameters
    ----------
    run : Run
        Finished, running or killed.
    target : Path
        PNG file, replaced if it is there.
    modality : Modality or its name
        By what.
    time : float [s], optional
        The end of an epoch nearest to it; the last by default.
    size : tuple of int [pixels]
        Width and height.

    Returns
    -------
    Scan
        What the picture shows.

    Raises
    ------
    InputError
        If the file is none to write to, the size is out of bounds, the run has no shapes of
        organs, or the time lies outside of it.
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import

    check_picture(target, size, overwrite=True)
    scan = scan_run(run, modality=Modality(modality), time=time)
    canvas: Any = FigureCanvasAgg(draw_scan(scan, size=size))
    canvas.draw()
    write_png(
        np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3],
        target,
        notes={"Title": f"{scan.title}: {scan.modality.name}", "Source": scan.label},
    )
    return scan


def check_picture(target: Path, size: tuple[int, int], *, overwrite: bool) -> None:
    """Raise InputError unless a picture of that size may be written there."""
    check_target(target, overwrite)
    check_size(size)


def draw_scan(scan: Scan, *, size: tuple[int, int]) -> Figure:
    """Return the picture of a scan as a figure of that size at 100 dots an inch."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    width, height = size
    figure = Figure((width / _DOTS, height / _DOTS), dpi=_DOTS)
    figure.set_facecolor("white")
    unit = min(height, 1.25 * width) / _DOTS
    breadths = [scan.edges[view][1] - scan.edges[view][0] for view in VIEWS]
    bottom, top = scan.edges[View.FRONT][2:]
    # Both views at one scale, in what the column of text leaves free.
    high = min(0.89, _VIEWS_SHARE * width / height * (top - bottom) / sum(breadths))
    left = 0.02
    for view, breadth in zip(VIEWS, breadths, strict=True):
        wide = high * height / width * breadth / (top - bottom)
        axes = figure.add_axes((left, 0.02 + 0.5 * (0.90 - high), wide, high))
        _show(axes, scan, view, unit=unit)
        left += wide + 0.012
    column = left + 0.015
    _bar(figure, scan, left=column, unit=unit)
    what = "FDG PET, largest value along each line of sight"
    if scan.modality is Modality.CT:
        what = f"CT with contrast, slabs of {scan.slab * 1e3:.2g} mm through most of the tumour"
    lines = (
        (0.02, 0.985, scan.title, _INK, 1.3, "bold"),
        (0.02, 0.957, f"{what}; {_when(scan.time)} after the start of the run", _FAINT, 0.95, ""),
        (column, 0.52, scan.caption(), _INK, 0.9, ""),
        (column, 0.14, _NOTE, _FAINT, 0.7, ""),
        (column, 0.045, scan.label, _FAINT, 0.7, ""),
    )
    for x, y, text, colour, share, weight in lines:
        figure.text(
            x,
            y,
            text,
            color=colour,
            fontsize=share * unit,
            weight=weight or "normal",
            va="top",
            linespacing=1.45,
        )
    return figure


def _when(nanoseconds: int) -> str:
    days = nanoseconds / NANOSECONDS / 86400.0
    return duration_text(nanoseconds) if days < 100.0 else f"{days:,.0f} days"


def _show(axes: Axes, scan: Scan, view: View, *, unit: float) -> None:
    axes.imshow(
        scan.pictures[view],
        extent=scan.edges[view],
        cmap=_COLOURS[scan.modality],
        vmin=scan.shades[0],
        vmax=scan.shades[1],
        interpolation="bicubic",
        aspect="equal",
    )
    axes.set_axis_off()
    ink = _INK if scan.modality is Modality.PET else "white"
    name = "from the front" if view is View.FRONT else "from the left"
    marks = [(0.5, 0.005, name, "bottom")]
    if view is View.FRONT:
        marks += [(0.04, 0.99, "R", "top"), (0.96, 0.99, "L", "top")]
        _scale_bar(axes, scan.edges[view], ink=ink, unit=unit)
    for x, y, text, place in marks:
        axes.text(
            x,
            y,
            text,
            transform=axes.transAxes,
            ha="center",
            va=place,
            color=ink,
            alpha=0.75,
            fontsize=0.85 * unit,
        )


def _scale_bar(
    axes: Axes, edges: tuple[float, float, float, float], *, ink: str, unit: float
) -> None:
    left, right, bottom, top = edges
    length = next(n for n in _BARS if n < 0.4 * (right - left) or n == _BARS[-1])
    start, level = left + 0.03 * (right - left), bottom + 0.035 * (top - bottom)
    axes.plot([start, start + length], [level, level], color=ink, linewidth=0.16 * unit)
    axes.text(
        start,
        level + 0.006 * (top - bottom),
        f"{length * 100:g} cm" if length >= 0.01 else f"{length * 1000:g} mm",
        color=ink,
        fontsize=0.85 * unit,
        va="bottom",
    )


def _bar(figure: Figure, scan: Scan, *, left: float, unit: float) -> None:
    """Draw how values are shown: SUV or Hounsfield units."""
    dark, bright = scan.shades
    axes = figure.add_axes((left, 0.60, 0.024, 0.28))
    axes.imshow(
        np.linspace(dark, bright, 256)[:, None],
        cmap=_COLOURS[scan.modality],
        vmin=dark,
        vmax=bright,
        origin="lower",
        extent=(0.0, 1.0, dark, bright),
        aspect="auto",
    )
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.tick_params(colors=_INK, labelsize=0.85 * unit, length=0.25 * unit)
    name = "SUV" if scan.modality is Modality.PET else "Hounsfield units"
    axes.set_title(name, color=_INK, fontsize=0.95 * unit, loc="left")
