"""Curves over time beside the picture, from the series and the lesions of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.blood_samples import DRAW_VOLUME, BloodSamples
from ctc.record.layout import NANOSECONDS, NO_FOUNDER
from ctc.states import CellState
from ctc.viewer.colouring import DISTINCT, Colour, colour
from ctc.viewer.durations import axis_unit
from ctc.viewer.lesion_bodies import sphere_radius
from ctc.viewer.palette import STATE_COLOURS, STATE_NAMES

CTC_PLOT = "CTC in 7.5 ml of blood"  # its title
_MOST_CURVES = 8
_CUBIC_MM = 1e9


@dataclass(frozen=True)
class Curve:
    """One line of a plot.

    Attributes
    ----------
    name : str
        Of the line.
    colour : tuple of 4 int
        Red, green, blue, opacity.
    x, y : (n,) float64
        Its points, x in the plot's unit.
    """

    name: str
    colour: Colour
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plot:
    """Some curves over time.

    Attributes
    ----------
    title, y_label : str
        What is shown; the unit of y.
    x_unit : str
        Of time.
    x_scale : float [s]
        One of that unit.
    curves : tuple of Curve
        The most important one first.
    is_log : bool
        Whether y is to be drawn on a logarithmic scale; then 0 cannot be drawn.
    """

    title: str
    y_label: str
    x_unit: str
    x_scale: float
    curves: tuple[Curve, ...]
    is_log: bool

    def place(self, time: int) -> float:
        """Return where a moment [ns] lies along x."""
        return time / NANOSECONDS / self.x_scale


def run_plots(
    series: Mapping[str, npt.NDArray[Any]],
    lesion_rows: npt.NDArray[Any],
    *,
    organ_names: tuple[str, ...],
    blood_volume: float,
    samples: Mapping[str, BloodSamples],
    weight: float | None = 1.0,
) -> tuple[Plot, ...]:
    """Return the plots of a run; those without a curve are left out.

    Parameters
    ----------
    series : mapping of str to array
        `Run.series`.
    lesion_rows : (n,) structured array
        `Run.lesion_history`.
    organ_names : tuple of str
        What organ indices mean.
    blood_volume : float [m^3]
        In which the circulating cells are spread.
    samples : mapping of str to BloodSamples
        Of vessels, by name.
    weight : float or None
        Shed cells that each followed one stands for; None where cells differ in that.
    """
    time = np.asarray(series["time"], dtype=np.float64) / NANOSECONDS
    unit, size = axis_unit(float(time[-1]) if time.size else 0.0)
    x = time / size
    states = np.asarray(series["cells_by_state"], dtype=np.float64)
    # A colony counts as one cell there; the plots of lesions show what it holds.
    by_state = [
        Curve(name, colour(STATE_COLOURS[state]), x, states[:, state])
        for state, name in STATE_NAMES.items()
        if states.size
    ]
    blood = []
    if weight is not None:
        density = states[:, CellState.CIRCULATING] * (weight / blood_volume * DRAW_VOLUME)
        blood = [Curve("whole blood", colour(STATE_COLOURS[CellState.CIRCULATING]), x, density)]
    blood += [
        Curve(name, colour(DISTINCT[place]), sample.time / size, sample.cells)
        for place, (name, sample) in enumerate(samples.items())
    ]
    plots = (
        Plot("Cells by state", "cells", unit, size, tuple(by_state), is_log=True),
        Plot(
            "Arrested cells by organ",
            "cells",
            unit,
            size,
            _top(series, "arrested", organ_names, x),
            True,
        ),
        Plot(
            "Colonies by organ",
            "colonies",
            unit,
            size,
            _top(series, "colonies", organ_names, x),
            True,
        ),
        Plot(CTC_PLOT, "cells per 7.5 ml", unit, size, tuple(blood), is_log=True),
        Plot(
            "Volume of lesions", "mm^3", unit, size, _lesions(lesion_rows, organ_names, size), True
        ),
    )
    return tuple(plot for plot in plots if any(curve.x.size for curve in plot.curves))


def _top(
    series: Mapping[str, npt.NDArray[Any]],
    name: str,
    organ_names: tuple[str, ...],
    x: npt.NDArray[np.float64],
) -> tuple[Curve, ...]:
    """Return a curve for each of the organs with the highest peaks."""
    counts = np.asarray(series[name], dtype=np.float64)
    if not counts.size:
        return ()
    peak = counts.max(axis=0)
    order = [i for i in np.argsort(-peak, kind="stable")[:_MOST_CURVES] if peak[i] > 0]
    return tuple(
        Curve(organ_names[organ], colour(DISTINCT[place]), x, counts[:, organ])
        for place, organ in enumerate(order)
    )


def _lesions(
    rows: npt.NDArray[Any], organ_names: tuple[str, ...], size: float
) -> tuple[Curve, ...]:
    """Return a curve for each of the lesions that became largest."""
    if not rows.size:
        return ()
    # Primary tumours have the highest numbers there are.
    lesions, of_row = np.unique(rows["lesion"], return_inverse=True)
    largest = np.zeros(lesions.size, dtype=np.uint64)
    np.maximum.at(largest, of_row, rows["cells"])
    chosen = lesions[np.argsort(largest, kind="stable")[::-1][:_MOST_CURVES]]
    curves = []
    for place, lesion in enumerate(chosen.tolist()):
        own = rows[rows["lesion"] == lesion]
        own = own[np.argsort(own["time"], kind="stable")]
        volume = 4.0 / 3.0 * np.pi * sphere_radius(own["cells"].astype(np.float64)) ** 3
        organ = int(own["organ"][0])
        what = "primary" if own["cell"][0] == np.uint64(NO_FOUNDER) else f"{lesion}"
        name = f"{what}, {organ_names[organ]}" if organ >= 0 else what
        x = own["time"] / NANOSECONDS / size
        curves.append(Curve(name, colour(DISTINCT[place]), x, volume * _CUBIC_MM))
    return tuple(curves)
