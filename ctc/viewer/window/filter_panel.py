"""Filters: which cells are shown, by state, organ, route and clone."""

from __future__ import annotations

from collections.abc import Sequence, Set

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ctc.states import CellState
from ctc.viewer.cell_filter import BETWEEN_ORGANS, LIVING, NO_CLONE, CellFilter, CellRoute
from ctc.viewer.colouring import colour
from ctc.viewer.palette import STATE_COLOURS, STATE_NAMES
from ctc.viewer.window.check_list import CheckList
from ctc.viewer.window.sections import column, section

UNKNOWN_CLONE = "not known yet"
_STATES = tuple(state for state in STATE_NAMES if state in LIVING)


class FilterPanel(QWidget):
    """Check boxes that make a `CellFilter`.

    Parameters
    ----------
    organ_names : sequence of str
        Of the run.
    clone_names : sequence of str
        Of the run's sources; with one the clones are left out until a filter names some.
    """

    changed = Signal(object)  # CellFilter

    def __init__(
        self,
        organ_names: Sequence[str],
        clone_names: Sequence[str],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        states = [STATE_NAMES[state] for state in _STATES]
        self.states = CheckList("States of cells")
        colours = [colour(STATE_COLOURS[state]) for state in _STATES]
        self.states.set_names(states, checked=states, colours=colours)
        organs = (*organ_names, BETWEEN_ORGANS)
        self.organs = CheckList("Organs with cells", n_seen=9)
        self.organs.set_names(organs, checked=organs)
        routes = [route.value for route in CellRoute]
        self.routes = CheckList("Routes of cells")
        self.routes.set_names(routes, checked=routes)
        self._clone_ids = (*range(len(clone_names)), NO_CLONE)
        clones = (*clone_names, UNKNOWN_CLONE)
        self.clones = CheckList("Clones of cells", n_seen=6)
        self.clones.set_names(clones, checked=clones)
        self._unlisted: Set[CellState] = frozenset()
        parts = [
            section("Cells in state", [self.states]),
            section("Cells in organ", [self.organs]),
            section("Cells on route", [self.routes]),
        ]
        self._of_clone = section("Cells of clone", [self.clones])
        self._of_clone.setVisible(len(clone_names) > 1)
        parts.append(self._of_clone)
        for one in (self.states, self.organs, self.routes, self.clones):
            one.changed.connect(self._tell)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(column(parts))

    def value(self) -> CellFilter:
        """Return what the boxes say."""
        states = self.states.checked()
        clones = self.clones.checked()
        chosen = frozenset(state for state in _STATES if STATE_NAMES[state] in states)
        return CellFilter(
            states=chosen | self._unlisted,
            organs=_some(self.organs),
            routes=(
                None
                if (routes := _some(self.routes)) is None
                else frozenset(CellRoute(name) for name in routes)
            ),
            clones=(
                None
                if _some(self.clones) is None
                else frozenset(
                    clone
                    for clone, name in zip(self._clone_ids, self.clones.names(), strict=True)
                    if name in clones
                )
            ),
        )

    def set_value(self, value: CellFilter) -> None:
        """Check the boxes of a filter."""
        self.blockSignals(True)
        self._unlisted = frozenset(value.states) - frozenset(_STATES)
        self.states.set_checked(
            frozenset(name for state, name in STATE_NAMES.items() if state in value.states)
        )
        organs, routes = value.organs, value.routes
        self.organs.set_checked(frozenset(self.organs.names() if organs is None else organs))
        chosen = CellRoute if routes is None else routes
        self.routes.set_checked(frozenset(route.value for route in chosen))
        if value.clones is not None:
            self._of_clone.show()
        clones = self._clone_ids if value.clones is None else value.clones
        names = zip(self._clone_ids, self.clones.names(), strict=True)
        self.clones.set_checked(frozenset(name for clone, name in names if clone in clones))
        self.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.value())


def _some(boxes: CheckList) -> frozenset[str] | None:
    """Return the checked names, or nothing where that is all of them."""
    checked = boxes.checked()
    return None if len(checked) == len(boxes.names()) else checked
