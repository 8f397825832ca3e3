"""Rules that join several keys of a scenario: sources, windows, the body's origin."""

from __future__ import annotations

from itertools import pairwise

from ctc.errors import InputError
from ctc.scenario.clinic_consistency import check_clinic
from ctc.scenario.schema import BolusSource, Settings, TumourSource, Window

_MOST_FRAMES = 1_000_000
_MOST_EPOCHS = 10_000_000
_EARLIER = "Give an earlier one, or lengthen the run."


def check_settings(settings: Settings) -> None:
    """Raise InputError, with its key, where two keys of a scenario do not fit together."""
    _check_run(settings)
    _check_body(settings)
    if settings.cancer is None and not settings.cells.inert:
        message = "key must be given unless cells.inert = true, got none. "
        raise InputError(message + "Write it like 'cancers/breast'.", key="cancer.set")
    if settings.cells.inert and settings.cells.adhesion == "bell":
        message = (
            "value must be 'fitted' with cells.inert = true, got 'bell': points without size form "
            "no bonds. Leave it out, or set cells.inert = false."
        )
        raise InputError(message, key="cells.adhesion")
    if not settings.source:
        message = "list must have at least one [[source]], got none. Add one to the file."
        raise InputError(message, key="source")
    for index, source in enumerate(settings.source):
        _check_source(source, f"source.{index}", settings.run.duration)
    _check_windows(settings)
    check_clinic(settings)


def _check_run(settings: Settings) -> None:
    run = settings.run
    if run.duration / run.epoch > _MOST_EPOCHS:
        message = (
            f"value must give at most {_MOST_EPOCHS} epochs, got {run.epoch:g} s for a duration "
            f"of {run.duration:g} s. Lengthen the epoch."
        )
        raise InputError(message, key="run.epoch")


def _check_body(settings: Settings) -> None:
    body = settings.body
    for key, source in (("folder", "tables"), ("path", "file")):
        value = getattr(body, key)
        if body.source == source and not value:
            message = f"key must be given with body.source = '{source}', got none. "
            remedy = f"Add it to the file or use --set body.{key}=..."
            raise InputError(message + remedy, key=f"body.{key}")
        if body.source != source and value:
            message = (
                f"key must be left out unless body.source = '{source}', got '{value}'. Drop it."
            )
            raise InputError(message, key=f"body.{key}")
    if body.surfaces and body.source != "grown":
        message = (
            f"key must be left out unless body.source = 'grown', got '{body.source}'. Drop it."
        )
        raise InputError(message, key="body.surfaces")


def _check_source(source: TumourSource | BolusSource, key: str, duration: float) -> None:
    if isinstance(source, BolusSource):
        if bool(source.organ) == bool(source.vessel):
            got = "both" if source.organ else "neither"
            message = f"value must name either an organ or a vessel, got {got}. Give one of them."
            raise InputError(message, key=f"{key}.organ")
        if source.at >= duration:
            message = f"value must lie before run.duration = {duration:g} s, got {source.at:g} s. "
            raise InputError(message + _EARLIER, key=f"{key}.at")
        return
    if source.stop is not None and source.stop <= source.start:
        message = f"value must be > start = {source.start:g} s, got {source.stop:g} s. Swap them."
        raise InputError(message, key=f"{key}.stop")
    if source.start >= duration:
        message = f"value must lie before run.duration = {duration:g} s, got {source.start:g} s. "
        raise InputError(message + _EARLIER, key=f"{key}.start")


def _check_windows(settings: Settings) -> None:
    duration = settings.run.duration
    n_frames = 0.0
    for index, window in enumerate(settings.record.window):
        if window.start + window.duration > duration:
            message = (
                f"window must end by run.duration = {duration:g} s, "
                f"got {window.start + window.duration:g} s. Shorten it or move it."
            )
            raise InputError(message, key=f"record.window.{index}")
        n_frames += window.duration / window.interval + 1
    if n_frames > _MOST_FRAMES:
        message = f"windows must hold at most {_MOST_FRAMES} frames, got {n_frames:.0f}. "
        raise InputError(message + "Lengthen the interval.", key="record.window")
    ordered = sorted(enumerate(settings.record.window), key=lambda item: item[1].start)
    for (_, earlier), (index, later) in pairwise(ordered):
        if later.start <= earlier.start + earlier.duration:
            message = f"windows must not overlap, got one that starts at {later.start:g} s "
            raise InputError(message + _inside(earlier), key=f"record.window.{index}")


def _inside(window: Window) -> str:
    return f"inside {window.start:g} .. {window.start + window.duration:g} s. Move or merge them."
