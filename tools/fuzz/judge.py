"""What a reader made of one sample, and whether that is a failure."""

from __future__ import annotations

import enum
import gc
import resource
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tools.fuzz.sample import Sample, clear, lay_down
from tools.fuzz.target import Target
from tools.fuzz.watch import Trespass, watched

# A message longer than this is not read; control characters in it reach a terminal.
LONGEST_MESSAGE = 1200
# Wall over processor time: a machine that does other work is not a hang.
_PATIENCE = 6.0


class Outcome(enum.StrEnum):
    """How it went."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    RAISED = "raised"
    HUNG = "hung"
    MEMORY = "memory"
    TRESPASSED = "trespassed"
    MESSAGE = "message"
    DIED = "died"


CLEAN = (Outcome.ACCEPTED, Outcome.REFUSED)


@dataclass(frozen=True)
class Verdict:
    """What a reader made of one sample.

    Attributes
    ----------
    outcome : Outcome
    signature : str
        The same for all samples that fail in the same way; empty without a failure.
    text : str
        The message, or the traceback.
    sample : str
        Of a failure, as Python writes it.
    """

    outcome: Outcome
    signature: str = ""
    text: str = ""
    sample: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether the reader did as it should."""
        return self.outcome in CLEAN

    def to_dict(self) -> dict[str, str]:
        """Return it as plain text."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, found: dict[str, str]) -> Verdict:
        """Return what `to_dict` gave."""
        return cls(Outcome(found["outcome"]), found["signature"], found["text"], found["sample"])


class OutOfTime(BaseException):
    """No Exception: no reader may take it for a fault of its file."""


def judge(target: Target, sample: Sample, folder: Path, *, whole: Sample | None = None) -> Verdict:
    """Feed a sample to its reader and say what came of it.

    Parameters
    ----------
    target : Target
        The reader.
    sample : Sample
        What it is fed.
    folder : Path
        Emptied, then holds the sample.
    whole : Sample, optional
        What pipes and links of the sample lead to.
    """
    lay_down(sample, folder, whole=whole)
    try:
        with _timed(target.seconds), _limited(target.memory), watched(folder):
            target.feed(folder)
    except OutOfTime as error:
        return Verdict(Outcome.HUNG, f"hung {_place(error)}", _trace(error))
    except Trespass as error:
        return Verdict(Outcome.TRESPASSED, f"trespassed {_place(error)}", _trace(error))
    except target.refusals as error:
        return _refusal(error, target)
    except MemoryError as error:
        return Verdict(Outcome.MEMORY, f"memory {_place(error)}", _trace(error))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        kind = type(error).__name__
        return Verdict(Outcome.RAISED, f"{kind} {_place(error)}", _trace(error))
    finally:
        clear(folder)
        gc.collect(0)
    return Verdict(Outcome.ACCEPTED)


def _refusal(error: BaseException, target: Target) -> Verdict:
    """Return whether the message of a refusal is one that a user can read."""
    text = str(error)
    faults = [
        name
        for name, is_so in (
            ("no text", not text.strip()),
            ("several lines", len(text.splitlines()) > 1),
            ("control characters", not text.isprintable()),
            ("too long", len(text) > LONGEST_MESSAGE),
            ("no rule", target.has_rules and " must " not in text),
            ("text of a library", "pydantic" in text or "Input should be" in text),
        )
        if is_so
    ]
    if faults:
        return Verdict(
            Outcome.MESSAGE, f"message: {', '.join(faults)} {_place(error)}", text[:4000]
        )
    return Verdict(Outcome.REFUSED, "", text)


def _place(error: BaseException) -> str:
    """Return the innermost line of ctc that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/ctc/" in frame.filename] or list(frames)
    if not own:
        return "nowhere"
    last = own[-1]
    return f"{last.filename.rpartition('/ctc/')[2]}:{last.name}"


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-6000:]


@contextmanager
def _limited(memory: int) -> Iterator[None]:
    """Let this process have only so many bytes of address space beyond what it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most if soft < 0 else min(most, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    """Raise OutOfTime after so much processor time, or several times that by the clock."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    timers: tuple[tuple[int, int, float], ...] = (
        (signal.ITIMER_PROF, signal.SIGPROF, seconds),
        (signal.ITIMER_REAL, signal.SIGALRM, _PATIENCE * seconds),
    )
    before: list[Any] = [signal.signal(number, stop) for _, number, _ in timers]
    for timer, _, limit in timers:
        # Again and again: a reader that takes it for its own is told once more.
        signal.setitimer(timer, limit, 0.2)
    try:
        yield
    finally:
        for (timer, number, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0.0)
            signal.signal(number, handler)
