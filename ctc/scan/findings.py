"""What of the tumours of a run pictures show: uptake, chances, and that in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.clinic.detection import detection_probability, groups_of, resolve_detection
from ctc.clinic.deviates import log_logistic
from ctc.scan.tumours import Tumours
from ctc.scenario.parameters import Parameter, ParameterSet, load_parameters
from ctc.states import ExaminationKind

# Smaller lesions are counted apart [m].
_TOLD = 1e-3


def parameters_of(scenario: Mapping[str, Any]) -> ParameterSet:
    """Return the parameters of a run; shipped ones where it is older than they are."""
    shipped = load_parameters("diagnosis")
    found = {f"diagnosis.{name}": entry for name, entry in shipped.items()}
    for name, entry in scenario.get("parameters", {}).items():
        found[name] = Parameter(name=name, **entry)
    return ParameterSet("run", found)


def uptakes(tumours: Tumours, parameters: ParameterSet, *, avidity: float, seed: int) -> FloatArray:
    """Return the SUV of each tumour and lesion: its own, whatever else there is, (n,) float64."""
    spread = parameters.value("diagnosis.pet.spread")
    median = parameters.value("diagnosis.pet.uptake") * avidity
    words = [
        np.random.Philox(key=np.array([seed, key], dtype=np.uint64)).random_raw()
        for key in tumours.disease.key.tolist()
    ]
    deviate = (np.array(words, dtype=np.uint64) >> np.uint64(12)).astype(np.float64) + 0.5
    found: FloatArray = median * log_logistic(deviate * 2.0**-52, spread=spread)
    return found


def chances(
    tumours: Tumours, kind: ExaminationKind, *, parameters: ParameterSet, avidity: float
) -> FloatArray:
    """Return the chance of each tumour and lesion to be shown by pictures, (n,) float64."""
    disease, laws = tumours.disease, resolve_detection(parameters)
    groups = np.array(groups_of(disease.organ_names))[disease.organ]
    found = np.zeros(disease.number.size)
    for group in np.unique(groups):
        rows = groups == group
        found[rows] = detection_probability(
            disease.diameter[rows], kind, group=str(group), laws=laws, avidity=avidity
        )
    return found


def told(tumours: Tumours, chance: FloatArray | None) -> str:
    """Return in words what there is, and what of it such pictures show where that is known."""
    disease = tumours.disease
    is_told = ~disease.is_primary & (disease.diameter >= _TOLD)
    n_told, n_small = int(is_told.sum()), int((~disease.is_primary & ~is_told).sum())
    lines = [_counted(int(disease.is_primary.sum()), "primary tumour")]
    for row in np.flatnonzero(disease.is_primary):
        found = "" if chance is None else f", found in {chance[row]:.0%} of scans"
        lines.append(f"   {_length(float(disease.diameter[row]))}{found}")
    lines.append(f"{_counted(n_told, 'lesion')} of {_length(_TOLD)} and more")
    if n_told:
        if chance is not None:
            lines.append(f"   {chance[is_told].sum():.1f} found, on average")
        lines.append(f"   the largest {_length(float(disease.diameter[is_told].max()))}")
    if n_small:
        lines.append(f"{_counted(n_small, 'smaller lesion')}")
    if tumours.are_sizes_shared:
        lines += ["(sizes: cells of each organ, shared", " out by the age of its lesions)"]
    return "\n".join(lines)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _length(metres: float) -> str:
    return f"{metres * 1e3:.3g} mm" if metres < 0.1 else f"{metres * 1e2:.3g} cm"
