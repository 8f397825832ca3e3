"""Registers, stack, spills and occupancy of every kernel on every target, by what ptxas reports.

    python -m tools.kernel_report               a table
    python -m tools.kernel_report --json        the same for programs
    python -m tools.kernel_report --markdown    write it into kernels/README.md

Compiles with NVRTC; needs no GPU.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ctc.backends.cuda import THREADS
from ctc.backends.kernels import kernels
from ctc.backends.nvrtc import TARGETS, compile_kernels, nvrtc_version
from ctc.backends.occupancy import MULTIPROCESSORS, resident_blocks

PAGE = Path(__file__).resolve().parents[1] / "kernels" / "README.md"
BEGIN = "<!-- kernel report: written by python -m tools.kernel_report --markdown -->"
END = "<!-- end of kernel report -->"

_ENTRY = re.compile(r"Compiling entry function '(\w+)'")
_MEMORY = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
_REGISTERS = re.compile(r"Used (\d+) registers")
_SHARED = re.compile(r"(\d+) bytes smem")
_WARP = 32


@dataclass(frozen=True)
class KernelUse:
    """What one kernel takes on one target.

    Attributes
    ----------
    kernel : str
        Its name.
    target : int
        Compute capability times ten.
    registers : int
        Per thread.
    stack, spill_stores, spill_loads : int [bytes]
        Per thread.
    shared : int [bytes]
        Per block.
    """

    kernel: str
    target: int
    registers: int
    stack: int
    spill_stores: int
    spill_loads: int
    shared: int

    @property
    def resident_warps(self) -> int:
        """Warps that a multiprocessor holds at once."""
        blocks = resident_blocks(self.target, THREADS, registers=self.registers, shared=self.shared)
        return blocks * THREADS // _WARP


@dataclass(frozen=True)
class TargetReport:
    """What the compiler said of one target.

    Attributes
    ----------
    target, cubin_bytes : int
        Compute capability times ten; size of the device code.
    uses : tuple of KernelUse
        In the order of kernels.toml.
    """

    target: int
    cubin_bytes: int
    uses: tuple[KernelUse, ...]


def report_target(target: int) -> TargetReport:
    """Compile all kernels for one target and read what ptxas says of them.

    Parameters
    ----------
    target : int
        Compute capability times ten.

    Raises
    ------
    MissingDeviceError
        If there is no NVRTC on this machine.
    """
    compiled = compile_kernels(target, options=("--ptxas-options=-v",))
    found = read_log(compiled.log, target)
    return TargetReport(target, len(compiled.cubin), tuple(found[name] for name in kernels()))


def read_log(log: str, target: int) -> dict[str, KernelUse]:
    """Read the verbose log of ptxas, kernel by kernel."""
    found: dict[str, KernelUse] = {}
    parts = _ENTRY.split(log)
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        memory, registers = _MEMORY.search(text), _REGISTERS.search(text)
        if memory is None or registers is None:
            message = f"ptxas log of {name} for sm_{target} cannot be read:\n{text}"
            raise ValueError(message)
        stack, stores, loads = (int(group) for group in memory.groups())
        shared = _SHARED.search(text)
        n_shared = int(shared.group(1)) if shared else 0
        n_registers = int(registers.group(1))
        found[name] = KernelUse(name, target, n_registers, stack, stores, loads, n_shared)
    return found


def table(reports: Sequence[TargetReport]) -> str:
    """Return the reports as a Markdown table."""
    heads = " | ".join(f"sm_{report.target}" for report in reports)
    rule = "|---" * (len(reports) + 1) + "|"
    lines = [f"| registers / stack / spilled bytes | {heads} |", rule]
    for row in zip(*(report.uses for report in reports), strict=True):
        cells = [f"{u.registers} / {u.stack} / {u.spill_stores + u.spill_loads}" for u in row]
        lines.append(f"| `{row[0].kernel}` | " + " | ".join(cells) + " |")
    sizes = " | ".join(f"{report.cubin_bytes / 1024:.0f} KiB" for report in reports)
    lines.append(f"| device code | {sizes} |")
    lines += ["", f"| warps at once, blocks of {THREADS} threads | {heads} |", rule]
    for row in zip(*(report.uses for report in reports), strict=True):
        cells = [_occupancy(use) for use in row]
        lines.append(f"| `{row[0].kernel}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _occupancy(use: KernelUse) -> str:
    most = MULTIPROCESSORS[use.target].warps
    return f"{use.resident_warps} of {most} ({use.resident_warps / most:.0%})"


def page_section(reports: Sequence[TargetReport]) -> str:
    """Return the lines that kernels/README.md holds between its markers."""
    major, minor = nvrtc_version()
    return f"NVRTC {major}.{minor}.\n\n{table(reports)}"


def write_page(text: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Put the text between two markers of kernels/README.md."""
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        message = f"{PAGE} must hold the lines '{begin}' and '{end}'"
        raise ValueError(message)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code, 1 where a kernel spills."""
    parser = argparse.ArgumentParser(prog="python -m tools.kernel_report", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="write kernels/README.md")
    options = parser.parse_args(arguments)
    reports = [report_target(target) for target in TARGETS]
    if options.json:
        print(json.dumps([asdict(report) for report in reports], indent=1))
    else:
        print(page_section(reports))
    if options.markdown:
        write_page(page_section(reports))
    uses = [use for report in reports for use in report.uses]
    return int(any(use.spill_stores or use.spill_loads for use in uses))


if __name__ == "__main__":
    sys.exit(main())
