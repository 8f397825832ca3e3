"""A target: one reader, what it takes, and what it may say no with."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from ctc.errors import InputError
from tools.fuzz.sample import Sample

# Changes one sample; the others are there to take pieces from.
Change = Callable[[Sample, Sequence[Sample], Random], Sample]


@dataclass(frozen=True)
class Target:
    """One reader and how it is fed.

    Attributes
    ----------
    name : str
        For ``--target``.
    about : str
        What is read, in a line.
    samples : callable
        Returns good samples; each of them must be accepted.
    change : Change
        Makes a hostile sample of a good one.
    feed : callable of Path
        Reads the sample in that folder as the program would. It may write there alone.
    refusals : tuple of exception classes
        How a sample may be refused.
    kept_whole : tuple of str
        Files of a sample that stay as they are: those that only stand beside.
    packages : tuple of str
        Without these the target is skipped.
    watched : tuple of str
        Packages whose branches the guided engine counts.
    seconds : float [s]
        Processor time that one sample may take.
    memory : int [bytes]
        Address space that one sample may take beyond that of good ones.
    has_rules : bool
        Whether every refusal states a rule; those of the command line do not.
    short_form : int
        Hostile inputs of the test suite, after good and odd ones; 0 where the long form alone asks.
    has_pipes : bool
        Whether a pipe may stand in place of a file.
    """

    name: str
    about: str
    samples: Callable[[], Sequence[Sample]]
    change: Change
    feed: Callable[[Path], object]
    refusals: tuple[type[BaseException], ...] = (InputError,)
    kept_whole: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    watched: tuple[str, ...] = ("ctc",)
    seconds: float = 4.0
    memory: int = 2**30
    has_rules: bool = True
    short_form: int = 100
    has_pipes: bool = True

    @property
    def lacks(self) -> tuple[str, ...]:
        """Packages that are not installed."""
        return tuple(name for name in self.packages if importlib.util.find_spec(name) is None)
