"""How many lanes hop and how often they are served, counted on emulated warps.

    python -m tests.emulation.lane_use                     64 cells a lane
    python -m tests.emulation.lane_use --warps 1 --mass 2  fewer lanes and cells

The first two hours of scenarios/quick.toml without its frames, with counters planted in the text
of the loop (kernels/entry/warps.h). Says how well warps are used, not how fast they are.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import ctc
from ctc.backends.source import device_source
from ctc.preparation import prepare
from ctc.resources import resource_folder
from ctc.simulation.epochs import Simulation
from tests.emulation.backend import EmulatedBackend, Shape, emulated_library

_EPOCHS = 2
_COUNTERS = (
    ("class WarpLoop {", 'extern "C" { u64 lane_use[4]; }\nclass WarpLoop {'),
    ("n_hops += 2;", "n_hops += 2; if (lane_index() == 0) lane_use[0] += 1;"),
    ("memory_.hops[me_] += n_hops;", "memory_.hops[me_] += n_hops; lane_use[1] += n_hops;"),
    (
        "take_cells();\n        const",
        "take_cells(); lane_use[2] += lane_index() == 0;\n        const",
    ),
    ("bool goes_on = has_cell;", "bool goes_on = has_cell; lane_use[3] += has_cell;"),
)


@dataclass(frozen=True)
class LaneUse:
    """Passes of warps through the loop of hops, hops, rounds of serving, lanes served."""

    pairs: int
    hops: int
    rounds: int
    served: int

    @property
    def flying(self) -> float:
        """Hops over those that 32 lanes could make in as many passes."""
        return self.hops / (64 * self.pairs)


def count_lane_use(*, mass: float, warps: int) -> LaneUse:
    """Follow what a tumour of some grams sheds in two hours, with so many warps.

    Parameters
    ----------
    mass : float [g]
        Of the tumour; it sheds about 2,900 cells a gram and hour.
    warps : int
        In blocks of one.
    """
    source = device_source()
    for text, counter in _COUNTERS:
        assert source.count(text) == 1, f"'{text}' is not there once"
        source = source.replace(text, counter)
    scenario = ctc.load_scenario(
        resource_folder("scenarios") / "quick.toml", overrides=[f"source.0.mass={mass} g"]
    )
    setting = replace(prepare(scenario).setting, frames=(), n_tracked=0)
    backend = EmulatedBackend(Shape(blocks=warps, threads=32), source=source)
    simulation = Simulation(setting, backend)
    for _ in range(_EPOCHS):
        simulation.step()
    counts = (ctypes.c_ulonglong * 4).in_dll(emulated_library(source), "lane_use")
    return LaneUse(*counts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulation.lane_use", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--mass", type=float, default=4.0, help="of the tumour [g]")
    parser.add_argument("--warps", type=int, default=6)
    use = count_lane_use(**vars(parser.parse_args(arguments)))
    sys.stdout.write(
        f"{use.hops} hops: {use.flying:.0%} of lanes fly; {use.rounds / use.pairs:.3f} rounds a"
        f" pair serve {use.served / use.rounds:.1f} lanes each, {use.served / use.hops:.1%} of hops"
        "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
