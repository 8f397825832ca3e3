"""Tumours and lesions of a run at a moment: where they lie and how large they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.clinic.disease import Disease
from ctc.record.layout import NANOSECONDS, NO_FOUNDER
from ctc.record.reader import Run
from ctc.states import LesionState
from ctc.vessels.network import VesselNetwork
from ctc.viewer.lesion_bodies import primary_place, read_primaries
from ctc.viewer.lesion_rows import newest_rows

_GONE = (LesionState.LOST, LesionState.RESECTED, LesionState.ERADICATED)
# Cells of an organ that are no part of a lesion, by the names of their series.
_SINGLE = ("circulating", "arrested", "extravasated", "dormant")
_MOST_DOUBLINGS = 60.0


@dataclass(frozen=True)
class Tumours:
    """What there is of tumour at one moment, n pieces.

    Attributes
    ----------
    disease : Disease
        The same as examinations see it; growth is left out.
    centre : (n, 3) float64 [m]
        Where each lies.
    are_sizes_shared : bool
        Whether sizes were not stored for that moment: what the run stored is the number of lesion
        cells in each organ, which is shared out among its lesions by their age.
    """

    disease: Disease
    centre: FloatArray
    are_sizes_shared: bool


def read_tumours(run: Run, network: VesselNetwork, *, time: int) -> Tumours:
    """Read what there is of tumour at a moment.

    Parameters
    ----------
    run : Run
        Finished, running or killed.
    network : VesselNetwork
        Of the run; a lesion lies at the middle of its segment.
    time : int [ns]
        The moment: the end of an epoch.

    Returns
    -------
    Tumours
        Primary tumours first.
    """
    scenario = run.scenario()
    rows = newest_rows(run.lesion_history(), time)
    is_primary = rows["cell"] == np.uint64(NO_FOUNDER)
    # A tumour that stays as it is may have no row before the one of its end.
    rows = rows[~is_primary | (rows["time"] <= time)]
    is_primary = rows["cell"] == np.uint64(NO_FOUNDER)
    recorded = {network.organ_names[i] for i in np.unique(rows["organ"][is_primary])}
    rows = rows[~np.isin(rows["state"], _GONE)]
    is_primary = rows["cell"] == np.uint64(NO_FOUNDER)
    lesions, grown = rows[~is_primary], rows[is_primary]
    cells, shared = _lesion_cells(run, lesions, time=time, scenario=scenario)
    ends = network.node_position
    segment = np.concatenate([grown["segment"], lesions["segment"]]).astype(np.int64)
    centre = 0.5 * (ends[network.start_node[segment]] + ends[network.end_node[segment]])
    per_volume = _cells_per_volume(scenario)
    volume = np.concatenate([grown["cells"].astype(np.float64), cells]) / per_volume
    organ = np.concatenate([grown["organ"], lesions["organ"]]).astype(np.int16)
    n_primaries = grown.size
    given = [
        (primary, place)
        for primary in read_primaries(scenario, time)
        if primary.start <= time <= primary.stop and primary.organ not in recorded
        if (place := primary_place(network, primary.organ)) is not None
    ]
    if given:
        density = _value(scenario, "tumour.density", 1060.0)
        masses = np.array([primary.mass for primary, _ in given])
        index = [network.organ_names.index(primary.organ) for primary, _ in given]
        volume = np.concatenate([masses / density, volume])
        centre = np.concatenate([np.array([place for _, place in given]), centre])
        organ = np.concatenate([np.array(index, dtype=np.int16), organ])
        n_primaries += len(given)
    number = np.concatenate(
        [-1 - np.arange(n_primaries), lesions["lesion"].astype(np.int64)]
    ).astype(np.int64)
    none = np.zeros(volume.size)
    disease = Disease(
        number=number,
        key=np.where(number < 0, 2**33 - number, number).astype(np.uint64),
        organ=organ,
        cells=np.maximum(volume * per_volume, 1.0),
        diameter=np.cbrt(6.0 / np.pi * volume),
        growth_rate=none,
        reference_rate=none,
        resistant_share=none,
        organ_names=network.organ_names,
    )
    return Tumours(
        disease=disease, centre=np.asarray(centre, dtype=np.float64), are_sizes_shared=shared
    )


def _lesion_cells(
    run: Run, lesions: npt.NDArray[Any], *, time: int, scenario: Mapping[str, Any]
) -> tuple[FloatArray, bool]:
    """Return the cells of each lesion at a moment, and whether they had to be shared out."""
    cells = lesions["cells"].astype(np.float64)
    if not lesions.size or (lesions["time"] == time).all():
        return cells, False
    series = run.series()
    epoch = int(np.searchsorted(series["time"], time + 1)) - 1
    if epoch < 0 or "cells" not in series:
        return cells, True
    single = sum(series[name][epoch].astype(np.float64) for name in _SINGLE if name in series)
    total = np.maximum(series["cells"][epoch].astype(np.float64) - single, 0.0)
    age = np.maximum(time - lesions["founded"], 0) / NANOSECONDS
    names = run.organ_names
    doubling = np.array(
        [_doubling_time(scenario, names[i]) if i >= 0 else np.inf for i in lesions["organ"]]
    )
    rests = lesions["state"] == LesionState.IN_BALANCE
    weight = np.where(rests, cells, 2.0 ** np.minimum(age / doubling, _MOST_DOUBLINGS))
    for organ in np.unique(lesions["organ"][lesions["organ"] >= 0]):
        here = lesions["organ"] == organ
        # Those that rest keep the size that was stored; the others share what is left.
        left = max(total[organ] - float(weight[here & rests].sum()), 0.0)
        growing = here & ~rests
        share = weight[growing] / max(float(weight[growing].sum()), 1.0)
        cells[growing] = np.maximum(left * share, 1.0)
    return cells, True


def _doubling_time(scenario: Mapping[str, Any], organ: str) -> float:
    default = _value(scenario, "tissue.organ.default.doubling_time", 86400.0 * 60.0)
    return _value(scenario, f"tissue.organ.{organ}.doubling_time", default)


def _cells_per_volume(scenario: Mapping[str, Any]) -> float:
    mass = _value(scenario, "tumour.cells_per_mass", 1e12)
    return mass * _value(scenario, "tumour.density", 1060.0)


def _value(scenario: Mapping[str, Any], name: str, default: float) -> float:
    entry = scenario.get("parameters", {}).get(name)
    return default if entry is None else float(entry["value"])
