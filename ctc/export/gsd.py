"""GSD files, which OVITO and HOOMD-blue open: one frame each, types are states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.export.selection import Extract
from ctc.formats.extras import load_package
from ctc.record.layout import NANOSECONDS
from ctc.record.new_file import new_file
from ctc.record.reader import Frame
from ctc.states import CellState

# GSD knows no units and holds float32. In millimetres a body is some hundreds of units large and
# the default radius of a particle, half a unit, shows as a dot; in metres it would fill the view.
METRES_PER_UNIT = 1e-3
_DOTS_ACROSS = 400  # dots beside each other along the longest side of the box
_MARGIN = 1.02


def require_gsd() -> Any:
    """Return the package; InputError if it is not installed."""
    return load_package("gsd.hoomd", needed_by="GSD files")


def write_gsd(extract: Extract, path: Path, *, overwrite: bool) -> tuple[Path, ...]:
    """Write the frames of a run as GSD.

    Lengths are in millimetres. GSD puts its box around the origin, so positions are those of the
    run less the middle of the body, which every frame has as ``log/origin_mm``. ``typeid`` is the
    state, with its name; ``body`` the index of the organ, -1 between organs; ``diameter`` the size
    of a dot that can be seen, not that of a cell. ``log/time_seconds``, ``log/metres_per_unit``
    and, for each cell, ``log/particles/`` ``Particle Identifier``, ``segment``, ``age_seconds`` and
    ``size_class``.

    A `ctc.export.selection.Writer`.
    """
    hoomd = require_gsd()
    nodes = extract.run.network().node_position
    origin = 0.5 * (nodes.min(axis=0) + nodes.max(axis=0))
    reach = np.abs(nodes - origin).max(axis=0)
    with new_file(path, overwrite=overwrite) as partial:
        partial.touch()  # gsd would make a file that others may not read
        with hoomd.open(str(partial), "w") as file:
            for number, frame in extract.frames():
                file.append(_snapshot(hoomd, frame, number=number, origin=origin, reach=reach))
    return (path,)


def _snapshot(
    hoomd: Any,
    frame: Frame,
    *,
    number: int,
    origin: npt.NDArray[np.float64],
    reach: npt.NDArray[np.float64],
) -> Any:
    position = (frame.position - origin) / METRES_PER_UNIT
    # Cells in tissue may lie outside the vessels.
    half = np.maximum(reach / METRES_PER_UNIT, np.abs(position).max(axis=0, initial=0.0))
    half = np.maximum(_MARGIN * half, 0.01 * max(half.max(), 1e-6))
    n_cells = frame.id.size
    snapshot = hoomd.Frame()
    snapshot.configuration.step = number
    snapshot.configuration.dimensions = 3
    snapshot.configuration.box = [*(2.0 * half), 0.0, 0.0, 0.0]
    particles = snapshot.particles
    particles.N = n_cells
    particles.types = [state.name.lower() for state in CellState]
    particles.typeid = frame.state.astype(np.uint32)
    particles.position = position.astype(np.float32)
    particles.body = frame.organ.astype(np.int32)
    dot = 2.0 * float(half.max()) / _DOTS_ACROSS
    particles.diameter = np.full(n_cells, dot, dtype=np.float32)
    snapshot.log = {
        "time_seconds": np.array([frame.time / NANOSECONDS]),
        "metres_per_unit": np.array([METRES_PER_UNIT]),
        "origin_mm": origin / METRES_PER_UNIT,
        # OVITO's own name for it, so that it follows cells from frame to frame.
        "particles/Particle Identifier": frame.id.astype(np.int64),
        "particles/segment": frame.segment,
        "particles/age_seconds": frame.age,
        "particles/size_class": frame.size_class,
    }
    return snapshot
