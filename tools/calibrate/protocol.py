"""What is fitted, on what, and how it is judged: fixed before any fit was run.

**Judged.** Each of `CANCERS` in turn is left out of the fit with all of its rows of the table
(colon and rectum together), and predicted from the others. How often a primary spreads at all is
not known beforehand, so every model gets the same treatment: the level of a held-out row has a
normal prior on the scale of log exposure, with the mean and the standard deviation of the levels of
the training rows, and the held-out deviance is

    D = -2 log integral prod_j Bin(k_j; n, p_j(level)) prior(level) dlevel + saturated.

Nothing of the held-out row enters. Two variants stand beside it: the level at the training mean
(harder), and the level that suits the row best (one number of the held-out row is looked at). The
order of sites, by Spearman's rank correlation, does not depend on the level.

**Models.** ``p = G(level + log exposure + log factor of the site)`` where G is the chance of at
least one metastasis when its expected number varies between patients by a log-normal of standard
deviation sigma. Each model fits its own sigma on its own training rows. Ours has the exposures of
the network and one factor a site, common to all primaries; *flow share* has the shares of the
cardiac output and no factor; *mean profile* has the mean incidence of the other primaries at each
site; *no exposures*, beside them, is our own fit with all exposures equal. Added after the first
judgement: *whole table*, the mean profile of all other rows of 25 patients and more, and *exposures
alone*, ours with all factors at 1.

**Shipped.** The values in parameter files come from one fit without the primaries of `HELD_OUT`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Primary:
    """One row of the autopsy table, and where its tumour lies in a body plan.

    Attributes
    ----------
    row : str
        Name in the table.
    cancer : str
        Parameter set below ``cancers/`` that its cells have; empty for plain cells.
    organ : str
        Whose venules its cells enter.
    plan : str
        Body plan.
    """

    row: str
    cancer: str
    organ: str
    plan: str


# The twelve cancers. Female and male bodies where the organ asks for it, else the male.
CANCERS = {
    "bladder": (Primary("bladder", "bladder", "bladder", "human_male"),),
    "breast": (Primary("breast", "breast", "breast", "human_female"),),
    "colorectal": (
        Primary("colon", "colorectal", "large intestine", "human_male"),
        Primary("rectum", "colorectal", "rectum", "human_male"),
    ),
    "kidney": (Primary("kidney", "kidney", "kidney", "human_male"),),
    "liver": (Primary("liver", "liver", "liver", "human_male"),),
    "lung": (Primary("lung", "lung", "lung", "human_male"),),
    # The table has no melanoma; cancers of the skin of the body that killed are nearest to it.
    "melanoma": (Primary("skin_body", "melanoma", "skin", "human_male"),),
    "ovary": (Primary("ovary", "ovary", "ovary", "human_female"),),
    "pancreas": (Primary("pancreas", "pancreas", "pancreas", "human_male"),),
    "prostate": (Primary("prostate", "prostate", "prostate", "human_male"),),
    "stomach": (Primary("stomach", "stomach", "stomach", "human_male"),),
    "thyroid": (Primary("thyroid", "thyroid", "thyroid", "human_male"),),
}
# Rows that only train: at least 25 patients, and an organ of a body plan where they arise.
OTHERS = (
    Primary("cervix", "", "uterus", "human_female"),
    Primary("uterus", "", "uterus", "human_female"),
    Primary("gallbladder", "", "gallbladder", "human_male"),
    Primary("testis", "", "testis", "human_male"),
)

# Never used for a shipped value. Every third of the twelve in alphabetical order, from the third
# on: a rule that knows nothing of the data.
HELD_OUT = tuple(sorted(CANCERS)[2::3])

# Organs of the body plans that make up a site of the table.
SITES = {
    "adrenal": ("adrenal",),
    "bone": ("red marrow", "spongy bone", "compact bone", "other skeleton"),
    "bladder": ("bladder",),
    "brain": ("brain",),
    "gallbladder": ("gallbladder",),
    "heart": ("heart",),
    "kidney": ("kidney",),
    "large_intestine": ("large intestine", "rectum"),
    "liver": ("liver",),
    # Cells that the bronchial circulation brings are in the lung too.
    "lung": ("lung", "bronchi"),
    "pancreas": ("pancreas",),
    "skeletal_muscle": ("muscle",),
    "skin": ("skin",),
    "small_intestine": ("small intestine",),
    "spleen": ("spleen",),
    "stomach": ("stomach",),
    "thyroid": ("thyroid",),
}
# Sites of the table that are not fitted, and why.
LEFT_OUT = {
    "diaphragm": "mostly direct growth and spread through the abdomen, not by blood",
    "omentum": "spread through the abdominal cavity, not by blood",
    "peritoneum": "spread through the abdominal cavity, not by blood",
    "pericardium": "mostly direct growth and lymph of the mediastinum, not by blood",
    "pleura": "mostly direct growth and spread through the chest, not by blood",
    "lymph_nodes_regional": "reached by lymph",
    "lymph_nodes_distant": "mostly reached by lymph from the regional nodes",
    "breast": "the table does not say how many patients had the organ",
    "ovary": "the table does not say how many patients had the organ",
    "prostate": "the table does not say how many patients had the organ",
    "testes": "the table does not say how many patients had the organ",
    "uterus": "the table does not say how many patients had the organ",
    "vagina": "the table does not say how many patients had the organ",
}


def primaries() -> tuple[Primary, ...]:
    """Return all rows, the twelve cancers first."""
    return (*(primary for rows in CANCERS.values() for primary in rows), *OTHERS)


def group_of(primary: Primary) -> str:
    """Return what is held out together: the cancer, else the row itself."""
    return primary.cancer or primary.row


def is_own_site(primary: Primary, site: str) -> bool:
    """Whether a site holds the primary tumour itself, which autopsies do not tell apart."""
    return primary.organ in SITES[site]
