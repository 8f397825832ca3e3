"""Tissue under the microscope: a needle in what a picture showed, and the first node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.clinic.deviates import Draw, body_key
from ctc.clinic.disease import Disease, Draws
from ctc.clinic.staging import NodeSize, StageLaws, node_sizes, regional_nodes
from ctc.scenario.parameters import ParameterSet

_OTHER = "other"


@dataclass(frozen=True)
class NeedleLaws:
    """Chance of a needle to bring tumour where there is one, by organ.

    Attributes
    ----------
    sensitivity : mapping of str to float
        By organ; ``other`` for those that are not named.
    """

    sensitivity: Mapping[str, float]


@dataclass(frozen=True)
class SentinelLaws:
    """What a biopsy of the first nodes finds.

    Attributes
    ----------
    false_negative : float
        Chance that the nodes taken out are not those that hold tumour.
    n_nodes : int
        Taken out.
    section_spacing : float [m]
        Between the sections that are looked at.
    """

    false_negative: float
    n_nodes: int
    section_spacing: float


@dataclass(frozen=True)
class NodeFinding:
    """What a biopsy of the first nodes gave.

    Attributes
    ----------
    rows : (m,) int64
        Of the disease: deposits that were seen, the largest first.
    n_positive : int
        Nodes with more than isolated tumour cells.
    largest : NodeSize
        Of the deposits seen.
    """

    rows: npt.NDArray[np.int64]
    n_positive: int
    largest: NodeSize


def resolve_needle(parameters: ParameterSet) -> NeedleLaws:
    """Return what needles bring, from the parameters ``diagnosis.needle.*`` of a run."""
    group = parameters.group("diagnosis.needle")
    return NeedleLaws(sensitivity={organ: entry.value for organ, entry in group.items()})


def resolve_sentinel(parameters: ParameterSet) -> SentinelLaws:
    """Return what the first nodes show, from ``diagnosis.sentinel.*`` of a run."""

    def value(name: str) -> float:
        return parameters.value(f"diagnosis.sentinel.{name}")

    return SentinelLaws(
        false_negative=value("false_negative"),
        n_nodes=int(value("nodes")),
        section_spacing=value("section_spacing"),
    )


def needle_sensitivity(organ: str, *, laws: NeedleLaws) -> float:
    """Return the chance that a needle in a tumour of an organ brings tumour."""
    return laws.sensitivity.get(organ, laws.sensitivity[_OTHER])


def take_biopsy(key: int, organ: str, *, is_tumour: bool, laws: NeedleLaws, draws: Draws) -> bool:
    """Take tissue from what a picture showed.

    Parameters
    ----------
    key : int
        Of the lesion or tumour (`Disease.key`), for its chances; not looked at where none is.
    organ : str
        Where.
    is_tumour : bool
        Whether there is one, or the picture deceived.
    laws : NeedleLaws
        What needles bring.
    draws : Draws
        Of this occasion.

    Returns
    -------
    bool
        Whether tumour is seen. Never where there is none: pathologists are not wrong here.
    """
    if not is_tumour:
        return False
    deviate = draws.uniform(np.array([key], dtype=np.uint64), Draw.NEEDLE)[0]
    return bool(deviate < needle_sensitivity(organ, laws=laws))


def sentinel_biopsy(
    disease: Disease,
    *,
    laws: SentinelLaws,
    stage_laws: StageLaws,
    draws: Draws,
    is_regional: npt.NDArray[np.bool_] | None = None,
) -> NodeFinding:
    """Take out the first nodes that drain the primary tumour and look at them.

    Parameters
    ----------
    disease : Disease
        What there is.
    laws : SentinelLaws
        What is found.
    stage_laws : StageLaws
        Limits of isolated cells, micrometastasis and macrometastasis.
    draws : Draws
        Of this occasion.
    is_regional : (n,) bool, optional
        Rows that lie in the nodes of the primary's region; all in lymph nodes by default.

    Returns
    -------
    NodeFinding
        The largest deposits, as many as nodes are taken out, each seen with the chance that a
        section meets it, ``min(1, d / section_spacing)``; none of them with the chance
        `false_negative`, one for the patient. Isolated tumour cells do not count as positive.
    """
    rows = regional_nodes(disease, is_regional=is_regional)
    order = np.lexsort((disease.number[rows], -disease.diameter[rows]))
    rows = rows[order][: laws.n_nodes]
    missed = draws.uniform(body_key(), Draw.SENTINEL_MISSED)[0] < laws.false_negative
    if missed:
        rows = rows[:0]
    met = draws.uniform(disease.key[rows], Draw.SECTION)
    rows = rows[met < disease.diameter[rows] / laws.section_spacing]
    sizes = node_sizes(disease.diameter[rows], laws=stage_laws)
    return NodeFinding(
        rows=rows,
        n_positive=int(np.count_nonzero(sizes >= NodeSize.MICRO)),
        largest=NodeSize(int(sizes.max())) if rows.size else NodeSize.NONE,
    )
