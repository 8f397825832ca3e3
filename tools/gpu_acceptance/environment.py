"""A Python that can run everything, out of what the machine has and a folder of wheels.

The wheels are put into a temporary folder, the host library is built there with CMake and ninja,
and both are handed on as environment variables. Nothing is fetched and nothing is installed for
good. Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools.gpu_acceptance.findings import FAILED, Finding, Outcome

ROOT = Path(__file__).resolve().parents[2]
WHEELS = ROOT / ".whl"
# What each step imports; the names of modules.
NEEDED = ("numpy", "scipy", "h5py", "pydantic", "pint", "click", "rich", "matplotlib", "isal")
_LONGEST_BUILD = 240.0


@dataclass
class Environment:
    """Where things lie, and the variables that say so.

    Attributes
    ----------
    work : Path
        Temporary folder of this run.
    variables : dict
        For the processes of the steps.
    """

    work: Path
    variables: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def __post_init__(self) -> None:
        path = [str(ROOT), self.variables.get("PYTHONPATH", "")]
        self.variables["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
        self.variables["CTC_CACHE"] = str(self.work / "cache")
        self.variables["CTC_VESSEL_CACHE"] = "on"
        self.variables["PYTHONUNBUFFERED"] = "1"
        binaries = str(Path(sys.executable).parent)
        self.variables["PATH"] = os.pathsep.join([binaries, self.variables.get("PATH", "")])

    def run(
        self, command: list[str], *, timeout: float = _LONGEST_BUILD
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here, its output as text; a timeout is an error code like any other."""
        try:
            return subprocess.run(
                command,
                env=self.variables,
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return subprocess.CompletedProcess(command, 127, "", str(error))

    def missing_modules(self) -> list[str]:
        """Return what cannot be imported of what is needed."""
        lines = [
            "import importlib.util",
            f"print(*[n for n in {NEEDED!r} if importlib.util.find_spec(n) is None])",
        ]
        return self.run([sys.executable, "-c", "\n".join(lines)]).stdout.split()


def set_up(work: Path, wheels: Path = WHEELS) -> tuple[Environment, Outcome]:
    """Make an environment in a folder; the outcome says what was done.

    Parameters
    ----------
    work : Path
        Must exist; what is made goes there.
    wheels : Path
        Folder that ``python -m tools.fetch_wheels`` fills.
    """
    environment = Environment(work)
    outcome = Outcome("build")
    began = time.monotonic()
    for act in (_add_wheels, _build_library):
        reason = act(environment, outcome, wheels)
        if reason:
            outcome.state, outcome.reason = FAILED, reason
            break
    outcome.seconds = time.monotonic() - began
    return environment, outcome


def _add_wheels(environment: Environment, outcome: Outcome, wheels: Path) -> str:
    missing = environment.missing_modules()
    if not missing:
        outcome.findings.append(Finding("packages", "all there", ok=True))
        return ""
    found = sorted(wheels.glob("*.whl"))
    if not found:
        return (
            f"{', '.join(missing)} cannot be imported and {wheels} holds no wheels. "
            "Fetch them where there is a network: python -m tools.fetch_wheels"
        )
    target = environment.work / "site"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps"]
    command += ["--no-compile", "--no-cache-dir", "--disable-pip-version-check"]
    done = environment.run([*command, "--target", str(target), *map(str, found)])
    if done.returncode != 0:
        return f"wheels could not be unpacked: {last_line(done.stderr)}"
    variables = environment.variables
    variables["PYTHONPATH"] = os.pathsep.join([variables["PYTHONPATH"], str(target)])
    still = environment.missing_modules()
    outcome.findings.append(
        Finding("packages from wheels", len(found), ok=not still, note=", ".join(missing))
    )
    return f"{', '.join(still)} cannot be imported, with all wheels of {wheels}" if still else ""


def _build_library(environment: Environment, outcome: Outcome, _: Path) -> str:
    if environment.variables.get("CTC_HOST_LIBRARY"):
        note = "by CTC_HOST_LIBRARY"
        outcome.findings.append(Finding("host library", "given", note=note, ok=True))
        return ""
    for program in ("cmake", "ninja"):
        if shutil.which(program, path=environment.variables["PATH"]) is None:
            return f"{program} is not on the path"
    build = environment.work / "build"
    began = time.monotonic()
    options = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}"]
    source = str(ROOT / "kernels" / "host")
    for command in (
        ["cmake", "-S", source, "-B", str(build), *options],
        ["cmake", "--build", str(build)],
    ):
        done = environment.run(command)
        if done.returncode != 0:
            return f"the host library could not be built: {last_line(done.stderr or done.stdout)}"
    environment.variables["CTC_HOST_LIBRARY"] = str(build / "libctc_host.so")
    seconds = time.monotonic() - began
    outcome.findings.append(Finding("host library built", seconds, "s", ok=True))
    return ""


def why_no_gpu(environment: Environment) -> str:
    """Return why kernels cannot run on a GPU here, or nothing if they can."""
    program = "from ctc.backends.base import choose_backend; choose_backend('cuda')"
    done = environment.run([sys.executable, "-c", program], timeout=120.0)
    return "" if done.returncode == 0 else last_line(done.stderr)


def last_line(text: str) -> str:
    """Return the last line that says something, without the name of an exception of ours."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    word = lines[-1] if lines else "no word"
    return re.sub(r"^(?:\w+\.)*(?:MissingDevice|Ctc|Input)Error: ", "", word)
