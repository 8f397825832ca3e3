"""Row 23: how often tumour DNA is found in plasma."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from ctc import pipeline
from ctc.clinic.ctdna import PlasmaTest, cleared_fraction, resolve_plasma_test, variant_fraction
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, Sheet, inside, within_points

_MINUTE = 60.0
_POINTS = 0.1
# Early colorectal cancers: median diameter, and spread of its logarithm; from memory.
_EARLY, _SPREAD = 3.5e-2, 0.5
# Metastatic: a primary as above and ten metastases of 2 cm.
_METASTATIC = (3.5e-2, *[2e-2] * 10)
_PANEL = Panel("One tumour", "diameter [mm]", "chance of a positive test", x_scale="log")
_REASON = (
    "Every tumour of a size sheds alike in the law, at the rate of lung cancers of grades that "
    "were found; between types and grades it differs by a factor of ten either way, and early "
    "colorectal cancers shed less."
)


@dataclass(frozen=True)
class PlasmaDna:
    """The share of mutated molecules by volume, and the chance of two of them; nothing drawn."""

    number: int = 23
    name: str = "plasma_dna"
    body: str = "any"
    source: str = "Abbosh 2017 Nature 545:446; Diehl 2008 Nat Med 14:985 (from memory)"
    law: str = "DNA goes with the tumour's volume: a thousandth of it"

    def measure(self, *, ablated: bool) -> Outcome:
        """Solve for tests of early and metastatic cancer, and for the half-life."""
        published = published_figures("clinic")
        test = resolve_plasma_test(pipeline.load_scenario("quick").parameters)
        if ablated:
            test = replace(test, fraction_per_volume=1e-3 * test.fraction_per_volume)
        ten = 2.0 * (10e-6 * 3.0 / (4.0 * math.pi)) ** (1.0 / 3.0)
        fraction = variant_fraction(np.array([ten]), test=test)
        early = _early(test)
        metastatic = _chance(variant_fraction(np.array(_METASTATIC), test=test), test)
        half = _half_life(test)
        wanted = published["ctdna_ten_cubic_centimetres"].target
        figures = (
            Figure(
                name="variant fraction with a tumour of 10 cm3",
                target=wanted,
                tolerance="factor 1.1",
                got=fraction,
                standard_error=None,
                n=0,
                basis="fitted",
                is_met=wanted / 1.1 <= fraction <= 1.1 * wanted,
            ),
            Figure(
                name="half-life after resection",
                target=published["ctdna_half_life"].band,
                tolerance="inside the band",
                got=half / _MINUTE,
                standard_error=None,
                n=0,
                basis="fitted",
                is_met=inside(half / _MINUTE, *published["ctdna_half_life"].band),
                unit="min",
            ),
            Figure(
                name="metastatic cancer, positive",
                target=published["ctdna_metastatic"].target,
                tolerance="0.1",
                got=metastatic,
                standard_error=None,
                n=0,
                basis="predicted",
                is_met=within_points(metastatic, 1.0, _POINTS),
            ),
            Figure(
                name="early colorectal cancer, positive",
                target=published["ctdna_early"].target,
                tolerance="0.1",
                got=early,
                standard_error=None,
                n=0,
                basis="predicted",
                is_met=within_points(early, published["ctdna_early"].target, _POINTS),
                reason=_REASON,
                known=(0.85, 1.0),
            ),
        )
        sizes = np.geomspace(3e-3, 1e-1, 60)
        chances = [_chance(variant_fraction(np.array([d]), test=test), test) for d in sizes]
        curves = {"by the law": Curve(_PANEL, 1e3 * sizes, np.array(chances))}
        sheet = Sheet(
            "Early cancer where tumours of a volume differ in DNA by a log-normal factor",
            ("spread of the logarithm", "positive"),
            tuple((spread, _early(test, shedding=spread)) for spread in (0.0, 1.0, 2.3)),
        )
        note = (
            "Early tumours: 35 mm, log-normal with 0.5; metastatic ones: that and ten metastases "
            "of 2 cm; both assumed. Two mutated molecules of 5,000 genomes make a test positive."
        )
        return Outcome(figures, curves, (note,), (sheet,))


def _chance(fraction: float, test: PlasmaTest) -> float:
    """Return the chance of as many mutated molecules as make the test positive."""
    mean = fraction * test.genomes
    below = sum(mean**k / math.factorial(k) for k in range(test.cut_off))
    return 1.0 - math.exp(-mean) * below


def _early(test: PlasmaTest, *, shedding: float = 0.0) -> float:
    nodes, weights = hermegauss(40)
    total = 0.0
    for z, weight in zip(nodes, weights, strict=True):
        fraction = variant_fraction(np.array([_EARLY * math.exp(_SPREAD * z)]), test=test)
        inner = sum(
            w * _chance(min(fraction * math.exp(shedding * y), test.highest), test)
            for y, w in zip(nodes, weights, strict=True)
        )
        total += weight * inner / weights.sum()
    return float(total / weights.sum())


def _half_life(test: PlasmaTest) -> float:
    """Return the time [s] in which the law lets half go, from two moments of it."""
    early, late = (cleared_fraction(1e-3, t, now=0.0, test=test) for t in (600.0, 4200.0))
    return 3600.0 * math.log(2.0) / math.log(early / late)
