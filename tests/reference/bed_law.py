"""Arrest and slowness of a capillary bed in NumPy and SciPy, by quadrature over the bores."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad

from ctc.backends.host_tables import BedLaw


def bed_chances(law: BedLaw, radius: float, *, adhesion: float) -> tuple[float, float]:
    """Return the chance of arrest and the slowness of a passing cell.

    Bores are normal within three standard deviations and weighted by their flow, bore^4. One
    capillary of bore D stops a cell of effective diameter d with chance
    1 / (1 + exp(-(d/D - midpoint) / width)); a path has n of them in series; adhesion stops a
    share of what passes. The slowed share of the flow is that in bores narrower than the cell.
    """
    diameter = 2.0 * radius
    law_of = _weights(law)

    def stop(z: float) -> float:
        ratio = law.stiffness_ratio * diameter / law_of.bore(z)
        return float(1.0 / (1.0 + np.exp(-(ratio - law.midpoint) / law.width)))

    total = law_of.integral(lambda z: 1.0)
    stopped = law_of.integral(stop) / total
    edge = (diameter - law.bore) / law.bore_deviation
    narrow = law_of.integral(lambda z: 1.0, upper=min(max(edge, -3.0), 3.0)) / total
    passed = (1.0 - stopped) ** law.n_in_series * (1.0 - adhesion)
    return 1.0 - passed, 1.0 + (law.passing_slowness - 1.0) * narrow


class _weights:  # noqa: N801 - a closure with two methods
    def __init__(self, law: BedLaw) -> None:
        self._law = law

    def bore(self, z: float) -> float:
        return max(self._law.bore + z * self._law.bore_deviation, 0.2 * self._law.bore)

    def integral(self, function, *, upper: float = 3.0) -> float:  # type: ignore[no-untyped-def]
        def weighted(z: float) -> float:
            return float(function(z) * np.exp(-0.5 * z * z) * (self.bore(z) / self._law.bore) ** 4)

        return float(quad(weighted, -3.0, upper, epsabs=0.0, epsrel=1e-9, limit=200)[0])
