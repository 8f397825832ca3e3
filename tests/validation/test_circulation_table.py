"""The table of circulation times, on small bodies."""

import json

import pytest

from tools.validate.__main__ import main
from tools.validate.circulation import BODIES


def test_the_command_finds_volume_over_flow(capsys: pytest.CaptureFixture[str]) -> None:
    """n = 20,000 tracers a body; five standard errors, estimated from the data."""
    assert main(["circulation", "--terminals", "1500", "--cells", "20000", "--json"]) == 0
    bodies = json.loads(capsys.readouterr().out)
    assert [found["body"] for found in bodies] == list(BODIES)
    for found in bodies:
        assert found["n_tracers"] == 20_000
        assert abs(found["deviation_in_standard_errors"]) < 5.0
        assert found["of_network"] == pytest.approx(found["of_plan"], rel=1e-6)
        # Lymph that leaves the gut's blood and comes back elsewhere: at most 1e-3 of a flow.
        assert abs(found["worst_flow"]) < 1e-3
        assert found["mass_residual"] < 1e-12


def test_the_command_refuses_an_unknown_body(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["circulation", "--body", "human_mole", "--cells", "100"]) == 2
    assert "human_mole" in capsys.readouterr().err
