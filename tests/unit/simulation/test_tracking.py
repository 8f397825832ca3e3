"""Tracking and frames: which cells are shown, where and since when."""

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.simulation.epochs import EpochResult, Frame, Simulation
from ctc.states import CellState, EventKind
from tests.physics.mixed import mixed_setting

TIMES = [0.0, 1.5, 1799.0, 1800.0, 5000.0, 7200.0]


def epochs_of(**options: object) -> tuple[Simulation, list[EpochResult]]:
    setting = mixed_setting(cells=600, frames=TIMES, **options)
    simulation = Simulation(setting, choose_backend("cpu"))
    return simulation, list(simulation.epochs())


@pytest.fixture(scope="module")
def run() -> tuple[Simulation, list[EpochResult]]:
    return epochs_of(n_tracked=150, track_every=5)


def frames_of(run: tuple[Simulation, list[EpochResult]]) -> list[Frame]:
    return [frame for epoch in run[1] for frame in epoch.frames]


def test_a_frame_at_an_epochs_end_comes_with_the_next_epoch_or_the_last(
    run: tuple[Simulation, list[EpochResult]],
) -> None:
    found = [[frame.time for frame in epoch.frames] for epoch in run[1]]
    seconds = [[0, 1.5, 1799], [1800], [5000], [7200]]
    assert found == [[round(t * 1e9) for t in times] for times in seconds]


def test_every_fifth_cell_is_shown_up_to_the_number_asked_for(
    run: tuple[Simulation, list[EpochResult]],
) -> None:
    for frame in frames_of(run):
        ids = frame.cells["id"]
        assert (ids % 5 == 0).all()
        assert ids.size == 0 or ids.max() < 150 * 5
        assert (np.diff(ids.astype(np.int64)) > 0).all()
    assert frames_of(run)[0].cells["id"].size == 120


def test_a_finished_cell_is_shown_until_its_epoch_ends_and_never_again(
    run: tuple[Simulation, list[EpochResult]],
) -> None:
    ended: set[int] = set()
    for epoch in run[1]:
        for frame in epoch.frames:
            assert not ended & set(frame.cells["id"].tolist())
        final = np.isin(epoch.events["kind"], [EventKind.DIED, EventKind.COLONY])
        ended |= set(epoch.events["cell"][final].tolist())
    assert ended


def test_ages_are_the_time_since_birth(run: tuple[Simulation, list[EpochResult]]) -> None:
    """The bolus of cells 0 to 599 is born at time 0; later cells are younger."""
    for frame in frames_of(run):
        is_bolus = frame.cells["id"] < 600
        np.testing.assert_allclose(
            frame.cells["age"][is_bolus], np.float32(frame.time * 1e-9), rtol=1e-6
        )
        assert (frame.cells["age"] >= 0).all()
        assert (frame.cells["age"][~is_bolus] < frame.time * 1e-9).all()


def test_positions_lie_along_the_segment(run: tuple[Simulation, list[EpochResult]]) -> None:
    """Within the free radius of the straight line between the ends of the segment."""
    setting = run[0].setting
    for frame in frames_of(run):
        place = setting.hops.places[setting.hops.record[frame.cells["segment"]]]
        start, end = place["start"].astype(np.float64), place["end"].astype(np.float64)
        along = end - start
        share = ((frame.cells["position"] - start) * along).sum(axis=1) / (along**2).sum(axis=1)
        foot = start + np.clip(share, 0.0, 1.0)[:, None] * along
        off = np.linalg.norm(frame.cells["position"] - foot, axis=1)
        assert (off <= place["spread"] * (1 + 1e-5) + 1e-8).all()


def test_states_and_organs_are_those_of_the_cells(
    run: tuple[Simulation, list[EpochResult]],
) -> None:
    setting = run[0].setting
    for frame in frames_of(run):
        assert set(frame.cells["state"]) <= set(CellState)
        organ = setting.hops.organ[setting.hops.record[frame.cells["segment"]]]
        wanted = np.where(organ == setting.hops.n_organs - 1, -1, organ)
        np.testing.assert_array_equal(frame.cells["organ"], wanted)


def test_nobody_is_tracked_where_nobody_is_asked_for() -> None:
    for frame in frames_of(epochs_of(n_tracked=0)):
        assert frame.cells["id"].size == 0
        assert frame.cells["position"].shape == (0, 3)
