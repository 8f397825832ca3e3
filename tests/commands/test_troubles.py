"""Full disks, signals, files taken away, jumping clocks: a clear word, and nothing is lost.

Kills are in `test_crash.py`.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ctc import fault_points
from ctc.cli.main import main
from ctc.record import writer
from ctc.record.checkpoint import has_checkpoints, remove_checkpoints
from ctc.record.files import RunFiles
from ctc.record.reader import open_run
from tests.commands.asking import Answer, snapshot
from tests.commands.conftest import Ask
from tools.crash import cases

pytestmark = pytest.mark.usefixtures("kept_vessels")

Deed = Callable[[Path], None]


@pytest.fixture(autouse=True)
def fresh_counts(monkeypatch: pytest.MonkeyPatch, in_folder: Path) -> None:
    """Count passages anew, write checkpoints often, and give the scenarios."""
    monkeypatch.setattr(fault_points, "_passages", fault_points._Passages())
    monkeypatch.setenv("CTC_CHECKPOINT_SECONDS", "0")
    cases.write_texts(in_folder)


@pytest.fixture(scope="module")
def whole_folder(tmp_path_factory: pytest.TempPathFactory, kept_vessels: None) -> Path:
    """Return the folder of the run that nothing befalls."""
    folder = tmp_path_factory.mktemp("whole")
    cases.write_texts(folder)
    scenario, output = folder / "case.toml", folder / cases.RUN
    assert main(["run", str(scenario), "-o", str(output), "--device", "cpu"]) == 0
    return folder


@pytest.fixture(scope="module")
def unbroken(whole_folder: Path) -> tuple[str, str]:
    """Return its digests."""
    with open_run(whole_folder / cases.RUN) as run:
        return run.end.digest, run.end.record_digest


def befall(ask: Ask, monkeypatch: pytest.MonkeyPatch, fault: str, *words: str) -> Answer:
    """Call a command that a fault befalls."""
    # A shell that starts tests in the background has them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as during:
            during.setenv(fault_points.VARIABLE, fault)
            return ask(*words)
    finally:
        signal.signal(signal.SIGINT, before)


def the_one_message(answer: Answer) -> str:
    """Return what a command said in the end, which is one line."""
    said = [line for line in answer.err.splitlines() if line.startswith("ctc: ")]
    assert len(said) == 1, answer.err
    assert "Traceback" not in answer.err
    return said[0]


def go_on(ask: Ask, unbroken: tuple[str, str]) -> None:
    """Resume the run, or begin anew where it had no checkpoint, and compare its end."""
    can_resume = has_checkpoints(RunFiles.of(cases.RUN))
    answer = ask(*(cases.resume_command() if can_resume else cases.run_command("--overwrite")))
    assert answer.code == 0, answer.err
    with open_run(cases.RUN) as run:
        assert (run.end.digest, run.end.record_digest) == unbroken
    left = {path.name for path in Path.cwd().iterdir() if path.suffix != ".toml"}
    assert left == {"case.vtkhdf", "case.h5md", "case.vessels.vtkhdf"}


@pytest.mark.parametrize(
    ("fault", "file"),
    [
        ("run.synchronised:1:ENOSPC", "case.vtkhdf"),
        ("output.written:1:EDQUOT", "case.vessels.vtkhdf"),
        ("checkpoint.stored:3:ENOSPC", "case.checkpoint.h5"),
        ("frames.stored:2:EIO", "case.vtkhdf"),
        ("checkpoint.rotated:2:EIO", "case.checkpoint.h5"),
        ("run.ended:1:EIO", "case.vtkhdf"),
        ("h5md.written:1:EROFS", "case.h5md"),
    ],
)
def test_what_the_system_refuses_is_told_and_loses_nothing(
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    unbroken: tuple[str, str],
    *,
    fault: str,
    file: str,
) -> None:
    answer = befall(ask, monkeypatch, fault, *cases.run_command())
    message = the_one_message(answer)
    assert answer.code == 5, answer.err
    assert message.startswith(f"ctc: error: {file}: ")
    assert os.strerror(getattr(errno, fault.rpartition(":")[2])) in message
    assert "Free some space" in message or "Check folder and space" in message
    go_on(ask, unbroken)


@pytest.mark.parametrize("action", ["interrupt", "stop", "hangup"])
def test_a_run_that_is_told_to_end_stops_with_a_checkpoint(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, unbroken: tuple[str, str], *, action: str
) -> None:
    answer = befall(ask, monkeypatch, f"epoch.counted:3:{action}", *cases.run_command())
    assert answer.code == 3, answer.err
    assert "Go on with: ctc resume case.vtkhdf" in the_one_message(answer)
    with open_run(cases.RUN) as run:
        assert run.status == "stopped"
    go_on(ask, unbroken)


@pytest.mark.parametrize("second", ["interrupt", "stop"])
def test_the_second_ctrl_c_ends_a_run_at_once(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, unbroken: tuple[str, str], *, second: str
) -> None:
    """Before the epoch is whole; what was recorded stays readable, and its checkpoint is used."""
    # Two of a kind without time between them may come as one.
    first = "frames.stored:1:interrupt,frames.counted:1:sleep"
    fault = f"{first},epoch.stored:3:{second},epoch.counted:3:sleep"
    answer = befall(ask, monkeypatch, fault, *cases.run_command())
    assert answer.code == 130, answer.err
    assert "'ctc resume'" in the_one_message(answer)
    assert ask("inspect", cases.RUN, "--json").code == 0
    go_on(ask, unbroken)


def test_nohup_keeps_a_run_from_hearing_that_the_terminal_is_gone(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        answer = befall(ask, monkeypatch, "epoch.counted:3:hangup", *cases.run_command())
    finally:
        signal.signal(signal.SIGHUP, before)
    assert answer.code == 0, answer.err


def test_memory_that_does_not_suffice_is_told(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, unbroken: tuple[str, str]
) -> None:
    answer = befall(ask, monkeypatch, "epoch.stored:4:memory", *cases.run_command())
    assert answer.code == 2, answer.err
    assert "memory must suffice" in the_one_message(answer)
    assert "goes on from it with 'ctc resume'" in answer.err
    go_on(ask, unbroken)


_CROWD = ("--set", "source.0.mass='100 g'", "--set", "source.0.shedding_rate='3e6 1/g/day'")
_LIMITED = """
import os, resource, sys
from ctc.cli.main import main
from ctc.fault_points import tell_passages
os.environ["CTC_FAULT"] = ","  # no fault, but passages are told
room = int(sys.argv[1])

