"""Where, when and how many cells enter, with the defaults of the cancer filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ctc.errors import InputError
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import BolusSource
from ctc.scenario.tumours import PrimaryTumour, resolve_tumour

_MOST_CELLS = 1e12


@dataclass(frozen=True)
class CellSource:
    """One source of cells: a tumour, or a bolus.

    Attributes
    ----------
    label : str
        How tables name it, such as ``tumour in breast``.
    organ : str
        Cells enter at this organ's venules; empty where ``vessel`` is given.
    vessel : str
        Cells enter at this named vessel; empty where ``organ`` is given.
    rate : float [1/s]
        Mean of the Poisson process of shedding, as of the mass at the start of the run; 0 for a
        bolus.
    start, stop : float [s]
        The cells of a tumour are born in between; a bolus has both the same.
    n_cells : int
        Of a bolus; 0 for a tumour.
    lymph_share : float
        Share of a bolus that enters the organ's lymphatics.
    tumour : PrimaryTumour or None
        How a tumour grows and what it reaches.
    """

    label: str
    organ: str
    vessel: str
    rate: float
    start: float
    stop: float
    n_cells: int
    lymph_share: float = 0.0
    tumour: PrimaryTumour | None = None

    @property
    def expected_cells(self) -> float:
        """Mean number of cells over the run, if its mass stayed as it is at the start."""
        return self.n_cells + self.rate * (self.stop - self.start)


def resolve_sources(scenario: Scenario) -> tuple[CellSource, ...]:
    """Return the sources of a scenario in the order of the file.

    Raises
    ------
    InputError
        If a tumour has no shedding rate and the cancer gives none, its keys do not fit together,
        or all give too many cells.
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
        try:
            tumour = resolve_tumour(scenario, source)
        except InputError as error:
            raise error.of_source(index) from None
        found.append(
            CellSource(
                label=f"tumour in {source.organ}",
                organ=source.organ,
                vessel="",
                rate=rate * source.mass,
                start=source.start,
                stop=min(tumour.stop, settings.run.duration),
                n_cells=0,
                tumour=tumour,
            )
        )
    require_few_enough([source.expected_cells for source in found])
    return tuple(found)


def require_few_enough(expected: Sequence[float]) -> None:
    """Raise InputError if sources are to give more cells than a run can hold; names the largest."""
    total = sum(expected)
    if not total <= _MOST_CELLS:
        index = max(range(len(expected)), key=expected.__getitem__)
        own = "" if len(expected) == 1 else f", of them {expected[index]:g} from this one"
        message = f"sources must give at most {_MOST_CELLS:g} cells, got {total:g}{own}. "
        raise InputError(message + "Lower mass, shedding rate or time.", key=f"source.{index}")
