"""Closed surfaces given by the user, in place of the shapes of a body plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.body.plan import BodyPlan
from ctc.body.shapes import Shape
from ctc.body.surface import Surface
from ctc.body.surface_shape import cube_root, surface_shape
from ctc.body.territory import Territory, load_territories
from ctc.checks import FloatArray
from ctc.errors import InputError, near_name
from ctc.scenario.parameters import load_parameters


@dataclass(frozen=True)
class Share:
    """The part of a shape that lies nearer to one guide than to any other.

    So one surface around both lungs, or around the whole brain, becomes the territories of their
    regions.
    """

    of: Shape
    own: Shape
    others: tuple[Shape, ...]

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return max(d, (own - nearest other) / 2) with d the distance to the shape."""
        distance = self.of.signed_distance(points)
        own = self.own.signed_distance(points)
        for other in self.others:
            np.maximum(distance, 0.5 * (own - other.signed_distance(points)), out=distance)
        return distance

    def bounds(self) -> FloatArray:
        """Return the box around the shape."""
        return self.of.bounds()


@dataclass(frozen=True)
class Shifted:
    """A shape seen from axes whose origin lies at an offset, (3,) float64 [m]."""

    of: Shape
    offset: FloatArray

    def signed_distance(self, points: FloatArray) -> FloatArray:
        """Return the distance of the points in the shape's own axes."""
        return self.of.signed_distance(points + self.offset)

    def bounds(self) -> FloatArray:
        """Return the box in the new axes."""
        return self.of.bounds() - self.offset


@dataclass(frozen=True)
class PlacedSurface:
    """A surface as territories of a body.

    Attributes
    ----------
    territories : dict of str to Territory
        By region.
    offset : (3,) float64 [m]
        By how much the surface was moved into the body.
    """

    territories: dict[str, Territory]
    offset: FloatArray

    def in_own_axes(self) -> dict[str, Territory]:
        """Return the territories where the surface stood."""
        return {
            name: Territory(name, Shifted(each.shape, self.offset), each.hilum - self.offset)
            for name, each in self.territories.items()
        }


def regions_named(plan: BodyPlan, name: str) -> tuple[str, ...]:
    """Return the regions that a name stands for.

    Parameters
    ----------
    plan : BodyPlan
        Of the body.
    name : str
        An organ (``lung``), a region (``left kidney``), or what several regions begin with
        (``left lung`` for ``left lung, upper`` and ``left lung, lower``).

    Returns
    -------
    tuple of str
        In the order of the plan.

    Raises
    ------
    InputError
        If nothing is called so; suggests the nearest name.
    """
    for organ in plan.organs:
        if organ.name == name:
            return tuple(region.name for region in organ.regions)
    regions = [region.name for region in plan.regions]
    found = tuple(r for r in regions if r == name or r.startswith(f"{name}, "))
    if not found:
        known = dict.fromkeys([*(organ.name for organ in plan.organs), *regions])
        message = f"organ must be one of this body's, got '{name}'. {near_name(name, known)}"
        raise InputError(message)
    return found


def place_surface(
    plan: BodyPlan, name: str, surface: Surface, *, hilum: FloatArray | None = None
) -> PlacedSurface:
    """Put a surface in place of an organ's shape.

    Without a hilum the surface stands in the axes of the body (x to its left, y to the back, z
    up) and overlaps the organ of the plan; its vessels enter at the plan's hilum, or at the point
    of the surface that is nearest to it. With one, the surface may stand anywhere: it is moved so
    that its hilum falls on the plan's, and its veins leave beside its arteries.

    Parameters
    ----------
    plan : BodyPlan
        Of the body.
    name : str
        See `regions_named`; several regions divide the inside between them.
    surface : Surface
        Checked.
    hilum : (3,) float64 [m], optional
        In the axes of the surface.

    Returns
    -------
    PlacedSurface
        Territories in the body.

    Raises
    ------
    InputError
        If no region has that name, the surface lies elsewhere and no hilum is given, or the hilum
        lies far outside.
    """
    regions = regions_named(plan, name)
    drawn = load_territories(plan)
    hila = np.array([drawn[region].hilum for region in regions])
    offset = np.zeros(3)
    if hilum is not None:
        if not np.isfinite(hilum).all():
            message = f"hilum must be three finite numbers, got {hilum.tolist()} m."
            raise InputError(message)
        offset = hila.sum(axis=0) / len(hila) - hilum
    shape = surface_shape(surface.moved(offset))
    reach = load_parameters("bodies/surfaces").value("hilum.farthest") * cube_root(surface.volume)
    if hilum is not None:
        _require_near(shape, hilum, offset, reach=reach)
        hila[:] = hilum + offset
    else:
        _require_overlap(shape, [drawn[region].shape for region in regions], name)
        too_far = shape.signed_distance(hila) > reach
        for index in np.flatnonzero(too_far):
            gap = shape.columns.corners.mean(axis=1) - hila[index]
            hila[index] += gap[np.argmin((gap * gap).sum(axis=1))]
    placed = {}
    for region, point in zip(regions, hila, strict=True):
        others = tuple(drawn[other].shape for other in regions if other != region)
        own: Shape = Share(shape, drawn[region].shape, others) if others else shape
        outlet = drawn[region].outlet if hilum is None else None
        if outlet is not None and shape.signed_distance(outlet[None, :])[0] > reach:
            outlet = None
        placed[region] = Territory(region, own, point, outlet)
    return PlacedSurface(placed, offset)


def _require_near(shape: Shape, hilum: FloatArray, offset: FloatArray, *, reach: float) -> None:
    outside = float(shape.signed_distance((hilum + offset)[None, :])[0])
    if outside > reach:
        x, y, z = hilum
        message = (
            f"hilum must lie inside the surface or <= {reach * 1e3:.3g} mm outside, got x, y, z = "
            f"{x:.5g}, {y:.5g}, {z:.5g} m, which is {outside * 1e3:.3g} mm outside. Move it."
        )
        raise InputError(message)


def _require_overlap(shape: Shape, drawn: list[Shape], name: str) -> None:
    low, high = shape.bounds()
    boxes = [each.bounds() for each in drawn]
    if not any((box[0] <= high).all() and (box[1] >= low).all() for box in boxes):
        middle = 0.5 * (low + high)
        message = (
            f"surface must lie where the body has its {name}, or be given with its hilum, got one "
            f"around x, y, z = {middle[0]:.4g}, {middle[1]:.4g}, {middle[2]:.4g} m. "
            "Give the hilum (--hilum x,y,z)."
        )
        raise InputError(message)
