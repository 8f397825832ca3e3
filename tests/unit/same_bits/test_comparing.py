"""The comparison sees what hangs on a way, names it, and says why a digest has changed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import ctc
from ctc.backends.cpu import CpuBackend
from ctc.errors import CtcError
from ctc.preparation import prepare
from ctc.scenario.load import load_scenario
from tests import conftest
from tools.same_bits import __main__ as command
from tools.same_bits.cases import Case, case_of
from tools.same_bits.comparing import compare
from tools.same_bits.following import Digests, Follower, in_memory, require_parts
from tools.same_bits.on_record import Entry, entry_of, read_entries, why_other, write_entries
from tools.same_bits.plan import every_way, few_ways
from tools.same_bits.ways import Way


@dataclass(frozen=True)
class StandIn:
    """A case that needs no engine."""

    name: str = "stand-in"
    identity: str = "t" * 64
    network_hash: str = "n" * 64
    n_epochs: int = 5


class Faulty:
    """Follows without a fault, but for ways on which an axis has one value."""

    def __init__(self, axis: str = "", value: object = None, what: str = "state") -> None:
        self.axis, self.value, self.what = axis, value, what

    def __call__(self, case: Any, way: Way) -> Digests:
        del case
        found = Digests("n" * 64, "a" * 64, "r" * 64 if way.course != "memory" else None)
        if self.axis and getattr(way, self.axis) == self.value:
            return replace(found, **{self.what: "f" * 64})
        return found


WAYS = every_way(StandIn().n_epochs)


def test_what_hangs_on_nothing_agrees() -> None:
    found = compare(StandIn(), WAYS, Faulty())
    assert found.agrees
    assert found.n_ways >= len(WAYS)
    # One in memory, two through files, but for the first of each, with which others are compared.
    n_stored = sum(way.course != "memory" for way in {*WAYS, Way(course="straight")})
    assert found.n_digests == found.n_ways - 1 + n_stored - 1


@pytest.mark.parametrize(
    ("axis", "value"),
    [
        ("variant", "pack4"),
        ("threads", 7),
        ("chunk", 331),
        ("room", 200),
        ("hops", 100),
        ("place", "two"),
        ("place", "dask"),
        ("course", "straight"),
        ("course", "each"),
        ("course", "at-4"),
        ("recording", "all"),
        ("numpy", "plain"),
    ],
)
def test_what_hangs_on_one_value_of_an_axis_is_found(axis: str, value: object) -> None:
    """And the command to go that way alone is told."""
    found = compare(StandIn(), WAYS, Faulty(axis, value))
    assert found.others
    assert all(getattr(way, axis) == value for way in found.others)
    assert f"{axis}={value}" in found.command


@pytest.mark.parametrize("what", ["network", "record"])
def test_another_network_and_another_record_are_found(what: str) -> None:
    found = compare(StandIn(), WAYS, Faulty("place", "dask", what))
    assert found.others
    assert all(text.startswith(what) for text in found.others.values())


def test_a_way_that_ends_in_an_error_is_no_agreement() -> None:
    def follow(case: Any, way: Way) -> Digests:
        if way.threads == 7:
            raise CtcError("a fault")
        return Faulty()(case, way)

    assert not compare(StandIn(), WAYS, follow).agrees


def entry(**changes: object) -> Entry:
    return replace(Entry("a" * 64, "r" * 64, "n" * 64, "t" * 64, "k" * 64, 100, 9000), **changes)


@pytest.mark.parametrize(
    ("changes", "phrases"),
    [
        ({"network": "x", "tables": "x", "digest": "x"}, ("vessels or their flow", "this machine")),
        ({"network": "x", "kernels": "x", "digest": "x"}, ("vessels or their flow", "which grows")),
        ({"tables": "x", "digest": "x"}, ("a parameter",)),
        ({"kernels": "x", "digest": "x", "n_shed": 99}, ("a law", "99 cells shed, on record 100")),
        ({"digest": "x", "hops": 9001}, ("this is a bug", "9,001 hops")),
        ({"record_digest": "x"}, ("what is stored",)),
    ],
)
def test_why_a_digest_is_another(changes: Mapping[str, Any], phrases: tuple[str, ...]) -> None:
    told = why_other(entry(**changes), entry())
    for phrase in phrases:
        assert phrase in told


def test_a_comment_in_a_kernel_is_no_other_digest() -> None:
    assert why_other(entry(kernels="x"), entry()) == ""
    assert why_other(entry(), entry()) == ""


def test_entries_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "digests.toml"
    write_entries({"sweeps/b": entry(digest="1"), "quick": entry()}, file)
    write_entries({"sweeps/b": entry(digest="2")}, file)
    assert read_entries(file) == {"quick": entry(), "sweeps/b": entry(digest="2")}


@pytest.fixture(scope="module")
def quick() -> Case:
    return case_of("quick")


def test_a_millionth_of_a_rate_is_another_digest(quick: Case) -> None:
    """The vessels stay, the tables of the kernels change: the message says so."""
    rate = quick.prepared.scenario.parameters["blood_hazards.anoikis_hazard"].value
    overrides = (
        *quick.prepared.scenario.overrides,
        f"override.blood_hazards.anoikis_hazard={rate * (1 + 1e-6)!r} 1/s",
    )
    other = Case("quick", prepare(load_scenario("quick", overrides=overrides)))
    before, after = (entry_of(case, in_memory(case, Way())) for case in (quick, other))
    assert after.digest != before.digest
    assert after.network == before.network
    assert "a parameter" in why_other(after, before)


@pytest.mark.parametrize(("axis", "value"), [("threads", 7), ("variant", "pack4"), ("chunk", 1500)])
def test_a_fault_in_the_engine_that_hangs_on_a_way_is_found(
    quick: Case, monkeypatch: pytest.MonkeyPatch, axis: str, value: object
) -> None:
    """Cells leave their segment a nanosecond late where a way has that value."""
    launch = CpuBackend.launch
    at_fault = False

    def late(self: CpuBackend, kernel: str, arguments: Mapping[str, Any]) -> Any:
        result = launch(self, kernel, arguments)
        if kernel == "ctc_advance" and at_fault:
            arguments["exit_time"][...] += 1
        return result

    def follow(case: Any, way: Way) -> Digests:
        nonlocal at_fault
        at_fault = getattr(way, axis) == value
        return in_memory(case, way)

    monkeypatch.setattr(CpuBackend, "launch", late)
    found = compare(quick, few_ways(), follow, filed=Way(chunk=331))
    assert {getattr(way, axis) for way in found.others} == {value}


def test_the_command_ends_with_1_after_another_digest(
    quick: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Follower", lambda _elsewhere: _Opened(Faulty("threads", 7)))
    monkeypatch.setattr(command, "find_case", lambda _name: quick)
    monkeypatch.setattr(command, "read_entries", dict)
    assert command.main(["--scenario", "quick", "--axis", "chunk"]) == 1, "nothing is on record"
    assert command.main(["--scenario", "quick", "--axis", "company"]) == 1
    capsys.readouterr()
    same = entry_of(quick, Digests("n" * 64, "a" * 64, "r" * 64))
    monkeypatch.setattr(command, "read_entries", lambda: {"quick": same})
    assert command.main(["--scenario", "quick", "--axis", "chunk"]) == 0
    assert "one digest each, 0 not as on record" in capsys.readouterr().out
    assert command.main(["--scenario", "quick", "--axis", "threads", "chunk"]) == 1
    told = capsys.readouterr().out
    assert "--scenario quick --way 'threads=7'" in told
    monkeypatch.setattr(command, "read_entries", lambda: {"quick": entry(digest="b" * 64)})
    assert command.main(["--scenario", "quick", "--axis", "chunk"]) == 1
    assert "digest is aaaaaaaaaaaaaaaa, on record bbbbbbbbbbbbbbbb" in capsys.readouterr().out
    assert command.main(["--scenario", "quick", "--axis", "threads", "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert not plain["agrees"]
    assert [each["way"] for each in plain["scenarios"][0]["others"]] == ["threads=7"]


class _Opened:
    """A stand-in for what is used in a ``with`` block."""

    def __init__(self, follow: Faulty) -> None:
        self._follow = follow

    def __enter__(self) -> Faulty:
        return self._follow

    def __exit__(self, *_: object) -> None:
        return


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        (["--scenario", "quik"], "Did you mean 'quick'"),
        (["--axis", "thread"], "got 'thread'"),
        (["--way", "threads=many"], "threads must be a whole number, got 'many'"),
        (["--way", "colour=red"], "got 'colour'"),
        (["--way", "variant=neon9"], "variant must be one of"),
        (["--way", "hops=3 place=two"], "must be one that there is"),
    ],
)
def test_wrong_input_is_told(
    words: list[str], phrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(words) == 2
    assert phrase in capsys.readouterr().err


def test_nothing_compared_is_no_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tables of vessels are not here all is left out, which once was exit code 0."""
    monkeypatch.setattr(command, "lacks_tables", lambda _name: True)
    assert command.main(["--scenario", "quick"]) == 1


