"""Clusters: how many cells travel together, with whom, and what that changes; plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ctc.errors import InputError


@dataclass(frozen=True)
class Clusters:
    """What is shed beside single cells. A cluster is one row of every table and one count.

    Attributes
    ----------
    homotypic_fraction : float
        Share of shed events that are clusters of tumour cells.
    neutrophil_fraction, platelet_fraction : float
        Share of events that are one tumour cell with a neutrophil, or under a cloak of platelets.
    size_exponent : float
        A homotypic cluster has n = 2 .. largest cells with a chance in proportion to n^-exponent.
    largest : int
        Cells of the largest cluster.
    packing : float
        Share of the ball of a cluster that its cells fill.
    chain_exponent : float
        A chain of n cells counts as n^exponent cells in a capillary.
    release_exponent : float
        An arrested cluster is released n^exponent times as slowly as a single cell.
    death_factor : float
        On death other than by immune cells, arrested and in tissue, of a homotypic cluster.
    immune_factor : float
        On killing of an arrested homotypic cluster by immune cells.
    platelet_immune_factor : float
        The same of a cell under platelets.
    colony_factor : float
        On the colony rate of each cell of a homotypic cluster.
    neutrophil_colony_factor : float
        The same of a cell with a neutrophil.
    """

    homotypic_fraction: float = 0.0
    neutrophil_fraction: float = 0.0
    platelet_fraction: float = 0.0
    size_exponent: float = 2.0
    largest: int = 50
    packing: float = 0.64
    chain_exponent: float = 0.0
    release_exponent: float = 0.0
    death_factor: float = 1.0
    immune_factor: float = 1.0
    platelet_immune_factor: float = 1.0
    colony_factor: float = 1.0
    neutrophil_colony_factor: float = 1.0

    @property
    def fraction(self) -> float:
        """Share of events that are no single cell."""
        return self.homotypic_fraction + self.neutrophil_fraction + self.platelet_fraction


def resolve_clusters(values: Mapping[str, float]) -> Clusters:
    """Return clusters from the parameters ``clusters.*``, by the part of the name behind the dot.

    Raises
    ------
    InputError
        If the shares sum to more than 1, or the largest number of cells is not whole.
    """
    numbers = dict(values)
    largest = numbers.pop("largest")
    if not largest.is_integer():
        message = f"value must be a whole number, got {largest:g}. Round it."
        raise InputError(message, key="clusters.largest")
    found = Clusters(largest=int(largest), **numbers)
    if found.fraction > 1.0:
        message = (
            f"shares of events must sum to <= 1, got {found.fraction:g} (homotypic "
            f"{found.homotypic_fraction:g}, with neutrophils {found.neutrophil_fraction:g}, with "
            f"platelets {found.platelet_fraction:g}). Lower one of them."
        )
        raise InputError(message)
    return found
