"""What a canvas can draw, and how it is looked at: plain arrays; reads and draws nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

FloatArray32 = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]
IntArray32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class CellCloud:
    """Cells of one frame, 13 bytes each on the way to the screen.

    Attributes
    ----------
    position : (n, 3) float32 [m]
        Centres.
    code : (n,) uint8
        Row of the palette.
    palette : (k, 4) uint8
        Red, green, blue, opacity; k <= 256.
    identity : (n,) uint64
        Of each cell, for picking.
    body_size : float
        Of the body over a person's; cells are drawn as much smaller.
    """

    position: FloatArray32
    code: ByteArray
    palette: ByteArray
    identity: npt.NDArray[np.uint64]
    body_size: float = 1.0


@dataclass(frozen=True)
class LesionBodies:
    """Lesions as spheres.

    Attributes
    ----------
    position : (m, 3) float32 [m]
        Centres.
    radius : (m,) float32 [m]
        As drawn, > 0.
    colour : (m, 4) uint8
        Red, green, blue, opacity.
    identity : (m,) uint32
        Of each lesion.
    is_ringed : (m,) bool or None
        Which have a ring around them; none by default.
    """

    position: FloatArray32
    radius: FloatArray32
    colour: ByteArray
    identity: npt.NDArray[np.uint32]
    is_ringed: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class OrganShell:
    """The surface of an organ.

    Attributes
    ----------
    name : str
        Of the organ.
    vertices : (v, 3) float32 [m]
        Corners.
    triangles : (t, 3) int32
        Indices of corners, seen from outside counter-clockwise.
    colour : (4,) uint8
        Red, green, blue, opacity.
    """

    name: str
    vertices: FloatArray32
    triangles: IntArray32
    colour: ByteArray


@dataclass(frozen=True)
class VesselTubes:
    """Vessels as straight pieces.

    Attributes
    ----------
    start, end : (n, 3) float32 [m]
        The two ends.
    radius : (n,) float32 [m]
        Of the lumen.
    colour : (n, 4) uint8
        Red, green, blue, opacity.
    segment : (n,) int32
        Index in the network, for picking.
    """

    start: FloatArray32
    end: FloatArray32
    radius: FloatArray32
    colour: ByteArray
    segment: IntArray32


class Thing(StrEnum):
    """What can be pointed at."""

    CELL = "cell"
    LESION = "lesion"
    VESSEL = "vessel"
    ORGAN = "organ"


@dataclass(frozen=True)
class Picked:
    """What lies under the pointer.

    Attributes
    ----------
    thing : Thing
        Its kind.
    identity : int
        Of the cell or lesion, index of the segment, or of the shell in the order given.
    """

    thing: Thing
    identity: int


@dataclass(frozen=True)
class ClipPlane:
    """Hides what lies on the side that the normal points to.

    Attributes
    ----------
    point : tuple of 3 float [m]
        On the plane.
    normal : tuple of 3 float
        Not zero.
    """

    point: tuple[float, float, float]
    normal: tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """Where the eye is.

    Attributes
    ----------
    centre : tuple of 3 float [m]
        What it looks at.
    azimuth, elevation : float [degrees]
        0, 0 looks at the front of the body (along +y, z up); azimuth 90 at its left side.
    height : float [m]
        Of what is seen at the centre, > 0.
    """

    centre: tuple[float, float, float]
    azimuth: float = 0.0
    elevation: float = 0.0
    height: float = 1.9


@dataclass(frozen=True)
class Caption:
    """What is written over the picture.

    Attributes
    ----------
    title, time, note : str
        Top left; below it; bottom left (such as how many cells are shown).
    legend : tuple of (str, (4,) uint8 as tuple)
        Names and colours.
    """

    title: str = ""
    time: str = ""
    note: str = ""
    legend: tuple[tuple[str, tuple[int, int, int, int]], ...] = field(default=())
