"""What a session says of a stored run, with everything checked exactly."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.errors import InputError
from ctc.record.layout import LESION_DTYPE
from ctc.record.reader import open_run
from ctc.states import CellState, EventKind
from ctc.viewer.cell_filter import BETWEEN_ORGANS, LIVING, CellFilter
from ctc.viewer.colouring import Colouring
from ctc.viewer.plots import CTC_PLOT
from ctc.viewer.session import WRITER_GONE, Session
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.view_state import ViewState
from tests.unit.record import samples

N_EPOCHS = 7


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "a.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, N_EPOCHS)
        writer.close(digest="d" * 64)
    return path


@pytest.fixture
def session(run_file):
    with open_run(run_file) as run:
        session = Session(run)
        yield session
        session.close()


def living(frame):
    cells = samples.cells(frame)
    return cells, np.isin(cells["state"], [int(state) for state in LIVING])


@pytest.mark.parametrize("frame", range(N_EPOCHS))
def test_the_living_cells_of_a_frame_are_shown_in_the_colour_of_their_state(session, frame):
    cells, shown = living(frame)
    cloud = session.cells(frame)
    np.testing.assert_array_equal(cloud.position, cells["position"][shown])
    np.testing.assert_array_equal(cloud.identity, cells["id"][shown])
    np.testing.assert_array_equal(cloud.code, cells["state"][shown])
    assert cloud.palette.shape == (len(CellState), 4)
    assert session.times[frame] == samples.frame_time(frame)


def test_a_frame_of_which_all_is_shown_is_not_copied(session):
    session.filter = CellFilter(states=frozenset(CellState))
    cloud = session.cells(3)
    assert cloud.identity.size == samples.n_cells(3)
    assert cloud.position is session.frame(3).position


def test_a_filter_shows_what_all_its_fields_admit(session):
    cells, shown = living(3)
    session.filter = CellFilter(organs=frozenset({"liver", BETWEEN_ORGANS}))
    wanted = shown & np.isin(cells["organ"], [-1, 1])
    np.testing.assert_array_equal(session.cells(3).identity, cells["id"][wanted])
    session.filter = CellFilter(states=frozenset({CellState.DIED}), organs=frozenset({"lung"}))
    wanted = (cells["state"] == CellState.DIED) & (cells["organ"] == 0)
    assert wanted.any()
    np.testing.assert_array_equal(session.cells(3).identity, cells["id"][wanted])
    session.filter = CellFilter(clones=frozenset())
    assert session.cells(3).identity.size == 0


def test_every_colouring_gives_each_cell_a_row_of_its_palette(session):
    cells, shown = living(4)
    for colouring in Colouring:
        session.colouring = colouring
        assert session.colouring is colouring
        cloud = session.cells(4)
        assert cloud.code.size == shown.sum()
        assert cloud.code.max() < len(cloud.palette) <= 256
    session.colouring = Colouring.ORGAN
    legend = dict(session.caption(4).legend)
    for organ, name in ((-1, BETWEEN_ORGANS), (0, "lung"), (2, "größte")):
        rows = session.cells(4).code[cells["organ"][shown] == organ]
        assert {tuple(colour) for colour in session.cells(4).palette[rows]} == {legend[name]}


def test_a_colouring_that_takes_the_memory_of_another_is_shown(session):
    for wanted in 20 * list(Colouring):
        session.colouring = Colouring.AGE
        session.cells(4)
        session.colouring = Colouring.ORGAN  # its colours may lie where those of age lay
        session.colouring = wanted
        np.testing.assert_array_equal(session.cells(4).palette, session._colours.palette)


def test_older_cells_are_brighter(session):
    session.colouring = Colouring.AGE
    cells, shown = living(3)
    order = np.argsort(cells["age"][shown])
    assert (np.diff(session.cells(3).code[order].astype(int)) >= 0).all()
    assert session.cells(3).code.max() > session.cells(3).code.min() + 100


def test_the_caption_names_run_time_cells_and_colours(session):
    caption = session.caption(3)
    assert caption.title == "straße"
    assert caption.time == "00:06:40"
    n_shown = living(3)[1].sum()
    assert caption.note.startswith(f"{n_shown:,} of {samples.N_TRACKED:,} tracked cells shown")
    names = [name for name, _ in caption.legend]
    assert names == ["circulating", "arrested", "extravasated", "dormant", "colony", "artery"]


def test_vessels_are_coloured_by_what_the_run_stores(session):
    network, flow = samples.network(), samples.flow()
    tubes = session.vessels()
    np.testing.assert_array_equal(tubes.segment, np.arange(network.n_segments))
    np.testing.assert_allclose(tubes.radius, network.lumen_radius, rtol=1e-6)
    np.testing.assert_allclose(tubes.end[:, 2] - tubes.start[:, 2], 1e-3, rtol=1e-3)
    assert len({tuple(colour[:3]) for colour in tubes.colour}) == 1
    session.vessel_colouring = VesselColouring.PRESSURE
    lightness = session.vessels().colour[:, :3].astype(float) @ [0.299, 0.587, 0.114]
    assert np.all(np.diff(flow.pressure) < 0)
    assert (np.diff(lightness) <= 1.0).all()
    assert lightness[0] > lightness[-1] + 50
    assert session.caption(3).legend[-1][0].startswith("pressure")
    session.vessel_colouring = VesselColouring.PASSAGES
    with pytest.raises(InputError, match="'passages' of a run without that tally"):
        session.vessels()


def test_a_run_without_a_body_plan_has_no_shells(session):
    assert session.shells() == ()


def test_lesions_are_those_known_at_the_moment(session):
    for moment in range(N_EPOCHS):
        bodies = session.lesions(moment)
        assert bodies.identity.tolist() == list(range(N_EPOCHS))
    segment = samples.network().node_position[:2].mean(axis=0)
    np.testing.assert_allclose(session.lesions(3).position[0], segment, atol=1e-7)


def test_stories_tell_what_is_stored(session):
    cell = int(samples.events(3)["cell"][10])
    story = session.describe_cell(cell, 3)
    events = np.concatenate([samples.events(epoch) for epoch in range(N_EPOCHS)])
    own = events[events["cell"] == cell]
    assert ("clone", "0") in story
    # Times are distinct, so there is one line for each event.
    assert sum(label.count(":") == 2 for label, _ in story) == own.size
    tracked = int(samples.cells(3)["id"][5])
    words = dict(session.describe_cell(tracked, 3))
    assert words["state"] == "colony"
    assert words["organ"] == "lung"
    assert words["events"] == "none stored so far"
    assert dict(session.describe_lesion(2, 5))["cells"].startswith("5,002 at")
    assert dict(session.describe_lesion(2, 3))["cells"].startswith("3,002 at")
    with pytest.raises(InputError, match="lesion must be one of this run, got 99"):
        session.describe_lesion(99)
    vessel = dict(session.describe_segment(49))
    assert vessel["radius"] == "500 um"
    assert vessel["flow"] == "60 ml/min"
    assert vessel["haematocrit"] == "0.45"
    with pytest.raises(InputError, match=r"vessel must be 0 \.\. 49, got 50"):
        session.describe_segment(50)
    organ = dict(session.describe_organ("liver", 10**15))
    assert organ["arrested now"] == str(2 * (1 + N_EPOCHS - 1))
    assert float(organ["blood"].split()[0]) == pytest.approx(
        samples.network().volume[samples.network().organ == 1].sum() * 1e6, rel=0.01
    )


def test_a_trail_is_where_the_cell_was_in_the_frames_so_far(session):
    for cell, index in ((int(samples.cells(3)["id"][0]), 3), (123, 3), (123, 0)):
        wanted = []
        for frame in range(index, -1, -1):
            cells = samples.cells(frame)
            row = np.flatnonzero(cells["id"] == cell)
            if not row.size:
                break
            wanted.append(cells["position"][row[0]])
        trail = session.trail(cell, index)
        assert trail.dtype == np.float32
        np.testing.assert_array_equal(trail, np.reshape(wanted[::-1], (-1, 3)))


@given(moment=st.integers(-(10**12), 10**13))
def test_the_nearest_frame_is_nearest(run_file, moment):
    with open_run(run_file) as run:
        session = Session(run)
        away = np.abs(np.array([samples.frame_time(k) for k in range(N_EPOCHS)]) - moment)
        found = session.nearest_frame(moment)
        assert away[found] == away.min()
        assert found == int(np.argmin(away))


def test_a_view_is_used_or_refused_with_the_near_name(session):
    view = ViewState(
        colouring=Colouring.ORGAN,
        vessel_colouring=VesselColouring.FLOW,
        filter=CellFilter(organs=frozenset({"liver"})),
        time=samples.frame_time(2) + 3,
    )
    session.use(view)
    assert (session.index, session.colouring) == (2, Colouring.ORGAN)
    assert session.vessel_colouring is VesselColouring.FLOW
    assert session.filter == view.filter
    wrong = ViewState(filter=CellFilter(organs=frozenset({"livre"})))
    with pytest.raises(InputError, match=r"cells\.organs: .*got 'livre'\. Did you mean 'liver'"):
        session.use(wrong)
    assert session.filter == view.filter


def test_curves_are_those_of_the_series(session):
    plots = {plot.title: plot for plot in session.plots()}
    by_state = {curve.name: curve for curve in plots["Cells by state"].curves}
    wanted = [samples.series(k)["cells_by_state"][CellState.DORMANT] for k in range(N_EPOCHS)]
    np.testing.assert_array_equal(by_state["dormant"].y, wanted)
    assert plots["Cells by state"].x_unit == "min"
    np.testing.assert_allclose(by_state["dormant"].x, 1.0 + np.arange(N_EPOCHS))
    assert [c.name for c in plots["Arrested cells by organ"].curves] == ["größte", "liver", "lung"]
    assert plots["Cells by state"].place(120 * 10**9) == 2.0


def test_blood_is_drawn_from_the_chosen_vessel(session):
    """3 cells a minute in 60 ml: 0.375 in 7.5 ml; the sample's only named vessel is no vein."""
    assert session.sampled_vessel == ""
    assert session.vessels_to_sample == ("aorta",)
    assert [c.name for c in plot_of_blood(session).curves] == ["whole blood"]
    session.sampled_vessel = "aorta"
    drawn = plot_of_blood(session).curves[1]
    assert drawn.name == "aorta"
    np.testing.assert_allclose(drawn.y, 0.375, rtol=1e-12)


