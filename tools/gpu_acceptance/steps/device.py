"""What the machine is: processor, GPU, driver, CUDA, clocks, memory, packages."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ctc.backends.cpu import cpu_variants
from ctc.backends.nvrtc import nvrtc_version
from ctc.backends.source import kernel_hash
from ctc.errors import CtcError
from tools.gpu_acceptance.scene import Scene

_QUERY = (
    *("name", "driver_version", "compute_cap", "memory.total", "memory.used", "clocks.sm"),
    *("clocks.mem", "clocks.max.sm", "clocks.max.mem", "power.limit", "temperature.gpu"),
    *("ecc.mode.current", "mig.mode.current", "pcie.link.gen.current"),
)
_PACKAGES = ("numpy", "scipy", "h5py", "cupy-cuda13x", "cupy-cuda12x", "numba", "numba-cuda")


def run(scene: Scene) -> str:
    """Note facts; nothing is demanded and no setting is touched."""
    scene.add("processor", processor_name(), note=f"{len(os.sched_getaffinity(0))} cores")
    scene.add("instruction sets", " ".join(cpu_variants()))
    scene.add("kernel text", kernel_hash()[:16])
    scene.add("system", system_name())
    for name in _PACKAGES:
        try:
            scene.add(name, version(name))
        except PackageNotFoundError:
            continue
    try:
        scene.add("NVRTC", ".".join(map(str, nvrtc_version())))
    except CtcError as error:
        scene.add("NVRTC", "none", note=str(error))
    for name, value in gpu_facts().items():
        scene.add(name, value)
    return ""


def system_name() -> str:
    """Return the system and its C library: what programs depend on, nothing of its kernel."""
    return " ".join([platform.system(), *platform.libc_ver()]).strip()


def processor_name() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def gpu_facts() -> dict[str, str]:
    """Return what nvidia-smi says of the first GPU; empty without it."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    command = [program, f"--query-gpu={','.join(_QUERY)}", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        return {"nvidia-smi": done.stderr.strip() or done.stdout.strip()}
    return read_query(done.stdout)


def read_query(text: str) -> dict[str, str]:
    """Read the answer to `_QUERY`: one line a GPU, fields in its order."""
    lines = text.strip().splitlines()
    values = [value.strip() for value in lines[0].split(",")] if lines else []
    found = dict(zip(_QUERY, values, strict=False))
    if len(lines) > 1:
        found["GPUs"] = str(len(lines))
    return found
