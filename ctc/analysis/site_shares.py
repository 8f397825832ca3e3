"""Where colonies lie, beside where autopsies found metastases of that cancer."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ctc.analysis.ranks import rank_correlation
from ctc.resources import resource_folder

AUTOPSIES = Path("parameters", "autopsies.csv")
# A rank correlation wants so many sites, and so many colonies or cells at them.
_FEWEST_SITES, _FEWEST_COUNTED = 5, 20
# Primaries of the autopsy table by the name of a cancer's parameter set.
_PRIMARIES = {
    "colorectal": ("colon", "rectum"),
    # The table has no melanoma: cancers of the skin of the body that killed are nearest to it.
    "melanoma": ("skin_body",),
}
# Sites of the autopsy table that organs of the body plan make up, where their names differ.
_SITES = {
    "bone": ("red marrow", "spongy bone", "compact bone", "other skeleton"),
    "skeletal_muscle": ("muscle",),
    "testes": ("testis",),
}
_SITE_NAMES = {"testes": "testis"}
# The organ that bears the primary tumour itself, where its name is no site.
_OWN_SITES = {"colon": "large_intestine", "skin_body": "skin"}
# Nodes are left out: autopsies tell regional from distant ones, a body's one organ does not.
_NODES = ("lymph_nodes_regional", "lymph_nodes_distant")
# Columns that are no sites to compare.
_NO_SITES = (
    *_NODES,
    "primary",
    "n_autopsies",
    "n_metastases_total",
    "basis",
    "source",
)


@dataclass(frozen=True)
class Autopsies:
    """Patients with one primary, and in how many of them each site held a metastasis.

    Attributes
    ----------
    primary : str
        In words.
    n_patients : int
        Examined.
    sites : dict of str to int
        Patients by site, the primary's own left out.
    source : str
        Publication.
    """

    primary: str
    n_patients: int
    sites: dict[str, int]
    source: str


@dataclass(frozen=True)
class Site:
    """One site in the run and at autopsy.

    Attributes
    ----------
    name : str
        In words.
    count : int
        Colonies (or cells) of the run there.
    share : float
        Of all that lie at a site that autopsies know.
    error : float
        Binomial standard error of that share.
    n_patients : int
        Patients with a metastasis there.
    autopsy_share : float
        Of all findings at sites that the run knows.
    """

    name: str
    count: int
    share: float
    error: float
    n_patients: int
    autopsy_share: float


@dataclass(frozen=True)
class SiteComparison:
    """All sites, the most frequent at autopsy first.

    Attributes
    ----------
    sites : tuple of Site
        Those that the run's body and the autopsies share.
    n_counted : int
        Colonies (or cells) at these sites.
    n_elsewhere : int
        At no such site: in the primary's own organ, or where autopsies have no name for it.
    unmatched : tuple of str
        Sites of the autopsies that the body does not have.
    rank_correlation : float
        Spearman's; NaN with fewer than 5 sites, or fewer than 20 colonies (or cells) at them.
    autopsies : Autopsies
        What it is compared with.
    """

    sites: tuple[Site, ...]
    n_counted: int
    n_elsewhere: int
    unmatched: tuple[str, ...]
    rank_correlation: float
    autopsies: Autopsies


def is_human(scenario: Mapping[str, Any]) -> bool:
    """Return whether a resolved scenario is of a person, as autopsies are."""
    return str(scenario.get("body", {}).get("plan", "human")).startswith("human")


def load_autopsies(cancer: str) -> Autopsies | None:
    """Return what autopsies found in patients with a cancer; None where no table has it.

    Parameters
    ----------
    cancer : str
        Name of a parameter set such as ``cancers/breast``.

    References
    ----------
    .. [1] diSibio and French 2008, Arch Pathol Lab Med 132:931, Figure 1.
    """
    name = cancer.rpartition("/")[2]
    wanted = _PRIMARIES.get(name, (name,))
    with (resource_folder("scenarios") / AUTOPSIES).open(encoding="utf-8", newline="") as text:
        rows: list[dict[str, Any]] = [r for r in csv.DictReader(text) if r["primary"] in wanted]
    if not rows:
        return None
    own = {_OWN_SITES.get(primary, primary) for primary in wanted}
    sites = [key for key in rows[0] if key not in _NO_SITES and key not in own]
    return Autopsies(
        primary=" and ".join(primary.replace("_", " ") for primary in wanted),
        n_patients=sum(int(row["n_autopsies"]) for row in rows),
        sites={site: sum(int(row[site]) for row in rows) for site in sites},
        source=rows[0]["source"],
    )


def compare_sites(
    counts: Mapping[str, int], autopsies: Autopsies, *, own_organs: Sequence[str] = ()
) -> SiteComparison:
    """Return the shares of a run's sites beside those of autopsies.

    Parameters
    ----------
    counts : mapping of str to int
        Colonies (or cells) by organ of the body plan.
    autopsies : Autopsies
        From `load_autopsies`.
    own_organs : sequence of str
        Organs that hold a primary tumour: left out, as autopsies tell no metastasis in it apart.

    Notes
    -----
    A share of the run is one of colonies, one of the autopsies of findings (patients with that
    site): a patient with ten lesions in the liver counts once. Both add up to 1.
    """
    matched: list[tuple[str, int, int]] = []
    unmatched = []
    for site, n_patients in autopsies.sites.items():
        organs = [
            organ
            for organ in _SITES.get(site, (site.replace("_", " "),))
            if organ in counts and organ not in own_organs
        ]
        name = _SITE_NAMES.get(site, site.replace("_", " "))
        if organs:
            matched.append((name, sum(counts[organ] for organ in organs), n_patients))
        elif n_patients:
            unmatched.append(name)
    here = np.array([count for _, count, _ in matched], dtype=np.float64)
    there = np.array([n for _, _, n in matched], dtype=np.float64)
    total = here.sum()
    share = here / total if total else np.zeros_like(here)
    error = np.sqrt(share * (1.0 - share) / total) if total else np.zeros_like(here)
    findings = there / there.sum() if there.sum() else np.zeros_like(there)
    correlation = float("nan")
    is_enough = here.size >= _FEWEST_SITES and total >= _FEWEST_COUNTED
    if is_enough and np.ptp(here) and np.ptp(there):
        correlation = rank_correlation(here, there)
    order = np.lexsort((np.arange(here.size), -here, -there))
    return SiteComparison(
        sites=tuple(
            Site(
                name=matched[i][0],
                count=matched[i][1],
                share=float(share[i]),
                error=float(error[i]),
                n_patients=matched[i][2],
                autopsy_share=float(findings[i]),
            )
            for i in order
        ),
        n_counted=int(total),
        n_elsewhere=sum(counts.values()) - int(total),
        unmatched=tuple(unmatched),
        rank_correlation=correlation,
        autopsies=autopsies,
    )
