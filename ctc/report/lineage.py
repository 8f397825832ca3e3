"""Lineage of the lesions: the tree from sources over their lesions to the lesions of those."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NANOSECONDS
from ctc.report.axes import Frame, Scale, count_text, duration_text, large_text, time_unit
from ctc.report.drawing import Command, Drawing
from ctc.report.material import Material
from ctc.report.section import Section, Table
from ctc.states import COUNTED_CELL, GONE, LesionState, Route

_TITLE = "Lineage of the lesions"
_MOST = 60
_SOURCE = -1  # parent of what a source of the scenario shed
_NOTE = (
    "The dashed line is the time before the founding cell began to grow: on its way, arrested, or "
    "asleep. It begins at the source, or where a lesion shed that cell, and is missing where the "
    "founder had been dormant. The wedge is the lesion; "
    "its width goes with the logarithm of its cells; a dot alone is a lesion that was lost."
)
_WIDTH, _LEFT, _RIGHT, _ROW, _HEAD, _TOP = 960.0, 40.0, 300.0, 15.0, 26.0, 28.0


def lineage_section(material: Material) -> Section:
    """Return the tree of the largest lesions."""
    lesions = material.colonies
    if not lesions.size:
        why = "The cells are inert." if material.scenario["cells"]["inert"] else ""
        text = f"No cell has founded a colony, so there is no tree. {why}".strip()
        return Section("lineage", _TITLE, (text,))
    shown = _largest(lesions)
    return Section(
        "lineage",
        _TITLE,
        (_sentence(material, lesions, shown),),
        (_draw(material, shown),),
        (_table(material, lesions, shown),),
        (_NOTE,),
    )


def _largest(lesions: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the largest lesions (the oldest of equals) and all that they stem from.

    In the order of the tree: by source, organ and founding, each with its children behind it.
    """
    order = np.lexsort((lesions["lesion"], lesions["founded"], -lesions["cells"].astype(np.int64)))
    place = {int(lesion): index for index, lesion in enumerate(lesions["lesion"])}
    chosen: set[int] = set()
    for start in order[:_MOST].tolist():
        index = start
        while index not in chosen:
            chosen.add(index)
            index = place.get(_parent(lesions[index]), index)
    picked = lesions[sorted(chosen)]
    crowd = np.bincount(picked["organ"].astype(np.int64) + 1)[picked["organ"].astype(np.int64) + 1]
    rank = (picked["lesion"], picked["founded"], picked["organ"], -crowd, picked["clone"])
    children: dict[int, list[npt.NDArray[Any]]] = {}
    for lesion in picked[np.lexsort(rank)]:
        children.setdefault(_parent(lesion), []).append(lesion)
    arranged: list[npt.NDArray[Any]] = []
    waiting = children.get(_SOURCE, [])[::-1]
    while waiting:
        lesion = waiting.pop()
        arranged.append(lesion)
        waiting += children.get(int(lesion["lesion"]), [])[::-1]
    return np.array(arranged, dtype=lesions.dtype)


def _parent(lesion: npt.NDArray[Any]) -> int:
    """Return the lesion that shed the founder, or `_SOURCE`."""
    return max(int(lesion["parent"]), _SOURCE)


def _sentence(material: Material, lesions: npt.NDArray[Any], shown: npt.NDArray[Any]) -> str:
    n = lesions.size
    organs = np.unique(lesions["organ"]).size
    most = int(lesions["cells"].max())
    cells = f"{count_text(most)} cell{'s' if most != 1 else ''}"
    text = (
        f"{count_text(n)} lesion{'s' if n != 1 else ''} in {organs} "
        f"organ{'s' if organs != 1 else ''}; the largest has {cells}."
    )
    if n > shown.size:
        text += f" The {shown.size} largest are drawn; {count_text(n - shown.size)} more are not."
    of_lesions = int((lesions["parent"] >= 0).sum())
    if of_lesions:
        text += f" {count_text(of_lesions)} stem from cells that other lesions shed."
    for state in GONE:
        gone = int((lesions["state"] == state).sum())
        if gone:
            text += f" {count_text(gone)} {'was' if gone == 1 else 'were'} {state.name.lower()}."
    if most == 1:
        text += " None has divided yet."
    return text + " Each was founded by one shed cell."


