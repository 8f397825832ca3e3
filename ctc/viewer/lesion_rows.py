"""Which row of the stored lesions says how each of them stood at a moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def newest_rows(rows: npt.NDArray[Any], now: int) -> npt.NDArray[Any]:
    """Return for each lesion founded by then its last row up to then, or its first one.

    Parameters
    ----------
    rows : (n,) structured array
        `ctc.record.layout.LESION_DTYPE`, in order of time.
    now : int [ns]
        The moment.

    Returns
    -------
    (m,) structured array
        By rising lesion.
    """
    rows = rows[rows["founded"] <= now]
    # Rows are in order of time; those after `now` only count where there is none before.
    rank = np.where(rows["time"] <= now, rows["time"], -rows["time"])
    order = np.lexsort((rank, rows["lesion"]))
    lesion = rows["lesion"][order]
    last = np.flatnonzero(np.r_[lesion[1:] != lesion[:-1], np.ones(min(lesion.size, 1), bool)])
    newest: npt.NDArray[Any] = rows[order[last]]
    return newest
