"""The whole table: which rows, with or without their laws, and where it goes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ctc.backends.base import choose_backend
from ctc.errors import InputError, OutputError, near_name
from tools.validate import registry
from tools.validate.registry import ALL, find_rows, with_cohorts, with_tables
from tools.validate.rows import Row
from tools.validate.single import COMMANDS
from tools.validate.table import Measured, as_plain, measure_row, show

# Where the output is no terminal.
_WIDTH = 170


def run(arguments: Sequence[str], *, about: str) -> int:
    """Measure and print; returns the exit code."""
    _refuse_word(arguments)
    options = _parser(about).parse_args(arguments)
    chosen = _chosen(options)
    if options.tables is not None and not options.tables.is_dir():
        message = f"--tables must be a folder, got '{options.tables}'. It is to hold nodes.csv."
        raise InputError(message)
    if options.plots is not None:
        _make(options.plots)
    measured = [_measure(row, options, ablated=ablated) for row, ablated in chosen]
    device = choose_backend("auto").description
    if options.json:
        print(json.dumps(as_plain(measured, device=device), indent=1))
    else:
        console = Console(highlight=False, markup=False)
        if not console.is_terminal:
            console = Console(highlight=False, markup=False, width=_WIDTH)
        show(measured, console, device=device)
    if options.plots is not None:
        _draw(measured, options.plots)
    asked = [word for word in (*options.only, *options.ablate) if word != ALL]
    named = {row.name for row in find_rows(asked, option="--only")}
    is_missing = any(each.outcome is None and each.row.name in named for each in measured)
    return 0 if all(each.is_as_it_should for each in measured) and not is_missing else 1


def _refuse_word(arguments: Sequence[str]) -> None:
    if arguments and not arguments[0].startswith("-"):
        hint = near_name(arguments[0], COMMANDS)
        message = f"first word must be an option or a comparison, got '{arguments[0]}'. {hint}"
        raise InputError(message)


def _chosen(options: argparse.Namespace) -> list[tuple[Row, bool]]:
    """Return rows and whether their laws are taken away: those that --ablate names."""
    ablated = find_rows(options.ablate, option="--ablate")
    plain = find_rows(options.only or ([] if ablated else [ALL]), option="--only")
    names = {row.name for row in ablated}
    kept = {row.name for row in plain}
    return [
        (
            with_cohorts(
                with_tables(row, options.tables), options.sweeps, n_patients=options.patients
            ),
            row.name in names,
        )
        for row in registry.ROWS
        if row.name in names | kept
    ]


def _measure(row: Row, options: argparse.Namespace, *, ablated: bool) -> Measured:
    what = f"row {row.number}, {row.name}{', without its law' if ablated else ''}"
    print(f"{what} ...", file=sys.stderr, flush=True)
    measured = measure_row(row, ablated=ablated)
    word = "skipped" if measured.outcome is None else f"{measured.seconds:.1f} s"
    print(f"{what}: {word}", file=sys.stderr, flush=True)
    return measured


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"--plots must be a folder that can be written, got: {error}. Name another."
        raise OutputError(message) from None


def _draw(measured: Sequence[Measured], folder: Path) -> None:
    from tools.validate.pictures import (  # noqa: PLC0415 - loads matplotlib
        draw_overview,
        draw_row,
    )

    paths = [draw_row(each, folder) for each in measured] + [draw_overview(measured, folder)]
    n_drawn = sum(path is not None for path in paths)
    print(f"{n_drawn} pictures in {folder}", file=sys.stderr)


def _parser(about: str) -> argparse.ArgumentParser:
    rows = "\n".join(f"  {row.number:2d} {row.name:18s} {row.law}" for row in registry.ROWS)
    parser = argparse.ArgumentParser(
        prog="python -m tools.validate",
        description=about,
        epilog=f"rows, and the laws that --ablate takes away:\n{rows}\n\n"
        f"comparisons in full, each with --help: {', '.join(COMMANDS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="measure this row only, by name or number; repeatable",
    )
    parser.add_argument(
        "--ablate",
        action="append",
        default=[],
        metavar="NAME",
        help=f"take this row's law away, upon which it must be missed; repeatable, or {ALL}. "
        "Without --only no other row is measured",
    )
    parser.add_argument(
        "--plots", type=Path, metavar="FOLDER", help="draw a picture a row, and one of all"
    )
    parser.add_argument(
        "--tables",
        type=Path,
        metavar="FOLDER",
        help="tables of the published network for flow_only: nodes.csv, segments.csv",
    )
    parser.add_argument(
        "--sweeps",
        type=Path,
        metavar="FOLDER",
        help="tables of cohorts for the rows that need patients; those that are not there are "
        "made by the shipped sweeps, which takes long",
    )
    parser.add_argument(
        "--patients",
        type=_count,
        metavar="N",
        help="so many in each arm of those sweeps, instead of what they say",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        message = f"must be a number of patients, at least 1, got '{text}'"
        raise argparse.ArgumentTypeError(message)
    return number
