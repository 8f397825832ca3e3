"""Pictures of the validation table: one a row, and one of all figures over their targets."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tools.validate.rows import Curve, Figure, Panel
from tools.validate.table import Measured

_DPI = 110
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_PUBLISHED = "#333333"
_MARKERS = ("o", "s", "^", "D", "v", "P")
_MET, _EXPLAINED, _MISSED = "#009e73", "#e69f00", "#d00000"
_DODGE = 0.11
_WIDEST = 50.0  # got over target is drawn from its inverse to this


def draw_row(measured: Measured, folder: Path) -> Path | None:
    """Draw the curves of a row, panel by panel; returns the file, None where there are none."""
    if measured.outcome is None or not measured.outcome.curves:
        return None
    curves = measured.outcome.curves
    panels = list(dict.fromkeys(curve.panel for curve in curves.values()))
    n_columns = min(len(panels), 3)
    n_rows = -(-len(panels) // n_columns)
    picture = Picture(figsize=(6.2 * n_columns, 4.6 * n_rows + 0.5), layout="constrained")
    axes = picture.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axis in axes[len(panels) :]:
        axis.remove()
    for axis, panel in zip(axes, panels, strict=False):
        _draw_panel(axis, panel, {k: c for k, c in curves.items() if c.panel == panel})
    picture.suptitle(_title(measured), fontsize=11)
    suffix = "_ablated" if measured.ablated else ""
    return _save(picture, folder / f"{measured.row.number:02d}_{measured.row.name}{suffix}.png")


def _title(measured: Measured) -> str:
    row = measured.row
    title = f"Row {row.number}, {row.name.replace('_', ' ')}: {row.body}"
    return f"{title}\nwithout its law: {row.law}" if measured.ablated else title


def _draw_panel(axis: Axes, panel: Panel, curves: dict[str, Curve]) -> None:
    axis.set_title(panel.title, fontsize=10)
    axis.set_xlabel(panel.x_label)
    axis.set_ylabel(panel.y_label)
    axis.set_xscale(panel.x_scale)
    axis.set_yscale(panel.y_scale)
    categories = list(
        dict.fromkeys(name for c in curves.values() if isinstance(c.x, tuple) for name in c.x)
    )
    spread = {name: curve for name, curve in curves.items() if isinstance(curve.x, tuple)}
    own = [name for name in curves if not curves[name].is_published]
    for name, curve in curves.items():
        number = own.index(name) if name in own else 0
        colour = _PUBLISHED if curve.is_published else _COLOURS[number % len(_COLOURS)]
        if isinstance(curve.x, tuple):
            place = list(spread).index(name) - 0.5 * (len(spread) - 1)
            x = np.array([categories.index(each) for each in curve.x]) + _DODGE * place
        else:
            x = curve.x
        _draw_curve(axis, x, curve, label=name, colour=colour, marker=_MARKERS[number % 6])
    if categories:
        axis.set_xticks(range(len(categories)), categories)
        if len(categories) > 4:
            axis.tick_params("x", rotation=60)
        axis.set_xlim(-0.6, len(categories) - 0.4)
    if panel.y_scale == "linear" and all((c.y >= 0).all() for c in curves.values()):
        axis.set_ylim(bottom=0.0)
    axis.grid(alpha=0.25)
    axis.legend(fontsize=8, framealpha=0.85)


def _draw_curve(
    axis: Axes, x: np.ndarray, curve: Curve, *, label: str, colour: str, marker: str
) -> None:
    if curve.style == "bars":
        axis.bar(x, curve.y, yerr=curve.error, width=0.3, color=colour, label=label, capsize=3)
    elif curve.style == "points":
        axis.errorbar(
            x,
            curve.y,
            yerr=curve.error,
            fmt="_" if curve.is_published and curve.error is None else marker,
            markersize=12 if curve.is_published and curve.error is None else 5,
            color=colour,
            capsize=3,
            linestyle="none",
            label=label,
        )
    else:
        is_mark = x.size == 2 and x[0] == x[1]
        style = "--" if curve.is_published or is_mark else "-"
        axis.plot(x, curve.y, style, color=colour, label=label, linewidth=1.4)
        if curve.error is not None:
            low, high = curve.y - curve.error, curve.y + curve.error
            axis.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)


def draw_overview(measured: Sequence[Measured], folder: Path) -> Path | None:
    """Draw every figure over its target, with its tolerance; returns the file."""
    entries = [
        (each, figure)
        for each in measured
        if each.outcome is not None
        for figure in each.outcome.figures
    ]
    if not entries:
        return None
    picture = Picture(figsize=(11.5, 0.34 * len(entries) + 1.8), layout="constrained")
    axis = picture.subplots()
    for place, (each, figure) in enumerate(entries):
        _draw_figure(axis, place, figure, ablated=each.ablated)
    axis.set_yticks(range(len(entries)), [_label(*entry) for entry in entries], fontsize=8)
    axis.set_ylim(len(entries) - 0.4, -0.6)
    axis.set_xscale("log")
    axis.set_xlim(1.0 / _WIDEST, _WIDEST)
    ticks = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.axvline(1.0, color=_PUBLISHED, linewidth=0.8)
    axis.set_xlabel("got over target (of a band: over its geometric middle), two standard errors")
    axis.grid(axis="x", alpha=0.25)
    _separate(axis, [each for each, _ in entries])
    marks = [
        Patch(color="#bbbbbb", label="allowed"),
        Line2D([], [], marker="o", linestyle="none", color=_MET, label="met"),
        Line2D([], [], marker="o", linestyle="none", color=_EXPLAINED, label="missed, with reason"),
        Line2D([], [], marker="o", linestyle="none", color=_MISSED, label="missed"),
    ]
    picture.legend(handles=marks, loc="outside upper center", ncols=4, fontsize=9, frameon=False)
    return _save(picture, folder / "overview.png")


def _draw_figure(axis: Axes, place: int, figure: Figure, *, ablated: bool) -> None:
    middle = _middle(figure)
    allowed = allowed_range(figure)
    if allowed is not None and middle > 0.0:
        low, high = (np.clip(end / middle, 1.0 / _WIDEST, _WIDEST) for end in allowed)
        axis.barh(place, high - low, left=low, height=0.62, color="#bbbbbb", alpha=0.6)
    colour = _MET if figure.is_met else _MISSED if ablated or not figure.reason else _EXPLAINED
    ratio = figure.got / middle if middle else np.nan
    error = 2.0 * (figure.standard_error or 0.0) / abs(middle) if middle else 0.0
    if not np.isfinite(ratio) or ratio <= 1.0 / _WIDEST or ratio >= _WIDEST:
        edge = _WIDEST if ratio >= _WIDEST else 1.0 / _WIDEST
        is_high = edge > 1.0
        axis.plot(edge, place, ">" if is_high else "<", color=colour, clip_on=False, zorder=4)
        return
    lower = min(error, ratio - 1.0 / _WIDEST)
    axis.errorbar(
        ratio, place, xerr=[[lower], [error]], fmt="o", color=colour, markersize=5, capsize=2
    )


def _middle(figure: Figure) -> float:
    if isinstance(figure.target, tuple):
        low, high = figure.target
        return float(np.sqrt(low * high)) if low > 0.0 else 0.5 * (low + high)
    return figure.target


def allowed_range(figure: Figure) -> tuple[float, float] | None:
    """Return what the words of the tolerance allow, or None where they name no range.

    Parameters
    ----------
    figure : Figure
        With a band as its target, the band; else "factor 1.5", "20 %", "5 points", "at least",
        "at most", or a sign, for which everything above the target counts.
    """
    if isinstance(figure.target, tuple):
        return figure.target
    target, words = figure.target, figure.tolerance
    if words.startswith(("at least", "above", "sign")):
        return target, np.inf
    if words.startswith("at most"):
        return -np.inf, target
    if found := re.search(r"factor ([\d.]+)", words):
        return target / float(found[1]), target * float(found[1])
    if found := re.search(r"([\d.]+) (%|points?)", words):
        width = float(found[1])
        width *= 0.01 * abs(target) if found[2] == "%" else 1.0
        return target - width, target + width
    return None


def _label(measured: Measured, figure: Figure) -> str:
    name = textwrap.shorten(figure.name, 84, placeholder=" ...")
    return f"{name}   {measured.row.number}{' ablated' if measured.ablated else ''}"


def _separate(axis: Axes, owners: Sequence[Measured]) -> None:
    """Draw a line between the figures of two rows."""
    for place, (above, below) in enumerate(itertools.pairwise(owners)):
        if above is not below:
            axis.axhline(place + 0.5, color="#999999", linewidth=0.5)


def _save(picture: Picture, path: Path) -> Path:
    FigureCanvasAgg(picture)
    picture.savefig(path, format="png", dpi=_DPI)
    return path
