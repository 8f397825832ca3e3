"""From which organ's cells how many attach beside which organ: the organ-to-organ matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.ranks import rank_correlation
from ctc.checks import FloatArray, IntArray
from ctc.errors import InputError
from ctc.record.reader import Run
from ctc.states import EventKind


@dataclass(frozen=True)
class OrganMatrix:
    """Cells by the organ that shed them and the organ beside which they attached.

    Attributes
    ----------
    origins, destinations : tuple of str
        Organs of the rows and of the columns.
    cells : (n_origins, n_destinations) float64
        Cells of the origin that attached beside the destination, counted or expected. A cell
        beside two organs counts for both, one beside none for none.
    """

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    cells: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Return the cells of each row as shares of their sum; a row of zeros stays one."""
        total = self.cells.sum(axis=1, keepdims=True)
        shares: FloatArray = np.divide(
            self.cells, total, out=np.zeros_like(self.cells), where=total > 0
        )
        return shares

    def merged(self, name_of: Callable[[str], str]) -> OrganMatrix:
        """Return the matrix of organs with the same new name added up, as of the two lungs."""
        origins, rows = _renamed(self.origins, name_of)
        destinations, columns = _renamed(self.destinations, name_of)
        cells = np.zeros((len(origins), len(destinations)))
        np.add.at(cells, (rows[:, np.newaxis], columns[np.newaxis, :]), self.cells)
        return OrganMatrix(origins, destinations, cells)

    def arranged(self, origins: Sequence[str], destinations: Sequence[str]) -> OrganMatrix:
        """Return the matrix with these rows and columns, in this order.

        Raises
        ------
        InputError
            If it lacks one of them.
        """
        for what, wanted, found in (
            ("origin", origins, self.origins),
            ("destination", destinations, self.destinations),
        ):
            missing = [name for name in wanted if name not in found]
            if missing:
                message = f"{what} must be one of {', '.join(found)}; got '{missing[0]}'."
                raise InputError(message)
        rows = [self.origins.index(name) for name in origins]
        columns = [self.destinations.index(name) for name in destinations]
        return OrganMatrix(tuple(origins), tuple(destinations), self.cells[np.ix_(rows, columns)])


def attachments_by_segment(run: Run) -> npt.NDArray[np.int64]:
    """Count where the cells of each source attached.

    Parameters
    ----------
    run : Run
        Whose scenario lets cells attach and stores their fates.

    Returns
    -------
    (n_sources, n_segments) int64
        Cells of the source that attached in the segment.
    """
    events = run.events()
    attached = events[events["kind"] == EventKind.ATTACHED]
    n_sources, n_segments = len(source_organs(run)), run.network().n_segments
    place = attached["clone"].astype(np.int64) * n_segments + attached["segment"]
    return np.bincount(place, minlength=n_sources * n_segments).reshape(n_sources, n_segments)


def source_organs(run: Run) -> tuple[str, ...]:
    """Return the organ of each source of a run, in order; empty for a source in a vessel."""
    sources: list[dict[str, Any]] = run.scenario()["source"]
    return tuple(source["organ"] for source in sources)


def organ_matrix(
    cells: npt.ArrayLike,
    end_node: IntArray,
    *,
    origins: Sequence[str],
    near_organs: Mapping[str, IntArray],
) -> OrganMatrix:
    """Sum cells by segment over the segments that end beside each organ.

    Parameters
    ----------
    cells : (n_origins, n_segments) array
        Cells of each origin that attached in each segment, counted or expected.
    end_node : (n_segments,) int32
        Node where a segment ends.
    origins : sequence of str
        Organs of the rows.
    near_organs : mapping of str to (n,) int32
        Nodes beside each organ; its names become the destinations.

    Returns
    -------
    OrganMatrix
        Destinations in the order of the mapping.
    """
    by_segment = np.asarray(cells, dtype=np.float64)
    columns = [
        by_segment[:, np.isin(end_node, nodes)].sum(axis=1) for nodes in near_organs.values()
    ]
    return OrganMatrix(tuple(origins), tuple(near_organs), np.column_stack(columns))


def rank_correlations(found: OrganMatrix, wanted: OrganMatrix) -> FloatArray:
    """Return Spearman's rank correlation of each row with the same row of another matrix.

    Parameters
    ----------
    found, wanted : OrganMatrix
        Of the same origins and destinations in the same order; at least three destinations.

    Returns
    -------
    (n_origins,) float64
        Blind to anything but the order of the destinations.
    """
    pairs = zip(found.shares, wanted.shares, strict=True)
    return np.array([rank_correlation(mine, theirs) for mine, theirs in pairs])


def total_variations(found: OrganMatrix, wanted: OrganMatrix) -> FloatArray:
    """Return the share of each row that lies with another destination than in another matrix.

    Half the sum of absolute differences of the shares, (n_origins,) float64, 0 to 1.
    """
    distance: FloatArray = 0.5 * np.abs(found.shares - wanted.shares).sum(axis=1)
    return distance


def _renamed(
    names: tuple[str, ...], name_of: Callable[[str], str]
) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    new = [name_of(name) for name in names]
    unique = tuple(dict.fromkeys(new))
    return unique, np.array([unique.index(name) for name in new], dtype=np.intp)
