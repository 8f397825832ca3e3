"""Where the numbers come from: parameters with sources, provenance, the scenario, the commands."""

from __future__ import annotations

import shlex

from ctc.report.axes import duration_text
from ctc.report.material import Material
from ctc.report.section import Cell, Section, Table
from ctc.units import to_base

_BASES = ("measured", "fitted", "derived", "assumed")


def parameters_section(material: Material) -> Section:
    """Return every parameter of the run with unit, basis and source."""
    title = "Parameters and their sources"
    parameters = material.scenario.get("parameters") or {}
    if not parameters:
        return Section("parameters", title, ("The scenario resolves to no parameters.",))
    own = set(material.scenario.get("override") or {})
    rows = []
    counts = dict.fromkeys(_BASES, 0)
    for name, entry in parameters.items():
        counts[entry["basis"]] = counts.get(entry["basis"], 0) + 1
        basis = f"{entry['basis']} (set by the scenario)" if name in own else entry["basis"]
        value = _in_unit(entry["value"], entry["unit"])
        rows.append((name, value, entry["unit"], basis, entry["source"]))
    parts = ", ".join(f"{n} {basis}" for basis, n in counts.items() if n)
    columns = ("parameter", "value", "unit", "basis", "source")
    table = Table("parameters", "All parameters", columns, tuple(rows))
    text = f"The run rests on {len(rows)} parameters of biology: {parts}."
    return Section("parameters", title, (text,), (), (table,))


def origin_section(material: Material) -> Section:
    """Return what made the run, and how to make it again."""
    summary = material.summary
    provenance = material.run.provenance
    rows: tuple[tuple[Cell, ...], ...] = (
        ("run file", material.run.path.name),
        ("status", summary["status"]),
        ("program", f"ctc {provenance.version}"),
        ("commit", provenance.commit or "of an installed program"),
        ("seed", str(provenance.seed)),
        ("device", summary["device"]),
        ("platform", f"{provenance.platform}, Python {provenance.python}"),
        ("started", provenance.started),
        ("finished", summary["finished"] or "not yet"),
        ("resumed", f"{summary['n_resumes']} times"),
        ("simulated", duration_text(summary["simulated_seconds"])),
        ("hash of the kernels", provenance.kernel_hash),
        ("hash of the vessels", provenance.network_hash),
        ("digest of the results", summary["digest"] or "none before the end"),
        ("digest of the frames", summary["record_digest"] or "none before the end"),
    )
    sentence = (
        "The same version, scenario and seed give the same digest on every machine, with any "
        "number of threads."
    )
    table = Table("provenance", "What made this run", ("what", "value"), rows, is_open=True)
    return Section("origin", "Provenance", (sentence,), (), (table,))


def commands(material: Material) -> tuple[str, ...]:
    """Return the commands that repeat the run and this page."""
    name = shlex.quote(material.run.path.name)
    scenario = material.scenario
    seed = material.run.provenance.seed
    words = [f"--set {shlex.quote(item)}" for item in scenario.get("overrides") or ()]
    asked = scenario["run"]["seed"]
    changed = f" --seed {seed}" if seed != asked else ""
    more = "".join(f" {word}" for word in words)
    return (
        f"ctc run scenario.toml{more}{changed} -o {name}",
        f"ctc inspect {name} --json",
        f"ctc report {name}",
    )


def _in_unit(value: Cell, unit: str) -> Cell:
    """Return a value in SI in the unit that it is stated in."""
    if isinstance(value, str) or not unit or unit == "1":
        return value
    return float(f"{value / to_base(1.0, unit):.6g}")
