"""What examinations had found beside what there was: tumours by organ and size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.record.layout import NO_FOUNDER
from ctc.states import GONE

# Upper ends of the classes of diameters [m]; the last one is open.
CLASS_ENDS = (1e-3, 5e-3, 10e-3, 20e-3, np.inf)


@dataclass(frozen=True)
class OrganTumours:
    """Metastases that live in one organ.

    Attributes
    ----------
    organ : str
        Where; "" between organs.
    there, found : (n_classes,) int64
        How many there are in each class of `CLASS_ENDS`, and how many of those were ever found.
    largest : float [m]
        Diameter of the largest.
    largest_missed : float [m]
        Of the largest that was never found; 0 for none.
    """

    organ: str
    there: npt.NDArray[np.int64]
    found: npt.NDArray[np.int64]
    largest: float
    largest_missed: float


def ball_diameter(cells: FloatArray, scenario: Mapping[str, Any]) -> FloatArray:
    """Return the diameter of a ball of tumour, ``(6 N / (pi density cells_per_mass))^(1/3)``.

    Parameters
    ----------
    cells : (n,) float64
        Living cells, >= 0.
    scenario : mapping
        With every default filled in: it says how many cells a mass of tumour holds.

    Returns
    -------
    (n,) float64 [m]
        As examinations take it.

    Raises
    ------
    KeyError
        If the scenario lacks ``tumour.density`` or ``tumour.cells_per_mass``.
    """
    parameters = scenario["parameters"]
    density, per_mass = (
        float(parameters[f"tumour.{name}"]["value"]) for name in ("density", "cells_per_mass")
    )
    diameter: FloatArray = np.cbrt(6.0 / np.pi * cells / (density * per_mass))
    return diameter


def found_and_there(
    lesions: npt.NDArray[Any],
    found: Sequence[int],
    *,
    scenario: Mapping[str, Any],
    organ_names: Sequence[str],
) -> tuple[OrganTumours, ...]:
    """Return the living metastases by organ, most first.

    Parameters
    ----------
    lesions : (n,) structured array
        The newest row of each; primary tumours and those that are gone are left out.
    found : sequence of int
        Targets that an examination has shown, ever.
    scenario : mapping
        With every default filled in.
    organ_names : sequence of str
        What organ indices mean.
    """
    own = lesions[(lesions["cell"] != np.uint64(NO_FOUNDER)) & ~np.isin(lesions["state"], GONE)]
    diameter = ball_diameter(own["cells"].astype(np.float64), scenario)
    size = np.searchsorted(CLASS_ENDS, diameter, side="right")
    is_found = np.isin(own["lesion"], np.array([each for each in found if each >= 0]))
    rows = []
    for organ in np.unique(own["organ"]).tolist():
        here = own["organ"] == organ
        rows.append(
            OrganTumours(
                organ=organ_names[organ] if organ >= 0 else "",
                there=np.bincount(size[here], minlength=len(CLASS_ENDS)),
                found=np.bincount(size[here & is_found], minlength=len(CLASS_ENDS)),
                largest=float(diameter[here].max()),
                largest_missed=float(diameter[here & ~is_found].max(initial=0.0)),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-int(row.there.sum()), row.organ)))


def tumour_burden(series: Mapping[str, npt.NDArray[Any]]) -> tuple[FloatArray, FloatArray]:
    """Return cells of primary tumours and of lesions, both (n_epochs,) float64.

    The series ``cells`` of an organ holds its lesions and its solitary cells at rest.
    """
    primary = series["tumour_cells"].sum(axis=1).astype(np.float64)
    at_rest = sum(series[name] for name in ("arrested", "extravasated", "dormant"))
    lesions = (series["cells"] - at_rest).sum(axis=1).astype(np.float64)
    return primary, lesions
