"""One patient on the host: what sheds, what grows, and the cells that come of it by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.simulation.blood import Blood
from ctc.simulation.care import Care
from ctc.simulation.host_draws import mixed
from ctc.simulation.identities import Identities
from ctc.simulation.lesions import LESION, Lesions
from ctc.simulation.seeding import LesionVessels, followed_share, lesion_litters
from ctc.simulation.setting import Setting
from ctc.simulation.shedding import Litter, SheddingSource, followed_shares, litters
from ctc.simulation.structured import columns_of, rows_of
from ctc.simulation.tables import Tables
from ctc.simulation.treated_sources import restored_sources, source_state

_SOURCES = "treated_source_"
_NO_FACTORS: Mapping[int, float] = MappingProxyType({})


class Patient:
    """Sources, lesions and care of one patient.

    Attributes
    ----------
    setting : Setting
        What the patient was given.
    sources : list of SheddingSource
        As they are now: a treatment replaces them.
    lesions : Lesions
        Of the patient.
    identities : Identities
        Of the cells that were shed.
    care : Care or None
        What is done, where anything is.
    tables : Tables
        What the patient's cells obey now.
    n_bounded : int
        Epochs, since this process began, in which not all was followed that was shed.

    Parameters
    ----------
    setting : Setting
        Of the patient.
    first_clone : int
        Clone label of its first source among those of all patients.
    """

    def __init__(self, setting: Setting, first_clone: int = 0) -> None:
        self.setting = setting
        self.first_clone = first_clone
        self.sources: list[SheddingSource] = [
            replace(
                source,
                clone=first_clone + number,
                number=number,
                patient=setting.patient,
            )
            for number, source in enumerate(setting.sources)
        ]
        self.lesions = Lesions(
            setting.doubling_times,
            setting.lesions,
            setting.seed,
            patient=setting.patient,
            overt=setting.overt,
        )
        self.identities = Identities(setting.patient)
        self.care = None if setting.care is None else Care(setting.care, setting)
        self.tables: Tables = setting.tables
        self.is_alive = True
        self.n_bounded = 0

    @property
    def n_clones(self) -> int:
        """Clone labels that it has."""
        return len(self.sources)

    def clone_keys(self) -> npt.NDArray[np.uint64]:
        """Return what the chances of cells hang on that lose their identity, (n_clones,)."""
        return mixed(self.setting.patient, np.arange(self.n_clones))

    def shed(self, vessels: LesionVessels, *, epoch: int, start: int, end: int) -> Sequence[Litter]:
        """Draw what sources and lesions shed in an epoch; the dead shed nothing."""
        if not self.is_alive:
            return []
        when: dict[str, Any] = {"epoch": epoch, "start": start, "end": end}
        most = self.setting.most_followed
        shares = followed_shares(self.sources, most, start=start, end=end)
        share = followed_share(self.lesions, most, start=start, end=end)
        self.n_bounded += min(*shares, share) < 1.0
        ids = self.identities
        born = litters(self.sources, **when, seed=self.setting.seed, identities=ids, shares=shares)
        return born + lesion_litters(self.lesions, vessels, **when, identities=ids, share=share)

    def attend(self, time: int, *, epoch: int, blood: Blood) -> None:
        """Examine and treat at the beginning of an epoch [ns] what is due."""
        if self.care is not None and self.is_alive:
            end = self.setting.epochs[epoch]
            self.care.attend(self, time, end=end, blood=blood)

    def settle(self, epoch: int, *, start: int, end: int) -> npt.NDArray[np.int64]:
        """Let lesions be lost and wake at the end of an epoch, and treatment act on growth.

        Returns the lesions that were lost or woke, (n,) int64.
        """
        changed = self.lesions.settle(epoch, start=start, end=end)
        if self.care is not None and self.is_alive:
            self.care.close(self, start=start, end=end)
        return changed

    def clinic_rows(self) -> dict[str, npt.NDArray[Any]]:
        """Return what happened in the present epoch, by name; nothing where nothing is planned."""
        return {} if self.care is None else self.care.rows.arrays()

    def decisive(self, time: int) -> list[tuple[str, npt.NDArray[Any]]]:
        """Return what only some patients have, for the digest of a run."""
        rows, laws = self.lesions.rows, self.setting.lesions
        found: list[tuple[str, npt.NDArray[Any]]] = []
        if laws.cell_loss_factor > 0.0:
            found += [("early course", columns_of(rows, ("start", "dies_out")))]
        fates = columns_of(rows, ("fate", "paused"))
        if fates["fate"].any() or fates["paused"].any():
            found += [("lesion fates", fates)]
            found += [("fate rates", np.array([laws.loss_rate, laws.waking_rate]))]
        found += [
            ("tumour", np.array(source.primary.measures(time)))
            for source in self.sources
            if source.primary is not None and not source.primary.is_steady
        ]
        return found + ([] if self.care is None else self.care.decisive())

    def state_parts(self) -> dict[str, Callable[[], Any]]:
        """Return what gives each value that `restore` needs, by name."""
        rows = self.lesions.rows
        columns = {name: rows[name] for name in LESION.names or ()}
        parts: dict[str, Callable[[], Any]] = {
            f"lesion_{name}": column.copy for name, column in columns.items()
        }
        parts["n_identities"] = lambda: self.identities.n_taken
        if self.care is not None:
            parts |= {name: value.copy for name, value in self.care.state().items()}
            sources = source_state(self.sources)
            parts |= {f"{_SOURCES}{name}": value.copy for name, value in sources.items()}
        return parts

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the state of an earlier simulation of the same setting."""
        self.lesions.rows = rows_of(state, "lesion", LESION)
        self.identities.n_taken = state["n_identities"]
        if self.care is not None:
            own = {k.removeprefix(_SOURCES): v for k, v in state.items() if k.startswith(_SOURCES)}
            self.sources = restored_sources(self.sources, own)
            self.care.restore(self, state)

    def take_out(self, number: int, *, time: int) -> None:
        """Take out the tumour of a source at a time [ns]: it sheds no more."""
        source = self.sources[number]
        primary = None if source.primary is None else source.primary.removed(time)
        stop = max(min(source.stop, time), source.start)
        self.sources[number] = replace(source, stop=stop, primary=primary)

    def resize(self, number: int, mass: float, *, time: int) -> None:
        """Let the tumour of a source go on from another mass [kg] at a time [ns]."""
        source = self.sources[number]
        if source.primary is not None:
            self.sources[number] = replace(source, primary=source.primary.resized(mass, time=time))

    def shrink(self, number: int, share: float, *, time: int) -> None:
        """Leave a share of the tumour of a source at a time [ns], from which it grows on."""
        primary = self.sources[number].primary
        if primary is not None:
            self.resize(number, share * primary.mass(time), time=time)

    def masses(self, number: int, *times: int) -> tuple[float, ...]:
        """Return the mass [kg] of the tumour of a source at some times [ns]."""
        primary = self.sources[number].primary
        return tuple(0.0 if primary is None else primary.mass(time) for time in times)

    def set_vigour(self, vigour: float, of_sources: Mapping[int, float] = _NO_FACTORS) -> None:
        """Let lesions and tumours shed as much over untreated, some sources by a factor more."""
        for number, source in enumerate(self.sources):
            wanted = vigour * of_sources.get(number, 1.0)
            if source.primary is not None and source.primary.vigour != wanted:
                self.sources[number] = replace(
                    source, primary=replace(source.primary, vigour=wanted)
                )
        laws = self.setting.lesions
        if self.lesions.biology.shedding_rate != laws.shedding_rate * vigour:
            self.lesions.biology = replace(laws, shedding_rate=laws.shedding_rate * vigour)
