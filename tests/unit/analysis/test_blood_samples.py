"""Draws of blood against passages counted by hand."""

import numpy as np
import pytest

from ctc.analysis.blood_samples import DRAW_VOLUME, blood_samples, weight_of


def test_a_draw_holds_passages_over_blood() -> None:
    """Epochs of 1 h, then 30 min, of 2 ml/s: 7,200 and 3,600 ml went by with 960 and 120 cells."""
    series = {
        "time": np.array([3600, 5400], dtype=np.int64) * 10**9,
        "vessel_passages": np.array([[5, 960], [7, 1080]], dtype=np.uint64),
    }
    sample = blood_samples(series, 1, flow_rate=2e-6)
    assert sample.time.tolist() == [3600.0, 5400.0]
    np.testing.assert_allclose(sample.cells, [960 / 7200 * 7.5, 120 / 3600 * 7.5], rtol=1e-12)
    errors = [np.sqrt(960) / 7200 * 7.5, np.sqrt(120) / 3600 * 7.5]
    np.testing.assert_allclose(sample.standard_error, errors, rtol=1e-12)
    assert pytest.approx(7.5e-6) == DRAW_VOLUME


def test_each_followed_cell_counts_for_all_that_it_stands_for() -> None:
    """As many cells more, each with the error of the few that were counted."""
    series = {
        "time": np.array([3600], dtype=np.int64) * 10**9,
        "vessel_passages": np.array([[25]], dtype=np.uint64),
    }
    one, many = (blood_samples(series, 0, flow_rate=2e-6, weight=w) for w in (1.0, 1e5))
    np.testing.assert_allclose(many.cells, 1e5 * one.cells, rtol=1e-12)
    np.testing.assert_allclose(many.standard_error / many.cells, [0.2], rtol=1e-12)
    assert many.passages == 25
    assert weight_of({"cells": {"weight": 1e5}}) == 1e5
    assert weight_of({}) == 1.0
