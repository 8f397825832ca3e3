"""Death by burden and by age: the law written out plainly, its limits, and what has no effect."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.clinic.disease import Disease
from ctc.clinic.mortality import MortalityLaws, death_hazards, lethal_share, resolve_mortality
from ctc.scenario.parameters import Parameter, ParameterSet, load_parameters

YEAR = 365.25 * 86400.0
ORGANS = ("breast", "liver", "left lung", "brain", "spongy bone")


def parameters(**changed: float) -> ParameterSet:
    """Return the shipped set under its full names, some values changed (dots as __)."""
    found = {}
    for name, each in load_parameters("prognosis").items():
        value = changed.get(name.replace(".", "__"), each.value)
        full = f"prognosis.{name}"
        found[full] = Parameter(full, value, each.unit, each.basis, each.source)
    return ParameterSet("scenario", found)


def laws(plan: str = "human_female", **changed: float) -> MortalityLaws:
    return resolve_mortality(parameters(**changed), plan=plan)


def disease(*lumps: tuple[int, float]) -> Disease:
    n = len(lumps)
    cells = np.array([cells for _, cells in lumps], dtype=np.float64)
    return Disease(
        number=np.arange(n),
        key=np.arange(n, dtype=np.uint64),
        organ=np.array([organ for organ, _ in lumps], dtype=np.int16),
        cells=cells,
        diameter=np.zeros(n),
        growth_rate=np.zeros(n),
        reference_rate=np.zeros(n),
        resistant_share=np.zeros(n),
        organ_names=ORGANS,
    )


def test_law_as_written_down() -> None:
    known = dict(laws().lethal_cells)
    share = 1e11 / known["liver"] + 2e11 / known["lung"] + 3e11 / known["default"]
    share /= 0.8
    k = laws().steepness
    expected = share**k / (1.0 + share**k) / laws().dying_time
    found, _ = death_hazards(
        disease((1, 1e11), (2, 2e11), (0, 3e11)), laws(), frailty=0.8, age=60 * YEAR
    )
    assert found == pytest.approx(expected, rel=1e-12)


def test_lethal_number_gives_half_of_the_highest_hazard() -> None:
    lethal = dict(laws().lethal_cells)["brain"]
    found, _ = death_hazards(disease((3, lethal)), laws(), frailty=1.0, age=0.0)
    assert found * laws().dying_time == pytest.approx(0.5, rel=1e-12)


def test_same_burden_kills_sooner_in_the_brain_than_in_liver_lung_and_bone() -> None:
    found = [
        death_hazards(disease((organ, 1e11)), laws(), frailty=1.0, age=0.0)[0]
        for organ in (3, 1, 2, 4)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > 10.0 * found[-1]


def test_no_tumour_no_death_by_cancer() -> None:
    cancer, other = death_hazards(disease(), laws(), frailty=1.0, age=60 * YEAR)
    assert cancer == 0.0
    assert other > 0.0


def test_order_of_tumours_changes_no_bit() -> None:
    lumps = [(i % 5, 10.0 ** (3 + i % 9)) for i in range(40)]
    one = lethal_share(disease(*lumps), laws(), frailty=1.3)
    assert lethal_share(disease(*reversed(lumps)), laws(), frailty=1.3) == one


@given(
    cells=st.floats(1.0, 1e18),
    frailty=st.floats(0.0, 100.0),
    age=st.floats(0.0, 200.0),
    steepness=st.floats(0.1, 10.0),
)
def test_hazards_stay_in_their_range(
    cells: float, frailty: float, age: float, steepness: float
) -> None:
    own = laws(steepness=steepness, lethal_cells__brain=1.0)
    cancer, other = death_hazards(disease((3, cells)), own, frailty=frailty, age=age * YEAR)
    assert 0.0 <= cancer <= 1.0 / own.dying_time * (1.0 + 1e-12)
    assert 0.0 < other < 2.0 / YEAR
    assert math.isfinite(cancer)


def test_more_burden_is_never_less_deadly() -> None:
    found = [
        death_hazards(disease((1, cells)), laws(), frailty=1.0, age=0.0)[0]
        for cells in np.geomspace(1.0, 1e18, 200)
    ]
    assert all(low <= high for low, high in pairwise(found))


def test_other_deaths_follow_the_life_table() -> None:
    """Chance of death within a year, table 4c6 of the Social Security Administration, 2009."""
    for plan, age, chance in (
        ("human_female", 40, 0.001345),
        ("human_female", 60, 0.006696),
        ("human_female", 80, 0.043899),
        ("human_male", 60, 0.011046),
        ("human_male", 80, 0.061620),
    ):
        _, hazard = death_hazards(disease(), laws(plan), frailty=1.0, age=(age + 0.5) * YEAR)
        assert -math.expm1(-hazard * YEAR) == pytest.approx(chance, rel=0.16)


def test_animals_die_of_their_tumour_only_and_of_less() -> None:
    woman, mouse = laws(), laws("mouse_25g")
    assert mouse.other is None
    assert death_hazards(disease(), mouse, frailty=1.0, age=YEAR) == (0.0, 0.0)
    ratio = dict(mouse.lethal_cells)["default"] / dict(woman.lethal_cells)["default"]
    assert ratio == pytest.approx(0.025 / 60.0, rel=1e-9)


def test_organ_of_its_own_lethal_number() -> None:
    base = parameters()
    name = "prognosis.lethal_cells.left_kidney"
    own = dict(base)
    own[name] = Parameter(name, 1e9, "1", "assumed", "for this test only")
    found = resolve_mortality(ParameterSet("scenario", own), plan="human_female")
    assert dict(found.lethal_cells)["kidney"] == 1e9
