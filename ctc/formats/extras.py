"""Packages that only some formats need, imported when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from ctc.errors import InputError

_INSTALL = "Install it with: python -m pip install 'ctc[formats]'"


def load_package(name: str, *, needed_by: str) -> Any:
    """Return a package of the extra ``formats``.

    Parameters
    ----------
    name : str
        Of the package, or of a module in it.
    needed_by : str
        What the user asked for.

    Raises
    ------
    InputError
        If it is not installed; says how to.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        message = f"package '{package}' must be installed for {needed_by}, got none. {_INSTALL}"
        raise InputError(message) from None
