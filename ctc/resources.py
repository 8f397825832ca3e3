"""What comes with the program: kernel text and parameter sets, and its version.

Kernels and scenarios lie beside the package in a checkout, else inside it.
"""

from __future__ import annotations

import importlib.metadata
import os
import tomllib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """Return the folder ``kernels`` or ``scenarios`` of this installation.

    Parameters
    ----------
    name : str
        ``"kernels"`` or ``"scenarios"``.

    Returns
    -------
    Path
        ``../<name>`` beside the package when that is a checkout, else ``ctc/<name>``.

    Raises
    ------
    FileNotFoundError
        If neither exists: the installation is broken.
    """
    checkout = _PACKAGE.parent / name
    if checkout.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    inside = _PACKAGE / name
    if inside.is_dir():
        return inside
    message = f"{name}/ was found neither at {checkout} nor at {inside}. Reinstall ctc."
    raise FileNotFoundError(message)


def cache_folder(name: str) -> Path:
    """Return where what can be made again is kept: below ``CTC_CACHE``, else the user's cache."""
    root = os.environ.get("CTC_CACHE")
    if root:
        return Path(root) / name
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ctc" / name


def program_version(checkout: Path = _PACKAGE.parent) -> str:
    """Return the version of the program: of the checkout that runs, else of the installation."""
    project = checkout / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return importlib.metadata.version("ctc")
