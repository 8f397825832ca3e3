"""Primary tumours while they grow: mass, front, and the vessels that the front has reached."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import power
from ctc.checks import FloatArray
from ctc.scenario.tumours import PrimaryTumour, Rhythm
from ctc.simulation.entry_sites import EntrySites, weighted_sites
from ctc.simulation.growth import grown_cells
from ctc.simulation.hop_table import NANOSECONDS
from ctc.simulation.rhythm import rhythm_factor
from ctc.states import Route

_SECOND = 10**9
_FEW = 8  # moments at which the mass is remembered: an epoch asks again and again for the same


@dataclass(frozen=True)
class Venules:
    """Venules of an organ, in the order in which a tumour's front reaches them.

    Attributes
    ----------
    reach : (n,) float64 [m]
        Distance of the nearest point of each from the tumour's centre, rising.
    record : (n,) uint32
        Records of the segments.
    flow_rate : (n,) float64 [m^3/s]
        The weight with which cells enter.
    route : (n,) uint8
        `Route` of each.
    """

    reach: FloatArray
    record: npt.NDArray[np.uint32]
    flow_rate: FloatArray
    route: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Primary:
    """A primary tumour with its vessels.

    Attributes
    ----------
    tumour : PrimaryTumour
        What the scenario says.
    organ : int
        Row of the organ tables; -1 where the network does not have the organ.
    segment : int
        Where it lies; -1 for a tumour that lies nowhere in particular.
    venules : Venules or None
        Those of its organ by reach; None for a tumour that sheds into all of them.
    lymphatics : EntrySites or None
        Where its cells enter the lymph.
    rhythm : Rhythm or None
        Of shedding.
    since : int [ns]
        From when on it grows from `base_mass`.
    base_mass : float or None [kg]
        What a treatment left of it then; None for a tumour that was never treated.
    vigour : float
        Factor on its shedding.
    """

    tumour: PrimaryTumour
    organ: int = -1
    segment: int = -1
    venules: Venules | None = None
    lymphatics: EntrySites | None = None
    rhythm: Rhythm | None = None
    since: int = 0
    base_mass: float | None = None
    vigour: float = 1.0
    _masses: dict[int, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def is_steady(self) -> bool:
        """Whether it sheds at the rate of its whole mass all the time."""
        tumour = self.tumour
        is_whole = math.isinf(tumour.viable_rim)
        changes = tumour.law is not None or tumour.front_speed is not None
        is_untreated = self.base_mass is None and self.vigour == 1.0
        return is_whole and not changes and is_untreated and self.rhythm is None

    def mass(self, time: int) -> float:
        """Return its mass [kg] at a time [ns], necrotic core included."""
        if time not in self._masses:
            if len(self._masses) >= _FEW:
                self._masses.clear()
            self._masses[time] = self._mass(time)
        return self._masses[time]

    def _mass(self, time: int) -> float:
        tumour = self.tumour
        base = tumour.mass if self.base_mass is None else self.base_mass
        if tumour.law is None:
            return base
        per_mass = tumour.tissue.cells_per_mass
        cells = grown_cells(
            tumour.law,
            (time - self.since) / NANOSECONDS,
            initial=base * per_mass,
            doubling_time=tumour.doubling_time,
        )
        return float(cells) / per_mass

    def radius(self, time: int) -> float:
        """Return the radius [m] of a ball of its mass, ``(3 m / (4 pi density))^(1/3)``."""
        volume = self.mass(time) / self.tumour.tissue.density
        return float(power(volume * (3.0 / (4.0 * math.pi)), 1.0 / 3.0))

    def living_mass(self, time: int) -> float:
        """Return the mass [kg] of its viable rim: all of it, or without the core inside the rim."""
        mass, rim = self.mass(time), self.tumour.viable_rim
        if math.isinf(rim):
            return mass
        core = max(1.0 - rim / self.radius(time), 0.0)
        return mass * (1.0 - core * core * core)

    def has_vessels(self, time: int) -> bool:
        """Whether it is so large that vessels have grown into it."""
        least = self.tumour.avascular_diameter
        return least <= 0.0 or 2.0 * self.radius(time) >= least

    def front_radius(self, time: int) -> float:
        """Return how far its front is from its centre [m]; 0 where it has none."""
        tumour = self.tumour
        if tumour.front_speed is None:
            return 0.0
        return self.radius(time) + tumour.margin + tumour.front_speed * (time / NANOSECONDS)

    def n_reached(self, time: int) -> int:
        """Return how many of its `venules` the front has reached at a time [ns]."""
        if self.venules is None or not self.has_vessels(time):
            return 0
        front = self.front_radius(time)
        return int(np.searchsorted(self.venules.reach, front, side="right"))

    def is_there(self, time: int) -> bool:
        """Whether it has not been taken out at a time [ns]."""
        return time < self.tumour.stop * NANOSECONDS

    def cells(self, time: int) -> int:
        """Return its living cells at a time [ns]; 0 once it has been taken out."""
        if not self.is_there(time):
            return 0
        return math.floor(self.living_mass(time) * self.tumour.tissue.cells_per_mass)

    def measures(self, time: int) -> tuple[float, float, float, float]:
        """Return mass and living mass [kg], front radius [m] and strength at a time [ns]."""
        strength = self.strength(time, time + _SECOND)
        return self.mass(time), self.living_mass(time), self.front_radius(time), strength

    def strength(self, start: int, end: int) -> float:
        """Shedding between two times [ns] over that of its whole mass at the start of the run.

        The living mass in the middle of the stretch, times the exact mean of the time of day; 0
        without vessels. The error of taking the middle is second order in the stretch over the
        doubling time: 1e-5 for a day of a tumour that doubles in 50 days.
        """
        middle = start + (end - start) // 2
        if not self.has_vessels(middle):
            return 0.0
        if self.venules is not None and self.n_reached(middle) == 0:
            return 0.0
        strength = self.living_mass(middle) / self.tumour.mass
        return strength * self.vigour * rhythm_factor(self.rhythm, start, end)

    def resized(self, mass: float, *, time: int) -> Primary:
        """Return it as it goes on from another mass [kg], > 0, at a time [ns]."""
        return replace(self, since=time, base_mass=mass)

    def removed(self, time: int) -> Primary:
        """Return it as taken out at a time [ns]."""
        return replace(self, tumour=replace(self.tumour, stop=time / NANOSECONDS))

    def sites(self, start: int, end: int) -> tuple[EntrySites, Route] | None:
        """Return what it has reached in the middle of a stretch of time [ns], with the route.

        None where it sheds into its whole organ, or has reached nothing.
        """
        n_reached = self.n_reached(start + (end - start) // 2)
        if self.venules is None or n_reached == 0:
            return None
        reached = self.venules.route[:n_reached]
        record, weight = self.venules.record[:n_reached], self.venules.flow_rate[:n_reached]
        return weighted_sites(record, weight), one_route(reached)


def one_route(routes: npt.NDArray[np.uint8]) -> Route:
    """Return the route that all have, or `Route.SEVERAL`."""
    same = routes.size > 0 and bool((routes == routes[0]).all())
    return Route(int(routes[0])) if same else Route.SEVERAL