def _draw(material: Material, shown: npt.NDArray[Any]) -> Drawing:
    clones = list(dict.fromkeys(shown["clone"].tolist()))
    changes = (shown[["clone", "organ"]][1:] != shown[["clone", "organ"]][:-1]).sum()
    groups = int(changes) + 1
    was_dormant = shown["cell"] == COUNTED_CELL
    births = np.where(was_dormant, shown["founded"], material.births(shown["cell"]))
    born = dict(zip(shown["lesion"].tolist(), births.tolist(), strict=True))
    tall = _HEAD * len(clones) + 8.0 * groups + _ROW * shown.size
    end = float(material.times[-1]) if material.times.size else 1.0
    end = max(end, float(shown["founded"].max()) / NANOSECONDS, 1.0)
    unit, size = time_unit(end)
    drawing = Drawing("lineage", "Tree of the largest lesions over time", _WIDTH, tall + 74.0)
    frame = Frame(
        _LEFT,
        _TOP,
        _WIDTH - _LEFT - _RIGHT,
        tall,
        Scale(0.0, end / size),
        Scale(0.0, 1.0),
    )
    frame.draw(drawing, has_y=False, n_y=1, x_label=f"time [{unit}]", n_x=8)
    largest = math.log2(max(float(shown["cells"].max()), 2.0))
    for x, text in ((_WIDTH - 100.0, "cells now"), (_WIDTH - 4.0, "founded after")):
        drawing.text((x, _TOP - 11.0), text, anchor="end", size=11.5, colour="faint")
    y = frame.top
    for clone in clones:
        own = shown[shown["clone"] == clone]
        y += 0.6 * _HEAD
        names = material.source_names
        name = names[clone] if clone < len(names) else f"source {clone + 1}"
        root = y
        drawing.dot((_LEFT, y), 5.0, colour="shed")
        drawing.box((_LEFT + 7.0, y - 9.0), (9.0 + 7.0 * len(name), 18.0), colour="ground")
        drawing.text((_LEFT + 11.0, y + 4.5), name, is_bold=True)
        y += 0.4 * _HEAD
        organ = None
        last = root
        rows: dict[int, float] = {}
        for lesion in own:
            is_first = int(lesion["organ"]) != organ
            if is_first:
                organ = int(lesion["organ"])
                y += 8.0
            middle = y + 0.5 * _ROW
            number = int(lesion["lesion"])
            start = _LEFT
            if _parent(lesion) in rows:
                start = frame.across(born[number] / NANOSECONDS / size)
                above = (start, rows[_parent(lesion)])
                drawing.line([above, (start, middle)], colour="faint", width=0.8)
            else:
                last = middle
            rows[number] = middle
            place = (start, middle)
            _draw_lesion(drawing, frame, lesion=lesion, place=place, largest=largest, size=size)
            if is_first:
                text = _organ_name(material, lesion)
                beside = (frame.right + 14.0, middle + 4.0)
                drawing.text(beside, text, is_bold=True, size=12.0)
            y += _ROW
        drawing.line([(_LEFT, root), (_LEFT, last)], colour="shed", width=1.6)
    return drawing


def _draw_lesion(
    drawing: Drawing,
    frame: Frame,
    *,
    lesion: npt.NDArray[Any],
    place: tuple[float, float],
    largest: float,
    size: float,
) -> None:
    """Draw the line of one lesion from a place on; ``size`` is that of the unit of time [s]."""
    left, y = place
    founded = float(lesion["founded"]) / NANOSECONDS
    cells = int(lesion["cells"])
    part = math.log2(max(cells, 1)) / largest
    start = frame.across(founded / size)
    count = f"{count_text(cells)} cell{'s' if cells != 1 else ''}"
    tip = f"lesion {int(lesion['lesion'])}, {count}, founded after {duration_text(founded)} "
    tip += f"by cell {int(lesion['cell'])}"
    route = Route(int(lesion["route"]))
    if route is not Route.SEVERAL:
        tip += f", which left by the {route.name.lower()} route"
    drawing.line([(left, y), (start, y)], colour="faint", width=0.8, is_dashed=True)
    # Growth by doubling: a straight wedge is one on a logarithmic scale.
    thin, thick = 0.8, 0.8 + 4.4 * part
    end = frame.right
    if lesion["state"] in GONE:
        state = LesionState(int(lesion["state"])).name.lower()
        drawing.dot((start, y), 2.4, colour="faint", tip=f"{tip}, {state}")
        return
    wedge = ((start, y - thin), (end, y - thick), (end, y + thick), (start, y + thin))
    commands: list[Command] = [("L" if i else "M", point) for i, point in enumerate(wedge)]
    drawing.path([*commands, ("Z", ())], fill="colony", tip=tip)
    drawing.dot((start, y), 2.4, colour="text", tip=tip)
    right = _WIDTH - 4.0
    drawing.text((right - 96.0, y + 4.0), large_text(cells), anchor="end", size=11.5)
    drawing.text((right, y + 4.0), duration_text(founded), anchor="end", size=11.5, colour="faint")


def _table(material: Material, lesions: npt.NDArray[Any], shown: npt.NDArray[Any]) -> Table:
    """Return every lesion, the drawn ones first."""
    names = material.source_names
    is_shown = np.isin(lesions["lesion"], shown["lesion"])
    rows = tuple(
        (
            int(lesion["lesion"]),
            names[lesion["clone"]] if lesion["clone"] < len(names) else int(lesion["clone"]),
            "one that slept" if lesion["cell"] == COUNTED_CELL else int(lesion["cell"]),
            _organ_name(material, lesion),
            int(lesion["segment"]),
            float(lesion["founded"]) / NANOSECONDS,
            int(lesion["cells"]),
            f"lesion {lesion['parent']}" if lesion["parent"] >= 0 else "source",
            Route(int(lesion["route"])).name.lower(),
            LesionState(int(lesion["state"])).name.lower().replace("_", " "),
        )
        for lesion in np.concatenate([shown, lesions[~is_shown]])
    )
    columns = (
        *("lesion", "source", "founding cell", "organ", "segment", "founded [s]", "cells"),
        *("parent", "route", "state"),
    )
    return Table("lesions", "Lesions", columns, rows, is_shown=False)


def _organ_name(material: Material, lesion: npt.NDArray[Any]) -> str:
    organ = int(lesion["organ"])
    return material.organ_names[organ] if organ >= 0 else "between organs"
