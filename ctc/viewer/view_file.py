"""The file beside a run that keeps how it is looked at."""

from __future__ import annotations

from pathlib import Path

from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError
from ctc.input_files import LARGEST_TOML, read_text
from ctc.viewer.view_state import ViewState
from ctc.viewer.view_toml import from_toml, to_toml

SUFFIX = ".view.toml"


def view_file(run: Path) -> Path:
    """Return where the view of a run file is kept: ``RUN.view.toml``."""
    return run.with_suffix(SUFFIX)


def write_view(view: ViewState, target: Path) -> None:
    """Write a view, replacing one that is there.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        unfinished.write_text(to_toml(view), encoding="utf-8")
        put_in_place(unfinished, target, what="output")
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        message = f"view could not be written to {target} ({error})."
        raise OutputError(message) from error


def read_view(source: Path) -> ViewState:
    """Read a view.

    Raises
    ------
    InputError
        If there is no such file or anything in it is wrong; names the first such key.
    """
    text = read_text(source, most=LARGEST_TOML, what="view")
    try:
        return from_toml(text)
    except InputError as error:
        raise error.at(file=str(source)) from None
