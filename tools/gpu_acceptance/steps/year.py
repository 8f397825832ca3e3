"""A tumour of 1 g that sheds 3.2e6 cells a day: every cell, day after day, and the year from it."""

from __future__ import annotations

import time

from ctc.backends.cpu import CpuBackend
from ctc.backends.cuda import CudaBackend
from ctc.simulation.epochs import Simulation
from tools.bench.year import DAYS, EPOCHS_A_DAY, tumour_of_a_gram
from tools.gpu_acceptance.goals import judge_year
from tools.gpu_acceptance.scene import Scene

_SHORT = ("source.0.mass=0.3 mg", "body.terminals=1500")


def run(scene: Scene) -> str:
    """Run on the GPU while there is time, and the first quarter of a day on the processor too."""
    setting = tumour_of_a_gram(_SHORT if scene.is_short else ())
    simulation = Simulation(setting, CudaBackend())
    seconds = [_seconds_of_epoch(simulation)]
    _compare(scene, Simulation(setting, CpuBackend()), simulation.digest())
    while not simulation.is_finished and scene.left > 2.0 * seconds[-1] + 1.0:
        seconds.append(_seconds_of_epoch(simulation))
        if len(seconds) == EPOCHS_A_DAY:
            _tell(scene, "first day, GPU", simulation, sum(seconds))
    _tell(scene, f"{len(seconds) / EPOCHS_A_DAY:g} days, GPU", simulation, sum(seconds))
    scene.add("cells held at the end", simulation.n_held)
    last = seconds[-EPOCHS_A_DAY:]
    n_left = DAYS * EPOCHS_A_DAY - len(seconds)
    year = sum(seconds) + n_left * sum(last) / len(last)
    note = f"{sum(seconds):.0f} s were run; the rest as the last day" if n_left else ""
    if scene.is_short:
        scene.add("the year", year, "s", note=note)
    else:
        judge_year(scene, year, note=note)
    return ""


def _seconds_of_epoch(simulation: Simulation) -> float:
    began = time.perf_counter()
    simulation.step()
    return time.perf_counter() - began


def _compare(scene: Scene, on_cpu: Simulation, expected: str) -> None:
    seconds = _seconds_of_epoch(on_cpu)
    _tell(scene, "first quarter of a day, all cores of the processor", on_cpu, seconds)
    is_same = on_cpu.digest() == expected
    scene.add("its digest", "equal" if is_same else "DIFFERENT", ok=is_same)


def _tell(scene: Scene, name: str, simulation: Simulation, seconds: float) -> None:
    hops = simulation.hops
    note = f"{simulation.ledger.n_shed:,} cells, {hops / seconds:.3g} hops/s"
    scene.add(name, seconds, "s", note=note)
