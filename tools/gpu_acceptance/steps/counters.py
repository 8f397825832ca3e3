"""Hardware counters of ctc_advance, as ncu reads them."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from statistics import fmean

from tools.gpu_acceptance.environment import ROOT, last_line
from tools.gpu_acceptance.findings import CannotRunError
from tools.gpu_acceptance.scene import Scene

KERNEL = "ctc_advance"
# What each counter is called here; names of the Nsight Compute documentation.
METRICS = {
    "gpu__time_duration.sum": "duration",
    "launch__registers_per_thread": "registers a thread",
    "launch__block_size": "threads a block",
    "launch__grid_size": "blocks",
    "sm__maximum_warps_per_active_cycle_pct": "occupancy that registers allow",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "occupancy achieved",
    "smsp__thread_inst_executed_per_inst_executed.ratio": "active lanes an instruction",
    "smsp__inst_executed.sum": "instructions of warps",
    "smsp__issue_active.avg.pct_of_peak_sustained_active": "issue slots used",
    "sm__inst_executed_pipe_alu.avg.pct_of_peak_sustained_active": "integer pipe (ALU)",
    "sm__inst_executed_pipe_fma.avg.pct_of_peak_sustained_active": "FMA and integer product pipe",
    "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active": "conversion and root pipe",
    "l1tex__t_sector_hit_rate.pct": "L1 hits",
    "lts__t_sector_hit_rate.pct": "L2 hits",
    "l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_ld.ratio": "sectors a load",
    "lts__t_sectors_op_read.sum": "sectors read from L2",
    "lts__t_sectors.avg.pct_of_peak_sustained_elapsed": "L2 sectors over its peak",
    "dram__bytes_read.sum": "bytes read from memory",
    "dram__bytes_write.sum": "bytes written to memory",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed": "memory over its peak",
    "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio": (
        "warps that wait for memory, an issue"
    ),
}
# With these every GPU since Volta has something to say.
_ESSENTIAL = tuple(METRICS)[:6]
_CELLS = "200000"


def run(scene: Scene) -> str:
    """Read the counters of two launches in the middle of a run in all vessels of quick.toml."""
    found, word = _profile(tuple(METRICS), scene.left)
    if not found:
        found, _ = _profile(_ESSENTIAL, scene.left)
        scene.add("some counters are not here", f"{len(METRICS) - len(_ESSENTIAL)}", note=word)
    if not found:
        message = f"ncu read no counter: {word}"
        raise CannotRunError(message)
    for metric, name in METRICS.items():
        if metric in found:
            value, unit = found[metric]
            scene.add(name, value, unit, note=metric)
    return ""


def _profile(metrics: tuple[str, ...], seconds: float) -> tuple[dict[str, tuple[float, str]], str]:
    command = ["ncu", "--csv", "--print-units", "base", "--metrics", ",".join(metrics)]
    command += ["--kernel-name", f"regex:^{KERNEL}$", "--launch-skip", "2", "--launch-count", "2"]
    # Caches as the launches before left them, clocks as the machine has them.
    command += ["--cache-control", "none", "--clock-control", "none"]
    program = ["-m", "tools.gpu_acceptance.workload", "--large", "--cells", _CELLS, "--epochs", "4"]
    try:
        done = subprocess.run(
            [*command, sys.executable, *program],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=max(seconds, 1.0),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}, f"no end within {seconds:.0f} s"
    print(done.stdout, done.stderr)
    return read_csv(done.stdout), complaint(done.stdout + done.stderr)


def read_csv(text: str, kernel: str = KERNEL) -> dict[str, tuple[float, str]]:
    """Read what ``ncu --csv`` printed: the mean over the launches of a kernel, with its unit.

    One row for each launch and counter, below a line of headings; lines of ncu and of the program
    stand around them.
    """
    lines = text.splitlines()
    begin = next((i for i, line in enumerate(lines) if '"Metric Name"' in line), None)
    if begin is None:
        return {}
    rows = csv.DictReader(io.StringIO("\n".join(x for x in lines[begin:] if x.startswith('"'))))
    values: dict[str, list[float]] = {}
    units: dict[str, str] = {}
    for row in rows:
        if not (row.get("Kernel Name") or "").startswith(kernel):
            continue
        name, value = row.get("Metric Name") or "", row.get("Metric Value") or ""
        try:
            values.setdefault(name, []).append(float(value.replace(",", "")))
        except ValueError:
            continue
        units[name] = row.get("Metric Unit") or ""
    return {name: (fmean(found), units[name]) for name, found in values.items() if found}


def complaint(text: str) -> str:
    """Return the first error that ncu reports, or its last line."""
    found = re.search(r"^==(?:ERROR|WARNING)== (.+)$", text, re.MULTILINE)
    return found.group(1) if found else last_line(text)
