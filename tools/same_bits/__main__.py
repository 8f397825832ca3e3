"""One digest for every scenario, on every way there is to follow it.

    python -m tools.same_bits                              all scenarios and sweeps, every way
    python -m tools.same_bits --scenario quick clinic/breast_early
    python -m tools.same_bits --axis threads chunk         the values of single axes, one at a time
    python -m tools.same_bits --scenario quick --way 'variant=avx2 threads=7 course=each'
    python -m tools.same_bits --list                       what would be gone; runs none

Ways differ in instruction set, threads, cells a launch, room for events, hops a launch, shards and
workers, files or memory, stops, what is recorded, NumPy with or without vector code, who else is in
a sweep, and GPU where there is one; 0 for chunk, room and hops is for all there is. Exit code 0
where every way of a scenario comes to one digest and that is the one on record in
tests/regression/digests.toml; 1 where any is another (the first such way is named as a command),
none is on record, or nothing was compared; 2 after wrong input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from ctc.backends.base import choose_backend
from ctc.backends.source import kernel_hash
from ctc.errors import CtcError, InputError, MissingDeviceError, near_name
from tools.same_bits import table
from tools.same_bits.cases import lacks_tables
from tools.same_bits.comparing import Compared, compare, in_order_of_cost
from tools.same_bits.following import AnyCase, Follower
from tools.same_bits.on_record import Entry, read_entries, write_entries
from tools.same_bits.plain_process import PlainProcess
from tools.same_bits.plan import every_way, ways_along
from tools.same_bits.registry import all_names, find_case, require_known
from tools.same_bits.sweep_cases import SweepCase
from tools.same_bits.ways import Way, axes, way_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except CtcError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _run(options: argparse.Namespace) -> int:
    for name in options.scenario:
        require_known(name)
    known = axes(has_gpu=_has_gpu())
    for name in options.axis:
        if name not in known:
            message = f"--axis must be one of {', '.join(known)}, got '{name}'. "
            raise InputError(message + near_name(name, known))
    given = [way_of(text) for text in options.way]
    if options.list:
        table.show_plan(known, every_way(4, has_gpu=_has_gpu()))
        return 0
    entries = read_entries()
    found: list[Compared] = []
    left_out = [name for name in options.scenario or all_names() if lacks_tables(name)]
    report = table.Lines(is_silent=options.json)
    with tempfile.TemporaryDirectory(prefix="ctc-same-bits-") as work:
        # Vessels are grown once here, and once more in the process without vector code.
        cache = {"CTC_VESSEL_CACHE": "on", "CTC_CACHE": str(Path(work, "vessels"))}
        with (
            patch.dict(os.environ, cache),
            PlainProcess(Path(work, "plain")) as plain,
            Follower(plain) as follow,
        ):
            for name in options.scenario or all_names():
                if name in left_out:
                    report.skipped(name, "its tables of vessels are not here (CTC_REFERENCE)")
                    continue
                case = find_case(name)
                ways = given or _ways(case, options.axis)
                result = compare(case, ways, follow, on_record=entries.get(name))
                found.append(result)
                report.add(result, is_on_record=name in entries)
                if options.update and not result.others:
                    write_entries({name: result.entry})
    if options.json:
        print(json.dumps(table.as_plain(found, left_out, kernels=kernel_hash()), indent=1))
    else:
        report.close(found)
    return 0 if found and all(_is_good(each, entries, options) for each in found) else 1


def _is_good(found: Compared, entries: Mapping[str, Entry], options: argparse.Namespace) -> bool:
    """Return whether ways were compared and agree, with what is on record too."""
    is_as_known = options.update or (found.name in entries and not found.not_on_record)
    return found.n_digests > 0 and not found.others and is_as_known


def _ways(case: AnyCase, chosen: Sequence[str]) -> list[Way]:
    has_gpu, is_sweep = _has_gpu(), isinstance(case, SweepCase)
    n_epochs = 1 if isinstance(case, SweepCase) else case.n_epochs
    if chosen:
        return [
            way
            for name in chosen
            for way in ways_along(name, n_epochs=n_epochs, has_gpu=has_gpu, is_sweep=is_sweep)
        ]
    return in_order_of_cost(every_way(n_epochs, has_gpu=has_gpu, is_sweep=is_sweep))


def _has_gpu() -> bool:
    try:
        choose_backend("cuda")
    except MissingDeviceError:
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.same_bits", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--scenario", nargs="+", default=[], help="only these, sweeps/NAME too")
    parser.add_argument("--axis", nargs="+", default=[], help="only the values of these axes")
    parser.add_argument("--way", action="append", default=[], help="only this way; may come again")
    parser.add_argument("--list", action="store_true", help="say what would be gone, and end")
    parser.add_argument("--update", action="store_true", help="put what is found on record")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
