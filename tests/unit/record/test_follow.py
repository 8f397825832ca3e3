"""A second process follows a run while it is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from ctc.record.reader import open_run


def test_a_live_run_is_seen_whole_at_every_moment(
    samples: ModuleType, tmp_path: Path, start_writer: Callable
) -> None:
    path = tmp_path / "a.vtkhdf"
    process = start_writer(path, 0, 40, 0.04, 0)
    n_looks = 0
    seen = set()
    with open_run(path) as run:
        assert run.status == "running"
        while run.status == "running":
            if not run.refresh():
                time.sleep(0.002)
                continue
            n_looks += 1
            seen.add(run.n_frames)
            if run.n_frames:
                index = run.n_frames - 1
                frame = run.frame(index)
                for name, column in samples.cells(index).items():
                    np.testing.assert_array_equal(getattr(frame, name), column)
            n_epochs = run.n_epochs
            events = run.events()
            wanted = [samples.events(epoch) for epoch in range(n_epochs)]
            np.testing.assert_array_equal(events, np.concatenate([events[:0], *wanted]))
            hops = run.series()["hops"]
            np.testing.assert_array_equal(hops, 2**53 + 1 + np.arange(n_epochs))
        run.refresh()
        assert run.summary()["digest"] == "d" * 64
        assert (run.status, run.n_epochs, run.n_frames) == ("finished", 40, 40)
    assert process.wait(timeout=60) == 0
    assert n_looks >= 5
    assert len(seen) >= 5
