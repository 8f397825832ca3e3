"""Adhesion by Bell's kinetics: one bond, several bonds, one capillary, a whole bed."""

import math
import weakref
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import poisson

from ctc.backends import host_tables
from ctc.backends.host_tables import BellBed, bell_adhesion, bond_lifetime
from ctc.scenario.biology import resolve_biology
from ctc.scenario.load import load_scenario
from ctc.states import EventKind
from ctc.vessels.network import SegmentKind
from tests.physics.worlds import BED_OF_TESTS, Vessel, bolus, follow, made_world

KT = 1.380649e-23 * 310.0
PICONEWTON = 1e-12
P_SELECTIN = {"off_rate": 0.95, "bond_length": 0.04e-9}
BED = BellBed(
    wall_shear_stress=2.0,
    bore=8e-6,
    capillary_time=0.4,
    n_in_series=1.0,
    hold_time=1.0,
    pairs=np.array([[0.95, 0.04e-9, 10.0]]),
)


@pytest.mark.parametrize("force", [0.0, 50.0, 100.0, 250.0])
def test_one_bond_opens_by_bells_law(force: float) -> None:
    """1 / (k0 exp(f x_b / kT)); 100 pN open P-selectin 2.5 times as fast (Alon 1995).

    kT is held to three digits.
    """
    found = bond_lifetime(1, force=force * PICONEWTON, **P_SELECTIN)
    rate = 0.95 * math.exp(force * PICONEWTON * 0.04e-9 / KT)
    assert found == pytest.approx(1.0 / rate, rel=2e-3)
    if force == 100.0:
        assert bond_lifetime(1, force=0.0, **P_SELECTIN) / found == pytest.approx(2.54, rel=0.01)


@pytest.mark.parametrize("n_bonds", [1, 2, 10, 100])
def test_bonds_without_load_last_as_the_slowest_of_n_exponentials(n_bonds: int) -> None:
    """The mean of the largest of n exponentials is the n-th harmonic number over the rate."""
    harmonic = sum(1.0 / i for i in range(1, n_bonds + 1))
    found = bond_lifetime(n_bonds, force=0.0, **P_SELECTIN)
    assert found == pytest.approx(harmonic / 0.95, rel=1e-12)


def test_bonds_under_a_shared_load_open_as_drawn_bond_by_bond() -> None:
    """n = 2e5 histories of five bonds under 200 pN, each step at i k0 exp(f x / (i kT))."""
    n, force = 200_000, 200.0 * PICONEWTON
    generator = np.random.default_rng(7)
    time = np.zeros(n)
    for i in range(5, 0, -1):
        rate = i * 0.95 * math.exp(force * 0.04e-9 / (i * KT))
        time += generator.exponential(1.0 / rate, n)
    found = bond_lifetime(5, force=force, **P_SELECTIN)
    assert abs(found - time.mean()) < 5 * time.std() / math.sqrt(n) + 1e-3 * found


def chance(
    bed: BellBed, *, diameter: float, slowness: float = 1.0, receptors: float = 1.0
) -> float:
    found = bell_adhesion(
        bed,
        np.array([0.5 * diameter]),
        slowness=np.array([slowness], dtype=np.float32),
        receptors=np.array([receptors]),
    )
    return float(found[0])


def test_columns_of_tables_are_read_while_their_copies_are_there() -> None:
    """Columns are copied for the library; each copy must outlive the call, and no later."""
    table = np.zeros(5000, dtype=[("radius", "f8"), ("slowness", "f4"), ("receptors", "f8")])
    table["radius"] = np.linspace(3e-6, 9e-6, table.size)
    table["slowness"] = np.linspace(1.0, 3.0, table.size)
    table["receptors"] = np.linspace(0.1, 2.0, table.size)
    columns = [np.ascontiguousarray(table[name]) for name in ("radius", "slowness", "receptors")]
    expected = bell_adhesion(BED, columns[0], slowness=columns[1], receptors=columns[2])
    found = bell_adhesion(
        BED, table["radius"], slowness=table["slowness"], receptors=table["receptors"]
    )
    np.testing.assert_array_equal(found, expected)
    copy = columns.pop(0)
    alive = weakref.ref(copy)
    pointer = host_tables._pointer(copy)
    del copy
    assert alive() is not None
    del pointer
    assert alive() is None


