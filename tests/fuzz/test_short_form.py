"""Some dozens of hostile inputs for every reader: each is read, or refused in one clean line.

The same inputs every time: the first of ``python -m tools.fuzz --seed 1``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.fuzz.campaign import Worker, run_target
from tools.fuzz.hdf5_targets import TARGETS as HDF5
from tools.fuzz.registry import TARGETS

SEED = 1
_HDF5 = tuple(each.name for each in HDF5 if each.short_form)
# Files in HDF5 are made by runs: in one test, so that they are made once, in one process.
ASKED = {
    "hdf5": _HDF5,
    **{name: (name,) for name, each in TARGETS.items() if each.short_form and name not in _HDF5},
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


@pytest.mark.parametrize("names", ASKED.values(), ids=ASKED)
def test_every_input_is_read_or_refused_cleanly(worker: Worker, names: tuple[str, ...]) -> None:
    for name in names:
        target = TARGETS[name]
        if target.lacks:
            pytest.skip(f"needs {', '.join(target.lacks)}")
        report = run_target(target, worker, seed=SEED, hostile=target.short_form, minimise=False)
        assert not report.failures, "\n".join(
            f"{name}, input {index}: {signature}\n{verdict.text}\n{verdict.sample}"
            for signature, (index, verdict) in report.failures.items()
        )
        assert report.hostile.total() == target.short_form
        # Neither a reader that takes everything nor changes that break everything ask anything.
        assert report.outcomes["accepted"]
        assert report.hostile["refused"] > target.short_form // 4
