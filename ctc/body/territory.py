"""Territory: the space that a region's vessels fill, as a signed distance; no vessels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ctc.body.plan import BodyPlan
from ctc.body.shapes import (
    Box,
    Capsule,
    Composite,
    Ellipsoid,
    HalfSpace,
    Layer,
    Operation,
    Shape,
    Vector,
)
from ctc.body.table import Row, mirrored_name, read_body_table
from ctc.checks import FloatArray
from ctc.errors import InputError, near_name

# Steps of the additive sequence that fills a cube most evenly: powers of the real root of
# x^4 = x + 1 (Roberts 2018, extremelearning.com.au, "The unreasonable effectiveness of
# quasirandom sequences"; the generalised golden ratio for three dimensions).
_ROOT = 1.2207440846057596
_STEPS = np.array([1.0 / _ROOT, 1.0 / (_ROOT * _ROOT), 1.0 / (_ROOT * _ROOT * _ROOT)])
# A territory that fills less than this part of its box is refused.
_SMALLEST_SHARE = 1e-4


@dataclass(frozen=True)
class Territory:
    """The space of one region.

    Attributes
    ----------
    name : str
        Of the region.
    shape : Shape
        x to the body's left, y to the back, z up [m].
    hilum : (3,) float64 [m]
        Where its arteries enter.
    outlet : (3,) float64 [m] or None
        Where its veins leave, if not beside the arteries.
    """

    name: str
    shape: Shape
    hilum: FloatArray
    outlet: FloatArray | None = None

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return (n,) float64 [m] for (n, 3) points [m]: negative inside, the sign exact."""
        return self.shape.signed_distance(np.asarray(points, dtype=np.float64))

    def bounds(self) -> FloatArray:
        """Return (2, 3) float64 [m]: lowest and highest corner of a box around it."""
        return self.shape.bounds()

    def sample(self, n_points: int, seed: int) -> FloatArray:
        """Return points spread evenly through the inside.

        The additive sequence ``x_k = frac(x_0 + k a)`` in the box, less what falls outside.

        Parameters
        ----------
        n_points : int
            How many, > 0.
        seed : int
            Sets ``x_0``; the same seed gives the same points.

        Returns
        -------
        (n_points, 3) float64 [m]
            All with signed distance < 0.

        Raises
        ------
        InputError
            If the inside fills less than 1e-4 of its box: the shape is empty or nearly so.
        """
        return self.sample_and_volume(n_points, seed)[0]

    def sample_and_volume(self, n_points: int, seed: int) -> tuple[FloatArray, float]:
        """Return the points of `sample`, and the territory's volume [m^3].

        The volume is the box times the share of its points that lie inside, which is off by
        about ``1 / sqrt(n_points)`` of it or less.
        """
        start = np.random.Philox(key=seed).random_raw(3) / 2.0**64
        low, high = self.bounds()
        found: list[FloatArray] = []
        n_found, n_tried = 0, 0
        chunk = max(2 * n_points, 256)
        while n_found < n_points:
            index = np.arange(n_tried, n_tried + chunk, dtype=np.float64)
            points = start + index[:, None] * _STEPS
            points -= np.floor(points)
            points = low + points * (high - low)
            inside = points[self.signed_distance(points) < 0.0]
            found.append(inside)
            n_found += len(inside)
            n_tried += chunk
            if n_tried * _SMALLEST_SHARE > n_found + 1 and n_tried > 1 / _SMALLEST_SHARE:
                message = (
                    f"territory must fill > {_SMALLEST_SHARE} of its box, got {n_found} of "
                    f"{n_tried} points at '{self.name}'. Check its shapes."
                )
                raise InputError(message)
            chunk = min(int(1.2 * (n_points - n_found) * n_tried / max(n_found, 1)) + 64, 1 << 16)
        x, y, z = high - low
        return np.concatenate(found)[:n_points], float(x * y * z) * n_found / n_tried


