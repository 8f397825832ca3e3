"""The engine finds every kind of fault that is planted, and no other."""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ctc.errors import InputError
from tools.fuzz import guided
from tools.fuzz.__main__ import FAILED, command
from tools.fuzz.campaign import Worker, run_target
from tools.fuzz.changes import BYTES, changing
from tools.fuzz.judge import LONGEST_MESSAGE, Outcome, judge
from tools.fuzz.minimise import minimise
from tools.fuzz.registry import TARGETS
from tools.fuzz.sample import Odd, Sample, lay_down
from tools.fuzz.target import Target
from tools.fuzz.text_changes import TEXT
from tools.fuzz.worker import make_input
from tools.fuzz.xml_changes import XML

GOOD: Sample = {"a.txt": b"radius = 12 um\nlength = 3 mm\n"}


def planted(feed: Callable[[Path], object]) -> Target:
    return Target("planted", "", lambda: [GOOD], changing(*TEXT), feed, seconds=0.2, memory=2**28)


def refusing(message: str) -> Callable[[Path], object]:
    def feed(_: Path) -> object:
        error = InputError("x")
        error.args = (message,)  # as it would be without the care of InputError
        raise error

    return feed


def spin(_: Path) -> object:
    while True:
        pass


def spin_and_hide(_: Path) -> object:
    while True:
        try:
            while True:
                time.sleep(0.001)
        except Exception:
            pass


def hide(_: Path) -> object:
    try:
        Path("/tmp/ctc-fuzz-outside").write_text("x")
    except Exception:
        return None
    return None


