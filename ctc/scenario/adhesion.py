"""Adhesion: bonds between receptors of the cancer and ligands of an organ, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Pairs of receptor and ligand, by the name of the one on the endothelium or that of the family.
PAIRS = ("p_selectin", "e_selectin", "l_selectin", "integrin")
ADHESION_ORGAN_PREFIX = "adhesion.organ."
DEFAULT_ORGAN = "default"


@dataclass(frozen=True)
class Bond:
    """One pair of receptor and ligand.

    Attributes
    ----------
    off_rate : float [1/s]
        Of one bond without load.
    bond_length : float [m]
        x_b of Bell's law, ``k = k0 exp(f x_b / kT)``.
    on_rate : float [1/s]
        Bonds that a cell in contact forms where the ligand is fully expressed.
    """

    off_rate: float
    bond_length: float
    on_rate: float


@dataclass(frozen=True)
class Adhesion:
    """How cells stop by adhesion.

    Attributes
    ----------
    hold_time : float [s]
        That bonds must hold for the arrest to be firm.
    weak_receptors : float
        Receptors of a cell that does not adhere strongly, over those of one that does.
    bonds : mapping of str to Bond
        By pair.
    expression : mapping of (str, str) to float
        Ligand of a pair in an organ, by `organ_key` and pair, 0 to 1.
    """

    hold_time: float
    weak_receptors: float
    bonds: Mapping[str, Bond]
    expression: Mapping[tuple[str, str], float]

    def ligand(self, organ: str, pair: str) -> float:
        """Return how much of a pair's ligand an organ has, by `organ_key` of its name."""
        default = self.expression.get((DEFAULT_ORGAN, pair), 0.0)
        return self.expression.get((organ, pair), default)


def resolve_adhesion(
    values: Mapping[str, float], expression: Mapping[tuple[str, str], float]
) -> Adhesion:
    """Return adhesion from the parameters ``adhesion.*``, by the part of the name behind the dot.

    Parameters
    ----------
    values : mapping of str to float
        Such as ``integrin.off_rate``, in SI.
    expression : mapping of (str, str) to float
        By organ and pair.
    """
    return Adhesion(
        hold_time=values["hold_time"],
        weak_receptors=values["weak_receptors"],
        bonds={
            pair: Bond(
                off_rate=values[f"{pair}.off_rate"],
                bond_length=values[f"{pair}.bond_length"],
                on_rate=values[f"{pair}.on_rate"],
            )
            for pair in PAIRS
        },
        expression=dict(expression),
    )
