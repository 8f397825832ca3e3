"""Every colour of a picture, and how an organ's shell looks; safe for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.states import CellState
from ctc.viewer.blood import Blood

BACKGROUND_INNER = "#16202e"
BACKGROUND_OUTER = "#070a10"
TEXT = "#e8eef6"
FAINT_TEXT = "#92a3b8"
LINE = "#3a4a5e"


@dataclass(frozen=True)
class Shell:
    """How the shell of an organ looks.

    Attributes
    ----------
    colour : str
        ``#rrggbb``.
    opacity : float
        Seen straight on through a thick part, 0 .. 1.
    has_label : bool
        Whether its name is written beside it.
    is_close : bool
        Whether the close-up is chosen to show all of it.
    """

    colour: str
    opacity: float
    has_label: bool = True
    is_close: bool = True


# By organ of the body plan; the rest (muscle, fat, bone) is spread over the body and has no shell.
SHELLS = {
    "brain": Shell("#e3a8ad", 0.55, is_close=False),
    "thyroid": Shell("#d0607a", 0.60, is_close=False),
    "lung": Shell("#86b6e0", 0.22),
    "bronchi": Shell("#b9cbd8", 0.30, has_label=False),
    "heart": Shell("#e0483e", 0.62),
    "liver": Shell("#b0503a", 0.80),
    "gallbladder": Shell("#74b06a", 0.70, has_label=False),
    "stomach": Shell("#dd98ac", 0.60),
    "spleen": Shell("#8f56b0", 0.66),
    "pancreas": Shell("#ecc063", 0.70),
    "kidney": Shell("#b8465a", 0.66),
    "adrenal": Shell("#efa23c", 0.70),
    "small intestine": Shell("#e0b184", 0.40),
    "large intestine": Shell("#bd8a5c", 0.52),
    "rectum": Shell("#a3744c", 0.60, has_label=False),
    "bladder": Shell("#e9d66b", 0.60),
    "uterus": Shell("#cf7fb4", 0.62),
    "ovary": Shell("#efc7dc", 0.70, has_label=False),
    "prostate": Shell("#8f86cf", 0.62),
    "testis": Shell("#efc7dc", 0.60, is_close=False),
    "breast": Shell("#f2b48c", 0.16),
}
# The outline of the body: the skin, and what stands out from it.
SKIN_ORGAN = "skin"
SKIN = Shell("#9fb6d2", 0.045, has_label=False, is_close=False)

BLOOD_COLOURS = {
    Blood.ARTERIAL: "#dc3a34",
    Blood.PULMONARY_VEIN: "#dc3a34",
    Blood.VENOUS: "#2f62c4",
    Blood.PULMONARY_ARTERY: "#2f62c4",
    Blood.PORTAL: "#8a5cc4",
    Blood.LYMPH: "#6fbf73",
}

# After Okabe and Ito, lightened for a dark ground: apart in hue and lightness for every eye.
STATE_COLOURS = {
    CellState.CIRCULATING: "#ffffff",
    CellState.ARRESTED: "#ff9a2e",
    CellState.EXTRAVASATED: "#17d69a",
    CellState.DORMANT: "#58a8ff",
    CellState.COLONY: "#fff04a",
}
STATE_NAMES = {
    CellState.CIRCULATING: "circulating",
    CellState.ARRESTED: "arrested",
    CellState.EXTRAVASATED: "extravasated",
    CellState.DORMANT: "dormant",
    CellState.COLONY: "colony",
}


def rgb(colour: str) -> npt.NDArray[np.float32]:
    """Return ``#rrggbb`` as (3,) float32 in 0 .. 1."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.array(parts, dtype=np.float32) / np.float32(255.0)
