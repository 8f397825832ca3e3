"""Which cells are shown: by state, organ, route and clone."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError, near_name
from ctc.record.layout import NO_SEGMENT
from ctc.record.reader import Frame
from ctc.states import CellState
from ctc.vessels.blood import Blood, classify_blood
from ctc.vessels.network import SegmentKind, VesselNetwork

# Colonies are shown as lesions; the dead and those that left are no longer there.
LIVING = frozenset(
    {CellState.CIRCULATING, CellState.ARRESTED, CellState.EXTRAVASATED, CellState.DORMANT}
)
BETWEEN_ORGANS = "between organs"
NO_CLONE = 2**16 - 1


class CellRoute(StrEnum):
    """Where the blood around a cell goes, or comes from."""

    ARTERIAL = "arterial"
    CAVAL = "caval"
    PORTAL = "portal"
    PULMONARY = "pulmonary"
    LYMPH = "lymph"


_ROUTES = tuple(CellRoute)
_ROUTE_OF_BLOOD = {
    Blood.ARTERIAL: CellRoute.ARTERIAL,
    Blood.VENOUS: CellRoute.CAVAL,
    Blood.PORTAL: CellRoute.PORTAL,
    Blood.LYMPH: CellRoute.LYMPH,
    Blood.PULMONARY_ARTERY: CellRoute.PULMONARY,
    Blood.PULMONARY_VEIN: CellRoute.PULMONARY,
}


@dataclass(frozen=True)
class CellFilter:
    """Cells to show; all that every field admits.

    Attributes
    ----------
    states : frozenset of CellState
        Shown ones.
    organs : frozenset of str, optional
        Shown ones, `BETWEEN_ORGANS` for cells outside; all by default.
    routes : frozenset of CellRoute, optional
        Shown ones; all by default. A cell in a capillary bed counts to the vein behind it.
    clones : frozenset of int, optional
        Shown ones, `NO_CLONE` for cells of which no event is known; all by default.
    """

    states: Set[CellState] = LIVING
    organs: Set[str] | None = None
    routes: Set[CellRoute] | None = None
    clones: Set[int] | None = None

    def mask(
        self,
        frame: Frame,
        organ_names: tuple[str, ...],
        *,
        routes: Callable[[], npt.NDArray[np.uint8]],
        clones: Callable[[], npt.NDArray[np.uint16]],
    ) -> npt.NDArray[np.bool_]:
        """Return which cells are shown, (n,) bool.

        Parameters
        ----------
        frame : Frame
            The cells.
        organ_names : tuple of str
            What its organ indices mean.
        routes : callable
            Returns what `segment_routes` does; asked for only where routes are chosen.
        clones : callable
            Returns the clone of each cell of the frame; asked for only where clones are chosen.
        """
        shown: npt.NDArray[np.bool_] = _holds(256, self.states)[frame.state]
        if self.organs is not None:
            known = (BETWEEN_ORGANS, *organ_names)
            admitted = np.array([name in self.organs for name in known])
            shown &= admitted[frame.organ.astype(np.int64) + 1]
        if self.routes is not None:
            admitted = np.array([route in self.routes for route in _ROUTES])
            of_segment = np.append(admitted[routes()], [False])
            segment = np.minimum(frame.segment, of_segment.size - 1)
            shown &= of_segment[segment]
        if self.clones is not None:
            shown &= _holds(NO_CLONE + 1, self.clones)[clones()]
        return shown


def check_filter(value: CellFilter, organ_names: Sequence[str], *, n_clones: int) -> None:
    """Refuse a filter that names what a run does not have: it would hide cells without a word.

    Parameters
    ----------
    value : CellFilter
        Perhaps made for another run.
    organ_names : sequence of str
        Of the run.
    n_clones : int
        Sources of the run.

    Raises
    ------
    InputError
        If an organ or a clone is none of the run's.
    """
    known = (BETWEEN_ORGANS, *organ_names)
    for name in sorted(value.organs or ()):
        if name not in known:
            message = f"organ must be one of this run's, got '{name}'. {near_name(name, known)}"
            raise InputError(message, key="cells.organs")
    for clone in sorted(value.clones or ()):
        if clone >= n_clones and clone != NO_CLONE:
            message = (
                f"clone must be one of this run's 0 .. {n_clones - 1} or {NO_CLONE} for those "
                f"not known yet, got {clone}. Correct or delete it."
            )
            raise InputError(message, key="cells.clones")


def segment_routes(network: VesselNetwork) -> npt.NDArray[np.uint8]:
    """Return the route of every segment, (n_segments,) uint8, its place in `CellRoute`."""
    table = np.array([_ROUTES.index(_ROUTE_OF_BLOOD[blood]) for blood in Blood], dtype=np.uint8)
    routes: npt.NDArray[np.uint8] = table[classify_blood(network)]
    beds = np.flatnonzero(network.is_kind(SegmentKind.CAPILLARY_BED))
    leaving = np.zeros(network.n_nodes, dtype=np.int64)
    leaving[network.start_node[::-1]] = np.arange(network.n_segments, dtype=np.int64)[::-1]
    routes[beds] = routes[leaving[network.end_node[beds]]]
    return routes


def route_of(segment: int, routes: npt.NDArray[np.uint8]) -> str:
    """Return the word for the route of one segment, or nothing at a junction."""
    return "" if segment in (NO_SEGMENT, -1) else _ROUTES[routes[segment]].value


def _holds(size: int, members: Set[int]) -> npt.NDArray[np.bool_]:
    table = np.zeros(size, dtype=np.bool_)
    table[[int(member) for member in members]] = True
    return table
