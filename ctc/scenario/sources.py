"""Where, when and how many cells enter, with the defaults of the cancer filled in."""

from __future__ import annotations

from dataclasses import dataclass

from ctc.errors import InputError
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import BolusSource, TumourSource

_MOST_CELLS = 1e12


@dataclass(frozen=True)
class CellSource:
    """One source of cells: a steady shedder, or a bolus.

    Attributes
    ----------
    label : str
        How tables name it, such as ``tumour in breast``.
    organ : str
        Cells enter at this organ's venules; empty where ``vessel`` is given.
    vessel : str
        Cells enter at this named vessel; empty where ``organ`` is given.
    rate : float [1/s]
        Mean of the Poisson process of shedding; 0 for a bolus.
    start, stop : float [s]
        The cells of a steady shedder are born in between; a bolus has both the same.
    n_cells : int
        Of a bolus; 0 for a steady shedder.
    lymph_share : float
        Share of the cells that enter the organ's lymphatics.
    needs_lymph : bool
        Whether the scenario itself asks for that share, so that the organ must have lymphatics.
    """

    label: str
    organ: str
    vessel: str
    rate: float
    start: float
    stop: float
    n_cells: int
    lymph_share: float = 0.0
    needs_lymph: bool = False

    @property
    def expected_cells(self) -> float:
        """Mean number of cells that it gives over the run."""
        return self.n_cells + self.rate * (self.stop - self.start)


def resolve_sources(scenario: Scenario) -> tuple[CellSource, ...]:
    """Return the sources of a scenario in the order of the file.

    Raises
    ------
    InputError
        If a tumour has no shedding rate and the cancer gives none, or all give too many cells.
    """
    settings = scenario.settings
    found = []
    for index, source in enumerate(settings.source):
        if isinstance(source, BolusSource):
            place = source.organ or source.vessel
            found.append(
                CellSource(
                    label=f"bolus into {place}",
                    organ=source.organ,
                    vessel=source.vessel,
                    rate=0.0,
                    start=source.at,
                    stop=source.at,
                    n_cells=source.cells,
                    lymph_share=source.lymph_share,
                    needs_lymph=source.lymph_share > 0.0,
                )
            )
            continue
        rate = source.shedding_rate
        if rate is None:
            if "shedding.rate" not in scenario.parameters:
                message = "key must be given where the cancer sets no shedding.rate, got none. "
                remedy = "Write it like '7e4 1/g/day'."
                raise InputError(message + remedy, key=f"source.{index}.shedding_rate")
            rate = scenario.parameters.value("shedding.rate")
        stop = settings.run.duration if source.stop is None else source.stop
        found.append(
            CellSource(
                label=f"tumour in {source.organ}",
                organ=source.organ,
                vessel="",
                rate=rate * source.mass,
                start=source.start,
                stop=min(stop, settings.run.duration),
                n_cells=0,
                lymph_share=_lymph_share(source, scenario),
                needs_lymph=bool(source.lymph_share),
            )
        )
    total = sum(source.expected_cells for source in found)
    if total > _MOST_CELLS:
        message = f"sources must give at most {_MOST_CELLS:g} cells, got {total:g}. "
        raise InputError(message + "Lower mass, shedding rate or time.", key="source")
    return tuple(found)


def _lymph_share(source: TumourSource, scenario: Scenario) -> float:
    if source.lymph_share is not None:
        return source.lymph_share
    if scenario.settings.cells.inert:
        return 0.0
    return scenario.parameters.value("lymph.entry_share")
