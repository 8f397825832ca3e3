"""Where a cell was, frame by frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.viewer.drawables import FloatArray32
from ctc.viewer.frame_store import FrameStore
from ctc.viewer.timeline import Timeline

# Of the frames that are looked through, so that it does not take long.
_MOST_CELLS = 10_000_000


def trail_of(
    store: FrameStore,
    cell: int,
    index: int,
    *,
    times: npt.NDArray[np.int64],
    n_cells: int,
    timeline: Timeline,
) -> FloatArray32:
    """Return the places of a cell in the frames of one window up to a frame.

    Between windows nobody knows where it was, and of very large frames only the last ones are
    looked at, so that a trail takes no more than a moment.

    Parameters
    ----------
    store : FrameStore
        Of the run.
    cell : int
        Its identity.
    index : int
        Of the last frame, 0 .. n_frames-1.
    times : (n_frames,) int64 [ns]
        Of the frames.
    n_cells : int
        In that frame.
    timeline : Timeline
        With the windows of the run.

    Returns
    -------
    (k, 3) float32 [m]
        The latest place last; empty where the cell is not in that frame.
    """
    n_most = max(_MOST_CELLS // max(n_cells, 1), 2)
    span = timeline.span_at(int(times[index]))
    first = max(index if span is None else span.first, index - n_most + 1)
    points = []
    for each in range(index, first - 1, -1):
        place = store.place_of(each, cell)
        if place is None:
            break  # not shed yet
        points.append(place)
    trail: FloatArray32 = np.array(points[::-1], dtype=np.float32).reshape(-1, 3)
    return trail
