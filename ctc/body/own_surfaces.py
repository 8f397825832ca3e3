"""The surfaces that a scenario names, as territories of its body."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ctc.body.plan import BodyPlan
from ctc.body.surface import SurfaceRepair, load_surface
from ctc.body.surface_territory import place_surface
from ctc.body.territory import Territory
from ctc.errors import InputError

_UNIT = "mm"


@dataclass(frozen=True)
class OwnSurfaces:
    """Territories made from files.

    Attributes
    ----------
    territories : dict of str to Territory
        By region.
    repairs : tuple of SurfaceRepair
        Of all surfaces.
    hashes : dict of str to str
        SHA-256 of each file by the name that it was given for: what the territories depend on
        besides the program and the body plan.
    """

    territories: dict[str, Territory]
    repairs: tuple[SurfaceRepair, ...]
    hashes: dict[str, str]


def load_own_surfaces(plan: BodyPlan, files: Mapping[str, str]) -> OwnSurfaces:
    """Read surfaces in mm that stand in the axes of the body.

    Parameters
    ----------
    plan : BodyPlan
        Of the body.
    files : mapping of str to str
        STL or OBJ file by organ or region; see `ctc.body.surface_territory.regions_named`.

    Returns
    -------
    OwnSurfaces
        Empty for no files.

    Raises
    ------
    InputError
        If a name or a file does not do, or two files are given for one region; the key is that
        of the scenario.
    """
    territories: dict[str, Territory] = {}
    repairs: list[SurfaceRepair] = []
    hashes = {}
    for name, file in sorted(files.items()):
        path = Path(file)
        try:
            surface = load_surface(path, unit=_UNIT)
            placed = place_surface(plan, name, surface).territories
            twice = sorted(placed.keys() & territories.keys())
            if twice:
                message = f"region must have one surface, got a second one for '{twice[0]}'."
                raise InputError(message + " Leave one out.")
        except InputError as error:
            raise error.at(key=f"body.surfaces.{name}") from None
        territories |= placed
        repairs += surface.repairs
        hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return OwnSurfaces(territories, tuple(repairs), hashes)