def load_territories(plan: BodyPlan) -> dict[str, Territory]:
    """Read the territories of a body's regions from its species' table, scaled to its length.

    Parameters
    ----------
    plan : BodyPlan
        Whose regions to place.

    Returns
    -------
    dict of str to Territory
        By region, in the order of the plan.

    Raises
    ------
    InputError
        If a region has no territory or a row of the table is wrong; names file and row.
    """
    rows: dict[str, list[Row]] = {}
    for row in read_body_table(plan, "territories"):
        rows.setdefault(row.text("territory"), []).append(row)
    builder = _Builder(rows)
    found = {}
    for organ in plan.organs:
        factor = plan.layout.organ_length.get(organ.name, 1.0)
        for region in organ.regions:
            territory = builder.territory(region.name)
            if factor != 1.0:
                grown = _Builder(_scaled_about(rows, territory.hilum, factor))
                territory = grown.territory(region.name)
            found[region.name] = territory
    return found


def _scaled_about(
    rows: dict[str, list[Row]], centre: FloatArray, factor: float
) -> dict[str, list[Row]]:
    """Return rows whose shapes are larger by a factor about a place, which stays."""
    x, y, z = ((1.0 - factor) * float(part) for part in centre)
    return {
        name: [replace(row, scale=row.scale * factor, offset=(x, y, z)) for row in some]
        for name, some in rows.items()
    }


class _Builder:
    """Makes shapes from rows, each named one once."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.rows = rows
        self.shapes: dict[str, Composite] = {}

    def territory(self, name: str) -> Territory:
        shape = self.shape(name)
        hila = self._points(name, "hilum")
        outlets = self._points(name, "outlet")
        if len(hila) != 1 or len(outlets) > 1:
            message = (
                f"territory must have one hilum and at most one outlet, got {len(hila)} and "
                f"{len(outlets)} at '{name}'. Correct its rows."
            )
            raise InputError(message)
        return Territory(name, shape, hila[0], outlets[0] if outlets else None)

    def _points(self, name: str, operation: str) -> list[FloatArray]:
        rows = [row for row in self.rows[name] if row.text("operation") == operation]
        return [np.array(_position(row)) for row in rows]

    def shape(self, name: str) -> Composite:
        if name not in self.rows:
            hint = near_name(name, self.rows)
            message = f"territory must be in the table of shapes, got '{name}'. {hint}"
            raise InputError(message)
        if name not in self.shapes:
            steps = [r for r in self.rows[name] if r.text("operation") not in ("hilum", "outlet")]
            self.shapes[name] = Composite(tuple(self._steps(steps)))
        return self.shapes[name]

    def _steps(self, rows: Sequence[Row]) -> Iterable[tuple[Operation, Shape]]:
        for row in rows:
            word = row.text("operation")
            known = [operation.value for operation in Operation]
            if word not in known:
                message = f"operation must be a known one, got '{word}'. {near_name(word, known)}"
                raise row.error(message)
            yield Operation(word), self._primitive(row)

    def _primitive(self, row: Row) -> Shape:
        word = row.text("shape")
        makers: dict[str, Callable[[Row], Shape]] = {
            "ellipsoid": lambda r: Ellipsoid(_position(r), r.vector("a_mm", "b_mm", "c_mm")),
            "capsule": lambda r: Capsule(
                _position(r), _second(r), r.length("r0_mm"), r.length("r1_mm")
            ),
            "box": lambda r: Box(_position(r), r.vector("a_mm", "b_mm", "c_mm"), r.length("r0_mm")),
            "half_space": lambda r: HalfSpace(_position(r), r.direction("a_mm", "b_mm", "c_mm")),
            "layer": lambda r: Layer(self._named(r), r.length("r0_mm"), r.length("r1_mm")),
            "territory": self._named,
        }
        if word not in makers:
            message = f"shape must be a known one, got '{word}'. {near_name(word, makers)}"
            raise row.error(message)
        return makers[word](row)

    def _named(self, row: Row) -> Shape:
        name = row.text("of")
        return self.shape(mirrored_name(name) if row.is_mirrored else name)


def _position(row: Row) -> Vector:
    return row.place("x_mm", "y_mm", "z_mm")


def _second(row: Row) -> Vector:
    return row.place("a_mm", "b_mm", "c_mm")
