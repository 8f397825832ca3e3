"""Units of files: decimal texts keep every bit, and wrong units are told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.errors import InputError
from ctc.formats.length_unit import parse_unit

UNITS = ("m", "cm", "mm", "um", "nm")


@given(value=st.floats(-1e6, 1e6), name=st.sampled_from(UNITS))
def test_texts_keep_every_bit(value: float, name: str) -> None:
    unit = parse_unit(name)
    again = unit.read_text(unit.write_text(value))
    assert np.float64(again).tobytes() == np.float64(value).tobytes()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("12.5", "mm", 0.0125), ("1e3", "um", 1e-3), (" -.5 ", "cm", -0.005), ("0.1", "um", 1e-7)],
)
def test_texts_are_rounded_once(text: str, name: str, value: float) -> None:
    assert parse_unit(name).read_text(text) == value


@pytest.mark.parametrize("text", ["", "nan", "inf", "1_0", "0x1", "1,5", "ten", "1e999", "1 2"])
def test_what_is_no_finite_number(text: str) -> None:
    assert math.isnan(parse_unit("mm").read_text(text))


def test_arrays() -> None:
    unit = parse_unit("mm")
    np.testing.assert_array_equal(unit.read(np.array([1.0, 0.3])), [1e-3, 0.3e-3])
    np.testing.assert_array_equal(unit.write(np.array([1e-3])), [1.0])


def test_a_size_as_unit() -> None:
    voxel = parse_unit("0.04 mm")
    assert voxel.read_text("10") == pytest.approx(4e-4, rel=1e-15)
    assert voxel.read_text(voxel.write_text(4e-4)) == pytest.approx(4e-4, rel=1e-15)


@pytest.mark.parametrize("text", ["", "inch es", "3", "0 mm", "-1 um", "1 s", "nan mm"])
def test_wrong_units(text: str) -> None:
    with pytest.raises(InputError, match=r"--unit: unit must be one of m, cm, mm, um, nm"):
        parse_unit(text)
