"""The flow of lymph, which its vessels pump: prescribed by the body plan, not by pressures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ctc.body.plan import BodyPlan
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.scenario.parameters import load_parameters
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


def lymph_figures(network: VesselNetwork, flow_rate: FloatArray) -> dict[str, float]:
    """Return what is worth knowing of a network's lymph, SI; nothing where it has none.

    Parameters
    ----------
    network : VesselNetwork
        With its lymphatics.
    flow_rate : (n_segments,) float64 [m^3/s]
        Of every segment, as a flow field has it.

    Returns
    -------
    dict of str to float
        ``n_stations``, ``n_nodes`` (their volume over that of one node), ``n_segments``;
        ``volume`` and ``node_volume`` [m^3]; ``formed`` (taken from blood), ``reabsorbed`` (given
        back at nodes), ``efferent`` (given back by the last ducts) and ``thoracic_duct`` (the
        widest of these) [m^3/s].
    """
    lymphatic = network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
    if not lymphatic.any():
        return {}
    is_node = network.is_kind(SegmentKind.LYMPH_NODE)
    has_blood = np.zeros(network.n_nodes, dtype=bool)
    for nodes in (network.start_node, network.end_node):
        has_blood[nodes[~lymphatic]] = True
    behind_nodes = np.zeros(network.n_nodes, dtype=bool)
    behind_nodes[network.end_node[is_node]] = True
    formed = lymphatic & has_blood[network.start_node]
    given_back = lymphatic & has_blood[network.end_node]
    at_nodes = given_back & behind_nodes[network.start_node]
    by_ducts = given_back & ~at_nodes
    size = load_parameters("bodies/lymph_vessels")
    slenderness = size.value("node.width") / size.value("node.length")
    one = np.pi / 6.0 * network.length[is_node] * (slenderness * network.length[is_node]) ** 2
    node_volume = float(network.volume[is_node].sum())
    return {
        "n_stations": int(is_node.sum()),
        "n_nodes": round(float(np.sum(network.volume[is_node] / one))),
        "n_segments": int(lymphatic.sum()),
        "volume": float(network.volume[lymphatic].sum()),
        "node_volume": node_volume,
        "formed": float(flow_rate[formed].sum()),
        "reabsorbed": float(flow_rate[at_nodes].sum()),
        "efferent": float(flow_rate[by_ducts].sum()),
        "thoracic_duct": float(np.max(flow_rate[by_ducts], initial=0.0)),
    }


def _first_of_each(name: npt.NDArray[np.int64], flow_rate: FloatArray) -> list[float]:
    first = np.unique(name, return_index=True)[1]
    return [float(flow_rate[index]) for index in first]
