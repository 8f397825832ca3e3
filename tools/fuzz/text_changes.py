"""Changes of text: its lines, its words, its numbers, and how it is written down as bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from tools.fuzz.changes import TOO_LONG, ByteChange

NUMBERS = (
    "0", "-0", "-0.0", "1", "-1", "0.5", "nan", "-nan", "inf", "-inf", "Infinity", "1e400",
    "-1e400", "1e308", "-1e308", "1e-320", "5e-324", "1e999999999999", "2147483647", "2147483648",
    "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1" + "0" * 40,
    "1" * 5000, "0x10", "0b1", "0o7", "1_000", "1__0", "1,5", "1.2.3", "1e", "--1", "+1", "01",
    "1e-400", "\u0661", "\uff11\uff12", "\xbd", "true", "None", "1j", "3.0", "1e3", "1000000",
    "100000000",
)  # fmt: skip
WORDS = (
    "", " ", "\t", "\\", '"', "'", '"""', "\x1b[31mred", "\x07", "\u202e", "\u2028", "\x00",
    "\x7f", "a" * 300, "a" * 100_000, "../../../../etc/passwd", "/dev/zero", "/proc/self/mem", "/",
    ".", "..", "~", "$HOME", "%s%n", "{0}", "{0.__class__}", "\xe9", "\U0001d51e", "e\u0301",
    "\ufeff", "\ud7ff", "__proto__", "__class__", "None", "[]", "{}", "=", "#", "@1", "lung",
    "liver", "breast", "*", "**", "-", "//",
)  # fmt: skip
UNITS = (
    "um", "mm", "m", "1/h", "h", "%", "g", "kg/m**3", "degC", "delta_degC", "m**-1", "m**0.5",
    "m**9**9", "m**999999999", "m**1e400", "((m))", "m/0", "m**nan", "1/", "*m", "m m", "µm", "Å",
    "dB", "lightyear", "km**1000", "count", "radian", "m^^2", "m**(9**9**9)", "__import__('os')",
)  # fmt: skip

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TOKEN = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'|[\w.+-]+|[^\w\s]|\s+')
_STRING = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'')
_MOST_TOKENS = 4000

# Changes text; the others are the same file in other samples.
TextChange = Callable[[str, Sequence[str], Random], str]


def of_text(change: TextChange) -> ByteChange:
    """Return a change of bytes that is one of the text they stand for."""

    def changed(data: bytes, others: Sequence[bytes], draw: Random) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        beside = [each.decode("utf-8", "surrogateescape") for each in others]
        return change(text, beside, draw).encode("utf-8", "surrogateescape")

    return changed


def number(text: str, _others: Sequence[str], draw: Random) -> str:
    """Put an odd number in place of one."""
    return _replace(_NUMBER, text, draw, lambda old: _odd_number(old, draw))


def _odd_number(old: str, draw: Random) -> str:
    try:
        value = float(old)
    except ValueError:
        value = 0.0
    near = (str(-value), f"{value:g}{draw.choice(NUMBERS)}", str(value * 1e-3), str(value * 1e6))
    return draw.choice((draw.choice(NUMBERS), draw.choice(NUMBERS), draw.choice(near)))


def word(text: str, others: Sequence[str], draw: Random) -> str:
    """Put another word in place of one: of the text, of other samples, or an odd one."""
    own = _TOKEN.findall(draw.choice([text, *others])[: 50 * _MOST_TOKENS])
    pool = [each for each in own[:_MOST_TOKENS] if not each.isspace()] or [""]
    return _replace(
        _TOKEN, text, draw, lambda _: draw.choice((draw.choice(pool), draw.choice(WORDS)))
    )


def string(text: str, others: Sequence[str], draw: Random) -> str:
    """Put another text between quotes."""
    pool = _STRING.findall(draw.choice([text, *others])[: 50 * _MOST_TOKENS]) or ['""']
    trouble = f'"{draw.choice(WORDS)}"', f'"{draw.choice(NUMBERS)} {draw.choice(UNITS)}"'
    return _replace(_STRING, text, draw, lambda _: draw.choice((draw.choice(pool), *trouble)))


def swap_words(text: str, _others: Sequence[str], draw: Random) -> str:
    """Let two words change places."""
    found = [each for each in _TOKEN.finditer(text[: 50 * _MOST_TOKENS]) if not each[0].isspace()]
    if len(found) < 2:
        return text
    first, second = sorted(draw.sample(found, 2), key=lambda each: each.start())
    between = text[first.end() : second.start()]
    return f"{text[: first.start()]}{second[0]}{between}{first[0]}{text[second.end() :]}"


