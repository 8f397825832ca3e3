"""What a run file holds of the births of its cells and of what acted on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend
from ctc.backends.source import kernel_hash
from ctc.errors import InputError
from ctc.preparation import setting_of, vessels_of
from ctc.record.layout import NO_FOUNDER
from ctc.record.reader import Run
from ctc.record.vessels import vessels_hash
from ctc.recorder import recorded_rows
from ctc.scenario.scenario import Scenario, restore_scenario
from ctc.simulation.births import Births
from ctc.simulation.genealogy import LITTER
from ctc.simulation.retracing import Retraced, Retracing


class RunAgain:
    """A run laid out so that any of its cells can be followed again.

    Attributes
    ----------
    run : Run
        Open.
    scenario : Scenario
        As the run file holds it.
    network, flow : VesselNetwork, FlowField
        Its vessels.
    births : Births
        Of its cells.

    Parameters
    ----------
    run : Run
        Open as long as this is used.

    Raises
    ------
    InputError
        If the run does not hold what is needed, or its vessels are not those that it began with.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        header = run.header
        self.scenario = restore_scenario(header.scenario_json, header.scenario_text)
        self.network, self.flow = run.network(), run.flow()
        if vessels_hash(self.network, self.flow) != header.provenance.network_hash:
            message = "vessels must be those that the run began with, got others: it is damaged."
            raise InputError(message, file=str(run.path))
        _require_births(run)
        setting = setting_of(
            self.scenario,
            self.network,
            self.flow,
            near_organs=_near_organs(self.scenario),
            seed=header.provenance.seed,
        )
        if run.n_epochs > len(setting.epochs):
            message = f"run must have at most the {len(setting.epochs)} epochs of its scenario, "
            message += f"got {run.n_epochs}: it is damaged. Copy it again."
            raise InputError(message, file=str(run.path))
        self.births = Births(setting, *_litters(run), homes=_homes(run))
        self._effects = run.effects()

    @property
    def has_same_kernels(self) -> bool:
        """Whether this program's kernels are those that made the run."""
        return self.run.provenance.kernel_hash == kernel_hash()

    def retrace(self, cells: npt.NDArray[np.uint64], backend: Backend) -> Iterator[Retraced]:
        """Follow some cells, rising, through the epochs that the run has done."""
        retracing = Retracing(
            self.births, self._effects, cells, backend=backend, n_epochs=self.run.n_epochs
        )
        return retracing.epochs()

    def all_rows(self, events: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return all of some events, (n,) EVENT, as rows of a run file."""
        return recorded_rows(events, self.births.setting, which="all")

    def rows(self, events: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return events as the run file stores them; those that it leaves out are left out."""
        return recorded_rows(
            events, self.births.setting, which=self.scenario.settings.record.events
        )


def _require_births(run: Run) -> None:
    """Raise InputError where a file of an older format lacks what bears cells again."""
    missing = ""
    if not run.has_column("litters", "first_cell"):
        missing = "which source shed which cells"
    elif not run.has_column("effects", "time") and run.treatments().size:
        missing = "what treatment did to cells"
    if missing:
        message = (
            f"run must say {missing} for its cells to be followed again, got a file of a format "
            "before 1.5. Run its scenario anew."
        )
        raise InputError(message, file=str(run.path))


def _litters(run: Run) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint32] | None]:
    """Return litters, (n,) LITTER, and how many vessels each could enter, where that is known."""
    stored = run.litters()
    rows = np.zeros(stored.size, dtype=LITTER)
    for name in LITTER.names or ():
        rows[name] = stored[name]
    first = rows["first_cell"]
    if (first[1:] - first[:-1] != rows["count"][:-1]).any():
        message = "litters must follow one another without a gap, got others: it is damaged."
        raise InputError(message, file=str(run.path))
    return rows, stored["n_sites"] if run.has_column("litters", "n_sites") else None


def _homes(run: Run) -> dict[int, tuple[int, int]]:
    """Return segment and clone label of each lesion."""
    lesions = run.lesions()
    lesions = lesions[lesions["cell"] != np.uint64(NO_FOUNDER)]
    columns = (lesions[name].tolist() for name in ("lesion", "segment", "clone"))
    return {lesion: (segment, clone) for lesion, segment, clone in zip(*columns, strict=True)}


def _near_organs(scenario: Scenario) -> Any:
    """Return the nodes beside organs of vessels that were not grown; a run does not hold them."""
    if scenario.settings.body.source == "grown":
        return {}
    return vessels_of(scenario)[2]