@pytest.mark.parametrize(
    ("course", "n_parts", "n_epochs", "is_right"),
    [
        ("straight", 1, 4, True),
        ("straight", 2, 4, False),
        ("each", 4, 4, True),
        ("each", 1, 4, False),
        ("at-2", 2, 4, True),
        ("at-2", 1, 4, False),
        ("at-2", 1, 2, True),  # the patient died before
    ],
)
def test_a_run_is_stopped_as_often_as_its_way_says(
    course: str, n_parts: int, n_epochs: int, *, is_right: bool
) -> None:
    with contextlib.nullcontext() if is_right else pytest.raises(CtcError, match="parts on this"):
        require_parts(Way(course=course), n_parts, n_epochs=n_epochs)


def test_a_run_that_is_never_stopped_is_no_agreement(
    quick: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to the same digest, so that only the count of its parts tells."""

    def unstopped(*arguments: Any, max_epochs: int | None, **options: Any) -> Any:
        assert max_epochs == 1
        return run(*arguments, **options)

    run = ctc.run
    monkeypatch.setattr(ctc, "run", unstopped)
    with Follower() as follow, pytest.raises(CtcError, match="parts on this way, took 1"):
        follow(quick, Way(course="each"))


@pytest.mark.parametrize("is_update", [True, False])
def test_what_writes_digests_is_one_process(
    monkeypatch: pytest.MonkeyPatch, *, is_update: bool
) -> None:
    """Each read the file, added its own, and wrote over what another had added."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0, 1})
    config = SimpleNamespace(args=["tests"], getoption=lambda name: is_update and name)
    assert (conftest.pytest_xdist_auto_num_workers(config) == 0) == is_update
