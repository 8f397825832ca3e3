"""``ctc doctor``: what this machine offers and what is missing; never fails."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass

import click

from ctc.cli.examples import ExampleCommand
from ctc.cli.options import json_option
from ctc.resources import program_version


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    name : str
        What was looked at.
    is_present : bool
        Whether it is there and works.
    text : str
        What was found, or what to do.
    """

    name: str
    is_present: bool
    text: str


@click.command(
    cls=ExampleCommand, short_help="Say what this machine lacks.", examples=("ctc doctor",)
)
@json_option
def doctor(*, as_json: bool) -> None:
    """Report Python, kernels, processor, GPU, HDF5 and display, and what to install."""
    findings = examine()
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        rows = [{"name": f.name, "is_present": f.is_present, "text": f.text} for f in findings]
        print(json.dumps(rows, indent=1))
        return
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "ok" if finding.is_present else "--"
        print(f"{mark}  {finding.name:<{width}}  {finding.text}")


def examine() -> list[Finding]:
    """Look at everything that a run may need; a probe that fails becomes a finding."""
    probes: dict[str, Callable[[], tuple[bool, str]]] = {
        "Python": _python,
        "ctc": _version,
        "kernels": _kernels,
        "processor": _processor,
        "GPU driver": _driver,
        "CuPy": _cupy,
        "NVRTC": _nvrtc,
        "Dask": _dask,
        "HDF5": _hdf5,
        "vessel cache": _cache,
        "display": _display,
    }
    return [*(_finding(name, probe) for name, probe in probes.items()), *_graphics()]


def _finding(name: str, probe: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        is_present, text = probe()
    except Exception as error:
        return _failed(name, error)
    return Finding(name, is_present=is_present, text=text)


def _failed(name: str, error: Exception) -> Finding:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return Finding(name, is_present=False, text=first)


def _python() -> tuple[bool, str]:
    return True, f"{platform.python_version()} on {platform.platform()} ({sys.executable})"


def _version() -> tuple[bool, str]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    found = program_version()
    try:
        version("ctc")
    except PackageNotFoundError:
        return False, f"{found}, not installed: run 'pip install -e .' in the checkout."
    return True, found


def _kernels() -> tuple[bool, str]:
    from ctc.backends.source import kernel_hash  # noqa: PLC0415 - only when asked

    return True, f"text {kernel_hash()[:16]}"


def _processor() -> tuple[bool, str]:
    from ctc.backends.cpu import CpuBackend, cpu_variants  # noqa: PLC0415 - loads a library

    return True, f"{CpuBackend().description}; runs here: {', '.join(cpu_variants())}"


def _driver() -> tuple[bool, str]:
    import ctypes  # noqa: PLC0415 - only when asked

    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False, "no NVIDIA driver: runs use the processor. A GPU needs driver 525 or newer."
    version, count = ctypes.c_int(), ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    text = f"CUDA {version.value // 1000}.{version.value % 1000 // 10}"
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return False, f"{text}, but it finds no usable GPU."
    names = []
    for index in range(count.value):
        name = ctypes.create_string_buffer(256)
        driver.cuDeviceGetName(name, len(name), index)
        names.append(f"cuda:{index} {name.value.decode(errors='replace')}")
    return count.value > 0, f"{text}, {', '.join(names) or 'no GPU'}"


def _cupy() -> tuple[bool, str]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    found = []
    for package in ("cupy-cuda12x", "cupy-cuda13x", "cupy"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    if len(found) > 1:
        return False, f"{' and '.join(found)} conflict: uninstall all but one."
    if not found:
        return False, "not installed: for a GPU, pip install 'ctc[cuda12]' or 'ctc[cuda13]'."
    return True, found[0]


def _nvrtc() -> tuple[bool, str]:
    from ctc.backends.nvrtc import nvrtc_version  # noqa: PLC0415 - only when asked

    major, minor = nvrtc_version()
    return True, f"{major}.{minor}"


def _dask() -> tuple[bool, str]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    try:
        return True, f"distributed {version('distributed')}"
    except PackageNotFoundError:
        return False, "not installed: for runs on several machines, pip install 'ctc[distributed]'."


def _hdf5() -> tuple[bool, str]:
    import h5py  # noqa: PLC0415 - slow to import

    return True, f"{h5py.version.hdf5_version}, h5py {h5py.version.version}"


def _cache() -> tuple[bool, str]:
    from ctc.cli.conductor import pipeline  # noqa: PLC0415 - loads every room

    folder = pipeline().vessel_folder()
    if folder is None:
        return False, "switched off by CTC_VESSEL_CACHE=off."
    sizes = [path.stat().st_size for path in folder.glob("*.h5")] if folder.is_dir() else []
    return True, f"{folder}: {len(sizes)} entries, {sum(sizes) / 1e6:,.0f} MB"


def _graphics() -> list[Finding]:
    from ctc.viewer.graphics import graphics_report  # noqa: PLC0415 - only when asked

    try:
        report = graphics_report()
    except Exception as error:
        return [_failed("viewer", error)]
    return [
        Finding(f"viewer: {name}", is_present=not text.startswith("missing:"), text=text)
        for name, text in report
    ]


def _display() -> tuple[bool, str]:
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return True, f"{variable}={os.environ[variable]}"
    return False, "none: pictures can be drawn to files only."
