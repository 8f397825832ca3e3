"""Fetches the Python packages that a machine without a network may lack.

    python -m tools.fetch_wheels                    into .whl, for Python 3.12 on Linux x86-64
    python -m tools.fetch_wheels --with numpy scipy  also what such a machine has as a rule

Solves the dependencies of pyproject.toml with what the tests of equal bits need, for the Python and
platform of that machine and not of this one, and fetches them as wheels into a folder that git
ignores. `python -m tools.gpu_acceptance` takes them from there. A wheel of an older version of the
same package is removed: two of one name cannot be used together.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".whl"
# Large, and there wherever anyone computes.
PRESENT = ("numpy", "scipy", "h5py", "matplotlib")
# Of the extra `test`, what the acceptance run itself uses.
OF_TESTS = ("pytest", "pytest-xdist", "hypothesis")
LARGEST = 48e6  # [bytes], so that the checkout with its wheels stays below 64 MiB
_PLATFORMS = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34")
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def requirements(project: Path = ROOT / "pyproject.toml", *, also: Sequence[str] = ()) -> list[str]:
    """Return what is to be fetched, as pyproject.toml says it.

    Parameters
    ----------
    project : Path
        Of this program.
    also : sequence of str
        Names of `PRESENT` that are wanted all the same.
    """
    table = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    base = [r for r in table["dependencies"] if name_of(r) not in PRESENT or name_of(r) in also]
    extra = [r for r in table["optional-dependencies"]["test"] if name_of(r) in OF_TESTS]
    return base + extra


def name_of(requirement: str) -> str:
    """Return the name of a package in a requirement or of a wheel, in its plain form."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found.group()).lower() if found else ""


def fetch(wanted: Sequence[str], folder: Path, *, python: str, machine: str) -> list[Path]:
    """Fetch wheels for another Python and return all that the folder then holds.

    Parameters
    ----------
    wanted : sequence of str
        Requirements.
    folder : Path
        Where they go.
    python, machine : str
        Such as ``3.12`` and ``x86_64``.

    Raises
    ------
    subprocess.CalledProcessError
        If a package has no wheel for that Python, or there is no network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    for version in _PLATFORMS:
        options += ["--platform", f"manylinux_{version}_{machine}"]
    options += ["--platform", f"manylinux2014_{machine}"]
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        subprocess.run([*pip, *options, "-d", fresh, *wanted], check=True)
        new = {package_of(path): path for path in Path(fresh).glob("*.whl")}
        for old in folder.glob("*.whl"):
            if package_of(old) in new:
                old.unlink()
        for path in new.values():
            path.rename(folder / path.name)
    return sorted(folder.glob("*.whl"))


def package_of(wheel: Path) -> str:
    """Return the package that a wheel holds, by its file name."""
    return name_of(wheel.name.partition("-")[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code, 1 where the folder is too large to be carried."""
    parser = argparse.ArgumentParser(prog="python -m tools.fetch_wheels", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--python", default="3.12", help="version of the other Python (3.12)")
    parser.add_argument("--machine", default="x86_64", help="of the other machine (x86_64)")
    parser.add_argument("--with", nargs="+", default=[], dest="also", help=", ".join(PRESENT))
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    wanted = requirements(also=options.also)
    try:
        wheels = fetch(wanted, options.folder, python=options.python, machine=options.machine)
    except subprocess.CalledProcessError as error:
        print(f"wheels could not be fetched: pip ended with {error.returncode}.", file=sys.stderr)
        return 1
    sizes = {path.name: path.stat().st_size for path in wheels}
    total = sum(sizes.values())
    if options.json:
        found = {"folder": str(options.folder), "bytes": total, "wheels": sizes}
        print(json.dumps(found, indent=1))
    else:
        for name, size in sizes.items():
            print(f"{size / 1e6:7.2f} MB  {name}")
        print(f"{total / 1e6:7.2f} MB  {len(sizes)} wheels in {options.folder}")
    if total > LARGEST:
        print(f"the wheels must stay below {LARGEST / 1e6:.0f} MB in all.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
