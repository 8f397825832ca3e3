"""Tumour DNA in plasma: a share in proportion to the tumour's volume, counted in molecules."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ctc.backends.host_tables import exponential, poisson
from ctc.checks import FloatArray, require_non_negative
from ctc.clinic.deviates import Draw, body_key, random_bits
from ctc.clinic.disease import Draws
from ctc.scenario.parameters import ParameterSet

_LN2 = 0.6931471805599453


@dataclass(frozen=True)
class PlasmaTest:
    """What a test of plasma for tumour DNA finds.

    Attributes
    ----------
    fraction_per_volume : float [1/m^3]
        Variant allele fraction over the tumour's volume.
    highest : float
        Fraction where all DNA is the tumour's.
    half_life : float [s]
        Of DNA in plasma.
    genomes : float
        Haploid genomes in the plasma that is tested.
    cut_off : int
        Mutated molecules that make it positive.
    """

    fraction_per_volume: float
    highest: float
    half_life: float
    genomes: float
    cut_off: int


@dataclass(frozen=True)
class PlasmaFinding:
    """What a test of plasma gave.

    Attributes
    ----------
    fraction : float
        Measured variant allele fraction.
    molecules : int
        Mutated ones counted.
    is_positive : bool
        Whether enough of them.
    """

    fraction: float
    molecules: int
    is_positive: bool


def resolve_plasma_test(parameters: ParameterSet) -> PlasmaTest:
    """Return what a test of plasma finds, from the parameters ``diagnosis.ctdna.*`` of a run."""

    def value(name: str) -> float:
        return parameters.value(f"diagnosis.ctdna.{name}")

    return PlasmaTest(
        fraction_per_volume=value("fraction") / value("volume"),
        highest=value("highest"),
        half_life=value("half_life"),
        genomes=value("genomes"),
        cut_off=int(value("cut_off")),
    )


def variant_fraction(diameter: FloatArray, *, test: PlasmaTest) -> float:
    """Return the variant allele fraction in plasma with tumours of some diameters.

    ``0.1 % sum of pi/6 d^3 / 10 cm^3``, at most `highest`.

    Parameters
    ----------
    diameter : (n,) float64 [m]
        Of all tumours and lesions.
    test : PlasmaTest
        Its proportion.

    Returns
    -------
    float
        Share of the molecules that bear the mutation.

    Notes
    -----
    Proportion holds between patients on the whole, from 10 to 100 cm^3 of lung cancer. Grade, cell
    death and type move it by a factor of ten either way; the brain sheds hardly any.

    References
    ----------
    .. [1] Abbosh 2017 Nature 545:446.
    """
    require_non_negative("diameter", diameter, unit="m", item="lesion")
    # One after another: NumPy adds in blocks of a width that depends on the processor.
    volume: float = sum(math.pi / 6.0 * d * d * d for d in diameter.tolist())
    return min(test.fraction_per_volume * volume, test.highest)


def cleared_fraction(fraction: float, elapsed: float, *, now: float, test: PlasmaTest) -> float:
    """Return the fraction some time after the tumour was cut from one size to another.

    Parameters
    ----------
    fraction : float
        Before.
    elapsed : float [s]
        Since then, >= 0.
    now : float
        That of the tumour that is left.
    test : PlasmaTest
        Its half-life.

    Returns
    -------
    float
        ``now + (before - now) 2^(-elapsed / half_life)``.
    """
    left = float(exponential(-_LN2 * min(elapsed / test.half_life, 1000.0)))
    return now + (fraction - now) * left


def measure_plasma(fraction: float, *, test: PlasmaTest, draws: Draws) -> PlasmaFinding:
    """Count mutated molecules in plasma.

    Parameters
    ----------
    fraction : float
        True variant allele fraction.
    test : PlasmaTest
        Its genomes and cut-off.
    draws : Draws
        Of this occasion.

    Returns
    -------
    PlasmaFinding
        The count is Poisson of mean ``fraction genomes``: what limits detection is the number of
        genomes in the tube. With 5000 and a cut-off of 2, half of samples with 0.034 % are found.
    """
    word = random_bits(float(draws.uniform(body_key(), Draw.MOLECULES)[0]))
    molecules = poisson(fraction * test.genomes, word)
    return PlasmaFinding(
        fraction=molecules / test.genomes,
        molecules=molecules,
        is_positive=molecules >= test.cut_off,
    )
