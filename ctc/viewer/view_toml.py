"""A view as TOML text and back, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar

from ctc.errors import InputError, near_name
from ctc.input_files import parse_toml, shown
from ctc.states import CellState
from ctc.viewer.cell_filter import CellFilter, CellRoute
from ctc.viewer.colouring import Colouring
from ctc.viewer.drawables import ClipPlane, Look
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.view_state import PlotChoice, Shown, ViewState

_FORMAT = 1
_MOST = 1e9  # of any number: what no body needs would overflow in float32
_Word = TypeVar("_Word", bound=StrEnum)


def to_toml(view: ViewState) -> str:
    """Return a view as TOML; numbers keep every bit."""
    lines = ["# How a run is looked at (ctc view, ctc render --view-file).", f"format = {_FORMAT}"]
    if view.time is not None:
        lines.append(f"time_ns = {view.time}")
    lines += ["", "[cells]", f"colour = {_quoted(view.colouring)}"]
    cells = view.filter
    states = [state.name.lower() for state in CellState if state in cells.states]
    lines.append(f"states = {_words(states)}")
    for name, chosen in (("organs", cells.organs), ("routes", cells.routes)):
        if chosen is not None:
            lines.append(f"{name} = {_words(sorted(chosen))}")
    if cells.clones is not None:
        lines.append(f"clones = {sorted(int(clone) for clone in cells.clones)}")
    lines += ["", "[vessels]", f"colour = {_quoted(view.vessel_colouring)}"]
    lines += ["", "[shown]"]
    lines += [
        f"{each.name} = {str(getattr(view.shown, each.name)).lower()}" for each in fields(Shown)
    ]
    plots = {each.name: getattr(view.plots, each.name) for each in fields(PlotChoice)}
    if any(plots.values()):
        lines += ["", "[plots]"]
        lines += [f"{name} = {_quoted(text)}" for name, text in plots.items() if text]
    if view.look is not None:
        look = view.look
        lines += ["", "[look]", f"centre_m = {_numbers(look.centre)}"]
        lines += [f"azimuth_degrees = {_number(look.azimuth)}"]
        lines += [f"elevation_degrees = {_number(look.elevation)}"]
        lines += [f"height_m = {_number(look.height)}"]
    if view.clip is not None:
        lines += ["", "[clip]", f"point_m = {_numbers(view.clip.point)}"]
        lines += [f"normal = {_numbers(view.clip.normal)}"]
    return "\n".join(lines) + "\n"


def from_toml(text: str) -> ViewState:
    """Return the view that a text describes; every key may be left out.

    Raises
    ------
    InputError
        If anything in it is wrong; names the first such key.
    """
    content = parse_toml(text, what="view")
    tables = ("cells", "vessels", "shown", "plots", "look", "clip")
    _check_keys("", content, ("format", "time_ns", *tables))
    version = content.get("format", _FORMAT)
    if version != _FORMAT or isinstance(version, bool):
        message = (
            f"format must be {_FORMAT}, got {shown(version)}. Use a newer ctc, or delete the file."
        )
        raise InputError(message, key="format")
    time = content.get("time_ns")
    if time is not None and not (_is_whole(time) and 0 <= time < 2**63):
        message = (
            f"time_ns must be a whole number of 0 .. 2^63-1 ns, got {shown(time)}. Correct it."
        )
        raise InputError(message, key="time_ns")
    cells = _table(content, "cells", ("colour", "states", "organs", "routes", "clones"))
    vessels = _table(content, "vessels", ("colour",))
    switches = _table(content, "shown", tuple(each.name for each in fields(Shown)))
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise _wrong(value, key=f"shown.{name}", rule="true or false")
    plots = _table(content, "plots", tuple(each.name for each in fields(PlotChoice)))
    for name, value in plots.items():
        if not isinstance(value, str) or not value:
            raise _wrong(value, key=f"plots.{name}", rule="a name in quotes")
    return ViewState(
        look=_look(content),
        colouring=_word(cells, "cells", Colouring, default=Colouring.STATE),
        vessel_colouring=_word(vessels, "vessels", VesselColouring, default=VesselColouring.KIND),
        filter=_filter(cells),
        clip=_clip(content),
        time=time,
        shown=Shown(**switches),
        plots=PlotChoice(**plots),
    )


def _filter(cells: Mapping[str, Any]) -> CellFilter:
    names = {state.name.lower(): state for state in CellState}
    chosen: dict[str, Any] = {}
    if "states" in cells:
        chosen["states"] = frozenset(names[w] for w in _list(cells, "states", known=names))
    if "organs" in cells:
        chosen["organs"] = frozenset(_list(cells, "organs"))
    if "routes" in cells:
        routes = {route.value: route for route in CellRoute}
        chosen["routes"] = frozenset(routes[w] for w in _list(cells, "routes", known=routes))
    if "clones" in cells:
        clones = cells["clones"]
        if not isinstance(clones, list) or not all(_is_whole(c) and 0 <= c < 2**16 for c in clones):
            raise _wrong(clones, key="cells.clones", rule="a list of whole numbers of 0 .. 65535")
        chosen["clones"] = frozenset(clones)
    return CellFilter(**chosen)


def _look(content: Mapping[str, Any]) -> Look | None:
    names = ("centre_m", "azimuth_degrees", "elevation_degrees", "height_m")
    table = _table(content, "look", names)
    if "look" not in content:
        return None
    angle = "a finite number of degrees"
    return Look(
        centre=_vector(table, "look.centre_m"),
        azimuth=_value(table, "look.azimuth_degrees", 0.0, rule=angle),
        elevation=_value(table, "look.elevation_degrees", 0.0, rule=angle),
        height=_value(table, "look.height_m", 1.9, rule="1e-6 to 1e3 m", holds=_is_height),
    )


def _clip(content: Mapping[str, Any]) -> ClipPlane | None:
    table = _table(content, "clip", ("point_m", "normal"))
    if "clip" not in content:
        return None
    normal = _vector(table, "clip.normal")
    if not any(normal):
        raise _wrong(list(normal), key="clip.normal", rule="not zero")
    return ClipPlane(_vector(table, "clip.point_m"), normal)


def _check_keys(place: str, table: Mapping[str, Any], known: Collection[str]) -> None:
    for name in table:
        if name not in known:
            key = f"{place}.{name}" if place else name
            message = f"key must be a known one, got {shown(name)}. {near_name(name, known)}"
            raise InputError(message, key=key)


def _table(content: Mapping[str, Any], name: str, known: Collection[str]) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise _wrong(table, key=name, rule="a table")
    _check_keys(name, table, known)
    return table


def _word(table: Mapping[str, Any], place: str, words: type[_Word], *, default: _Word) -> _Word:
    value = table.get("colour", default.value)
    known = [word.value for word in words]
    if value not in known:
        message = f"colour must be a known one, got {shown(value)}. {near_name(str(value), known)}"
        raise InputError(message, key=f"{place}.colour")
    return words(value)


def _list(table: Mapping[str, Any], name: str, known: Collection[str] | None = None) -> list[str]:
    value = table[name]
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _wrong(value, key=f"cells.{name}", rule="a list of names")
    for word in value:
        if known is not None and word not in known:
            message = f"{name} must be known ones, got {shown(word)}. {near_name(word, known)}"
            raise InputError(message, key=f"cells.{name}")
    return value


def _vector(table: Mapping[str, Any], key: str) -> tuple[float, float, float]:
    value = table.get(key.partition(".")[2])
    if not isinstance(value, list) or len(value) != 3 or not all(_is_finite(v) for v in value):
        raise _wrong(value, key=key, rule="three finite numbers")
    return float(value[0]), float(value[1]), float(value[2])


def _value(
    table: Mapping[str, Any],
    key: str,
    default: float,
    *,
    rule: str,
    holds: Callable[[float], bool] = lambda _: True,
) -> float:
    value = table.get(key.partition(".")[2], default)
    if not _is_finite(value) or not holds(float(value)):
        raise _wrong(value, key=key, rule=rule)
    return float(value)


def _wrong(value: object, *, key: str, rule: str) -> InputError:
    name = key.rpartition(".")[2]
    return InputError(f"{name} must be {rule}, got {shown(value)}. Correct or delete it.", key=key)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_height(value: float) -> bool:
    return 1e-6 <= value <= 1e3


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


def _quoted(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _words(words: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def _number(value: float) -> str:
    return repr(float(value))


def _numbers(values: tuple[float, float, float]) -> str:
    return "[" + ", ".join(_number(value) for value in values) + "]"
