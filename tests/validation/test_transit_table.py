"""The table of transit times and blood volumes, on a small body, and the curve that it reads."""

import json

import numpy as np
import pytest

from tools.validate.__main__ import main
from tools.validate.walks import indicator_moments

# With what is known to miss, and why: tools/README.md.
MISSED = {"arm_vein_to_femoral_artery", "coronary_relative_dispersion"}


def test_the_command_meets_what_it_is_known_to_meet(capsys: pytest.CaptureFixture[str]) -> None:
    """n = 100,000 tracers through lungs and arm, 2,500 through each of 78 regions."""
    options = ["--terminals", "3000", "--cells", "100000", "--json"]
    assert main(["transit", "--body", "human_male", *options]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["body"] == "human_male"
    missed = {row["quantity"] for row in found["rows"] if not row["is_met"]}
    assert len(found["rows"]) == 12
    assert missed <= MISSED


def test_moments_of_a_delayed_exponential_are_exact() -> None:
    """2 s and then exponential of 1 s: the extrapolated tail is the true one. n = 1e6.

    Standard errors of mean and deviation are 1e-3 and 1.4e-3; the slope between 50 and 20 % rests
    on a third of the tracers and 30 bins, so that tail and mean are good to 1 %.
    """
    time = 2.0 + np.random.Generator(np.random.Philox(key=9)).exponential(1.0, 1_000_000)
    mean, deviation = indicator_moments(time)
    assert mean == pytest.approx(3.0, rel=0.01)
    assert deviation == pytest.approx(1.0, rel=0.03)


def test_moments_of_a_curve_that_falls_faster_are_near() -> None:
    """Gamma law of shape 6: its tail below 20 % is steeper than the slope above it."""
    time = np.random.Generator(np.random.Philox(key=10)).gamma(6.0, 1.0, 1_000_000)
    mean, deviation = indicator_moments(time)
    assert mean == pytest.approx(6.0, rel=0.05)
    assert deviation == pytest.approx(np.sqrt(6.0), rel=0.15)


def test_tails_without_variance_do_not_decide() -> None:
    """Points in one tube, 1 / (2 t^3) from 1/2 on: the deviation is finite and settles with n."""
    words = np.random.Generator(np.random.Philox(key=11)).random(1_000_000)
    time = 0.5 / np.sqrt(1.0 - words)
    few, many = (indicator_moments(time[:n])[1] for n in (100_000, 1_000_000))
    assert few == pytest.approx(many, rel=0.05)
    assert many < 0.7 * time.std()
