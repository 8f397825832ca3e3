"""Builds of the host library: by which compiler, with which sanitizers, and warnings as errors."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.native_checks.findings import CheckSkipped

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "kernels"
PLANTED = Path(__file__).resolve().parent / "planted.cpp"


class BuildError(Exception):
    """The compiler refused; the text is what it said."""


def build(
    folder: Path,
    compiler: str,
    *,
    sanitize: str = "",
    planted: bool = False,
    kernels: Path = KERNELS,
    only_configure: bool = False,
) -> Path:
    """Build the host library with warnings as errors and return its path.

    Parameters
    ----------
    folder : Path
        Of the build; what is there is used again.
    compiler : str
        Name of a C++ compiler.
    sanitize : str
        ``CTC_SANITIZE``.
    planted : bool
        Build the mistakes of ``planted.cpp`` too, with the same options.
    kernels : Path
        The kernel text.
    only_configure : bool
        Stop where the commands of the compiler are written down.

    Raises
    ------
    CheckSkipped
        If the compiler or cmake is missing.
    BuildError
        If the compiler refuses or warns.
    """
    for program in ("cmake", compiler):
        if shutil.which(program) is None:
            raise CheckSkipped(check=f"build by {compiler}", reason=f"{program} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    _run(
        [
            *("cmake", *generator, "-S", str(kernels / "host"), "-B", str(folder)),
            f"-DCMAKE_CXX_COMPILER={compiler}",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
            "-DCTC_WARNINGS_AS_ERRORS=ON",
            f"-DCTC_SANITIZE={sanitize}",
            f"-DCTC_PLANTED={PLANTED if planted else ''}",
        ]
    )
    if not only_configure:
        _run(["cmake", "--build", str(folder), "--parallel"])
    return folder / "libctc_host.so"


def version_of(compiler: str) -> str:
    """Return the first line that a compiler says of itself."""
    said = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True)
    return said.stdout.splitlines()[0]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise BuildError((done.stdout + done.stderr)[-6000:])
