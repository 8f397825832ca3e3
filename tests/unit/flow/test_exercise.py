"""Flow in exercise: every rate by the same factor, and never twice."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from ctc.errors import InputError
from ctc.flow.exercise import at_cardiac_output
from ctc.flow.field import FlowField
from tests.unit.record.samples import flow

RATES = {"pressure": 2.5, "flow_rate": 2.5, "wall_shear_stress": 2.5, "transit_time": 1 / 2.5}


def test_rates_rise_and_stays_fall_by_the_factor() -> None:
    rest = flow()
    found = at_cardiac_output(rest, 2.5)
    assert found.exercise == 2.5
    for field in fields(FlowField):
        if field.name == "exercise":
            continue
        wanted = np.asarray(getattr(rest, field.name)) * RATES.get(field.name, 1.0)
        np.testing.assert_allclose(
            getattr(found, field.name), wanted, rtol=1e-15, err_msg=field.name
        )


def test_rest_is_the_same_flow() -> None:
    rest = flow()
    assert at_cardiac_output(rest, 1.0) is rest
    hard = at_cardiac_output(rest, 2.0)
    assert at_cardiac_output(hard, 2.0) is hard


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_a_flow_in_exercise_is_not_taken_twice(factor: float) -> None:
    with pytest.raises(InputError, match="Write exercise = 2, or take"):
        at_cardiac_output(at_cardiac_output(flow(), 2.0), factor)


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_the_heart_beats(factor: float) -> None:
    with pytest.raises(InputError, match="factor must be > 0"):
        at_cardiac_output(flow(), factor)


def test_nobody_changes_a_flow() -> None:
    """Its arrays are shared by all that read it."""
    found = flow()
    with pytest.raises(ValueError, match="read-only"):
        found.flow_rate[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        found.pressure[:] = 0.0
