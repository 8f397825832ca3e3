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
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ctc.checks import FloatArray
from tools.validate.rows import Curve, Figure, Panel
from tools.validate.table import Measured

_DPI = 110
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_PUBLISHED = "#333333"
_MARKERS = ("o", "s", "^", "D", "v", "P")
_MET, _EXPLAINED, _MISSED = "#009e73", "#e69f00", "#d00000"
_DASHES = ("--", ":", "-.")
# Width that a bar takes, distance of points side by side, and of points from the middle of bars.
_BAR, _DODGE, _BESIDE = 0.4, 0.13, 0.12
# So many names below an axis are written upright, in lines of so many letters.
_UPRIGHT, _LINE = 6, 16
_ALLOWED = "#d0d0d0"
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
    picture.suptitle(_title(measured, 68 * n_columns), fontsize=11)
    suffix = "_ablated" if measured.ablated else ""
    return _save(picture, folder / f"{measured.row.number:02d}_{measured.row.name}{suffix}.png")


def _title(measured: Measured, width: int) -> str:
    row = measured.row
    title = textwrap.fill(f"Row {row.number}, {row.name.replace('_', ' ')}: {row.body}", width)
    without = textwrap.fill(f"without its law: {row.law}", width)
    return f"{title}\n{without}" if measured.ablated else title


def _draw_panel(axis: Axes, panel: Panel, curves: dict[str, Curve]) -> None:
    axis.set_title(panel.title, fontsize=10)
    axis.set_xlabel(panel.x_label)
    axis.set_ylabel(panel.y_label)
    axis.set_xscale(panel.x_scale)
    axis.set_yscale(panel.y_scale)
    categories = list(
        dict.fromkeys(name for c in curves.values() if isinstance(c.x, tuple) for name in c.x)
    )
    place = _places(curves)
    number = {True: 0, False: 0}
    for name, curve in curves.items():
        if isinstance(curve.x, tuple):
            x = np.array([categories.index(each) for each in curve.x]) + place[name]
        else:
            x = curve.x
        _draw_curve(axis, x, curve, label=name, number=number[curve.is_published])
        number[curve.is_published] += 1
    if categories:
        if len(categories) > _UPRIGHT:
            axis.set_xticks(range(len(categories)), categories, rotation=60)
        else:
            wrapped = [textwrap.fill(name, _LINE) for name in categories]
            axis.set_xticks(range(len(categories)), wrapped, fontsize=8)
        axis.set_xlim(-0.6, len(categories) - 0.4)
    if panel.y_scale == "linear" and all((c.y >= 0).all() for c in curves.values()):
        axis.set_ylim(bottom=0.0)
    for scale, side in ((panel.x_scale, axis.xaxis), (panel.y_scale, axis.yaxis)):
        if scale == "log":
            side.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            side.set_minor_formatter(NullFormatter())
    axis.grid(alpha=0.25)
    axis.legend(fontsize=8, framealpha=0.85)


def _places(curves: dict[str, Curve]) -> dict[str, float]:
    """Return where curves over categories stand beside their tick: bars apart, points apart."""
    places = {}
    bars = [name for name, curve in curves.items() if curve.style == "bars"]
    others = [name for name, curve in curves.items() if curve.style != "bars"]
    for names, step in ((bars, _BAR), (others, _DODGE)):
        for i, name in enumerate(names):
            places[name] = step * (i - 0.5 * (len(names) - 1))
    if bars:
        places |= {name: places[name] + _BESIDE for name in others}
    return places


