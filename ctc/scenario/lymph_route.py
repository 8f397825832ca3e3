"""LymphRoute: how cells come into the lymph, and what its nodes do with them; plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

# Organ, by `organ_key`, whose clocks hold for cells in a station of nodes.
LYMPH_NODES = "lymph nodes"


@dataclass(frozen=True)
class LymphRoute:
    """Lymph as a way of spread.

    Attributes
    ----------
    entry_share : float
        Of the cells that a tumour sheds: into the initial lymphatics of its organ.
    node_arrest_probability : float
        Chance that a station of nodes holds a single cell that comes with the lymph.
    node_exit_rate : float [1/s]
        Of a cell held in a node: into the node's blood vessels.
    overt_share : float
        Of the colonies in nodes of cells that came with the lymph: those that become overt.
    """

    entry_share: float = 0.0
    node_arrest_probability: float = 0.0
    node_exit_rate: float = 0.0
    overt_share: float = 1.0
