"""How much of where metastases are found at autopsy a matrix of attachments explains."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

from ctc.analysis.organ_matrix import OrganMatrix
from ctc.analysis.site_shares import AUTOPSIES
from ctc.resources import resource_folder

_FEWEST_AUTOPSIES = 30
# Names of the autopsy table for organs of the matrix, where they differ.
_PRIMARIES = {"urinary bladder": "bladder", "large intestine": "colon"}
_SITES = {"urinary bladder": "bladder", "adrenal gland": "adrenal"}


@dataclass(frozen=True)
class AutopsyRow:
    """What was found in the patients of one primary.

    Attributes
    ----------
    n_autopsies : int
        Patients.
    sites : dict of str to int
        Patients with a metastasis at that site.
    """

    n_autopsies: int
    sites: dict[str, int]


def autopsy_rows() -> dict[str, AutopsyRow]:
    """Return the counts of diSibio and French 2008 by primary."""
    path = resource_folder("scenarios") / AUTOPSIES
    with path.open(encoding="utf-8", newline="") as text:
        return {
            row["primary"]: AutopsyRow(
                int(row["n_autopsies"]),
                {key: int(value) for key, value in row.items() if value.isdecimal()},
            )
            for row in csv.DictReader(text)
        }


def explained_variance(matrix: OrganMatrix) -> dict[str, float]:
    """Return R^2 of log autopsy counts on log shares, by origin.

    Over the destinations other than the origin itself that autopsies found at least once;
    origins of fewer than 30 autopsies, or fewer than 5 such destinations, are left out.

    Parameters
    ----------
    matrix : OrganMatrix
        Plain organ names, left and right added up.
    """
    autopsies = autopsy_rows()
    found = {}
    for origin, shares in zip(matrix.origins, matrix.shares, strict=True):
        row = autopsies.get(_PRIMARIES.get(origin, origin.replace(" ", "_")))
        if row is None or row.n_autopsies < _FEWEST_AUTOPSIES:
            continue
        counts = np.array(
            [row.sites[_SITES.get(name, name.replace(" ", "_"))] for name in matrix.destinations]
        )
        chosen = (counts > 0) & (shares > 0) & (np.array(matrix.destinations) != origin)
        if chosen.sum() < 5:
            continue
        correlation = np.corrcoef(np.log(counts[chosen]), np.log(shares[chosen]))[0, 1]
        found[origin] = float(correlation**2)
    return found
