"""A page of small charts of what a network measures, in matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ctc.vessels.blood import Blood
from ctc.viewer.palette import BACKGROUND_INNER, BLOOD_COLOURS, FAINT_TEXT, LINE, TEXT
from ctc.viewer.png import write_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ctc.vessels.distributions import Histogram, SideDistributions

_COLOURS = {
    "arteries": BLOOD_COLOURS[Blood.ARTERIAL],
    "veins": BLOOD_COLOURS[Blood.VENOUS],
    "portal veins": BLOOD_COLOURS[Blood.PORTAL],
}
_SIZE, _DOTS_PER_INCH = (15.0, 11.5), 120
_TEXT_SIZE = 10.5
_MILLIMETRE, _CENTIMETRE, _MILLILITRE = 1e3, 1e2, 1e6
_FEW_DECADES = 300.0
# Of orders: what by_order calls it, the ratio, its direction with the order, scale, heading.
_ORDER_CHARTS = (
    ("n_elements", "RB", -1.0, 1.0, "Vessels of each order"),
    ("diameter", "RD", 1.0, _MILLIMETRE, "Mean diameter [mm]"),
    ("length", "RL", 1.0, _MILLIMETRE, "Mean length [mm]"),
)


def draw_measures(
    figures: Mapping[str, Any],
    distributions: Mapping[str, SideDistributions],
    target: Path,
    *,
    title: str,
) -> None:
    """Draw the measures of a network and write them as a PNG.

    Parameters
    ----------
    figures : mapping
        As `ctc.pipeline.measure_vessels` returns them.
    distributions : mapping of str to SideDistributions
        By side: ``arteries``, ``veins``, ``portal veins``.
    target : Path
        Replaced if it exists.
    title : str
        Above the charts.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import

    canvas: Any = FigureCanvasAgg(measures_figure(figures, distributions, title=title))
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    write_png(pixels, target, notes={"Title": title}, ground=BACKGROUND_INNER)


