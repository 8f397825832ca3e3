"""Patients in a simulation: numbers, frames, stop and resume, tables that change in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.errors import CtcError, InputError
from ctc.scenario.clusters import Clusters
from ctc.simulation.epochs import EpochResult, Simulation
from ctc.simulation.identities import SERIAL_BITS, SERIAL_MASK
from ctc.simulation.regimes import Regimes
from ctc.simulation.setting import Setting
from ctc.states import CellState, DeathCause, EventKind
from tests.physics.mixed import mixed_setting, mixed_world
from tests.unit.simulation.test_seeding import SEEDING

NUMBER = 2**23 - 1
TIMES = [0.0, 1.5, 1799.0, 3600.0, 5000.0, 7200.0]
WORLD = mixed_world()
TREATED = mixed_world(treatment_hazard=1e-4, treatment_death_dormant=1e-4).tables


def setting(number: int = NUMBER) -> Setting:
    made = mixed_setting(
        WORLD,
        cells=400,
        frames=TIMES,
        n_tracked=150,
        track_every=5,
        doubling_time=600.0,
        lesions=SEEDING,
    )
    return replace(made, patient=number, routes=np.arange(8, dtype=np.uint8) % 5)


def simulation(laid_out: Setting, epoch: int = 0) -> Simulation:
    """Return a simulation of a patient who is treated in the second and third epoch."""
    made = Simulation(laid_out, choose_backend("cpu"))
    treat(made, epoch)
    return made


def treat(run: Simulation, epoch: int) -> None:
    patient = run.ward.patients[0]
    patient.tables = TREATED if epoch in (1, 2) else patient.setting.tables


def followed(stops: tuple[int, ...] = ()) -> tuple[Simulation, list[EpochResult]]:
    """Return a finished simulation and its epochs; its state is taken up anew after some."""
    run, epochs = simulation(setting()), []
    while not run.is_finished:
        treat(run, run.n_epochs_done)
        epochs.append(run.step())
        if run.n_epochs_done in stops:
            state = run.state()
            # As care does it: the tables of the last epoch are there before the state is.
            run = simulation(setting(), run.n_epochs_done - 1)
            run.restore(state)
    return run, epochs


@pytest.fixture(scope="module")
def whole() -> tuple[Simulation, list[EpochResult]]:
    return followed()


def frames_of(epochs: list[EpochResult]) -> list[dict[str, np.ndarray]]:
    return [frame.cells for epoch in epochs for frame in epoch.frames]


def test_a_patient_with_a_number_has_all_that_one_without_has(
    whole: tuple[Simulation, list[EpochResult]],
) -> None:
    run, epochs = whole
    assert (run.shards.cells()["id"] >> np.uint64(SERIAL_BITS) == NUMBER).all()
    assert run.lesions.rows.size > 5
    assert (run.lesions.rows["parent"] >= 0).any()
    first = NUMBER << SERIAL_BITS
    litters = run.genealogy.rows
    ends = np.append(first, first + np.cumsum(litters["count"]))
    np.testing.assert_array_equal(np.append(litters["first_cell"], ends[-1]), ends)
    n_treated = sum(
        np.count_nonzero(epoch.events["cause"] == DeathCause.TREATMENT) for epoch in epochs
    )
    assert n_treated > 0


@pytest.mark.parametrize("stops", [(1,), (2,), (3,), (1, 2, 3)])
def test_stop_and_resume(
    stops: tuple[int, ...], whole: tuple[Simulation, list[EpochResult]]
) -> None:
    """Stopped before, in and after a treatment: the same bits, frames among them."""
    run, epochs = followed(stops)
    assert run.digest() == whole[0].digest()
    np.testing.assert_array_equal(run.lesions.rows, whole[0].lesions.rows)
    for one, other in zip(frames_of(epochs), frames_of(whole[1]), strict=True):
        for name, array in one.items():
            np.testing.assert_array_equal(array, other[name], err_msg=name)
    assert run.ward.patients[0].identities.n_taken == whole[0].ward.patients[0].identities.n_taken


def test_frames_hold_every_fifth_cell_of_a_patient(
    whole: tuple[Simulation, list[EpochResult]],
) -> None:
    """Those of a number are tracked, whoever's they are; born cells are shown at each time."""
    _, epochs = whole
    shown = frames_of(epochs)
    assert shown[0]["id"].size == 80
    for cells in shown:
        serials = cells["id"] & np.uint64(SERIAL_MASK)
        assert (cells["id"] >> np.uint64(SERIAL_BITS) == NUMBER).all()
        assert (serials % 5 == 0).all()
        assert serials.size == 0 or serials.max() < 150 * 5
    states = np.concatenate([cells["state"] for cells in shown])
    assert (states == CellState.DORMANT).any()


