"""What there is of a patient's tumours and lesions, as the laws of the clinic see it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import power
from ctc.checks import FloatArray
from ctc.clinic.disease import Disease
from ctc.clinic.resistance import first_resistant_size, regrown_share, resistant_share
from ctc.simulation.growth import growth_rate
from ctc.simulation.host_draws import Purpose, mixed, uniform, words_of
from ctc.simulation.lesions import UNTREATED, Lesions
from ctc.simulation.primaries import Primary
from ctc.simulation.shedding import SheddingSource
from ctc.states import LesionState

_LN2 = 0.6931471805599453
_KEY_SHIFT = np.uint64(2)


def disease_of(
    sources: list[SheddingSource],
    lesions: Lesions,
    *,
    time: int,
    organ_names: tuple[str, ...],
    resistant: FloatArray,
    mutation_rate: float,
) -> Disease:
    """Return the disease of a patient.

    Parameters
    ----------
    sources : list of SheddingSource
        Of the patient; boluses are no tumours.
    lesions : Lesions
        Of the patient.
    time : int [ns]
        At which it is looked at.
    organ_names : tuple of str
        Of the body.
    resistant : (n_sources,) float64
        Resistant share of each tumour that was treated, `UNTREATED` for the others.
    mutation_rate : float
        At which cells become resistant, per division.
    """
    numbers = _living(sources, time)
    primaries = [_primary(sources[number]) for number in numbers]
    sizes = np.floor(lesions.sizes(time))
    rows = np.flatnonzero(sizes >= 1.0)
    own = lesions.rows[rows]
    pace = np.asarray(lesions.doubling_time, dtype=np.float64)[own["organ"]]
    law = lesions.biology.law
    rate = growth_rate(law, np.maximum(sizes[rows], 1.0), doubling_time=pace)
    at_rest = lesions.states(time)[rows] == LesionState.IN_BALANCE
    cells = np.concatenate([[float(p.cells(time)) for p in primaries], sizes[rows]])
    source_numbers = np.array(numbers, dtype=np.int64)
    key = np.concatenate(
        [mixed(lesions.patient, -1 - source_numbers) >> _KEY_SHIFT, own["key"]]
    ).astype(np.uint64)
    between = len(organ_names)
    organ = np.concatenate(
        [np.array([p.organ for p in primaries], dtype=np.int64), own["organ"]]
    ).astype(np.int16)
    paces = [p.tumour.doubling_time for p in primaries]
    return Disease(
        number=np.concatenate([-1 - source_numbers, own["lesion"].astype(np.int64)]),
        key=key,
        organ=np.where(organ == between, -1, organ).astype(np.int16),
        cells=cells,
        diameter=np.concatenate(
            [
                [2.0 * p.radius(time) for p in primaries],
                diameter_of(sizes[rows], lesions.biology.cells_per_volume),
            ]
        ),
        growth_rate=np.concatenate(
            [[_growth_rate(p, time) for p in primaries], np.where(at_rest, 0.0, rate)]
        ),
        reference_rate=np.concatenate([[_LN2 / each for each in paces], _LN2 / pace]),
        resistant_share=_resistant(
            np.concatenate([resistant[source_numbers], own["resistant"]]),
            cells,
            key,
            cells_then=np.concatenate([[_cells_then(p, time) for p in primaries], own["start"]]),
            seed=lesions.seed,
            mutation_rate=mutation_rate,
        ),
        organ_names=organ_names,
    )


def living_cells(
    sources: list[SheddingSource], lesions: Lesions, *, time: int, organ_names: tuple[str, ...]
) -> Disease:
    """Return the disease of a patient with nothing but its cells and where they are.

    As `disease_of`, for what asks every epoch; diameters, rates and resistance are left at 0.
    """
    present = [(number, _primary(sources[number])) for number in _living(sources, time)]
    sizes = np.floor(lesions.sizes(time))
    rows = np.flatnonzero(sizes >= 1.0)
    own = lesions.rows[rows]
    organ = np.concatenate([[p.organ for _, p in present], own["organ"]]).astype(np.int16)
    nothing = np.zeros(organ.size)
    return Disease(
        number=np.concatenate([[-1 - n for n, _ in present], own["lesion"]]).astype(np.int64),
        key=np.zeros(organ.size, dtype=np.uint64),
        organ=np.where(organ == len(organ_names), -1, organ).astype(np.int16),
        cells=np.concatenate([[float(p.cells(time)) for _, p in present], sizes[rows]]),
        diameter=nothing,
        growth_rate=nothing,
        reference_rate=nothing,
        resistant_share=nothing,
        organ_names=organ_names,
    )


def _living(sources: list[SheddingSource], time: int) -> list[int]:
    """Return the numbers of the tumours that are there."""
    return [
        number
        for number, source in enumerate(sources)
        if source.primary is not None
        and source.primary.is_there(time)
        and source.primary.cells(time) >= 1
    ]


def diameter_of(cells: FloatArray, cells_per_volume: float) -> FloatArray:
    """Return the diameter [m] of balls of so many cells, ``(6 N / (pi n))^(1/3)``."""
    volume = cells / cells_per_volume
    return power(np.maximum(volume, 1e-300) * (6.0 / math.pi), 1.0 / 3.0)


def _primary(source: SheddingSource) -> Primary:
    assert source.primary is not None
    return source.primary


def _cells_then(primary: Primary, time: int) -> float:
    """Cells that the last treatment left; those at a time where there was none."""
    mass = primary.mass(time) if primary.base_mass is None else primary.base_mass
    return mass * primary.tumour.tissue.cells_per_mass


def _growth_rate(primary: Primary, time: int) -> float:
    """Specific growth rate [1/s]; of a tumour whose mass is kept, that of its doubling time."""
    tumour = primary.tumour
    if tumour.law is None:
        return _LN2 / tumour.doubling_time
    cells = primary.mass(time) * tumour.tissue.cells_per_mass
    return float(growth_rate(tumour.law, cells, doubling_time=tumour.doubling_time))


def _resistant(
    share: FloatArray,
    cells: FloatArray,
    key: npt.NDArray[np.uint64],
    *,
    cells_then: FloatArray,
    seed: int,
    mutation_rate: float,
) -> FloatArray:
    luck = uniform(words_of(key, seed=seed, purpose=Purpose.LESION_RESISTANCE))
    first = first_resistant_size(luck, mutation_rate=mutation_rate)
    untreated = resistant_share(cells, first, mutation_rate=mutation_rate)
    is_treated = share != UNTREATED
    treated = regrown_share(
        np.where(is_treated, share, 0.0),
        np.maximum(cells_then, 1.0),
        np.maximum(cells, 1.0),
        mutation_rate=mutation_rate,
    )
    found: FloatArray = np.where(is_treated, treated, untreated)
    return found
