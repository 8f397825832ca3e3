"""A block of patients: all followed at once, in the same vessels, and what each came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend, choose_backend
from ctc.body.plan import BodyPlan
from ctc.cohort.blood_response import BloodOfCohort
from ctc.cohort.course import COURSE, CourseLog
from ctc.cohort.member import Member
from ctc.errors import CtcError, InputError
from ctc.flow.field import FlowField
from ctc.preparation import plan_of, setting_of, vessels_of
from ctc.scenario.host import biology_in_host
from ctc.scenario.scenario import Scenario
from ctc.simulation.epochs import Simulation
from ctc.simulation.hop_table import HopTable
from ctc.simulation.patient import Patient
from ctc.simulation.prepare import hop_table_of
from ctc.simulation.setting import Setting
from ctc.simulation.shards import LocalShards
from ctc.simulation.tables import Tables
from ctc.states import DeathCause, EventKind
from ctc.vessels.network import VesselNetwork

_COUNTS = ("died", "died_by_treatment", "colonies", "exited")


@dataclass(frozen=True)
class SharedVessels:
    """Vessels with their flow and hop table, as all patients have them who have the same body.

    With tables of the kernels by biology, for those whose cells are alike.
    """

    network: VesselNetwork
    flow: FlowField
    hops: HopTable
    plan: BodyPlan
    tables: dict[str, Tables] = field(default_factory=dict)


# Those of the last blocks of this process: a sweep has one or a few.
_vessels: dict[str, SharedVessels] = {}
_MOST_KEPT = 4


def follow_block(
    members: Sequence[Member], *, backend_name: str, threads: int, folder: Path
) -> npt.NDArray[Any]:
    """Follow patients to the end of their runs, and return what each came to.

    Parameters
    ----------
    members : sequence of Member
        Whoever has the same vessels, seed and epochs is followed at once; others after them.
    backend_name : str
        As `choose_backend` takes it.
    threads : int
        Of the cpu backend.
    folder : Path
        For events that are too many for memory.

    Returns
    -------
    (n_members,) COURSE
        In the order of the members. A row depends on its own member alone.

    Raises
    ------
    InputError
        If a member's scenario cannot be run.
    CtcError
        If a patient's cells were not conserved.
    """
    found = np.zeros(len(members), dtype=COURSE)
    backend = choose_backend(
        backend_name, threads=None if backend_name.startswith("cuda") else threads
    )
    for places, settings, vessels in _together(members):
        arms = [members[place].arm for place in places]
        found[places] = _follow(settings, arms, vessels=vessels, backend=backend, folder=folder)
    return found


def _together(
    members: Sequence[Member],
) -> list[tuple[list[int], list[Setting], SharedVessels]]:
    """Return members that can be followed at once, by their places, with settings and vessels."""
    groups: dict[str, tuple[list[int], list[Setting], SharedVessels]] = {}
    for place, member in enumerate(members):
        vessels = _vessels_of(member.scenario)
        setting = setting_of(
            member.scenario,
            vessels.network,
            vessels.flow,
            near_organs={},
            seed=None,
            hops=vessels.hops,
            known=vessels.tables,
            plan=vessels.plan,
        )
        setting = replace(setting, n_tracked=0, frames=())
        # Kinds of cells are counted by their rows of clocks: these must mean the same for all.
        kinds = setting.tables.sizes[["clocks", "n_cells"]].tobytes()
        key = repr((id(vessels.hops), setting.seed, setting.epochs, kinds, member.arm))
        group = groups.setdefault(key, ([], [], vessels))
        if any(each.patient == setting.patient for each in group[1]):
            message = f"patients of an arm must have different numbers, got {setting.patient} twice"
            raise InputError(message, key="patient.number")
        group[0].append(place)
        group[1].append(setting)
    return list(groups.values())


def _vessels_of(scenario: Scenario) -> SharedVessels:
    biology = biology_in_host(scenario)
    felt = (biology.attach_radius, biology.microvessels, biology.margination)
    key = repr((scenario.settings.body, scenario.settings.host.exercise, felt))
    if key not in _vessels:
        while len(_vessels) >= _MOST_KEPT:
            _vessels.pop(next(iter(_vessels)))
        network, flow, _ = vessels_of(scenario)
        _vessels[key] = SharedVessels(
            network, flow, hop_table_of(biology, network, flow), plan_of(scenario)
        )
    return _vessels[key]


def _follow(
    settings: Sequence[Setting],
    arms: Sequence[int],
    *,
    vessels: SharedVessels,
    backend: Backend,
    folder: Path,
) -> npt.NDArray[Any]:
    shards = LocalShards.on(settings[0], backend, folder=folder)
    blood = BloodOfCohort(settings[0], vessels.flow.flow_rate, backend)
    simulation = Simulation(list(settings), shards, blood=blood)
    patients = simulation.ward.patients
    logs = [CourseLog(patient, arm=arm) for patient, arm in zip(patients, arms, strict=True)]
    tally = _Tally(patients)
    rows = np.zeros(len(patients), dtype=COURSE)
    is_open = np.ones(len(patients), dtype=np.bool_)
    while not simulation.is_finished:
        epoch = simulation.step()
        tally.add(epoch.ordered.pieces())
        for row in np.flatnonzero(is_open).tolist():
            logs[row].note(epoch.end)
        # Each is counted at the end of their own: cells of the dead go on while others live.
        lives = np.array([patient.is_alive for patient in patients])
        ends = is_open & (simulation.is_finished | ~lives)
        if ends.any():
            counts = tally.by_patient(simulation)
            for row in np.flatnonzero(ends).tolist():
                rows[row] = logs[row].close(epoch.end, counts=counts[row])
            is_open &= ~ends
    shards.close()
    return rows


class _Tally:
    """Events of a block by clone label."""

    def __init__(self, patients: Sequence[Patient]) -> None:
        self._patients = patients
        n_clones = sum(patient.n_clones for patient in patients)
        self._counts = {name: np.zeros(n_clones, dtype=np.int64) for name in _COUNTS}

    def add(self, pieces: Any) -> None:
        for piece in pieces:
            for events in piece.in_any_order():
                kind = events["kind"]
                died = kind == EventKind.DIED
                for name, chosen in (
                    ("died", died),
                    ("died_by_treatment", died & (events["cause"] == DeathCause.TREATMENT)),
                    ("colonies", kind == EventKind.COLONY),
                    ("exited", kind == EventKind.EXITED),
                ):
                    counts = self._counts[name]
                    counts += np.bincount(events["clone"][chosen], minlength=counts.size)

    def by_patient(self, simulation: Simulation) -> list[dict[str, int]]:
        """Return the cells of each patient by what became of them; CtcError if any is lost."""
        dormant, n_clones = simulation.dormant, self._counts["died"].size
        killed = dormant.killed_by_clone[:n_clones]
        ended = self._counts | {
            "died": self._counts["died"] + dormant.died_by_clone[:n_clones] + killed,
            "died_by_treatment": self._counts["died_by_treatment"] + killed,
        }
        held = np.bincount(simulation.shards.field("clone"), minlength=n_clones)
        held += dormant.by_clone(n_clones)
        found = []
        for patient in self._patients:
            own = slice(patient.first_clone, patient.first_clone + patient.n_clones)
            counts = {name: int(ended[name][own].sum()) for name in _COUNTS}
            counts["in_flight"] = int(held[own].sum())
            counts["shed"] = patient.identities.n_taken
            n_ended = counts["died"] + counts["colonies"] + counts["exited"]
            if counts["shed"] != counts["in_flight"] + n_ended:
                message = (
                    f"cells must be conserved: {counts['shed']} shed by patient "
                    f"{patient.setting.patient}, {n_ended} with a fate, "
                    f"{counts['in_flight']} held. This is a bug in ctc; please report it."
                )
                raise CtcError(message)
            found.append(counts)
        return found
