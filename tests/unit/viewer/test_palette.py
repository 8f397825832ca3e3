"""Colours of cell states are told apart by every eye."""

import itertools

import numpy as np
import pytest

from ctc.states import FATES, CellState
from ctc.vessels.blood import Blood
from ctc.viewer.palette import BLOOD_COLOURS, SHELLS, STATE_COLOURS, STATE_NAMES, rgb

# Full dichromacy in linear RGB: Machado, Oliveira and Fernandes 2009, IEEE TVCG 15:1291, table 1.
SIMULATIONS = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# A difference of about 2 in CIELAB is just seen side by side; ten times that across a picture.
LEAST_DIFFERENCE = 20.0


def lab(linear):
    """Return CIELAB (D65) of linear sRGB."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = matrix @ np.clip(linear, 0.0, 1.0) / np.array([0.9505, 1.0, 1.089])
    f = [t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def linear(colour):
    value = rgb(colour).astype(float)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("eye", SIMULATIONS)
def test_states_and_vessels_differ_for_colour_blind_eyes(eye):
    colours = {str(state): colour for state, colour in STATE_COLOURS.items()}
    seen = {name: lab(SIMULATIONS[eye] @ linear(colour)) for name, colour in colours.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > LEAST_DIFFERENCE, (one, other)
    vessels = [BLOOD_COLOURS[Blood.ARTERIAL], BLOOD_COLOURS[Blood.VENOUS]]
    artery, vein = (lab(SIMULATIONS[eye] @ linear(colour)) for colour in vessels)
    assert np.linalg.norm(artery - vein) > LEAST_DIFFERENCE


def test_every_living_state_and_every_blood_has_a_colour():
    living = {state for state in CellState if state not in FATES} | {CellState.COLONY}
    assert set(STATE_COLOURS) == set(STATE_NAMES) == living
    assert set(BLOOD_COLOURS) == set(Blood)
    assert all(0.0 < shell.opacity <= 1.0 for shell in SHELLS.values())


def test_colours_are_read_as_written():
    np.testing.assert_allclose(rgb("#ff0080"), [1.0, 0.0, 128 / 255], rtol=1e-6)
