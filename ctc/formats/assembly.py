"""From what a file of another program says to a VesselNetwork: checked, mended, directed."""

from __future__ import annotations

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.formats.mending import mend
from ctc.formats.rooting import direct
from ctc.formats.source_graph import ReadOptions, SourceGraph
from ctc.vessels.network import NO_NAME, NO_ORGAN, SegmentKind, VesselNetwork, tube_volume

PLAIN_KINDS = (
    SegmentKind.ARTERY,
    SegmentKind.ARTERIOLE,
    SegmentKind.VENULE,
    SegmentKind.VEIN,
    SegmentKind.LYMPHATIC,
)
# No network of vessels has a median calibre outside: a capillary is 5 um wide, an aorta 25 mm.
_LEAST_DIAMETER, _MOST_DIAMETER = 1e-6, 50e-3
# No body is longer; lengths of segments would run over at 1e154 m.
MOST_EXTENT = 100.0
MOST_NODES = 2**31 - 1


def assemble(graph: SourceGraph, options: ReadOptions) -> VesselNetwork:
    """Make a network of plain vessels: no beds, no heart, no organs, one region for all.

    Parameters
    ----------
    graph : SourceGraph
        As read.
    options : ReadOptions
        Kind of the vessels, and whether repairs are allowed.

    Returns
    -------
    VesselNetwork
        Its free ends are nodes of one segment; the region bears the name of the file, so that
        measures of branching apply to it.

    Raises
    ------
    InputError
        If it holds no segment, a coordinate, radius or length is not finite, the median calibre
        is none of a vessel, or repairs are needed and not allowed.
    """
    file = str(graph.path)
    if graph.n_segments == 0:
        message = "file must hold segments, got none. Check that it is a network of lines."
        raise InputError(message, file=file)
    if graph.n_nodes > MOST_NODES:
        message = f"file must hold at most {MOST_NODES} nodes, got {graph.n_nodes}. Split it."
        raise InputError(message, file=file)
    _require_finite(graph)
    _require_calibre(graph)
    _require_extent(graph)
    graph = mend(graph, repair=options.repair)
    kind = graph.kind
    if kind is None:
        chosen = SegmentKind.ARTERY if options.kind is None else options.kind
        kind = np.full(graph.n_segments, int(chosen), dtype=np.uint8)
    graph = direct(graph, kind)
    length = graph.distance() if graph.length is None else graph.length
    n = graph.n_segments
    return VesselNetwork(
        node_position=graph.node_position,
        start_node=graph.start_node.astype(np.int32),
        end_node=graph.end_node.astype(np.int32),
        lumen_radius=graph.lumen_radius,
        length=length,
        volume=tube_volume(graph.lumen_radius, length),
        resistance_factor=np.ones(n),
        kind=kind,
        organ=np.full(n, NO_ORGAN, dtype=np.int16),
        region=np.zeros(n, dtype=np.int16),
        name=np.full(n, NO_NAME, dtype=np.int16),
        organ_names=(),
        region_names=(graph.path.stem,),
        vessel_names=(),
        origin=f"{graph.format_name} file {graph.path.name}, lengths in {graph.unit.name}",
        repairs=graph.repairs,
    )


def _require_finite(graph: SourceGraph) -> None:
    file = str(graph.path)
    position_is_bad = ~np.isfinite(graph.node_position).all(axis=1)
    if position_is_bad.any():
        node = int(np.flatnonzero(position_is_bad)[0])
        x, y, z = graph.node_position[node]
        message = f"coordinates must be finite, got ({x:g}, {y:g}, {z:g}) at "
        message += f"{graph.name_node(node)} ({int(position_is_bad.sum())} of {graph.n_nodes} "
        raise InputError(message + "nodes). Correct the file.", file=file)
    lengths: tuple[tuple[str, FloatArray | None], ...] = (
        ("radius", graph.lumen_radius),
        ("length", graph.length),
    )
    for name, values in lengths:
        if values is None:
            continue
        is_bad = ~np.isfinite(values)
        if is_bad.any():
            segment = int(np.flatnonzero(is_bad)[0])
            message = f"{name} must be a finite number, got {values[segment]:g} at "
            message += f"{graph.name_segment(segment)} ({int(is_bad.sum())} of {values.size} "
            raise InputError(message + "segments). Correct the file.", file=file)


def _require_calibre(graph: SourceGraph) -> None:
    """Refuse a median diameter that shows lengths in another unit than was thought."""
    wide = graph.lumen_radius[graph.lumen_radius > 0]
    if wide.size == 0:
        return  # `mend` says that no radius is > 0
    diameter = 2.0 * float(np.median(wide))
    if _LEAST_DIAMETER <= diameter <= _MOST_DIAMETER:
        return
    message = (
        f"median diameter must be in 1 um .. 50 mm, got {diameter * 1e3:.4g} mm with lengths in "
        f"{graph.unit.name}. Name the file's unit with --unit."
    )
    raise InputError(message, file=str(graph.path))


def _require_extent(graph: SourceGraph) -> None:
    """Refuse coordinates that no body has."""
    far = np.abs(graph.node_position).max(axis=1, initial=0.0) > MOST_EXTENT
    if far.any():
        node = int(np.flatnonzero(far)[0])
        x, y, z = graph.node_position[node]
        message = f"coordinates must lie within {MOST_EXTENT:g} m of 0, got ({x:g}, {y:g}, {z:g})"
        message += f" m at {graph.name_node(node)} ({int(far.sum())} of {graph.n_nodes} nodes) "
        message += f"with lengths in {graph.unit.name}. Name the file's unit with --unit."
        raise InputError(message, file=str(graph.path))
