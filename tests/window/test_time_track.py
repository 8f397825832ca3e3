"""The bar of time, with the marks of a patient."""

from dataclasses import replace

import numpy as np

from ctc.record.reader import open_run
from ctc.viewer.session import Session
from tests.made_up_patient import DAY, write_patient


def test_marks_of_a_patient_are_named_where_they_lie(application, tmp_path):
    """Below the bar; the widget is higher by their lane, and a run without them is as before."""
    from ctc.viewer.window.style import ACCENT  # noqa: PLC0415 - needs Qt
    from ctc.viewer.window.time_track import TimeTrack  # noqa: PLC0415 - needs Qt

    assert application is not None
    with open_run(write_patient(tmp_path / "a.vtkhdf")) as run:
        timeline = Session(run, n_prefetch=0).timeline()
    track = TimeTrack()
    plain = track.sizeHint().height()
    track.set_timeline(timeline, np.zeros(0, dtype=np.int64))
    assert track.sizeHint().height() > plain
    track.resize(900, track.sizeHint().height())
    x = track.x_of(timeline.place(386 * DAY))
    assert "day 386: surgery 1; größte; 2.8e9 cells, 0 left" in track.words_at(x)
    assert track.words_at(track.x_of(timeline.place(200 * DAY))) == ()
    before = TimeTrack()
    before.set_timeline(replace(timeline, marks=()), np.zeros(0, dtype=np.int64))
    before.resize(track.size())
    marked, bare = track.grab().toImage(), before.grab().toImage()
    # A dot of an examination, 8 pixels below the bar.
    place = round(track.x_of(timeline.place(912 * DAY))), 20 + 14 + 8
    assert marked.pixelColor(*place).name() == ACCENT
    assert bare.pixelColor(*place).name() != ACCENT
