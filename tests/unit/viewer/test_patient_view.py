"""The patient as it is looked at: marks of time, rings around what was found, words."""

from pathlib import Path
from threading import RLock

import numpy as np
import pytest

from ctc.record.layout import PRIMARY_IDENTITY
from ctc.record.reader import Run, open_run
from ctc.viewer.lesion_bodies import read_primaries
from ctc.viewer.patient_view import MarkKind, PatientView
from ctc.viewer.scene import read_scene
from ctc.viewer.session import Session
from tests.made_up_patient import DAY, EPOCH, N_EPOCHS, examinations, scenario, write_patient

END = N_EPOCHS * EPOCH


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with open_run(write_patient(tmp_path_factory.mktemp("patient") / "a.vtkhdf")) as opened:
        yield opened


@pytest.fixture(scope="module")
def patient(run: Run) -> PatientView:
    return PatientView(run, run.scenario(), lock=RLock())


def test_everything_done_has_a_mark_in_order_of_time(patient: PatientView) -> None:
    marks = patient.marks()
    assert [mark.start for mark in marks] == sorted(mark.start for mark in marks)
    seen = [mark for mark in marks if mark.kind is MarkKind.EXAMINATION]
    np.testing.assert_array_equal([mark.start for mark in seen], examinations()["time"])
    positive = examinations()["is_positive"].astype(bool)
    assert [mark.is_positive for mark in seen] == positive.tolist()
    fractions = next(mark for mark in marks if "radiation 1" in mark.words)
    assert (fractions.start, fractions.stop) == (560 * DAY, 584 * DAY)
    assert "day 365: DIAGNOSIS; größte; by screening" in [mark.words for mark in marks]


def test_marks_near_a_place_are_named(run: Run) -> None:
    timeline = Session(run, n_prefetch=0).timeline()
    assert len(timeline.marks) == len({mark.words for mark in timeline.marks})
    day = timeline.place(DAY)
    within = timeline.marks_at(timeline.place(386 * DAY), 3 * day)
    assert [mark.words[:19] for mark in within] == ["day 386: surgery 1;"]
    # In the middle of 25 fractions, whatever the reach.
    assert timeline.marks_at(timeline.place(570 * DAY), 0.0)[0].kind is MarkKind.TREATMENT
    assert timeline.marks_at(timeline.place(200 * DAY), 10 * day) == ()


@pytest.mark.parametrize(
    ("day", "found", "milestone"),
    [
        (364, [], ""),
        (365, [PRIMARY_IDENTITY], "diagnosis on day 365"),
        (959, [PRIMARY_IDENTITY], "diagnosis on day 365"),
        (960, [PRIMARY_IDENTITY, 2, 0], "relapse on day 960"),
        (1500, [PRIMARY_IDENTITY, 2, 0], "death by cancer on day 1,497"),
    ],
)
def test_what_is_known_at_a_moment(
    patient: PatientView, day: int, found: list[int], *, milestone: str
) -> None:
    assert patient.found(day * DAY).tolist() == found
    assert patient.last_milestone(day * DAY) == milestone


def test_a_tumour_is_there_until_it_is_taken_out(patient: PatientView) -> None:
    primaries = read_primaries(scenario(), END)
    assert patient.remaining(primaries, 386 * DAY - 1) == primaries
    assert patient.remaining(primaries, 386 * DAY) == ()


def test_a_lesion_tells_when_it_was_found_and_not_before(patient: PatientView) -> None:
    assert patient.story(2, 959 * DAY) == (("found", "not yet"),)
    assert patient.story(2, 960 * DAY) == (
        ("found", "day 960 by follow-up, 23 mm measured"),
        ("lay unseen", "2.3 years"),
    )
    assert patient.story(PRIMARY_IDENTITY, END)[0][1].startswith("day 365 by screening, 18 mm")
    assert patient.story(1, END) == (("found", "not yet"),)


def test_found_lesions_are_ringed_and_those_that_are_gone_are_not_there(run: Run) -> None:
    session = Session(run, n_prefetch=0)
    bodies = session.lesions(END)
    assert bodies.is_ringed is not None
    ringed = dict(zip(bodies.identity.tolist(), bodies.is_ringed.tolist(), strict=True))
    assert ringed == {0: True, 1: False, 2: True}
    caption = session.caption_at(END)
    assert caption.time.endswith("; death by cancer on day 1,497")
    assert ("found", "day 960 by follow-up, 14 mm measured") in session.describe_lesion(0, END)


def test_a_still_shows_living_lesions_and_the_last_milestone(run: Run) -> None:
    scene = read_scene(run)
    assert scene.milestone == "death by cancer on day 1,497"
    assert scene.is_found is not None
    assert scene.is_found.tolist() == [True, False, True]
    assert len(scene.colony_cells) == 3


def test_a_run_without_a_calendar_has_no_marks(tmp_path: Path) -> None:
    with open_run(write_patient(tmp_path / "a.vtkhdf", n_epochs=1)) as run:
        none = PatientView(run, {"source": []}, lock=RLock())
        assert none.marks() == ()
        assert none.found(END).size == 0
        assert none.story(0, END) == ()
        assert none.last_milestone(END) == ""


def test_a_primary_tumour_is_one_curve_among_those_of_lesions(run: Run) -> None:
    """Its number is nearly 2^32, which once was the length of an array."""
    plots = {plot.title: plot for plot in Session(run, n_prefetch=0).plots()}
    names = [curve.name for curve in plots["Volume of lesions"].curves]
    assert names[0] == "2, liver"
    assert "primary, größte" in names
    assert PRIMARY_IDENTITY > 2**31
