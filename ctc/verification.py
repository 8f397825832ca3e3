"""What ``ctc verify`` does: all checks of a run file, and a second run where that is asked for."""

from __future__ import annotations

from pathlib import Path

from ctc.pipeline import run
from ctc.proof.verify import DEFAULT_CELLS, Verification, verify_run


def verify(
    path: Path,
    *,
    cells: int | None = None,
    seed: int = 0,
    full: bool = False,
    threads: int | None = None,
) -> Verification:
    """Check whether a run file tells the truth.

    Parameters
    ----------
    path : Path
        ``RUN.vtkhdf``, finished, running or killed.
    cells : int, optional
        How many cells are followed again; some hundred when left out.
    seed : int
        Which.
    full : bool
        Whether the whole run is run again, too.
    threads : int, optional
        All cores when left out.

    Returns
    -------
    Verification
        Its ``checks`` and ``is_right``.

    Raises
    ------
    InputError
        If it is no run file.
    """
    return verify_run(
        path,
        n_cells=DEFAULT_CELLS if cells is None else cells,
        seed=seed,
        is_full=full,
        run_again=run,
        threads=threads,
    )
