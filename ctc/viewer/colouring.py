"""What the colour of a cell says, and the legend of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.reader import Frame
from ctc.states import CellState
from ctc.viewer.cell_filter import NO_CLONE
from ctc.viewer.colour_scale import ColourScale, colour_table
from ctc.viewer.drawables import ByteArray
from ctc.viewer.durations import duration_text
from ctc.viewer.palette import STATE_COLOURS, STATE_NAMES, rgb

Colour = tuple[int, int, int, int]
Legend = tuple[tuple[str, Colour], ...]

# Bright on a dark ground; the qualitative scheme "light" of Tol 2021 (SRON/EPS/TN/09-002 3.2),
# which stays apart for colour-blind eyes, without its grey, and white.
DISTINCT = (
    "#77aadd",
    "#ee8866",
    "#eedd88",
    "#ffaabb",
    "#99ddff",
    "#44bb99",
    "#bbcc33",
    "#aaaa00",
    "#ffffff",
)
OTHER = "#7f8a99"
GONE_COLOURS = {CellState.DIED: "#6b7480", CellState.EXITED: "#9aa3ad"}
GONE_NAMES = {CellState.DIED: "died", CellState.EXITED: "left"}
_YOUNGEST = 1.0  # [s]


def _single() -> npt.NDArray[np.int64]:
    """Return one size class, of single cells."""
    return np.ones(1, dtype=np.int64)


class Colouring(StrEnum):
    """What the colour of a cell says."""

    STATE = "state"
    ORGAN = "organ"
    AGE = "age"
    CLUSTER_SIZE = "cluster_size"
    CLONE = "clone"


@dataclass(frozen=True)
class CellColours:
    """From cells to colours; rows of the palette are what codes mean.

    Attributes
    ----------
    colouring : Colouring
        What is shown.
    palette : (k, 4) uint8
        Red, green, blue, opacity.
    legend : tuple of (str, Colour)
        Names and colours.
    row : (r,) uint8 or None
        Row of each value of a qualitative colouring, or none.
    scale : ColourScale or None
        Of a quantity, or none.
    class_cells : (n_size_classes,) int64
        Cells that travel together, by size class.
    """

    colouring: Colouring
    palette: ByteArray
    legend: Legend
    row: ByteArray | None = None
    scale: ColourScale | None = None
    class_cells: npt.NDArray[np.int64] = field(default_factory=_single)

    def codes(self, frame: Frame, clones: npt.NDArray[np.uint16] | None = None) -> ByteArray:
        """Return the row of each cell, (n,) uint8; `clones` only where they are coloured."""
        match self.colouring:
            case Colouring.AGE if self.scale is not None:
                return self.scale.codes(frame.age)
            case Colouring.CLUSTER_SIZE if self.scale is not None:
                cells = self.class_cells
                last = np.uint16(max(cells.size - 1, 0))
                return self.scale.codes(cells[np.minimum(frame.size_class, last)])
            case Colouring.STATE:
                values = frame.state.astype(np.int64)
            case Colouring.ORGAN:
                values = frame.organ.astype(np.int64) + 1
            case _:
                known = np.zeros(frame.id.size, np.uint16) if clones is None else clones
                values = known.astype(np.int64)
        assert self.row is not None
        codes: ByteArray = self.row[np.minimum(values, self.row.size - 1)]
        return codes


def colours_of_run(
    colouring: Colouring,
    scenario: Mapping[str, Any],
    *,
    organ_names: Sequence[str],
    cells: npt.NDArray[np.uint64] | None,
    duration: float,
    class_cells: Sequence[int] = (),
) -> CellColours:
    """Return the colours that suit a run.

    Parameters
    ----------
    colouring : Colouring
        What they are to say.
    scenario : mapping
        `Run.scenario`.
    organ_names : sequence of str
        What organ indices mean.
    cells : (n_epochs, n_organs) uint64 or None
        Living cells in each organ; the fullest organs at the end stand out.
    duration : float [s]
        Of the run: no cell can be older.
    class_cells : sequence of int
        Cells that travel together, by size class; all are single where it is empty.
    """
    match colouring:
        case Colouring.ORGAN:
            last = cells[-1] if cells is not None and cells.size else np.zeros(len(organ_names))
            order = np.argsort(-last.astype(np.float64), kind="stable")
            return by_organ(organ_names, order.tolist())
        case Colouring.AGE:
            return by_age(duration)
        case Colouring.CLUSTER_SIZE:
            return by_cluster_size(class_cells)
        case Colouring.CLONE:
            sources = scenario.get("source", ())
            names = [f"from {s.get('organ') or s.get('vessel', '')}" for s in sources]
            return by_clone(len(names), names)
        case _:
            return by_state()


def colour(text: str, opacity: int = 255) -> Colour:
    """Return ``#rrggbb`` as red, green, blue, opacity in 0 .. 255."""
    red, green, blue = (round(255.0 * float(part)) for part in rgb(text))
    return red, green, blue, opacity


