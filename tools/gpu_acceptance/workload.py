"""A small run for tools that watch a process: ``python -m tools.gpu_acceptance.workload``.

Prints the digest, so that a watched run can be compared with one that is not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from ctc.backends.base import Backend, choose_backend
from ctc.preparation import prepare
from ctc.simulation.epochs import Simulation
from tools.short_forms import large_form, short_form


def main(arguments: Sequence[str] | None = None) -> int:
    """Run some epochs; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.gpu_acceptance.workload")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--cells", type=int, default=200, help="expected")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--large", action="store_true", help="all vessels of quick.toml")
    parser.add_argument("--room", type=int, help="for events")
    parser.add_argument("--exact-allocations", action="store_true", help="no pool of memory")
    options = parser.parse_args(arguments)
    scenario = large_form(options.cells) if options.large else None
    scenario = scenario or short_form("breast_untreated", cells=options.cells)
    setting = prepare(scenario).setting
    setting = replace(setting, epochs=setting.epochs[: options.epochs])
    backend = choose_backend(options.device)
    if options.exact_allocations:
        without_pool(backend)
    simulation = Simulation(setting, backend, event_capacity=options.room)
    for _ in simulation.epochs():
        pass
    print(f"digest {simulation.digest()} hops {simulation.hops}")
    return 0


def without_pool(backend: Backend) -> None:
    """Give each array memory of its own, so that what lies beyond it is nobody's."""
    cuda = getattr(backend.xp, "cuda", None)
    if cuda is not None:
        cuda.set_allocator(None)


if __name__ == "__main__":
    sys.exit(main())
