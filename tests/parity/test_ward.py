"""Patients who are followed together have the same bits as each of them alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from ctc.backends.base import choose_backend
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.tumours import LesionBiology
from ctc.simulation.epochs import Simulation
from ctc.simulation.identities import SERIAL_BITS
from ctc.simulation.overt import OvertShares
from ctc.simulation.primaries import Primary
from ctc.simulation.setting import Setting
from ctc.simulation.shards import LocalShards, Shards
from ctc.states import COUNTED_CELL, EventKind
from tests.emulation.backend import EmulatedBackend
from tests.physics.mixed import MIXED_VENULE, mixed_setting, mixed_world
from tests.physics.worlds import shedding
from tests.unit.simulation.test_primaries import GOMPERTZ, tumour

EPOCHS = (3600.0, 7200.0, 10800.0, 14400.0)
# Lesions double in ten minutes, shed, stop, wake and are lost; some lineages die out.
LAWS = LesionBiology(
    GrowthLaw(GrowthKind.EXPONENTIAL, 300.0),
    shedding_rate=2e-5,
    vascular_cells=8.0,
    balance_share=0.3,
    balance_cells=20.0,
    waking_rate=1e-4,
    loss_rate=1e-4,
    surveillance_cells=4.0,
    cell_loss_factor=0.2,
)


@dataclass(frozen=True)
class Course:
    """What became of one patient: labels of clones are counted from its first source."""

    lesions: np.ndarray
    sizes: np.ndarray
    litters: np.ndarray
    events: list[np.ndarray]
    cells: dict[str, np.ndarray]
    dormant: np.ndarray


def settings() -> list[Setting]:
    """Return patients out of order, of other sources, masses, tables, shares and numbers."""
    plain, frail = mixed_world(), mixed_world(immune_hazard=2e-4, escape_rate=5e-4)

    def patient(number: int, cells: int, **changes: Any) -> Setting:
        made = mixed_setting(plain, cells=cells, epochs=EPOCHS, doubling_time=600.0, lesions=LAWS)
        routes = np.arange(8, dtype=np.uint8) % 5
        return replace(made, patient=number, routes=routes, **changes)

    growing = tuple(
        replace(
            shedding(plain, MIXED_VENULE, rate=0.05, stop=10800.0),
            primary=Primary(tumour(mass=mass, law=GOMPERTZ, doubling_time=4000.0)),
        )
        for mass in (1e-3, 2e-3, 5e-4)
    )
    return [
        patient(3, 300),
        patient(1, 200, tables=frail.tables),
        patient(2**23 - 1, 150, overt=OvertShares(by_blood=0.5, by_lymph=0.5, in_nodes=0.5)),
        patient(0, 1, sources=growing),
    ]


def shards(
    setting: Setting, *, count: int = 1, chunk: int | None = None, emulated: bool = False
) -> Shards:
    maker = EmulatedBackend if emulated else partial(choose_backend, "cpu", threads=1)
    # The fibers of emulated warps are those of one thread.
    return LocalShards(setting, [maker] * count, chunk=chunk, n_at_once=1 if emulated else None)


def follow(patients: Sequence[Setting], **options: Any) -> list[Course]:
    """Return what becomes of patients who are followed together."""
    simulation = Simulation(patients, shards(patients[0], **options))
    events: list[np.ndarray] = []
    litters: list[np.ndarray] = []
    for epoch in simulation.epochs():
        events.append(epoch.events)
        litters.append(epoch.litters)
    found = [course_of(simulation, number, events, litters) for number in range(len(patients))]
    simulation.shards.close()
    return found


def course_of(
    simulation: Simulation, number: int, events: list[np.ndarray], litters: list[np.ndarray]
) -> Course:
    patient = simulation.ward.patients[number]
    serial, first = np.uint64(patient.setting.patient), np.int64(patient.first_clone)
    last = first + patient.n_clones
    cells = simulation.shards.cells()
    own = cells["id"] >> np.uint64(SERIAL_BITS) == serial
    cells = {name: array[own] for name, array in cells.items()}
    cells["clone"] = cells["clone"] - first
    lesions = patient.lesions.rows.copy()
    lesions["clone"] -= np.uint16(first)
    born = np.concatenate(litters)
    dormant = np.zeros(
        simulation.dormant.code.size, [*simulation.dormant.classes.dtype.descr, ("n", "<i8")]
    )
    of_row = simulation.dormant.classes[simulation.dormant.code >> 32]
    for name in of_row.dtype.names:
        dormant[name] = of_row[name]
    dormant["n"] = simulation.dormant.count
    is_own = (dormant["clone"] >= first) & (dormant["clone"] < last)
    dormant = dormant[is_own]
    dormant["clone"] -= np.uint16(first)
    return Course(
        lesions,
        patient.lesions.sizes(simulation.time),
        born[born["first_cell"] >> np.uint64(SERIAL_BITS) == serial],
        [own_events(rows, first, last) for rows in events],
        cells,
        dormant,
    )


def own_events(events: np.ndarray, first: np.int64, last: np.int64) -> np.ndarray:
    """Return the events of a patient's clones; those of counted cells without their number."""
    own = events[(events["clone"] >= first) & (events["clone"] < last)].copy()
    own["clone"] -= np.uint16(first)
    own["number"][own["cell"] == COUNTED_CELL] = 0
    return np.sort(own, order=("time", "cell", "number", "segment"))


