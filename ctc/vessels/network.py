"""VesselNetwork: the segments of a whole body as read-only arrays, with topology checks."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import (
    FloatArray,
    IntArray,
    require_index,
    require_positive,
    require_shape,
)
from ctc.errors import InputError, near_name

NO_ORGAN = -1
NO_NAME = -1


class SegmentKind(enum.IntEnum):
    """What a segment is; the numbers are stored in files."""

    ARTERY = 0
    ARTERIOLE = 1
    CAPILLARY_BED = 2
    VENULE = 3
    VEIN = 4
    HEART_CHAMBER = 5
    LYMPHATIC = 6
    LYMPH_NODE = 7


@dataclass(frozen=True)
class Repair:
    """A named change made to imported data, kept with the network.

    Attributes
    ----------
    rule : str
        Name of the rule, such as ``outlier_radius``.
    count : int
        How many items it changed.
    detail : str
        What was done, in one sentence with numbers.
    """

    rule: str
    count: int
    detail: str


@dataclass(frozen=True)
class VesselNetwork:
    """Directed segments between nodes in space: the vessels of a body.

    Attributes
    ----------
    node_position : (n_nodes, 3) float64 [m]
        x to the body's left, y to the back, z up.
    start_node, end_node : (n_segments,) int32
        The two ends; blood flows from start to end once a flow has been solved.
    lumen_radius : (n_segments,) float64 [m]
        Of the tube; for a capillary bed the bore radius of one capillary; > 0.
    length : (n_segments,) float64 [m]
        Of the tube; for a capillary bed the path length of one capillary; > 0.
    volume : (n_segments,) float64 [m^3]
        Blood held: pi R^2 L for a tube, the whole bundle for a bed; > 0.
    resistance_factor : (n_segments,) float64
        Resistance over that of the geometry alone (1 for a plain tube): what unresolved
        pre-capillary vessels add; set when organ flows are tuned; > 0.
    kind : (n_segments,) uint8
        A `SegmentKind`.
    organ : (n_segments,) int16
        Index into `organ_names`, or -1 for vessels between organs.
    region : (n_segments,) int16
        Index into `region_names`: the tree pair that the segment belongs to (``left kidney``,
        ``muscle, upper body``), or -1.
    name : (n_segments,) int16
        Index into `vessel_names` for named vessels, or -1.
    organ_names, region_names, vessel_names : tuple of str
        What the indices mean.
    origin : str
        How the network came to be, for provenance (generator and its parameters, or files).
    repairs : tuple of Repair
        What was changed in imported data.
    """

    node_position: FloatArray
    start_node: IntArray
    end_node: IntArray
    lumen_radius: FloatArray
    length: FloatArray
    volume: FloatArray
    resistance_factor: FloatArray
    kind: npt.NDArray[np.uint8]
    organ: npt.NDArray[np.int16]
    region: npt.NDArray[np.int16]
    name: npt.NDArray[np.int16]
    organ_names: tuple[str, ...]
    region_names: tuple[str, ...]
    vessel_names: tuple[str, ...]
    origin: str
    repairs: tuple[Repair, ...] = ()

    def __post_init__(self) -> None:
        for field_name, dtype in ARRAY_FIELDS.items():
            array = np.ascontiguousarray(getattr(self, field_name), dtype=dtype)
            _require_kept(field_name, getattr(self, field_name), array)
            if array is getattr(self, field_name) and array.flags.writeable:
                array = array.copy()
            array.flags.writeable = False
            object.__setattr__(self, field_name, array)
        require_shape("node_position", self.node_position, (None, 3))
        n_segments = self.start_node.size
        for field_name in ARRAY_FIELDS:
            if field_name != "node_position":
                require_shape(field_name, getattr(self, field_name), (n_segments,))
        if not np.isfinite(self.node_position).all():
            message = "node_position must be finite"
            raise InputError(message)
        require_index("start_node", self.start_node, self.n_nodes, item="segment")
        require_index("end_node", self.end_node, self.n_nodes, item="segment")
        for field_name, unit in (("lumen_radius", "m"), ("length", "m"), ("volume", "m^3")):
            require_positive(field_name, getattr(self, field_name), unit=unit, item="segment")
        require_positive("resistance_factor", self.resistance_factor, item="segment")
        for field_name, names in (
            ("organ", self.organ_names),
            ("region", self.region_names),
            ("name", self.vessel_names),
        ):
            require_index(field_name, getattr(self, field_name) + 1, len(names) + 1, item="segment")
        if (self.start_node == self.end_node).any():
            index = int(np.flatnonzero(self.start_node == self.end_node)[0])
            message = f"segment must join two nodes, got one node twice at segment {index}"
            raise InputError(message)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.node_position.shape[0])

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.start_node.size)

    def is_kind(self, *kinds: SegmentKind) -> npt.NDArray[np.bool_]:
        """Return (n_segments,) bool, true where the segment is one of these kinds."""
        return np.isin(self.kind, [int(k) for k in kinds])

    def organ_index(self, organ: str) -> int:
        """Return the index of an organ's name; InputError with the near name if unknown."""
        return _index("organ", organ, self.organ_names)

    def vessel_index(self, vessel: str) -> int:
        """Return the index of a vessel's name; InputError with the near name if unknown."""
        return _index("vessel", vessel, self.vessel_names)

    def fullest_segments(self, flow_rate: FloatArray) -> IntArray:
        """Return the segment of each named vessel in which most blood flows.

        Parameters
        ----------
        flow_rate : (n_segments,) float64 [m^3/s]
            Of the first of equal ones.

        Returns
        -------
        (n_vessels,) int32
            -1 for a name without a segment.
        """
        named = np.flatnonzero(self.name >= 0)
        order = named[np.lexsort((named, -flow_rate[named], self.name[named]))]
        vessels, first = np.unique(self.name[order], return_index=True)
        fullest = np.full(len(self.vessel_names), -1, dtype=np.int32)
        fullest[vessels] = order[first]
        return fullest

    def replace(self, **changes: Any) -> VesselNetwork:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def hash(self) -> str:
        """Return the SHA-256 of all arrays and names, in hexadecimal."""
        digest = hashlib.sha256()
        for field_name, dtype in ARRAY_FIELDS.items():
            digest.update(field_name.encode())
            little = np.ascontiguousarray(
                getattr(self, field_name), dtype=np.dtype(dtype).newbyteorder("<")
            )
            digest.update(little.tobytes())
        for names in (self.organ_names, self.region_names, self.vessel_names):
            digest.update("\0".join(names).encode() + b"\1")
        return digest.hexdigest()


