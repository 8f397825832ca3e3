"""What is told when an output cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctc.errors import InputError, OutputError
from ctc.record.failure import damage_told, failure_reason, output_errors

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


@pytest.mark.parametrize(
    "raised", [InputError("bad", file="b"), OutputError("full"), KeyError("ours")]
)
def test_what_says_enough_is_left_as_it_is(raised: Exception) -> None:
    with pytest.raises(type(raised)) as told, output_errors(Path("a.vtkhdf")):
        raise raised
    assert told.value is raised


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (RuntimeError("no chunk (addr overflow, addr = 9)"), InputError, "It is damaged"),
        (KeyError("no object 'id'"), InputError, "It is damaged"),
        (OSError("no data (addr overflow, addr = 9)"), InputError, "It is damaged"),
        (OSError(28, "No space left on device"), OutputError, "No space left"),
        (
            KeyError("file read failed: errno = 5, error message = 'Input/output error', buf = 1"),
            OutputError,
            r"\(Input/output error\)",
        ),
        (InputError("key must be known. Drop it."), InputError, "a.vtkhdf: key must be known"),
    ],
    ids=str,
)
def test_damage_and_what_the_system_refuses_are_told_apart(
    raised: Exception, kind: type[Exception], words: str
) -> None:
    path = Path("a.vtkhdf")
    with pytest.raises(kind, match=words) as caught, output_errors(path), damage_told(path):
        raise raised
    assert "a.vtkhdf: " in str(caught.value)