def limit(name):
    if name == "epoch.counted" and resource.getrlimit(resource.RLIMIT_AS)[0] < 0:
        taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + room, taken + room))

tell_passages(limit)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_that_the_system_refuses_is_told(ask: Ask, whole_folder: Path) -> None:
    """After the first epoch a process gets no more than a few MiB (ulimit -v)."""
    assert ask(*cases.run_command(*_CROWD)).code == 0
    with open_run(cases.RUN) as run:
        digests = run.end.digest, run.end.record_digest
    for mebibytes in (0, 8, 32):
        words = cases.run_command(*_CROWD, "--overwrite")
        limited = subprocess.run(
            [sys.executable, "-c", _LIMITED, str(mebibytes << 20), *words],
            check=False,
            capture_output=True,
            text=True,
        )
        assert limited.returncode == 2, limited.stderr
        assert "memory must suffice, got too little" in limited.stderr
        assert "Traceback" not in limited.stderr
        go_on(ask, digests)


def remove(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("precious")
    other.replace(path)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (remove, "got none there (No such file or directory). What it held is lost"),
        (replace, "got another in its place, which is left alone"),
        (cut, "bytes: another program cut it"),
    ],
)
def test_a_run_file_that_another_program_takes_away_is_told_at_once(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, unbroken: tuple[str, str], *, deed: Deed, words: str
) -> None:
    """Once it was told at the end of the run, hours later perhaps, as a missing file."""
    passed: list[str] = []

    def pass_point(name: str) -> None:
        passed.append(name)
        if passed.count("epoch.counted") == 3 and name == "epoch.counted":
            deed(Path(cases.RUN))

    with monkeypatch.context() as during:
        during.setattr(writer, "pass_point", pass_point)
        answer = ask(*cases.run_command())
    assert answer.code == 5, answer.err
    message = the_one_message(answer)
    assert message.startswith("ctc: error: case.vtkhdf: run file must ")
    assert words in message
    assert message.endswith("Start it anew with ctc run --overwrite.")
    assert passed.count("epoch.stored") == 3
    if deed is replace:
        assert Path(cases.RUN).read_text() == "precious"
    remove_checkpoints(RunFiles.of(cases.RUN))  # what they are for is lost
    go_on(ask, unbroken)