@pytest.mark.parametrize("diameter", [6e-6, 8e-6, 12.4e-6])
@pytest.mark.parametrize("slowness", [1.0, 3.0])
def test_one_capillary_holds_by_the_poisson_number_of_its_bonds(
    diameter: float, slowness: float
) -> None:
    """The sum over bonds with SciPy's Poisson law; the force is stress times area of contact."""
    length = (2.0 / 3.0) * diameter**3 / BED.bore**2
    area = math.pi * (diameter**2 if diameter < BED.bore else BED.bore * length)
    force = BED.wall_shear_stress * area
    mean = 10.0 * BED.capillary_time * slowness
    expected = sum(
        poisson.pmf(n, mean) * math.exp(-1.0 / bond_lifetime(n, force=force, **P_SELECTIN))
        for n in range(1, 120)
    )
    assert chance(BED, diameter=diameter, slowness=slowness) == pytest.approx(expected, rel=1e-9)


def test_the_area_of_contact_keeps_the_volume_of_the_cell() -> None:
    """A cylinder as wide as the bore: pi D^2 L / 4 is the volume of the sphere."""
    diameter, bore = 12.4e-6, 8e-6
    length = (2.0 / 3.0) * diameter**3 / bore**2
    sphere = quad(lambda x: math.pi * (0.25 * diameter**2 - x**2), -0.5 * diameter, 0.5 * diameter)
    assert math.pi * bore**2 / 4.0 * length == pytest.approx(sphere[0], rel=1e-9)


def test_less_shear_more_ligand_and_longer_contact_hold_more() -> None:
    base = chance(BED, diameter=10e-6)
    assert chance(replace(BED, wall_shear_stress=4.0), diameter=10e-6) < base
    assert chance(BED, diameter=10e-6, slowness=2.0) > base
    assert chance(BED, diameter=10e-6, receptors=0.5) < base
    assert chance(replace(BED, hold_time=3.0), diameter=10e-6) < base
    assert chance(BED, diameter=10e-6, receptors=0.0) == 0.0


def test_capillaries_in_series_and_pairs_are_independent() -> None:
    one = chance(BED, diameter=10e-6)
    several = chance(replace(BED, n_in_series=7.0), diameter=10e-6)
    assert several == pytest.approx(1.0 - (1.0 - one) ** 7, rel=1e-9)
    twice = replace(BED, pairs=np.repeat(BED.pairs, 2, axis=0))
    assert chance(twice, diameter=10e-6) == pytest.approx(1.0 - (1.0 - one) ** 2, rel=1e-9)


def test_cells_stop_where_shear_is_low() -> None:
    """Two beds that differ in nothing but stress: n = 1e5 cells each, binomial errors."""
    n = 100_000
    biology = resolve_biology(load_scenario("quick", overrides=["cells.adhesion='bell'"]))
    found = []
    for stress in (0.5, 4.0):
        world = made_world(
            [
                Vessel("in", "a", transit=1e-8),
                Vessel("a", "b", kind=SegmentKind.CAPILLARY_BED, organ="gut", stress=stress),
                Vessel("b", "out", transit=1e-8),
            ],
            biology,
            capillaries={"gut": BED_OF_TESTS},
        )
        journey = follow(world, bolus(world.hops, [0], count=n), until=1.0, seed=71)
        stopped = journey.of_kind(EventKind.ARRESTED).size
        weight = np.diff(world.tables.size_threshold / 2.0**64, prepend=0.0)
        expected = float((weight * world.tables.beds["arrest"] / 2.0**64).sum())
        error = math.sqrt(n * expected * (1.0 - expected))
        assert abs(stopped - n * expected) < 5 * error
        found.append(stopped)
    assert found[0] > 1.1 * found[1]


def test_ligands_differ_between_organs() -> None:
    """Marrow has E-selectin; an organ without entries takes the default of each pair."""
    adhesion = resolve_biology(load_scenario("quick", overrides=["cells.adhesion='bell'"])).adhesion
    assert adhesion is not None
    assert adhesion.ligand("red marrow", "e_selectin") > 0.0
    assert adhesion.ligand("liver", "e_selectin") == 0.0
    assert adhesion.ligand("liver", "integrin") == adhesion.ligand("no such organ", "integrin")
    assert resolve_biology(load_scenario("quick")).adhesion is None
