"""Targets: what stands on the command line behind a file that is good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from tools.fuzz.hdf5_samples import tiny_run
from tools.fuzz.hdf5_targets import ask
from tools.fuzz.network_targets import small_tree
from tools.fuzz.sample import Sample
from tools.fuzz.target import Target
from tools.fuzz.text_changes import NUMBERS, UNITS, WORDS

_LINES, _RUN = "arguments.txt", "run.vtkhdf"
_SEPARATOR = "\n"
_DRY = "--dry-run"
_COMMANDS = (
    ("inspect", _RUN, "--json"),
    ("export", _RUN, "-o", "a.csv", "--frames", "0:1", "--cells", "5"),
    ("export", _RUN, "-o", "a.h5md", "--every", "2", "--states", "arrested,dormant"),
    ("render", _RUN, "-o", "a.png", "--size", "64x64", "--style", "scene", "--time", "1 h"),
    ("scan", _RUN, "-o", "a.png", "--size", "520x650", "--modality", "ct", "--time", "1 h"),
    ("vessels", "draw", _RUN, "-o", "a.png", "--size", "400x400", "--organ", "liver"),
    ("vessels", "info", _RUN, "--organ", "lung", "--orders", "strahler"),
    ("vessels", "import", "a.swc", "-o", "a.h5", "--unit", "um", "--kind", "vein"),
    ("vessels", "import", "a.swc", "-o", "a.h5", "--format", "swc", "--no-repair"),
    ("sweep", "antiplatelet_or_exercise", _DRY, "--patients", "4", "--set", "run.seed=3"),
    ("schema", "-o", "a.json"),
    ("repair", _RUN),
)  # fmt: skip


def _samples() -> list[Sample]:
    beside = {**tiny_run(), "a.swc": small_tree()}
    return [{_LINES: _SEPARATOR.join(each).encode(), **beside} for each in _COMMANDS]


def _change(sample: Sample, others: Sequence[Sample], draw: Random) -> Sample:
    words = _words(sample)
    for _ in range(draw.choice((1, 1, 2))):
        at = draw.randrange(1, len(words)) if len(words) > 1 else 0
        what = draw.randrange(5)
        if what == 0:
            words[at] = draw.choice((*NUMBERS, *WORDS)).replace("\0", "")[:50_000]
        elif what == 1:
            words[at] = f"{draw.choice(NUMBERS)} {draw.choice(UNITS)}"
        elif what == 2:
            del words[at]
        elif what == 3:
            words.insert(at, draw.choice(_words(draw.choice(others))))
        else:
            separator = draw.choice((",", ":", "x", "=", "-", "."))
            words[at] = separator.join([words[at], draw.choice(NUMBERS)[:5000]])
    if words[0] == "sweep" and _DRY not in words:
        words.append(_DRY)  # else it is followed to its end, as it should
    return {_LINES: _SEPARATOR.join(words).encode("utf-8", "surrogateescape")}


def _words(sample: Sample) -> list[str]:
    content = sample[_LINES]
    assert isinstance(content, bytes)
    return content.decode("utf-8", "surrogateescape").split(_SEPARATOR)


def _feed(folder: Path) -> object:
    text = (folder / _LINES).read_bytes().decode("utf-8", "surrogateescape")
    return ask(folder, *text.split(_SEPARATOR))


TARGETS = (
    Target(
        "arguments", "numbers, names, times and lists on the command line", _samples, _change,
        _feed, kept_whole=(_LINES, _RUN, "a.swc"), short_form=0,
        seconds=20.0, has_rules=False,
    ),
)  # fmt: skip
