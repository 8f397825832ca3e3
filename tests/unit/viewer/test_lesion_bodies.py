"""Lesions are spheres that hold their cells; primary tumours lie in their organ."""

import numpy as np
import pytest

from ctc.record.layout import LESION_DTYPE, NO_FOUNDER
from ctc.states import LesionState
from ctc.viewer.lesion_bodies import (
    CELL_DIAMETER,
    PACKING,
    PRIMARY_IDENTITY,
    SMALLEST_RADIUS,
    lesion_bodies,
    primary_place,
    read_primaries,
    sphere_radius,
)
from tests.unit.record.samples import network

HOUR = 3600 * 10**9
SCENARIO = {
    "source": [
        {"kind": "bolus", "cells": 7, "organ": "lung"},
        {"kind": "tumour", "organ": "liver", "mass": 0.05, "start": 3600.0, "stop": 7200.0},
        {"kind": "tumour", "organ": "lung", "mass": 0.01, "start": 0.0, "stop": None},
    ]
}


def rows(*lesions):
    found = np.zeros(len(lesions), dtype=LESION_DTYPE)
    for row, (number, organ, segment, cells, founder) in zip(found, lesions, strict=True):
        row["lesion"], row["organ"], row["segment"] = number, organ, segment
        row["cells"], row["cell"] = cells, founder
    return found


def test_a_sphere_holds_its_cells_with_their_packing():
    for cells in (1.0, 1e3, 1e9):
        radius = sphere_radius(np.array([cells]))[0]
        volume = 4.0 / 3.0 * np.pi * radius**3
        cell = np.pi / 6.0 * CELL_DIAMETER**3
        assert volume * PACKING == pytest.approx(cells * cell)
    # A cubic centimetre holds about 1e9 cells.
    assert 1e-6 / (4 / 3 * np.pi * sphere_radius(np.array([1.0]))[0] ** 3) == pytest.approx(
        1.22e9, rel=0.01
    )


def test_lesions_lie_at_their_segment_and_are_never_too_small_to_see():
    body = network()
    found = rows((3, 1, 10, 1, 5), (7, 0, 20, 10**10, 6))
    bodies = lesion_bodies(found, body, primaries=(), time=0)
    np.testing.assert_allclose(bodies.position[:, 2], [10.5e-3, 20.5e-3], rtol=1e-6)
    assert bodies.identity.tolist() == [3, 7]
    assert bodies.radius[0] == np.float32(SMALLEST_RADIUS)
    assert bodies.radius[1] == pytest.approx(sphere_radius(np.array([1e10]))[0])
    assert bodies.colour.shape == (2, 4)
    in_a_mouse = lesion_bodies(found, body, primaries=(), time=0, size=0.1)
    assert in_a_mouse.radius[0] == np.float32(0.1 * SMALLEST_RADIUS)


def test_tumours_of_the_scenario_are_shown_while_they_shed():
    primaries = read_primaries(SCENARIO, 10 * HOUR)
    assert [(p.organ, p.source, p.identity) for p in primaries] == [
        ("liver", 1, PRIMARY_IDENTITY),
        ("lung", 2, PRIMARY_IDENTITY - 1),
    ]
    body = network()
    shown = {
        hour: lesion_bodies(rows(), body, primaries=primaries, time=hour * HOUR)
        for hour in (0, 1, 2, 3, 10)
    }
    numbers = {hour: bodies.identity.tolist() for hour, bodies in shown.items()}
    liver, lung = PRIMARY_IDENTITY, PRIMARY_IDENTITY - 1
    assert numbers == {0: [lung], 1: [liver, lung], 2: [liver, lung], 3: [lung], 10: [lung]}
    mass = 4.0 / 3.0 * np.pi * shown[0].radius[0].astype(float) ** 3 * 1060.0
    assert mass == pytest.approx(0.01, rel=1e-5)


def test_a_tumour_that_the_run_records_is_not_drawn_twice():
    body = network()
    primaries = read_primaries(SCENARIO, 10 * HOUR)
    found = rows((0, 0, 4, 10**9, NO_FOUNDER), (1, 1, 5, 1, 9))
    bodies = lesion_bodies(found, body, primaries=primaries, time=HOUR)
    assert bodies.identity.tolist() == [0, 1, PRIMARY_IDENTITY]
    assert (bodies.colour[0] == bodies.colour[2]).all()
    assert (bodies.colour[0] != bodies.colour[1]).any()


def test_a_tumour_lies_at_a_vessel_of_its_organ():
    body = network()
    place = primary_place(body, "liver")
    inside = np.flatnonzero(body.organ == 1)
    assert np.isclose(place[2], 1e-3 * (inside + 0.5)).any()
    assert abs(place[2] - 1e-3 * (inside.mean() + 0.5)) < 3e-3
    assert primary_place(body, "skin") is None


def test_what_was_lost_or_taken_out_is_not_drawn():
    """Nor does a tumour of the scenario stand in for one that the rows say is gone."""
    found = rows((3, 1, 10, 5, 5), (7, 0, 20, 0, 6), (PRIMARY_IDENTITY, 1, 20, 0, NO_FOUNDER))
    found["state"] = (LesionState.GROWING, LesionState.LOST, LesionState.LOST)
    primaries = read_primaries(SCENARIO, 10 * HOUR)
    bodies = lesion_bodies(found, network(), primaries=primaries[:1], time=round(1.5 * HOUR))
    assert bodies.identity.tolist() == [3]
