"""Words for cells, lesions and times, and the doubling that stored sizes show."""

import numpy as np
import pytest

from ctc.record.layout import EVENT_DTYPE, LESION_DTYPE, NO_FOUNDER
from ctc.states import DeathCause, EventKind
from ctc.viewer.frame_store import row_of
from ctc.viewer.stories import (
    cell_story,
    doubling_times,
    event_text,
    length_text,
    lesion_story,
    measured_doubling,
    size_text,
)
from tests.unit.viewer.test_scene import frame

DAY = 86400 * 10**9
ORGANS = ("lung", "liver")


def event(kind, organ=-1, cause=0, time=0, passes=0):
    row = np.zeros(1, dtype=EVENT_DTYPE)
    row["kind"], row["organ"], row["cause"], row["time"] = kind, organ, cause, time
    row["passes"] = passes
    return row


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (event(EventKind.DIED, 0, DeathCause.SHEAR), "died in lung (shear)"),
        (event(EventKind.COLONY, 1), "founded a colony in liver"),
        (event(EventKind.ARRESTED), "arrested"),
        (event(6, 0), "event 6 in lung"),
        (event(EventKind.DIED, 0, 99), "died in lung (event 99)"),
    ],
)
def test_events_in_words(row, text):
    assert event_text(row[0], ORGANS) == text


def test_a_cell_is_told_by_its_frame_and_its_events():
    events = np.concatenate(
        [event(EventKind.ARRESTED, 0, passes=2), event(EventKind.RELEASED, 0, time=DAY, passes=3)]
    )
    story = cell_story(1, frame(60, [0, 1]), events=events, organ_names=ORGANS)
    assert story == (
        ("cell", "1"),
        ("state", "arrested"),
        ("organ", "lung"),
        ("age", "0 s"),
        ("size", "class 0"),
        ("vessel", "0"),
        ("passes", "3 beds by its last event"),
        ("clone", "0"),
        ("00:00:00", "arrested in lung"),
        ("day 1, 00:00:00", "released in lung"),
    )
    unseen = cell_story(9, frame(60, [0, 1]), events=events[:0], organ_names=ORGANS)
    assert unseen == (("cell", "9"), ("events", "none stored so far"))


def test_a_cluster_is_told_by_its_frame_or_by_its_events():
    events = event(EventKind.COLONY, 1)
    events["size_class"] = 2
    sizes = (1, 1, 3)

    def size(frame_of=None, **options):
        story = dict(
            cell_story(1, frame_of, events=events, organ_names=ORGANS, class_cells=sizes, **options)
        )
        return story.get("size")

    assert size() == "a cluster of 3 cells, class 2"
    # Older runs do not store it with their events; their frames do.
    assert size(do_events_tell_size=False) is None
    assert size(frame(60, [0, 1]), do_events_tell_size=False) == "a single cell, class 0"
    assert size_text(3, sizes) == "class 3"


def test_the_row_of_a_cell():
    some = frame(60, [0, 1, 2])
    assert [row_of(some.id, cell) for cell in (0, 2, 3, 2**64 - 1)] == [0, 2, -1, -1]
    assert row_of(frame(60, []).id, 0) == -1


def history(*cells, founder=5):
    rows = np.zeros(len(cells), dtype=LESION_DTYPE)
    rows["time"] = np.arange(len(cells)) * DAY
    rows["cells"] = cells
    rows["cell"] = founder
    rows["organ"] = 1
    return rows


def test_a_lesion_is_told_by_its_row_of_the_moment():
    story = dict(lesion_story(history(1, 2, 4), DAY, organ_names=ORGANS, doubling_times={}))
    assert story["cells"] == "2 at day 1, 00:00:00"
    assert story["founder"] == "cell 5"
    assert story["organ"] == "liver"
    assert story["doubling time"] == "1 day, over its last rows"
    still = history(1, 1)
    planned = {"default": 2.0 * 86400, "liver": 3.0 * 86400}
    story = dict(lesion_story(still, DAY, organ_names=ORGANS, doubling_times=planned))
    assert story["doubling time"] == "3 days, of the scenario"
    primary = history(10**9, founder=NO_FOUNDER)
    story = dict(lesion_story(primary, DAY, organ_names=ORGANS, doubling_times=planned))
    assert story["founder"] == "primary tumour"
    assert story["diameter"] == "1.16 cm"
    assert "doubling time" not in story


def test_the_doubling_time_is_that_of_the_stored_sizes():
    assert measured_doubling(history(5), DAY) is None
    assert measured_doubling(history(5, 5), DAY) is None
    assert measured_doubling(history(100, 200), DAY) == pytest.approx(86400.0)
    assert measured_doubling(history(100, 200, 400), DAY) == pytest.approx(86400.0)
    slow = np.round(1e6 * 2.0 ** (np.arange(30) / 7.0))
    assert measured_doubling(history(*slow), 40 * DAY) == pytest.approx(7 * 86400.0, rel=1e-3)


def test_what_a_scenario_says_of_doubling():
    scenario = {
        "parameters": {
            "tissue.organ.lung.doubling_time": {"value": 3.0},
            "tissue.organ.default.doubling_time": {"value": 4.0},
            "tissue.organ.lung.death_share": {"value": 5.0},
        }
    }
    assert doubling_times(scenario) == {"lung": 3.0, "default": 4.0}
    assert doubling_times({}) == {}


def test_lengths_in_their_unit():
    assert [length_text(v) for v in (0.025, 3e-3, 8e-6)] == ["2.5 cm", "3 mm", "8 um"]
