"""What is shown, and what its colours say: organs, vessels, cells, lesions, caption."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ctc.viewer.colouring import Colouring
from ctc.viewer.drawables import OrganShell
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.window.clip_panel import ClipPanel
from ctc.viewer.window.icons import swatch
from ctc.viewer.window.legend import Legend
from ctc.viewer.window.sections import column, section

KINDS = ("vessels", "cells", "lesions", "caption")
_ROW, _N_ROWS = 23, 9  # [px], and how many are seen


class ShownPanel(QWidget):
    """Check boxes for what is drawn, and choices of colouring.

    Parameters
    ----------
    clip : ClipPanel
        Stands below.
    """

    organs_changed = Signal()
    kind_toggled = Signal(str, bool)
    colouring_changed = Signal(object)
    vessel_colouring_changed = Signal(object)

    def __init__(self, clip: ClipPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.starts_without_organs = False
        self.organs = self._make_tree()
        self.kinds: dict[str, QCheckBox] = {}
        for kind in KINDS:
            box = QCheckBox(kind.capitalize())
            box.setChecked(True)
            box.setToolTip(f"Show {kind}")
            box.toggled.connect(lambda on, kind=kind: self.kind_toggled.emit(kind, on))
            self.kinds[kind] = box
        self.colouring = _choice("Colour of cells", Colouring)
        self.vessel_colouring = _choice("Colour of vessels", VesselColouring)
        self.cell_legend, self.vessel_legend = Legend(), Legend()
        self.colouring.currentIndexChanged.connect(
            lambda i: self.colouring_changed.emit(tuple(Colouring)[i])
        )
        self.vessel_colouring.currentIndexChanged.connect(
            lambda i: self.vessel_colouring_changed.emit(tuple(VesselColouring)[i])
        )
        parts = [
            section("Shown", [self.organs, *self.kinds.values()]),
            section("Cells by", [self.colouring, self.cell_legend]),
            section("Vessels by", [self.vessel_colouring, self.vessel_legend]),
            section("Clip plane", [clip]),
        ]
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(column(parts))

    def set_colourings(self, cells: Colouring, vessels: VesselColouring) -> None:
        """Show what the colours say now, without asking for it."""
        for box, index in (
            (self.colouring, tuple(Colouring).index(cells)),
            (self.vessel_colouring, tuple(VesselColouring).index(vessels)),
        ):
            box.blockSignals(True)
            box.setCurrentIndex(index)
            box.blockSignals(False)

    def shown_organs(self) -> frozenset[str]:
        """Return the names of the organs that are checked."""
        checked = Qt.CheckState.Checked
        return frozenset(leaf.text(0) for leaf in self._leaves() if leaf.checkState(0) is checked)

    def set_shown_organs(self, names: frozenset[str]) -> None:
        """Check these organs and no others."""
        self.organs.blockSignals(True)
        for leaf in self._leaves():
            is_shown = leaf.text(0) in names
            leaf.setCheckState(0, Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked)
        self.organs.blockSignals(False)
        self.organs_changed.emit()

    def _leaves(self) -> list[QTreeWidgetItem]:
        root = self.organs.topLevelItem(0)
        children = [] if root is None else [root.child(i) for i in range(root.childCount())]
        return [child for child in children if child is not None]

    def set_shells(self, shells: Sequence[OrganShell]) -> None:
        """List these organs, all of them checked unless they are to be hidden."""
        tree = self.organs
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable
        tree.blockSignals(True)
        tree.clear()
        root = QTreeWidgetItem(["Organs"])
        root.setFlags(flags | Qt.ItemFlag.ItemIsAutoTristate)
        tree.addTopLevelItem(root)
        colours = {shell.name: shell.colour for shell in reversed(shells)}
        for name in dict.fromkeys(shell.name for shell in shells):
            red, green, blue = (int(part) for part in colours[name][:3])
            leaf = QTreeWidgetItem([name])
            leaf.setFlags(flags)
            leaf.setCheckState(0, Qt.CheckState.Checked)
            leaf.setIcon(0, swatch((red, green, blue, 255)))
            root.addChild(leaf)
        root.setExpanded(True)
        tree.blockSignals(False)
        if self.starts_without_organs:
            self.set_shown_organs(frozenset())

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setAccessibleName("Organs")
        tree.setIndentation(14)
        tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        waiting = QTreeWidgetItem(["Organs are being shaped ..."])
        waiting.setFlags(Qt.ItemFlag.NoItemFlags)
        tree.addTopLevelItem(waiting)
        tree.setIconSize(QSize(14, 14))
        tree.setFixedHeight(_ROW * _N_ROWS)
        tree.itemChanged.connect(lambda _item, _column: self.organs_changed.emit())
        return tree


def _choice(name: str, kinds: type[Colouring] | type[VesselColouring]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(f"{name} shows this")
    for kind in kinds:
        # A word of an enum would come back from Qt as plain text.
        box.addItem(kind.value.replace("_", " "))
    return box
