"""The cuda backend itself, on a double of CuPy whose kernels run late and on emulated warps.

Asks for the order of launches and copies, for shapes, and for the GPU that is current: what needs
no GPU to go wrong.
"""

from __future__ import annotations

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from ctc.backends.base import choose_backend, devices_of
from ctc.backends.cpu import CpuBackend
from ctc.backends.cuda import THREADS, CudaBackend
from ctc.errors import DeviceFaultError, InputError, MissingDeviceError
from ctc.simulation.epochs import Simulation
from ctc.workforce import open_workforce
from tests.architecture.sources import KERNELS
from tests.emulation.cupy_double import Device, RawKernel, cupy_double
from tests.physics.mixed import LAST_VEIN, digest_of_run, mixed_setting, mixed_world
from tests.physics.worlds import NANOSECONDS, bolus, set_out


@pytest.fixture
def cupy(monkeypatch: pytest.MonkeyPatch) -> Any:
    cupy, cupyx = cupy_double()
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setitem(sys.modules, "cupyx", cupyx)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: cupy)
    monkeypatch.setattr("ctc.backends.cuda._cubin", lambda target: f"kernels_sm{target}_")
    RawKernel.launches.clear()
    return cupy


class TakingTurns(ThreadPoolExecutor):
    """Threads of which one works at a time."""

    lock = Lock()

    def submit(self, work: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        def alone() -> Any:
            with self.lock:
                return work(*arguments, **options)

        return super().submit(alone)


@pytest.fixture(scope="module")
def expected() -> str:
    return digest_of_run(mixed_setting(cells=300), CpuBackend(threads=1, variant="scalar"))


@pytest.mark.usefixtures("cupy")
@pytest.mark.parametrize("chunk", [1000, 64])
def test_runs_have_the_same_digest(chunk: int, expected: str) -> None:
    """With small chunks one is read back while the next has been launched."""
    found = digest_of_run(mixed_setting(cells=300), CudaBackend(0), chunk=chunk, event_capacity=50)
    assert found == expected


@pytest.mark.usefixtures("cupy")
@pytest.mark.parametrize("layout", [{"block": 32}, {"blocks_per_multiprocessor": 3, "max_hops": 9}])
def test_layouts_change_nothing(layout: dict[str, int], expected: str) -> None:
    assert digest_of_run(mixed_setting(cells=300), CudaBackend(0, **layout)) == expected


def test_a_block_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(InputError, match="block must be a multiple of 32 up to 128 threads, got 1"):
        CudaBackend(0, block=1)


@pytest.mark.usefixtures("cupy")
def test_a_run_on_all_gpus_has_the_same_digest(
    expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two shards, each in a thread with a GPU of its own; the emulator bears one at a time."""
    monkeypatch.setattr("ctc.simulation.shards.ThreadPoolExecutor", TakingTurns)
    assert devices_of("cuda:all") == devices_of("cuda:0,1") == ("cuda:0", "cuda:1")
    setting = mixed_setting(cells=300)
    with open_workforce("cuda:all") as force:
        assert force.description == "2 shards on cuda:0, cuda:1"
        shards = force.shards(setting, chunk=64, folder=Path())
        simulation = Simulation(setting, shards)
        for _ in simulation.epochs():
            pass
        assert simulation.digest() == expected
        assert [each.launches.backend.name for each in shards.shards] == ["cuda:0", "cuda:1"]
        shards.close()


@pytest.mark.usefixtures("cupy")
def test_two_gpus_in_one_process_do_not_disturb_each_other(expected: str) -> None:
    """Steps of two runs alternate; each finds its own GPU current."""
    runs = [Simulation(mixed_setting(cells=300), CudaBackend(number)) for number in (0, 1)]
    while not all(run.is_finished for run in runs):
        for number, run in enumerate(runs):
            run.step()
            assert Device.current == number
    assert [run.digest() for run in runs] == [expected, expected]


@pytest.mark.usefixtures("cupy")
def test_a_copy_waits_for_its_launch_and_for_none_after_it() -> None:
    backend = CudaBackend(0)
    launches = set_out(
        mixed_world(), bolus(mixed_world().hops, [LAST_VEIN], count=100), backend=backend
    ).launches
    before = len(RawKernel.launches)
    work = backend._stream
    buffers = [launches._buffers[0], launches._buffers[1]]
    marks = [launches._set_off(0, 100, buffer, 50 * NANOSECONDS) for buffer in buffers]
    assert len(RawKernel.launches) == before + 2
    assert buffers[0].read("ctc_advance", marks[0]).hops > 0
    assert len(work.work) - work.n_done == 1
    assert buffers[1].read("ctc_advance", marks[1]).hops == 0
    assert len(work.work) == work.n_done


def test_blocks_are_as_many_as_stay_on_the_gpu(cupy: Any) -> None:
    del cupy
    backend = CudaBackend(0)
    set_out(mixed_world(), bolus(mixed_world().hops, [LAST_VEIN], count=1000), backend=backend)
    set_out(mixed_world(), bolus(mixed_world().hops, [LAST_VEIN], count=130), backend=backend)
    assert RawKernel.launches == [("ctc_emit", 2, THREADS), ("ctc_emit", 2, THREADS)]


def test_registers_say_it_where_the_driver_cannot(cupy: Any) -> None:
    del cupy.cuda.driver.occupancyMaxActiveBlocksPerMultiprocessor
    backend = CudaBackend(0)
    assert backend._most_blocks["ctc_advance"] == 2 * 8  # 65536 / (64 * 128) on each of two


@pytest.mark.usefixtures("cupy")
def test_a_fault_is_raised() -> None:
    backend = CudaBackend(0)
    launches = set_out(
        mixed_world(), bolus(mixed_world().hops, [LAST_VEIN], count=10), backend=backend
    ).launches
    launches.population.arrays()["segment"][3] = 10_000
    with pytest.raises(DeviceFaultError, match="outside the network"):
        launches.advance(NANOSECONDS)


@pytest.mark.usefixtures("cupy")
def test_a_gpu_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingDeviceError, match=r"cuda:0 \.\. cuda:1, got 'cuda:5'"):
        choose_backend("cuda:5")


def test_the_kernel_and_the_backend_agree_on_the_size_of_a_block() -> None:
    text = (KERNELS / "entry" / "warps.h").read_text(encoding="utf-8")
    assert f"constexpr u32 BLOCK_THREADS = {THREADS};" in text
    assert THREADS % 32 == 0