def drop_word(text: str, _others: Sequence[str], draw: Random) -> str:
    """Leave a word out."""
    return _replace(_TOKEN, text, draw, lambda _: "")


def double_word(text: str, _others: Sequence[str], draw: Random) -> str:
    """Write a word twice, or very often."""
    times = draw.choice((2, 2, 3, 100, 20_000))
    return _replace(_TOKEN, text, draw, lambda old: old * min(times, TOO_LONG // len(old)))


def lines(text: str, others: Sequence[str], draw: Random) -> str:
    """Drop, repeat, move or swap lines, or take some of another sample."""
    found = text.splitlines(keepends=True)
    if not found:
        return text
    i, j = draw.randrange(len(found)), draw.randrange(len(found))
    what = draw.randrange(6)
    if what == 0:
        del found[i : i + draw.choice((1, 1, 2, 10))]
    elif what == 1:
        found[i:i] = found[i : i + draw.choice((1, 3))] * draw.choice((1, 1, 2, 1000))
    elif what == 2:
        found[i], found[j] = found[j], found[i]
    elif what == 3:
        found.insert(j, found.pop(i))
    elif what == 4:
        other = draw.choice([text, *others]).splitlines(keepends=True) or [""]
        at = draw.randrange(len(other))
        found[i:i] = other[at : at + draw.choice((1, 2, 10))]
    else:
        found[i] = draw.choice((found[i].strip(), found[i] * 3, "\n", found[i][::-1]))
    return "".join(found)


def nest(text: str, _others: Sequence[str], draw: Random) -> str:
    """Open something very often, here and there without closing it."""
    opening, closing = draw.choice(_PAIRS)
    depth = draw.choice((10, 200, 1500, 20_000))
    inner = opening * depth + draw.choice(("", "1", '"a"')) + closing * draw.choice((0, depth))
    at = draw.randint(0, len(text))
    return draw.choice((text[:at] + inner + text[at:], f"{text}\nx = {inner}\n"))


_PAIRS = (
    ("[", "]"), ("{", "}"), ("{a=", "}"), ("(", ")"), ("[[", "]]"), ("a.", "b=1"), ("<a>", "</a>"),
    ("<g a='1'>", "</g>"), ('"', '"'), ("-", ""),
)  # fmt: skip


def writing(data: bytes, _others: Sequence[bytes], draw: Random) -> bytes:
    """Write the same text down in another way: line ends, marks, encodings."""
    return draw.choice(_WRITINGS)(data, draw)


def _encoded(data: bytes, draw: Random) -> bytes:
    return data.decode("utf-8", "replace").encode(draw.choice(("utf-16", "utf-32", "utf-7")))


_WRITINGS: tuple[Callable[[bytes, Random], bytes], ...] = (
    lambda data, _: b"\xef\xbb\xbf" + data,
    lambda data, draw: data.replace(b"\n", draw.choice((b"\r\n", b"\r", b"\n\r", b"\0", b""))),
    _encoded,
    lambda data, _: data.decode("utf-8", "replace").encode("latin-1", "replace") + b"\xe9\xff",
    lambda data, draw: data.replace(
        b" ", draw.choice((b"\t", b"\xc2\xa0", b"\x0b", b"\xe3\x80\x80"))
    ),
    lambda data, draw: data.upper() if draw.random() < 0.5 else data.lower(),
    lambda data, draw: data.rstrip() + draw.choice((b"", b"\n" * 5000, b" " * 100_000, b"\x1a")),
)


def _replace(pattern: re.Pattern[str], text: str, draw: Random, new: Callable[[str], str]) -> str:
    """Replace one match, the choice of which is as good as even, without finding them all."""
    if not text:
        return text
    found = pattern.search(text, draw.randrange(len(text))) or pattern.search(text)
    if found is None:
        return text
    return text[: found.start()] + new(found[0]) + text[found.end() :]


TEXT: tuple[ByteChange, ...] = tuple(
    of_text(change)
    for change in (
        number, number, number, word, word, string, string, swap_words, drop_word, double_word,
        lines, lines, nest,
    )
)  # fmt: skip
TEXT = (*TEXT, writing)
