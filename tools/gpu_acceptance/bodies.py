"""Networks of any size for measurements: copies of one grown body side by side.

A copy has records of its own, so the memory that cells walk through is that of so large a network;
classes, beds and clocks are shared, as they are between regions of one body.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ctc.preparation import prepare
from ctc.simulation.entry_sites import EntrySites, weighted_sites
from ctc.simulation.hop_table import HopTable
from ctc.simulation.setting import Setting
from tools.short_forms import large_form, short_form

_CELLS = 1000


def body_setting(*, is_short: bool = False) -> Setting:
    """Return the body of quick.toml with its biology, or of its short form."""
    return prepare(short_form("quick") if is_short else large_form(_CELLS)).setting


def copies(hops: HopTable, n_copies: int) -> HopTable:
    """Return a table of several bodies that no way joins; passages are not told in it."""
    n = hops.records.size
    records = np.tile(hops.records, n_copies)
    offset = np.repeat(np.arange(n_copies, dtype=np.uint32) * np.uint32(n), n)
    records["next"] += offset
    shift = np.repeat(np.arange(n_copies) * n, hops.record.size)
    return replace(
        hops,
        records=records,
        places=np.tile(hops.places, n_copies),
        segment=np.tile(hops.segment, n_copies),
        record=(np.tile(hops.record, n_copies) + shift).astype(np.int32),
        organ=np.tile(hops.organ, n_copies),
        passages=None,
    )


def sites_in_copies(hops: HopTable, sites: EntrySites, n_copies: int) -> EntrySites:
    """Return entry sites in all copies alike: neighbours in memory walk through different ones.

    Parameters
    ----------
    hops : HopTable
        Of one body.
    sites : EntrySites
        In it.
    n_copies : int
        How many.
    """
    offsets = (np.arange(n_copies) * hops.records.size).astype(np.uint32)
    record = (sites.record[None, :] + offsets[:, None]).ravel()
    bounds = np.concatenate([[0.0], sites.threshold.astype(np.float64)])
    return weighted_sites(record, np.tile(np.maximum(np.diff(bounds), 1.0), n_copies))
