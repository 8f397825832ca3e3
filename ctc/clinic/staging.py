"""Stage in the manner of TNM, from what was found or from what is there."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.clinic.detection import are_of_group
from ctc.clinic.disease import Disease
from ctc.clinic.imaging import FALSE_FINDING
from ctc.scenario.parameters import ParameterSet

UNKNOWN = 255
_NODES = "nodes"


class NodeSize(enum.IntEnum):
    """What a node holds, by the diameter of its deposit."""

    NONE = 0
    ISOLATED = 1
    MICRO = 2
    MACRO = 3


@dataclass(frozen=True)
class StageLaws:
    """Limits by which a stage is told.

    Attributes
    ----------
    isolated_diameter, micro_diameter : float [m]
        Of deposits: isolated tumour cells up to the one, micrometastases up to the other.
    t_diameters : tuple of float [m]
        Of the primary: above the first T2, above the second T3, above the third T4.
    n_counts : tuple of int
        Positive nodes from which on N is 2, and 3.
    """

    isolated_diameter: float
    micro_diameter: float
    t_diameters: tuple[float, float, float]
    n_counts: tuple[int, int]


@dataclass(frozen=True)
class Stage:
    """A stage; `UNKNOWN` for what was not looked at.

    Attributes
    ----------
    t : int
        0 no primary tumour, 1 to 4 by its size.
    n : int
        0 no positive node of the region, 1 to 3 by their number.
    m : int
        1 with a distant lesion.
    """

    t: int
    n: int
    m: int

    @property
    def group(self) -> int:
        """Stage 1 to 4 of the anatomic groups; 0 without any tumour, `UNKNOWN` if open."""
        return stage_group(self.t, self.n, self.m)


def resolve_staging(parameters: ParameterSet) -> StageLaws:
    """Return the limits of stages, from the parameters ``diagnosis.stage.*`` of a run."""

    def value(name: str) -> float:
        return parameters.value(f"diagnosis.stage.{name}")

    return StageLaws(
        isolated_diameter=value("isolated_diameter"),
        micro_diameter=value("micro_diameter"),
        t_diameters=(value("t2_diameter"), value("t3_diameter"), value("t4_diameter")),
        n_counts=(int(value("n2_nodes")), int(value("n3_nodes"))),
    )


def t_stage(diameter: float, *, laws: StageLaws) -> int:
    """Return T of a primary tumour of a diameter [m]; 0 for none."""
    return 0 if diameter <= 0.0 else 1 + sum(diameter > limit for limit in laws.t_diameters)


def n_stage(n_positive: int, *, laws: StageLaws) -> int:
    """Return N of a number of positive nodes of the region."""
    return 0 if n_positive <= 0 else 1 + sum(n_positive >= limit for limit in laws.n_counts)


def node_sizes(diameter: FloatArray, *, laws: StageLaws) -> npt.NDArray[np.uint8]:
    """Return the `NodeSize` of deposits in nodes by their diameter [m], (n,) uint8."""
    size = np.asarray(diameter, dtype=np.float64)
    found = (
        (size > 0.0).astype(np.uint8)
        + (size > laws.isolated_diameter)
        + (size > laws.micro_diameter)
    )
    return found.astype(np.uint8)


def stage_group(t: int, n: int, m: int) -> int:
    """Return the anatomic stage group 1 to 4.

    As of breast cancer, for all: any M1 is 4; N2, N3, T4, and T3 with a positive node are 3; T3,
    T2, and T1 or T0 with positive nodes are 2; T1 is 1. 0 where there is nothing, `UNKNOWN` where
    what was not looked at leaves it open.

    Notes
    -----
    Nodes with micrometastases alone (IB beside T1) count as positive here.

    References
    ----------
    .. [1] AJCC Cancer Staging Manual, 8th edition, 2017, anatomic stage of the breast.
    """
    if m == 1:
        return 4
    if UNKNOWN in (t, n, m):
        return UNKNOWN
    if n >= 2 or t == 4 or (t == 3 and n == 1):
        return 3
    if t >= 2 or n == 1:
        return 2
    return 1 if t == 1 else 0


def regional_nodes(
    disease: Disease, *, is_regional: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int64]:
    """Return the rows of lesions in the nodes of the primary's region, (m,) int64."""
    return np.flatnonzero(
        _are_regional(disease.number, disease.organ, names=disease.organ_names, mask=is_regional)
    )


def true_stage(
    disease: Disease,
    *,
    laws: StageLaws,
    is_regional: npt.NDArray[np.bool_] | None = None,
) -> Stage:
    """Return the stage from what is there.

    Parameters
    ----------
    disease : Disease
        What there is.
    laws : StageLaws
        Limits.
    is_regional : (n,) bool, optional
        Rows that lie in the nodes of the primary's region; all in lymph nodes by default.

    Returns
    -------
    Stage
        By the largest primary tumour; deposits up to `isolated_diameter` count neither in nodes
        nor at a distance.
    """
    return stage_of(
        disease.number,
        disease.organ,
        diameter=disease.diameter,
        organ_names=disease.organ_names,
        laws=laws,
        is_regional=is_regional,
    )


def stage_of(
    number: npt.NDArray[np.int64],
    organ: npt.NDArray[np.int16],
    *,
    diameter: FloatArray,
    organ_names: tuple[str, ...],
    laws: StageLaws,
    is_regional: npt.NDArray[np.bool_] | None = None,
    is_t_known: bool = True,
    is_n_known: bool = True,
    is_m_known: bool = True,
) -> Stage:
    """Return the stage from a list of tumours and lesions, such as all that was found so far.

    Parameters
    ----------
    number : (n,) int64
        < 0 for primary tumours, as `Disease.number`; a false finding
        (`imaging.FALSE_FINDING`) counts as a lesion: who reads pictures cannot tell.
    organ : (n,) int16
        Where each is.
    diameter : (n,) float64 [m]
        Of each, as last measured or as it is.
    organ_names : tuple of str
        Of the body.
    laws : StageLaws
        Limits.
    is_regional : (n,) bool, optional
        Which lie in the nodes of the primary's region; all in lymph nodes by default.
    is_t_known, is_n_known, is_m_known : bool
        Whether the primary, the nodes, and the rest of the body have been looked at. What was found
        counts in any case.

    Returns
    -------
    Stage
        `UNKNOWN` for what was not looked at and not found.
    """
    is_primary = (number < 0) & (number > FALSE_FINDING)
    in_nodes = _are_regional(number, organ, names=organ_names, mask=is_regional)
    counts = diameter > laws.isolated_diameter
    n_positive = int(np.count_nonzero(in_nodes & counts))
    has_distant = bool((~is_primary & ~in_nodes & counts).any())
    largest = float(diameter[is_primary].max()) if is_primary.any() else 0.0
    return Stage(
        t=t_stage(largest, laws=laws) if is_t_known or largest > 0.0 else UNKNOWN,
        n=n_stage(n_positive, laws=laws) if is_n_known or n_positive else UNKNOWN,
        m=int(has_distant) if is_m_known or has_distant else UNKNOWN,
    )


def _are_regional(
    number: npt.NDArray[np.int64],
    organ: npt.NDArray[np.int16],
    *,
    names: tuple[str, ...],
    mask: npt.NDArray[np.bool_] | None,
) -> npt.NDArray[np.bool_]:
    if mask is not None:
        return mask
    is_lesion = (number >= 0) | (number <= FALSE_FINDING)
    found: npt.NDArray[np.bool_] = is_lesion & are_of_group(names, _NODES)[organ]
    return found