def by_state() -> CellColours:
    """Return the colours of `CellState`."""
    colours = {**STATE_COLOURS, **GONE_COLOURS}
    palette = np.array([colour(colours[state]) for state in CellState], dtype=np.uint8)
    legend = tuple((name, colour(STATE_COLOURS[state])) for state, name in STATE_NAMES.items())
    row = np.arange(len(CellState), dtype=np.uint8)
    return CellColours(Colouring.STATE, palette, legend, row=row)


def by_organ(organ_names: Sequence[str], order: Sequence[int]) -> CellColours:
    """Return colours of organs: the first ones of an order stand out, the others are grey.

    Parameters
    ----------
    organ_names : sequence of str
        Of the run.
    order : sequence of int
        Indices of organs, the most important one first.
    """
    chosen = list(order)[: len(DISTINCT) - 1]
    row = np.zeros(len(organ_names) + 1, dtype=np.uint8)
    row[0] = 1  # between organs
    for place, organ in enumerate(chosen):
        row[organ + 1] = place + 2
    names = ("other organs", "between organs", *(organ_names[organ] for organ in chosen))
    colours = (OTHER, DISTINCT[-1], *DISTINCT[: len(chosen)])
    return _qualitative(Colouring.ORGAN, names, colours, row=row)


def by_clone(n_clones: int, names: Sequence[str] = ()) -> CellColours:
    """Return colours of clones: the first eight stand out, the others and unknown ones are grey."""
    row = np.zeros(NO_CLONE + 1, dtype=np.uint8)
    n_chosen = min(n_clones, len(DISTINCT))
    row[:n_chosen] = np.arange(1, n_chosen + 1)
    labels = [names[i] if i < len(names) else f"clone {i}" for i in range(n_chosen)]
    return _qualitative(
        Colouring.CLONE, ("other or unknown", *labels), (OTHER, *DISTINCT[:n_chosen]), row=row
    )


def by_age(longest: float) -> CellColours:
    """Return colours of ages up to the longest [s], on a logarithmic scale."""
    scale = ColourScale(_YOUNGEST, max(longest, 10.0 * _YOUNGEST), is_log=True)
    labels = [f"age {duration_text(value)}" for value in scale.rungs()]
    return CellColours(Colouring.AGE, colour_table(), scale_legend(scale, labels), scale=scale)


def by_cluster_size(class_cells: Sequence[int]) -> CellColours:
    """Return colours of the number of cells that travel together, on a logarithmic scale.

    Parameters
    ----------
    class_cells : sequence of int
        Cells by size class; all are single where it is empty.
    """
    cells = np.asarray(class_cells, dtype=np.int64) if len(class_cells) else _single()
    scale = ColourScale(1.0, float(max(int(cells.max()), 2)), is_log=True)
    rungs = sorted({round(value) for value in scale.rungs()})
    table = colour_table()
    codes = scale.codes(np.array(rungs, dtype=np.float64))
    legend = tuple(
        ("single cell" if rung == 1 else f"{rung} cells", as_colour(table[code]))
        for rung, code in zip(rungs, codes, strict=True)
    )
    return CellColours(Colouring.CLUSTER_SIZE, table, legend, scale=scale, class_cells=cells)


def scale_legend(scale: ColourScale, labels: Sequence[str]) -> Legend:
    """Return the colours of the rungs of a scale with their labels."""
    table = colour_table()
    codes = scale.codes(np.array(scale.rungs(len(labels))))
    return tuple((label, as_colour(table[code])) for label, code in zip(labels, codes, strict=True))


def as_colour(row: npt.NDArray[np.uint8]) -> Colour:
    """Return a row of a palette as plain numbers."""
    red, green, blue, opacity = (int(part) for part in row)
    return red, green, blue, opacity


def _qualitative(
    colouring: Colouring, names: Sequence[str], colours: Sequence[str], *, row: ByteArray
) -> CellColours:
    palette = np.array([colour(text) for text in colours], dtype=np.uint8)
    legend = tuple((name, colour(text)) for name, text in zip(names, colours, strict=True))
    return CellColours(colouring, palette, (*legend[1:], legend[0]), row=row)
