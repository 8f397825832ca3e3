"""The guided engine: libFuzzer keeps what reaches new branches of our readers (atheris).

As a command, ``python -m tools.fuzz.guided TARGET SEED SECONDS FOLDER``, it is the process that
feeds: what it finds is in ``FOLDER/verdicts``, a JSON line each, and ``FOLDER/counts``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from tools.fuzz.judge import Outcome, Verdict, judge
from tools.fuzz.report import Report
from tools.fuzz.sample import Sample, gather
from tools.fuzz.target import Target

_ROOT = Path(__file__).resolve().parents[2]
_VERDICTS, _COUNTS, _INPUT, _CORPUS = "verdicts", "counts", "input", "corpus"
_LENGTH = 4
# Half of the changes are those of the target, half are libFuzzer's own of bytes.
_SHARE = 0.5
_LEAST_LENGTH = 2**16


def is_here() -> bool:
    """Return whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def run_guided(target: Target, *, seed: int, seconds: float) -> Report:
    """Feed a target for some seconds with what its own branches guide to."""
    report = Report(target.name)
    lacks = [*target.lacks, *([] if is_here() else ["atheris"])]
    if lacks:
        report.skipped = f"needs {', '.join(lacks)}"
        return report
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ctc-fuzz-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "tools.fuzz.guided", target.name, str(seed)]
        done = subprocess.run(
            [*command, str(int(seconds)), name],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "CTC_VESSEL_CACHE": "off"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if (folder / _COUNTS).exists():
            report.outcomes.update(json.loads((folder / _COUNTS).read_text(encoding="utf-8")))
            report.hostile.update(report.outcomes)
        if (folder / _VERDICTS).exists():
            for line in (folder / _VERDICTS).read_text(encoding="utf-8").splitlines():
                found = json.loads(line)
                verdict = Verdict.from_dict(found["verdict"])
                report.failures.setdefault(verdict.signature, (found["input"], verdict))
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace")[-3000:]
            text = f"{words}\n{gather(folder / _INPUT)!r}"
            verdict = Verdict(Outcome.DIED, f"{target.name}: status {done.returncode}", text)
            report.add(report.inputs, verdict, is_hostile=True)
    report.seconds = time.monotonic() - began
    return report


def pack(sample: Sample, names: Sequence[str]) -> bytes:
    """Return the files of a sample as one text of bytes."""
    contents = [sample.get(name, b"") for name in names]
    plain = [content if isinstance(content, bytes) else b"" for content in contents]
    if len(names) == 1:
        return plain[0]
    return b"".join(len(each).to_bytes(_LENGTH, "little") + each for each in plain)


def longest_input(samples: Sequence[Sample], names: Sequence[str]) -> int:
    """Return how long an input may get: libFuzzer cuts samples that are longer."""
    return max(_LEAST_LENGTH, *(2 * len(pack(sample, names)) for sample in samples))


def unpack(data: bytes, names: Sequence[str]) -> Sample:
    """Return a sample of any bytes; of what `pack` gave, the same sample."""
    if len(names) == 1:
        return {names[0]: data}
    found = {}
    for name in names:
        length = int.from_bytes(data[:_LENGTH], "little")
        found[name], data = data[_LENGTH : _LENGTH + length], data[_LENGTH + length :]
    return found


class _Feeder:
    """What libFuzzer calls: feeds, counts, and writes down what failed."""

    def __init__(self, target: Target, samples: Sequence[Sample], folder: Path) -> None:
        self.target = target
        self.samples = samples
        self.folder = folder
        self.names = tuple(samples[0])
        self.counts: Counter[str] = Counter()
        self._told = 0.0
        self._known: set[str] = set()

    def feed(self, data: bytes) -> None:
        sample = {**self.samples[0], **unpack(data, self.names)}
        verdict = judge(self.target, sample, self.folder / _INPUT)
        self.counts[verdict.outcome] += 1
        is_new = bool(verdict.signature) and verdict.signature not in self._known
        if is_new:
            self._known.add(verdict.signature)
            verdict = replace(verdict, sample=f"{sample!r:.3000}")
            line = {"input": sum(self.counts.values()), "verdict": verdict.to_dict()}
            with (self.folder / _VERDICTS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        # libFuzzer ends the process without a word.
        if is_new or time.monotonic() - self._told > 0.5:
            self._told = time.monotonic()
            (self.folder / _COUNTS).write_text(json.dumps(self.counts), encoding="utf-8")

    def change(self, data: bytes, most: int, seed: int) -> bytes:
        import atheris  # noqa: PLC0415 - an optional package

        draw = Random(seed)
        if draw.random() < _SHARE:
            changed = self.target.change(unpack(data, self.names), self.samples, draw)
            return pack(changed, self.names)[:most]
        mutated: bytes = atheris.Mutate(data, most)
        return mutated


def main() -> None:
    """Feed one target until the time is up."""
    import atheris  # noqa: PLC0415 - an optional package

    name, seed, seconds, place = sys.argv[1:]
    folder = Path(place)
    with atheris.instrument_imports(include=["ctc", "tomllib"], enable_loader_override=False):
        from tools.fuzz.registry import TARGETS  # noqa: PLC0415 - what it imports is watched

        target = TARGETS[name]
        samples = target.samples()
        for sample in samples:
            judge(replace(target, memory=2**36), sample, folder / _INPUT)
    feeder = _Feeder(target, samples, folder)
    (folder / _CORPUS).mkdir()
    for number, sample in enumerate(samples):
        (folder / _CORPUS / str(number)).write_bytes(pack(sample, feeder.names))
    longest = longest_input(samples, feeder.names)
    options: list[Any] = [sys.argv[0], str(folder / _CORPUS), f"-max_total_time={seconds}"]
    options += [f"-seed={max(int(seed), 1)}", f"-max_len={longest}", "-rss_limit_mb=0"]
    options += ["-handle_alrm=0", "-timeout=100000", "-handle_int=0", "-handle_term=0"]
    atheris.Setup(options, feeder.feed, custom_mutator=feeder.change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
