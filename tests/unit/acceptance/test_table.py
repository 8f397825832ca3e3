"""The table at the end: short, wrong figures first, every step in it; and the files."""

import json
from pathlib import Path

from tools.gpu_acceptance.findings import (
    FAILED,
    NOT_RUN,
    SKIPPED,
    Acceptance,
    Finding,
    Outcome,
    read_findings,
    write_whole,
)
from tools.gpu_acceptance.table import short_table


def made(n_findings: int = 2) -> Acceptance:
    rows = [Finding(f"case {i} of many with a name", 1e10 + i, "hops/s") for i in range(n_findings)]
    wrong = Finding("digest of quick", "DIFFERENT", ok=False, note="on cuda | chunk")
    return Acceptance(
        {"device": "NVIDIA H100", "date": "2026-01-02"},
        [
            Outcome("speed", findings=rows, seconds=12.3, has_asked_gpu=True),
            Outcome("digests", findings=[wrong]).judged(),
            Outcome("counters", SKIPPED, "ncu is not on the path"),
            Outcome("year", NOT_RUN, "needs 15 s, 3 s were left"),
        ],
    )


def test_wrong_figures_stand_before_the_others() -> None:
    text = short_table(made())
    assert text.index("digest of quick") < text.index("case 0")
    assert "**WRONG**" in text
    assert "on cuda / chunk" in text
    assert text.splitlines()[-1] == (
        "NOT ACCEPTED: 1 passed, 1 failed, 1 skipped, 1 not run, 0 cut short."
    )


def test_the_table_stays_short_and_names_every_step() -> None:
    text = short_table(made(2000))
    assert len(text) < 12_000
    assert "more in the JSON file" in text
    for word in ("speed", "digests", "counters", "year", "ncu is not on the path", "**WRONG**"):
        assert word in text


def test_exit_code() -> None:
    assert made().exit_code == 1
    calm = Acceptance({}, [Outcome("a"), Outcome("b", SKIPPED, "no GPU"), Outcome("c", NOT_RUN)])
    assert calm.exit_code == 0
    calm.outcomes[0].has_asked_gpu = True
    assert short_table(calm).splitlines()[-1].startswith("ACCEPTED: 1 passed")


def test_a_run_that_asked_nothing_of_a_gpu_says_so() -> None:
    steps = [Outcome("device"), Outcome("digests"), Outcome("year", SKIPPED, "no GPU")]
    text = short_table(Acceptance({}, steps))
    closing = "ACCEPTED (nothing was asked of a GPU): 2 passed, 0 failed, 1 skipped"
    assert text.splitlines()[-1].startswith(closing)
    assert json.loads(Acceptance({}, steps).as_json())["has_asked_gpu"] is False


def test_a_wrong_finding_makes_a_step_fail() -> None:
    found = Outcome("digests", findings=[Finding("a", 1, ok=True), Finding("b", 2, ok=False)])
    assert found.judged().state == FAILED
    assert Outcome("speed", findings=[Finding("a", 1)]).judged().state == "passed"


def test_json_holds_everything(tmp_path: Path) -> None:
    path = tmp_path / "new" / "result.json"
    write_whole(path, made().as_json())
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["exit_code"] == 1
    assert found["outcomes"][1]["findings"][0]["note"] == "on cuda | chunk"
    assert [p.name for p in path.parent.iterdir()] == ["result.json"]


def test_findings_of_a_step_that_wrote_nothing(tmp_path: Path) -> None:
    assert read_findings(tmp_path / "none.json") == ([], {})