def measures_figure(
    figures: Mapping[str, Any], distributions: Mapping[str, SideDistributions], *, title: str
) -> Figure:
    """Return the page as a figure; see `draw_measures`."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    figure = Figure(_SIZE, dpi=_DOTS_PER_INCH, facecolor=BACKGROUND_INNER)
    charts = figure.subplots(3, 3)
    figure.subplots_adjust(left=0.055, right=0.98, bottom=0.04, top=0.86, wspace=0.2, hspace=0.4)
    _write_head(figure, figures, title, sides=list(distributions))
    for axes, (key, ratio, sign, scale, head) in zip(charts[0], _ORDER_CHARTS, strict=True):
        _draw_orders(axes, figures, key, ratio=ratio, sign=sign, scale=scale, head=head)
    for axes, key, head, note, scale in (
        (charts[1, 0], "radius", "Lumen radius [mm]", "share of segments", _MILLIMETRE),
        (charts[1, 1], "length", "Length [mm]", "share of segments", _MILLIMETRE),
        (charts[1, 2], "path", "Root to leaf [cm]", "share of leaves", _CENTIMETRE),
        (charts[2, 1], "residual", "Branching law", "residuals; exact ones farthest left", 1.0),
    ):
        histograms = {name: getattr(each, key) for name, each in distributions.items()}
        _draw_counts(axes, histograms, head, note=note, scale=scale)
    _draw_angles(charts[2, 0], figures, distributions)
    _draw_volumes(charts[2, 2], figures.get("kinds", {}))
    return figure


def _write_head(
    figure: Figure, figures: Mapping[str, Any], title: str, *, sides: list[str]
) -> None:
    figure.text(
        0.02, 0.955, title, color=TEXT, fontsize=2.0 * _TEXT_SIZE, weight="bold", parse_math=False
    )
    from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to import

    counts = f"{figures['n_segments']:,} segments, {figures['n_terminals']:,} terminals"
    facts = f"{counts}; {figures['origin']}"
    figure.text(0.02, 0.927, facts, color=FAINT_TEXT, fontsize=_TEXT_SIZE, parse_math=False)
    marks: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": _TEXT_SIZE}
    figure.legend(
        [Line2D([], [], color=_COLOURS[side], **marks) for side in sides],
        sides,
        loc="upper right",
        bbox_to_anchor=(0.985, 0.985),
        ncols=len(sides) or 1,
        frameon=False,
        labelcolor=TEXT,
        fontsize=1.15 * _TEXT_SIZE,
        handletextpad=0.3,
        columnspacing=1.6,
    )


def _draw_orders(
    axes: Axes,
    figures: Mapping[str, Any],
    key: str,
    *,
    ratio: str,
    sign: float,
    scale: float,
    head: str,
) -> None:
    """Draw a mean against the order, with its fit and the slopes of published ratios."""
    _prepare(axes, head)
    if not figures["trees"]:
        return
    axes.set_yscale("log")
    texts = []
    n_orders, lowest, highest = 1, np.inf, 0.0
    for name, side in figures["trees"].items():
        values = scale * np.array(side["by_order"][key], dtype=np.float64)
        order = np.arange(1, values.size + 1)
        is_there = values > 0
        n_orders = max(n_orders, values.size)
        lowest = min(lowest, float(values[is_there].min(initial=np.inf)))
        highest = max(highest, float(values[is_there].max(initial=0.0)))
        style: dict[str, Any] = {"color": _COLOURS[name], "linewidth": 1.4, "markersize": 5.5}
        axes.plot(order[is_there], values[is_there], "o-", **style)
        found = side["strahler"][ratio]
        if found is not None:
            texts.append(f"{found:.2f}")
    _draw_published(axes, figures, key, ratio=ratio, sign=sign, scale=scale)
    axes.set_xlabel("order", color=FAINT_TEXT, fontsize=0.95 * _TEXT_SIZE)
    axes.set_xticks(range(1, n_orders + 1))
    _mark_decades(axes, lowest, highest)
    # The bands of published ratios may leave the chart, the vessels stay in it.
    axes.set_ylim(0.6 * lowest, 1.8 * highest)
    known, published = figures["published"].get("arteries", {}).get(ratio), ""
    if known:
        low, high = known["low"], known["high"]
        is_range = high != low
        published = f"{low:.3g} - {high:.3g}" if is_range else f"{low:.3g}"
        published = f"; {'shaded' if is_range else 'dashed'}: published {published}"
    _note(axes, f"{ratio} " + " / ".join(texts) + published)


def _mark_decades(axes: Axes, lowest: float, highest: float) -> None:
    """Mark a logarithmic axis at every decade, and between them where there are few."""
    from matplotlib.ticker import LogLocator, NullFormatter  # noqa: PLC0415 - slow to import

    is_short = highest < _FEW_DECADES * lowest
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if is_short else (1.0,)))
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_published(
    axes: Axes, figures: Mapping[str, Any], key: str, *, ratio: str, sign: float, scale: float
) -> None:
    """Shade what the published ratios would give from the arteries' second order on."""
    known = figures["published"].get("arteries", {}).get(ratio)
    side = figures["trees"].get("arteries")
    if known is None or side is None or len(side["by_order"][key]) < 3:
        return
    anchor = side["by_order"][key][1]
    if not anchor:
        return
    order = np.arange(1, len(side["by_order"][key]) + 1, dtype=np.float64)
    curves = [scale * anchor * known[end] ** (sign * (order - 2.0)) for end in ("low", "high")]
    if known["low"] == known["high"]:
        axes.plot(order, curves[0], color=FAINT_TEXT, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.fill_between(order, curves[0], curves[1], color=FAINT_TEXT, alpha=0.22, linewidth=0.0)


def _draw_counts(
    axes: Axes,
    histograms: Mapping[str, Histogram],
    head: str,
    *,
    note: str,
    scale: float = 1.0,
) -> None:
    """Draw distributions as shares of each side, one over the other."""
    _prepare(axes, head)
    _note(axes, note)
    for name, histogram in histograms.items():
        _step(axes, histogram, _COLOURS[name], scale=scale)
        if histogram.is_logarithmic:
            axes.set_xscale("log")
    axes.set_ylim(bottom=0.0)
    axes.set_yticks([])


def _draw_angles(
    axes: Axes, figures: Mapping[str, Any], distributions: Mapping[str, SideDistributions]
) -> None:
    _prepare(axes, "Angle between daughters [deg]")
    _note(axes, "dashed: median of least work (Murray 1926)")
    for name, each in distributions.items():
        _step(axes, each.angle, _COLOURS[name])
        least = figures["trees"][name]["least_angle"]
        if least is not None:
            style: dict[str, Any] = {"linewidth": 1.4, "linestyle": (0, (4, 3))}
            axes.axvline(np.degrees(least), color=_COLOURS[name], **style)
    axes.set(xlim=(0.0, 180.0), ylim=(0.0, None), xticks=range(0, 181, 30), yticks=[])


def _step(axes: Axes, histogram: Histogram, colour: str, *, scale: float = 1.0) -> None:
    share = histogram.counts / max(int(histogram.counts.sum()), 1)
    edges = scale * histogram.edges
    axes.stairs(share, edges, color=colour, fill=True, alpha=0.30)
    axes.stairs(share, edges, color=colour, linewidth=1.4)


def _draw_volumes(axes: Axes, kinds: Mapping[str, Mapping[str, float]]) -> None:
    _prepare(axes, "Blood by kind of vessel [mL]")
    names = list(kinds)
    volumes = np.array([kinds[name]["volume"] for name in names]) * _MILLILITRE
    colours = {"artery": "arteries", "arteriole": "arteries", "vein": "veins", "venule": "veins"}
    rows = np.arange(len(names))
    bars = [_COLOURS.get(colours.get(name, ""), FAINT_TEXT) for name in names]
    axes.barh(rows, volumes, color=bars, height=0.62, alpha=0.85)
    axes.set_yticks(rows, names, color=TEXT)
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)
    axes.set_xlim(0.0, 1.32 * max(float(volumes.max(initial=0.0)), 1e-12))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0, labelsize=_TEXT_SIZE)
    total = max(float(volumes.sum()), 1e-300)
    _note(axes, f"{total:,.4g} mL in all")
    for row, volume in enumerate(volumes.tolist()):
        size = f"{volume:,.0f}" if volume >= 100.0 else f"{volume:.3g}"
        text = f" {size} ({volume / total:.1%})"
        axes.text(volume, row, text, color=TEXT, fontsize=0.9 * _TEXT_SIZE, va="center")


def _prepare(axes: Axes, head: str) -> None:
    axes.set_facecolor("none")
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("bottom", "left"))
        spine.set_color(LINE)
    axes.tick_params(colors=FAINT_TEXT, labelsize=0.9 * _TEXT_SIZE, width=0.6)
    axes.tick_params(which="minor", length=0)
    axes.grid(visible=True, color=LINE, alpha=0.45, linewidth=0.6)
    axes.set_axisbelow(True)
    place = axes.transAxes
    axes.text(0.0, 1.11, head, color=TEXT, fontsize=1.15 * _TEXT_SIZE, transform=place)


def _note(axes: Axes, text: str) -> None:
    """Write a faint line between the heading of a chart and the chart."""
    place = axes.transAxes
    axes.text(0.0, 1.03, text, color=FAINT_TEXT, fontsize=0.95 * _TEXT_SIZE, transform=place)
