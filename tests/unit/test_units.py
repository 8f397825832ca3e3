"""File units to SI: what is read, what is refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.errors import InputError
from ctc.units import DIMENSIONS, EXAMPLES, convert, dimension_of, to_base, to_si


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("12 um", "length", 12e-6),
        ("8 h", "time", 28800.0),
        ("1 day", "time", 86400.0),
        ("43 g", "mass", 0.043),
        ("12 %", "fraction", 0.12),
        ("0.12", "fraction", 0.12),
        ("3.2e6 1/g/day", "rate_per_mass", 3.2e9 / 86400),
        ("0.28 1/h", "rate", 0.28 / 3600),
        ("0.28/h", "rate", 0.28 / 3600),
        ("2h", "time", 7200.0),
        ("1_000um", "length", 1e-3),
        (".5 s", "time", 0.5),
        ("100 mmHg", "pressure", 13332.2387415),
        ("-3 mm", "length", -3e-3),
        ("6.5 L/min", "flow", 6.5e-3 / 60),
    ],
)
def test_value_is_converted(text, dimension, value):
    assert to_si(text, dimension) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension", "phrase"),
    [
        ("3", "time", "must have a unit of time"),
        ("12 um", "time", "must be a time"),
        ("12 foo", "length", "'foo' is not defined"),
        ("nan um", "length", "must be finite"),
        ("1e999 s", "time", "must be finite"),
        ("1 s", "fraction", "must be a fraction"),
        ("", "length", "must be a number with a unit"),
        ("um", "length", "not one number"),
        ("nanometer", "length", "not one number"),
        ("1.2.3 um", "length", "not one number"),
        ("1,5 um", "length", "not one number"),
        ("8 um + 3 um", "length", "not one number"),
        ("__import__('os')", "length", "not one number"),
    ],
)
def test_wrong_text_is_refused_with_an_example(text, dimension, phrase):
    with pytest.raises(InputError, match=r"Write it like '.+'\.$") as caught:
        to_si(text, dimension)
    assert phrase in str(caught.value)


@pytest.mark.parametrize("unit", ["m  " * 31, "m * " * 24, "(" * 90, "m " * 48])
def test_a_long_unit_with_a_wrong_end_is_refused_at_once(unit: str) -> None:
    """Each term more once took three times as long: years for a hundred characters."""
    began = time.process_time()
    with pytest.raises(InputError, match="not one number"):
        to_si(f"1 {unit}!", "length")
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("text", ["2 kg / m ** 3", "2 kg/m**3", "2 kg / m^3", "2  kg  /m ** 3 "])
def test_spaces_in_a_unit_change_nothing(text: str) -> None:
    assert to_si(text, "density") == 2.0


@pytest.mark.parametrize("dimension", sorted(DIMENSIONS))
def test_every_example_is_right(dimension):
    to_si(EXAMPLES[dimension], dimension)


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_there_and_back(value):
    assert convert(convert(value, "um", "m"), "m", "um") == pytest.approx(value, rel=1e-14)


def test_decimal_units_give_the_decimal_number():
    assert to_si("43 g", "mass") == 0.043
    assert to_base(12.4, "um") == 1.24e-05


@pytest.mark.parametrize(
    ("unit", "dimension"),
    [("um", "length"), ("1/h", "rate"), ("1/g/day", "rate_per_mass"), ("1", "number"), ("K", None)],
)
def test_dimension_of_a_unit(unit, dimension):
    assert dimension_of(unit) == dimension
