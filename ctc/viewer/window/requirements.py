"""What a window needs of the machine, asked before Qt gets the chance to end the process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

from ctc.errors import InputError

_INSTALL = "pip install 'ctc[viewer]'"
_PACKAGES = ("PySide6", "vispy")
_OTHER_BINDINGS = ("PyQt5", "PyQt6", "PySide2")
# Platforms of Qt that draw no OpenGL.
_BLIND = ("offscreen", "minimal", "vnc", "linuxfb")
_LOSES_REFERENCES = 3
# PySide6 6.12.0 on Python before 3.12 drops a reference to None with every call that returns
# nothing, which ends the process after some minutes.
_PROBE = f"""
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
QGuiApplication([])
timer, before = QTimer(), sys.getrefcount(None)
for _ in range(100):
    timer.stop()
sys.exit({_LOSES_REFERENCES} if sys.getrefcount(None) < before - 50 else 0)
"""


class DisplayProbe:
    """A try to reach the display, in a process of its own: Qt aborts where it cannot.

    Parameters
    ----------
    can_draw_gl : bool
        Whether the platform must draw OpenGL; false lets tests use one without a screen.
    """

    def __init__(self, *, can_draw_gl: bool = True) -> None:
        _require_packages()
        _require_one_binding()
        if can_draw_gl:
            _require_display()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def wait(self) -> None:
        """Raise InputError unless the display could be reached."""
        try:
            _, words = self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            words = "no answer within 20 s"
        if self._process.returncode == _LOSES_REFERENCES:
            message = (
                f"PySide6 must fit Python {sys.version_info.major}.{sys.version_info.minor}, got "
                "a version that would crash it. Run: pip install 'PySide6-Essentials<6.12'"
            )
            raise InputError(message)
        if self._process.returncode != 0:
            lines = [line.strip() for line in words.splitlines() if line.strip()]
            first = next((line for line in lines if "qt.qpa" in line), (lines or ["no reason"])[-1])
            message = (
                f"display must be usable by Qt, got {display_name()} ({first.rstrip('.')}). "
                f"Check DISPLAY, install the xcb libraries that Qt asks for (libxcb-cursor0)"
                f"{wayland_hint()}, or draw without a screen: ctc render RUN -o PICTURE.png"
            )
            raise InputError(message)


def display_name() -> str:
    """Return the display that a window would open on, as words."""
    for variable in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return f"{variable}={os.environ[variable]}"
    return "none"


def wayland_hint() -> str:
    """Return what helps on Wayland, where Qt may hand out OpenGL ES; else nothing."""
    is_wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    if is_wayland and os.environ.get("QT_QPA_PLATFORM") != "xcb":
        return ", set QT_QPA_PLATFORM=xcb (Wayland may give OpenGL ES only)"
    return ""


def _require_packages() -> None:
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        message = f"viewer must have {' and '.join(missing)}, got none. Run: {_INSTALL}"
        raise InputError(message)


def _require_one_binding() -> None:
    loaded = [name for name in _OTHER_BINDINGS if name in sys.modules]
    if loaded:
        message = (
            f"Qt must be used through PySide6 only, got {loaded[0]} loaded in this process. "
            "Start ctc view from a shell instead."
        )
        raise InputError(message)


def _require_display() -> None:
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    remedy = "Draw without a screen instead: ctc render RUN -o PICTURE.png"
    if platform in _BLIND:
        message = f"QT_QPA_PLATFORM must draw OpenGL, got '{platform}'. Unset it. {remedy}"
        raise InputError(message)
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not platform and not has_display:
        message = (
            "display must be there for a window, got none (DISPLAY and WAYLAND_DISPLAY are not "
            f"set). With ssh use 'ssh -X'. {remedy}"
        )
        raise InputError(message)
