"""The thread that writes: jobs in order, and a failure that is told."""

from __future__ import annotations

import pytest

from ctc.record.background import BackgroundWriter


def test_a_failure_is_known_and_raised_by_the_next_call() -> None:
    done: list[int] = []
    writer = BackgroundWriter()
    writer.submit(lambda: done.append(1))
    writer.wait()
    assert writer.has_failed is False

    def fail() -> None:
        message = "no"
        raise OSError(message)

    writer.submit(fail)
    with pytest.raises(OSError, match="no"):
        writer.wait()
    assert writer.has_failed is True
    writer.stop()
    assert done == [1]
