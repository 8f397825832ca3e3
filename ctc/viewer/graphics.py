"""Graphics: which ways to draw this machine has, made ready before vispy is asked; draws nothing.

vispy reads the environment when it is imported, so what EGL and OSMesa need is set before that,
and only where the user has set nothing.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.util import find_spec
from typing import Any

from ctc.errors import InputError, MissingDeviceError

BACKENDS = ("egl", "osmesa", "pyside6")
_PACKAGES = {"egl": ("vispy",), "osmesa": ("vispy",), "pyside6": ("vispy", "PySide6")}
_OTHER_BINDINGS = ("PyQt6", "PyQt5", "PySide2")
_OSMESA_NAMES = ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so")
_PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
_REMEDIES = {
    "egl": "Install libegl1 and libgl1-mesa-dri (Debian), or try the backend 'osmesa'.",
    "osmesa": "Install libosmesa6 (Debian) or set OSMESA_LIBRARY, or use the backend 'egl'.",
    "pyside6": "Install libgl1, libegl1 and libxcb-cursor0 (Debian); on Wayland set "
    "QT_QPA_PLATFORM=xcb; without a screen use 'ctc render'.",
}


def open_canvas(backend: str, size: tuple[int, int], *, parent: object | None = None) -> Any:
    """Return a canvas of vispy with a context that draws OpenGL 2.1.

    Parameters
    ----------
    backend : str
        ``egl`` or ``osmesa`` without a screen, ``pyside6`` as a widget.
    size : tuple of int
        Of the picture or widget [pixels].
    parent : QWidget, optional
        Of the widget.

    Raises
    ------
    InputError
        If the backend is unknown or a package is not installed.
    MissingDeviceError
        If this machine cannot draw that way; says what to install or set.
    """
    if backend not in BACKENDS:
        message = f"backend must be one of {', '.join(BACKENDS)}, got '{backend}'."
        raise InputError(message)
    require_packages(backend)
    _prepare(backend)
    if backend == "pyside6":
        require_window()
    try:
        return _vispy_canvas(backend, size, parent=parent)
    except (InputError, MissingDeviceError):
        raise
    except Exception as error:
        raise _missing(backend, _in_one_line(error)) from error


def require_packages(backend: str) -> None:
    """Raise InputError, with the command to install it, where a package is missing."""
    for package in _PACKAGES[backend]:
        if find_spec(package) is None:
            message = (
                f"package {package} must be installed to draw with the backend '{backend}', got "
                "none. Run: pip install 'ctc[viewer]'."
            )
            raise InputError(message)
    if backend == "pyside6":
        loaded = [name for name in _OTHER_BINDINGS if f"{name}.QtCore" in sys.modules]
        if loaded:
            message = (
                f"Qt binding must be PySide6 alone, got {loaded[0]} in the same program. "
                "Start the viewer in a program of its own ('ctc view')."
            )
            raise InputError(message)


def _prepare(backend: str) -> None:
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if backend == "egl" and not has_display:
        os.environ.setdefault("EGL_PLATFORM", "surfaceless")
    if backend == "osmesa":
        found = os.environ.get("OSMESA_LIBRARY") or osmesa_library()
        if found is not None:
            os.environ["OSMESA_LIBRARY"] = found
            # The GL functions of a context of OSMesa are its own, not those of libGL.
            os.environ.setdefault("VISPY_GL_LIB", found)
    if backend == "pyside6":
        platform = os.environ.get("QT_QPA_PLATFORM", "")
        if platform in ("offscreen", "minimal"):
            raise _missing(backend, f"QT_QPA_PLATFORM={platform}, which has no OpenGL")
        if sys.platform.startswith("linux") and not has_display and platform != "eglfs":
            raise _missing(backend, "neither DISPLAY nor WAYLAND_DISPLAY")


def osmesa_library() -> str | None:
    """Return where OSMesa lies; Debian ships it without the name that vispy looks for."""
    return next(filter(None, map(_library, _OSMESA_NAMES)), None)


def _library(name: str) -> str | None:
    folders = (*os.environ.get("LD_LIBRARY_PATH", "").split(":"), *_PLACES)
    paths = (os.path.join(folder, name) for folder in folders if folder)
    return next((path for path in paths if os.path.exists(path)), None)


def _vispy_canvas(backend: str, size: tuple[int, int], *, parent: object | None) -> Any:
    app = importlib.import_module("vispy.app")
    application = app.Application(backend)
    native = {"parent": parent} if parent is not None else {}
    canvas = app.Canvas(
        app=application,
        size=size,
        show=backend != "pyside6",
        autoswap=False,
        keys=None,
        **native,
    )
    if backend != "pyside6":
        canvas.set_current()
        require_desktop_gl(backend)
    return canvas


def require_desktop_gl(backend: str) -> str:
    """Return the driver of the current context; raise where it is not desktop OpenGL >= 2.1."""
    gl = importlib.import_module("vispy.gloo").gl
    version = gl.glGetParameter(gl.GL_VERSION) or ""
    driver = gl.glGetParameter(gl.GL_RENDERER) or ""
    number = version.split(" ")[0].split(".")
    if not version:
        raise _missing(backend, "no OpenGL of its own (a program draws in one way only)")
    is_desktop = len(number) >= 2 and all(part.isdigit() for part in number[:2])
    if not is_desktop or (int(number[0]), int(number[1])) < (2, 1):
        raise _missing(backend, f"'{version}' where desktop OpenGL 2.1 is needed")
    return f"OpenGL {version.split(' ')[0]}, {driver}"


def require_window() -> str:
    """Return what draws in a window; raise MissingDeviceError where no window can be opened.

    Qt ends the program where it finds no screen, so that is tried in another one, unless this one
    has an application already. To be called before an application is made.
    """
    backend = "pyside6"
    require_packages(backend)
    _prepare(backend)
    try:
        gui = importlib.import_module("PySide6.QtGui")
        if gui.QGuiApplication.instance() is not None:
            return window_driver()
    except (ImportError, MissingDeviceError) as error:
        raise _missing(backend, _in_one_line(error)) from error
    answer = _ask("print(graphics.window_driver())")
    if answer.startswith("missing:"):
        raise _missing(backend, answer.removeprefix("missing:").strip().rstrip("."))
    return answer


def window_driver() -> str:
    """Return what draws in a window of this program, which becomes one of Qt."""
    gui = importlib.import_module("PySide6.QtGui")
    application = gui.QGuiApplication.instance() or gui.QGuiApplication(["ctc"])
    surface, context = gui.QOffscreenSurface(), gui.QOpenGLContext()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        message = f"no OpenGL on Qt's platform '{application.platformName()}'"
        raise MissingDeviceError(message)
    form = context.format()
    version = f"{form.majorVersion()}.{form.minorVersion()}"
    is_old = (form.majorVersion(), form.minorVersion()) < (2, 1)
    context.doneCurrent()
    if context.isOpenGLES() or is_old:
        kind = "OpenGL ES" if context.isOpenGLES() else "OpenGL"
        message = f"{kind} {version} where desktop OpenGL 2.1 is needed"
        raise MissingDeviceError(message)
    return f"OpenGL {version} on Qt's platform '{application.platformName()}'"


def _ask(program: str) -> str:
    """Return what a program of its own prints last: what a driver breaks there stays there."""
    import subprocess  # noqa: PLC0415 - only when asked

    text = (
        "from ctc.viewer import graphics\n"
        "try:\n"
        f"    {program}\n"
        "except Exception as error:\n"
        "    print('missing:', str(error).splitlines()[0])\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"missing: {_in_one_line(error)}"
    lines = done.stdout.strip().splitlines()
    said = [line for line in done.stderr.splitlines() if line.strip()]
    broke = f"missing: {said[0].strip() if said else f'exit code {done.returncode}'}"
    return lines[-1] if lines else broke


def _missing(backend: str, found: str) -> MissingDeviceError:
    message = f"graphics must be able to draw by '{backend}', got {found}. {_REMEDIES[backend]}"
    return MissingDeviceError(f"{message} 'ctc doctor' shows what there is.")


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def graphics_report() -> tuple[tuple[str, str], ...]:
    """Return each way to draw and what was found, for ``ctc doctor``; never fails.

    A text that starts with ``missing:`` says what to do.
    """
    return (
        ("packages", _packages_text()),
        ("EGL", _offscreen_text("egl")),
        ("OSMesa", _offscreen_text("osmesa")),
        ("window", _window_text()),
    )


def _packages_text() -> str:
    missing = [name for name in ("vispy", "PySide6") if find_spec(name) is None]
    if missing:
        return f"missing: {' and '.join(missing)}; pip install 'ctc[viewer]'."
    version = importlib.import_module("importlib.metadata").version
    others = [name for name in _OTHER_BINDINGS if find_spec(name) is not None]
    more = f"; {', '.join(others)} also there, not used" if others else ""
    return f"vispy {version('vispy')}{more}"


def _offscreen_text(backend: str) -> str:
    return _ask(
        f"graphics.open_canvas('{backend}', (16, 16)); "
        f"print(graphics.require_desktop_gl('{backend}'))"
    )


def _window_text() -> str:
    try:
        return require_window()
    except (InputError, MissingDeviceError) as error:
        return f"missing: {error}"
