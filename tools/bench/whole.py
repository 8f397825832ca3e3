"""The whole table as a command: which rows, how large, and where it goes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ctc.backends.base import choose_backend
from ctc.errors import InputError
from tools.bench import registry
from tools.bench.hedos_peer import require_checkout
from tools.bench.pages import require_pages, write_pages
from tools.bench.real_network import require_tables
from tools.bench.registry import find_rows
from tools.bench.rows import Conditions, Row
from tools.bench.table import Measured, as_plain, measure_row, show

# Where the output is no terminal.
_WIDTH = 170
_BESIDE = Path(__file__).resolve().parents[3] / "shared"


def run(arguments: Sequence[str], *, about: str) -> int:
    """Measure and print; returns 0 whether goals are met or not, 1 where a row failed."""
    options = _parser(about).parse_args(arguments)
    rows = find_rows(options.only)
    conditions = _conditions(options)
    measured = [_measure(row, conditions) for row in rows]
    if options.json:
        print(json.dumps(as_plain(measured, conditions=conditions), indent=1))
    else:
        console = Console(highlight=False, markup=False)
        if not console.is_terminal:
            console = Console(highlight=False, markup=False, width=_WIDTH)
        show(measured, console, conditions=conditions)
    has_failed = any(each.failed for each in measured)
    if options.markdown and has_failed:
        print("a row failed: the pages stay as they are.", file=sys.stderr)
    elif options.markdown:
        write_pages(measured, conditions=conditions)
    return int(has_failed)


def _conditions(options: argparse.Namespace) -> Conditions:
    if options.markdown and (options.only or options.quick):
        message = "--markdown must have the whole table, got --only or --quick. Leave them out."
        raise InputError(message)
    # Before the first row, which may be minutes away from the one that needs it.
    if options.hedos is not None:
        require_checkout(options.hedos)
    if options.tables is not None:
        require_tables(options.tables)
    if options.markdown:
        require_pages()
    if options.device:
        choose_backend(options.device)
    return Conditions(
        is_quick=options.quick,
        device=options.device,
        hedos=options.hedos,
        tables=options.tables or _tables_beside(),
    )


def _tables_beside() -> Path | None:
    """Return the published network among outside reference data, where they are there."""
    folder = Path(os.environ.get("CTC_REFERENCE") or _BESIDE) / "data" / "bodyparts3d"
    return folder if folder.is_dir() else None


def _measure(row: Row, conditions: Conditions) -> Measured:
    print(f"{row.name} ...", file=sys.stderr, flush=True)
    measured = measure_row(row, conditions)
    word = f"{measured.seconds:.1f} s" if measured.outcome else measured.why_empty
    print(f"{row.name}: {word}", file=sys.stderr, flush=True)
    return measured


def _parser(about: str) -> argparse.ArgumentParser:
    rows = "\n".join(f"  {row.name:14s} {row.what}" for row in registry.ROWS)
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description=about,
        epilog=f"rows:\n{rows}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        action="extend",
        nargs="+",
        default=[],
        metavar="NAME",
        help="measure these rows only",
    )
    parser.add_argument(
        "--quick", action="store_true", help="smaller problems, about a minute and a half"
    )
    parser.add_argument(
        "--device", default="", metavar="NAME", help="also on a GPU: cuda, cuda:1, ..."
    )
    parser.add_argument(
        "--hedos", type=Path, metavar="FOLDER", help="a checkout of HEDOS, measured in the same run"
    )
    parser.add_argument(
        "--tables", type=Path, metavar="FOLDER", help="published network: nodes.csv, segments.csv"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--markdown", action="store_true", help="write the table into tools/README.md and README.md"
    )
    return parser
