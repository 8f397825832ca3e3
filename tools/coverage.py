"""Share of the lines and branches of ctc/ that the tests run, and what is below the line.

python -m tools.coverage                      the whole suite, about half as long again as without
python -m tools.coverage -- tests/unit        some tests; judges nothing
python -m tools.coverage --keep FOLDER        leaves the data there, for `coverage html`
python -m tools.coverage --from FOLDER        judges data that were kept
python -m tools.coverage --json               for programs

Exit code: 0 if the total and every file reach their goal, 1 if not, 2 if a test failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coverage import Coverage

ROOT = Path(__file__).resolve().parents[1]
TOTAL_GOAL, FILE_GOAL = 92.0, 80.0
# Lines that need a GPU. Tests run them on a double of CuPy, which shows that they agree with
# themselves and not that a device takes them: they count for nothing here.
APART = ("ctc/backends/cuda.py",)
_DATA = "data"
_FAILED = 2


@dataclass(frozen=True)
class Share:
    """How much of a file, or of all, was run.

    Attributes
    ----------
    name : str
        Path in the checkout.
    statements, branches : int
        How many there are; a branch is a line and one that may follow it.
    missing_statements, missing_branches : int
        How many of them were not run.
    """

    name: str
    statements: int
    branches: int
    missing_statements: int
    missing_branches: int

    @property
    def percent(self) -> float:
        """Statements and branches together, as coverage.py counts."""
        return _percent(
            self.statements + self.branches, self.missing_statements + self.missing_branches
        )

    @property
    def branch_percent(self) -> float:
        """Branches alone."""
        return _percent(self.branches, self.missing_branches)


def measure(folder: Path, arguments: Sequence[str]) -> int:
    """Run tests and leave the data of every process in a folder; returns pytest's exit code."""
    command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", *arguments]
    variables = os.environ | {"COVERAGE_FILE": str(folder / _DATA)}
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


def shares(folder: Path) -> list[Share]:
    """Return the share of every file, the least first."""
    with tempfile.TemporaryDirectory() as scratch:
        copies = shutil.copytree(folder, Path(scratch) / "parts")
        measured = Coverage(
            data_file=str(Path(scratch) / _DATA), config_file=str(ROOT / "pyproject.toml")
        )
        measured.combine([str(copies)])
        page = Path(scratch) / "page.json"
        measured.json_report(outfile=str(page))
        found = json.loads(page.read_text(encoding="utf-8"))
    files = [_share(name, file["summary"]) for name, file in found["files"].items()]
    return sorted(files, key=lambda share: share.percent)


def sum_of(files: Sequence[Share]) -> Share:
    """Return the share of all of them together."""
    return Share(
        "ctc",
        sum(share.statements for share in files),
        sum(share.branches for share in files),
        sum(share.missing_statements for share in files),
        sum(share.missing_branches for share in files),
    )


def table(total: Share, low: Sequence[Share]) -> str:
    """Return the total and the files below the line as Markdown."""
    lines = ["| file | statements | not run | branches | not run | % | % of branches |"]
    lines.append("|---" * 7 + "|")
    for share in [*low, total]:
        cells = [share.statements, share.missing_statements]
        cells += [share.branches, share.missing_branches]
        figures = f"{share.percent:.1f} | {share.branch_percent:.1f}"
        lines.append(f"| {share.name} | {' | '.join(map(str, cells))} | {figures} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.coverage", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--keep", type=Path, help="leave the data in this folder")
    parser.add_argument("--from", type=Path, dest="source", help="judge data that were kept")
    parser.add_argument("--below", type=float, default=FILE_GOAL, help="show files below this")
    parser.add_argument("--json", action="store_true", help="print for programs")
    parser.add_argument("tests", nargs="*", help="arguments of pytest, after --")
    options = parser.parse_args(arguments)
    code = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.source or options.keep or Path(scratch)
        if not options.source:
            folder.mkdir(parents=True, exist_ok=True)
            code = measure(folder.resolve(), options.tests)
        measured = shares(folder)
    apart = [share for share in measured if share.name in APART]
    files = [share for share in measured if share.name not in APART]
    total = sum_of(files)
    shown = [share for share in files if share.percent < options.below]
    if options.json:
        found = {"files": files, "apart": apart}
        page = {name: [asdict(share) for share in group] for name, group in found.items()}
        print(json.dumps({"total": asdict(total)} | page))
    else:
        print(table(total, shown))
        print(
            f"goals: {TOTAL_GOAL:.0f} % of all and of all branches, {FILE_GOAL:.0f} % of every file"
        )
        for share in apart:
            words = f"{share.statements} statements and {share.branches} branches for a GPU"
            print(f"apart: {share.name}, {words}")
    if code != 0:
        return _FAILED
    if options.tests:
        return 0
    is_low = any(share.percent < FILE_GOAL for share in files)
    is_low |= min(total.percent, total.branch_percent) < TOTAL_GOAL
    return 1 if is_low else 0


def _share(name: str, summary: dict[str, Any]) -> Share:
    return Share(
        name,
        summary["num_statements"],
        summary["num_branches"],
        summary["missing_lines"],
        summary["missing_branches"],
    )


def _percent(n_all: int, n_missing: int) -> float:
    return 100.0 * (1.0 - n_missing / n_all) if n_all else 100.0


if __name__ == "__main__":
    sys.exit(main())
