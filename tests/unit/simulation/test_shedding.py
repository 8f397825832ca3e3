"""Shedding: entry sites, numbers of newborns, and the epoch of a bolus."""

from dataclasses import replace

import numpy as np
import pytest

from ctc.backends.host_tables import poisson
from ctc.errors import InputError
from ctc.simulation.hop_table import HopTable, build_hop_table
from ctc.simulation.identities import Identities
from ctc.simulation.shedding import SheddingSource, entry_sites, litters
from tests.physics.worlds import Vessel, bolus, made_vessels, made_world, set_out

NS = 10**9
FULL = 2**64 - 1


def after(n_shed: int) -> Identities:
    """Identities of a patient that shed so many cells before."""
    identities = Identities()
    identities.take(n_shed)
    return identities


@pytest.fixture(scope="module")
def hops() -> HopTable:
    return build_hop_table(*made_vessels([Vessel(f"n{i}", f"n{i + 1}") for i in range(6)]))


def source(hops: HopTable, *, rate: float, start: int, stop: int, cells: int = 0) -> SheddingSource:
    sites = entry_sites(hops, np.array([0]), weight=np.ones(1), place="x")
    return SheddingSource(sites, rate, start, stop, cells, 0, "x")


def test_thresholds_are_the_cumulative_weights(hops: HopTable) -> None:
    sites = entry_sites(hops, np.array([1, 3, 5]), weight=np.array([1.0, 2.0, 1.0]), place="x")
    assert sites.record.tolist() == hops.record[[1, 3, 5]].tolist()
    assert [int(t) for t in sites.threshold] == [2**62, 3 * 2**62, FULL]


def test_sites_without_weight_are_left_out(hops: HopTable) -> None:
    weight = np.array([0.0, 2.0, 0.0, 2.0])
    sites = entry_sites(hops, np.array([0, 1, 2, 3]), weight=weight, place="x")
    assert sites.record.tolist() == hops.record[[1, 3]].tolist()
    assert int(sites.threshold[-1]) == FULL


def test_tiny_last_weights_do_not_break_the_thresholds(hops: HopTable) -> None:
    weight = np.array([1.0, 1e-30, 1e-300])
    sites = entry_sites(hops, np.array([0, 1, 2]), weight=weight, place="x")
    assert (np.diff(sites.threshold.astype(object)) >= 0).all()
    assert int(sites.threshold[-1]) == FULL


def test_a_place_without_flow_is_refused(hops: HopTable) -> None:
    with pytest.raises(InputError, match="got 'spleen' with no open vessel"):
        entry_sites(hops, np.array([0]), weight=np.zeros(1), place="spleen")


def test_cells_enter_by_weight() -> None:
    """n = 1e5 over weights 1 : 2 : 5; binomial, five standard errors."""
    n, weight = 100_000, np.array([1.0, 2.0, 5.0])
    world = made_world([Vessel(f"n{i}", f"n{i + 1}") for i in range(3)])
    launches = set_out(world, bolus(world.hops, [0, 1, 2], count=n, weight=weight)).launches
    at = world.hops.segment[launches.population.on_host()["segment"]]
    share = weight / weight.sum()
    error = np.sqrt(n * share * (1 - share))
    assert (np.abs(np.bincount(at, minlength=3) - n * share) < 5 * error).all()


def test_births_are_spread_evenly_over_their_time() -> None:
    """n = 1e5 over 7 to 17 s: mean 12 s with error 10 / sqrt(12 n); all inside."""
    n = 100_000
    world = made_world([Vessel("a", "b")])
    litter = bolus(world.hops, [0], count=n, start=7 * NS, duration=10 * NS)
    born = set_out(world, litter).launches.population.on_host()["entry_time"]
    assert born.min() >= 7 * NS
    assert born.max() < 17 * NS
    assert abs(born.mean() / NS - 12.0) < 5 * 10.0 / np.sqrt(12 * n)


@pytest.mark.parametrize(
    ("at", "epoch"), [(0, 0), (1, 0), (10 * NS - 1, 0), (10 * NS, 1), (19 * NS, 1)]
)
def test_a_bolus_comes_in_the_epoch_that_holds_its_moment(
    hops: HopTable, at: int, epoch: int
) -> None:
    sources = (source(hops, rate=0.0, start=at, stop=at, cells=7),)
    for number in range(3):
        start, end = number * 10 * NS, (number + 1) * 10 * NS
        born = litters(sources, epoch=number, start=start, end=end, seed=1, identities=after(100))
        assert [(b.count, b.start, b.duration) for b in born] == (
            [(7, at, 0)] if number == epoch else []
        )


def test_ids_are_dense_over_sources() -> None:
    hops = build_hop_table(*made_vessels([Vessel("a", "b")]))
    sources = tuple(source(hops, rate=10.0, start=0, stop=100 * NS) for _ in range(3))
    born = litters(sources, epoch=0, start=0, end=50 * NS, seed=4, identities=after(1000))
    first = 1000
    for litter in born:
        assert litter.first_id == first
        first += litter.count
    assert first > 1000


def test_only_the_part_of_an_epoch_in_which_a_source_sheds_counts(hops: HopTable) -> None:
    sources = (source(hops, rate=1e3, start=15 * NS, stop=32 * NS),)
    found = [
        litters(
            sources, epoch=e, start=e * 10 * NS, end=(e + 1) * 10 * NS, seed=1, identities=after(0)
        )
        for e in range(5)
    ]
    spans = [[(b.start, b.duration) for b in born] for born in found]
    assert spans == [
        [],
        [(15 * NS, 5 * NS)],
        [(20 * NS, 10 * NS)],
        [(30 * NS, 2 * NS)],
        [],
    ]
    for born, mean in zip(found[1:4], (5e3, 1e4, 2e3), strict=True):
        assert abs(born[0].count - mean) < 5 * np.sqrt(mean)


def test_numbers_are_poisson_and_keyed_by_seed_epoch_and_source(hops: HopTable) -> None:
    """Words of NumPy's Philox for key (seed, 1) and counter (0, patient, source, epoch)."""
    plain = source(hops, rate=3.0, start=0, stop=10**6 * NS)
    sources = tuple(
        replace(plain, clone=5 + number, number=number, patient=patient)
        for patient in (0, 2**22)
        for number in range(2)
    )
    for seed in (0, 7, 2**63 + 12345, 2**64 - 1):
        for epoch in (0, 5):
            born = litters(
                sources, epoch=epoch, start=0, end=100 * NS, seed=seed, identities=after(0)
            )
            for own, litter in zip(sources, born, strict=True):
                key = np.array([seed, 1], dtype=np.uint64)
                counter = np.array([0, own.patient, own.number, epoch], dtype=np.uint64)
                word = int(np.random.Philox(key=key, counter=counter).random_raw())
                assert litter.count == poisson(300.0, word)


def test_large_seeds_are_not_rounded_to_floats(hops: HopTable) -> None:
    """Seeds of 2^63 and more once passed through float64, where neighbours are one."""
    sources = (source(hops, rate=1e4, start=0, stop=10**6 * NS),)
    counts = {
        litters(sources, epoch=0, start=0, end=100 * NS, seed=seed, identities=after(0))[0].count
        for seed in (2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1)
    }
    assert len(counts) == 4
