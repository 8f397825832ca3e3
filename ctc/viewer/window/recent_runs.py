"""The run files opened last, kept in the settings of the user."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

_KEY, _MOST = "recent_runs", 10


def recent_runs() -> list[Path]:
    """Return the files opened last that still exist, the newest first."""
    stored = QSettings("ctc", "view").value(_KEY, [])
    texts = [stored] if isinstance(stored, str) else list(stored or [])  # type: ignore[call-overload]
    return [path for path in map(Path, texts) if path.is_file()]


def remember_run(path: Path) -> None:
    """Put a file in front of the others."""
    whole = path.resolve()
    paths = [whole, *(each for each in recent_runs() if each != whole)][:_MOST]
    QSettings("ctc", "view").setValue(_KEY, [str(each) for each in paths])
