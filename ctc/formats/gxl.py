"""Trees of VascuSynth and OpenCCO: graphs in GXL, from either as ``.xml`` or ``.gxl``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ctc.errors import InputError
from ctc.formats.assembly import assemble
from ctc.formats.length_unit import MILLIMETRE, LengthUnit
from ctc.formats.plain_xml import parse_plainly
from ctc.formats.source_graph import ReadOptions, SourceGraph
from ctc.input_files import read_text
from ctc.vessels.network import VesselNetwork

_NUMBERS = ("float", "int", "double")
_ROOT_ELEMENT = "gxl"


def read_gxl(path: Path, options: ReadOptions) -> VesselNetwork:
    """Read a tree in GXL: nodes with a position of two or three numbers, edges with a radius.

    Names may have blanks around them (`` radius``), as both programs write them. VascuSynth
    counts in voxels: give their size as unit.

    Raises
    ------
    InputError
        If the file is no GXL or cut short, declares entities, a node lacks its position or
        comes twice, an edge lacks its radius or ends at no node, or as
        `ctc.formats.assembly.assemble`; names the line.
    """
    unit = options.unit or MILLIMETRE
    reader = _Reader(options.radius_name or "radius", unit)
    parse_plainly(
        read_text(path), path, start=reader.start, end=reader.end, data=reader.texts.append
    )
    index = {name: i for i, name in enumerate(reader.nodes)}
    edges = reader.edges
    for edge in edges:
        for end in (edge.start, edge.end):
            if end not in index:
                message = f"edge must join nodes of the file, got '{end}' at edge '{edge.name}'. "
                raise InputError(message + "Add the node or drop the edge.", file=str(path))
    ends = np.array([(index[e.start], index[e.end]) for e in edges], dtype=np.int64)
    ends = ends.reshape(-1, 2)
    names = list(reader.nodes)
    into = np.bincount(ends[:, 1], minlength=len(names))
    graph = SourceGraph(
        path=path,
        format_name="GXL",
        node_position=np.array(list(reader.nodes.values())).reshape(-1, 3),
        start_node=ends[:, 0],
        end_node=ends[:, 1],
        lumen_radius=np.array([edge.radius for edge in edges]),
        length=None,
        is_rooted=bool((into <= 1).all()),
        unit=unit,
        name_node=lambda i: f"node '{names[i]}'",
        name_segment=lambda i: f"edge '{edges[i].name}'",
    )
    return assemble(graph, options)


@dataclass
class _Edge:
    name: str
    start: str
    end: str
    radius: float = math.nan


@dataclass
class _Reader:
    """Takes up tags as they come; knows no more than the node or edge that it is in."""

    radius_name: str
    unit: LengthUnit
    nodes: dict[str, tuple[float, ...]] = field(default_factory=dict)
    edges: list[_Edge] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _is_begun: bool = False
    _node: str | None = None
    _edge: _Edge | None = None
    _attribute: str = ""
    _numbers: list[float] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._is_begun and tag != _ROOT_ELEMENT:
            message = f"file must be GXL, which begins with <{_ROOT_ELEMENT}>, got <{tag[:30]}>. "
            raise InputError(message + "Check the format.")
        self._is_begun = True
        self.texts.clear()
        if tag == "node":
            self._node = self._required(attributes, "id", tag)
            if self._node in self.nodes:
                message = f"node must be unique, got '{self._node}' twice. Drop one."
                raise InputError(message)
        elif tag == "edge":
            start, end = (self._required(attributes, name, tag) for name in ("from", "to"))
            self._edge = _Edge(attributes.get("id", f"{len(self.edges)}").strip(), start, end)
        elif tag == "attr":
            self._attribute = self._required(attributes, "name", tag)
            self._numbers = []

    def end(self, tag: str) -> None:
        if tag in _NUMBERS and self._attribute in ("position", self.radius_name):
            text = "".join(self.texts)
            value = self.unit.read_text(text)
            if math.isnan(value):
                message = f"{self._attribute} must be a finite number, got '{text.strip()[:30]}'. "
                raise InputError(message + "Correct it.")
            self._numbers.append(value)
        elif tag == "attr":
            self._take()
            self._attribute = ""
        elif tag == "node" and self._node is not None:
            if self._node not in self.nodes:
                message = f"node must have a position, got none at node '{self._node}'. "
                raise InputError(message + "The file may be cut short.")
            self._node = None
        elif tag == "edge" and self._edge is not None:
            if math.isnan(self._edge.radius):
                message = f"edge must have a '{self.radius_name}', got none at edge "
                message += f"'{self._edge.name}'. Name it with --radius-name."
                raise InputError(message)
            self.edges.append(self._edge)
            self._edge = None

    def _take(self) -> None:
        """Keep what an attribute said of the node or edge that it stands in."""
        if self._node is not None and self._attribute == "position":
            if len(self._numbers) not in (2, 3):
                message = f"position must be 2 or 3 numbers, got {len(self._numbers)} at node "
                message += f"'{self._node}'. Correct it."
                raise InputError(message)
            self.nodes[self._node] = (*self._numbers, 0.0)[:3]
        elif self._edge is not None and self._attribute == self.radius_name:
            if len(self._numbers) != 1:
                message = f"radius must be one number, got {len(self._numbers)} at edge "
                message += f"'{self._edge.name}'. Correct it."
                raise InputError(message)
            self._edge.radius = self._numbers[0]

    @staticmethod
    def _required(attributes: dict[str, str], name: str, tag: str) -> str:
        if not attributes.get(name, "").strip():
            message = f"<{tag}> must have '{name}', got none. The file may be damaged."
            raise InputError(message)
        return attributes[name].strip()
