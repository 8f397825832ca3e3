"""Where kernel text and parameter sets lie: beside the package in a checkout, else inside it."""

from __future__ import annotations

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