def _draw_curve(axis: Axes, x: FloatArray, curve: Curve, *, label: str, number: int) -> None:
    colour = _PUBLISHED if curve.is_published else _COLOURS[number % len(_COLOURS)]
    if curve.style == "bars":
        axis.bar(
            x, curve.y, yerr=curve.error, width=0.9 * _BAR, color=colour, label=label, capsize=3
        )
    elif curve.style == "points":
        is_dash = curve.is_published and curve.error is None
        axis.errorbar(
            x,
            curve.y,
            yerr=curve.error,
            fmt="_" if is_dash else _MARKERS[number % len(_MARKERS)],
            markersize=12 if is_dash else 5,
            color=colour,
            capsize=3,
            linestyle="none",
            label=label,
        )
    else:
        is_mark = x.size == 2 and x[0] == x[1]
        is_dashed = curve.is_published or is_mark
        style = _DASHES[number % len(_DASHES)] if is_dashed else "-"
        axis.plot(x, curve.y, linestyle=style, color=colour, label=label, linewidth=1.4)
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
    picture = Picture(figsize=(12.5, 0.3 * len(entries) + 1.8), layout="constrained")
    axis = picture.subplots()
    limits = _limits([figure for _, figure in entries])
    for place, (each, figure) in enumerate(entries):
        _draw_figure(axis, place, figure, limits=limits, ablated=each.ablated)
    axis.set_yticks(range(len(entries)), [_label(*entry) for entry in entries], fontsize=8)
    axis.set_ylim(len(entries) - 0.4, -0.6)
    axis.set_xscale("log")
    axis.set_xlim(*limits)
    axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.axvline(1.0, color=_PUBLISHED, linewidth=0.8)
    axis.set_xlabel("got over target (of a band: over its geometric middle), two standard errors")
    axis.grid(axis="x", alpha=0.25)
    _separate(axis, [each for each, _ in entries])
    marks = [
        Patch(color=_ALLOWED, label="allowed"),
        *(
            Line2D([], [], marker="o", linestyle="none", color=colour, label=word)
            for colour, word in (
                (_MET, "met"),
                (_EXPLAINED, "missed, with a reason"),
                (_MISSED, "missed"),
            )
        ),
        Line2D([], [], marker=">", linestyle="none", color=_PUBLISHED, label="off the scale"),
    ]
    picture.legend(handles=marks, loc="outside upper center", ncols=5, fontsize=9, frameon=False)
    suffix = "_ablated" if any(each.ablated for each in measured) else ""
    return _save(picture, folder / f"overview{suffix}.png")


def _limits(figures: Sequence[Figure]) -> tuple[float, float]:
    """Return the ends of the scale: all ratios, but at least 0.4 to 2.5 and at most 50 times."""
    ratios = [f.got / _middle(f) for f in figures if _middle(f)]
    shown = [ratio for ratio in ratios if 1.0 / _WIDEST < ratio < _WIDEST]
    return 0.7 * min([0.6, *shown]), 1.4 * max([1.8, *shown])


def _draw_figure(
    axis: Axes, place: int, figure: Figure, *, limits: tuple[float, float], ablated: bool
) -> None:
    middle = _middle(figure)
    allowed = allowed_range(figure)
    if allowed is not None and middle > 0.0:
        low, high = np.clip(np.array(allowed) / middle, *limits)
        axis.barh(place, high - low, left=low, height=0.62, color=_ALLOWED)
    colour = _MET if figure.is_met else _MISSED if ablated or not figure.reason else _EXPLAINED
    ratio = figure.got / middle if middle else np.inf
    if not limits[0] < ratio < limits[1]:
        is_high = ratio > 1.0
        edge = limits[1] if is_high else limits[0]
        axis.plot(edge, place, ">" if is_high else "<", color=colour, clip_on=False, zorder=4)
        return
    error = 2.0 * (figure.standard_error or 0.0) / abs(middle)
    lower = min(error, ratio - limits[0])
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
        "factor 1.5", "20 %" and "5 points" widen its target, be it a value or a band; a band holds
        by itself; "at least", "at most" and "above" leave one side open, and "sign" of a ratio all
        on the target's side of 1.
    """
    target, words = figure.target, figure.tolerance
    low, high = target if isinstance(target, tuple) else (target, target)
    if words.startswith("sign"):
        return (1.0, np.inf) if low >= 1.0 else (0.0, 1.0)
    if words.startswith(("at least", "above")):
        return low, np.inf
    if words.startswith("at most"):
        return -np.inf, high
    widened = _widened(low, high, words=words)
    return (low, high) if widened is None and low < high else widened


def _widened(low: float, high: float, *, words: str) -> tuple[float, float] | None:
    if found := re.search(r"factor ([\d.]+)", words):
        return low / float(found[1]), high * float(found[1])
    if found := re.search(r"([\d.]+) (%|points?)", words):
        width = float(found[1])
        if found[2] == "%":
            return low - 0.01 * width * abs(low), high + 0.01 * width * abs(high)
        return low - width, high + width
    return None


def _label(measured: Measured, figure: Figure) -> str:
    name = textwrap.shorten(figure.name, 100, placeholder=" ...")
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
