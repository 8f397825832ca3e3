"""What is told when an output cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctc.errors import InputError, OutputError
from ctc.record.failure import failure_reason, output_errors

NO_SPACE = "Can't write (file write failed: errno = 28, error message = 'No space left on device')"


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (OSError(28, "No space left on device"), r"\(No space left on device\)"),
        (OSError(NO_SPACE), r"\(No space left on device\)"),
        (RuntimeError(NO_SPACE), r"\(No space left on device\)"),
        (RuntimeError("Unable to flush\nat line 7"), r"\(Unable to flush\)"),
        (RuntimeError(), r"\(RuntimeError\)"),
    ],
)
def test_a_full_disk_is_an_output_error_however_hdf5_reports_it(
    raised: Exception, words: str
) -> None:
    text = rf"a\.vtkhdf: output .* {words}\. Free some"
    with pytest.raises(OutputError, match=text) as told, output_errors(Path("a.vtkhdf")):
        raise raised
    assert told.value.__cause__ is raised
    assert failure_reason(raised) in str(told.value)


@pytest.mark.parametrize("raised", [InputError("bad"), OutputError("full"), KeyError("ours")])
def test_what_says_enough_is_left_as_it_is(raised: Exception) -> None:
    with pytest.raises(type(raised)) as told, output_errors(Path("a.vtkhdf")):
        raise raised
    assert told.value is raised
