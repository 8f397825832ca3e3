"""A failing sample made small: as long as it fails in the same way, pieces are left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tools.fuzz.sample import Content, Sample

Fails = Callable[[Sample], bool]


def minimise(sample: Sample, fails: Fails, *, seconds: float = 20.0) -> Sample:
    """Return a sample with less in it that still fails.

    Parameters
    ----------
    sample : Sample
        Fails.
    fails : callable
        Whether a sample fails in the way that is looked for.
    seconds : float [s]
        When to be content with what is left.
    """
    until = time.monotonic() + seconds
    found: dict[str, Content] = dict(sample)
    for name in list(found):
        without = {key: value for key, value in found.items() if key != name}
        if without and fails(without):
            found = without
    for name, content in list(found.items()):
        if isinstance(content, bytes):
            found[name] = _smaller(found, name, fails, until)
    return found


def _smaller(sample: dict[str, Content], name: str, fails: Fails, until: float) -> bytes:
    """Leave out ever smaller runs of lines, then of bytes, of one file."""
    content = sample[name]
    assert isinstance(content, bytes)
    for pieces_of in (lambda data: data.splitlines(keepends=True), _each_byte):
        pieces = pieces_of(content)
        if len(pieces) > 20_000:
            continue
        size = max(len(pieces) // 2, 1)
        while size and time.monotonic() < until:
            is_smaller = False
            for first in _starts(pieces, size):
                if time.monotonic() > until:
                    break
                rest = pieces[:first] + pieces[first + size :]
                if len(rest) < len(pieces) and fails({**sample, name: b"".join(rest)}):
                    pieces, is_smaller = rest, True
            if not is_smaller:
                size //= 2
        content = b"".join(pieces)
    return content


def _starts(pieces: list[bytes], size: int) -> Iterator[int]:
    # From the end: what is left out behind does not move what stands before.
    yield from range(len(pieces) - size, -1, -size)


def _each_byte(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]
