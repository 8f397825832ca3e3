"""Cells under treatment: death in the blood, at rest and asleep, and tables that change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ctc.backends.base import Backend
from ctc.simulation.epochs import EpochResult, Simulation
from ctc.simulation.identities import SERIAL_BITS
from ctc.simulation.setting import Setting
from ctc.states import CellState, DeathCause, EventKind
from tests.physics.test_clocks import HOUR, trap
from tests.physics.test_dormant import asleep
from tests.physics.test_streamline import KOLMOGOROV_LIMIT, kolmogorov
from tests.physics.worlds import (
    Vessel,
    World,
    bolus,
    follow_out,
    made_setting,
    made_world,
    plug_of,
    shedding,
)

NS = 10**9
EPOCHS = (HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR)
CALM, TREATED = 10, 11


def patients(world: World, n: int, **options: Any) -> list[Setting]:
    """Return two patients of n cells each, one of whom is to be treated."""
    made = made_setting(world, [shedding(world, 0, cells=n)], epochs=EPOCHS, seed=81, **options)
    return [replace(made, patient=number) for number in (CALM, TREATED)]


def followed(
    settings: list[Setting], backend: Backend, *, treated: World, during: set[int]
) -> tuple[Simulation, list[EpochResult]]:
    """Follow both; in some epochs the cells of one obey the tables of another world."""
    simulation = Simulation(settings, backend)
    epochs = []
    patient = simulation.ward.patients[1]
    for number in range(len(EPOCHS)):
        patient.tables = treated.tables if number in during else patient.setting.tables
        epochs.append(simulation.step())
    return simulation, epochs


def of_patient(events: np.ndarray, number: int) -> np.ndarray:
    return events[events["cell"] >> np.uint64(SERIAL_BITS) == number]


def test_arrested_cells_die_of_a_treatment_while_it_lasts(backend: Backend) -> None:
    """n = 2,000, killed at 3e-4 /s in the second and third of four hours; nothing else happens.

    Binomial: exp(-h t) are left after each hour, five standard errors. Times of death follow the
    exponential law from the beginning of the treatment, cut at its end (Kolmogorov-Smirnov): the
    hour without rates before it costs nothing.
    """
    n, rate = 2000, 3e-4
    plain = trap()
    simulation, epochs = followed(
        patients(plain, n), backend, treated=trap(treatment_death_arrested=rate), during={1, 2}
    )
    died = [epoch.events[epoch.events["kind"] == EventKind.DIED] for epoch in epochs]
    assert died[0].size == died[3].size == 0
    left = n
    for hours in (1, 2):
        left -= died[hours].size
        share = np.exp(-rate * hours * HOUR)
        assert abs(left - n * share) < 5 * np.sqrt(n * share * (1 - share))
    deaths = np.concatenate(died)
    assert of_patient(deaths, TREATED).size == deaths.size
    assert (deaths["cause"] == DeathCause.TREATMENT).all()
    time = np.sort(deaths["time"] / NS - HOUR)
    assert time[0] > 0.0
    expected = np.expm1(-rate * time) / np.expm1(-rate * 2 * HOUR)
    assert kolmogorov(time, expected) < KOLMOGOROV_LIMIT
    assert simulation.ledger.by_cause[DeathCause.TREATMENT] == deaths.size
    assert epochs[-1].counts[CellState.ARRESTED].sum() == 2 * n - deaths.size == simulation.n_held
    ids = simulation.shards.cells()["id"]
    assert np.count_nonzero(ids >> np.uint64(SERIAL_BITS) == CALM) == n


def test_cells_in_tissue_die_of_a_treatment(backend: Backend) -> None:
    """n = 2,000 out of the vessels at once, killed at 2e-4 /s in the second hour: binomial."""
    n, rate = 2000, 2e-4
    quick = {"extravasation_rate": 1.0}
    simulation, epochs = followed(
        patients(trap(**quick), n),
        backend,
        treated=trap(**quick, treatment_death_tissue=rate),
        during={1},
    )
    share = -np.expm1(-rate * HOUR)
    deaths = epochs[1].events[epochs[1].events["kind"] == EventKind.DIED]
    assert abs(deaths.size - n * share) < 5 * np.sqrt(n * share * (1 - share))
    assert of_patient(deaths, TREATED).size == deaths.size
    assert simulation.ledger.by_cause[DeathCause.TREATMENT] == deaths.size
    assert epochs[-1].counts[CellState.EXTRAVASATED].sum() == 2 * n - deaths.size


def test_sleeping_cells_die_of_a_treatment_while_it_lasts(backend: Backend) -> None:
    """n = 50,000 asleep within minutes, killed at 2e-4 /s in the third hour: binomial.

    They have no identity by then. Who sleeps at its end sleeps on.
    """
    n, rate = 50_000, 2e-4
    quick = {"extravasation_rate": 1.0, "dormancy_rate": 1.0}
    simulation, epochs = followed(
        patients(trap(**quick), n),
        backend,
        treated=trap(**quick, treatment_death_dormant=rate),
        during={2},
    )
    assert epochs[1].counts[CellState.DORMANT].sum() == 2 * n
    killed = 2 * n - int(epochs[2].counts[CellState.DORMANT].sum())
    share = -np.expm1(-rate * HOUR)
    assert abs(killed - n * share) < 5 * np.sqrt(n * share * (1 - share))
    assert simulation.ledger.by_cause[DeathCause.TREATMENT] == killed
    assert simulation.ledger.by_cause[DeathCause.TISSUE] == 0
    assert epochs[3].counts[CellState.DORMANT].sum() == 2 * n - killed
    of_clone = simulation.dormant.classes["clone"][simulation.dormant.code >> 32]
    assert simulation.dormant.count[of_clone == 0].sum() == n


@pytest.mark.parametrize(("escape", "death", "killing"), [(2e-5, 7e-5, 4e-5), (0.0, 0.0, 1e-4)])
def test_what_leaves_sleep_is_divided_by_the_rates(
    escape: float, death: float, killing: float
) -> None:
    """n = 2e6 for two hours: exp(-2 h rate) sleep on; of the others each share is by its rate.

    Binomial, five standard errors.
    """
    n = 1_000_000
    dormant = asleep(
        n,
        seed=5,
        escape_rate=escape,
        dormant_death_rate=death,
        treatment_death_dormant=killing,
    )
    found = dormant.awaken(0, start=0, end=round(2 * HOUR * NS))
    gone = [found.colonies.size, int(found.died.sum()), int(found.killed.sum())]
    assert dormant.n_cells + sum(gone) == 2 * n
    total = escape + death + killing
    left = np.exp(-total * 2 * HOUR)
    assert abs(dormant.n_cells - 2 * n * left) < 5 * np.sqrt(2 * n * left * (1 - left))
    for count, rate in zip(gone, (escape, death, killing), strict=True):
        share = rate / total
        error = np.sqrt(sum(gone) * share * (1 - share))
        assert abs(count - sum(gone) * share) <= 5 * error


def test_causes_in_the_blood_are_shares_of_the_hazard() -> None:
    """n = 2e5 in a ring: shear, immune cells, anoikis and treatment at 4 : 3 : 2 : 1, binomial.

    Lives are exponential with the sum of the four (Kolmogorov-Smirnov; a hop of 0.1 ms adds the
    share of a life that it is).
    """
    n, unit = 200_000, 1.0
    rates = np.array([4.0, 3.0, 2.0, 1.0]) * unit
    names = ("shear_sensitivity", "immune_hazard", "anoikis_hazard", "treatment_hazard")
    world = made_world(
        [Vessel("a", "b", transit=1e-3), Vessel("b", "a", transit=1e-3)],
        plug_of(**dict(zip(names, rates.tolist(), strict=True))),
    )
    journey = follow_out(world, bolus(world.hops, [0], count=n), step=1.0, seed=83)
    died = journey.of_kind(EventKind.DIED)
    assert died.size == n
    causes = (DeathCause.SHEAR, DeathCause.IMMUNE, DeathCause.ANOIKIS, DeathCause.TREATMENT)
    counts = np.array([np.count_nonzero(died["cause"] == cause) for cause in causes])
    share = rates / rates.sum()
    assert counts.sum() == n
    assert (np.abs(counts - n * share) < 5 * np.sqrt(n * share * (1 - share))).all()
    time = np.sort(died["time"]) / NS
    limit = KOLMOGOROV_LIMIT + np.sqrt(n) * rates.sum() * 1e-7
    assert kolmogorov(time, -np.expm1(-rates.sum() * time)) < limit


def test_circulating_cells_die_of_a_treatment_while_it_lasts(backend: Backend) -> None:
    """n = 4,000 in a ring of 60 s, with 1e-3 /s in the second hour of four: exp(-3.6) live.

    Binomial, five standard errors; a cell that is in a vessel when the treatment begins or ends
    has paid for it before, which moves the time at risk by at most 30 s of 3600: 0.03 of the
    exponent, and of the share that lives. The other patient's cells all live.
    """
    n, hazard = 4000, 1e-3
    vessels = [Vessel("a", "b", transit=30.0), Vessel("b", "a", transit=30.0)]
    plain = made_world(vessels, plug_of())
    treated = made_world(vessels, plug_of(treatment_hazard=hazard))
    simulation, epochs = followed(patients(plain, n), backend, treated=treated, during={1})
    deaths = np.concatenate(
        [epoch.events[epoch.events["kind"] == EventKind.DIED] for epoch in epochs]
    )
    assert (deaths["cause"] == DeathCause.TREATMENT).all()
    assert of_patient(deaths, TREATED).size == deaths.size
    assert deaths["time"].min() >= HOUR * NS
    assert deaths["time"].max() <= (2 * HOUR + 30.0) * NS
    share = np.exp(-hazard * HOUR)
    error = np.sqrt(n * share * (1 - share))
    assert abs(n - deaths.size - n * share) < 5 * error + 0.03 * n * share
    assert epochs[-1].counts[CellState.CIRCULATING].sum() == 2 * n - deaths.size
    assert simulation.ledger.by_cause[DeathCause.TREATMENT] == deaths.size
