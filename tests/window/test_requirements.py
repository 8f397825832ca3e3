"""What is said where there is no display, no package or a version that would crash."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from ctc.cli.main import main
from ctc.errors import InputError
from ctc.viewer.window import requirements


@pytest.fixture
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _has_packages():
    if any(importlib.util.find_spec(name) is None for name in ("PySide6", "vispy")):
        pytest.skip("PySide6 or vispy is not installed")


@pytest.mark.usefixtures("no_display")
def test_without_a_display_the_command_names_the_way_without(run_file, capsys):
    capsys.readouterr()
    assert main(["view", str(run_file)]) == 2
    said = capsys.readouterr().err
    assert "DISPLAY and WAYLAND_DISPLAY are not set" in said
    assert "ctc render" in said
    assert "Traceback" not in said


def test_a_display_that_cannot_be_reached_is_no_crash(run_file, no_display, monkeypatch, capsys):
    monkeypatch.setenv("DISPLAY", ":987")
    capsys.readouterr()
    assert main(["view", str(run_file)]) == 2
    assert "DISPLAY=:987" in capsys.readouterr().err


def test_on_wayland_the_other_platform_is_named(no_display, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert "QT_QPA_PLATFORM=xcb" in requirements.wayland_hint()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert requirements.wayland_hint() == ""


def test_a_platform_without_gl_is_refused(no_display, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with pytest.raises(InputError, match="must draw OpenGL, got 'offscreen'"):
        requirements.DisplayProbe()


def test_a_missing_package_is_named_with_its_command(monkeypatch):
    monkeypatch.setattr(requirements, "_PACKAGES", ("PySide6", "no_such_package"))
    with pytest.raises(InputError, match=r"no_such_package.*pip install 'ctc\[viewer\]'"):
        requirements.DisplayProbe()


def test_another_binding_in_the_process_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "PyQt5", object())
    with pytest.raises(InputError, match="got PyQt5 loaded"):
        requirements.DisplayProbe()


def test_a_version_that_loses_references_is_refused(monkeypatch):
    monkeypatch.setattr(requirements, "_PROBE", "import sys; sys.exit(3)")
    with pytest.raises(InputError, match=r"PySide6-Essentials<6\.12"):
        requirements.DisplayProbe(can_draw_gl=False).wait()


def test_the_view_file_is_read_strictly(run_file, tmp_path, capsys):
    path = tmp_path / "a.view.toml"
    path.write_text("colour = 3\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["view", str(run_file), "--view-file", str(path)]) == 2
    assert "colour" in capsys.readouterr().err
