"""A whole run taken apart: whose time is it, phase by phase, on the thread that leads.

Functions at the doors of the rooms are wrapped; a phase is charged with what passes between its
beginning and its end, less the phases inside it. Threads that write, which are those that are
started while the file is open, are summed apart, by their processor time.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.bench.kernel_clock import KernelClock

START_UP, SCENARIO, VESSELS, FLOW = "start-up", "scenario", "vessels", "flow"
TABLES, EMISSION, ADVANCE, LOCATE = "tables", "emission", "advance", "locate"
SETTLE, RECORD = "settle", "record"
OPEN, CLOSE, REST = "open the file", "close the file", "rest"
IN_EPOCH = (EMISSION, ADVANCE, LOCATE, SETTLE, RECORD)
OUTPUT = (OPEN, RECORD, CLOSE)
PHASES = (START_UP, SCENARIO, VESSELS, FLOW, TABLES, *IN_EPOCH, OPEN, CLOSE, REST)
_KERNELS = {"ctc_emit": EMISSION, "ctc_advance": ADVANCE, "ctc_locate": LOCATE}
# (module, name in it, phase): what the conductor calls.
_DOORS = (
    ("ctc.preparation", "cached_vessels", VESSELS),
    ("ctc.preparation", "solve_body", FLOW),
    ("ctc.preparation", "build_setting", TABLES),
    ("ctc.simulation.epochs", "Simulation.step", SETTLE),
    ("ctc.recorder", "Recorder.add", RECORD),
    ("ctc.recorder", "Recorder.checkpoint", OPEN),
    ("ctc.recorder", "Recorder.finish", CLOSE),
    ("ctc.record.writer", "RunWriter.create", OPEN),
    ("ctc.pipeline", "write_vtkhdf", OPEN),
    ("ctc.recorder", "write_h5md", CLOSE),
)


class PhaseClock:
    """Charges the time that passes to the innermost open phase."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PHASES, 0.0)
        self.thread_seconds = 0.0
        self._open = [REST]
        self._since = time.perf_counter()
        self._leader = threading.get_ident()

    def wrapped(self, function: Callable[..., Any], phase: str) -> Callable[..., Any]:
        """Return the function with its time charged to a phase, on the leading thread."""

        @functools.wraps(function)
        def inside(*arguments: Any, **named: Any) -> Any:
            if threading.get_ident() != self._leader:
                return function(*arguments, **named)
            self._charge()
            self._open.append(phase)
            try:
                return function(*arguments, **named)
            finally:
                self._charge()
                self._open.pop()

        return inside

    def _charge(self) -> None:
        now = time.perf_counter()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def close(self) -> None:
        """Charge what has passed since the last change."""
        self._charge()

    def wrap_door(self, module: str, name: str, phase: str) -> None:
        """Replace a function of a module, or a method of a class there."""
        owner = import_module(module)
        *classes, last = name.split(".")
        for each in classes:
            owner = getattr(owner, each)
        held = vars(owner)[last]
        if isinstance(held, classmethod):
            setattr(owner, last, classmethod(self.wrapped(held.__func__, phase)))
        else:
            setattr(owner, last, self.wrapped(held, phase))

    def count_threads(self) -> None:
        """Add up the processor time of threads that are started in a phase of output, or by one."""
        begin, work = threading.Thread.start, threading.Thread.run
        counted: set[threading.Thread] = set()

        def note_and_start(thread: threading.Thread) -> None:
            if self._open[-1] in OUTPUT or threading.current_thread() in counted:
                counted.add(thread)
            begin(thread)

        def run_and_count(thread: threading.Thread) -> None:
            try:
                work(thread)
            finally:
                if thread in counted:
                    self.thread_seconds += time.thread_time()

        patched: Any = threading.Thread
        patched.start, patched.run = note_and_start, run_and_count


class PhasedBackend(KernelClock):
    """A backend whose kernels are phases."""

    def __init__(self, backend: Any, clock: PhaseClock) -> None:
        super().__init__(backend)
        self._clock = clock

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Launch within the kernel's phase."""
        return self._clock.wrapped(super().launch, _KERNELS[kernel])(kernel, arguments)


def phases_of_run(
    scenario: str, output: Path, *, overrides: Sequence[str], spawned: float
) -> dict[str, Any]:
    """Run a scenario from its file to its closed run and take the time apart.

    Parameters
    ----------
    scenario, output, overrides : str, Path, sequence of str
        As ``ctc run`` takes them.
    spawned : float [s]
        When the process was asked for.

    Returns
    -------
    dict
        ``phases``, ``wall``, ``processor``, ``threads`` [s]; ``hops``, ``shed``.
    """
    conductor: Any = import_module("ctc.pipeline")
    clock = PhaseClock()
    clock.seconds[START_UP] = time.time() - spawned
    clock.count_threads()
    for module, name, phase in _DOORS:
        clock.wrap_door(module, name, phase)
    workforce: Any = import_module("ctc.workforce")
    choose = workforce.choose_backend

    def phased(*arguments: Any, **named: Any) -> PhasedBackend:
        return PhasedBackend(choose(*arguments, **named), clock)

    workforce.choose_backend = phased
    load = clock.wrapped(conductor.load_scenario, SCENARIO)
    loaded = load(scenario, overrides=overrides)
    summary = conductor.run(loaded, output, device="cpu")
    clock.close()
    return {
        "phases": clock.seconds,
        "wall": sum(clock.seconds.values()),
        "processor": time.process_time(),
        "threads": clock.thread_seconds,
        "hops": summary.hops,
        "shed": summary.n_shed,
    }
