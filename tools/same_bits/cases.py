"""What is followed on many ways: the short forms of shipped scenarios, with their vessels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ctc.preparation import Prepared, prepare
from ctc.scenario.load import shipped_scenarios
from ctc.scenario.scenario import Scenario
from tools.same_bits.ways import ALL, NOTHING, SHORT
from tools.short_forms import needs_tables, short_form, tables_folder

_RECORDED = {
    SHORT: (),
    NOTHING: ("record.tracked=0", "record.events=none"),
    ALL: ("record.tracked=1000000", "record.events=all", "record.compression=none"),
}


@dataclass(frozen=True)
class Case:
    """A short run.

    Attributes
    ----------
    name : str
        Of the scenario.
    prepared : Prepared
        Its short form with vessels, laid out for the kernels.
    """

    name: str
    prepared: Prepared

    @property
    def network_hash(self) -> str:
        """Of its vessels with their flow."""
        return self.prepared.network_hash

    @property
    def identity(self) -> str:
        """SHA-256 of all that decides its results but the kernels."""
        return self.prepared.setting.digest()

    @property
    def n_epochs(self) -> int:
        """Its epochs; a death may end it earlier."""
        return len(self.prepared.setting.epochs)

    def recording(self, what: str) -> Scenario:
        """Return the scenario with more or less recorded; see `Way.recording`."""
        return _cut(self.name, what)


def case_of(name: str) -> Case:
    """Return the short form of a shipped scenario, with its vessels made or taken out of the cache.

    Raises
    ------
    InputError
        If there is no such scenario, or its tables are not here.
    """
    return Case(name, prepare(_cut(name, SHORT)))


def lacks_tables(name: str) -> bool:
    """Whether a scenario needs tables of vessels that are not here."""
    return name in shipped_scenarios() and needs_tables(name) and tables_folder() is None


@functools.cache
def _cut(name: str, recorded: str) -> Scenario:
    return short_form(name, tables=tables_folder(), further=_RECORDED[recorded])