def assert_same(one: Course, other: Course) -> None:
    np.testing.assert_array_equal(one.lesions, other.lesions)
    np.testing.assert_array_equal(one.sizes, other.sizes)
    np.testing.assert_array_equal(one.litters, other.litters)
    np.testing.assert_array_equal(one.dormant, other.dormant)
    for own, same in zip(one.events, other.events, strict=True):
        np.testing.assert_array_equal(own, same)
    for name, array in one.cells.items():
        np.testing.assert_array_equal(array, other.cells[name], err_msg=name)


@pytest.fixture(scope="module")
def alone() -> list[Course]:
    return [follow([setting])[0] for setting in settings()]


def test_each_has_a_life_of_its_own(alone: list[Course]) -> None:
    """Nothing below is empty: all have lesions that shed, sleeping cells and colonies of these."""
    for course in alone:
        assert course.lesions.size > 5
        assert course.cells["id"].size > 5
        assert course.dormant.size
        assert (course.litters["parent"] >= 0).any()
    counted = [events["cell"] == COUNTED_CELL for course in alone for events in course.events]
    assert sum(each.sum() for each in counted) > 10
    n_colonies = sum((events["kind"] == EventKind.COLONY).sum() for events in alone[2].events)
    assert 0 < alone[2].lesions.size < n_colonies


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunk": 37},
        {"count": 2},
        {"count": 2, "chunk": 50},
        {"emulated": True},
        {"emulated": True, "count": 2, "chunk": 100},
    ],
    ids=str,
)
def test_together_as_alone(alone: list[Course], options: dict[str, Any]) -> None:
    for one, other in zip(alone, follow(settings(), **options), strict=True):
        assert_same(one, other)


def test_the_order_of_patients_is_nothing(alone: list[Course]) -> None:
    turned = follow(settings()[::-1])
    for one, other in zip(alone, turned[::-1], strict=True):
        assert_same(one, other)


def test_other_numbers_are_other_patients(alone: list[Course]) -> None:
    """The same setting with another number: other cells, and another course."""
    first = settings()[0]
    other = follow([replace(first, patient=4)])[0]
    serials = [course.cells["id"] & np.uint64(2**SERIAL_BITS - 1) for course in (alone[0], other)]
    assert not np.array_equal(serials[0], serials[1])
    assert set(alone[0].lesions["key"]).isdisjoint(other.lesions["key"])


def treated(simulation: Simulation, patients: Sequence[Setting]) -> None:
    """Let patient 1 obey other tables in the two epochs in the middle."""
    other = mixed_world(treatment_hazard=1e-3).tables
    for epoch in range(len(EPOCHS)):
        for patient in simulation.ward.patients:
            is_treated = patient.setting.patient == 1 and epoch in (1, 2)
            patient.tables = other if is_treated else patient.setting.tables
        simulation.step()


@pytest.mark.parametrize("options", [{}, {"count": 2, "chunk": 50}, {"emulated": True}], ids=str)
def test_a_treatment_of_one_is_nothing_to_the_others(options: dict[str, Any]) -> None:
    patients = settings()[:3]
    together = Simulation(patients, shards(patients[0], **options))
    treated(together, patients)
    assert len(together.ward.regimes.whole().tables) == 3
    for number, setting in enumerate(patients):
        single = Simulation(setting, choose_backend("cpu"))
        treated(single, [setting])
        assert_same(
            replace(course_of(single, 0, [], [single.genealogy.rows]), events=[]),
            replace(course_of(together, number, [], [together.genealogy.rows]), events=[]),
        )
    together.shards.close()
