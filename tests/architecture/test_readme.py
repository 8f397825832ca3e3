"""What the first page shows works as it stands there."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from ctc.cli.main import cli
from ctc.scenario.load import load_scenario
from tests.architecture.sources import ROOT

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
CI = ROOT / ".ci" / "run"


def block(language: str) -> str:
    """Return the only code block of a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def test_two_commands_do_all() -> None:
    commands = [line for line in PAGE.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    run, test = commands
    assert run.endswith(".venv/bin/ctc run scenarios/quick.toml")
    assert test.endswith(".venv/bin/pytest")


def test_ci_takes_its_commands_from_this_page() -> None:
    text = CI.read_text(encoding="utf-8")
    assert CI.stat().st_mode & stat.S_IXUSR
    assert "readme_command 'ctc run'" in text
    assert "readme_command 'pytest'" in text
    assert ".venv/bin/pytest" not in text
    subprocess.run(["bash", "-n", str(CI)], check=True)


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *ROOT.glob("*/README.md")]:
        links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        for link in links:
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} of {page.parent.name}: {link}"


def test_commands_exist() -> None:
    shown = set(re.findall(r"`ctc (\w+)", PAGE))
    assert shown == set(cli.commands)


def test_the_scenario_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(block("toml"), encoding="utf-8")
    assert load_scenario(path).settings.source[0].organ == "large intestine"


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(block("python"), "README.md", "exec"), names)
    shed, colonies = (int(word) for word in capsys.readouterr().out.split())
    assert shed > 0
    assert colonies >= 0
    assert os.path.getsize("small.vtkhdf") > 0
