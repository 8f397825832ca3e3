"""The autopsy table and the exposures as arrays: primaries by sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from tools.calibrate.exposures import Exposure
from tools.calibrate.protocol import SITES, Primary, group_of, is_own_site, primaries
from tools.validate.autopsies import AutopsyRow, autopsy_rows

# Of the whole table's rows, those with so many patients.
FEWEST_PATIENTS = 25
# Sites that hold the primary itself, where its name is no site.
_OWN_SITES = {
    "colon": "large_intestine",
    "rectum": "large_intestine",
    "skin_body": "skin",
    "skin_upper_face": "skin",
}


@dataclass(frozen=True)
class Findings:
    """Counts at autopsy with what explains them.

    Attributes
    ----------
    primaries : tuple of Primary
        Rows.
    sites : tuple of str
        Columns.
    n_patients : (n_rows,) int64
        Examined.
    n_found : (n_rows, n_sites) int64
        Patients with a metastasis at the site.
    counts : (n_rows, n_sites) bool
        False where the site is the primary's own.
    exposure, exposure_rerouted, flow_share : (n_rows, n_sites) float64
        Of the site to cells of the primary; without the portal way; share of the cardiac output.
    whole_table : dict of str to (n_sites,) float64
        Incidence of every row of the table with enough patients, fitted or not, by its name; NaN
        at its own site.
    """

    primaries: tuple[Primary, ...]
    sites: tuple[str, ...]
    n_patients: npt.NDArray[np.int64]
    n_found: npt.NDArray[np.int64]
    counts: npt.NDArray[np.bool_]
    exposure: FloatArray
    exposure_rerouted: FloatArray
    flow_share: FloatArray
    whole_table: dict[str, FloatArray]

    @property
    def groups(self) -> tuple[str, ...]:
        """What is held out together, row by row."""
        return tuple(group_of(primary) for primary in self.primaries)

    @property
    def incidence(self) -> FloatArray:
        """Share of the patients with a metastasis at each site."""
        return self.n_found / self.n_patients[:, np.newaxis]

    def rows(self, chosen: Sequence[int] | npt.NDArray[np.intp]) -> Findings:
        """Return some rows."""
        index = np.asarray(chosen, dtype=np.intp)
        return replace(
            self,
            primaries=tuple(self.primaries[i] for i in index),
            n_patients=self.n_patients[index],
            n_found=self.n_found[index],
            counts=self.counts[index],
            exposure=self.exposure[index],
            exposure_rerouted=self.exposure_rerouted[index],
            flow_share=self.flow_share[index],
        )

    def without(self, groups: Sequence[str]) -> Findings:
        """Return all rows but those of some groups."""
        gone = {
            p.row for p, group in zip(self.primaries, self.groups, strict=True) if group in groups
        }
        left = self.rows([i for i, group in enumerate(self.groups) if group not in groups])
        table = {row: share for row, share in self.whole_table.items() if row not in gone}
        return replace(left, whole_table=table)

    def only(self, group: str) -> Findings:
        """Return the rows of one group."""
        return self.rows([i for i, each in enumerate(self.groups) if each == group])


def gather_findings(exposures: Sequence[Exposure]) -> Findings:
    """Join the autopsy table with exposures, by the tables of `tools.calibrate.protocol`."""
    rows, autopsies = primaries(), autopsy_rows()
    sites = tuple(SITES)
    by_primary: dict[str, dict[str, Exposure]] = {}
    for each in exposures:
        by_primary.setdefault(each.primary, {})[each.organ] = each

    def of_sites(field: str) -> FloatArray:
        return np.array(
            [
                [
                    sum(getattr(by_primary[row.row][organ], field) for organ in SITES[site])
                    for site in sites
                ]
                for row in rows
            ]
        )

    return Findings(
        primaries=rows,
        sites=sites,
        n_patients=np.array([autopsies[row.row].n_autopsies for row in rows]),
        n_found=np.array([[autopsies[row.row].sites[site] for site in sites] for row in rows]),
        counts=np.array([[not is_own_site(row, site) for site in sites] for row in rows]),
        exposure=of_sites("left"),
        exposure_rerouted=of_sites("left_rerouted"),
        flow_share=of_sites("flow_share"),
        whole_table={
            name: _shares(name, row, sites)
            for name, row in autopsies.items()
            if row.n_autopsies >= FEWEST_PATIENTS
        },
    )


def smoothed(n_found: npt.ArrayLike, n_patients: npt.ArrayLike) -> FloatArray:
    """Return the share of patients, with half a finding in one more so that it is above 0."""
    found, patients = (np.asarray(n, dtype=np.float64) for n in (n_found, n_patients))
    share: FloatArray = (found + 0.5) / (patients + 1.0)
    return share


def _shares(name: str, row: AutopsyRow, sites: tuple[str, ...]) -> FloatArray:
    share = smoothed([row.sites[site] for site in sites], row.n_autopsies)
    share[[site == _OWN_SITES.get(name, name) for site in sites]] = np.nan
    return share
