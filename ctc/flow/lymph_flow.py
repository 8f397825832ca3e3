"""The flow of lymph, which its vessels pump: prescribed by the body plan, not by pressures."""

from __future__ import annotations

import numpy as np

from ctc.body.lymph import load_lymph_plan
from ctc.body.plan import BodyPlan
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.vessels.lymphatics import lay_out_lymphatics
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.vessels.trunks import load_trunks


def lymph_flow(network: VesselNetwork, plan: BodyPlan) -> FloatArray:
    """Return the flow of every lymphatic vessel and node of a grown body.

    Parameters
    ----------
    network : VesselNetwork
        Grown for that plan, with its lymphatics or without any.
    plan : BodyPlan
        Whose lymph flows.

    Returns
    -------
    (n_segments,) float64 [m^3/s]
        Along each segment; 0 in blood vessels.

    Raises
    ------
    InputError
        If the network has a lymphatic vessel that the plan has not.
    """
    flow_rate = np.zeros(network.n_segments)
    lymphatic = np.flatnonzero(network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE))
    if lymphatic.size == 0:
        return flow_rate
    lymph = lay_out_lymphatics(plan, load_trunks(plan))
    # Segments of one name lie in series.
    known = dict(zip(lymph.vessel_names, _first_of_each(lymph.name, lymph.flow_rate), strict=True))
    names = network.vessel_names
    for segment in lymphatic:
        name = names[network.name[segment]] if network.name[segment] >= 0 else ""
        if name not in known:
            message = (
                f"lymphatic vessel must be one of the body's, got '{name}' at segment {segment}. "
                "Grow the network again."
            )
            raise InputError(message)
        flow_rate[segment] = known[name]
    return flow_rate


def lymph_figures(network: VesselNetwork, plan: BodyPlan) -> dict[str, float]:
    """Return what is worth knowing of a body's lymph, SI.

    Parameters
    ----------
    network, plan : VesselNetwork, BodyPlan
        As in `lymph_flow`.

    Returns
    -------
    dict of str to float
        ``n_lymph_nodes``, ``n_lymph_stations``, ``n_lymph_segments``; ``lymph_volume`` and
        ``lymph_node_volume`` [m^3]; ``pre_nodal_flow``, ``reabsorbed_flow``, ``efferent_flow``
        and ``thoracic_duct_flow`` [m^3/s]; ``liver_share_of_thoracic_duct`` is not here, as
        lymph of all organs is mixed in the duct.
    """
    lymph = load_lymph_plan(plan)
    is_lymph = network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    is_node = network.is_kind(SegmentKind.LYMPH_NODE)
    if not is_lymph.any():
        return {}
    return {
        "n_lymph_nodes": float(sum(station.n_nodes for station in lymph.stations)),
        "n_lymph_stations": float(sum(station.n_nodes > 0 for station in lymph.stations)),
        "n_lymph_segments": float(is_lymph.sum()),
        "lymph_volume": float(network.volume[is_lymph].sum()),
        "lymph_node_volume": float(network.volume[is_node].sum()),
        "pre_nodal_flow": sum(source.flow_rate for source in lymph.sources),
        "reabsorbed_flow": sum(station.reabsorbed for station in lymph.stations),
        "efferent_flow": sum(station.outflow for station in lymph.stations if station.vein),
        "thoracic_duct_flow": lymph.station("thoracic duct, terminal part").outflow,
    }


def _first_of_each(name: np.ndarray, flow_rate: FloatArray) -> list[float]:
    first = np.unique(name, return_index=True)[1]
    return [float(flow_rate[index]) for index in first]
