"""How fast cells move and how small they are.

    python -m tools.bench                      all of it, about a minute and a half
    python -m tools.bench cells --json         the same for programs
    python -m tools.bench cells --device cuda  a GPU beside the processor

Measures, on the vessels of scenarios/quick.toml: the time to prepare them; hops a second of each
instruction set and number of threads; the whole run as a user starts it, with its peak memory; and,
as yardsticks in the same minute, the same hop and a much simpler one in vectorised NumPy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ctc.backends.base import Backend, choose_backend
from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.body.plan import load_body_plan
from ctc.flow.body_flow import solve_body
from ctc.pipeline import load_scenario, prepare
from ctc.record.provenance import collect_provenance
from ctc.simulation.epochs import Simulation
from ctc.simulation.population import BYTES_PER_CELL
from ctc.simulation.setting import Setting
from ctc.vessels.body_network import build_body_network
from tools.bench.yardstick import same_hop, toy_hop

SCENARIO = "quick"
ROOT = Path(__file__).resolve().parents[2]
_REPEATS = 3


@dataclass(frozen=True)
class PrepareTimes:
    """Seconds to get a scenario ready.

    Attributes
    ----------
    n_segments : int
        Of its network.
    load, vessels, flow : float [s]
        Scenario file; growth of the vessels; flow in them.
    """

    n_segments: int
    load: float
    vessels: float
    flow: float


@dataclass(frozen=True)
class HopRate:
    """Speed of one way to run the first hour of the scenario.

    Attributes
    ----------
    way : str
        Device, instruction set and threads.
    cores : int
        Threads, or 1 for a GPU.
    hops : int
        Segments entered.
    seconds, kernel_seconds : float [s]
        Best of the repeats: the whole epoch (emission, hops, events and their sorting, removal of
        the dead); of it the launches that advance cells.
    """

    way: str
    cores: int
    hops: int
    seconds: float
    kernel_seconds: float

    @property
    def per_core(self) -> float:
        """Hops a second and core, over the whole epoch."""
        return self.hops / self.seconds / self.cores

    @property
    def kernel_per_core(self) -> float:
        """Hops a second and core, while cells are advanced."""
        return self.hops / self.kernel_seconds / self.cores


class TimedBackend:
    """A backend that adds up the time of the launches that advance cells."""

    def __init__(self, backend: Backend) -> None:
        self.seconds = 0.0
        self.xp = backend.xp
        self.name = backend.name
        self.description = backend.description
        self.max_hops = backend.max_hops
        self.n_under_way = 1
        self.to_device = backend.to_device
        self.to_host = backend.to_host
        self._backend = backend

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Launch, and wait for it where it counts."""
        start = time.perf_counter()
        mark = self._backend.launch(kernel, arguments)
        if kernel == "ctc_advance":
            self.to_host(arguments["first_fault"], after=mark)
            self.seconds += time.perf_counter() - start
        return mark


@dataclass(frozen=True)
class WholeRun:
    """A run as a user starts it.

    Attributes
    ----------
    seconds : float [s]
        From the command to its end.
    peak_bytes : int
        Largest resident memory.
    hops, cells, file_bytes : int
        What it did and wrote.
    """

    seconds: float
    peak_bytes: int
    hops: int
    cells: int
    file_bytes: int


def time_preparation() -> PrepareTimes:
    """Time each step from the scenario's text to the solved flow."""
    start = time.perf_counter()
    scenario = load_scenario(SCENARIO)
    loaded = time.perf_counter()
    body = scenario.settings.body
    plan = load_body_plan(body.plan)
    network = build_body_network(plan, n_terminals=body.terminals, seed=body.seed)
    grown = time.perf_counter()
    solve_body(network, plan)
    solved = time.perf_counter()
    return PrepareTimes(network.n_segments, loaded - start, grown - loaded, solved - grown)


def time_hops(setting: Setting, backend: Backend, *, cores: int) -> HopRate:
    """Time the first epoch of a setting, the best of a few."""
    best, best_kernel, hops = float("inf"), float("inf"), 0
    for _ in range(_REPEATS):
        timed = TimedBackend(backend)
        simulation = Simulation(setting, timed)
        start = time.perf_counter()
        simulation.step()
        best = min(best, time.perf_counter() - start)
        best_kernel = min(best_kernel, timed.seconds)
        hops = simulation.hops
    return HopRate(backend.description, cores, hops, best, best_kernel)


