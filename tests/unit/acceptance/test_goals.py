"""Goals of a GPU are told as met or missed; a miss is no failure."""

from pathlib import Path

import pytest

from tools.gpu_acceptance.findings import Acceptance, Outcome
from tools.gpu_acceptance.goals import judge_rate, judge_year
from tools.gpu_acceptance.scene import Scene
from tools.gpu_acceptance.table import short_table

H200 = "cuda:0 (NVIDIA H200)"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(True, False, 20.0, tmp_path / "found.json", tmp_path)


@pytest.mark.parametrize(
    ("rate", "verdicts"),
    [(4.9e10, [False, False]), (5.1e10, [True, False]), (5.5e10, [True, True])],
)
def test_hops_a_second(scene: Scene, rate: float, verdicts: list[bool]) -> None:
    """A quarter of 7 TB/s are 5.47e10 sectors of 32 bytes."""
    judge_rate(scene, rate, device=H200)
    assert [finding.is_met for finding in scene.findings] == verdicts
    part = float(scene.findings[1].value)
    assert part == pytest.approx(100.0 * rate * 32.0 / 7e12)


def test_the_limit_of_an_unknown_l2_is_not_told(scene: Scene) -> None:
    judge_rate(scene, 1e11, device="cuda:0 (NVIDIA GeForce RTX 4090)")
    assert [finding.unit for finding in scene.findings] == ["hops/s"]


@pytest.mark.parametrize(("seconds", "is_met"), [(599.0, True), (601.0, False)])
def test_the_year(scene: Scene, seconds: float, is_met: bool) -> None:
    judge_year(scene, seconds, note="200 s were run")
    assert scene.findings[0].is_met is is_met
    assert scene.findings[0].note == "goal of an H200: <= 600 s; 200 s were run"


def test_a_missed_goal_is_shown_first_and_fails_nothing(scene: Scene) -> None:
    scene.add("a figure", 1.0)
    judge_rate(scene, 1e10, device=H200)
    judge_year(scene, 10.0, note="")
    step = Outcome("speed", findings=scene.findings, has_asked_gpu=True).judged()
    acceptance = Acceptance({}, [step])
    assert acceptance.exit_code == 0
    text = short_table(acceptance)
    assert "**goal missed**" in text
    assert "| 10 s | goal met" in text
    assert text.index("the year") < text.index("a figure")
    closing = "ACCEPTED: 1 passed, 0 failed, 0 skipped, 0 not run, 0 cut short."
    assert text.splitlines()[-1] == f"{closing} Goals: 1 met, 2 missed."
