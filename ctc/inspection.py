"""What a run came to, with what stands beside it: autopsies of its cancer, and its affinities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ctc.analysis.sites_of_run import sites_of_run
from ctc.record.reader import Run
from ctc.scenario.affinity import affinity_of


def inspect_run(run: Run) -> dict[str, Any]:
    """Return the figures of ``ctc inspect --json``: those of `Run.summary` and two more.

    Parameters
    ----------
    run : Run
        Finished, running or killed.

    Returns
    -------
    dict
        ``sites`` as `ctc.analysis.sites_of_run` gives them, and ``affinity``: the colony factor of
        each organ by where the run has it from, with ``sentences`` that say so. Both are None for
        inert cells.
    """
    scenario = run.scenario()
    found: dict[str, Any] = {"sites": None, "affinity": None}
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
    return {**run.summary(), **found}
