"""Where a cell was, frame by frame."""

from __future__ import annotations

import numpy as np

from ctc.viewer.drawables import FloatArray32
from ctc.viewer.frame_store import FrameStore, frame_bytes
from ctc.viewer.stories import row_of
from ctc.viewer.timeline import Timeline

# Of the frames that are looked through, so that it does not take long.
_MOST_BYTES = 400_000_000


def trail_of(store: FrameStore, cell: int, index: int, *, timeline: Timeline) -> FloatArray32:
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
    timeline : Timeline
        With the windows of the run.

    Returns
    -------
    (k, 3) float32 [m]
        The latest place last; empty where the cell is not in that frame.
    """
    frame = store.peek(index)
    n_most = max(_MOST_BYTES // max(frame_bytes(frame), 1), 2)
    span = timeline.span_at(frame.time)
    first = max(index if span is None else span.first, index - n_most + 1)
    points = []
    for each in range(index, first - 1, -1):
        seen = store.peek(each)
        row = row_of(seen, cell)
        if row < 0:
            break  # not shed yet
        points.append(seen.position[row])
    trail: FloatArray32 = np.array(points[::-1], dtype=np.float32).reshape(-1, 3)
    return trail
