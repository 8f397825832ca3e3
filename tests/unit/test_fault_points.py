"""Faults happen where and when they were asked for, and never else."""

from __future__ import annotations

import errno

import pytest

from ctc import fault_points
from ctc.errors import InputError
from ctc.fault_points import VARIABLE, Fault, check_faults, pass_point, planned


@pytest.fixture(autouse=True)
def fresh_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_points, "_passages", fault_points._Passages())


def test_nothing_happens_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    check_faults()
    for name in fault_points.POINTS:
        pass_point(name)


def test_a_fault_comes_once_at_its_passage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "run.begun:3:ENOSPC,run.closed:1:memory")
    pass_point("run.begun")
    pass_point("run.begun")
    with pytest.raises(OSError, match="No space left") as caught:
        pass_point("run.begun")
    assert caught.value.errno == errno.ENOSPC
    pass_point("run.begun")
    pass_point("block.written")
    with pytest.raises(MemoryError, match=r"at run\.closed"):
        pass_point("run.closed")


def test_the_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert planned("run.begun:1:kill,h5md.renamed:12:sleep") == (
        Fault("run.begun", 1, "kill"),
        Fault("h5md.renamed", 12, "sleep"),
    )
    assert planned("") == ()
    for text, message in (
        ("run.begin:1:kill", "got 'run.begin'. Did you mean 'run.begun'"),
        ("run.begun:0:kill", "whole number >= 1, got '0'"),
        (f"run.begun:{'9' * 5000}:kill", "whole number >= 1, got '999"),
        ("run.begun:kill", "whole number >= 1, got 'kill'"),
        ("run.begun:1:kil", "got 'kil'. Did you mean 'kill'"),
        ("run.begun:1:kill,run.begun:2:kill", "named once"),
    ):
        monkeypatch.setenv(VARIABLE, text)
        with pytest.raises(InputError, match="CTC_FAULT: ") as caught:
            check_faults()
        assert message in str(caught.value)
