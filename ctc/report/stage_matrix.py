"""Stage found at diagnosis beside the stage that there was."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.analysis.endpoints import by_stage
from ctc.report.axes import percent_text
from ctc.report.drawing import Drawing
from ctc.report.section import Cell, Section, Table
from ctc.report.trial_material import TrialMaterial, of_first_arm

_WIDTH, _LEFT, _TOP, _CELL, _ROW = 960.0, 190.0, 62.0, 118.0, 46.0
_NOTE = (
    "Stage groups by size, nodes and overt distant metastases; what was not looked at counts as "
    "free."
)
_STAGES = ("I", "II", "III", "IV")


def matrix_section(material: TrialMaterial) -> Section | None:
    """Return the matrix of the first arm; None where nobody was diagnosed."""
    if not material.has("diagnosis_time") or "t_true" not in material.table.outcomes:
        return None
    arm = material.of_arm(0)
    found = [group.rows & arm for group in by_stage(material.table)]
    true = [group.rows & arm for group in by_stage(material.table, is_true=True)]
    counts = np.array([[int((f & t).sum()) for t in true] for f in found])
    total = int(counts.sum())
    if not total:
        return None
    under = int(np.triu(counts, 1).sum())
    hidden = int(counts[:3, 3].sum())
    spread = int(counts[:, 3].sum())
    sentence = (
        f"Of {total:,} staged patients {percent_text(under, total)} were told a lower stage than "
        "they had"
    )
    if spread:
        sentence += (
            f"; of {spread:,} with overt metastases {percent_text(hidden, spread)} were taken for "
            "free of them"
        )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"found {name}", *(int(n) for n in row)) for name, row in zip(_STAGES, counts, strict=True)
    )
    columns = ("", *(f"there: {name}" for name in _STAGES))
    table = Table("stage_matrix", "The same in numbers", columns, rows)
    return Section(
        "found",
        "Stage found, and stage there was",
        (f"{sentence}{of_first_arm(material)}.",),
        (_draw(counts),),
        (table,),
        (_NOTE,),
    )


def _draw(counts: npt.NDArray[np.int64]) -> Drawing:
    drawing = Drawing(
        "stage_matrix",
        "Patients by the stage found and the stage there was",
        _WIDTH,
        _TOP + _ROW * 4 + 34.0,
    )
    most = max(int(counts.max()), 1)
    middle = _LEFT + 2.0 * _CELL
    drawing.text((middle, 18.0), "there was", anchor="middle", colour="faint", size=12.0)
    across = (_LEFT - 104.0, _TOP + 2.0 * _ROW)
    drawing.text(across, "found", anchor="middle", colour="faint", size=12.0, is_upright=True)
    for j, name in enumerate(_STAGES):
        x = _LEFT + _CELL * (j + 0.5)
        drawing.text((x, 44.0), f"stage {name}", anchor="middle", is_bold=True)
    for i, name in enumerate(_STAGES):
        y = _TOP + _ROW * i
        drawing.text((_LEFT - 14.0, y + 28.0), f"stage {name}", anchor="end", is_bold=True)
        for j in range(4):
            n = int(counts[i, j])
            x = _LEFT + _CELL * j
            colour = "accent" if i == j else "arrested"
            drawing.box((x + 2.0, y + 2.0), (_CELL - 4.0, _ROW - 4.0), colour="panel")
            if n:
                shade = 0.12 + 0.5 * (n / most) ** 0.5
                size = (_CELL - 4.0, _ROW - 4.0)
                drawing.box((x + 2.0, y + 2.0), size, colour=colour, opacity=shade)
            place = (x + 0.5 * _CELL, y + 28.0)
            drawing.text(
                place,
                f"{n:,}",
                anchor="middle",
                is_bold=bool(n) and i == j,
                colour="text" if n else "faint",
            )
    x = _LEFT + 4.0 * _CELL + 36.0
    for k, (colour, text) in enumerate(
        (("accent", "found as it was"), ("arrested", "found lower (right) or higher (left)"))
    ):
        y = _TOP + 20.0 + 24.0 * k
        drawing.box((x, y - 10.0), (14.0, 14.0), colour=colour, opacity=0.5)
        drawing.text((x + 22.0, y + 1.5), text, size=12.0)
    return drawing
