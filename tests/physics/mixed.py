"""The mixed world: a small loop where every branch of a cell's life is taken in two hours."""

from __future__ import annotations

from typing import Any

from ctc.backends.base import Backend
from ctc.scenario.biology import Biology
from ctc.simulation.epochs import Simulation
from ctc.simulation.setting import Setting
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import (
    Vessel,
    World,
    living,
    made_setting,
    made_world,
    shedding,
    with_clocks,
)

# Rates [1/s] at which every branch of a life is taken within an hour.
QUICK_CLOCKS = {
    "release_rate": 1e-3,
    "extravasation_rate": 1e-3,
    "immune_death_rate": 5e-4,
    "other_death_rate": 2e-4,
    "tissue_death_rate": 2e-4,
    "dormancy_rate": 4e-4,
    "colony_rate": 1e-4,
    "escape_rate": 2e-4,
    "dormant_death_rate": 1e-4,
}
UNTREATED = {
    "treatment_death_arrested": 0.0,
    "treatment_death_tissue": 0.0,
    "treatment_death_dormant": 0.0,
}
MIXED_VESSELS = (
    Vessel("heart", "root", transit=1.5, kind=SegmentKind.HEART_CHAMBER),
    Vessel("root", "left", flow=0.25, transit=2.0, radius=2.0**-12),
    Vessel("root", "right", flow=0.5, transit=0.75),
    Vessel("root", "middle", flow=0.25, transit=0.5, radius=2.0**-14),
    Vessel("left", "back", flow=0.25, kind=SegmentKind.CAPILLARY_BED, organ="gut"),
    Vessel("right", "back", flow=0.5, kind=SegmentKind.CAPILLARY_BED, organ="liver"),
    Vessel("middle", "back", flow=0.25, transit=0.25, kind=SegmentKind.VENULE, organ="gut"),
    Vessel("back", "heart", transit=3.0, kind=SegmentKind.VEIN),
)
HEART, MIXED_VENULE, LAST_VEIN = 0, 6, 7


def mixed_biology(**changes: Any) -> Biology:
    """Return cells that die, attach, stop, pass, leave the vessels, sleep and found colonies."""
    clocks = {name: changes.pop(name, rate) for name, rate in (QUICK_CLOCKS | UNTREATED).items()}
    numbers = {
        "attach_probability": 1e-5,
        "diameter_median": 12e-6,
        "diameter_sigma": 0.25,
        "n_size_classes": 4,
        "effective_diameter_ratio": 0.75,
        "arrest_midpoint": 1.6,
        "arrest_width": 0.2,
        "passing_slowness": 20.0,
        "adhesive_fraction": 0.25,
        "adhesion_probability": 0.125,
        "shear_sensitivity": 1e-4,
        "immune_hazard": 5e-5,
        "anoikis_hazard": 5e-5,
    }
    return with_clocks(living(**(numbers | changes)), **clocks)


def mixed_world(**changes: Any) -> World:
    """Return a loop with beds, a chamber and every clock."""
    return made_world(MIXED_VESSELS, mixed_biology(**changes))


def mixed_setting(world: World | None = None, *, cells: int = 5000, **options: Any) -> Setting:
    """Return two hours in the mixed world: a bolus and a source that sheds for an hour.

    ``stop`` [s] lets it shed longer.
    """
    there = world or mixed_world()
    stop = options.pop("stop", 3600.0)
    sources = (
        shedding(there, LAST_VEIN, cells=cells),
        shedding(there, MIXED_VENULE, rate=cells / 3600.0, stop=stop),
    )
    epochs = options.pop("epochs", (1800.0, 3600.0, 5400.0, 7200.0))
    return made_setting(there, sources, epochs=epochs, **options)


def digest_of_run(
    setting: Setting,
    backend: Backend,
    *,
    chunk: int | None = None,
    event_capacity: int | None = None,
) -> str:
    """Return the digest of all epochs."""
    simulation = Simulation(setting, backend, chunk=chunk, event_capacity=event_capacity)
    for _ in simulation.epochs():
        pass
    return simulation.digest()
