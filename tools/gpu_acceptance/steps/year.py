"""A tumour of 1 g that sheds 3.2e6 cells a day: every cell, day after day, and the year from it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ctc.backends.cpu import CpuBackend
from ctc.backends.cuda import CudaBackend
from ctc.preparation import prepare
from ctc.scenario.load import load_scenario
from ctc.simulation.epochs import Simulation
from tools.gpu_acceptance.scene import Scene

DAYS = 365
_EPOCHS_A_DAY = 4
# Shed by growing MTW9 in the rat, a gram and day: Butler and Gullino 1975 Cancer Res 35:512.
_OVERRIDES = (
    *("source.0.mass=1 g", "source.0.shedding_rate=3.2e6 1/g/day", "record.tracked=0"),
    *("run.epoch=6 h", f"source.0.stop={DAYS} days", f"run.duration={DAYS} days"),
)


@dataclass(frozen=True)
class Day:
    """What one day took and brought."""

    seconds: float
    cells: int
    hops: int


def run(scene: Scene) -> str:
    """Run days on the GPU while there is time, and the first day on the processor beside it."""
    setting = prepare(load_scenario("quick", overrides=list(_OVERRIDES))).setting
    on_cpu = Simulation(setting, CpuBackend())
    first = one_day(on_cpu)
    _tell(scene, "first day, all cores of the processor", first)
    simulation = Simulation(setting, CudaBackend())
    days: list[Day] = []
    while len(days) < DAYS and (not days or scene.left > 2.0 * days[-1].seconds + 1.0):
        days.append(one_day(simulation))
        if len(days) == 1:
            _tell(scene, "first day, GPU", days[0])
            is_same = simulation.digest() == on_cpu.digest()
            scene.add("digest of both", "equal" if is_same else "DIFFERENT", ok=is_same)
    taken = sum(day.seconds for day in days)
    rest = (DAYS - len(days)) * days[-1].seconds
    scene.add("days done", len(days), note=f"{simulation.ledger.n_shed:,} cells shed")
    scene.add(
        "last day", days[-1].seconds, "s", note=f"{days[-1].hops / days[-1].seconds:.3g} hops/s"
    )
    scene.add("cells held at the end", simulation.launches.population.count)
    name = "the year" if len(days) == DAYS else "the year, as the last day goes on"
    scene.add(name, taken + rest, "s", note="" if rest == 0.0 else f"{taken:.0f} s were run")
    return ""


def one_day(simulation: Simulation) -> Day:
    """Run one day and say what it took."""
    hops, cells = simulation.launches.sums.hops, simulation.ledger.n_shed
    began = time.perf_counter()
    for _ in range(_EPOCHS_A_DAY):
        simulation.step()
    seconds = time.perf_counter() - began
    return Day(seconds, simulation.ledger.n_shed - cells, simulation.launches.sums.hops - hops)


def _tell(scene: Scene, name: str, day: Day) -> None:
    note = f"{day.cells:,} cells, {day.hops / day.seconds:.3g} hops/s"
    scene.add(name, day.seconds, "s", note=note)
