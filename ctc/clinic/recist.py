"""Response by RECIST 1.1: targets, their sum, and what it says beside that of before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.clinic.detection import are_of_group
from ctc.clinic.imaging import Pictures
from ctc.scenario.parameters import ParameterSet
from ctc.states import Response

_NODES = "nodes"


@dataclass(frozen=True)
class ResponseLaws:
    """The limits of RECIST.

    Attributes
    ----------
    least_diameter, least_node : float [m]
        Of a target; in nodes by the short axis.
    normal_node : float [m]
        A node below it is normal.
    least_new : float [m]
        Of a new finding that counts.
    n_targets, n_per_organ : int
        At most.
    partial_share, progressive_share : float
        Fall from the baseline, rise from the nadir.
    progressive_length : float [m]
        Rise of the sum, at the least.
    unequivocal_factor : float
        Growth of a finding that is no target, over its smallest diameter, that counts.
    """

    least_diameter: float
    least_node: float
    normal_node: float
    least_new: float
    n_targets: int
    n_per_organ: int
    partial_share: float
    progressive_share: float
    progressive_length: float
    unequivocal_factor: float


@dataclass(frozen=True)
class Baseline:
    """What a response is measured by; plain numbers, which a checkpoint can hold.

    Attributes
    ----------
    targets : (k,) int64
        Their `Pictures.identity`, the largest first.
    known : (m,) int64
        All that has been found so far and counts, in order of number.
    smallest : (m,) float64 [m]
        The smallest that each of those measured.
    total : float [m]
        Sum of the targets' diameters at baseline.
    nadir : float [m]
        The smallest such sum since then.
    """

    targets: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    smallest: FloatArray
    total: float
    nadir: float


NOTHING_KNOWN = Baseline(
    targets=np.zeros(0, dtype=np.int64),
    known=np.zeros(0, dtype=np.int64),
    smallest=np.zeros(0),
    total=0.0,
    nadir=0.0,
)


@dataclass(frozen=True)
class Assessment:
    """What pictures say of the response to treatment.

    Attributes
    ----------
    response : Response
        By RECIST.
    total : float [m]
        Sum of the targets' diameters.
    n_new : int
        Findings that were not known, large enough to count.
    baseline : Baseline
        By which the next pictures are to be measured.
    """

    response: Response
    total: float
    n_new: int
    baseline: Baseline


def resolve_recist(parameters: ParameterSet) -> ResponseLaws:
    """Return the limits of RECIST, from the parameters ``diagnosis.recist.*`` of a run."""

    def value(name: str) -> float:
        return parameters.value(f"diagnosis.recist.{name}")

    return ResponseLaws(
        least_diameter=value("least_diameter"),
        least_node=value("least_node"),
        normal_node=value("normal_node"),
        least_new=value("least_new"),
        n_targets=int(value("targets")),
        n_per_organ=int(value("targets_per_organ")),
        partial_share=value("partial_share"),
        progressive_share=value("progressive_share"),
        progressive_length=value("progressive_length"),
        unequivocal_factor=value("unequivocal_factor"),
    )


def take_baseline(
    pictures: Pictures,
    *,
    organ_names: tuple[str, ...],
    laws: ResponseLaws,
    before: Baseline | None = None,
) -> Baseline:
    """Choose targets among what pictures show.

    Parameters
    ----------
    pictures : Pictures
        Before treatment.
    organ_names : tuple of str
        Of the body.
    laws : ResponseLaws
        The limits of RECIST.
    before : Baseline, optional
        An earlier one, or that of other pictures: what it knows is not new later.

    Returns
    -------
    Baseline
        The largest measurable findings, few an organ; those of one size by their number.
    """
    identity, organ = pictures.identity, pictures.organ
    is_node = _are_nodes(organ, organ_names)
    measurable = pictures.diameter >= np.where(is_node, laws.least_node, laws.least_diameter)
    taken: list[int] = []
    of_organ: dict[int, int] = {}
    for row in np.lexsort((identity, -pictures.diameter)).tolist():
        place = int(organ[row])
        room = len(taken) < laws.n_targets and of_organ.get(place, 0) < laws.n_per_organ
        if measurable[row] and room:
            taken.append(row)
            of_organ[place] = of_organ.get(place, 0) + 1
    total = float(sum(float(pictures.diameter[row]) for row in taken))
    known, smallest = _joined(before or NOTHING_KNOWN, identity, diameter=pictures.diameter)
    return Baseline(
        targets=identity[taken],
        known=known,
        smallest=smallest,
        total=total,
        nadir=total,
    )


def with_known(
    baseline: Baseline, identity: npt.NDArray[np.int64], *, diameter: FloatArray
) -> Baseline:
    """Return a baseline to which some findings of other pictures are known too.

    Parameters
    ----------
    baseline : Baseline
        Of one kind of pictures.
    identity : (n,) int64
        `Pictures.identity` of the findings.
    diameter : (n,) float64 [m]
        As last measured.
    """
    is_new = ~np.isin(identity, baseline.known)
    known, smallest = _joined(baseline, identity[is_new], diameter=diameter[is_new])
    return replace(baseline, known=known, smallest=smallest)


def assess(
    pictures: Pictures,
    baseline: Baseline,
    *,
    organ_names: tuple[str, ...],
    laws: ResponseLaws,
    removed: npt.NDArray[np.int64] | None = None,
) -> Assessment:
    """Judge the response that pictures show.

    Parameters
    ----------
    pictures : Pictures
        Of the kind of the baseline.
    baseline : Baseline
        Before treatment, or what the last pictures left.
    organ_names : tuple of str
        Of the body.
    laws : ResponseLaws
        The limits of RECIST.
    removed : (r,) int64, optional
        What has been resected since: such targets count as gone.

    Returns
    -------
    Assessment
        Progressive with a new finding, or a sum of `progressive_share` and `progressive_length`
        above its nadir; complete if nothing is left but nodes of normal size; partial if the sum
        fell by `partial_share` from baseline; else stable. Without anything ever found: not
        evaluable. A target that is not seen counts as 0 mm. RECIST leaves to the reader what
        growth of the other findings is unequivocal: here one that reaches the size of a new one
        and `unequivocal_factor` times its smallest diameter.
    """
    identity = pictures.identity
    if removed is not None and removed.size:
        kept = ~np.isin(identity, removed)
    else:
        kept = np.ones(identity.size, dtype=bool)
    is_node = _are_nodes(pictures.organ, organ_names)
    is_target = kept & np.isin(identity, baseline.targets)
    is_known = np.isin(identity, baseline.known)
    counts = kept & (pictures.diameter >= np.where(is_node, laws.normal_node, laws.least_new))
    is_new = counts & ~is_known
    grown = counts & is_known & ~is_target
    grown[grown] = pictures.diameter[grown] >= laws.unequivocal_factor * _smallest(
        baseline, identity[grown]
    )
    is_left = kept & is_known & ~(is_node & (pictures.diameter < laws.normal_node))
    total = _sum(pictures.diameter[is_target])
    response = _response(
        baseline,
        total=total,
        has_progressed=bool(is_new.any() or grown.any()),
        is_any_left=bool(is_left.any()),
        laws=laws,
    )
    seen = kept & (is_known | is_new)
    known, smallest = _joined(baseline, identity[seen], diameter=pictures.diameter[seen])
    after = replace(baseline, known=known, smallest=smallest, nadir=min(baseline.nadir, total))
    n_new = int(np.count_nonzero(is_new))
    return Assessment(response=response, total=total, n_new=n_new, baseline=after)


def _smallest(baseline: Baseline, identity: npt.NDArray[np.int64]) -> FloatArray:
    return baseline.smallest[np.searchsorted(baseline.known, identity)]


def _joined(
    baseline: Baseline, identity: npt.NDArray[np.int64], *, diameter: FloatArray
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return what is known with new findings, and the smallest diameter of each."""
    known, place = np.unique(np.concatenate([baseline.known, identity]), return_inverse=True)
    smallest = np.full(known.size, np.inf)
    np.minimum.at(smallest, place.reshape(-1), np.concatenate([baseline.smallest, diameter]))
    return known, smallest


def _response(
    baseline: Baseline,
    *,
    total: float,
    has_progressed: bool,
    is_any_left: bool,
    laws: ResponseLaws,
) -> Response:
    rise = total - baseline.nadir
    enough = rise >= laws.progressive_share * baseline.nadir and rise >= laws.progressive_length
    if has_progressed or (baseline.targets.size and enough):
        return Response.PROGRESSIVE
    if baseline.known.size == 0:
        return Response.NOT_EVALUABLE
    if not is_any_left:
        return Response.COMPLETE
    if baseline.targets.size and total <= (1.0 - laws.partial_share) * baseline.total:
        return Response.PARTIAL
    return Response.STABLE


def _sum(diameter: FloatArray) -> float:
    # One after another: NumPy adds in blocks of a width that depends on the processor.
    return float(sum(diameter.tolist()))


def _are_nodes(organ: npt.NDArray[np.int16], organ_names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = are_of_group(organ_names, _NODES)[organ]
    return found
