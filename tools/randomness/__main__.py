"""Are the random numbers random, and the logarithm that they go through right.

    python -m tools.randomness              the battery, a million words an ordering, a minute
    python -m tools.randomness --long       sixteen million words an ordering
    python -m tools.randomness --worse      generators that the battery must find at fault
    python -m tools.randomness log          every normal float in (0, 1], and the host's functions
    python -m tools.randomness stream NAME  raw words, for other batteries:
                                            ... stream 'streams in turn' | dieharder -a -g 200

The battery reads the words of the kernels and of the host in the orders in which runs draw them,
and asks whether neighbours in cell id, stream, draw and seed, and bits that are flipped, are
independent. A p-value below 1e-6 or above 1 - 1e-6 is a fault, as is a set of p-values that is not
even. The exit code is 0 where all is well, 1 where not, 2 after wrong input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict

from tools.randomness.battery import LIMIT, Trial, run_battery, uniformity
from tools.randomness.generators import NOT_GOOD_ENOUGH, philox
from tools.randomness.logarithm import (
    BOUND,
    HOST_BOUNDS,
    N_FLOATS,
    every_float,
    host_errors,
    is_in_bounds,
    is_proven,
)
from tools.randomness.orderings import OF_KERNELS

_WORDS, _LONG_WORDS, _WORSE_WORDS = 1 << 20, 1 << 24, 1 << 16
_FLIPS_OF_WORDS = 64
_HOST_SAMPLE = 20_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    parts: dict[str, Callable[[argparse.Namespace], int]] = {
        "battery": _worse if options.worse else _battery,
        "log": _log,
        "stream": _stream,
    }
    return parts[options.part](options)


def _battery(options: argparse.Namespace) -> int:
    n_words = options.words or (_LONG_WORDS if options.long else _WORDS)
    began = time.monotonic()
    trials = list(run_battery(n_words=n_words, n_flips=n_words // _FLIPS_OF_WORDS))
    evenness = uniformity(trials)
    faults = [trial for trial in trials if trial.is_fault]
    if options.json:
        found = {"evenness": evenness, "n_words": n_words, "trials": [asdict(t) for t in trials]}
        print(json.dumps(found, indent=1))
    else:
        _print_table(trials)
        values = sorted(trial.p_value for trial in trials)
        print(
            f"\n{len(trials)} tests of up to {n_words} words: {len(faults)} at fault; p-values "
            f"from {values[0]:.2g} to 1 - {1 - values[-1]:.2g}, even with {evenness:.2g}; "
            f"{time.monotonic() - began:.0f} s"
        )
    return int(bool(faults) or not evenness >= LIMIT)


def _worse(options: argparse.Namespace) -> int:
    n_words = options.words or _WORSE_WORDS
    rows = []
    for name, generator in NOT_GOOD_ENOUGH.items():
        trials = list(
            run_battery(
                generator, n_words=n_words, n_flips=n_words // _FLIPS_OF_WORDS, with_host=False
            )
        )
        n_faults = sum(trial.is_fault for trial in trials)
        rows.append({"generator": name, "tests": len(trials), "faults": n_faults})
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        for row in rows:
            print(f"{row['generator']}: {row['faults']} of {row['tests']} tests at fault")
    return int(any(row["faults"] == 0 for row in rows))


def _log(options: argparse.Namespace) -> int:
    errors = every_float(options.threads)
    host = list(host_errors(_HOST_SAMPLE))
    if options.json:
        print(json.dumps({"log_f32": asdict(errors), "host": [asdict(e) for e in host]}, indent=1))
    else:
        print(
            f"log of {errors.count} of {N_FLOATS} normal floats in (0, 1]: largest error "
            f"{errors.largest:.4f} units in the last place at {errors.at:.9g} (bound {BOUND}); "
            f"{errors.falls} times below that of the float before"
        )
        for each in host:
            print(
                f"{each.function} of the host, {each.count} float64: largest error found "
                f"{each.largest:.3f} units at {each.at:.17g} (bound {HOST_BOUNDS[each.function]})"
            )
    return int(not is_proven(errors) or not all(map(is_in_bounds, host)))


def _stream(options: argparse.Namespace) -> int:
    if options.ordering not in OF_KERNELS:
        print(f"the ordering must be one of: {', '.join(OF_KERNELS)}", file=sys.stderr)
        return 2
    n_words = options.words or _LONG_WORDS
    ordering = OF_KERNELS[options.ordering]
    try:
        sys.stdout.buffer.write(ordering(philox, n_words).tobytes())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _print_table(trials: Sequence[Trial]) -> None:
    for ordering in dict.fromkeys(trial.ordering for trial in trials):
        own = [trial for trial in trials if trial.ordering == ordering]
        ends = min(own, key=lambda trial: min(trial.p_value, 1 - trial.p_value))
        n_faults = sum(trial.is_fault for trial in own)
        print(
            f"{ordering:24} {len(own):3} tests  {n_faults} at fault   most extreme p "
            f"{ends.p_value:.3g} ({ends.test})"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.randomness", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("part", nargs="?", choices=["battery", "log", "stream"], default="battery")
    parser.add_argument("ordering", nargs="?", default="streams in turn", help="of stream")
    parser.add_argument("--long", action="store_true", help="sixteen times as many words")
    parser.add_argument("--worse", action="store_true", help="generators that must be found")
    parser.add_argument("--words", type=int, metavar="N", help="words of each ordering")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--threads", type=int, default=cores, metavar="N", help="of log")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
