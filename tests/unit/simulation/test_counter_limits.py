"""Counters near their limits: exact up to there, and refused beyond with a word, never wrapped.

``kernels/README.md`` has the table of all of them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ctc.backends.base import choose_backend
from ctc.backends.host_tables import binomial, poisson
from ctc.epoch_rows import EpochRows
from ctc.errors import DeviceFaultError, InputError
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.schema import MOST_ENTRIES, Settings
from ctc.scenario.tumours import LesionBiology
from ctc.simulation import lesions as lesions_module
from ctc.simulation.dormant import DormantCells
from ctc.simulation.emission import emission_of
from ctc.simulation.epochs import MOST_HOPS, EpochResult, Simulation
from ctc.simulation.genealogy import LITTER, Genealogy
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.host_draws import Purpose
from ctc.simulation.identities import SERIAL_BITS, SERIAL_MASK, Identities
from ctc.simulation.ledger import Ledger
from ctc.simulation.lesions import MOST_LESIONS, Lesions
from ctc.simulation.shard import MOST_DRAWS
from ctc.states import CellState, EventKind
from tests.physics.mixed import MIXED_VENULE, MIXED_VESSELS, mixed_biology
from tests.physics.worlds import World, bolus, made_setting, made_world, set_out, shedding

FEW = settings(max_examples=50, deadline=None)
COUNTS = st.integers(0, 2**SERIAL_BITS)
N_CELLS = 300
SECOND = 10**9
CENTURIES = 200 * 365.25 * 86400.0  # [s] the longest time that a scenario may name


@pytest.fixture(scope="module")
def world() -> World:
    return made_world(MIXED_VESSELS, mixed_biology())


def begun(world: World, *, n_epochs: int = 2, after: float = 0.0) -> Simulation:
    """Return a simulation of a bolus with an epoch done, which began after so many seconds."""
    ends = [after + 1800.0 * (k + 1) for k in range(n_epochs)]
    source = shedding(world, MIXED_VENULE, cells=N_CELLS)
    simulation = Simulation(made_setting(world, [source], epochs=ends), choose_backend("cpu"))
    simulation.step()
    return simulation


def gone_on(world: World, **state: Any) -> EpochResult:
    """Take the next step from a state in which some values were others."""
    before = begun(world)
    after = Simulation(before.setting, choose_backend("cpu"))
    after.restore(before.state() | state)
    return after.step()


@FEW
@given(st.integers(0, 2**23 - 1), st.lists(COUNTS, max_size=20))
def test_identities_never_reach_those_of_the_next_patient(patient: int, counts: list[int]) -> None:
    identities, n_taken = Identities(patient), 0
    for count in counts:
        if n_taken + count > 2**SERIAL_BITS:
            with pytest.raises(InputError, match=r"at most 2\^40 = 1,099,511,627,776"):
                identities.take(count)
            continue
        first = identities.take(count)
        assert (first, first + count) == (
            (patient << SERIAL_BITS) + n_taken,
            (patient << SERIAL_BITS) + n_taken + count,
        )
        n_taken += count
        # Exact as uint64 and as int64, which sorting and files use.
        assert int(np.uint64(first)) == first < 2**63
    assert identities.n_taken == n_taken


def test_a_run_that_has_had_all_its_identities_is_refused_and_not_wrapped(world: World) -> None:
    ends = [1800.0, 3600.0]
    source = shedding(world, MIXED_VENULE, rate=1.0, stop=3600.0)
    simulation = Simulation(made_setting(world, [source], epochs=ends), choose_backend("cpu"))
    simulation.step()
    simulation.ward.patients[0].identities.n_taken = SERIAL_MASK - 10
    with pytest.raises(InputError, match="cells of a patient must be at most"):
        simulation.step()


@FEW
@given(
    st.integers(0, 2**23 - 1),
    st.lists(st.integers(1, 2**34), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_the_litter_of_an_identity_is_found_exactly(
    patient: int, counts: list[int], random: Any
) -> None:
    """float64 would confuse neighbours from 2^53 on, which is patient 8192."""
    genealogy, identities = Genealogy(), Identities(patient)
    firsts = [identities.take(count) for count in counts]
    genealogy.add((f, n, -1 - k, k, 0) for k, (f, n) in enumerate(zip(firsts, counts, strict=True)))
    chosen = [random.randrange(len(counts)) for _ in range(20)]
    edges = [f for k in chosen for f in (firsts[k], firsts[k] + counts[k] - 1)]
    rows = genealogy.places(np.array(edges, dtype=np.uint64))
    assert rows.tolist() == [k for k in chosen for _ in range(2)]
    assert genealogy.rows.dtype == LITTER


@FEW
@given(st.lists(st.integers(1, 2**36), min_size=1, max_size=8), st.integers(1, 100))
def test_shards_share_out_every_newborn_cell_once(counts: list[int], n_parts: int) -> None:
    hops = made_world(MIXED_VESSELS[:1]).hops
    first, litters = (2**23 - 1) << SERIAL_BITS, []
    for count in counts:
        litters.append(bolus(hops, [0], count=count, first_id=first))
        first += count
    whole = emission_of(litters)
    parts = [whole.part(number, n_parts) for number in range(n_parts)]
    assert sum(part.count for part in parts) == whole.count == sum(counts)
    spans = []
    for part in (each for each in parts if each.count):
        ends = [*part.litters["first_number"].tolist()[1:], part.count]
        starts = part.litters["first_number"].tolist()
        ids = part.litters["first_id"].tolist()
        spans += [(i, i + e - s) for i, s, e in zip(ids, starts, ends, strict=True)]
    spans.sort()
    assert spans[0][0] == litters[0].first_id
    assert spans[-1][1] == first
    assert all(one[1] == two[0] for one, two in pairwise(spans))


@pytest.mark.parametrize("hops", [2**53 + 1, MOST_HOPS - 10**7])
def test_hops_are_counted_exactly_up_to_their_limit(world: World, hops: int) -> None:
    plain = gone_on(world, hops=0)
    result = gone_on(world, hops=hops)
    assert result.books.hops == hops + plain.books.hops


def test_more_hops_than_63_bits_are_refused(world: World) -> None:
    with pytest.raises(InputError, match=r"hops must be at most 9,223,372,036,854,775,807"):
        gone_on(world, hops=MOST_HOPS)


@pytest.mark.parametrize("n", [2**53 + 1, 2**62])
def test_sums_by_organ_are_exact(world: World, n: int) -> None:
    before = begun(world)
    sums = np.full_like(before.organ_sums, n)
    result = gone_on(world, organ_sums=sums)
    grown = gone_on(world, organ_sums=np.zeros_like(sums)).books.organ_sums
    np.testing.assert_array_equal(result.books.organ_sums - np.uint64(n), grown)
    assert grown.any()


@pytest.mark.parametrize("draw", [MOST_DRAWS - 10**6, MOST_DRAWS - 1])
def test_a_cell_that_uses_up_its_random_draws_stops_the_run(world: World, draw: int) -> None:
    """A bit of 32 is left when it does, so no word is ever drawn twice."""
    before = begun(world).state()
    draws = before["cell_draw"].copy()
    draws[:] = draw + draw % 2
    if draw < MOST_DRAWS - 10**5:
        gone_on(world, cell_draw=draws)
        return
    with pytest.raises(InputError, match=r"random draws of a cell must be at most 2,147,483,647"):
        gone_on(world, cell_draw=draws)


def test_a_run_that_ends_after_200_years_has_the_events_of_an_early_one(
    world: World,
) -> None:
    """The clock is int64 nanoseconds: no event is rounded where float64 has a grain of 1 us.

    No draw hangs on the time, so the events are the same, later.
    """
    hour, late = 3600, round(CENTURIES) - 3600

    def events(start: int) -> np.ndarray:
        ends = [start + hour / 2, start + hour]
        simulation = Simulation(
            made_setting(
                world,
                [_at(shedding(world, MIXED_VENULE, cells=N_CELLS), start * SECOND)],
                epochs=[start, *ends],
            ),
            choose_backend("cpu"),
        )
        found = [epoch.events for epoch in simulation.epochs()]
        rows = np.concatenate(found)
        rows["time"] -= start * SECOND
        return rows

    early, later = events(hour), events(late)
    assert early.size > N_CELLS
    cells = ["cell", "kind", "cause", "segment", "number"]
    resting = np.isin(early["kind"], (EventKind.DORMANT, EventKind.COLONY))
    assert resting.any()
    np.testing.assert_array_equal(early[["time", *cells]], later[["time", *cells]])


def _at(source: Any, time: int) -> Any:
    return replace(source, start=time, stop=time)


def test_a_lineage_that_is_to_die_out_late_in_a_long_run_does_not_die_at_once() -> None:
    """Founded after 199 years, with a life of decades: the sum would pass 2^63 ns."""
    biology = LesionBiology(GrowthLaw(GrowthKind.EXPONENTIAL, 1e9), cell_loss_factor=0.99)
    lesions = Lesions([40 * 365.25 * 86400.0], biology, seed=1)
    n = 4000
    events = np.zeros(n, dtype=[("time", "<i8"), ("cell", "<u8"), ("clone", "<u2")])
    events["time"] = round((CENTURIES - 365.25 * 86400.0) * NANOSECONDS)
    events["cell"] = np.arange(n)
    here = np.arange(n)
    lesions.found(
        events, organ=np.zeros(n, dtype=np.int64), segment=here, litters=np.zeros(n, dtype=LITTER)
    )
    founded, ends = lesions.rows["founded"], lesions.rows["dies_out"]
    assert (ends >= founded).all()
    assert (ends > founded + round(50 * 365.25 * 86400 * NANOSECONDS)).any()


def test_a_fault_names_the_cell_of_a_patient_beyond_the_56_bits_of_a_fault(world: World) -> None:
    first = (2**23 - 2) << SERIAL_BITS
    journey = set_out(world, bolus(world.hops, [MIXED_VENULE], count=5, first_id=first))
    journey.launches.population.arrays()["segment"][3] = 10**6
    with pytest.raises(DeviceFaultError) as raised:
        journey.launches.advance(10**9)
    assert raised.value.cell == int(journey.launches.population.arrays()["id"][3]) >= first
    assert "segment of record 1000000" in raised.value.place


def test_lesions_end_before_the_identities_of_primary_tumours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_LESIONS + 2**16 == 2**32
    monkeypatch.setattr(lesions_module, "MOST_LESIONS", 0)
    with pytest.raises(InputError, match="lesions must be at most 0, got"):
        gone_on(world)


@pytest.mark.parametrize(("n_lesions", "is_refused"), [(9, False), (10, True)])
def test_cells_of_lesions_in_an_organ_are_no_sum_that_wraps(
    world: World, n_lesions: int, is_refused: bool
) -> None:
    """Each as large as a lesion may be, 1e18 cells; 2^63 is 9.2e18."""
    simulation = begun(world)
    result = simulation.step()
    lesions = result.books.lesions
    lesions.biology = LesionBiology(GrowthLaw(GrowthKind.EXPONENTIAL, 1e18))
    lesions.rows = np.repeat(lesions.rows[:1], n_lesions)
    lesions.rows["lesion"] = np.arange(n_lesions)
    lesions.rows["start"], lesions.rows["fate"], lesions.rows["organ"] = 1e18, 0, 0
    lesions.rows["dies_out"] = np.iinfo(np.int64).max
    named = np.zeros(0, dtype=np.int64)
    rows = EpochRows(simulation.setting, result, named=named, wall_time=0.0)
    if is_refused:
        with pytest.raises(InputError, match=r"cells of lesions in an organ must be at most"):
            rows.series_and_tallies()
        return
    cells = rows.series_and_tallies()[0]["cells"]
    assert int(cells[0]) == n_lesions * 10**18 + int(
        result.counts[[CellState.ARRESTED, CellState.EXTRAVASATED, CellState.DORMANT], 0].sum()
    )


@FEW
@given(st.lists(st.integers(0, 2**SERIAL_BITS), min_size=3, max_size=3))
def test_the_ledger_is_exact_for_as_many_cells_as_there_can_be(ended: list[int]) -> None:
    """2^40 cells of 2^23 patients are 2^63: no float, no narrow sum."""
    kinds = (EventKind.DIED, EventKind.COLONY, EventKind.EXITED)
    ledger = Ledger(n_organs=3)
    held = np.zeros(len(CellState), dtype=np.int64)
    held[CellState.DORMANT] = 2**61 + 1
    for kind, count in zip(kinds, ended, strict=True):
        ledger.by_kind[kind, 1] = count
    ledger.n_shed = 2**61 + 1 + sum(ended)
    ledger.check(held)
    assert int(ledger.by_state(held).sum()) == ledger.n_shed
    ledger.n_shed += 1
    with pytest.raises(Exception, match="cells must be conserved"):
        ledger.check(held)


@FEW
@given(
    st.integers(1, 2**40),
    st.floats(0.0, 1.0, exclude_max=True),
    st.integers(0, 2**64 - 1),
)
def test_a_binomial_number_of_many_is_among_them_and_near_the_mean(
    n: int, chance: float, bits: int
) -> None:
    """64 random bits reach 9 standard deviations; a skewed tail of rare events 90 of one mean."""
    found = int(
        binomial(
            np.array([n], dtype=np.uint64),
            np.array([chance]),
            np.array([1.0 - chance]),
            np.array([bits], dtype=np.uint64),
        )[0]
    )
    assert 0 <= found <= n
    mean = n * chance
    assert abs(found - mean) <= 10.0 * math.sqrt(mean * (1.0 - chance)) + 100.0


@FEW
@given(st.floats(0.0, 1e12), st.integers(0, 2**64 - 1))
def test_a_poisson_number_of_a_large_mean_is_near_it(mean: float, bits: int) -> None:
    assert abs(poisson(mean, bits) - mean) <= 10.0 * math.sqrt(mean) + 100.0


@pytest.mark.parametrize("count", [2**31, 2**40 - 1])
def test_dormant_cells_of_one_row_are_moved_without_losing_any(world: World, count: int) -> None:
    """More than 32 bits asleep in one segment: what leaves, dies, wakes and stays adds up."""
    begun_now = begun(world)
    dormant: DormantCells = begun_now.dormant
    dormant.count[:] = 0
    dormant.count[0] = count
    no_colonies = dormant.by_organ().sum()
    assert int(no_colonies) == count
    # A short stretch: each cell that wakes is an event of its own.
    woken = dormant.awaken(1, start=0, end=1000)
    left = int(dormant.by_organ().sum())
    assert left + woken.colonies.size + int((woken.died + woken.killed).sum()) == count
    assert left < count or count < 2**35


def test_beds_passed_stay_at_the_most_that_16_bits_hold(world: World) -> None:
    before = begun(world)
    passes = np.full_like(before.state()["cell_passes"], 0xFFFE)
    after = Simulation(before.setting, choose_backend("cpu"))
    after.restore(before.state() | {"cell_passes": passes})
    released = after.step().events
    released = released[released["kind"] == EventKind.RELEASED]
    assert released.size
    assert set(released["passes"].tolist()) <= {0xFFFE, 0xFFFF}
    assert (released["passes"] == 0xFFFF).any()


def test_sources_of_patients_together_are_at_most_what_a_label_holds(world: World) -> None:
    settings = made_setting(world, [shedding(world, MIXED_VENULE, cells=1)], epochs=[60.0])
    many = replace(settings, sources=settings.sources * (2**16 + 1))
    with pytest.raises(InputError, match="have at most 65536 sources, got 65537"):
        Simulation(many, choose_backend("cpu"))


@pytest.mark.parametrize("name", ["start_node", "organ", "region", "name"])
def test_an_index_of_a_network_is_not_cut_to_another_valid_one(world: World, name: str) -> None:
    """2^32 + 1 as int32 is 1, and 2^16 + 1 as int16 too."""
    network = world.network
    wide = getattr(network, name).astype(np.int64)
    wide[2] = 2 ** (8 * getattr(network, name).itemsize) + 1
    with pytest.raises(InputError, match=f"{name} must be at most .*, got {wide[2]} at segment 2"):
        replace(network, **{name: wide})


@pytest.mark.parametrize("table", ["examination", "treatment"])
def test_a_calendar_has_no_more_entries_than_random_numbers_of_their_own(table: str) -> None:
    assert Purpose.EXAMINATION + MOST_ENTRIES <= Purpose.TREATMENT
    entry = {"kind": "ct", "at": "1 h"}
    if table == "treatment":
        entry = {"kind": "surgery", "at": "1 h"}
    known = {
        "scenario": {"title": "a"},
        "run": {"duration": "1 day"},
        "source": [{"kind": "tumour", "organ": "breast", "mass": "1 g"}],
    }
    assert Settings.model_validate(known | {table: [entry] * 10})
    with pytest.raises(ValidationError, match="at most 4000 items"):
        Settings.model_validate(known | {table: [entry] * (MOST_ENTRIES + 1)})
