"""Instructions of the loop of hops on a GPU, by class, from the disassembled kernel.

    python -m tools.hot_loop            a table for compute capability 9.0
    python -m tools.hot_loop --json     the same for programs
    python -m tools.hot_loop --markdown write it into kernels/README.md

Needs cuobjdump and nvdisasm (``pip install nvidia-cuda-cuobjdump nvidia-cuda-nvdisasm``, or a CUDA
toolkit), and no GPU.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ctc.backends.nvrtc import compile_kernels
from tools.kernel_report import write_page

BEGIN = "<!-- hot loop: written by python -m tools.hot_loop --markdown -->"
END = "<!-- end of hot loop -->"
TARGET = 90
KERNEL = "ctc_advance"
HOPS = 2  # of one pass through the loop

# In this order: the first that fits.
CLASSES = (
    ("uniform", re.compile(r"^(U|R2UR|S2UR)")),
    ("integer multiply-add", re.compile(r"^(IMAD\.WIDE|IMAD\.HI|IMAD(?!\.MOV|\.SHL|\.IADD)|IDP)")),
    ("moves by the multiplier", re.compile(r"^(IMAD\.MOV|IMAD\.SHL|IMAD\.IADD)")),
    ("root, reciprocal", re.compile(r"^MUFU")),
    ("conversion", re.compile(r"^(I2F|F2I|F2F|I2I|FRND)")),
    ("float", re.compile(r"^(FADD|FMUL|FFMA|FSEL|FSETP|FMNMX|FCHK|FSWZ|HFMA2|HADD2|HMUL2)")),
    ("memory", re.compile(r"^(LD|ST|ATOM|RED|CCTL|MEMBAR|ERRBAR)")),
    ("control", re.compile(r"^(BRA|BSSY|BSYNC|BREAK|CALL|RET|EXIT|NOP|VOTE|WARPSYNC|YIELD|PLOP3)")),
    ("other integer", re.compile(r"")),
)

_LINE = re.compile(r"^\s*/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)([^;]*);")
_TARGET_OF = re.compile(r"0x([0-9a-f]+)")


class NoDisassemblerError(Exception):
    """There is no disassembler on this machine."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: where it stands, its name, and where it jumps to (-1: nowhere)."""

    address: int
    name: str
    target: int


def disassemble(cubin: bytes, kernel: str) -> list[Instruction]:
    """Return the instructions of a kernel in order.

    Raises
    ------
    NoDisassemblerError
        If there is no cuobjdump or nvdisasm; says what to install.
    """
    tool, folder = _tool("cuobjdump"), _tool("nvdisasm").parent
    with tempfile.TemporaryDirectory() as work:
        path = Path(work, "kernels.cubin")
        path.write_bytes(cubin)
        environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
        listing = subprocess.run(
            [str(tool), "-sass", "-fun", kernel, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        ).stdout
    return read_listing(listing)


def read_listing(listing: str) -> list[Instruction]:
    """Return the instructions of what cuobjdump printed."""
    found = []
    for line in listing.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        address, name, rest = int(match.group(1), 16), match.group(2), match.group(3)
        jump = _TARGET_OF.search(rest) if name.startswith("BRA") else None
        found.append(Instruction(address, name, int(jump.group(1), 16) if jump else -1))
    return found


def hot_loop(instructions: Sequence[Instruction]) -> list[Instruction]:
    """Return the smallest loop that reads two segment records and writes nothing.

    Raises
    ------
    ValueError
        If there is none: the kernel is not the one that this was written for.
    """
    loops = []
    for last in instructions:
        if not 0 <= last.target < last.address:
            continue
        body = [i for i in instructions if last.target <= i.address <= last.address]
        n_records = sum(i.name.startswith("LDG.E.128") for i in body)
        if n_records == HOPS and not any(i.name.startswith(("ATOM", "RED", "STG")) for i in body):
            loops.append(body)
    if not loops:
        message = f"{KERNEL} must have a loop with {HOPS} loads of 16 bytes and no store"
        raise ValueError(message)
    return min(loops, key=len)


def by_class(body: Sequence[Instruction]) -> dict[str, int]:
    """Return how many instructions of each class there are, in the order of `CLASSES`."""
    counts = Counter(next(name for name, pattern in CLASSES if pattern.match(i.name)) for i in body)
    return {name: counts[name] for name, _ in CLASSES}


def table(counts: dict[str, int]) -> str:
    """Return the counts as a Markdown table, for one hop."""
    lines = [f"| class, sm_{TARGET} | instructions a hop |", "|---|---|"]
    lines += [f"| {name} | {count / HOPS:g} |" for name, count in counts.items()]
    return "\n".join([*lines, f"| all | {sum(counts.values()) / HOPS:g} |"])


def count_hot_loop() -> dict[str, int]:
    """Compile the kernels and count the instructions of their loop of hops."""
    return by_class(hot_loop(disassemble(compile_kernels(TARGET).cubin, KERNEL)))


def _tool(name: str) -> Path:
    spec = importlib.util.find_spec("nvidia")
    roots = list(spec.submodule_search_locations or []) if spec else []
    found = [path for root in roots for path in sorted(Path(root).glob(f"*/bin/{name}"))]
    for variable in ("CUDA_PATH", "CUDA_HOME"):
        if variable in os.environ:
            found.append(Path(os.environ[variable], "bin", name))
    found.append(Path(shutil.which(name) or f"/usr/local/cuda/bin/{name}"))
    for path in found:
        if path.is_file():
            return path
    message = f"{name} was not found. Install it: pip install nvidia-cuda-{name}"
    raise NoDisassemblerError(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code, 1 where there is no disassembler."""
    parser = argparse.ArgumentParser(prog="python -m tools.hot_loop", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="write kernels/README.md")
    options = parser.parse_args(arguments)
    try:
        counts = count_hot_loop()
    except NoDisassemblerError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"hops": HOPS, "counts": counts}) if options.json else table(counts))
    if options.markdown:
        write_page(table(counts), begin=BEGIN, end=END)
    return 0


if __name__ == "__main__":
    sys.exit(main())
