"""What examinations can see, and their parameters: name, dimension, range. Holds no value."""

from __future__ import annotations

from functools import lru_cache

from ctc.scenario.rule import Rule

# Organs of which pictures are alike; an organ that is not named here belongs to SOFT.
SOFT = "soft"
_WORDS_OF = {
    "nodes": {"node"},
    "bone": {
        *("bone", "marrow", "skeleton", "spine", "vertebra", "vertebrae", "rib", "femur", "skull"),
        "pelvis",
    },
    "breast": {"breast"},
    "lung": {"lung", "bronchi", "bronchus"},
    "liver": {"liver"},
    "brain": {"brain", "cerebrum", "cerebellum"},
    "urinary": {"kidney", "bladder"},
}
_WHOLE_BODY = ("lung", "liver", "brain", "bone", "nodes", "breast", "urinary", SOFT)
# What each kind of picture can see, by name of its examination in a scenario.
SEEN = {
    "ct": _WHOLE_BODY,
    "mri": _WHOLE_BODY,
    "pet": _WHOLE_BODY,
    "mammography": ("breast",),
    "bone_scan": ("bone",),
    "symptoms": _WHOLE_BODY,
}

_SHARE = Rule("number", highest=1.0)
_SPREAD = Rule("number", lowest=1e-3, highest=10.0)
_LENGTH = Rule("length", lowest=1e-9, highest=1.0)
_UPTAKE = Rule("number", lowest=1e-3, highest=1e3, why="a standardised uptake value")
_CELLS = Rule("number", highest=1e6)
_COUNT = Rule("number", lowest=1.0, highest=1e3, is_whole=True)
_LARGE_COUNT = Rule("number", lowest=1.0, highest=1e6, is_whole=True)

_OF_A_CURVE = {"half_diameter": _LENGTH, "width": _SPREAD, "ceiling": _SHARE}
_CURVES = {
    f"diagnosis.{kind}.{group}.{key}": rule
    for kind, groups in SEEN.items()
    for group in groups
    for key, rule in _OF_A_CURVE.items()
    if kind != "pet"
}
_SPECIFICITIES = {
    f"diagnosis.{kind}.{group}.specificity": Rule("number", lowest=1e-6, highest=1.0)
    for kind, groups in SEEN.items()
    for group in groups
}
_OF_A_READER = {
    f"diagnosis.{kind}.{key}": rule
    for kind in SEEN
    for key, rule in (
        ("reader_spread", Rule("number", highest=1.0)),
        ("least_diameter", Rule("length", highest=1.0)),
        ("false_diameter", _LENGTH),
        ("false_spread", Rule("number", highest=2.0)),
    )
}

PARAMETERS: dict[str, Rule] = {
    **_CURVES,
    **_SPECIFICITIES,
    **_OF_A_READER,
    "diagnosis.pet.uptake": _UPTAKE,
    "diagnosis.pet.spread": _SPREAD,
    "diagnosis.pet.resolution": _LENGTH,
    "diagnosis.pet.breathing_blur": Rule("length", highest=1.0),
    "diagnosis.pet.noise": _UPTAKE,
    "diagnosis.pet.ceiling": _SHARE,
    **{f"diagnosis.pet.{group}.background": _UPTAKE for group in _WHOLE_BODY},
    "diagnosis.recist.least_diameter": _LENGTH,
    "diagnosis.recist.least_node": _LENGTH,
    "diagnosis.recist.normal_node": _LENGTH,
    "diagnosis.recist.least_new": _LENGTH,
    "diagnosis.recist.targets": _COUNT,
    "diagnosis.recist.targets_per_organ": _COUNT,
    "diagnosis.recist.partial_share": _SHARE,
    "diagnosis.recist.progressive_share": Rule("number", highest=10.0),
    "diagnosis.recist.progressive_length": Rule("length", highest=1.0),
    "diagnosis.recist.unequivocal_factor": Rule("number", lowest=1.0, highest=1e3),
    "diagnosis.blood.recovery": _SHARE,
    "diagnosis.blood.antigen_share": _SHARE,
    "diagnosis.blood.false_count": _CELLS,
    "diagnosis.blood.false_volume": Rule("volume", lowest=1e-12, highest=1e-3),
    "diagnosis.blood.cut_off": Rule("number", lowest=1.0, highest=1e6),
    "diagnosis.ctdna.fraction": Rule("number", highest=1.0),
    "diagnosis.ctdna.volume": Rule("volume", lowest=1e-12, highest=1.0),
    "diagnosis.ctdna.highest": _SHARE,
    "diagnosis.ctdna.half_life": Rule("time", lowest=1.0, highest=1e9),
    "diagnosis.ctdna.genomes": Rule("number", lowest=1.0, highest=1e12),
    "diagnosis.ctdna.cut_off": _LARGE_COUNT,
    **{
        f"diagnosis.needle.{organ}": _SHARE
        for organ in ("breast", "lung", "liver", "prostate", "other")
    },
    "diagnosis.sentinel.false_negative": _SHARE,
    "diagnosis.sentinel.nodes": Rule("number", lowest=1.0, highest=100.0, is_whole=True),
    "diagnosis.sentinel.section_spacing": _LENGTH,
    "diagnosis.stage.isolated_diameter": _LENGTH,
    "diagnosis.stage.micro_diameter": _LENGTH,
    "diagnosis.stage.t2_diameter": _LENGTH,
    "diagnosis.stage.t3_diameter": Rule("length", lowest=1e-9, highest=10.0),
    "diagnosis.stage.t4_diameter": Rule("length", lowest=1e-9, highest=10.0),
    "diagnosis.stage.n2_nodes": _LARGE_COUNT,
    "diagnosis.stage.n3_nodes": _LARGE_COUNT,
}


@lru_cache(maxsize=4096)
def organ_group(organ: str) -> str:
    """Return which group of organs, of which pictures are alike, an organ belongs to.

    Parameters
    ----------
    organ : str
        As the body names it; told by the words of its name, as in ``left_kidney`` or ``ribs``.

    Returns
    -------
    str
        Such as ``lung`` or ``bone``; ``soft`` for all that has no group of its own.
    """
    words = organ.replace("_", " ").replace(",", " ").lower().split()
    parts = {*words, *(word.removesuffix("s") for word in words)}
    return next((group for group, named in _WORDS_OF.items() if parts & named), SOFT)


def can_see(kind: str, organ: str) -> bool:
    """Return whether a kind of picture, such as ``bone_scan``, can see an organ at all."""
    return organ_group(organ) in SEEN.get(kind, ())
