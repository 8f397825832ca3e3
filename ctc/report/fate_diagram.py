"""Fates as a flow diagram: shed cells on the left, what became of them on the right."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.report.axes import count_text, percent_text
from ctc.report.drawing import Drawing
from ctc.report.material import Material
from ctc.report.section import Section, Table
from ctc.states import CellState, DeathCause

_WIDTH, _BAR = 960.0, 16.0
_TOP, _GAP, _FLOW_HEIGHT = 74.0, 30.0, 330.0
_LEAST = 1.5  # a flow of one cell is seen
_NOTE = (
    "Heights are in proportion to numbers of cells; the thinnest bands are drawn a little thicker "
    "than they are, so that they are seen. Cells are counted at the end of the last epoch; a cell "
    "that was arrested and let go again counts once, where it is now."
)
_CAUSES = {
    DeathCause.IMMUNE: "killed by immune cells",
    DeathCause.ARREST: "died while arrested",
    DeathCause.SHEAR: "killed by shear stress",
    DeathCause.ANOIKIS: "died of anoikis",
    DeathCause.TISSUE: "died in the tissue",
    DeathCause.TREATMENT: "killed by treatment",
}
_STATES = {
    CellState.CIRCULATING: "circulating",
    CellState.ARRESTED: "arrested in a vessel",
    CellState.EXTRAVASATED: "solitary in the tissue",
    CellState.DORMANT: "dormant in the tissue",
    CellState.COLONY: "founded a colony",
    CellState.EXITED: "left by an open end",
}


@dataclass(frozen=True)
class _End:
    """One place where a cell is at the end: its name, colour and count."""

    text: str
    colour: str
    count: int
    is_fate: bool


@dataclass(frozen=True)
class _Branch:
    """A group of ends."""

    text: str
    colour: str
    ends: tuple[_End, ...]

    @property
    def count(self) -> int:
        return sum(end.count for end in self.ends)


def fates_section(material: Material) -> Section:
    """Return the flow diagram, with the sum that proves that no cell is lost."""
    fates = material.fates
    if not fates.shed:
        return Section("fates", "What became of the cells", ("No cell was shed yet.",))
    branches = _branches(material)
    ends = [end for branch in branches for end in branch.ends]
    table = Table(
        "fates",
        "The same in numbers",
        ("stage", "became", "is final", "cells", "share of shed"),
        tuple(
            (
                branch.text,
                end.text,
                "yes" if end.is_fate else "no",
                end.count,
                end.count / fates.shed,
            )
            for branch in branches
            for end in branch.ends
        ),
    )
    return Section(
        "fates",
        "What became of the cells",
        (_closing_sentence(material, ends),),
        (_draw(material, branches),),
        (table, _first_pass_table(material)),
        (_NOTE,),
    )


def _branches(material: Material) -> list[_Branch]:
    fates = material.fates
    states, died = fates.states, fates.died

    def state(which: CellState) -> _End:
        is_fate = which in (CellState.COLONY, CellState.EXITED)
        return _End(_STATES[which], which.name.lower(), states[which], is_fate=is_fate)

    def death(cause: DeathCause) -> _End:
        return _End(_CAUSES[cause], "died", died[cause], is_fate=True)

    vessel_deaths = (DeathCause.IMMUNE, DeathCause.ARREST, DeathCause.SHEAR, DeathCause.ANOIKIS)
    tissue = (CellState.COLONY, CellState.DORMANT, CellState.EXTRAVASATED)
    branches = [
        _Branch(
            "left the vessels",
            "extravasated",
            (*(state(s) for s in tissue), death(DeathCause.TISSUE)),
        ),
        _Branch(
            "in the vessels now",
            "arrested",
            (state(CellState.CIRCULATING), state(CellState.ARRESTED)),
        ),
        _Branch("left by an open end", "exited", (state(CellState.EXITED),)),
        _Branch(
            "died in the vessels",
            "died",
            tuple(sorted((death(c) for c in vessel_deaths), key=lambda end: -end.count)),
        ),
        _Branch("killed by treatment", "died", (death(DeathCause.TREATMENT),)),
    ]
    filled = [
        _Branch(branch.text, _branch_colour(branch), tuple(e for e in branch.ends if e.count))
        for branch in branches
    ]
    return [branch for branch in filled if branch.ends]


def _branch_colour(branch: _Branch) -> str:
    """Return the colour of a branch, of those in the vessels that of most of them."""
    if branch.colour != "arrested":
        return branch.colour
    return max(branch.ends, key=lambda end: end.count).colour


def _closing_sentence(material: Material, ends: list[_End]) -> str:
    fates = material.fates
    flying = material.summary["in_flight"]
    finals = sorted((end for end in ends if end.is_fate), key=lambda end: -end.count)
    sum_text = " + ".join(f"{count_text(end.count)} {end.text}" for end in finals)
    parts = f"{count_text(flying)} in flight (alive, no colony yet)" + (
        f" + {sum_text}" if finals else ""
    )
    total = flying + sum(end.count for end in finals)
    if fates.is_closed and total == fates.shed:
        return f"Every cell is accounted for: {count_text(fates.shed)} shed = {parts}."
    return (
        f"The numbers do not close: {count_text(fates.shed)} shed, but {parts} make "
        f"{count_text(total)}. The file is damaged; do not use this run."
    )


def _draw(material: Material, branches: list[_Branch]) -> Drawing:
    shed = material.fates.shed
    n_ends = sum(len(branch.ends) for branch in branches)
    height = _TOP + _FLOW_HEIGHT + n_ends * _GAP + 10.0
    caption = f"Flow of {count_text(shed)} shed cells to what became of them"
    drawing = Drawing("fates", caption, _WIDTH, height)
    left, middle, right = 118.0, 392.0, 640.0
    scale = _FLOW_HEIGHT / shed

    def thick(count: int) -> float:
        return max(count * scale, _LEAST)

    for x, text, anchor in ((left, "shed", "end"), (middle, "then", "middle")):
        drawing.text((x + _BAR, 18.0), text, colour="faint", anchor=anchor, size=12.5)
    drawing.text((right, 18.0), "now", colour="faint", size=12.5)
    total = sum(thick(branch.count) for branch in branches)
    y_left = _TOP + 0.5 * (height - _TOP - total) - 6.0
    drawing.box((left, y_left), (_BAR, total), colour="shed")
    label = y_left + 0.5 * total
    drawing.text((left - 10.0, label - 2.0), count_text(shed), anchor="end", is_bold=True, size=15)
    drawing.text((left - 10.0, label + 16.0), "cells shed", anchor="end", colour="faint")
    y_end = _TOP
    for branch in branches:
        ends = [max(thick(end.count), 0.0) for end in branch.ends]
        block = sum(ends) + _GAP * (len(ends) - 1)
        own = thick(branch.count)
        y_middle = y_end + 0.5 * (block - own)
        tip = f"{branch.text}: {count_text(branch.count)}"
        drawing.ribbon(
            (left + _BAR, y_left),
            (middle, y_middle),
            thickness=own,
            colour=branch.colour,
            opacity=0.32,
            tip=tip,
        )
        drawing.box((middle, y_middle), (_BAR, own), colour=branch.colour, tip=tip)
        place = y_middle - 8.0
        share = percent_text(branch.count, shed)
        drawing.text((middle + _BAR, place - 16.0), branch.text, anchor="end", is_bold=True)
        drawing.text(
            (middle + _BAR, place),
            f"{count_text(branch.count)}, {share}",
            anchor="end",
            colour="faint",
            size=12,
        )
        y_left += own
        y_source = y_middle
        for end, size in zip(branch.ends, ends, strict=True):
            tip = f"{end.text}: {count_text(end.count)}"
            # What leaves a bar is as thick as the bar, however thin its parts.
            drawing.ribbon(
                (middle + _BAR, min(y_source, y_middle + own - min(size, own))),
                (right, y_end),
                thickness=size,
                colour=end.colour,
                opacity=0.42,
                tip=tip,
            )
            drawing.box((right, y_end), (_BAR, size), colour=end.colour, tip=tip)
            line = y_end + 0.5 * size + 4.5
            drawing.text((right + _BAR + 10.0, line), end.text, size=13.5)
            for x, text in (
                (_WIDTH - 76.0, count_text(end.count)),
                (_WIDTH - 4.0, percent_text(end.count, shed)),
            ):
                drawing.text((x, line), text, anchor="end", colour="faint", size=13)
            y_source += end.count * scale
            y_end += size + _GAP
    return drawing


def _first_pass_table(material: Material) -> Table:
    first = material.summary["first_pass"]
    rows = [
        (organ, counts.get("arrivals", 0), counts.get("arrested", 0))
        for organ, counts in first.items()
        if counts.get("arrivals", 0)
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    return Table(
        "first_pass",
        "The first bed that cells met, and how many it held",
        ("organ", "cells whose first bed was here", "held by it", "share held"),
        tuple((organ, n, held, held / n) for organ, n, held in rows),
    )
