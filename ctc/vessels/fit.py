"""Whether a territory has room for the vessels that a body wants in it."""

from __future__ import annotations

from collections.abc import Mapping

from ctc.body.territory import Territory
from ctc.errors import InputError
from ctc.vessels.network import SegmentKind, VesselNetwork

# Points that probe how wide a territory is; of a ball they find 97 % of its radius.
_PROBES = 20_000


def require_room(network: VesselNetwork, territories: Mapping[str, Territory]) -> None:
    """Raise InputError if a territory is narrower than the widest vessel that ends in it.

    Parameters
    ----------
    network : VesselNetwork
        Grown with these territories.
    territories : mapping of str to Territory
        By region; each is probed at 20,000 points spread evenly through it.

    Raises
    ------
    InputError
        If the widest tube of the region has a larger radius than the largest ball in the
        territory.
    """
    is_tube = ~network.is_kind(SegmentKind.CAPILLARY_BED)
    for region, territory in territories.items():
        own = is_tube & (network.region == network.region_names.index(region))
        widest = float(network.lumen_radius[own].max())
        room = -float(territory.signed_distance(territory.sample(_PROBES, seed=0)).min())
        if widest > room:
            message = (
                f"territory must be wider than its root vessel, got a half width of "
                f"{room * 1e3:.3g} mm against a lumen radius of {widest * 1e3:.3g} mm at "
                f"'{region}'. Check the unit of the surface, or use a larger one."
            )
            raise InputError(message)
