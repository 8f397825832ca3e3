"""SourceGraph: what a file of another program says of its vessels, in SI, before any check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.formats.length_unit import LengthUnit
from ctc.vessels.network import Repair, SegmentKind

NodeIndex = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReadOptions:
    """How a file of another program is read.

    Attributes
    ----------
    unit : LengthUnit or None
        Of its lengths; None for the convention of its format.
    kind : SegmentKind or None
        Of every vessel where the file does not say: an artery, arteriole, venule, vein or
        lymphatic; None for arteries.
    radius_name : str or None
        Name of the array or attribute that holds the radius, where it is an unusual one.
    repair : bool
        Mend by named rules, recorded in the network; else refuse.
    """

    unit: LengthUnit | None = None
    kind: SegmentKind | None = None
    radius_name: str | None = None
    repair: bool = True


@dataclass(frozen=True)
class SourceGraph:
    """Nodes and straight segments as a file has them.

    Attributes
    ----------
    path : Path
        Of the file, for messages.
    format_name : str
        For the origin of the network.
    node_position : (n_nodes, 3) float64 [m]
        May hold NaN.
    start_node, end_node : (n_segments,) int64
        Indices in range.
    lumen_radius : (n_segments,) float64 [m]
        May hold NaN and what is not > 0.
    length : (n_segments,) float64 [m] or None
        Where the file gives it apart from the distance of the ends.
    is_rooted : bool
        Whether every segment points away from the root of its tree.
    kind : (n_segments,) uint8 or None
        Where the file says it.
    name_node, name_segment : callable of int to str
        What a node or segment is called in the file, or its line.
    unit : LengthUnit
        That the lengths were read in.
    repairs : tuple of Repair
        What the reader itself changed.
    """

    path: Path
    format_name: str
    node_position: FloatArray
    start_node: NodeIndex
    end_node: NodeIndex
    lumen_radius: FloatArray
    length: FloatArray | None
    is_rooted: bool
    unit: LengthUnit
    name_node: Callable[[int], str] = field(default=lambda i: f"node {i}")
    name_segment: Callable[[int], str] = field(default=lambda i: f"segment {i}")
    kind: npt.NDArray[np.uint8] | None = None
    repairs: tuple[Repair, ...] = ()

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.node_position.shape[0])

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return int(self.start_node.size)

    def distance(self) -> FloatArray:
        """Return (n_segments,) float64 [m], how far apart the ends of each segment are."""
        ends = self.node_position[self.end_node] - self.node_position[self.start_node]
        x, y, z = ends[:, 0], ends[:, 1], ends[:, 2]
        apart: FloatArray = np.sqrt(x * x + y * y + z * z)
        return apart
