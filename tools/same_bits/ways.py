"""Ways to follow a run: one value of each axis. No result may depend on any of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from importlib.util import find_spec

from ctc.backends.cpu import cpu_variants
from ctc.errors import InputError, near_name

# Of `Way.course`: without files; through a run file; stopped at the end of each epoch and resumed.
MEMORY, STRAIGHT, EACH = "memory", "straight", "each"
# Of `Way.place`.
ONE, TWO, DASK = "one", "two", "dask"
# Of `Way.recording`: what the short form records; nothing; every cell and event.
SHORT, NOTHING, ALL = "short", "nothing", "all"
# Of `Way.company`: all patients of an arm at once; each alone; all, in the other order.
TOGETHER, ALONE, REVERSED = "together", "alone", "reversed"
# Of `Way.numpy`: as it is on this machine; without vector code, and its BLAS likewise.
NATIVE, PLAIN = "native", "plain"

Value = str | int


@dataclass(frozen=True)
class Way:
    """How a run is followed; as it stands, the plainest way.

    Attributes
    ----------
    device : str
        ``cpu`` or ``cuda``.
    variant : str
        Instruction set of the host library.
    threads : int
        Of the processor, of each worker.
    chunk : int
        Cells a launch; 0 for as many as suit the device.
    room : int
        Room for the events of a launch; 0 for plenty.
    hops : int
        Hops that a launch may make a cell; 0 for all.
    place : str
        ``one`` or ``two`` shards in this process, or two workers of Dask (``dask``).
    course : str
        ``memory`` (no files), ``straight``, ``each`` (stopped at the end of every epoch and
        resumed from its checkpoint file), or ``at-2``: stopped once, after so many epochs. Each
        second part of a stopped run goes the plainest way, so that ways are mixed.
    recording : str
        ``short`` as the short form has it, ``nothing``, or ``all`` cells and events.
    company : str
        Of patients of a sweep: ``together``, ``alone`` or ``reversed``.
    numpy : str
        ``native``, or ``plain``: without vector code.
    """

    device: str = "cpu"
    variant: str = "scalar"
    threads: int = 1
    chunk: int = 0
    room: int = 0
    hops: int = 0
    place: str = ONE
    course: str = MEMORY
    recording: str = SHORT
    company: str = TOGETHER
    numpy: str = NATIVE

    @property
    def is_possible(self) -> bool:
        """Whether there is such a way."""
        has_threads = self.device == "cpu"
        is_whole = self.hops == 0
        has_files = self.course != MEMORY
        return (
            (has_threads or (self.variant == "scalar" and self.threads == 1))
            and (is_whole or (self.variant == "scalar" and self.place == ONE and not has_files))
            and (has_files or (self.place != DASK and self.recording == SHORT))
            and (self.company == TOGETHER or not has_files)
        )

    @property
    def stop(self) -> int | None:
        """After how many epochs it is stopped, if once."""
        return int(self.course[3:]) if self.course.startswith("at-") else None

    @property
    def text(self) -> str:
        """What is otherwise than on the plainest way, as `way_of` reads it."""
        plainest = Way()
        names = [field.name for field in fields(self)]
        changed = [name for name in names if getattr(self, name) != getattr(plainest, name)]
        return " ".join(f"{name}={getattr(self, name)}" for name in changed) or "plainest"


def way_of(text: str) -> Way:
    """Return the way of a text such as ``threads=7 chunk=331``.

    Raises
    ------
    InputError
        If an axis or a value is not known, or there is no such way.
    """
    values: dict[str, Value] = {}
    kinds = {field.name: field.type for field in fields(Way)}
    for word in text.split():
        if word == "plainest":
            continue
        name, _, value = word.partition("=")
        if name not in kinds:
            message = (
                f"--way: axis must be one of the known, got '{name}'. {near_name(name, kinds)}"
            )
            raise InputError(message)
        is_number = kinds[name] == "int"
        if is_number and not value.isdecimal():
            message = f"--way: {name} must be a whole number, got '{value}'. 0 is for all."
            raise InputError(message)
        values[name] = int(value) if is_number else value
    way = Way(**values)  # type: ignore[arg-type]
    known = axes(has_gpu=True)
    for name in ("device", "variant", "place", "recording", "company", "numpy"):
        _require(name, getattr(way, name), known[name])
    if way.stop is None:
        _require("course", way.course, known["course"])
    if not way.is_possible:
        message = f"--way must be one that there is, got '{text}'. python -m tools.same_bits --help"
        raise InputError(message)
    return way


def axes(*, has_gpu: bool) -> dict[str, tuple[Value, ...]]:
    """Return the values of each axis on this machine; the plainest first.

    Workers are left out where Dask is not installed.
    """
    return {
        "device": ("cpu", "cuda") if has_gpu else ("cpu",),
        "variant": tuple(reversed(cpu_variants())),
        "threads": (1, 2, 7),
        "chunk": (0, 331, 1500),
        "room": (0, 200),
        "hops": (0, 100),
        "place": (ONE, TWO, DASK) if find_spec("distributed") else (ONE, TWO),
        "course": (MEMORY, STRAIGHT, EACH),
        "recording": (SHORT, NOTHING, ALL),
        "company": (TOGETHER, ALONE, REVERSED),
        "numpy": (NATIVE, PLAIN),
    }


def _require(name: str, value: str, known: Iterable[Value]) -> None:
    names = [str(each) for each in known]
    if value not in names:
        message = f"--way: {name} must be one of {', '.join(names)}, got '{value}'."
        raise InputError(message)
