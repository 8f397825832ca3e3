"""A machine that cannot draw says so, with the remedy; nothing is left to a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ctc.errors import InputError, MissingDeviceError
from ctc.viewer import graphics


def test_an_unknown_backend_is_refused():
    with pytest.raises(InputError, match="backend must be one of egl, osmesa, pyside6"):
        graphics.open_canvas("glut", (10, 10))


def test_a_missing_package_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(graphics, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'ctc\[viewer\]'"):
        graphics.open_canvas("egl", (10, 10))
    report = dict(graphics.graphics_report())
    assert report["packages"].startswith("missing: vispy")
    assert report["window"].startswith("missing: package vispy must be installed")


def test_another_qt_binding_in_the_program_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PyQt5.QtCore", sys)
    with pytest.raises(InputError, match="PySide6 alone, got PyQt5"):
        graphics.require_packages("pyside6")


def test_a_window_without_a_screen_says_what_to_do(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    with pytest.raises(MissingDeviceError, match=r"neither DISPLAY.*QT_QPA_PLATFORM=xcb"):
        graphics.open_canvas("pyside6", (10, 10))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with pytest.raises(MissingDeviceError, match="offscreen, which has no OpenGL"):
        graphics.open_canvas("pyside6", (10, 10))


def test_a_screen_that_does_not_answer_is_no_abort(monkeypatch):
    pytest.importorskip("PySide6.QtGui", exc_type=ImportError)
    monkeypatch.setenv("DISPLAY", ":7654")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    with pytest.raises(MissingDeviceError, match=r"able to draw by 'pyside6', got .*7654.*xcb"):
        graphics.require_window()


def test_a_driver_that_fails_becomes_a_message(monkeypatch):
    def broken(*_: object, **__: object) -> None:
        text = "Could not initialize\nmore"
        raise RuntimeError(text)

    monkeypatch.setattr(graphics, "_vispy_canvas", broken)
    with pytest.raises(
        MissingDeviceError, match=r"got Could not initialize more\. Install libegl1"
    ):
        graphics.open_canvas("egl", (10, 10))


def test_an_egl_that_is_not_there_is_no_traceback():
    program = (
        "import os; os.environ['EGL_PLATFORM'] = 'no such platform'\n"
        "from ctc.viewer.canvas import SceneCanvas\n"
        "from ctc.errors import MissingDeviceError\n"
        "try:\n"
        "    SceneCanvas(size=(8, 8)); print('drawn')\n"
        "except MissingDeviceError as error: print('missing:', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(("drawn", "missing: graphics must be able to draw by 'egl'"))


def test_importing_the_canvas_loads_neither_vispy_nor_qt():
    program = (
        "import sys, ctc.viewer.canvas\n"
        "print([name for name in ('vispy', 'PySide6') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_report_names_every_way_to_draw():
    report = graphics.graphics_report()
    assert [name for name, _ in report] == ["packages", "EGL", "OSMesa", "window"]
    assert all(text for _, text in report)