def time_run() -> WholeRun:
    """Run the whole scenario in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "bench.vtkhdf"
        command = [sys.executable, "-m", "ctc.cli.main"]
        scenario = str(ROOT / "scenarios" / f"{SCENARIO}.toml")
        start = time.perf_counter()
        subprocess.run(
            [*command, "run", scenario, "-o", str(target), "--device", "cpu"],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        shown = subprocess.run(
            [*command, "inspect", str(target), "--json"], check=True, capture_output=True, cwd=ROOT
        )
        found = json.loads(shown.stdout)
        size = target.stat().st_size
    return WholeRun(seconds, peak, int(found["hops"]), int(found["n_shed"]), size)


def processor() -> str:
    """Return the processor's name and how many cores this process may use."""
    name = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(ln.partition(":")[2].strip() for ln in lines if ln.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def measure(devices: Sequence[str]) -> dict[str, object]:
    """Measure everything; returns plain values."""
    # First, while this process is small: the peak of its children is that of the run.
    whole = time_run()
    preparation = time_preparation()
    setting = prepare(load_scenario(SCENARIO)).setting
    threads = len(os.sched_getaffinity(0))
    rates = [time_hops(setting, CpuBackend(threads=1, variant=v), cores=1) for v in cpu_variants()]
    if threads > 1:
        rates.append(time_hops(setting, CpuBackend(threads=threads), cores=threads))
    for device in devices:
        rates.append(time_hops(setting, choose_backend(device), cores=1))
    numpy_hop = same_hop(setting.hops, setting.tables, start=setting.sources[0].sites.record)
    numpy_toy = toy_hop()
    provenance = collect_provenance(device="", kernel_hash="", network_hash="", seed=0)
    return {
        "version": provenance.version,
        "commit": provenance.commit,
        "processor": processor(),
        "prepare": asdict(preparation)
        | {"seconds": preparation.load + preparation.vessels + preparation.flow},
        "bytes_per_cell": BYTES_PER_CELL,
        "run": asdict(whole),
        "hops": [
            asdict(rate) | {"per_core": rate.per_core, "kernel_per_core": rate.kernel_per_core}
            for rate in rates
        ],
        "numpy_same_hop": numpy_hop,
        "numpy_toy_hop": numpy_toy,
        "ratio_same_hop": rates[0].kernel_per_core / numpy_hop,
        "ratio_toy_hop": rates[0].kernel_per_core / numpy_toy,
    }


def show(found: dict[str, object]) -> str:
    """Return the figures as lines for people."""
    ready, run = found["prepare"], found["run"]
    rates = found["hops"]
    assert isinstance(ready, dict)
    assert isinstance(run, dict)
    assert isinstance(rates, list)
    same, toy = found["numpy_same_hop"], found["numpy_toy_hop"]
    ready_line = (
        f"prepare {ready['n_segments']:,} segments: {ready['seconds']:.2f} s "
        f"(scenario {ready['load']:.2f}, vessels {ready['vessels']:.2f}, flow {ready['flow']:.2f})"
    )
    run_line = (
        f"whole run of {SCENARIO}.toml: {run['seconds']:.1f} s, {run['cells']:,} cells, "
        f"{run['hops']:,} hops, peak memory {run['peak_bytes'] / 1e6:.0f} MB, "
        f"file {run['file_bytes'] / 1e6:.0f} MB"
    )
    ratio_line = (
        f"first line over NumPy: {found['ratio_same_hop']:.0f} x the same hop, "
        f"{found['ratio_toy_hop']:.1f} x the toy hop"
    )
    rows = [(rate["way"], rate["per_core"], rate["kernel_per_core"]) for rate in rates]
    lines = [
        f"ctc {found['version']} {found['commit']} on {found['processor']}",
        "",
        ready_line,
        run_line,
        f"state of a cell: {found['bytes_per_cell']} bytes",
        "",
        f"{'hops/s and core':32} {'whole epoch':>12} {'advance':>12}",
        *[f"{way:32} {whole:12.2e} {kernel:12.2e}" for way, whole, kernel in rows],
        f"{'NumPy, the same hop':32} {'':12} {same:12.2e}",
        f"{'NumPy, a toy hop':32} {'':12} {toy:12.2e}",
        ratio_line,
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench cells", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--device", action="append", default=[], metavar="NAME", help="also on cuda, cuda:1, ..."
    )
    options = parser.parse_args(arguments)
    found = measure(options.device)
    print(json.dumps(found, indent=1) if options.json else show(found))
    return 0
