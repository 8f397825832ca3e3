"""The small print of a picture: what of the run it does not show as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NO_FOUNDER
from ctc.viewer.drawables import CellCloud
from ctc.viewer.lesion_bodies import SMALLEST_RADIUS


def picture_note(
    lesions: npt.NDArray[Any],
    body_size: float,
    *,
    has_rings: bool,
    n_frames: int,
    n_tracked: int,
    cloud: CellCloud | None,
) -> str:
    """Return the note below a picture.

    Parameters
    ----------
    lesions : (n,) structured array
        One row a lesion, as at the moment shown.
    body_size : float
        Of the body over a person's.
    has_rings : bool
        Whether examinations have shown something.
    n_frames : int
        Frames of the run.
    n_tracked : int
        Cells tracked in the frame shown.
    cloud : CellCloud or None
        Those of them that are shown.
    """
    if not n_frames:
        return "No frames are stored: add a [[record.window]] to the scenario to see cells."
    parts = []
    if cloud is not None:
        parts.append(f"{cloud.identity.size:,} of {n_tracked:,} tracked cells shown")
    if (lesions["cell"] != np.uint64(NO_FOUNDER)).any():
        width = 2e3 * SMALLEST_RADIUS * body_size
        parts.append(f"lesions under {width:.1g} mm are drawn that wide")
    if has_rings:
        parts.append("in a ring: found by an examination")
    return "; ".join(parts)
