"""Where cells of a bolus enter the lymph: the first lymphatics of its organ's regions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.scenario.sources import CellSource
from ctc.vessels.lymphatics import collectors
from ctc.vessels.network import VesselNetwork


def with_lymphatics(
    segments: npt.NDArray[np.int64],
    weight: FloatArray,
    *,
    source: CellSource,
    network: VesselNetwork,
    flow: FlowField,
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Add the lymphatics of a source's organ to where its cells enter.

    Parameters
    ----------
    segments, weight : (n,) int64, (n,) float64
        Blood vessels, and how likely each is.
    source : CellSource
        Whose share of the cells goes into the lymph, each lymphatic in proportion to its flow.
    network, flow : VesselNetwork, FlowField
        Of the body.

    Returns
    -------
    segments, weight : (m,) int64, (m,) float64
        As they came where the source has no share.

    Raises
    ------
    InputError
        If the scenario asks for a share and the body has no lymphatics of that organ.
    """
    share = source.lymph_share
    if share == 0.0:
        return segments, weight
    lymphatics = collectors(network, source.organ)
    lymphatics = lymphatics[flow.flow_rate[lymphatics] > 0]
    if lymphatics.size == 0:
        message = (
            f"organ must have lymphatics for lymph_share = {share:g}, got "
            f"'{source.organ or source.vessel}', which has none in this body. Leave lymph_share "
            "out, or name an organ of a grown body that forms lymph."
        )
        raise InputError(message, key="lymph_share")
    of_blood, of_lymph = math.fsum(weight), math.fsum(flow.flow_rate[lymphatics])
    return (
        np.concatenate([segments, lymphatics]),
        np.concatenate(
            [
                weight * ((1.0 - share) / of_blood) if of_blood > 0 else weight,
                flow.flow_rate[lymphatics] * (share / of_lymph),
            ]
        ),
    )
