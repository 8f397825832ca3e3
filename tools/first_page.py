"""Run scenarios/quick.toml and put what it prints at its end into README.md.

python -m tools.first_page           write it
python -m tools.first_page --print   only show it
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "README.md"
BEGIN = "<!-- run report: written by python -m tools.first_page -->"
END = "<!-- end of run report -->"
_COLUMNS = "110"


def run_report() -> str:
    """Return the tables that a run of the main scenario ends with."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "quick.vtkhdf"
        scenario = str(ROOT / "scenarios" / "quick.toml")
        finished = subprocess.run(
            [sys.executable, "-m", "ctc.cli.main", "run", scenario, "-o", str(target)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"COLUMNS": _COLUMNS},
        )
        lines = [line.rstrip() for line in finished.stdout.splitlines()]
        return "\n".join(line.replace(str(target), target.name) for line in lines).strip("\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.first_page", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--print", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    report = run_report()
    print(report)
    if options.print:
        return 0
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        message = f"{PAGE.name} must hold the lines '{BEGIN}' and '{END}'"
        raise ValueError(message)
    PAGE.write_text(f"{before}{BEGIN}\n```\n{report}\n```\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
