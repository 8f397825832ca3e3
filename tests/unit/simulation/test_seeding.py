"""Secondary seeding: what lesions shed, whose children grow, in the same bits each time."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.backends.records import EVENT
from ctc.errors import InputError
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation import genealogy
from ctc.simulation.entry_sites import EntrySites
from ctc.simulation.epochs import Simulation
from ctc.simulation.genealogy import LITTER, Genealogy
from ctc.simulation.identities import Identities
from ctc.simulation.lesions import Lesions
from ctc.simulation.seeding import LesionVessels, lesion_litters
from ctc.simulation.setting import Setting
from ctc.states import Route
from ctc.vessels.network import SegmentKind
from tests.physics.mixed import mixed_setting, mixed_world
from tests.physics.worlds import Vessel, made_world

NS = 10**9
FULL = 2**64 - 1
HOURS = tuple(3600.0 * k for k in range(1, 5))
# Lesions double in ten minutes, have vessels from 8 cells on, and shed 2e-5 /s a cell.
SEEDING = LesionBiology(
    GrowthLaw(GrowthKind.EXPONENTIAL, 300.0),
    shedding_rate=2e-5,
    vascular_cells=8.0,
    balance_share=0.3,
    balance_cells=20.0,
    waking_rate=1e-4,
    loss_rate=1e-4,
    surveillance_cells=4.0,
)


def after(n_shed: int) -> Identities:
    """Identities of a patient that shed so many cells before."""
    identities = Identities()
    identities.take(n_shed)
    return identities


def setting(**changes: Any) -> Setting:
    laws = replace(SEEDING, **changes)
    world = mixed_world()
    made = mixed_setting(world, cells=300, epochs=HOURS, doubling_time=600.0, lesions=laws)
    return replace(made, routes=np.arange(8, dtype=np.uint8) % 5)


def run(chunk: int = 2**16, stops: tuple[int, ...] = ()) -> Simulation:
    """Return a finished simulation; its state is taken up anew after the epochs ``stops``."""
    laid_out = setting()
    simulation = Simulation(laid_out, choose_backend("cpu"), chunk=chunk)
    while not simulation.is_finished:
        simulation.step()
        if simulation.n_epochs_done in stops:
            state = simulation.state()
            simulation = Simulation(laid_out, choose_backend("cpu"), chunk=chunk)
            simulation.restore(state)
    return simulation


@pytest.fixture(scope="module")
def whole() -> Simulation:
    return run()


def test_lesions_found_lesions(whole: Simulation) -> None:
    """All three: children of sources, of lesions, and of their children; parents come first."""
    rows = whole.lesions.rows
    children = rows[rows["parent"] >= 0]
    assert (rows["parent"] < 0).sum() > 5
    assert children.size > 5
    assert (children["parent"] < children["lesion"]).all()
    parents = rows[children["parent"]]
    assert (parents["parent"] >= 0).any()
    assert (children["founded"] > parents["founded"]).all()


def test_clones_are_inherited(whole: Simulation) -> None:
    rows = whole.lesions.rows
    children = rows[rows["parent"] >= 0]
    np.testing.assert_array_equal(children["clone"], rows[children["parent"]]["clone"])
    others = rows[rows["parent"] < 0]
    np.testing.assert_array_equal(others["clone"], -1 - others["parent"])


def test_litters_hold_every_id_once(whole: Simulation) -> None:
    litters = whole.genealogy.rows
    np.testing.assert_array_equal(
        np.append(litters["first_cell"], whole.ledger.n_shed),
        np.append(0, np.cumsum(litters["count"])),
    )
    assert (litters["count"] > 0).all()


def test_every_fate_is_there(whole: Simulation) -> None:
    states = whole.lesions.states(whole.time)
    assert np.bincount(states, minlength=3).min() > 0


@pytest.mark.parametrize("stops", [(1,), (2,), (3,), (1, 2, 3)])
def test_stop_and_resume(stops: tuple[int, ...], whole: Simulation) -> None:
    again = run(stops=stops)
    assert again.digest() == whole.digest()
    np.testing.assert_array_equal(again.genealogy.rows, whole.genealogy.rows)
    np.testing.assert_array_equal(again.lesions.rows, whole.lesions.rows)


@pytest.mark.parametrize("chunk", [7, 500])
def test_chunks(chunk: int, whole: Simulation) -> None:
    assert run(chunk=chunk).digest() == whole.digest()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads(threads: int, whole: Simulation) -> None:
    simulation = Simulation(setting(), choose_backend("cpu", threads=threads))
    for _ in simulation.epochs():
        pass
    assert simulation.digest() == whole.digest()


def test_litters_that_no_cell_needs_are_forgotten(
    whole: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lesions have the same parents, and the digest stays; some litters are not kept."""
    monkeypatch.setattr(genealogy, "_FEW", 1)
    pruned = run()
    assert pruned.digest() == whole.digest()
    np.testing.assert_array_equal(pruned.lesions.rows, whole.lesions.rows)
    assert pruned.genealogy.rows.size < whole.genealogy.rows.size


def test_digest_covers_fates(whole: Simulation) -> None:
    before = whole.digest()
    rows = whole.lesions.rows
    for name in ("fate", "paused"):
        place = np.flatnonzero(rows["parent"] >= 0)[0]
        rows[name][place] += 1
        assert whole.digest() != before, name
        rows[name][place] -= 1
    assert whole.digest() == before


