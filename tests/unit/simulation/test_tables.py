"""Tables: a biology in the units of the kernels."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.host_tables import transit_quantiles
from ctc.backends.records import BED, CLOCK_BITS, SURVIVAL_BITS, TICK_BITS
from ctc.errors import InputError
from ctc.scenario.biology import Biology
from ctc.scenario.surroundings import Margination
from ctc.simulation.hop_table import build_hop_table
from ctc.simulation.tables import Tables, build_tables
from ctc.vessels.network import SegmentKind
from tests.physics.mixed import mixed_world
from tests.physics.worlds import (
    BED_OF_TESTS,
    BLOOD,
    NO_CLOCKS,
    Vessel,
    living,
    made_vessels,
    made_world,
)

NS = 1e9


def tables_of(biology: Biology) -> Tables:
    vessels = [
        Vessel("a", "b", organ="gut"),
        Vessel("b", "c", kind=SegmentKind.CAPILLARY_BED, organ="gut"),
        Vessel("c", "d", kind=SegmentKind.CAPILLARY_BED, organ="liver"),
        Vessel("d", "a", kind=SegmentKind.VEIN),
    ]
    return made_world(vessels, biology).tables


def test_hazards_are_spent_per_nanosecond() -> None:
    tables = tables_of(living(shear_sensitivity=2e-5, immune_hazard=1e-5, anoikis_hazard=1e-5))
    hazard = tables.classes["hazard"][tables.classes["hazard"] > 0]
    np.testing.assert_allclose(hazard, 4e-5 * 2.0**SURVIVAL_BITS / NS, rtol=1e-7)


def test_causes_are_cumulative_shares_and_the_last_is_certain() -> None:
    tables = tables_of(living(shear_sensitivity=2.0, immune_hazard=1.0, anoikis_hazard=1.0))
    first = tables.classes[0]
    assert int(first["to_shear"]) == 2**31
    assert int(first["to_immune"]) == 3 * 2**30
    assert int(first["to_anoikis"]) == 2**32 - 1


def test_each_vessel_has_the_hazard_of_its_own_stress() -> None:
    """h = k tau^2 for stresses that are farther apart than a class is wide."""
    stress = [0.5, 1.0, 3.0, 9.0]
    vessels = [Vessel(f"n{i}", f"n{i + 1}", stress=tau) for i, tau in enumerate(stress)]
    world = made_world(vessels, living(shear_sensitivity=2e-5, anoikis_hazard=1e-5))
    number = world.hops.records["bore_class"][world.hops.record] & 0xFFF
    rates = world.tables.classes[number]
    hazard = 2e-5 * np.square(stress) + 1e-5
    np.testing.assert_allclose(rates["hazard"], hazard * 2.0**SURVIVAL_BITS / NS, rtol=1e-6)
    share = 2e-5 * np.square(stress) / hazard
    np.testing.assert_allclose(rates["to_shear"] / 2.0**32, share, atol=1e-9)


def test_each_organ_has_its_own_law_of_transit() -> None:
    """Organs of equal shape share a row of quantiles."""
    organs = {"gut": 1.0, "liver": 4.0, "lung": 1.0}
    network, flow = made_vessels(
        [
            Vessel(f"n{i}", f"n{i + 1}", kind=SegmentKind.CAPILLARY_BED, organ=organ)
            for i, organ in enumerate(organs)
        ]
    )
    tables = build_tables(
        build_hop_table(network, flow),
        BLOOD,
        organ_names=network.organ_names,
        capillaries=dict.fromkeys(organs, BED_OF_TESTS),
        transit_shapes=organs,
    )
    assert tables.beds["law"].reshape(3, -1)[:, 0].tolist() == [0, 1, 0]
    expected = np.concatenate([transit_quantiles(1.0), transit_quantiles(4.0)])
    np.testing.assert_array_equal(tables.bed_quantiles, expected)


def test_margination_is_the_inverse_of_staying() -> None:
    """A chance of 1 stretches the smallest deviate, 2^-24, to the last streamline."""
    for chance, stretch in ((0.0, 1.0), (0.75, 4.0), (1.0, 2.0**24)):
        assert tables_of(living(margination=Margination(chance))).margination == stretch


@pytest.mark.parametrize("biology", [living(), living(shear_sensitivity=1e-25)])
def test_hazards_too_small_to_matter_are_none(biology: Biology) -> None:
    assert (tables_of(biology).classes["hazard"] == 0.0).all()


def test_a_toll_is_the_logarithm_of_passing() -> None:
    tables = tables_of(living(attach_probability=0.25))
    toll = np.unique(tables.classes["toll"])
    np.testing.assert_allclose(toll, [0.0, -np.log(0.75) * 2.0**SURVIVAL_BITS], rtol=1e-7)


def test_clocks_are_cumulative_rates_per_tick() -> None:
    """Rounded to whole units: a rate of 1e-8 /s is met to 2.6e-6 of itself."""
    gut = replace(NO_CLOCKS, release_rate=1e-8, extravasation_rate=2e-8, other_death_rate=3e-3)
    biology = living(organs={"gut": gut})
    clocks = tables_of(biology).clocks.reshape(3, 4)
    tick = 2.0**CLOCK_BITS * 2.0**TICK_BITS / NS
    arrested = clocks[0, 0]
    np.testing.assert_allclose(int(arrested["to_first"]), 1e-8 * tick, rtol=2.7e-6)
    np.testing.assert_allclose(int(arrested["to_second"]), 3e-8 * tick, rtol=2.7e-6)
    assert arrested["to_immune"] == arrested["to_second"]
    np.testing.assert_allclose(int(arrested["total"]), (3e-8 + 3e-3) * tick, rtol=1e-9)
    assert (clocks["total"].astype(np.int64)[1:] == 0).all()
    assert clocks["total"][0].tolist()[1:] == [0, 0, 0]


def test_the_largest_rates_leave_room_in_64_bits() -> None:
    """Budgets are below 38.2 * 2^58; more than 4000 /s in all is refused."""
    quick = replace(NO_CLOCKS, **dict.fromkeys(["release_rate", "extravasation_rate"], 2000.0))
    total = int(tables_of(living(default_clocks=quick)).clocks["total"].max())
    assert total + 38.2 * 2.0**CLOCK_BITS < 2.0**64
    with pytest.raises(InputError, match="must sum to <= 4000 1/s, got 4001 1/s"):
        tables_of(living(default_clocks=replace(quick, other_death_rate=1.0)))


def test_sizes_come_twice_without_and_with_adhesion() -> None:
    biology = living(
        diameter_median=12e-6,
        diameter_sigma=0.2,
        n_size_classes=5,
        effective_diameter_ratio=0.7,
        adhesive_fraction=0.125,
        adhesion_probability=0.5,
        arrest_midpoint=2.0,
        arrest_width=0.1,
    )
    tables = tables_of(biology)
    assert tables.n_size_classes == 10
    radius = tables.sizes["radius"]
    np.testing.assert_array_equal(radius[:5], radius[5:])
    np.testing.assert_array_equal(radius, tables.sizes["chain_radius"])
    share = np.diff(tables.size_threshold / 2.0**64, prepend=0.0)
    np.testing.assert_allclose(share, [0.175] * 5 + [0.025] * 5, rtol=1e-12)
    chance = tables.beds["arrest"].reshape(2, 2, 5) / 2.0**64
    np.testing.assert_allclose(chance[:, 1], 1 - 0.5 * (1 - chance[:, 0]), rtol=1e-12)


def test_all_cells_adhesive_is_as_near_to_certain_as_a_word_allows() -> None:
    assert tables_of(living(adhesive_fraction=1.0)).size_threshold.tolist() == [0, 2**64 - 1]


def test_beds_have_rows_of_their_own() -> None:
    world = mixed_world()
    numbers = [c.number for c in world.hops.classes if c.behaviour == BED]
    assert sorted(world.tables.classes["bed"][numbers].tolist()) == [0, 1]
    assert world.tables.beds.size == 2 * world.tables.n_size_classes
