"""An application without a screen for widgets, and a screen of its own for whole windows."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ctc.cli.main import main
from ctc.errors import InputError
from ctc.viewer.window.requirements import DisplayProbe

ROOT = Path(__file__).resolve().parents[2]
TINY = (
    *("--set", "body.terminals=2000", "--set", "source.0.mass=0.2 g"),
    *("--set", "record.tracked=1000", "--set", "run.duration=8 h"),
    *("--set", "record.window.0.duration=20 s", "--set", "record.events=all"),
)


@pytest.fixture(scope="session")
def application():
    """Return a Qt application that draws to no screen."""
    if importlib.util.find_spec("PySide6") is None:
        pytest.skip("PySide6 is not installed")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        DisplayProbe(can_draw_gl=False).wait()
    except InputError as error:
        pytest.skip(str(error))
    from ctc.viewer.window.application import make_application  # noqa: PLC0415 - needs Qt

    return make_application()


@pytest.fixture(scope="session")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run of a tiny body."""
    path = tmp_path_factory.mktemp("run") / "tiny.vtkhdf"
    assert main(["run", "quick", *TINY, "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """Start an X server on a free display and return its name."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    for package in ("PySide6", "vispy"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    if not number:
        server.wait()
        pytest.skip("Xvfb could not start")
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def start_window(screen: str, tmp_path_factory: pytest.TempPathFactory):
    """Start ``using_a_window.py`` on the screen; skips where it cannot draw there."""
    settings = tmp_path_factory.mktemp("settings")
    environment = os.environ | {
        "DISPLAY": screen,
        "QT_QPA_PLATFORM": "xcb",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        "XDG_CONFIG_HOME": str(settings),
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    environment.pop("WAYLAND_DISPLAY", None)
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        script = str(Path(__file__).with_name("using_a_window.py"))
        process = subprocess.Popen(
            [sys.executable, "-W", "error", script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        if first.startswith("cannot draw"):
            pytest.skip(first.strip())
        assert first == "ready\n", process.communicate()[1]
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


Start = Callable[..., "subprocess.Popen[str]"]
