"""The picture of a scan, as a PNG file: front and side, with bars, time and what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.record.reader import Run
from ctc.scan.examination import Modality, Scan, scan_run
from ctc.scan.scanner import depth_of, extent, projected, slab
from ctc.scan.volume import Values
from ctc.viewer.camera import View
from ctc.viewer.png import check_target, write_png
from ctc.viewer.scene import duration_text
from ctc.viewer.still import check_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DEFAULT_SIZE = (1300, 1300)
_DOTS = 100
_VIEWS = (View.FRONT, View.SIDE)
_INK, _FAINT = "#1b1b1f", "#6a6a72"
# Hounsfield units that are shown black and white.
_DARK, _BRIGHT = -250.0, 350.0
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
    modality: Modality = Modality.PET,
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
    modality : Modality
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

    check_target(target, overwrite=True)
    check_size(size)
    scan = scan_run(run, modality=modality, time=time)
    canvas: Any = FigureCanvasAgg(draw_scan(scan, size=size))
    canvas.draw()
    write_png(
        np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3],
        target,
        notes={"Title": f"{scan.title}: {modality.name}", "Source": scan.label},
    )
    return scan


def draw_scan(scan: Scan, *, size: tuple[int, int]) -> Figure:
    """Return the picture of a scan as a figure of that size at 100 dots an inch."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    width, height = size
    figure = Figure((width / _DOTS, height / _DOTS), dpi=_DOTS)
    figure.set_facecolor("white")
    unit = min(height, 1.1 * width) / _DOTS
    spans = [extent(scan.grid, view) for view in _VIEWS]
    breadths = [right - left for left, right, _, _ in spans]
    tall = spans[0][3] - spans[0][2]
    # Both views at one scale, in what the column of text leaves free.
    high = min(0.90, (0.68 * width / height) * tall / sum(breadths))
    left = 0.02
    low = 0.5 * (0.93 - high) + 0.01
    for view, breadth in zip(_VIEWS, breadths, strict=True):
        wide = high * height / width * breadth / tall
        axes = figure.add_axes((left, low, wide, high))
        _show(axes, scan, view)
        axes.set_axis_off()
        axes.text(
            0.5,
            -0.005,
            f"{view.value}",
            transform=axes.transAxes,
            ha="center",
            va="top",
            color=_FAINT,
            fontsize=0.85 * unit,
        )
        if view is View.FRONT:
            _scale_bar(axes, spans[0], unit=unit)
            for place, side in ((0.03, "R"), (0.97, "L")):
                axes.text(
                    place,
                    0.99,
                    side,
                    transform=axes.transAxes,
                    ha="center",
                    va="top",
                    color=_FAINT,
                    fontsize=1.1 * unit,
                )
        left += wide + 0.01
    _bar(figure, scan, left=left + 0.02, unit=unit)
    column = left + 0.02
    what = {
        Modality.PET: "FDG PET, largest value along each line of sight",
        Modality.CT: f"CT, slabs of {scan.values.value('scanner.slab') * 1e3 * scan.size:.3g} mm",
    }[scan.modality]
    figure.text(0.02, 0.985, scan.title, color=_INK, fontsize=1.35 * unit, va="top", weight="bold")
    figure.text(
        0.02,
        0.956,
        f"{what}, {duration_text(scan.time)} after the start of the run",
        color=_FAINT,
        fontsize=0.95 * unit,
        va="top",
    )
    figure.text(
        column, 0.52, scan.caption(), color=_INK, fontsize=0.95 * unit, va="top", linespacing=1.5
    )
    figure.text(column, 0.115, _NOTE, color=_FAINT, fontsize=0.72 * unit, va="top", linespacing=1.4)
    figure.text(column, 0.035, scan.label, color=_FAINT, fontsize=0.72 * unit, va="top")
    return figure


def _show(axes: Axes, scan: Scan, view: View) -> None:
    picture, (dark, bright), colours = _picture(scan, view)
    axes.imshow(
        picture,
        extent=extent(scan.grid, view),
        cmap=colours,
        vmin=dark,
        vmax=bright,
        interpolation="bicubic",
        aspect="equal",
    )


def _picture(scan: Scan, view: View) -> tuple[Values, tuple[float, float], str]:
    if scan.modality is Modality.PET:
        return projected(scan.volume, view), (0.0, scan.values.value("scanner.window")), "gray_r"
    thickness = scan.values.value("scanner.slab") * scan.size
    flat = slab(
        scan.volume, scan.grid, view=view, middle=_slab_depth(scan, view), thickness=thickness
    )
    return flat, (_DARK, _BRIGHT), "gray"


def _slab_depth(scan: Scan, view: View) -> float:
    """Return where a slab is laid: through the largest lesion, else the largest tumour."""
    disease = scan.tumours.disease
    if not disease.number.size:
        axis = 0 if view is View.SIDE else 1
        return float(scan.grid.low[axis] + 0.5 * scan.grid.pitch * scan.grid.shape[axis])
    order = np.lexsort((disease.diameter, ~disease.is_primary))
    return float(depth_of(scan.tumours.centre[order[-1:]], view)[0])


def _scale_bar(axes: Axes, edges: tuple[float, float, float, float], *, unit: float) -> None:
    left, right, bottom, top = edges
    length = next(n for n in _BARS if n < 0.45 * (right - left) or n == _BARS[-1])
    start, level = left + 0.03 * (right - left), bottom + 0.012 * (top - bottom)
    axes.plot([start, start + length], [level, level], color=_INK, linewidth=0.18 * unit)
    text = f"{length * 100:g} cm" if length >= 0.01 else f"{length * 1000:g} mm"
    axes.text(
        start, level + 0.006 * (top - bottom), text, color=_INK, fontsize=0.85 * unit, va="bottom"
    )


def _bar(figure: Figure, scan: Scan, *, left: float, unit: float) -> None:
    """Draw how values are shown: SUV or Hounsfield units."""
    _, (dark, bright), colours = _picture(scan, View.FRONT)
    axes = figure.add_axes((left, 0.58, 0.022, 0.30))
    axes.imshow(
        np.linspace(dark, bright, 256)[:, None],
        cmap=colours,
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
