"""Every colour of a picture, and how an organ's shell looks; safe for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc.states import CellState
from ctc.vessels.blood import Blood

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
    rim : float
        Opacity where it is seen edge on, 0 .. 1.
    relief : tuple of float
        Wavelength and depth of folds, as parts of the organ's size; a drawing aid that tells gut
        and brain from smooth organs and stands for nothing measured.
    """

    colour: str
    opacity: float
    has_label: bool = True
    is_close: bool = True
    rim: float = 0.55
    relief: tuple[float, float] = (1.0, 0.0)


# By organ of the body plan; the rest (muscle, fat, bone) is spread over the body and has no shell.
SHELLS = {
    "brain": Shell("#e3a8ad", 0.60, is_close=False, relief=(0.17, 0.020)),
    "thyroid": Shell("#d0607a", 0.60, is_close=False),
    "lung": Shell("#a9cdf0", 0.24, rim=0.80),
    "bronchi": Shell("#b9cbd8", 0.30, has_label=False),
    "heart": Shell("#e0483e", 0.62),
    "liver": Shell("#b0503a", 0.80),
    "gallbladder": Shell("#74b06a", 0.70, has_label=False),
    "stomach": Shell("#dd98ac", 0.60),
    "spleen": Shell("#8f56b0", 0.66),
    "pancreas": Shell("#ecc063", 0.70),
    "kidney": Shell("#b8465a", 0.66),
    "adrenal": Shell("#efa23c", 0.70),
    "small intestine": Shell("#e6b083", 0.62, relief=(0.27, 0.034)),
    "large intestine": Shell("#c08a58", 0.66, relief=(0.22, 0.014)),
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
SOURCE_COLOUR = "#ffc46b"
# Ring around what an examination has shown, and treatments on the timeline.
FOUND_COLOUR = "#f4f7fb"
TREATMENT_COLOUR = "#e69be0"
SKIN = Shell("#9fb6d2", 0.045, has_label=False, is_close=False, rim=0.42)

BLOOD_COLOURS = {
    Blood.ARTERIAL: "#dc3a34",
    Blood.PULMONARY_VEIN: "#dc3a34",
    Blood.VENOUS: "#2f62c4",
    Blood.PULMONARY_ARTERY: "#2f62c4",
    Blood.PORTAL: "#8a5cc4",
    Blood.LYMPH: "#6fbf73",
}

# Bright on a dark ground and, by a simulation of colour-blind eyes, well apart for all of them.
STATE_COLOURS = {
    CellState.CIRCULATING: "#ffffff",
    CellState.ARRESTED: "#ff8a26",
    CellState.EXTRAVASATED: "#30e39b",
    CellState.DORMANT: "#5790ff",
    CellState.COLONY: "#ffe600",
}
STATE_NAMES = {
    CellState.CIRCULATING: "circulating",
    CellState.ARRESTED: "arrested",
    CellState.EXTRAVASATED: "extravasated",
    CellState.DORMANT: "dormant",
    CellState.COLONY: "colony",
}


def source_shell(shell: Shell) -> Shell:
    """Return the shell of an organ that holds a source of cells: it stands out."""
    return replace(shell, colour=SOURCE_COLOUR, opacity=min(1.8 * shell.opacity, 0.8), rim=0.95)


def rgb(colour: str) -> npt.NDArray[np.float32]:
    """Return ``#rrggbb`` as (3,) float32 in 0 .. 1."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.array(parts, dtype=np.float32) / np.float32(255.0)
