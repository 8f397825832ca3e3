"""Bundles of trees for tests: an organ like a liver, its artery and vein, their overlaps."""

import numpy as np

from ctc.backends.host_neighbours import count_overlaps
from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.vessels.calibre import load_calibre_law
from ctc.vessels.grow import Member

ORGAN = Territory("organ", Ellipsoid((0, 0, 0), (0.09, 0.07, 0.06)), np.array([0, 0, -0.0585]))
ORGAN_VOLUME = 4.0 / 3.0 * np.pi * 0.09 * 0.07 * 0.06


def members(volume, territory):
    """Return an artery and a vein of such a volume each, from ports 20 mm off the hilum."""
    law = load_calibre_law()
    away = np.array([0.0, 0.0, -0.02])
    aside = np.array([0.01, 0.0, 0.0])
    return [
        Member(law, volume, territory.hilum + away - aside),
        Member(law, volume, territory.hilum + away + aside),
    ]


def overlaps(grown):
    """Return the far and near pairs, and segments in far ones, of all trees of a bundle."""
    n = grown.parent.size
    trees = range(len(grown.members))
    own = np.arange(1, n)
    line = grown.parent[1:] - 1
    return count_overlaps(
        np.concatenate([tree.position for tree in grown.members]),
        np.concatenate([grown.parent[1:] + k * n for k in trees]).astype(np.int32),
        np.concatenate([own + k * n for k in trees]).astype(np.int32),
        radius=np.concatenate([tree.lumen_radius[1:] for tree in grown.members]),
        line=np.concatenate([np.where(line >= 0, line + k * (n - 1), -1) for k in trees]).astype(
            np.int32
        ),
    )
