"""All plots of a run below each other, with one time cursor."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ctc.viewer.plots import Plot
from ctc.viewer.window.plot_chart import PlotChart
from ctc.viewer.window.sections import column, faint


class PlotPanel(QWidget):
    """The plots of a run."""

    time_asked = Signal(object)  # int [ns]
    vessel_chosen = Signal(str)  # from which blood is drawn

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.charts: list[PlotChart] = []
        self._time = 0
        self._first = ""
        self._is_settling = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._content: QScrollArea | None = None
        self.vessel = QComboBox()
        self.vessel.setEditable(True)
        self.vessel.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.vessel.setToolTip("Vessel from which blood is drawn")
        self.vessel.setAccessibleName("vessel from which blood is drawn")
        completer = QCompleter(self.vessel.model(), self.vessel)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.vessel.setCompleter(completer)
        self.vessel.activated.connect(
            lambda row: self.vessel_chosen.emit(self.vessel.itemText(row))
        )
        self._draw = QWidget()
        row = QHBoxLayout(self._draw)
        row.setContentsMargins(12, 6, 12, 2)
        label = faint("Blood drawn from")
        label.setWordWrap(False)
        row.addWidget(label)
        row.addWidget(self.vessel, stretch=1)
        self._draw.hide()
        self._layout.addWidget(self._draw)

    def set_vessels(self, names: Sequence[str], chosen: str) -> None:
        """Offer vessels to draw blood from; none hides the choice."""
        if self.vessel.count() != len(names):
            self.vessel.clear()
            self.vessel.addItems(sorted(names))
            self.vessel.setCurrentText(chosen)
        self._draw.setVisible(bool(names))

    def set_plots(self, plots: Sequence[Plot]) -> None:
        """Show these plots; where there are the same as before, only their curves change."""
        titles = [chart.plot.title for chart in self.charts]
        if titles and titles == [plot.title for plot in plots]:
            for chart, plot in zip(self.charts, plots, strict=True):
                chart.set_plot(plot)
            return
        self.charts = [PlotChart(plot) for plot in plots]
        for chart in self.charts:
            chart.time_asked.connect(self.time_asked)
            chart.set_time(self._time)
        if self._content is not None:
            self._layout.removeWidget(self._content)
            self._content.deleteLater()
        empty = faint("No curves yet: the first epoch of the run has not ended.")
        empty.setMargin(14)
        self._content = column(self.charts or [empty])
        self._layout.addWidget(self._content)
        bar = self._content.verticalScrollBar()
        bar.rangeChanged.connect(self._settle)
        bar.valueChanged.connect(self._note_first)

    @property
    def first(self) -> str:
        """Title of the plot that stands on top; empty where nobody has asked for one."""
        return self._first

    def show_first(self, title: str) -> None:
        """Put a plot on top, as far as there are others below it; unknown ones change nothing."""
        if title in (chart.plot.title for chart in self.charts):
            self._first = title
            self._settle()

    def choose_vessel(self, name: str) -> bool:
        """Draw blood from a vessel, as if it had been chosen; False where it is not offered."""
        row = self.vessel.findText(name, Qt.MatchFlag.MatchExactly)
        if row >= 0:
            self.vessel.setCurrentIndex(row)
            self.vessel_chosen.emit(name)
        return row >= 0

    def _settle(self) -> None:
        """Scroll to the plot that is to stand on top; again when the height becomes known."""
        for chart in self.charts:
            if chart.plot.title == self._first and self._content is not None:
                self._is_settling = True
                self._content.verticalScrollBar().setValue(chart.y())
                self._is_settling = False

    def _note_first(self, value: int) -> None:
        """Remember which plot a hand has scrolled to."""
        if not self._is_settling and self.charts:
            self._first = min(self.charts, key=lambda chart: abs(chart.y() - value)).plot.title

    def set_time(self, time: int) -> None:
        """Put the cursor of all plots to a time [ns]."""
        self._time = time
        for chart in self.charts:
            chart.set_time(time)
