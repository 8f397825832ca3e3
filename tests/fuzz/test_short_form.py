"""Some hundreds of hostile inputs for every reader: each is read, or refused in one clean line.

The same inputs every time: those of ``python -m tools.fuzz --inputs N --seed 1``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.fuzz.campaign import Worker, run_target
from tools.fuzz.registry import TARGETS

SEED = 1
ASKED = [name for name, each in TARGETS.items() if each.short_form]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as running:
        yield running


@pytest.mark.parametrize("name", ASKED)
def test_every_input_is_read_or_refused_cleanly(worker: Worker, name: str) -> None:
    target = TARGETS[name]
    if target.lacks:
        pytest.skip(f"needs {', '.join(target.lacks)}")
    report = run_target(target, worker, seed=SEED, count=target.short_form, minimise=False)
    assert report.inputs == target.short_form
    assert not report.failures, "\n".join(
        f"input {index}: {signature}\n{verdict.text}\n{verdict.sample}"
        for signature, (index, verdict) in report.failures.items()
    )
    # Neither a reader that takes everything nor changes that break everything ask anything.
    assert report.outcomes["accepted"]
    assert report.outcomes["refused"] > target.short_form // 4
