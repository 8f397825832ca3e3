"""Transit through lungs, arm, organs and capillaries, and where the blood lies, against tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ctc.backends.base import Backend, choose_backend
from ctc.checks import FloatArray
from ctc.preparation import Prepared, prepare
from ctc.scenario.load import load_scenario
from ctc.vessels.heart import find_heart
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.vessels.ports import region_ports
from tools.validate.published import DATA
from tools.validate.walks import indicator_moments, named, walk

_SCENARIO = "tracers"
_LUNG = "lung"
_HEART = "heart"
# Where the arm's injection goes in: the first of these that the body has, on both sides.
_ARM_VEINS = ("median cubital vein", "cubital vein", "basilic vein", "brachial vein")
_SIDES = ("left", "right")
_FEMORAL = "femoral artery"
_FIRST_ARRIVAL = 5.0
_LIMIT = 5.0
_ORGANS = "organ_volume_over_flow"


@dataclass(frozen=True)
class Row:
    """One figure beside the published one.

    Attributes
    ----------
    quantity : str
        As in ``transit_times.csv``.
    found, value, low, high : float
        What the body gives; what was published, and the range that is allowed.
    unit, source, note : str
        Of the published value; how the figure was found.
    """

    quantity: str
    found: float
    value: float
    low: float
    high: float
    unit: str
    source: str
    note: str

    @property
    def is_met(self) -> bool:
        """Whether the figure lies in the range."""
        return self.low <= self.found <= self.high


def measure_transit(
    body: str, *, n_tracers: int, n_terminals: int, device: str, threads: int | None
) -> list[Row]:
    """Measure one body.

    Parameters
    ----------
    body : str
        Name of its plan.
    n_tracers : int
        Through the lungs; as many from the arm, a fortieth through every region.
    n_terminals : int
        Capillary beds of the network.
    device, threads : str, int
        As `ctc.backends.base.choose_backend`.
    """
    overrides = [f"body.plan={body}", f"body.terminals={n_terminals}"]
    prepared = prepare(load_scenario(_SCENARIO, overrides=overrides))
    backend = choose_backend(device, threads=threads)
    found = {
        **_lung_figures(prepared, n_tracers, backend=backend),
        **_arm_figure(prepared, n_tracers, backend=backend),
        **_capillary_figures(prepared),
        **_organ_figures(prepared, max(n_tracers // 40, 1000), backend=backend),
        **_blood_figures(prepared.network),
    }
    return [_row(published, found) for published in published_rows()]


def _lung_figures(
    prepared: Prepared, count: int, *, backend: Backend
) -> dict[str, tuple[float, str]]:
    """From the pulmonary trunk to the left atrium."""
    heart = find_heart(prepared.network)
    network = prepared.network
    root = np.flatnonzero(network.start_node == heart.pulmonary_root)
    left = np.flatnonzero(network.start_node == heart.left_inlet)
    time = walk(prepared, root, left, count=count, backend=backend).time
    mean, deviation = indicator_moments(time)
    note = f"pulmonary trunk to left atrium, n = {time.size:,}"
    return {
        "pulmonary_mean_transit": (float(time.mean()), note),
        "pulmonary_relative_dispersion": (
            deviation / mean,
            f"curve cut at 20 % of its peak and extrapolated: {deviation:.2f} s over {mean:.2f} s",
        ),
    }


def _arm_figure(
    prepared: Prepared, count: int, *, backend: Backend
) -> dict[str, tuple[float, str]]:
    time, vein = arm_to_femoral(prepared, count, backend=backend)
    return {
        "arm_vein_to_femoral_artery": (
            float(np.percentile(time, _FIRST_ARRIVAL)),
            f"5 % quantile from the {vein}, {time.size:,} of {count:,} on that way",
        )
    }


def arm_to_femoral(prepared: Prepared, count: int, *, backend: Backend) -> tuple[FloatArray, str]:
    """Follow tracers from a vein of the arm, by heart and lungs, to the femoral artery.

    Parameters
    ----------
    prepared : Prepared
        A human body of inert points.
    count : int
        Tracers that set out; most take another way and meet another bed.
    backend : Backend
        That walks them.

    Returns
    -------
    (n,) float64 [s], str
        Times of those that come there first, and the vein that they set out in.
    """
    network = prepared.network
    known = [vein for vein in _ARM_VEINS if f"left {vein}" in network.vessel_names]
    vein = known[0]
    start = named(prepared, [f"{side} {vein}" for side in _SIDES])
    femoral = named(prepared, [f"{side} {_FEMORAL}" for side in _SIDES])
    systemic = network.is_kind(SegmentKind.CAPILLARY_BED) & (
        network.organ != network.organ_index(_LUNG)
    )
    walls = np.concatenate([femoral, np.flatnonzero(systemic)])
    arrived = walk(prepared, start, walls, count=count, backend=backend)
    return arrived.time[np.isin(arrived.before, femoral)], vein


def _capillary_figures(prepared: Prepared) -> dict[str, tuple[float, str]]:
    network, flow = prepared.network, prepared.flow
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    in_lung = network.organ == network.organ_index(_LUNG)
    found = {}
    for name, chosen in (("lung", beds & in_lung), ("systemic", beds & ~in_lung)):
        mean = network.volume[chosen].sum() / flow.flow_rate[chosen].sum()
        found[f"{name}_capillary_transit"] = (float(mean), "volume over flow of all beds")
    return found


def _organ_figures(
    prepared: Prepared, count: int, *, backend: Backend
) -> dict[str, tuple[float, str]]:
    """From the inlets of every region to its outlets: mean against volume over flow."""
    network, flow = prepared.network, prepared.flow
    worst, where, dispersions = 0.0, "", []
    ports = region_ports(network)
    for index, port in enumerate(ports):
        own = network.region == index
        inlets = np.flatnonzero(own & np.isin(network.start_node, port.inlet_nodes))
        time = walk(prepared, inlets, np.flatnonzero(~own), count=count, backend=backend).time
        moves = own & (flow.flow_rate > 0)
        expected = network.volume[moves].sum() / flow.flow_rate[inlets].sum()
        off = abs(time.mean() - expected) / (time.std() / np.sqrt(time.size))
        if off > worst:
            worst, where = float(off), port.region
        if network.organ[inlets[0]] == network.organ_index(_HEART):
            mean, deviation = indicator_moments(time, n_bins=100)
            dispersions.append(deviation / mean)
    note = f"largest |mean - V/Q| of {len(ports)} regions in standard errors: {where}"
    return {
        _ORGANS: (worst, note),
        "coronary_relative_dispersion": (
            float(np.mean(dispersions)),
            "aorta to right atrium, mean of both walls",
        ),
    }


def _blood_figures(network: VesselNetwork) -> dict[str, tuple[float, str]]:
    """Share of the blood by class of vessel [%]."""
    in_lung = network.organ == network.organ_index(_LUNG)
    pulmonary = in_lung | np.isin(
        network.name,
        [i for i, name in enumerate(network.vessel_names) if name.startswith("pulmonary")],
    )
    kinds = {
        "share_arterioles_capillaries": (SegmentKind.ARTERIOLE, SegmentKind.CAPILLARY_BED),
        "share_systemic_arteries": (SegmentKind.ARTERY,),
        "share_systemic_veins": (SegmentKind.VENULE, SegmentKind.VEIN),
        "share_heart": (SegmentKind.HEART_CHAMBER,),
    }
    chosen = {name: network.is_kind(*of) & ~pulmonary for name, of in kinds.items()}
    chosen["share_lungs"] = pulmonary
    is_lymph = network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    total = network.volume[~is_lymph].sum()
    return {
        name: (100.0 * float(network.volume[rows].sum() / total), "")
        for name, rows in chosen.items()
    }


def published_rows() -> Iterator[dict[str, str]]:
    """Yield the published figures: quantity, value, low, high, unit, source."""
    with (DATA / "transit_times.csv").open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
    yield {
        "quantity": _ORGANS,
        "value": "0",
        "low": "0",
        "high": f"{_LIMIT}",
        "unit": "standard errors",
        "source": "closed form: point tracers take volume over flow",
    }


def _row(published: dict[str, str], found: dict[str, tuple[float, str]]) -> Row:
    figure, note = found[published["quantity"]]
    value, low, high = (float(published[key]) for key in ("value", "low", "high"))
    return Row(
        published["quantity"],
        figure,
        value,
        low,
        high,
        published["unit"],
        published["source"],
        note,
    )


def figures(body: str, rows: list[Row]) -> dict[str, Any]:
    """Return one body's figures as plain values."""
    return {"body": body, "rows": [asdict(row) | {"is_met": row.is_met} for row in rows]}


def show(body: str, rows: list[Row]) -> str:
    """Return a table for people."""
    lines = [f"{body}: {'figure':>34} {'found':>8} {'published':>10} {'allowed':>15}"]
    for row in rows:
        name = row.quantity.replace("_", " ")
        allowed = f"{row.low:g} - {row.high:g}"
        verdict = "met" if row.is_met else "MISSED"
        lines.append(
            f"  {name:44} {row.found:8.2f} {row.value:10.2f} {allowed:>15} {row.unit:16} {verdict}"
        )
        if row.note:
            lines.append(f"      {row.note}")
    n_missed = sum(not row.is_met for row in rows)
    lines.append(f"  {len(rows) - n_missed} of {len(rows)} met")
    return "\n".join(lines)
