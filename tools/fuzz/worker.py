"""A process that samples are judged in: ``python -m tools.fuzz.worker``, a JSON line a request.

A request names a target and a range of inputs: ``first``, and ``seconds``, ``count`` or how many
``hostile`` ones there are to be, after all good and odd ones. Every line of the answer is an input
begun, what came of one, or the end.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from tools.fuzz.judge import Verdict, judge
from tools.fuzz.minimise import minimise
from tools.fuzz.registry import TARGETS
from tools.fuzz.sample import Content, Odd, Sample
from tools.fuzz.target import Target

_SHOWN = 3000


def odd_samples(target: Target, samples: Sequence[Sample]) -> list[tuple[Sample, Sample]]:
    """Return samples in which no plain file lies at one place, each with the good one."""
    found: list[tuple[Sample, Sample]] = []
    for odd in Odd:
        if odd is Odd.PIPE and not target.has_pipes:
            continue
        for name in samples[0]:
            if name in target.kept_whole:
                continue
            changed: dict[str, Content] = {**samples[0], name: odd}
            if odd is Odd.MISSING:
                del changed[name]
            found.append((changed, samples[0]))
    return found


def n_plain(target: Target, samples: Sequence[Sample]) -> int:
    """Return how many inputs come before the hostile ones: good and odd ones."""
    return len(samples) + len(odd_samples(target, samples))


def make_input(
    target: Target, samples: Sequence[Sample], *, seed: int, index: int
) -> tuple[Sample, Sample | None]:
    """Return input ``index`` of a target: good ones first, then odd ones, then hostile ones."""
    if index < len(samples):
        return samples[index], None
    odd = odd_samples(target, samples)
    if index < len(samples) + len(odd):
        return odd[index - len(samples)]
    draw = Random(f"{seed} {target.name} {index}")
    chosen = draw.choice(samples)
    return {**chosen, **target.change(chosen, samples, draw)}, None


def _say(**what: Any) -> None:
    sys.__stdout__.write(json.dumps(what) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def _indices(request: dict[str, Any], n_before: int) -> Iterator[int]:
    if "hostile" in request:
        yield from range(request["first"], n_before + request["hostile"])
        return
    if "count" in request:
        yield from range(request["first"], request["first"] + request["count"])
        return
    until = time.monotonic() + request["seconds"]
    index = request["first"]
    while time.monotonic() < until:
        yield index
        index += 1


def _small(target: Target, sample: Sample, verdict: Verdict, folder: Path) -> Sample:
    def fails(smaller: Sample) -> bool:
        return judge(target, smaller, folder).signature == verdict.signature

    return minimise(sample, fails)


def _serve(request: dict[str, Any], folder: Path) -> None:
    target = TARGETS[request["target"]]
    samples = target.samples()
    # What a reader loads when it is first used is no blow-up.
    judge(replace(target, memory=2**36), samples[0], folder)
    known: set[str] = set()
    n_before = n_plain(target, samples)
    for index in _indices(request, n_before):
        _say(begun=index, hostile=index >= n_before)
        sample, whole = make_input(target, samples, seed=request["seed"], index=index)
        verdict = judge(target, sample, folder, whole=whole)
        if index < len(samples) and not verdict.signature and verdict.outcome != "accepted":
            verdict = Verdict(verdict.outcome, "a good sample was refused", verdict.text)
        if verdict.signature and verdict.signature not in known:
            known.add(verdict.signature)
            if request["minimise"] and whole is None:
                sample = _small(target, sample, verdict, folder)
            changed = {k: v for k, v in sample.items() if v != samples[0].get(k)}
            verdict = replace(verdict, sample=repr(changed)[:_SHOWN])
        _say(ended=index, hostile=index >= n_before, verdict=verdict.to_dict())


def main() -> None:
    """Answer requests until there are no more."""
    folder = Path(sys.argv[1])
    # What readers print has no place between the answers.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for line in sys.stdin:
        _serve(json.loads(line), folder)
        _say(done=True)


if __name__ == "__main__":
    main()
