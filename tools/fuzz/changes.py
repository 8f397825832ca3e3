"""Changes of bytes, of files beside one another, and the joining of changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tools.fuzz.sample import Content, Sample

# What a change makes is cut here: what takes long to make is not worth the wait.
TOO_LONG = 2**20

# Changes bytes; the others are those of the same file in other samples.
ByteChange = Callable[[bytes, Sequence[bytes], Random], bytes]


def changing(
    *changes: ByteChange, only: Callable[[str], bool] = lambda _: True, most: int = 6
) -> Callable[[Sample, Sequence[Sample], Random], Sample]:
    """Return a change of samples: a few changes of bytes, in one or two of its files.

    Parameters
    ----------
    *changes : ByteChange
        One is drawn each time; naming one twice makes it twice as likely.
    only : callable of str
        Whether a file of that name may be changed.
    most : int
        Changes of one file at the most.
    """

    def change(sample: Sample, others: Sequence[Sample], draw: Random) -> Sample:
        found: dict[str, Content] = dict(sample)
        names = [name for name in found if only(name) and isinstance(found[name], bytes)]
        for name in draw.sample(names, min(len(names), draw.choice((1, 1, 1, 2)))):
            content = found[name]
            assert isinstance(content, bytes)
            beside = [each[name] for each in others if isinstance(each.get(name), bytes)]
            for _ in range(draw.randint(1, most)):
                content = draw.choice(changes)(content, beside, draw)[:TOO_LONG]  # type: ignore[arg-type]
            found[name] = content
        return found

    return change


def flip_bits(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Turn a few bits over."""
    found = bytearray(data)
    for _ in range(draw.randint(1, 8) if found else 0):
        found[draw.randrange(len(found))] ^= 1 << draw.randrange(8)
    return bytes(found)


def cut_short(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Keep the beginning, as after a full disk."""
    return data[: draw.randint(0, len(data))]


def take_out(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Take a piece out."""
    first, last = _piece(data, draw)
    return data[:first] + data[last:]


def repeat(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Write a piece several times."""
    first, last = _piece(data, draw)
    return data[:first] + data[first:last] * draw.choice((2, 3, 50, 2000)) + data[last:]


def splice(data: bytes, others: Sequence[bytes], draw: Random) -> bytes:
    """Put a piece of another sample in."""
    other = draw.choice([data, *others])
    first, last = _piece(other, draw)
    at = draw.randint(0, len(data))
    return data[:at] + other[first:last] + data[draw.choice((at, min(at + last - first, 9**9))) :]


def put_in(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Put a few bytes of trouble in."""
    trouble = draw.choice(_TROUBLE)
    at = draw.randint(0, len(data))
    return data[:at] + trouble + data[draw.choice((at, min(at + len(trouble), len(data)))) :]


def overwrite(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Put a number that is too large, too small or none over some bytes."""
    width = draw.choice((1, 2, 4, 8))
    if len(data) < width:
        return data
    at = draw.randrange(len(data) - width + 1)
    value = draw.choice(
        (0, 1, 2 ** (8 * width) - 1, 2 ** (8 * width - 1), 2 ** (8 * width - 1) - 1)
    )
    if width in (4, 8) and draw.random() < 0.4:
        number = draw.choice(("0000807f", "0000c07f", "000080ff", "ffff7f7f", "01000000"))
        if width == 8:
            number = draw.choice(("000000000000f07f", "000000000000f87f", "ffffffffffffef7f"))
        return data[:at] + bytes.fromhex(number) + data[at + width :]
    order = draw.choice(("little", "big"))
    return data[:at] + value.to_bytes(width, order) + data[at + width :]  # type: ignore[arg-type]


BYTES: tuple[ByteChange, ...] = (
    flip_bits, cut_short, take_out, repeat, splice, put_in, overwrite,
)  # fmt: skip

_TROUBLE = (
    b"\0", b"\0" * 64, b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80",
    b"\x1b[31m", b"\r", b"\r\n", b"\n", b"\x0b", b"\x0c", b"\x85", b"\xe2\x80\xa8", b"\x1a",
    b"\xf4\x90\x80\x80", b"\x1f\x8b\x08",
)  # fmt: skip


def _piece(data: bytes, draw: Random) -> tuple[int, int]:
    first = draw.randint(0, len(data))
    length = draw.choice((1, 4, 16, 64, 1024, len(data)))
    return first, min(first + draw.randint(0, length), len(data))
