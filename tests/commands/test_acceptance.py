"""The acceptance run from end to end on a machine without a GPU, in its short form.

And its steps for a GPU with the processor in the GPU's place: no GPU is at hand in CI, so that
their own mistakes would show on a machine with a GPU only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctc.backends import cuda
from ctc.backends.base import choose_backend
from ctc.backends.cpu import CpuBackend, host_library
from ctc.errors import MissingDeviceError
from tools.gpu_acceptance import ways
from tools.gpu_acceptance.plan import STEPS
from tools.gpu_acceptance.scene import Scene
from tools.gpu_acceptance.steps import resume, sanitizer, shapes, speed, year

ROOT = Path(__file__).resolve().parents[2]


def test_it_runs_to_its_end_without_a_gpu(tmp_path: Path) -> None:
    try:
        choose_backend("cuda")
    except MissingDeviceError as error:
        reason = str(error)
    else:
        pytest.skip("there is a GPU here: run python -m tools.gpu_acceptance itself")
    command = [sys.executable, "-m", "tools.gpu_acceptance", "--short", "--minutes", "4", "--json"]
    done = subprocess.run(
        [*command, "--output", str(tmp_path / "results")],
        env=os.environ | {"CTC_HOST_LIBRARY": host_library()._name},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (tmp_path / "results").glob("*.json")
    assert json.loads(done.stdout) == json.loads(path.read_text(encoding="utf-8"))
    assert str(path) in done.stderr.splitlines()[-1]
    assert "_cpu-only_" in path.name
    found = json.loads(path.read_text(encoding="utf-8"))
    states = {outcome["step"]: outcome["state"] for outcome in found["outcomes"]}
    assert list(states) == ["build", *(step.name for step in STEPS)]
    for step in STEPS:
        assert states[step.name] == ("skipped" if step.needs_gpu else "passed"), step.name
    digests = next(o for o in found["outcomes"] if o["step"] == "digests")["findings"]
    assert sum(finding["ok"] is True for finding in digests) >= 4
    assert reason.split(".", maxsplit=1)[0][:40] in found["about"]["device"]
    table = path.with_suffix(".md").read_text(encoding="utf-8")
    last = table.strip().splitlines()[-1]
    asked = "ACCEPTED (nothing was asked of a GPU): 4 passed, 0 failed, 7 skipped"
    assert last.startswith(asked)
    assert found["has_asked_gpu"] is False
    assert len(table) < 12_000


class StandIn(CpuBackend):
    """The processor under the name of a GPU, with launches as short as on one."""

    def __init__(self, number: int = 0, *, max_hops: int = 100) -> None:
        super().__init__(threads=2, variant="scalar", max_hops=max_hops)
        self.name = f"cuda:{number}"
        self.description = "cuda:0 (stand-in)"


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    for module in (cuda, ways, speed, year):
        monkeypatch.setattr(module, "CudaBackend", StandIn)
    return Scene(True, True, 20.0, tmp_path / "found.json", tmp_path)


def wrong(scene: Scene) -> list[str]:
    return [finding.name for finding in scene.findings if finding.ok is False]


def test_resume(scene: Scene) -> None:
    assert resume.run(scene) == ""
    assert len(scene.findings) == 3
    assert wrong(scene) == []


def test_speed_and_shapes(scene: Scene) -> None:
    assert speed.run(scene) == ""
    assert shapes.run(scene) == ""
    names = [finding.name for finding in scene.findings]
    assert any("GPU over all cores" in name for name in names)
    assert [name for name in names if name.startswith("max_hops")]
    assert wrong(scene) == []
    assert [finding.is_met for finding in scene.findings if finding.is_met is not None] == []


def test_year(scene: Scene) -> None:
    scene.seconds = 6.0
    assert year.run(scene) == ""
    found = {finding.name: finding for finding in scene.findings}
    assert found["its digest"].ok
    assert float(found["the year"].value) > 0.0
    assert wrong(scene) == []


def test_ways_of_a_gpu_are_compared(scene: Scene) -> None:
    del scene
    names = [way.name for way in ways.gpu_ways()]
    assert "cuda, max_hops 7" in names
    assert {type(way.make()) for way in ways.gpu_ways()} == {StandIn}


@pytest.mark.parametrize("finds_errors", [False, True])
def test_sanitizer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, finds_errors: bool
) -> None:
    """A stand-in for compute-sanitizer runs what it is told to on the processor."""
    script = tmp_path / "compute-sanitizer"
    n_errors, code = (3, 7) if finds_errors else (0, 0)
    script.write_text(
        "#!/usr/bin/env python3\n"
        "import subprocess, sys\n"
        "log = sys.argv[sys.argv.index('--log-file') + 1]\n"
        "program = sys.argv[sys.argv.index('--log-file') + 2 :]\n"
        f"open(log, 'w').write('========= ERROR SUMMARY: {n_errors} errors\\n')\n"
        f"subprocess.run([*program, '--device', 'cpu'], check=True) if {code} == 0 else None\n"
        f"sys.exit({code})\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("CTC_HOST_LIBRARY", host_library()._name)
    monkeypatch.setattr(sanitizer, "TOOLS", ("memcheck",))
    scene.seconds = 120.0
    assert sanitizer.run(scene) == ""
    assert wrong(scene) == (["memcheck"] if finds_errors else [])
