"""The patient's section, from a made-up patient."""

from pathlib import Path

import pytest

from ctc.record.reader import open_run
from ctc.report.drawing import Drawing, Label
from ctc.report.drawing import Path as Line
from ctc.report.material import Material, VesselFacts
from ctc.report.patient import patient_section
from ctc.report.section import Section
from ctc.report.writing import FIGURES, TABLES
from tests.made_up_patient import EPOCH, N_EPOCHS, write_patient


def section_of(path: Path, n_epochs: int) -> Section | None:
    with open_run(write_patient(path / "a.vtkhdf", n_epochs=n_epochs)) as run:
        return patient_section(Material.of(run, VesselFacts()))


@pytest.fixture(scope="module")
def section(tmp_path_factory: pytest.TempPathFactory) -> Section:
    found = section_of(tmp_path_factory.mktemp("patient"), N_EPOCHS)
    assert found is not None
    return found


def texts(drawing: Drawing) -> list[str]:
    return [item.text for item in drawing.items if isinstance(item, Label)]


def tips(drawing: Drawing) -> list[str]:
    return [item.tip for item in drawing.items if isinstance(item, Line) and item.tip]


def test_figures_and_tables_bear_known_names(section: Section) -> None:
    assert [figure.name for figure in section.figures] == ["patient", "tumours_found", "ctc_counts"]
    assert {figure.name for figure in section.figures} <= set(FIGURES)
    assert {table.name for table in section.tables} <= set(TABLES)


def test_sentences_tell_what_was_found_when(section: Section) -> None:
    milestones, found, missed = section.sentences
    assert milestones.startswith("Diagnosis on day 365 (by screening); metastasis found on day 960")
    assert "2 metastases were found, at a median diameter of 18 mm, after 2.19 years" in found
    assert missed.startswith("3 metastases live at the end; 2 of them had been found.")
    assert "not measures 0.45 mm" in missed


def test_the_chart_has_a_lane_for_each_entry_and_a_mark_for_each_occasion(
    section: Section,
) -> None:
    chart = section.figures[0]
    lanes = ("screening", "ct 1", "follow-up", "chemotherapy 1", "SBRT")
    assert set(lanes) <= set(texts(chart))
    assert {"diagnosis", "relapse", "death by cancer", "1 cm"} <= set(texts(chart))
    found = tips(chart)
    assert sum(tip.startswith("blood draw 1") for tip in found) == 6
    assert "blood draw 1, day 912: 14 tumour cells, positive" in found
    assert sum(tip.startswith("radiation 1") for tip in found) == 25


def test_what_showed_nothing_but_false_findings_is_grey(section: Section) -> None:
    dots = {
        item.tip: item.fill
        for item in section.figures[0].items
        if isinstance(item, Line) and item.tip
    }
    assert dots["ct 1, day 372: 1 found (false), 5 mm in all"] == "died"
    assert dots["screening, day 365: 1 found, 18 mm in all"] == "accent"
    assert dots["screening, day 0: nothing found"] == "ground"


def test_names_of_milestones_do_not_cover_one_another(section: Section) -> None:
    labels = [item for item in section.figures[0].items if isinstance(item, Label) and item.is_bold]
    assert len(labels) == 5
    for i, one in enumerate(labels):
        for other in labels[:i]:
            is_apart = abs(one.x - other.x) > 7.0 * min(len(one.text), len(other.text))
            assert is_apart or abs(one.y - other.y) >= 12.0


def test_each_metastasis_that_was_found_is_a_line(section: Section) -> None:
    found = section.figures[1]
    assert {"liver, 2", "lung, 0", "22 mm", "15 mm", "2.3 years"} <= set(texts(found))


def test_the_cut_off_stands_beside_the_counts(section: Section) -> None:
    assert "cut-off, 5 cells" in texts(section.figures[2])


def test_tumours_found_and_missed_by_size(section: Section) -> None:
    rows = section.tables[-1].rows
    assert rows[0] == ("lung", "0 of 1", "", "", "1 of 1", "", "17.5", "0.4")


def test_before_any_finding_there_is_a_chart_all_the_same(tmp_path: Path) -> None:
    """The first epoch holds a screening that saw nothing."""
    found = section_of(tmp_path, 1)
    assert found is not None
    assert found.sentences[0] == "The disease has not been found."
    assert [figure.name for figure in found.figures] == ["patient"]
    assert EPOCH > 0


def test_a_run_without_a_calendar_has_no_such_section(tmp_path: Path) -> None:
    with open_run(write_patient(tmp_path / "a.vtkhdf", n_epochs=1)) as run:
        made = Material.of(run, VesselFacts())
        run.scenario = lambda: {"source": []}  # type: ignore[method-assign]
        assert patient_section(made) is None
