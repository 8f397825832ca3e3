"""Primary tumours and lesions of a scenario as plain SI numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.errors import InputError
from ctc.scenario.growth import GrowthKind, GrowthLaw
from ctc.scenario.parameters import ParameterSet
from ctc.scenario.scenario import Scenario
from ctc.scenario.schema import TumourSource

DAY = 86400.0
# ln 2 as a literal: no number of a run may come from libm.
_LN2 = 0.6931471805599453


@dataclass(frozen=True)
class Rhythm:
    """Shedding by the time of day; a run begins at midnight.

    Attributes
    ----------
    begin, duration : float [s]
        Of sleep, from midnight.
    asleep, awake : float
        Factors on the rate of shedding; their mean over a day is 1.
    """

    begin: float
    duration: float
    asleep: float
    awake: float


@dataclass(frozen=True)
class Tissue:
    """What turns cells of a tumour into mass and size.

    Attributes
    ----------
    cells_per_mass : float [1/kg]
        Tumour cells.
    density : float [kg/m^3]
        Of the tumour.
    """

    cells_per_mass: float
    density: float

    def cells_of_ball(self, diameter: float) -> float:
        """Return the cells in a ball of a diameter [m]."""
        volume = math.pi / 6.0 * diameter * diameter * diameter
        return self.cells_per_mass * self.density * volume


@dataclass(frozen=True)
class PrimaryTumour:
    """A tumour that the scenario gives.

    Attributes
    ----------
    organ : str
        Where it grows.
    mass : float [kg]
        At the start of the run.
    stop : float [s]
        When it is taken out; infinite for never.
    tissue : Tissue
        Its cells by mass.
    law : GrowthLaw or None
        By which it grows; None keeps its mass.
    doubling_time : float [s]
        Of its mass at the start.
    front_speed : float or None [m/s]
        Of its invasion front; None for a tumour that sheds into its whole organ.
    margin : float [m]
        How far the front is ahead of the surface at the start.
    centre : tuple of float or None [m]
        Where it lies; None leaves it to the seed.
    viable_rim : float [m]
        Depth below the surface that lives and sheds; infinite for all of it.
    avascular_diameter : float [m]
        A smaller tumour has no vessels; 0 for one of constant mass that does not invade.
    lymph_share : float
        Share of its cells that enter lymphatics, where its organ has any.
    needs_lymph : bool
        Whether the scenario itself asks for that share, so that the organ must have some.
    """

    organ: str
    mass: float
    stop: float
    tissue: Tissue
    law: GrowthLaw | None
    doubling_time: float
    front_speed: float | None
    margin: float
    centre: tuple[float, float, float] | None
    viable_rim: float
    avascular_diameter: float
    lymph_share: float
    needs_lymph: bool

    @property
    def is_placed(self) -> bool:
        """Whether it lies at one point of its organ."""
        return self.law is not None or self.is_confined

    @property
    def is_confined(self) -> bool:
        """Whether it sheds only into vessels around that point, by blood and by lymph."""
        return self.front_speed is not None or self.centre is not None


@dataclass(frozen=True)
class LesionBiology:
    """What becomes of lesions, and what they shed.

    Attributes
    ----------
    law : GrowthLaw
        By which they grow, with the doubling time of their organ.
    shedding_rate : float [1/s]
        Cells shed per cell of a lesion that has vessels; 0 where they do not shed.
    vascular_cells : float
        A lesion of fewer has no vessels, and sheds nothing.
    balance_share : float
        Share of the lesions that stop growing at `balance_cells`.
    balance_cells : float
        Size of a micrometastasis in balance.
    waking_rate : float [1/s]
        At which those grow on.
    cell_loss_factor : float
        Death over birth of the cells of a young lesion, below 1; 0 leaves chance out.
    loss_rate : float [1/s]
        At which lesions below `surveillance_cells` are lost to immune cells.
    surveillance_cells : float
        A larger one is safe.
    rhythm : Rhythm or None
        Of shedding.
    cells_per_volume : float [1/m^3]
        Of their tissue.
    """

    law: GrowthLaw
    shedding_rate: float = 0.0
    vascular_cells: float = math.inf
    balance_share: float = 0.0
    balance_cells: float = math.inf
    waking_rate: float = 0.0
    cell_loss_factor: float = 0.0
    loss_rate: float = 0.0
    surveillance_cells: float = 0.0
    rhythm: Rhythm | None = None
    cells_per_volume: float = 1.06e15


def resolve_tumour(scenario: Scenario, source: TumourSource) -> PrimaryTumour:
    """Return one tumour of a scenario.

    Raises
    ------
    InputError
        If its keys do not fit together, or it is as large as a tumour can get.

    Notes
    -----
    The front runs at the speed of a reaction-diffusion wave, ``2 sqrt(D rho)`` (Fisher 1937,
    Kolmogorov, Petrovsky and Piskunov 1937), ``rho = ln 2 / doubling time`` and
    ``D = S^2 P / 3``, a persistent walk of speed S and persistence P in space; times
    ``tumour.collective_factor`` where cells move together.
    """
    parameters = scenario.parameters
    tissue = _tissue(parameters)
    doubling_time = source.doubling_time or parameters.value("tumour.doubling_time")
    doubling_time /= scenario.settings.patient.growth
    if source.doubling_time is not None and source.growth is None and source.invasion is None:
        message = "key must be left out where neither growth nor invasion is asked for. "
        raise InputError(message + "Add growth = 'gompertz'.", key="doubling_time")
    if source.margin > 0.0 and source.invasion is None:
        message = f"key must be left out without invasion, got {source.margin:g} m. "
        raise InputError(message + "Add invasion = 'single'.", key="margin")
    law = None
    if source.growth is not None:
        cells = source.mass * tissue.cells_per_mass
        capacity = parameters.value("tissue.lesion_capacity")
        if cells >= capacity:
            message = (
                f"mass must be below that of tissue.lesion_capacity = {capacity:g} cells for a "
                f"tumour that grows, got {cells:g} cells. Give a smaller one."
            )
            raise InputError(message, key="mass")
        law = _law(parameters, source.growth, reference_cells=cells)
    front_speed = None
    if source.invasion is not None:
        speed = parameters.value("tumour.cell_speed")
        diffusivity = speed * speed * parameters.value("tumour.cell_persistence") / 3.0
        front_speed = 2.0 * math.sqrt(diffusivity * _LN2 / doubling_time)
        if source.invasion == "collective":
            front_speed *= parameters.value("tumour.collective_factor")
    changes = law is not None or front_speed is not None
    return PrimaryTumour(
        organ=source.organ,
        mass=source.mass,
        stop=math.inf if source.stop is None else source.stop,
        tissue=tissue,
        law=law,
        doubling_time=doubling_time,
        front_speed=front_speed,
        margin=source.margin,
        centre=source.centre,
        viable_rim=math.inf if source.viable_rim is None else source.viable_rim,
        avascular_diameter=parameters.value("tumour.avascular_diameter") if changes else 0.0,
        lymph_share=_lymph_share(scenario, source),
        needs_lymph=bool(source.lymph_share),
    )


def _lymph_share(scenario: Scenario, source: TumourSource) -> float:
    if source.lymph_share is not None:
        return source.lymph_share
    return 0.0 if scenario.settings.cells.inert else scenario.parameters.value("lymph.entry_share")


def resolve_lesions(scenario: Scenario) -> LesionBiology:
    """Return what becomes of the lesions of a scenario.

    Raises
    ------
    InputError
        If the law of growth cannot hold.
    """
    parameters, tumours = scenario.parameters, scenario.settings.tumours
    tissue = _tissue(parameters)
    sheds = tumours.lesions_shed and "shedding.rate" in parameters
    factor = parameters.value("tumour.lesion_shedding_factor") if sheds else 0.0
    rate = parameters.value("shedding.rate") * factor if sheds else 0.0
    reference_cells = parameters.value("tumour.reference_cells")
    try:
        law = _law(parameters, tumours.lesion_growth, reference_cells=reference_cells)
    except InputError as error:
        key = parameters.culprit("tumour.reference_cells", "tissue.lesion_capacity")
        raise error.at(key=key) from None
    return LesionBiology(
        law=law,
        shedding_rate=rate / tissue.cells_per_mass,
        vascular_cells=tissue.cells_of_ball(parameters.value("tumour.avascular_diameter")),
        balance_share=parameters.value("tumour.balance_share"),
        balance_cells=tissue.cells_of_ball(parameters.value("tumour.balance_diameter")),
        waking_rate=_LN2 / parameters.value("tumour.balance_half_life"),
        cell_loss_factor=parameters.value("tumour.cell_loss_factor"),
        loss_rate=parameters.value("tumour.lesion_loss_rate"),
        surveillance_cells=tissue.cells_of_ball(parameters.value("tumour.surveillance_diameter")),
        rhythm=resolve_rhythm(scenario),
        cells_per_volume=tissue.cells_per_mass * tissue.density,
    )


def resolve_rhythm(scenario: Scenario) -> Rhythm | None:
    """Return how shedding goes with the time of day, if it does."""
    if not scenario.settings.tumours.circadian:
        return None
    ratio = scenario.parameters.value("tumour.rest_ratio")
    duration = scenario.parameters.value("tumour.rest_duration")
    awake = DAY / (ratio * duration + (DAY - duration))
    begin = scenario.parameters.value("tumour.rest_begin")
    return Rhythm(begin, duration, asleep=ratio * awake, awake=awake)


def _tissue(parameters: ParameterSet) -> Tissue:
    return Tissue(
        cells_per_mass=parameters.value("tumour.cells_per_mass"),
        density=parameters.value("tumour.density"),
    )


def _law(parameters: ParameterSet, kind: str, *, reference_cells: float) -> GrowthLaw:
    return GrowthLaw(
        GrowthKind(kind),
        capacity=parameters.value("tissue.lesion_capacity"),
        reference_cells=reference_cells,
        exponent=parameters.value("tumour.growth_exponent"),
    )
