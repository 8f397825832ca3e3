"""Tumour cells in the blood of one vessel, as a draw from it would find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Run

# Where blood is drawn from patients, and the great vessels, in the order of a table.
SAMPLED_VESSELS = (
    "left median cubital vein",
    "superior vena cava",
    "inferior vena cava",
    "superior mesenteric vein",
    "portal vein",
    "hepatic veins",
    "pulmonary trunk",
    "aortic root",
)
DRAW_VOLUME = 7.5e-6  # [m^3] of blood: what a test for circulating tumour cells draws


@dataclass(frozen=True)
class BloodSamples:
    """Cells in `DRAW_VOLUME` of the blood of one vessel, epoch by epoch.

    Attributes
    ----------
    time : (n_epochs,) float64 [s]
        End of each epoch.
    cells : (n_epochs,) float64
        Cells that passed in the epoch over the blood that did, times the volume drawn; each
        followed cell counts for all that it stands for.
    standard_error : (n_epochs,) float64
        Of `cells`, from the number counted: passages of an epoch are Poisson at best (a cell that
        comes round again adds to the true error).
    passages : int
        Followed cells that passed in all epochs.
    """

    time: npt.NDArray[np.float64]
    cells: npt.NDArray[np.float64]
    standard_error: npt.NDArray[np.float64]
    passages: int


def blood_samples(
    series: Mapping[str, npt.NDArray[Any]], vessel: int, *, flow_rate: float, weight: float = 1.0
) -> BloodSamples:
    """Return what draws from a named vessel would hold.

    Parameters
    ----------
    series : mapping of str to array
        `Run.series`, with ``vessel_passages``.
    vessel : int
        Index into `Run.vessel_names`.
    flow_rate : float [m^3/s]
        Of the vessel where most blood flows in it, > 0.
    weight : float
        Shed cells that each followed one stands for, > 0.
    """
    end = np.asarray(series["time"], dtype=np.float64) / NANOSECONDS
    so_far = np.asarray(series["vessel_passages"][:, vessel], dtype=np.float64)
    passed = np.diff(so_far, prepend=0.0)
    blood = flow_rate * np.diff(end, prepend=0.0) / weight
    return BloodSamples(
        time=end,
        cells=passed / blood * DRAW_VOLUME,
        standard_error=np.sqrt(passed) / blood * DRAW_VOLUME,
        passages=int(series["vessel_passages"][-1, vessel]),
    )


def samples_of_run(run: Run) -> dict[str, BloodSamples]:
    """Return draws from `SAMPLED_VESSELS`, of those that a run's body has, by name.

    Empty where no epoch is complete, the run did not count passages, or cells that entered the
    lymph stand for fewer than others.
    """
    series, names = run.series(), run.vessel_names
    if not series["time"].size or "vessel_passages" not in series:
        return {}
    flow_rate = run.flow().flow_rate
    fullest = run.network().fullest_segments(flow_rate)
    rates = {name: float(flow_rate[fullest[i]]) for i, name in enumerate(names) if fullest[i] >= 0}
    weight = weight_of(run.scenario())
    if not passages_tell(run.scenario()):
        return {}
    return {
        name: blood_samples(series, names.index(name), flow_rate=rates[name], weight=weight)
        for name in SAMPLED_VESSELS
        if rates.get(name, 0.0) > 0.0
    }


def weight_of(scenario: Mapping[str, Any]) -> float:
    """Return how many shed cells each followed one stands for, in a run of that scenario."""
    return float(scenario.get("cells", {}).get("weight", 1.0))


def passages_tell(scenario: Mapping[str, Any]) -> bool:
    """Return whether passages of a run can be counted together.

    Not where cells that entered the lymph stand for fewer than those that entered the blood
    (`ctc.simulation.overt`): then only its examinations tell of the blood.
    """
    in_nodes = scenario.get("parameters", {}).get("lymph.overt_share", {}).get("value", 1.0)
    weight = weight_of(scenario)
    return weight == 1.0 or weight * float(in_nodes) <= 1.0


def sampled_blood(run: Run) -> dict[str, dict[str, float]]:
    """Return `samples_of_run` in brief.

    Returns
    -------
    dict
        By vessel: ``passages`` so far; ``highest`` and ``last``, cells per `DRAW_VOLUME` in the
        fullest and in the last epoch, with ``highest_error`` and ``last_error``; ``highest_time``
        [s], when that epoch ended.
    """
    found = {}
    for name, sample in samples_of_run(run).items():
        top = int(np.argmax(sample.cells))
        found[name] = {
            "passages": sample.passages,
            "highest": float(sample.cells[top]),
            "highest_error": float(sample.standard_error[top]),
            "highest_time": float(sample.time[top]),
            "last": float(sample.cells[-1]),
            "last_error": float(sample.standard_error[-1]),
        }
    return found
