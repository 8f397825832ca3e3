"""Exposures: cells that leave the vessels in each organ for one cell shed, by primary; stored.

The table holds what geometry, flow, sizes, arrest and clocks come to. Nothing in it is fitted to
autopsies, so that it is computed once and a fit is repeated on it in seconds.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ctc.body.plan import BodyPlan, load_body_plan
from ctc.errors import InputError
from ctc.pipeline import load_scenario
from ctc.preparation import Prepared, prepare
from ctc.scenario.scenario import Scenario
from ctc.simulation.hop_table import ONLY_DAUGHTER, HopTable
from tools.calibrate.delivery import expected_delivery
from tools.calibrate.protocol import Primary, primaries

TABLE = Path(__file__).with_name("exposures.csv")
COMMAND = "python -m tools.calibrate exposures"
TERMINALS = 3000
# Cells of primaries without a set of their own: of average size, as those of the stomach.
_PLAIN_CELLS = "stomach"
# Parameters of arrested cells; what happens in tissue decides nothing here.
_CLOCKS = (
    "release_rate",
    "immune_death_rate",
    "exit_or_death_rate",
    "extravasation_half_time",
)
_DIGITS = 6
# Clusters are few, and go where single cells do: chains through the same bores.
SINGLE_CELLS = ("override.clusters.homotypic_fraction=0", "override.clusters.neutrophil_fraction=0")


@dataclass(frozen=True)
class Exposure:
    """One organ as the cells of one primary reach it.

    Attributes
    ----------
    primary : str
        Row of the autopsy table.
    organ : str
        Of the body plan.
    flow_share : float
        Of the cardiac output; portal blood counts in the liver.
    left : float
        Cells that leave the vessels there, for one shed.
    left_rerouted : float
        The same if the portal vein ran into the inferior vena cava.
    network, parameters : str
        First digits of the SHA-256 of the vessels, and of the parameters that decide.
    """

    primary: str
    organ: str
    flow_share: float
    left: float
    left_rerouted: float
    network: str
    parameters: str


def compute_exposures() -> list[Exposure]:
    """Solve the courses of the cells of every primary in a body of 3,000 terminals."""
    return [row for primary in primaries() for row in _of_primary(primary)]


def write_exposures(rows: Iterable[Exposure], path: Path = TABLE) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text, lineterminator="\n")
        table.writerow(Exposure.__dataclass_fields__)
        for row in rows:
            table.writerow(
                f"{value:.{_DIGITS}g}" if isinstance(value, float) else value
                for value in vars(row).values()
            )


def read_exposures(path: Path = TABLE) -> list[Exposure]:
    """Read the table.

    Raises
    ------
    InputError
        If it is not there or not whole.
    """
    try:
        with path.open(encoding="utf-8", newline="") as text:
            return [_parsed(row) for row in csv.DictReader(text)]
    except (OSError, KeyError, TypeError, ValueError) as error:
        message = f"table of exposures must be readable, got: {error}. Make it with: {COMMAND}"
        raise InputError(message, file=str(path)) from None


def parameters_mark(scenario: Scenario) -> str:
    """Return the first digits of a SHA-256 of the parameters that decide a primary's exposures."""
    text = "\n".join(
        f"{name} {parameter.value!r}"
        for name, parameter in scenario.parameters.items()
        if name.startswith(("tumour_cell.", "blood_hazards.")) or name.endswith(_CLOCKS)
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def scenario_of(primary: Primary) -> Scenario:
    """Return a scenario with the primary's cells in its body."""
    overrides = [
        f"body.plan={primary.plan}",
        f"body.terminals={TERMINALS}",
        f"cancer.set=cancers/{primary.cancer or _PLAIN_CELLS}",
        f"source.0.organ={primary.organ}",
        *SINGLE_CELLS,
    ]
    return load_scenario("quick", overrides=overrides)


def flow_shares(plan: BodyPlan) -> dict[str, float]:
    """Return the share of the cardiac output that flows through each organ of a plan."""
    return {
        organ.name: sum(share for region in organ.regions for share in region.inflow.values())
        for organ in plan.organs
    }


def without_portal_way(prepared: Prepared) -> HopTable:
    """Return a hop table in which the portal vein runs into the inferior vena cava."""
    network, hops = prepared.network, prepared.setting.hops
    portal = np.flatnonzero(network.name == network.vessel_index("portal vein"))
    caval = np.flatnonzero(network.name == network.vessel_index("inferior vena cava"))
    records = hops.records.copy()
    ends = hops.record[_last_of(network.start_node, network.end_node, portal)]
    records["next"][ends] = hops.record[_last_of(network.start_node, network.end_node, caval)][0]
    records["share"][ends] = ONLY_DAUGHTER
    return replace(hops, records=records)


def _last_of(start: Any, end: Any, segments: Any) -> Any:
    """Return the segments of a vessel after which none of its own follows."""
    return segments[~np.isin(end[segments], start[segments])]


def _of_primary(primary: Primary) -> list[Exposure]:
    scenario = scenario_of(primary)
    prepared = prepare(scenario)
    rerouted = replace(prepared.setting, hops=without_portal_way(prepared))
    left, left_rerouted = (
        expected_delivery(setting).left[0] for setting in (prepared.setting, rerouted)
    )
    share = flow_shares(load_body_plan(primary.plan))
    marks = prepared.network_hash[:12], parameters_mark(scenario)
    return [
        Exposure(primary.row, organ, share[organ], float(left[i]), float(left_rerouted[i]), *marks)
        for i, organ in enumerate(prepared.network.organ_names)
        if organ in share
    ]


def _parsed(row: dict[str, str]) -> Exposure:
    numbers = {key: float(row[key]) for key in ("flow_share", "left", "left_rerouted")}
    return Exposure(**{**row, **numbers})  # type: ignore[arg-type]
