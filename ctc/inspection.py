"""What a run came to, with what stands beside it: autopsies, affinities, the clinical course."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ctc.analysis.clinical_course import course_of
from ctc.analysis.course_lines import course_lines
from ctc.analysis.sites_of_run import sites_of_run
from ctc.record.reader import Run
from ctc.scenario.affinity import affinity_of


def inspect_run(run: Run) -> dict[str, Any]:
    """Return the figures of ``ctc inspect --json``: those of `Run.summary` and three more.

    Parameters
    ----------
    run : Run
        Finished, running or killed.

    Returns
    -------
    dict
        ``sites`` as `ctc.analysis.sites_of_run` gives them, and ``affinity``: the colony factor of
        each organ by where the run has it from, with ``sentences`` that say so. Both are None for
        inert cells. ``clinic``: the `ClinicalCourse` as plain values, and its ``lines`` in words;
        None where the scenario has no calendar.
    """
    scenario = run.scenario()
    found: dict[str, Any] = {"sites": None, "affinity": None, "clinic": None}
    if not scenario.get("cells", {}).get("inert", False):
        parameters = {
            name: (entry["value"], entry.get("origin", ""))
            for name, entry in scenario.get("parameters", {}).items()
        }
        cancer = (scenario.get("cancer") or {}).get("set") or ""
        affinity = affinity_of(parameters, run.organ_names, cancer=cancer)
        found["sites"] = sites_of_run(run)
        if affinity is not None:
            found["affinity"] = {**asdict(affinity), "sentences": affinity.sentences()}
    course = course_of(run)
    if course is not None:
        lines = [line.as_plain() for line in course_lines(course)]
        found["clinic"] = {**course.as_plain(), "lines": lines}
    return {**run.summary(), **found}