def test_a_state_of_another_patient_is_refused() -> None:
    run = simulation(setting())
    run.step()
    with pytest.raises(InputError, match="must be of this run"):
        simulation(setting(4)).restore(run.state())


def test_a_patient_who_died_sheds_no_more() -> None:
    """Cells that are on their way go on; the run ends when nobody lives."""
    run = simulation(setting())
    run.step()
    shed = run.ledger.n_shed
    run.ward.patients[0].is_alive = False
    assert run.is_finished
    two = Simulation(
        [replace(setting(k), frames=(), n_tracked=0) for k in (1, 2)], choose_backend("cpu")
    )
    two.step()
    two.ward.patients[0].is_alive = False
    assert not two.is_finished
    taken = [patient.identities.n_taken for patient in two.ward.patients]
    moved = two.step().events
    later = [patient.identities.n_taken for patient in two.ward.patients]
    assert later[0] == taken[0]
    assert later[1] > taken[1]
    own = moved["cell"] >> np.uint64(SERIAL_BITS) == 1
    assert (moved["kind"][own] == EventKind.DIED).any()
    assert shed == run.ledger.n_shed


def test_equal_tables_are_one_regime() -> None:
    """By what they hold, whoever laid them out; each once in a shard, however often it returns."""
    plain, same, other = (mixed_world(**own) for own in ({}, {}, {"treatment_hazard": 1e-4}))
    regimes = Regimes(plain.tables)
    assert regimes.of(same.tables) == 0
    assert regimes.of(other.tables) == 1
    assert regimes.of(plain.tables) == 0
    two = Simulation(
        [replace(bare(k), tables=world.tables) for k, world in enumerate((plain, same))],
        choose_backend("cpu"),
    )
    sent: list[Any] = []
    for tables in (None, other.tables, None, other.tables):
        patient = two.ward.patients[1]
        patient.tables = tables or patient.setting.tables
        sent.append(two.ward.attend(0, epoch=0, blood=two.blood))
    assert sent[0] is None
    assert [sorted(change.tables) for change in sent[1:]] == [[1], [], []]
    assert [change.regime.tolist() for change in sent[1:]] == [[0, 0, 1, 1], [0] * 4, [0, 0, 1, 1]]


def bare(number: int) -> Setting:
    return replace(setting(number), frames=(), n_tracked=0)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"patient": 1}, r"have numbers of their own, got \[1, 1\]"),
        ({"seed": 2}, "have the same vessels, seed and epochs, got 2 different"),
        ({"epochs": (10**9,)}, "have the same vessels, seed and epochs"),
        ({"frames": (10**9,), "n_tracked": 5}, "have no frames"),
        ({"sources": setting().sources * 40_000}, "have at most 65536 sources, got 80002"),
    ],
)
def test_patients_who_cannot_be_followed_together(changes: dict[str, Any], rule: str) -> None:
    first = bare(1)
    with pytest.raises(InputError, match=f"followed together must {rule}"):
        Simulation([first, replace(first, **({"patient": 2} | changes))], choose_backend("cpu"))


def test_tables_of_other_kinds_of_cells_are_refused() -> None:
    regimes = Regimes(mixed_world().tables)
    clusters = Clusters(homotypic_fraction=0.1, largest=4)
    with pytest.raises(CtcError, match="must have the same kinds of cells"):
        regimes.of(mixed_world(clusters=clusters).tables)