def test_a_lock_that_is_removed_by_hand_is_taken_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, unbroken: tuple[str, str]
) -> None:
    def pass_point(name: str) -> None:
        Path("case.lock").unlink(missing_ok=True)

    with monkeypatch.context() as during:
        during.setattr(writer, "pass_point", pass_point)
        assert ask(*cases.run_command()).code == 0
    go_on_is_refused = ask(*cases.resume_command())
    assert go_on_is_refused.code == 2
    assert not Path("case.lock").exists()
    with open_run(cases.RUN) as run:
        assert (run.end.digest, run.end.record_digest) == unbroken


def test_a_clock_that_jumps_changes_nothing(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, unbroken: tuple[str, str]
) -> None:
    jumps = iter(range(1_000_000))
    with monkeypatch.context() as during:
        during.setattr(time, "time", lambda: 1e9 + (-1) ** next(jumps) * 4e8)
        during.setenv("CTC_CHECKPOINT_SECONDS", "1000")
        assert ask(*cases.run_command()).code == 0
    with open_run(cases.RUN) as run:
        assert (run.end.digest, run.end.record_digest) == unbroken
        assert run.series()["wall_time"].max() < 1000.0


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("note.written:1:ENOSPC", 5, "trial: output could not be written (No space left"),
        ("block.synchronised:2:EIO", 5, "block could not be written (Input/output error)"),
        ("block.placed:1:interrupt", 3, "1 of 2 patients are done and kept in trial. The same"),
        ("sweep.followed:1:stop", 3, "2 of 2 patients are done and kept in trial. The same"),
    ],
)
def test_the_same_command_goes_on_with_a_sweep_that_was_stopped(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, *, fault: str, code: int, words: str
) -> None:
    command = cases.sweep_command(1, "--patients", "1")
    answer = befall(ask, monkeypatch, fault, *command)
    assert answer.code == code, answer.err
    assert words in the_one_message(answer)
    again = ask(*command)
    assert again.code == 0, again.err
    names = {path.name for path in Path(cases.SWEEP).iterdir()}
    assert names == {"sweep.json", "sweep.h5", "sweep.csv", "report.html", "blocks"}
    assert len(list((Path(cases.SWEEP) / "blocks").iterdir())) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("export", "case.vtkhdf", "-o", "a.csv", "--overwrite"),
        ("export", "case.vtkhdf", "-o", "a.vtkhdf", "--overwrite"),
        ("vessels", "import", "case.vessels.vtkhdf", "-o", "a.h5", "--overwrite"),
        ("schema", "-o", "a.json"),
    ],
)
def test_an_older_output_stays_where_a_new_one_is_refused(
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    whole_folder: Path,
    in_folder: Path,
    *,
    words: tuple[str, ...],
) -> None:
    for path in whole_folder.glob("case.*"):
        shutil.copy2(path, in_folder)
    Path(words[words.index("-o") + 1]).write_text("older")
    before = snapshot(in_folder)
    answer = befall(ask, monkeypatch, "output.synchronised:1:ENOSPC", *words)
    assert answer.code == 5, answer.err
    assert "No space left on device" in the_one_message(answer)
    assert snapshot(in_folder) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 2.5 MB, where this user may make one."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2500k", "none", str(place)]
    if os.getuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_full_and_then_is_not(
    ask: Ask, unbroken: tuple[str, str], small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_disk)
    cases.write_texts(small_disk)
    answer = ask(*cases.run_command())
    assert answer.code == 5, answer.err
    assert "No space left on device" in the_one_message(answer)
    words = cases.resume_command() if Path(cases.RUN).exists() else cases.run_command()
    for access in ("ro", "rw"):
        remount = ["mount", "-o", f"remount,size=50m,{access}", str(small_disk)]
        subprocess.run(remount, check=True)
        if access == "ro":
            before = snapshot(small_disk)
            refused = ask(*words)
            assert refused.code in {2, 5}
            assert "Read-only file system" in the_one_message(refused)
            assert snapshot(small_disk) == before
    go_on(ask, unbroken)
