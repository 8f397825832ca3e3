"""Laws of blood: published values, limits, and what they must obey whatever the numbers.

Table values are printed with four or five digits, so they agree to 1e-4 relative (viscosities,
ratios) or 1e-5 (shares).
"""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.backends.host_tables import exponential
from ctc.errors import InputError
from ctc.flow.rheology import (
    Rheology,
    SeparationLaw,
    ViscosityLaw,
    load_blood,
    red_cell_share,
    relative_viscosity,
    tube_haematocrit,
)
from tests.reference_data import require_reference

UM = 1e-6

# Diameter [um], haematocrit, relative viscosity in glass (1992), in vivo (1994), and tube over
# discharge haematocrit; evaluated from the printed formulas of Pries, Neuhaus and Gaehtgens 1992
# (Am J Physiol 263:H1770), Pries et al. 1994 (Circ Res 75:904) and 1990 (Circ Res 67:826).
PUBLISHED = [
    (4, 0.2, 1.5807, 8.9216, 0.7993),
    (5, 0.45, 1.471, 12.62, 0.8051),
    (6, 0.3, 1.1814, 7.1442, 0.7055),
    (7, 0.6, 1.3426, 11.0869, 0.815),
    (8, 0.45, 1.2669, 7.3073, 0.7316),
    (10, 0.6, 1.61, 9.8259, 0.7957),
    (15, 0.45, 1.4704, 4.0762, 0.722),
]
# Feed, daughter, sibling [um], haematocrit, share of blood, share of cells 1990, 2005.
PUBLISHED_SHARES = [
    (10, 8, 8, 0.45, 0.1, 0.02449, 0.01795),
    (10, 6, 9, 0.45, 0.3, 0.26757, 0.25892),
    (20, 16, 16, 0.45, 0.7, 0.74224, 0.74539),
    (20, 10, 18, 0.45, 0.05, 0.02006, 0.01502),
]


def table(name: str) -> dict[str, np.ndarray]:
    path = require_reference("reference", "data", name)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = [key for key in rows[0] if key != "certainty"]
    return {key: np.array([float(row[key]) for row in rows]) for key in keys}


def test_published_viscosities_and_tube_haematocrits() -> None:
    wide, cells, glass, vivo, ratio = np.array(PUBLISHED).T
    for law, wanted in ((ViscosityLaw.IN_VITRO_1992, glass), (ViscosityLaw.IN_VIVO_1994, vivo)):
        got = relative_viscosity(wide * UM, cells, law=law)
        np.testing.assert_allclose(got, wanted, rtol=1e-4)
    np.testing.assert_allclose(tube_haematocrit(wide * UM, cells) / cells, ratio, rtol=1e-4)


def test_whole_table_of_viscosities() -> None:
    rows = table("rheology_test_values.csv")
    wide, cells = rows["diameter_um"] * UM, rows["discharge_haematocrit"]
    for law, key in (
        (ViscosityLaw.IN_VITRO_1992, "mu_rel_in_vitro_1992"),
        (ViscosityLaw.IN_VIVO_1994, "mu_rel_in_vivo_1994"),
    ):
        np.testing.assert_allclose(relative_viscosity(wide, cells, law=law), rows[key], rtol=1e-4)
    ratio = tube_haematocrit(wide, cells) / cells
    np.testing.assert_allclose(ratio, rows["tube_over_discharge_haematocrit"], rtol=1e-4)


def shares(rows: np.ndarray, law: SeparationLaw) -> np.ndarray:
    feed, own, other, cells, blood = rows
    return red_cell_share(
        blood,
        cells,
        feed_diameter=feed * UM,
        daughter_diameter=own * UM,
        sibling_diameter=other * UM,
        law=law,
    )


def test_published_shares_of_red_cells() -> None:
    rows = np.array(PUBLISHED_SHARES).T
    np.testing.assert_allclose(shares(rows[:5], SeparationLaw.PRIES_1990), rows[5], atol=1e-5)
    np.testing.assert_allclose(shares(rows[:5], SeparationLaw.PRIES_2005), rows[6], atol=1e-5)


def test_whole_table_of_shares() -> None:
    rows = table("phase_separation_test_values.csv")
    columns = ("D_feed_um", "D_alpha_um", "D_beta_um", "H_feed", "FQ_blood_alpha")
    numbers = np.array([rows[key] for key in columns])
    for law, key in (
        (SeparationLaw.PRIES_1990, "FQ_RBC_alpha_1990"),
        (SeparationLaw.PRIES_2005, "FQ_RBC_alpha_2005"),
    ):
        np.testing.assert_allclose(shares(numbers, law), rows[key], atol=1e-5)


def surface_layer_viscosity(wide: float, cells: float) -> float:
    """Pries and Secomb 2005, eqs. 5-11, with NumPy's own exp and power, in um."""
    w_as = 2.6 * (wide - 2.4) / (wide + 100.0 - 4.8) if wide > 2.4 else 0.0
    w_peak = 0.0
    if wide > 2.4:
        w_peak = 1.1 * (wide - 2.4) / 8.1 if wide <= 10.5 else 1.1 * np.exp(-0.03 * (wide - 10.5))
    d_ph = wide - 2.0 * (w_as + 0.6 * w_peak)
    d_eff = wide - 2.0 * (w_as + w_peak * (1.0 + 1.18 * cells))
    glass = relative_viscosity([d_ph * UM], [cells], law=ViscosityLaw.IN_VITRO_1992)[0]
    return float(glass * (wide / d_eff) ** 4)


