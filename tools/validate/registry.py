"""All rows of the validation table, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ctc.errors import InputError, near_name
from tools.validate.autopsy_sites import AutopsySites
from tools.validate.blood_decay import BloodDecay
from tools.validate.blood_dose import BloodDose
from tools.validate.circulation_time import CirculationTime
from tools.validate.cluster_effect import ClusterEffect
from tools.validate.cohort_adjuvant import AdjuvantChemotherapy
from tools.validate.cohort_counts import CountLaw, PrognosisSplit
from tools.validate.cohort_stages import FoundMetastases, NodeSplit, StageSurvival
from tools.validate.cohorts import CohortRow
from tools.validate.efferent_ratio import EfferentRatio
from tools.validate.flow_only import FlowOnly
from tools.validate.human_efficiency import HumanEfficiency
from tools.validate.lead_time import LeadTime
from tools.validate.liver_cascade import LiverCascade
from tools.validate.local_control import LocalControl
from tools.validate.lung_loss import LungLoss
from tools.validate.lung_transit import LungCapillaries, LungTransit
from tools.validate.node_positivity import NodePositivity
from tools.validate.plasma_dna import PlasmaDna
from tools.validate.portal_route import PortalRoute
from tools.validate.rows import Row
from tools.validate.sampling_sites import SamplingSites
from tools.validate.sentinel_nodes import SentinelNodes

ALL = "all"
ROWS: tuple[Row, ...] = (
    CirculationTime(),
    LungTransit(),
    LungCapillaries(),
    BloodDecay(),
    EfferentRatio(),
    SamplingSites(),
    CountLaw(),
    LiverCascade(),
    LungLoss(),
    ClusterEffect(),
    HumanEfficiency(),
    FlowOnly(),
    AutopsySites(),
    PortalRoute(),
    NodePositivity(),
    LeadTime(),
    PrognosisSplit(),
    LocalControl(),
    BloodDose(),
    PlasmaDna(),
    SentinelNodes(),
    StageSurvival(),
    FoundMetastases(),
    NodeSplit(),
    AdjuvantChemotherapy(),
)


def find_rows(names: Sequence[str], *, option: str) -> tuple[Row, ...]:
    """Return the rows of these names, or numbers, in the order of the table; ``all`` is all.

    Parameters
    ----------
    names : sequence of str
        As given.
    option : str
        Where they were given, for the message.

    Raises
    ------
    InputError
        If there is no row of a name.
    """
    known = {row.name for row in ROWS} | {str(row.number) for row in ROWS} | {ALL}
    for name in names:
        if name not in known:
            hint = near_name(name, [*(row.name for row in ROWS), ALL])
            message = f"{option} must be the name of a row, got '{name}'. {hint}"
            raise InputError(message)
    wanted = set(names)
    return tuple(row for row in ROWS if wanted & {ALL, row.name, str(row.number)})


def with_tables(row: Row, tables: Path | None) -> Row:
    """Return the row with the tables of the imported network, where it is the one that asks."""
    return replace(row, tables=tables) if isinstance(row, FlowOnly) else row


def with_cohorts(row: Row, tables: Path | None, *, n_patients: int | None) -> Row:
    """Return the row with the folder of its sweep and how many patients, where it asks for one."""
    if isinstance(row, CohortRow):
        return replace(row, tables=tables, n_patients=n_patients)
    return row