def plot_of_blood(session):
    return next(plot for plot in session.plots() if plot.title == CTC_PLOT)


def test_events_are_found_by_time_and_kind(session):
    events = np.concatenate([samples.events(epoch) for epoch in range(N_EPOCHS)])
    deaths = events["time"][events["kind"] == EventKind.DIED]
    for moment in (-1, int(deaths[0]), int(deaths[7]) - 1, 2 * 10**13 + 19_000, int(deaths[-1])):
        later = deaths[deaths > moment]
        wanted = int(later[0]) if later.size else None
        assert session.next_event(moment, {EventKind.DIED}) == wanted


def test_a_run_without_windows_still_shows_lesions_and_curves(tmp_path):
    path = tmp_path / "a.vtkhdf"
    with samples.create(path) as writer:
        lesion = np.zeros(1, dtype=LESION_DTYPE)
        lesion["cells"] = 10**9
        writer.append_rows("lesions", lesion)
        writer.append_epoch(samples.series(0), tallies=samples.tallies(0))
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        session = Session(run)
        assert session.times.size == 0
        assert session.nearest_frame(5) == 0
        assert session.cells(0).identity.size == 0
        assert session.trail(1, 0).shape == (0, 3)
        assert session.frame(0) is None
        assert session.time_of(0) == session.end == 60 * samples.SECOND
        assert "add a [[record.window]]" in session.caption(0).note
        assert session.lesions(session.end).radius[0] == pytest.approx(5.8e-3, rel=0.01)
        assert len(session.plots()) == 5
        assert session.timeline().ticks()[-1] == (1.0, "1 min")


