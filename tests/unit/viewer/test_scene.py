"""What is read of a run: which frame, which colonies, which cells, whose shapes."""

import types

import numpy as np
import pytest

from ctc.body.plan import load_body_plan
from ctc.body.territory import load_territories
from ctc.errors import InputError
from ctc.record.layout import LESION_DTYPE
from ctc.record.reader import Frame
from ctc.states import CellState
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.scene import duration_text, read_scene

SECOND = 10**9


def frame(time, states):
    n = len(states)
    return Frame(
        time=time * SECOND,
        position=np.arange(3 * n, dtype=np.float32).reshape(n, 3),
        id=np.arange(n, dtype=np.uint64),
        state=np.array(states, dtype=np.uint8),
        organ=np.zeros(n, dtype=np.int16),
        segment=np.zeros(n, dtype=np.uint32),
        age=np.zeros(n, dtype=np.float32),
        size_class=np.zeros(n, dtype=np.uint16),
    )


def network(shift=0.0):
    plan = load_body_plan("human_male")
    middle = np.array([t.bounds().mean(axis=0) for t in load_territories(plan).values()])
    n = len(middle) - 1
    return VesselNetwork(
        node_position=middle + shift,
        start_node=np.arange(n),
        end_node=np.arange(1, n + 1),
        lumen_radius=np.ones(n),
        length=np.ones(n),
        volume=np.ones(n),
        resistance_factor=np.ones(n),
        kind=np.arange(n) % (max(SegmentKind) + 1),
        organ=np.full(n, -1),
        region=np.full(n, -1),
        name=np.full(n, -1),
        organ_names=("lung", "liver"),
        region_names=(),
        vessel_names=(),
        origin="made for a test",
    )


class MadeUpRun:
    """As much of a run as a scene reads."""

    path = "made_up.vtkhdf"
    organ_names = ("lung", "liver")
    provenance = types.SimpleNamespace(version="1.2.3", seed=7, network_hash="0123456789")

    def __init__(self, frames=(), epochs=(3600, 7200), lesions=(), shift=0.0):
        self.frames = frames
        self.n_frames = len(frames)
        self.n_epochs = len(epochs)
        self.epochs = np.array(epochs, dtype=np.int64) * SECOND
        self.lesions = np.zeros(len(lesions), dtype=LESION_DTYPE)
        for row, values in zip(self.lesions, lesions, strict=True):
            row["lesion"], row["founded"], row["time"], row["cells"] = values
            row["founded"] *= SECOND
            row["time"] *= SECOND
        self.shift = shift

    @property
    def frame_times(self):
        return np.array([frame.time for frame in self.frames], dtype=np.int64)

    @property
    def frame_extents(self):
        counts = np.array([frame.id.size for frame in self.frames], dtype=np.int64)
        return np.cumsum(counts) - counts, counts

    def frame(self, index):
        return self.frames[index]

    def series(self):
        n = self.n_epochs
        counts = {
            name: np.arange(2 * n, dtype=np.uint64).reshape(n, 2)
            for name in ("arrested", "extravasated", "dormant", "colonies")
        }
        by_state = np.ones((n, len(CellState)), dtype=np.uint64)
        shed = np.full(n, 9, dtype=np.uint64)
        return {"time": self.epochs, "shed": shed, "cells_by_state": by_state, **counts}

    def lesion_history(self):
        return self.lesions

    def network(self):
        return network(self.shift)

    def scenario(self):
        sources = [{"kind": "tumour", "organ": "breast"}, {"kind": "bolus", "organ": ""}]
        about = {"title": "Made up"}
        return {"scenario": about, "body": {"plan": "human_male"}, "source": sources}


FRAMES = (
    frame(60, [CellState.CIRCULATING, CellState.DIED]),
    frame(3600, [CellState.ARRESTED, CellState.COLONY, CellState.DORMANT]),
    frame(9000, []),
)


def test_the_last_frame_with_cells_is_shown_and_only_its_living_cells():
    scene = read_scene(MadeUpRun(FRAMES))
    assert scene.time == 3600 * SECOND
    assert scene.state.tolist() == [CellState.ARRESTED, CellState.DORMANT]
    np.testing.assert_array_equal(scene.position, [[0, 1, 2], [6, 7, 8]])
    assert scene.epoch == 0
    assert scene.organ_counts()[CellState.DORMANT].tolist() == [0, 1]
    assert scene.sources == ("breast",)
    assert scene.label == "ctc 1.2.3, seed 7, network 01234567"


@pytest.mark.parametrize(("asked", "shown"), [(60, 60), (1500, 60), (3000, 3600), (9000, 9000)])
def test_the_frame_nearest_to_the_time_asked_for_is_shown(asked, shown):
    assert read_scene(MadeUpRun(FRAMES), float(asked)).time == shown * SECOND


@pytest.mark.parametrize("asked", [59.0, 9001.0])
def test_a_time_outside_the_frames_is_refused_with_their_range(asked):
    with pytest.raises(InputError, match=r"within the frames, 1 min to 2\.5 h"):
        read_scene(MadeUpRun(FRAMES), asked)


def test_a_run_without_frames_is_shown_at_its_last_epoch_but_has_no_time_to_ask_for():
    scene = read_scene(MadeUpRun())
    assert not scene.is_framed
    assert scene.time == 7200 * SECOND
    assert scene.epoch == 1
    with pytest.raises(InputError, match="got a run without any"):
        read_scene(MadeUpRun(), 60.0)


def test_a_run_that_has_just_begun_has_nothing_to_count():
    scene = read_scene(MadeUpRun(epochs=()))
    assert scene.epoch == -1
    assert scene.organ_counts()[CellState.ARRESTED].tolist() == [0, 0]


def test_colonies_are_those_founded_so_far_with_their_newest_size():
    lesions = [(0, 10, 100, 1), (1, 20, 100, 1), (0, 10, 5000, 8), (2, 4000, 5000, 1)]
    lesions += [(3, 3000, 5000, 5)]
    scene = read_scene(MadeUpRun(FRAMES, lesions=lesions), 3600.0)
    assert scene.colony_cells.tolist() == [1, 1, 5]
    scene = read_scene(MadeUpRun(FRAMES, lesions=lesions), 9000.0)
    assert scene.colony_cells.tolist() == [8, 1, 1, 5]


def test_beds_and_heart_chambers_are_not_drawn():
    kinds = network().kind
    hidden = np.isin(kinds, [SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER])
    hidden |= kinds == SegmentKind.LYMPH_NODE
    assert read_scene(MadeUpRun()).vessels.radius.size == (~hidden).sum()


def test_vessels_elsewhere_have_no_shapes_around_them():
    assert read_scene(MadeUpRun()).territories["lung"]
    assert read_scene(MadeUpRun(shift=1.0)).territories == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.5, "3.5 s"), (600, "10 min"), (3600, "1 h"), (86400, "1 day"), (129600, "1.5 days")],
)
def test_durations_are_written_in_the_unit_that_suits_them(seconds, text):
    assert duration_text(int(seconds * SECOND)) == text
