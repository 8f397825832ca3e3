"""One examination by pictures: what is seen, how large it seems, what is seen that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import power
from ctc.checks import FloatArray
from ctc.clinic.detection import (
    DetectionLaws,
    are_of_group,
    detection_probability,
    groups_of,
    organs_in_view,
)
from ctc.clinic.deviates import Draw, log_logistic, organ_keys
from ctc.clinic.disease import Disease, Draws
from ctc.scenario.diagnosis_rules import organ_group
from ctc.states import ExaminationKind

# Number of a finding that is no tumour; `Pictures.identity` counts down from it, by organ.
FALSE_FINDING = -(2**62)
# Numbers of deviates that each kind of picture has for itself.
_NUMBERS = 16
# No picture of a body measures more.
_LARGEST = 2.0  # [m]


@dataclass(frozen=True)
class Pictures:
    """What one examination shows.

    Attributes
    ----------
    kind : ExaminationKind
        Of the pictures.
    is_in_view : (n,) bool
        Of all rows of the disease: whether its organ was looked at.
    rows : (m,) int64
        Of the disease that were seen, in their order.
    number : (m + k,) int64
        Of the tumours and lesions seen; `FALSE_FINDING` for the k findings that are none.
    organ : (m + k,) int16
        Where; -1 between organs.
    diameter : (m + k,) float64 [m]
        As measured.
    true_diameter : (m + k,) float64 [m]
        0 for findings that are none.
    """

    kind: ExaminationKind
    is_in_view: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    organ: npt.NDArray[np.int16]
    diameter: FloatArray
    true_diameter: FloatArray

    @property
    def n_found(self) -> int:
        """How many findings there are, false ones among them."""
        return int(self.number.size)

    @property
    def n_false(self) -> int:
        """How many findings are no tumour."""
        return int(np.count_nonzero(self.number == FALSE_FINDING))

    @property
    def is_positive(self) -> bool:
        """Whether anything was found."""
        return self.number.size > 0

    @property
    def identity(self) -> npt.NDArray[np.int64]:
        """Numbers by which findings are known again, (m + k,) int64: false ones by their organ."""
        false = FALSE_FINDING - 1 - self.organ.astype(np.int64)
        return np.where(self.number == FALSE_FINDING, false, self.number)


def examine(
    disease: Disease,
    kind: ExaminationKind,
    *,
    laws: DetectionLaws,
    draws: Draws,
    organs: tuple[str, ...] = (),
    avidity: float = 1.0,
    lasting: Draws | None = None,
) -> Pictures:
    """Examine a patient by pictures.

    Parameters
    ----------
    disease : Disease
        What there is.
    kind : ExaminationKind
        Of the pictures.
    laws : DetectionLaws
        What they show.
    draws : Draws
        Of this occasion.
    organs : tuple of str
        Looked at; all that such pictures can see where none is named.
    avidity : float
        Factor on the uptake of the patient's lesions, for PET.
    lasting : Draws, optional
        Deviates that stay the same for the patient: with them what was seen is seen again at the
        next examination of its kind unless it has shrunk, and a benign finding is still there. By
        default those of the occasion, as if nothing were known of earlier pictures.

    Returns
    -------
    Pictures
        Findings: those of the disease in its order, then false ones in the order of the organs.
    """
    names = disease.organ_names
    seen_organs = organs_in_view(kind, names, asked=organs)
    is_in_view = _in_view(names, seen_organs, _sees_between(kind, organs))[disease.organ]
    chance = np.zeros(disease.number.size)
    groups = groups_of(names)
    present = sorted({groups[organ] for organ in disease.organ[is_in_view].tolist()})
    for group in present:
        rows = np.flatnonzero(is_in_view & are_of_group(names, group)[disease.organ])
        chance[rows] = detection_probability(
            disease.diameter[rows], kind, group=group, laws=laws, avidity=avidity
        )
    conspicuity = draws if lasting is None else lasting
    rows = np.flatnonzero(chance > 0.0)
    # Each kind of picture has chances of its own: what one overlooks another may show.
    number = Draw.SEEN + _NUMBERS * int(kind)
    rows = rows[conspicuity.uniform(disease.key[rows], number) < chance[rows]]
    reading = laws.readings[kind]
    error = log_logistic(
        draws.uniform(disease.key[rows], Draw.MEASURED), spread=reading.reader_spread
    )
    index, false_diameter = _false_findings(
        kind, names, seen=seen_organs, laws=laws, draws=conspicuity
    )
    return Pictures(
        kind=kind,
        is_in_view=is_in_view,
        rows=rows,
        number=np.concatenate(
            [disease.number[rows], np.full(index.size, FALSE_FINDING, dtype=np.int64)]
        ),
        organ=np.concatenate([disease.organ[rows], index.astype(np.int16)]),
        diameter=np.concatenate(
            [np.minimum(disease.diameter[rows] * error, _LARGEST), false_diameter]
        ),
        true_diameter=np.concatenate([disease.diameter[rows], np.zeros(index.size)]),
    )


def _sees_between(kind: ExaminationKind, organs: tuple[str, ...]) -> bool:
    """Return whether pictures show what lies between organs: those of the whole body do."""
    return not organs and bool(organs_in_view(kind, ("",)))


@lru_cache(maxsize=256)
def _in_view(
    names: tuple[str, ...], seen: tuple[str, ...], sees_between: bool
) -> npt.NDArray[np.bool_]:
    """Return which organs are looked at, and last what lies between them, (n_organs + 1,) bool."""
    return np.array([*(name in seen for name in names), sees_between])


@lru_cache(maxsize=256)
def _looked_at(
    names: tuple[str, ...], seen: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], tuple[str, ...], FloatArray]:
    """Return the organs looked at, their groups, and each one's share of its group."""
    index = np.array([i for i, name in enumerate(names) if name in seen], dtype=np.int64)
    groups = tuple(organ_group(names[i]) for i in index.tolist())
    return index, groups, np.array([1.0 / groups.count(group) for group in groups])


def _false_findings(
    kind: ExaminationKind,
    names: tuple[str, ...],
    *,
    seen: tuple[str, ...],
    laws: DetectionLaws,
    draws: Draws,
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return organs and diameters of what is called though it is no tumour, at most one an organ.

    A group of organs is called wrongly with 1 less its specificity, however many organs of it are
    looked at: each of n with ``1 - specificity^(1/n)``.
    """
    reading = laws.readings[kind]
    index, groups, shares = _looked_at(names, seen)
    if index.size == 0:
        return index, np.zeros(0)
    specificity = np.array([reading.specificity[group] for group in groups])
    keys, first = organ_keys(index), _NUMBERS * int(kind)
    is_called = draws.uniform(keys, first + Draw.FALSE) > power(specificity, shares)
    deviate = draws.uniform(keys[is_called], first + Draw.FALSE_DIAMETER)
    size = log_logistic(deviate, spread=reading.false_spread)
    return index[is_called], np.minimum(reading.false_diameter * size, _LARGEST)
