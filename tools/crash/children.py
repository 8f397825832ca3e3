"""Commands as processes: copies of this one, which has everything imported, or new ones."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ctc.cli.main import main
from ctc.fault_points import VARIABLE, passages, tell_passages
from tools.crash import calls
from tools.crash.attacks import Attack, Span
from tools.crash.promised import Board

PATIENCE = 300.0  # [s]; longer takes only what hangs
_COUNT = ","  # no fault, but passages are counted
SPAN_FILE = "span.json"
SAID_FILE = "said.txt"


@dataclass(frozen=True)
class Ending:
    """How a command ended.

    Attributes
    ----------
    code : int
        Exit code; below 0 the signal that ended it.
    said : str
        On stdout and stderr.
    """

    code: int
    said: str

    @property
    def is_killed(self) -> bool:
        """Whether it was killed, and did not end by itself."""
        return self.code == -signal.SIGKILL


class Child:
    """A command at work in a folder, whose words go into a file beside it.

    Parameters
    ----------
    folder : Path
        Where it works.
    words : tuple of str
        After ``ctc``.
    attack : Attack, optional
        At a point or a call; moments are up to the caller.
    is_new : bool
        Start a process of its own instead of a copy of this one.
    environment : dict of str to str, optional
        Further variables.
    """

    def __init__(
        self,
        folder: Path,
        words: tuple[str, ...],
        attack: Attack | None = None,
        *,
        is_new: bool = False,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._said = folder.parent / SAID_FILE
        self._span = folder.parent / SPAN_FILE
        self._span.unlink(missing_ok=True)
        self._board = Board()
        variables = {"CTC_CHECKPOINT_SECONDS": "0", VARIABLE: _fault(attack)}
        variables |= environment or {}
        if is_new:
            with self._said.open("wb") as said:
                self.id = subprocess.Popen(
                    [sys.executable, "-m", "ctc.cli.main", *words],
                    cwd=folder,
                    stdout=said,
                    stderr=said,
                    env={k: v for k, v in os.environ.items() if k != "LD_PRELOAD"} | variables,
                    start_new_session=True,
                ).pid
        else:
            self.id = os.fork()
            if self.id == 0:
                self._work(folder, words, attack, variables)
        self._file = os.pidfd_open(self.id)

    def _work(
        self,
        folder: Path,
        words: tuple[str, ...],
        attack: Attack | None,
        variables: dict[str, str],
    ) -> None:
        code = 1
        try:
            os.chdir(folder)
            os.environ.update(variables)
            tell_passages(self._board.note)
            said = os.open(self._said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
            if attack is not None and attack.kind in {"call", "full"}:
                calls.arm(attack.number, "full" if attack.kind == "full" else attack.place)
            else:
                calls.arm(None)
            code = main(words)
            found = {"points": passages(), "calls": calls.count()}
            found["blocks"] = calls.count_blocks()
            calls.arm(None)
            sys.stdout.flush()
            self._span.write_text(json.dumps(found))
        finally:
            os._exit(code)

    def wait(self, seconds: float = PATIENCE) -> Ending | None:
        """Wait so long for its end; None where it goes on."""
        watch = select.poll()
        watch.register(self._file, select.POLLIN)
        try:
            if not watch.poll(seconds * 1e3):
                return None
        except BaseException:
            self.signal(signal.SIGKILL)
            os.waitpid(self.id, 0)
            raise
        _, status = os.waitpid(self.id, 0)
        os.close(self._file)
        return Ending(os.waitstatus_to_exitcode(status), self._said.read_text(errors="replace"))

    def end(self) -> Ending:
        """Wait for its end; what hangs is killed and said to hang."""
        ending = self.wait()
        if ending is None:
            self.signal(signal.SIGKILL)
            ending = self.wait()
            assert ending is not None
            return Ending(1, f"hung for {PATIENCE:g} s\n{ending.said}")
        return ending

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        signal.pidfd_send_signal(self._file, number)

    def helpers(self) -> list[int]:
        """Return its own child processes that follow patients."""
        try:
            text = Path(f"/proc/{self.id}/task/{self.id}/children").read_text(encoding="ascii")
        except OSError:
            return []
        return [int(word) for word in text.split() if b"spawn_main" in _command_of(int(word))]

    def passed(self) -> dict[str, int]:
        """Return how often it passed the points after which something is kept.

        Nothing where it is a process of its own.
        """
        return self._board.read()

    def span(self, seconds: float) -> Span:
        """Return what an undisturbed command did."""
        found = json.loads(self._span.read_text())
        return Span(found["points"], found["calls"], found["blocks"], seconds)


def measure(folder: Path, words: tuple[str, ...]) -> tuple[Ending, Span | None]:
    """Run a command undisturbed; one that did not end well has no span."""
    began = time.monotonic()
    child = Child(folder, words)
    ending = child.end()
    return ending, child.span(time.monotonic() - began) if ending.code == 0 else None


def time_of_new(folder: Path, words: tuple[str, ...]) -> tuple[Ending, float]:
    """Run a command undisturbed as a process of its own, and return its wall time [s]."""
    began = time.monotonic()
    ending = Child(folder, words, is_new=True).end()
    return ending, time.monotonic() - began


def wait_until_gone(processes: list[int], seconds: float = 30.0) -> list[int]:
    """Return those of some processes that are still there after so long."""
    deadline = time.monotonic() + seconds
    while (left := [each for each in processes if _command_of(each)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return left


def _fault(attack: Attack | None) -> str:
    if attack is None or attack.kind != "point":
        return _COUNT
    return f"{attack.place}:{attack.number}:kill"


def _command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