FAULTS: dict[str, tuple[Callable[[Path], object], Outcome]] = {
    "a traceback": (lambda _: {}["a"], Outcome.RAISED),
    "an exit": (lambda _: sys.exit(3), Outcome.RAISED),
    "a loop": (spin, Outcome.HUNG),
    "a wait": (spin_and_hide, Outcome.HUNG),
    "memory": (lambda _: bytearray(2**30), Outcome.MEMORY),
    "a file elsewhere": (
        lambda folder: (folder.parent / "outside").write_text("x"), Outcome.TRESPASSED
    ),
    "a file behind a link": (
        lambda folder: (folder / "out" / "x").write_text("x"), Outcome.TRESPASSED
    ),
    "a folder elsewhere": (lambda folder: (folder.parent / "new").mkdir(), Outcome.TRESPASSED),
    "a file taken away": (lambda folder: (folder.parent / "there").unlink(), Outcome.TRESPASSED),
    "a file put elsewhere": (
        lambda folder: os.replace(folder / "a.txt", folder.parent / "moved"), Outcome.TRESPASSED
    ),
    "a fault that is hidden": (hide, Outcome.TRESPASSED),
    "a pickle": (lambda _: pickle.loads(b"cbuiltins\nlen\n."), Outcome.TRESPASSED),
    "a command": (lambda _: subprocess.run(["true"], check=False), Outcome.TRESPASSED),
    "no message": (refusing(""), Outcome.MESSAGE),
    "two lines": (refusing("radius must be > 0,\ngot -1."), Outcome.MESSAGE),
    "colours": (refusing("radius must be > 0, got \x1b[31m-1."), Outcome.MESSAGE),
    "no rule": (refusing("bad file"), Outcome.MESSAGE),
    "a library's words": (refusing("x must y. Input should be a number"), Outcome.MESSAGE),
    "too long": (refusing("x must y " + "z" * LONGEST_MESSAGE), Outcome.MESSAGE),
    "a clean refusal": (refusing("radius must be > 0, got -1."), Outcome.REFUSED),
    "nothing wrong": (lambda folder: (folder / "out.h5").write_text("x"), Outcome.ACCEPTED),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(fault: str, tmp_path: Path) -> None:
    feed, outcome = FAULTS[fault]
    (tmp_path / "there").write_text("x")
    (tmp_path / "beside").mkdir()

    def with_link(folder: Path) -> object:
        (folder / "out").symlink_to(tmp_path / "beside")
        return feed(folder)

    verdict = judge(planted(with_link), GOOD, tmp_path / "input")
    assert verdict.outcome == outcome, verdict.text
    assert bool(verdict.signature) == (outcome not in (Outcome.ACCEPTED, Outcome.REFUSED))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside", "input", "there"]
    assert not list((tmp_path / "beside").iterdir())


def test_a_process_that_dies_is_found_and_the_rest_goes_on(tmp_path: Path) -> None:
    """In a process of its own, as the command has it."""
    script = (
        "from tests.fuzz.test_engine import planted, die\n"
        "from tools.fuzz import registry, worker\n"
        "registry.TARGETS['planted'] = planted(die)\n"
        "worker.main()\n"
    )
    with Worker(["-c", script]) as running:
        report = run_target(planted(die), running, seed=3, count=12)
    assert report.inputs == 12
    assert report.outcomes == {"died": 1, "accepted": 11}
    assert [signature for signature in report.failures if "exit status -11" in signature]


def test_a_death_is_no_silence_however_long_the_system_takes_to_tell() -> None:
    """The pipes of a process close before its parent can ask how it ended."""
    script = "import os, time; os.close(1); time.sleep(0.5); os._exit(3)"
    with Worker(["-c", script]) as running:
        assert list(running.ask({})) == [{"died": "exit status 3"}]


def die(folder: Path) -> object:
    if (folder / "a.txt").is_dir():
        ctypes.string_at(0)
    return None


def test_inputs_hang_on_seed_and_number_alone() -> None:
    target = replace(planted(spin), change=changing(*TEXT, *XML, *BYTES))
    one = [make_input(target, [GOOD], seed=5, index=i)[0] for i in range(60)]
    assert one == [make_input(target, [GOOD], seed=5, index=i)[0] for i in range(60)]
    assert one != [make_input(target, [GOOD], seed=6, index=i)[0] for i in range(60)]
    assert len({repr(each) for each in one}) > 50


def test_hostile_inputs_are_counted_apart(tmp_path: Path) -> None:
    """Good samples, and folders in place of files, are no proof of what damaged files do."""
    script = (
        "from tests.fuzz.test_engine import planted\n"
        "from tools.fuzz import registry, worker\n"
        "registry.TARGETS['planted'] = planted(lambda _: None)\n"
        "worker.main()\n"
    )
    with Worker(["-c", script]) as running:
        target = planted(lambda _: None)
        few = run_target(target, running, seed=3, count=4)
        assert (few.inputs, few.hostile.total()) == (4, 0)
        many = run_target(target, running, seed=3, hostile=5)
        assert (many.inputs, many.hostile.total()) == (1 + len(Odd) + 5, 5)


@pytest.mark.parametrize("options", [["--inputs", "2"], ["--seconds", "1"]])
def test_nothing_asked_is_no_success(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = replace(TARGETS["view"], packages=("a_package_that_is_not_there",))
    if "--seconds" in options:
        monkeypatch.setitem(TARGETS, "view", lacking)
    assert command.main(["--target", "view", *options], standalone_mode=False) == FAILED


def test_the_guided_engine_takes_samples_whole() -> None:
    sample = {"a": b"x" * 3_000_000}
    assert guided.longest_input([sample], ("a",)) > 3_000_000
    assert guided.longest_input([GOOD], tuple(GOOD)) == 2**16


def test_a_failing_sample_is_made_small() -> None:
    sample = {"a": b"\n".join(b"line %d" % i for i in range(200)), "b": b"x" * 500, "c": b"y"}

    def fails(each: Sample) -> bool:
        content = each.get("a", b"")
        return isinstance(content, bytes) and b"77" in content and "b" in each

    assert minimise(sample, fails) == {"a": b"77", "b": b""}


@pytest.mark.parametrize("odd", Odd)
def test_odd_files_are_laid_down(odd: Odd, tmp_path: Path) -> None:
    lay_down({"a": odd, "in/b": b"1"}, tmp_path, whole={"a": b"text"})
    path = tmp_path / "a"
    assert path.is_dir() == (odd is Odd.FOLDER)
    assert path.is_fifo() == (odd is Odd.PIPE)
    assert (path.is_symlink() and path.is_file()) == (odd is Odd.LINK)
    if odd in (Odd.PIPE, Odd.LINK):
        assert path.read_bytes() == b"text"
    lay_down({"c": b""}, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["c"]


def test_samples_of_several_files_pass_through_libfuzzer() -> None:
    sample = {"a": b"one", "b": b"", "c": b"\0" * 9}
    assert guided.unpack(guided.pack(sample, tuple(sample)), tuple(sample)) == sample
    draw = Random(1)
    for length in range(40):
        assert set(guided.unpack(draw.randbytes(length), ("a", "b"))) == {"a", "b"}
