"""Sections, from made-up material."""

import csv
import io
import types

import numpy as np

from ctc.analysis.fates import Fates
from ctc.record.layout import LESION_DTYPE, LITTER_DTYPE
from ctc.report.drawing import Label, Path
from ctc.report.fate_diagram import fates_section
from ctc.report.history import history_section
from ctc.report.lineage import lineage_section
from ctc.report.material import Material, VesselFacts
from ctc.report.network import network_section
from ctc.report.origin import commands, parameters_section
from ctc.report.section import Table
from ctc.report.sites import sites_section
from ctc.states import CellState, DeathCause

ORGANS = ("lung", "liver", "brain")


def material(*, n_epochs=3, lesions=(), cancer="cancers/breast", colonies=4, shed=1000):
    rows = np.zeros(len(lesions), dtype=LESION_DTYPE)
    for number, (row, (organ, founded, cells)) in enumerate(zip(rows, lesions, strict=True)):
        row["lesion"], row["organ"], row["founded"] = number, organ, founded * 10**9
        row["cells"], row["cell"], row["parent"] = cells, 100 + number, -1
    states = dict.fromkeys(CellState, 0)
    states |= {CellState.DIED: 900, CellState.DORMANT: 96, CellState.COLONY: 4}
    by_state = np.zeros((n_epochs, len(CellState)), dtype=np.uint64)
    by_state[:, CellState.DIED], by_state[:, CellState.DORMANT] = 900, 96
    by_state[:, CellState.COLONY] = 4
    by_organ = np.zeros((n_epochs, len(ORGANS)), dtype=np.uint64)
    series = {
        name: by_organ.copy()
        for name in ("arrested", "extravasated", "dormant", "died", "arrivals", "cells")
    }
    series["colonies"] = by_organ + np.array([colonies, 0, 0], dtype=np.uint64)
    died = dict.fromkeys(DeathCause, 0) | {DeathCause.IMMUNE: 800, DeathCause.TISSUE: 100}
    return Material(
        run=types.SimpleNamespace(
            path=types.SimpleNamespace(name="my run.vtkhdf"),
            provenance=types.SimpleNamespace(seed=7),
        ),
        summary={"in_flight": 96, "first_pass": {"lung": {"arrivals": 10, "arrested": 4}}},
        scenario={
            "run": {"seed": 1},
            "overrides": ["scenario.title=it's"],
            "cancer": {"set": cancer},
            "cells": {"inert": False},
            "source": [{"kind": "tumour", "organ": "breast"}],
            "parameters": {
                "a.diameter": {
                    "value": 1.2e-5,
                    "unit": "um",
                    "basis": "measured",
                    "source": "<i>Somebody</i> 2001",
                }
            },
            "override": {},
        },
        series=series
        | {
            "time": 3600 * 10**9 * np.arange(1, n_epochs + 1),
            "shed": np.full(n_epochs, shed, dtype=np.uint64),
            "cells_by_state": by_state,
        },
        organ_names=ORGANS,
        lesions=rows,
        fates=Fates(0, shed, states, died),
        vessels=VesselFacts(),
    )


def texts(section):
    return [item.text for figure in section.figures for item in figure.items if type(item) is Label]


def test_the_sentence_of_the_fates_closes_and_says_so_where_it_does_not():
    section = fates_section(material())
    assert section.sentences[0].startswith("Every cell is accounted for: 1,000 shed = 96 in flight")
    assert "800 killed by immune cells" in section.sentences[0]
    rows = section.tables[0].rows
    assert sum(row[3] for row in rows) == 1000
    assert "do not close" in fates_section(material(shed=1001)).sentences[0]


def test_bands_of_the_diagram_are_as_thick_as_their_numbers():
    figure = fates_section(material()).figures[0]
    heights = {}
    for item in figure.items:
        if isinstance(item, Path) and item.opacity == 1.0 and item.tip:
            ys = [values[1] for letter, values in item.commands if letter in "ML"]
            heights[item.tip.partition(":")[0]] = max(ys) - min(ys)
    assert heights["killed by immune cells"] / heights["died in the tissue"] == 8.0
    assert heights["left the vessels"] / heights["died in the vessels"] == 200 / 800


def test_empty_sections_say_why():
    assert "no tree" in lineage_section(material()).sentences[0]
    assert "no curves" in history_section(material(n_epochs=0)).sentences[0]
    assert "No cell is arrested" in sites_section(material(colonies=0)).sentences[0]
    assert "not measured" in network_section(material()).sentences[0]
    assert "no autopsy figures for 'mine'" in sites_section(material(cancer="mine")).sentences[0]


def test_the_largest_lesions_are_drawn_and_the_rest_is_counted():
    lesions = [(i % 2, 60 * i, 1 + i) for i in range(70)]
    section = lineage_section(material(lesions=lesions))
    assert "The 60 largest are drawn; 10 more are not." in section.sentences[0]
    tips = {item.tip for item in section.figures[0].items if isinstance(item, Path) and item.tip}
    assert len(tips) == 60
    assert any("70 cells" in tip for tip in tips)
    assert not any("lesion 9," in tip for tip in tips)
    assert len(section.tables[0].rows) == 70
    assert {"lung", "liver", "tumour in breast"} <= set(texts(section))


def test_lesions_hang_on_the_lesion_that_shed_their_founder():
    """Lesion 2 stems from 0 and 3 from 2; 0 is small, but what stems from it needs it."""
    from dataclasses import replace  # noqa: PLC0415 - only here

    made = material(lesions=[(0, 60, 1), (1, 70, 50), (0, 4000, 90), (1, 6000, 80)])
    made.lesions["parent"] = (-1, -1, 0, 2)
    made.lesions["state"] = (0, 2, 0, 0)
    litters = np.zeros(3, dtype=LITTER_DTYPE)
    litters["first_cell"], litters["time"] = (0, 102, 103), (0, 3600 * 10**9, 5400 * 10**9)
    section = lineage_section(replace(made, litters=litters))
    assert "2 stem from cells that other lesions shed. 1 was lost." in section.sentences[0]
    (table,) = section.tables
    assert [row[0] for row in table.rows] == [0, 2, 3, 1]
    assert [row[7] for row in table.rows] == ["source", "lesion 0", "lesion 2", "source"]
    lines = [item.commands for item in section.figures[0].items if isinstance(item, Path)]
    upright = [
        (first[1][0], first[1][1], last[1][1])
        for first, last in (line for line in lines if len(line) == 2)
        if first[1][0] == last[1][0] and first[1][0] > 41.0
    ]
    branches = sorted(line for line in upright if 10 < line[2] - line[1] < 40)
    assert len(branches) == 2
    assert branches[0][0] < branches[1][0]


def test_sites_state_sample_size_and_source():
    section = sites_section(material())
    assert "4 colonies lie at sites that autopsies know" in section.sentences[0]
    assert any("432 patients" in note for note in section.notes)


def test_parameters_are_told_in_their_own_unit():
    (table,) = parameters_section(material()).tables
    assert table.rows == (("a.diameter", 12.0, "um", "measured", "<i>Somebody</i> 2001"),)


def test_commands_can_be_pasted_into_a_shell():
    run, *_ = commands(material())
    assert run == (
        "ctc run scenario.toml --set 'scenario.title=it'\"'\"'s' --seed 7 -o 'my run.vtkhdf'"
    )


def test_tables_keep_every_digit():
    table = Table("t", "T", ("name", "x"), (("a,b", 1 / 3),))
    rows = list(csv.reader(io.StringIO(table.csv_text())))
    assert rows == [["name", "x"], ["a,b", repr(1 / 3)]]