@pytest.mark.parametrize("wide", [4.0, 8.0, 10.5, 11.0, 30.0, 300.0])
@pytest.mark.parametrize("cells", [0.0, 0.3, 0.6])
def test_surface_layer_narrows_the_lumen_as_published(wide: float, cells: float) -> None:
    got = relative_viscosity([wide * UM], [cells], law=ViscosityLaw.SURFACE_LAYER_2005)[0]
    assert got == pytest.approx(surface_layer_viscosity(wide, cells), rel=1e-13)


def test_plasma_in_glass_has_its_own_viscosity() -> None:
    wide = np.geomspace(3e-6, 3e-2, 50)
    got = relative_viscosity(wide, np.zeros(50), law=ViscosityLaw.IN_VITRO_1992)
    np.testing.assert_array_equal(got, 1.0)


def test_wide_vessels_tend_to_one_law() -> None:
    """Above 1 cm the wall is far: glass and living vessels agree, and H = 0.45 gives 3.2."""
    for law in (ViscosityLaw.IN_VITRO_1992, ViscosityLaw.IN_VIVO_1994):
        assert relative_viscosity([2e-2], [0.45], law=law)[0] == pytest.approx(3.2, rel=1e-3)


def test_the_law_is_smooth_where_its_exponent_vanishes() -> None:
    """C is 0 near 8.04 um; on both sides the limit ln(1 - H) / ln(0.55) is met.

    Between neighbours 1e-5 um apart the law changes by less than 2e-5 of itself.
    """
    wide = np.arange(8.0, 8.1, 1e-5) * UM
    for cells in (0.1, 0.3, 0.7):
        got = relative_viscosity(wide, np.full(wide.size, cells))
        assert np.max(np.abs(np.diff(got))) < 2e-5 * got[0]


@given(wide=st.floats(3e-6, 1e-2), cells=st.floats(0.0, 0.9))
def test_tubes_hold_fewer_red_cells_than_flow_through(wide: float, cells: float) -> None:
    held = tube_haematocrit([wide], [cells])[0]
    assert 0.4 * cells <= held <= cells


@given(
    law=st.sampled_from([SeparationLaw.PRIES_1990, SeparationLaw.PRIES_2005]),
    blood=st.floats(0.0, 1.0),
    cells=st.floats(0.0, 0.9),
    diameters=st.tuples(*[st.floats(3e-6, 1e-2)] * 3),
)
def test_red_cells_are_shared_out(
    law: SeparationLaw, blood: float, cells: float, diameters: tuple[float, float, float]
) -> None:
    """What one daughter does not get the other does: shares add to 1 within a few roundings.

    logit is taken of a share and of 1 less it, so a relative rounding of 1e-16 of the larger
    weighs 1e-16 / share in the smaller, and B (up to 3.4) multiplies it.
    """
    feed, own, other = diameters
    one = red_cell_share(
        [blood], [cells], feed_diameter=feed, daughter_diameter=own, sibling_diameter=other, law=law
    )[0]
    two = red_cell_share(
        [1.0 - blood],
        [cells],
        feed_diameter=feed,
        daughter_diameter=other,
        sibling_diameter=own,
        law=law,
    )[0]
    assert 0.0 <= one <= 1.0
    assert one + two == pytest.approx(1.0, abs=1e-11)


def test_in_wide_vessels_red_cells_follow_the_blood() -> None:
    blood = np.linspace(0.01, 0.99, 99)
    for law in (SeparationLaw.PRIES_1990, SeparationLaw.PRIES_2005):
        got = red_cell_share(
            blood,
            0.45,
            feed_diameter=2e-2,
            daughter_diameter=5e-3,
            sibling_diameter=2e-2,
            law=law,
        )
        np.testing.assert_allclose(got, blood, atol=1e-3)


def test_own_exponential_agrees_with_that_of_the_tables() -> None:
    """Through the laws: 1.7 exp(-0.415 D) of the Fahraeus effect, to four roundings."""
    wide = np.linspace(4.0, 400.0, 2000)
    cells = np.full(wide.size, 0.3)
    shape = 1.0 + 1.7 * exponential(-0.415 * wide) - 0.6 * exponential(-0.011 * wide)
    wanted = 0.3 * (0.3 + 0.7 * shape)
    np.testing.assert_allclose(tube_haematocrit(wide * UM, cells), wanted, rtol=1e-14)


def test_blood_of_a_body_is_checked() -> None:
    assert load_blood(Rheology.CONSTANT).viscosity_law is ViscosityLaw.CONSTANT
    with pytest.raises(InputError, match=r"haematocrit must be in 0 \.\. 0.95, got 1.2"):
        load_blood(haematocrit=1.2)
    with pytest.raises(InputError, match="red_cell_size must be > 0, got 0"):
        load_blood(red_cell_size=0.0)
    assert load_blood(red_cell_size=0.8).least_diameter == 0.8 * load_blood().least_diameter


@pytest.mark.parametrize(
    ("wide", "cells", "message"),
    [
        (1e-6, 0.4, "diameter must be > 0 m above"),
        (5e-6, 1.0, "haematocrit must be >= 0 and < 1"),
        (5e-6, -0.5, "haematocrit must be >= 0 and < 1"),
        (5e-6, float("nan"), "haematocrit must be >= 0 and < 1"),
    ],
)
def test_what_the_laws_do_not_cover_is_refused(wide: float, cells: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        relative_viscosity([wide], [cells])
    with pytest.raises(InputError, match=message):
        tube_haematocrit([wide], [cells])
