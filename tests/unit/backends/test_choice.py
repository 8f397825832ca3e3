"""The choice of a backend and the host library: no silent fallback, no stale library."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ctc.backends import cpu, cuda
from ctc.backends.base import choose_backend, devices_of
from ctc.backends.cpu import CpuBackend, cpu_variants, host_library
from ctc.backends.source import device_source, kernel_files, kernel_hash
from ctc.errors import CtcError, InputError, MissingDeviceError

HAS_CUPY = importlib.util.find_spec("cupy") is not None


def test_cpu_says_what_it_runs_on() -> None:
    backend = choose_backend("cpu", threads=3)
    assert backend.name == "cpu"
    assert backend.description == f"cpu ({cpu_variants()[0]}, 3 threads)"


@pytest.mark.parametrize("device", ["gpu", "", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:\u0663"])
def test_unknown_devices_are_refused(device: str) -> None:
    with pytest.raises(InputError, match="device must be"):
        choose_backend(device)


def test_several_gpus_are_told_apart_by_number() -> None:
    assert devices_of("cuda:2,00") == ("cuda:2", "cuda:0")
    assert devices_of("cuda:7") == ("cuda:7",)
    with pytest.raises(
        InputError, match=r"--device: device must name each GPU once, got 'cuda:0,0"
    ):
        devices_of("cuda:0,00")
    with pytest.raises(InputError, match=r"--device: device must be 'cuda:N' .*\. Use cuda:0"):
        devices_of("cuda:0,\u0663")


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_must_be_positive(threads: int) -> None:
    with pytest.raises(InputError, match=f"threads must be >= 1, got {threads}"):
        choose_backend("cpu", threads=threads)


@pytest.mark.skipif(HAS_CUPY, reason="CuPy is installed here")
def test_cuda_without_cupy_says_what_to_install() -> None:
    with pytest.raises(MissingDeviceError, match=r"pip install 'ctc\[cuda1"):
        choose_backend("cuda")


@pytest.mark.skipif(HAS_CUPY, reason="CuPy is installed here")
def test_auto_takes_the_cpu_where_there_is_no_gpu() -> None:
    assert choose_backend("auto", threads=2).description.endswith("2 threads)")


def test_an_unknown_instruction_set_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"CPU variant must be .*scalar.*, got 'sse9'"):
        CpuBackend(variant="sse9")


def test_the_environment_may_choose_the_instruction_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTC_CPU_VARIANT", "scalar")
    assert CpuBackend().variant == "scalar"
    assert CpuBackend(variant="pack4").variant == "pack4"


def test_scalar_and_pack4_run_everywhere() -> None:
    assert {"scalar", "pack4"} <= set(cpu_variants())


def test_a_library_of_other_kernel_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "kernel_hash", lambda: "0" * 64)
    host_library.cache_clear()
    try:
        with pytest.raises(CtcError, match=r"built from other kernel text .*pip install"):
            host_library()
    finally:
        monkeypatch.undo()
        host_library.cache_clear()
    host_library()


def test_arrays_on_the_device_are_aligned_and_equal() -> None:
    backend = CpuBackend(threads=1)
    base = np.arange(101, dtype=np.uint8)
    for offset in range(1, 9):
        moved = backend.to_device(base[offset:])
        assert moved.ctypes.data % 64 == 0
        np.testing.assert_array_equal(moved, base[offset:])
    strided = backend.to_device(base[::3])
    assert strided.flags.c_contiguous
    np.testing.assert_array_equal(strided, base[::3])


def test_device_source_is_one_text_in_which_every_header_stands_once() -> None:
    text = device_source()
    assert "#include" not in text
    assert "#pragma once" not in text
    assert text.count("PhiloxBlock<U> philox(") == 1
    assert "host/" not in {line.strip() for line in text.splitlines()}


def test_hash_covers_every_kernel_file() -> None:
    names = {path.name for path in kernel_files()}
    assert {"philox.h", "hop.h", "advance.h", "library.cpp", "tables.cpp", "packs.h"} <= names
    assert len(kernel_hash()) == 64


def test_a_kernel_cache_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kernels").write_text("a file")
    monkeypatch.setenv("CTC_CACHE", str(tmp_path))
    with pytest.raises(CtcError, match=r"kernel cache .*kernels must be writable .* Set CTC_CACHE"):
        cuda._cubin(80)


def test_compiled_kernels_are_kept_for_their_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled once, found again, and made again for another target or text."""
    compiled: list[int] = []

    def compile_kernels(target: int) -> SimpleNamespace:
        compiled.append(target)
        return SimpleNamespace(cubin=b"code for %d" % target)

    monkeypatch.setenv("CTC_CACHE", str(tmp_path))
    monkeypatch.setattr(cuda, "nvrtc_version", lambda: (13, 0))
    monkeypatch.setattr(cuda, "compile_kernels", compile_kernels)
    first = cuda._cubin(80)
    assert first.read_bytes() == b"code for 80"
    assert cuda._cubin(80) == first
    assert cuda._cubin(90).read_bytes() == b"code for 90"
    assert compiled == [80, 90]
    monkeypatch.setattr(cuda, "kernel_hash", lambda: "another" * 8)
    assert cuda._cubin(80) != first
    assert compiled == [80, 90, 80]
    # Nothing half written is left beside them.
    assert {path.suffix for path in (tmp_path / "kernels").iterdir()} == {".cubin"}
    assert len(list((tmp_path / "kernels").iterdir())) == 3
