"""What a scenario would cost, told before it runs; the trial runs in memory and writes nothing."""

from __future__ import annotations

import time

from ctc.backends.base import choose_backend
from ctc.forecast import forecast
from ctc.memory import memory_notes
from ctc.preparation import prepare
from ctc.scenario.affinity import affinity_of
from ctc.scenario.bodies import weight_notes
from ctc.scenario.clinic_notes import calendar_notes, calendar_rows
from ctc.scenario.scenario import Scenario
from ctc.scenario.sources import resolve_sources
from ctc.summary import CheckReport


def check(scenario: Scenario) -> CheckReport:
    """Check a scenario with its vessels and estimate what a run costs; writes nothing."""
    backend = choose_backend("auto")
    began = time.perf_counter()
    prepared = prepare(scenario)
    preparing = time.perf_counter() - began
    weight = scenario.settings.cells.weight
    expected = sum(source.expected_cells for source in resolve_sources(scenario)) / weight
    trial = forecast(prepared.setting, backend, expected_cells=expected)
    setting = prepared.setting
    how = "cut short, so rough" if trial.is_cut else "from a trial with few cells"
    n_tracked = setting.n_tracked if setting.frames else 0
    frames = (
        f"{len(setting.frames):,} frames of up to {n_tracked:,} cells" if n_tracked else "no frames"
    )
    notes = [
        f"{len(setting.epochs):,} epoch(s); {frames}.",
        f"Time on {backend.description}, {how}.",
    ]
    if trial.lesions.cells > 0.0:
        factor = scenario.parameters.value("tissue.colony_factor")
        notes += trial.lesions.sentences(cells_of_sources=expected, colony_factor=factor)
    notes += memory_notes(trial.memory_bytes)
    notes += weight_notes(scenario)
    notes += calendar_notes(scenario.settings)
    notes += [f"Repaired {r.rule}: {r.count:,} ({r.detail})." for r in prepared.network.repairs]
    parameters = {name: (p.value, p.origin) for name, p in scenario.parameters.items()}
    cancer = scenario.settings.cancer
    affinity = affinity_of(
        parameters, prepared.network.organ_names, cancer="" if cancer is None else cancer.set
    )
    if affinity is not None and not scenario.settings.cells.inert:
        notes += affinity.sentences()
    return CheckReport(
        n_segments=prepared.network.n_segments,
        n_cells_expected=expected,
        memory_bytes=trial.memory_bytes,
        seconds_estimate=preparing + trial.seconds,
        notes=tuple(notes),
        n_cells_of_lesions=trial.lesions.cells,
        calendar=calendar_rows(scenario.settings),
    )
