"""What treatment does to cells comes back from its rows to the last bit."""

from __future__ import annotations

import numpy as np

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.simulation.clinic_rows import EFFECT
from ctc.simulation.effects import effect_of, effect_rows

ORGANS = ("left lung", "right lung", "liver", "breast")
EFFECT_OF_DRUGS = SystemicEffect(
    blood_hazard=1.0 / 3.0e5,
    arrested_death_rate=1e-7 / 3.0,
    tissue_death_rate=2e-7,
    dormant_death_rate=3e-8,
    organ_death_rate_of={"lung": 1e-5 / 7.0, "liver": 2e-6},
    immune_factor=1.7,
    platelets=0.3,
    extravasation_factor=0.9,
    colony_factor=0.1,
    colony_factor_of={"breast": 0.3},
    escape_factor=1.1,
)


def test_an_effect_comes_back_from_its_rows() -> None:
    rows = np.array(effect_rows(EFFECT_OF_DRUGS, time=5, organ_names=ORGANS), dtype=EFFECT)
    assert rows["time"].tolist() == [5] * 4
    assert rows["organ"].tolist() == [-1, 0, 2, 3]
    found = effect_of(rows, ORGANS)
    assert found.organ_death_rate_of == {**EFFECT_OF_DRUGS.organ_death_rate_of, "breast": 0.0}
    assert found.colony_factor_of == {"lung": 1.0, "liver": 1.0, "breast": 0.3}
    for name in ("blood_hazard", "arrested_death_rate", "immune_factor", "platelets"):
        assert getattr(found, name) == getattr(EFFECT_OF_DRUGS, name)


def test_no_rows_are_no_effect() -> None:
    assert effect_of(np.zeros(0, dtype=EFFECT), ORGANS) is NEUTRAL
