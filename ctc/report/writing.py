"""A report as files: one HTML page, or a folder of PNG figures, or one of CSV tables."""

from __future__ import annotations

import enum
import tempfile
from collections.abc import Callable
from pathlib import Path

from ctc.errors import InputError
from ctc.record.new_file import new_file, new_folder
from ctc.record.reader import Run
from ctc.report.blood import blood_section
from ctc.report.courses import courses_section
from ctc.report.drawing import Drawing
from ctc.report.fate_diagram import fates_section
from ctc.report.history import history_section
from ctc.report.lineage import lineage_section
from ctc.report.material import Material, VesselFacts
from ctc.report.network import network_section
from ctc.report.origin import origin_section, parameters_section
from ctc.report.overview import key_table
from ctc.report.page import page_text
from ctc.report.patient import patient_section
from ctc.report.raster import write_raster
from ctc.report.section import Section, Table
from ctc.report.sites import sites_section
from ctc.viewer.scene import duration_text
from ctc.viewer.still import render_still

_PICTURE = "body.png"
PICTURE_SIZE = (1560, 1127)  # half as wide again as the page shows it
_SUFFIXES = (".html", ".htm")
# Every file that a report may consist of, so that an older one can be told from other files.
FIGURES = (
    *("body", "fates", "cells_over_time", "organs_over_time", "sites", "lineage"),
    *("blood", "time_since_shed", "beds_passed", "organ_flows"),
    *("patient", "tumours_found", "ctc_counts"),
)
TABLES = (
    *("key_numbers", "fates", "first_pass", "organs", "cells_over_time", "organs_over_time"),
    *("sites", "lesions", "time_since_shed", "beds_passed", "vessel_kinds", "organ_flows"),
    *("blood", "blood_over_time"),
    *("clinical_course", "examinations", "treatments", "tumours_found", "found_and_there"),
    *("blood_volumes", "morphometry", "vessel_checks", "parameters", "provenance"),
)
_SECTIONS: tuple[Callable[[Material], Section | None], ...] = (
    patient_section,
    fates_section,
    history_section,
    blood_section,
    sites_section,
    lineage_section,
    courses_section,
    network_section,
    parameters_section,
    origin_section,
)


class ReportFormat(enum.StrEnum):
    """What a report is written as."""

    HTML = "html"
    PNG = "png"
    CSV = "csv"


def default_target(run: Path, kind: ReportFormat) -> Path:
    """Return the page or folder beside a run that is named after it."""
    stem = run.with_suffix("") if run.suffix == ".vtkhdf" else run
    if kind is ReportFormat.HTML:
        return stem.with_name(f"{stem.name}.html")
    return stem.with_name(f"{stem.name}_{'figures' if kind is ReportFormat.PNG else 'tables'}")


def check_format(target: Path, kind: ReportFormat) -> None:
    """Raise InputError unless the name of the output fits its format."""
    is_page = target.suffix.lower() in _SUFFIXES
    if kind is ReportFormat.HTML and not is_page:
        message = f"report must be a .html file, got '{target.name}'. Name it so, or "
        raise InputError(message + "choose --format png or csv for a folder.", key="-o")
    if kind is not ReportFormat.HTML and is_page:
        message = f"output of --format {kind} must be a folder, got '{target.name}'. "
        raise InputError(message + "Name it without .html.", key="-o")


def write_report(
    run: Run, target: Path, *, kind: ReportFormat, vessels: VesselFacts, overwrite: bool = False
) -> None:
    """Write the report of a run.

    Parameters
    ----------
    run : Run
        Finished, running or killed; with or without frames, events and colonies.
    target : Path
        Page, or folder for figures or tables.
    kind : ReportFormat
        What to write.
    vessels : VesselFacts
        What was measured of its vessels.
    overwrite : bool
        Whether an older one may go.

    Raises
    ------
    InputError
        If it may not be written there.
    OutputError
        If the system refuses to write.
    """
    check_format(target, kind)
    material = Material.of(run, vessels)
    made = (make(material) for make in _SECTIONS)
    sections = [section for section in made if section is not None]
    if kind is ReportFormat.HTML:
        with new_file(target, overwrite=overwrite) as partial:
            picture, caption = _body_picture(material)
            text = page_text(material, sections, picture=picture, caption=caption)
            partial.write_text(text, encoding="utf-8", newline="\n")
    elif kind is ReportFormat.CSV:
        tables = [key_table(material), *_tables(sections)]
        with new_folder(
            target, names=tuple(f"{name}.csv" for name in TABLES), overwrite=overwrite
        ) as folder:
            for table in tables:
                path = folder / f"{table.name}.csv"
                path.write_text(table.csv_text(), encoding="utf-8", newline="")
    else:
        drawings = _drawings(sections)
        with new_folder(
            target, names=tuple(f"{name}.png" for name in FIGURES), overwrite=overwrite
        ) as folder:
            render_still(run, folder / _PICTURE, size=PICTURE_SIZE)
            for drawing in drawings:
                write_raster(drawing, folder / f"{drawing.name}.png")


def _tables(sections: list[Section]) -> list[Table]:
    return [table for section in sections for table in section.tables if table.rows]


def _drawings(sections: list[Section]) -> list[Drawing]:
    return [drawing for section in sections for drawing in section.figures]


def _body_picture(material: Material) -> tuple[bytes, str]:
    """Return the picture of the body as PNG, and what is to be read below it."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, _PICTURE)
        scene = render_still(material.run, target, size=PICTURE_SIZE, is_small=True)
        picture = target.read_bytes()
    if scene.is_framed:
        text = f"The body {duration_text(scene.time)} after the start. Dots are tracked cells, a "
        return picture, text + "fair sample of all; numbers beside them count every cell."
    text = "The run stores no frame with cells (record.window), so the picture shows vessels, "
    return picture, text + "organs and colonies only; numbers count every cell."
