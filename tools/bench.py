"""How fast and how small: the figures that a claim of speed must quote.

    python -m tools.bench                all of it, about a minute and a half
    python -m tools.bench --json         the same for programs
    python -m tools.bench --device cuda  a GPU beside the processor

Measures, on the vessels of scenarios/quick.toml: the time to prepare them; hops a second of each
instruction set and number of threads; the whole run as a user starts it, with its peak memory; and,
as a yardstick in the same minute, a hop of the same shape in vectorised NumPy.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

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
from tools.yardstick import numpy_hops_per_second

SCENARIO = "quick"
ROOT = Path(__file__).resolve().parents[1]
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
    seconds : float [s]
        Best of the repeats: emission, hops, events and their sorting.
    """

    way: str
    cores: int
    hops: int
    seconds: float

    @property
    def per_core(self) -> float:
        """Hops a second and core."""
        return self.hops / self.seconds / self.cores


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
    best, hops = float("inf"), 0
    for _ in range(_REPEATS):
        simulation = Simulation(setting, backend)
        start = time.perf_counter()
        simulation.step()
        best = min(best, time.perf_counter() - start)
        hops = simulation.launches.sums.hops
    return HopRate(backend.description, cores, hops, best)


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
    yardstick = numpy_hops_per_second()
    provenance = collect_provenance(device="", kernel_hash="", network_hash="", seed=0)
    return {
        "version": provenance.version,
        "commit": provenance.commit,
        "processor": processor(),
        "prepare": asdict(preparation)
        | {"seconds": preparation.load + preparation.vessels + preparation.flow},
        "bytes_per_cell": BYTES_PER_CELL,
        "run": asdict(whole),
        "hops": [asdict(rate) | {"per_core": rate.per_core} for rate in rates],
        "numpy_yardstick": yardstick,
        "ratio_per_core": rates[0].per_core / yardstick,
    }


def show(found: dict[str, object]) -> str:
    """Return the figures as lines for people."""
    ready, run = found["prepare"], found["run"]
    hops, ratio = found["hops"], found["ratio_per_core"]
    assert isinstance(ready, dict)
    assert isinstance(run, dict)
    assert isinstance(hops, list)
    lines = [
        f"ctc {found['version']} {found['commit']} on {found['processor']}",
        "",
        f"prepare {ready['n_segments']:,} segments: {ready['seconds']:.2f} s "
        f"(scenario {ready['load']:.2f}, vessels {ready['vessels']:.2f}, flow {ready['flow']:.2f})",
        f"whole run of {SCENARIO}.toml: {run['seconds']:.1f} s, {run['cells']:,} cells, "
        f"{run['hops']:,} hops, peak memory {run['peak_bytes'] / 1e6:.0f} MB, "
        f"file {run['file_bytes'] / 1e6:.0f} MB",
        f"state of a cell: {found['bytes_per_cell']} bytes",
        "",
        f"{'first hour of the run':34} {'hops':>12} {'s':>7} {'hops/s/core':>12}",
    ]
    lines += [
        f"{rate['way']:34} {rate['hops']:12,} {rate['seconds']:7.3f} {rate['per_core']:12.2e}"
        for rate in hops
    ]
    lines.append(f"{'NumPy, a simpler hop (yardstick)':34} {'':20} {found['numpy_yardstick']:12.2e}")
    lines.append(f"widest instruction set over NumPy, one core each: {ratio:.1f} x")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--device", action="append", default=[], metavar="NAME", help="also on cuda, cuda:1, ..."
    )
    options = parser.parse_args(arguments)
    found = measure(options.device)
    print(json.dumps(found, indent=1) if options.json else show(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
