"""Another library may have changed how the processor rounds; the kernels must not notice."""

import ctypes
import ctypes.util
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend, cpu_variants
from tests.physics.mixed import digest_of_run, mixed_setting, mixed_world
from tests.physics.worlds import bolus, set_out

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc",
    reason="sets MXCSR through the environment record of glibc on x86-64",
)
# Bits of MXCSR: subnormals flushed as results (15) and as arguments (6); rounding to zero (13, 14).
FLUSH, TO_ZERO = 0x8040, 0x6000
_MXCSR = slice(28, 32)


def control_word(value: int | None = None) -> int:
    """Return this thread's MXCSR, after setting it where a value is given."""
    mathematics = ctypes.CDLL(ctypes.util.find_library("m"))
    environment = (ctypes.c_ubyte * 32)()
    mathematics.fegetenv(environment)
    if value is not None:
        environment[_MXCSR] = list(value.to_bytes(4, "little"))
        mathematics.fesetenv(environment)
        mathematics.fegetenv(environment)
    return int.from_bytes(bytes(environment[_MXCSR]), "little")


@contextmanager
def changed_mode(bits: int) -> Iterator[None]:
    before = control_word()
    control_word(before | bits)
    try:
        yield
    finally:
        control_word(before)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("variant", cpu_variants())
def test_flushing_of_subnormals_changes_no_result(variant: str, threads: int) -> None:
    """What any library built with -ffast-math does to the thread that loads it."""
    backend = CpuBackend(threads=threads, variant=variant)
    expected = digest_of_run(mixed_setting(cells=300), backend)
    with changed_mode(FLUSH):
        assert digest_of_run(mixed_setting(cells=300), backend) == expected


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("variant", cpu_variants())
def test_launches_round_to_nearest_and_leave_the_mode_as_it_was(variant: str, threads: int) -> None:
    world = mixed_world()
    backend = CpuBackend(threads=threads, variant=variant)
    found = []
    for bits in (0, TO_ZERO | FLUSH):
        launches = set_out(world, bolus(world.hops, [0], count=500), backend=backend).launches
        with changed_mode(bits):
            launches.advance(10**12)
            assert control_word() & (TO_ZERO | FLUSH) == bits
        found.append(launches.population.on_host())
    for name, array in found[0].items():
        np.testing.assert_array_equal(found[1][name], array, err_msg=name)