def wait_until(holds):
    """Wait for a writer that writes in a thread of its own."""
    for _ in range(10_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError


def test_a_run_is_followed_and_the_end_of_its_writer_is_seen(tmp_path):
    path = tmp_path / "a.vtkhdf"
    writer = samples.create(path)
    samples.write_epochs(writer, 0, 2)
    with open_run(path) as run:
        session = Session(run)
        wait_until(lambda: session.refresh() or run.n_epochs == 2)
        assert session.status == "running"
        assert "(running at" in session.caption(0).time
        samples.write_epochs(writer, 2, 4)
        wait_until(lambda: session.refresh() and run.n_epochs == 4)
        assert session.times.size == 4
        wanted = samples.cells(3)["id"][living(3)[1]]
        np.testing.assert_array_equal(session.cells(3).identity, wanted)
        assert session.series["time"].size == 4
        writer.close(digest="d" * 64)
        assert session.refresh()
        assert session.status == "finished"
        assert session.refresh() is False
        session.close()


def test_a_caption_does_not_wait_for_the_file(session, monkeypatch):
    before = session.caption(3)
    monkeypatch.setattr(type(session.run), "status", property(lambda _run: 1 / 0))
    assert session.caption(3) == before


def test_the_words_for_a_dead_writer(session, monkeypatch):
    monkeypatch.setattr(type(session.run), "status", "killed")
    assert session.status == WRITER_GONE
    assert f"({WRITER_GONE} at" in session.caption(3).time
