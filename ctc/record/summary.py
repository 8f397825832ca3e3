"""The results of a run in brief, as ``ctc inspect --json`` prints them; reads no file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.header import RunEnd, RunHeader
from ctc.record.layout import NANOSECONDS, SERIES_FIELDS
from ctc.record.lesion_figures import lesion_figures
from ctc.states import FATES, CellState, DeathCause

_ORGAN_SERIES = tuple(
    field.name for field in SERIES_FIELDS if field.axes == ("organ",) and field.dtype == "<u8"
)


def summarise(
    header: RunHeader,
    end: RunEnd,
    *,
    organ_names: Sequence[str],
    series: Mapping[str, npt.NDArray[Any]],
    tallies: Mapping[str, npt.NDArray[Any]],
    lesions: npt.NDArray[Any],
) -> dict[str, Any]:
    """Return the results of a run in brief.

    Parameters
    ----------
    header, end : RunHeader, RunEnd
        What the run says of itself.
    organ_names : sequence of str
        What organ indices mean.
    series : mapping of str to (n_epochs, ...) array
        Of the layout; the last row counts.
    tallies : mapping of str to array
        Those that the run kept.
    lesions : (n,) structured array
        The newest row of each.

    Returns
    -------
    dict
        Plain numbers, texts, lists and dicts. ``fates`` holds each cause of death and the other
        fates; with ``in_flight`` they add up to ``n_shed``. Digests are None before the end.
    """
    n_epochs = series["time"].size
    last = {
        name: values[-1] if n_epochs else np.zeros(values.shape[1:], values.dtype)
        for name, values in series.items()
    }
    by_state = {state: int(last["cells_by_state"][state]) for state in CellState}
    seconds = int(last["time"]) / NANOSECONDS
    wall = float(last["wall_time"])
    provenance = header.provenance
    scenario = json.loads(header.scenario_json)
    margination = scenario.get("parameters", {}).get("tumour_cell.margination_probability", {})
    return {
        "title": scenario.get("scenario", {}).get("title", ""),
        "version": provenance.version,
        "commit": provenance.commit or None,
        "started": provenance.started,
        "finished": end.finished or None,
        "device": end.devices,
        "kernel_hash": provenance.kernel_hash,
        "network_hash": provenance.network_hash,
        "seed": provenance.seed,
        "n_resumes": end.n_resumes,
        "digest": end.digest or None,
        "record_digest": end.record_digest or None,
        "simulated_seconds": seconds,
        "planned_seconds": header.duration / NANOSECONDS,
        "wall_seconds": wall,
        "hops": int(last["hops"]),
        "hops_per_second": int(last["hops"]) / wall if wall > 0 else 0.0,
        "n_shed": int(last["shed"]),
        "in_flight": sum(n for state, n in by_state.items() if state not in FATES),
        "fates": _fates(by_state, last["died_by_cause"]),
        "states": {state.name.lower(): n for state, n in by_state.items()},
        "margination_probability": margination.get("value", 0.0),
        **_weights(scenario),
        "organs": {
            organ: {name: int(last[name][i]) for name in _ORGAN_SERIES}
            for i, organ in enumerate(organ_names)
        },
        "first_pass": _first_pass(organ_names, tallies),
        "tumours": {
            organ: {
                "cells": int(last["tumour_cells"][i]),
                "front_radius": float(last["front_radius"][i]),
                "vessels_reached": int(last["vessels_reached"][i]),
            }
            for i, organ in enumerate(organ_names)
            if last["tumour_cells"][i]
        },
        "lesions": lesion_figures(lesions, scenario, organ_names=organ_names),
    }


def _fates(by_state: Mapping[CellState, int], died_by_cause: npt.NDArray[Any]) -> dict[str, int]:
    died = {
        f"died_{cause.name.lower()}": int(died_by_cause[cause])
        for cause in DeathCause
        if cause is not DeathCause.NONE
    }
    others = {state.name.lower(): by_state[state] for state in FATES if state is not CellState.DIED}
    return died | others


def _first_pass(
    organ_names: Sequence[str], tallies: Mapping[str, npt.NDArray[Any]]
) -> dict[str, dict[str, int]]:
    counts = {name: tallies.get(f"first_pass_{name}") for name in ("arrivals", "arrested")}
    return {
        organ: {name: int(values[i]) for name, values in counts.items() if values is not None}
        for i, organ in enumerate(organ_names)
        if any(values is not None for values in counts.values())
    }


def _weights(scenario: dict[str, Any]) -> dict[str, float]:
    """Return how many shed cells a followed one stands for that entered the blood, and the lymph.

    As `ctc.simulation.overt` has it.
    """
    weight = float(scenario.get("cells", {}).get("weight", 1.0))
    in_nodes = scenario.get("parameters", {}).get("lymph.overt_share", {}).get("value", 1.0)
    in_lymph = min(weight, max(1.0 / in_nodes, 1.0)) if in_nodes > 0.0 else weight
    return {"cell_weight": weight, "lymph_cell_weight": in_lymph}
