"""Flow of a network read from tables: by its authors' pressures, or by a body's flows."""

from __future__ import annotations

import enum

import numpy as np

from ctc.errors import InputError
from ctc.flow.circulation import solve_circulation
from ctc.flow.conductance import Haemodynamics, load_haemodynamics
from ctc.flow.field import FlowField
from ctc.flow.rheology import Blood, Rheology, load_blood
from ctc.flow.tune import tune_to_plan
from ctc.scenario.parameters import load_parameters
from ctc.vessels.imported import ImportedNetwork
from ctc.vessels.network import Repair, SegmentKind, VesselNetwork


class ImportedFlow(enum.Enum):
    """What the flow of a network from tables is made to meet; the values are scenario keys."""

    PLAN = "plan"
    PRESSURES = "pressures"


def solve_imported(
    imported: ImportedNetwork, *, mode: ImportedFlow, rheology: Rheology | None = None
) -> tuple[VesselNetwork, FlowField]:
    """Steady flow of a network read from tables.

    Parameters
    ----------
    imported : ImportedNetwork
        From `ctc.vessels.imported.read_tables`.
    mode : ImportedFlow
        ``PRESSURES``: the conductances of the tables between the pressures of their authors;
        the lungs get what the body returns, so their pressure difference follows, with the
        same shares. ``PLAN``: the tables' shares of a body's cardiac output between a body's
        pressures; links are tuned to it, and the resistance of all other vessels is lowered
        first (repair ``narrow_vessels``), as meshes of named vessels lack the parallel ones.
    rheology : Rheology, optional
        Laws of the blood. When left out ``PRIES`` for ``PLAN``, and ``CONSTANT`` for
        ``PRESSURES``: the authors fitted their links to blood of one viscosity.

    Returns
    -------
    network : VesselNetwork
        Turned with the flow.
    flow : FlowField
        Of it.

    Raises
    ------
    InputError
        If the tables have no flow targets, or name one without a link (``PLAN``), or the
        targets cannot be met.
    """
    if rheology is None:
        rheology = Rheology.PRIES if mode is ImportedFlow.PLAN else Rheology.CONSTANT
    if mode is ImportedFlow.PRESSURES:
        return solve_circulation(imported.network, authors_haemodynamics(load_blood(rheology)))
    if not imported.flow_targets:
        message = "flow must be 'pressures' where the tables have no organ_flow_targets.csv."
        raise InputError(message)
    network = widen_vessels(imported.network)
    targets = {
        region: share * imported.cardiac_output for region, share in imported.flow_targets.items()
    }
    blood = load_haemodynamics(rheology)
    network, start = tune_to_plan(network, targets, haemodynamics=blood)
    return solve_circulation(network, blood, start=start)


def authors_haemodynamics(blood: Blood) -> Haemodynamics:
    """Return the pressures that the BodyParts3D network was published with."""
    pressures = load_parameters("imported_network").group("pressure")
    return Haemodynamics(
        blood=blood,
        portal_vein=np.nan,
        **{key: parameter.value for key, parameter in pressures.items()},
    )


def widen_vessels(network: VesselNetwork) -> VesselNetwork:
    """Lower the resistance of all vessels that are no beds by the shipped factor; recorded."""
    factor = load_parameters("imported_network").value("narrow_vessel_resistance")
    vessels = network.is_kind(SegmentKind.ARTERY, SegmentKind.VEIN)
    resistance_factor = network.resistance_factor.copy()
    resistance_factor[vessels] *= factor
    detail = (
        f"resistance of all arteries and veins lowered to {factor:g} of Poiseuille's, so that "
        "the cardiac output passes; lumen radii are left as they are"
    )
    repair = Repair("narrow_vessels", int(vessels.sum()), detail)
    return network.replace(resistance_factor=resistance_factor, repairs=(*network.repairs, repair))
