"""A window without a screen on a stored run: what its panels ask of session and canvas."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record.reader import open_run
from ctc.states import CellState, EventKind
from ctc.viewer.cell_filter import NO_CLONE, CellFilter, CellRoute
from ctc.viewer.colouring import Colouring
from ctc.viewer.drawables import ClipPlane, Look, Picked, Thing
from ctc.viewer.session import Session
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.view_state import PlotChoice, Shown, ViewState


@pytest.fixture
def make_window(application, run_file):
    """Return a function that opens a window on several sessions of a run."""
    from ctc.viewer.window.main_window import MainWindow  # noqa: PLC0415 - needs Qt
    from ctc.viewer.window.scene_view import SceneView  # noqa: PLC0415 - needs Qt
    from tests.window.fakes import FakeCanvas  # noqa: PLC0415 - needs Qt

    assert application is not None
    made = []

    def make(n_runs=1):
        runs = [open_run(run_file) for _ in range(n_runs)]
        sessions = [Session(run, n_prefetch=0) for run in runs]
        for session in sessions:
            session.body.__dict__["shells"] = ()  # meshing takes seconds and is tested elsewhere
        window = MainWindow([SceneView(session, FakeCanvas()) for session in sessions])
        made.append((window, runs))
        return window

    yield make
    for window, runs in made:
        window.close()
        assert all(view.canvas.is_closed for view in window.views)
        for run in runs:
            run.close()


@pytest.fixture
def window(make_window):
    return make_window()


def test_the_last_frame_is_shown_first(window):
    session = window.view.session
    last = session.times.size - 1
    assert window.player.index == last
    cloud = window.view.canvas.last["cells"]
    np.testing.assert_array_equal(cloud.identity, session.cells(last).identity)
    assert window.view.canvas.last["caption"].legend == ()
    assert set(window.shown.cell_legend.names) >= {"circulating", "arrested"}
    assert "artery" in window.shown.vessel_legend.names


def test_playing_stops_at_the_end_or_begins_anew(window):
    player = window.player
    player.go(player.n_frames - 2)
    player._tick()
    assert player.index == player.n_frames - 1
    player.toggle()
    assert player.is_playing
    assert player.index == 0
    player.go(player.n_frames - 1)
    player._tick()
    assert not player.is_playing
    player.set_looping(True)
    player._tick()
    assert player.index == 0


def test_a_filter_reaches_the_canvas_and_none_hides_all(window):
    view, boxes = window.view, window.filters.states
    frame = view.session.frame(window.player.index)
    boxes.set_checked(frozenset({"arrested"}))
    assert view.canvas.n_cells == int((frame.state == CellState.ARRESTED).sum()) > 0
    window.filters.organs.check_all(False)
    assert view.canvas.n_cells == 0
    window.filters.organs.check_all(True)
    assert view.session.filter == CellFilter(states=frozenset({CellState.ARRESTED}))


@pytest.mark.parametrize("colouring", list(Colouring))
def test_every_colouring_can_be_chosen_and_has_a_legend(window, colouring):
    window.shown.colouring.setCurrentIndex(tuple(Colouring).index(colouring))
    assert window.view.session.colouring is colouring
    assert window.shown.cell_legend.names


@pytest.mark.parametrize("colouring", list(VesselColouring))
def test_every_colouring_of_vessels_can_be_chosen_and_has_a_legend(window, colouring):
    before = window.view.canvas.last["vessels"].colour
    window.shown.vessel_colouring.setCurrentIndex(tuple(VesselColouring).index(colouring))
    assert window.view.session.vessel_colouring is colouring
    assert window.shown.vessel_legend.names
    is_same = np.array_equal(window.view.canvas.last["vessels"].colour, before)
    assert is_same == (colouring is VesselColouring.KIND)


def test_a_colouring_that_the_run_does_not_store_is_explained_and_goes_back(window, monkeypatch):
    monkeypatch.setattr(window.view.session.body, "passages", lambda: None)
    choice = window.shown.vessel_colouring
    choice.setCurrentIndex(tuple(VesselColouring).index(VesselColouring.PASSAGES))
    assert window.statusBar().currentMessage()
    assert window.view.session.vessel_colouring is VesselColouring.KIND
    assert choice.currentText() == "kind"


def test_following_keeps_the_cell_in_the_centre_until_it_is_let_go(window):
    view = window.view
    cell = int(view.session.cells(20).identity[3])
    view.take(Picked(Thing.CELL, cell))
    assert window.inspector.title.text() == f"Cell {cell}"
    window.inspector.follow_button.setChecked(True)
    trail = view.canvas.last["trail"]
    np.testing.assert_allclose(view.canvas.look.centre, trail[-1])
    window.release()
    assert view.canvas.last["trail"] is None
    assert window.inspector.title.text() == "Nothing picked"


def test_only_cells_can_be_followed(window):
    window.view.take(Picked(Thing.VESSEL, 5))
    assert window.inspector.follow_button.isHidden()
    window.view.follow(True)
    assert not window.view.is_following


def test_the_next_event_is_shown_by_the_first_frame_after_it(window):
    session = window.view.session
    window.player.go(0)
    kinds = frozenset({EventKind.ARRESTED})
    when = session.next_event(int(session.times[0]), kinds)
    window.go_to_event(kinds)
    assert session.times[window.player.index] >= when > session.times[window.player.index - 1]
    window.player.go(window.player.n_frames - 1)
    window.go_to_event(frozenset({EventKind.EXITED}))
    assert "no such event" in window.statusBar().currentMessage()


def test_a_wrong_time_is_marked_and_explained(window):
    field = window.timeline.field
    before = window.player.index
    field.setText("3 parsecs")
    field.returnPressed.emit()
    assert field.property("wrong") == "true"
    assert "parsecs" in window.statusBar().currentMessage()
    assert window.player.index == before


def test_a_damaged_frame_is_a_message_and_not_the_end(window, monkeypatch):
    def fail(_index):
        message = "run must be whole, frame 2 could not be read. Copy it again."
        raise InputError(message)

    monkeypatch.setattr(window.view.session, "cells", fail)
    window.player.go(2)
    assert "Copy it again" in window.statusBar().currentMessage()


def test_a_kept_view_comes_back(make_window):
    from ctc.viewer.window.keeping import apply_view, view_of  # noqa: PLC0415 - needs Qt

    window = make_window()
    session = window.view.session
    state = ViewState(
        look=Look((0.1, 0.0, 1.2), azimuth=30.0, elevation=5.0, height=0.5),
        colouring=Colouring.AGE,
        vessel_colouring=VesselColouring.PRESSURE,
        filter=CellFilter(
            states=frozenset({CellState.ARRESTED}),
            organs=frozenset({"lung", "liver"}),
            routes=frozenset({CellRoute.PULMONARY}),
        ),
        clip=ClipPlane((0.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
        time=int(session.times[4]),
        shown=Shown(shells=False, lesions=False),
    )
    apply_view(window, state)
    found = dataclasses.replace(view_of(window), plots=PlotChoice())
    assert found.clip is not None
    assert state.clip is not None
    assert found.clip.normal == state.clip.normal
    np.testing.assert_allclose(found.clip.point[2], 1.0, atol=2e-3)
    assert dataclasses.replace(found, clip=None) == dataclasses.replace(state, clip=None)
    assert window.view.canvas.shown["lesions"] is False


def test_what_the_plots_show_is_kept(make_window):
    from PySide6.QtWidgets import QScrollArea  # noqa: PLC0415 - needs Qt

    from ctc.viewer.window.keeping import apply_view, view_of  # noqa: PLC0415 - needs Qt

    window = make_window()
    vessels = window.view.session.vessels_to_sample
    other = next(name for name in vessels if name != window.view.session.sampled_vessel)
    titles = [chart.plot.title for chart in window.plots.charts]
    assert len(titles) > 2
    wanted = PlotChoice(blood_from=other, first=titles[1])
    apply_view(window, ViewState(plots=wanted))
    assert window.plots.vessel.currentText() == other
    assert window.view.session.sampled_vessel == other
    assert view_of(window).plots == wanted
    # What a hand scrolls to counts from then on.
    content = window.plots.findChild(QScrollArea)
    content.widget().layout().activate()
    bar = content.verticalScrollBar()
    bar.setRange(0, 10_000)
    assert bar.value() == window.plots.charts[1].y() > 0
    bar.setValue(window.plots.charts[2].y())
    assert view_of(window).plots.first == titles[2]
    # A view of another run may name what this one lacks.
    apply_view(window, ViewState(plots=PlotChoice("no such vessel", "no such plot")))
    assert "no such vessel" in window.statusBar().currentMessage()
    assert view_of(window).plots.blood_from == other


def test_cells_of_unknown_clone_stay_chosen_in_a_kept_view(make_window):
    from ctc.viewer.window.keeping import apply_view, view_of  # noqa: PLC0415 - needs Qt

    window = make_window()
    states = frozenset({CellState.ARRESTED, CellState.DIED})
    for clones in (frozenset({NO_CLONE}), frozenset({0}), None):
        wanted = CellFilter(states=states, clones=clones)
        apply_view(window, ViewState(filter=wanted))
        assert view_of(window).filter == wanted


def test_a_run_without_frames_opens_and_shows_the_first_one_that_comes(make_window, monkeypatch):
    from ctc.record.reader import Run  # noqa: PLC0415 - patched only here

    whole = Run.frame_times
    monkeypatch.setattr(Run, "frame_times", property(lambda _: np.zeros(0, dtype=np.int64)))
    window = make_window()
    assert window.timeline.frame_label.text() == "no frame"
    assert window.view.canvas.n_cells == 0
    window.player.toggle()
    window.go_to_time(10**9)
    window.go_to_event(frozenset(EventKind))
    assert not window.player.is_playing
    monkeypatch.setattr(Run, "frame_times", property(lambda run: whole.fget(run)[:1]))
    window.renew()
    assert window.timeline.frame_label.text() == "frame 1 of 1"
    assert window.view.canvas.n_cells > 0


def test_runs_beside_each_other_share_look_time_and_filter(make_window):
    window = make_window(2)
    first, second = window.views
    second.canvas.look = Look((0.0, 0.0, 1.0), azimuth=12.0, height=0.7)
    assert first.canvas.look == second.canvas.look
    window.player.go(5)
    assert second.session.index == 5
    window.filters.states.check_all(False)
    assert first.canvas.n_cells == second.canvas.n_cells == 0


def test_every_control_has_a_name_for_those_who_do_not_see_it(window):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider  # noqa: PLC0415 - needs Qt

    nameless = [
        widget
        for kind in (QAbstractButton, QComboBox, QSlider)
        for widget in window.findChildren(kind)
        if not (widget.accessibleName() or (getattr(widget, "text", str)()))
        and not widget.objectName().startswith("qt_")
        and type(widget).__name__ not in ("CloseButton", "QToolButton")
    ]
    assert nameless == []
