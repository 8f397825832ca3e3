"""How many blocks of a kernel a multiprocessor holds at once, by what its threads take.

Limits of the hardware as in the table "Technical Specifications per Compute Capability" of the CUDA
C++ Programming Guide 13 (appendix Compute Capabilities): 65536 registers of 32 bits on each, given
out 256 at a time to a warp.
"""

from __future__ import annotations

from dataclasses import dataclass

_REGISTERS = 65536
_REGISTERS_AT_ONCE = 256
_WARP = 32


@dataclass(frozen=True)
class Multiprocessor:
    """What one multiprocessor holds: warps, blocks, and shared memory for them [bytes]."""

    warps: int
    blocks: int
    shared: int


MULTIPROCESSORS = {
    75: Multiprocessor(warps=32, blocks=16, shared=64 << 10),
    80: Multiprocessor(warps=64, blocks=32, shared=164 << 10),
    86: Multiprocessor(warps=48, blocks=16, shared=100 << 10),
    89: Multiprocessor(warps=48, blocks=24, shared=100 << 10),
    90: Multiprocessor(warps=64, blocks=32, shared=228 << 10),
    100: Multiprocessor(warps=64, blocks=32, shared=228 << 10),
    120: Multiprocessor(warps=48, blocks=24, shared=100 << 10),
}
_SHARED_OF_A_BLOCK = 1 << 10  # that the system takes of each, from compute capability 8.0 on


def resident_blocks(target: int, threads: int, *, registers: int, shared: int = 0) -> int:
    """Return the blocks that a multiprocessor holds at once, 1 at least.

    Parameters
    ----------
    target : int
        Compute capability times ten; one that is not listed counts as the nearest below it.
    threads : int
        Of a block, a multiple of 32.
    registers : int
        Of a thread.
    shared : int [bytes]
        Of a block.
    """
    known = [listed for listed in MULTIPROCESSORS if listed <= target]
    limits = MULTIPROCESSORS[max(known, default=min(MULTIPROCESSORS))]
    warps = threads // _WARP
    of_warp = -(-registers * _WARP // _REGISTERS_AT_ONCE) * _REGISTERS_AT_ONCE
    by_registers = _REGISTERS // of_warp // warps
    by_shared = limits.shared // (shared + _SHARED_OF_A_BLOCK)
    return max(1, min(limits.blocks, limits.warps // warps, by_registers, by_shared))