# The arrays of a network in the order of its hash, with the dtype that each is held in.
ARRAY_FIELDS: dict[str, Any] = {
    "node_position": np.float64,
    "start_node": np.int32,
    "end_node": np.int32,
    "lumen_radius": np.float64,
    "length": np.float64,
    "volume": np.float64,
    "resistance_factor": np.float64,
    "kind": np.uint8,
    "organ": np.int16,
    "region": np.int16,
    "name": np.int16,
}


def _require_kept(name: str, given: object, stored: npt.NDArray[Any]) -> None:
    """Raise InputError if an index does not fit the integers that it is stored in.

    Cut to fewer bits it could be another valid index.
    """
    wide = np.asarray(given)
    if wide.dtype.kind not in "iu" or wide.dtype == stored.dtype or not wide.size:
        return
    most = np.iinfo(stored.dtype).max
    lowest, highest = int(wide.min()), int(wide.max())
    if lowest < np.iinfo(stored.dtype).min or highest > most:
        index = int(wide.argmax() if highest > most else wide.argmin())
        message = f"{name} must be at most {most}, got {wide.flat[index]} at segment {index}"
        raise InputError(message)


def tube_volume(lumen_radius: FloatArray, length: FloatArray) -> FloatArray:
    """Return pi R^2 L, (n,) float64 [m^3], of round tubes (R and L in m)."""
    volume: FloatArray = np.pi * np.square(lumen_radius) * length
    return volume


def _index(what: str, name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        message = f"{what} must be one of this body's, got '{name}'. {near_name(name, names)}"
        raise InputError(message)
    return names.index(name)
