"""The pages of what is promised, made from the code.

python -m tools.promises            say whether they are those of the code; exit code 1 if not
python -m tools.promises --write    write ctc/FORMAT.md and ctc/API.md
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.promises.api_page import api_page
from tools.promises.format_page import format_page

ROOT = Path(__file__).resolve().parents[2]
PAGES: dict[Path, Callable[[], str]] = {
    ROOT / "ctc" / "FORMAT.md": format_page,
    ROOT / "ctc" / "API.md": api_page,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.promises", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--write", action="store_true", help="write the pages")
    options = parser.parse_args(arguments)
    is_same = True
    for path, make in PAGES.items():
        page = make()
        if options.write:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            is_same = False
            name = path.relative_to(ROOT)
            print(f"{name} is not what the code says: python -m tools.promises --write")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