def test_digest_covers_litters_of_lesions() -> None:
    """The route by which cells leave a lesion is in no array of cells, only in its litters.

    Chances of those that sleep hang on it, so later epochs may differ in more.
    """
    plain, changed = (Simulation(setting(), choose_backend("cpu")) for _ in range(2))
    changed.ward.vessels.routes = changed.ward.vessels.routes + np.uint8(1)
    differ = False
    for one, other in zip(plain.epochs(), changed.epochs(), strict=True):
        differ |= not np.array_equal(one.litters["route"], other.litters["route"])
        assert (plain.chain.value != changed.chain.value) == differ
    assert differ


@pytest.mark.parametrize("rate", ["shedding_rate", "loss_rate", "waking_rate"])
def test_a_millionth_of_a_rate_changes_the_setting(rate: str) -> None:
    changed = setting(**{rate: getattr(SEEDING, rate) * (1.0 + 1e-6)})
    assert changed.digest() != setting().digest()


def lesions_of(n: int, *, age: int, laws: LesionBiology = SEEDING) -> Lesions:
    """Return lesions of an age [s] at time 0, in segment 4 of the mixed world, a bed.

    They are a nanosecond apart, as no two are founded at once in one place.
    """
    lesions = Lesions((600.0, 600.0, 600.0), replace(laws, balance_share=0.0), 5)
    events = np.zeros(n, dtype=EVENT)
    events["time"] = -age * NS - np.arange(n)
    events["clone"] = np.arange(n) % 3
    where = np.full(n, 4)
    lesions.found(events, organ=np.zeros(n, int), segment=where, litters=np.zeros(n, LITTER))
    return lesions


def vessels() -> LesionVessels:
    return LesionVessels(mixed_world().hops, np.full(8, Route.CAVAL, dtype=np.uint8))


def test_lesions_shed_in_proportion_to_their_cells() -> None:
    """n = 2000 lesions of 2^6 cells in the middle of a minute: Poisson of mean 64 x 2e-5 x 60.

    The sum has the mean 153.6 with a standard error of 12.4; limit five of those.
    """
    lesions = lesions_of(2000, age=3570)
    born = lesion_litters(lesions, vessels(), epoch=3, start=0, end=60 * NS, identities=after(1000))
    assert abs(sum(b.count for b in born) - 2000 * 64 * 120e-5) < 5 * np.sqrt(153.6)
    first = 1000
    for litter in born:
        assert (litter.first_id, litter.start, litter.duration) == (first, 0, 60 * NS)
        assert litter.source.parent == litter.source.lesion
        assert litter.source.clone == litter.source.lesion % 3
        assert litter.source.route is Route.CAVAL
        first += litter.count


def test_lesions_without_vessels_shed_nothing() -> None:
    lesions = lesions_of(500, age=3 * 600 - 31)
    assert (
        lesion_litters(lesions, vessels(), epoch=0, start=0, end=60 * NS, identities=after(0)) == []
    )
    older = lesions_of(5000, age=3 * 600 - 29)
    assert lesion_litters(older, vessels(), epoch=0, start=0, end=60 * NS, identities=after(0))


def test_what_a_lesion_sheds_does_not_depend_on_others() -> None:
    few, many = (
        lesion_litters(
            lesions_of(n, age=4000), vessels(), epoch=2, start=0, end=NS * 60, identities=after(0)
        )
        for n in (40, 100)
    )
    counts = {b.source.lesion: b.count for b in many if b.source.lesion < 40}
    assert counts == {b.source.lesion: b.count for b in few}


def test_a_bed_sheds_into_the_venules_behind_it_by_their_flow() -> None:
    """A bed with three venules behind it, flows 1 : 2 : 5; any other vessel into itself."""
    world = made_world(
        [
            Vessel("a", "b", flow=8.0, kind=SegmentKind.CAPILLARY_BED, organ="gut"),
            Vessel("b", "c", flow=5.0, kind=SegmentKind.VENULE, organ="gut"),
            Vessel("b", "d", flow=1.0, kind=SegmentKind.VENULE, organ="gut"),
            Vessel("b", "e", flow=2.0, kind=SegmentKind.VENULE, organ="gut"),
        ]
    )
    behind = LesionVessels(world.hops, np.array([0, 2, 2, 2], dtype=np.uint8))
    sites, route = behind.of_segment(0)
    assert route is Route.PORTAL
    assert shares(sites) == pytest.approx(
        {int(world.hops.record[s]): f / 8.0 for s, f in ((1, 5), (2, 1), (3, 2))}, abs=1e-6
    )
    own, _ = behind.of_segment(2)
    assert own.record.tolist() == [world.hops.record[2]]
    assert behind.of_segment(0)[0] is sites


def shares(sites: EntrySites) -> dict[int, float]:
    cumulative = sites.threshold.astype(np.float64) / 2.0**64
    return dict(zip(sites.record.tolist(), np.diff(cumulative, prepend=0.0).tolist(), strict=True))


def test_genealogy_finds_the_litter_of_a_cell() -> None:
    genealogy = Genealogy()
    genealogy.add([(0, 5, -1, 0, 1), (5, 0, -2, 0, 1)])
    genealogy.add([(5 + k, 1, k, 9, 3) for k in range(200)])
    found = genealogy.of_cells(np.array([0, 4, 5, 77, 204], dtype=np.uint64))
    assert found["parent"].tolist() == [-1, -1, 0, 72, 199]
    assert genealogy.rows.size == 201


def test_lesions_that_run_away_are_stopped_with_a_word() -> None:
    """Their number is Poisson, which has an end: not a fault of the program, but of the rates."""
    simulation = Simulation(setting(shedding_rate=1e11), choose_backend("cpu"))
    with pytest.raises(InputError, match=r"at most 1e\+12 cells in an epoch, got .* they run away"):
        for _ in simulation.epochs():
            pass
