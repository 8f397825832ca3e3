"""Other ways to program a GPU, with NumPy for CuPy and Numba's simulator for a GPU."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend
from tools.bench.toy_tree import grow_toy_tree, particles, walk_numpy
from tools.gpu_acceptance import toy_on_gpu
from tools.gpu_acceptance.foreign import is_not_here
from tools.gpu_acceptance.scene import Scene
from tools.gpu_acceptance.steps import peers

ROOT = Path(__file__).resolve().parents[3]
TREE, NAMES = grow_toy_tree(10), particles(3001)
SIMULATED = """
import numpy as np
from tools.bench.toy_tree import grow_toy_tree, particles, walk_numpy
from tools.gpu_acceptance import numba_kernels, plain_hop, toy_on_gpu
tree, names = grow_toy_tree(8), particles(150)
found = toy_on_gpu.on_host(toy_on_gpu.numba_kernel(tree, names)())
assert found.digest() == walk_numpy(tree, names).digest()
n = 64
tables = plain_hop.PlainTables(
    np.linspace(1e8, 2e8, n, dtype=np.float32), np.full(n, 0.5, np.float32),
    np.arange(n) * 2 % (n - 1), np.zeros(n, np.int64), np.full(1, 1e-3, np.float32),
    np.full(1, 5.0, np.float32))
start, hops = np.arange(150) % n, 6
expected = plain_hop.walk_arrays(np, tables, start, hops)
clock, budget = np.zeros(start.size, np.int64), np.full(start.size, plain_hop.BUDGET)
numba_kernels.hop[2, 128](*vars(tables).values(), start, hops, clock, budget)
# Roots in double or single precision differ by 2^-23 of a time or so.
np.testing.assert_allclose(clock, expected[0], rtol=1e-6)
np.testing.assert_allclose(plain_hop.BUDGET - budget, plain_hop.BUDGET - expected[1], rtol=1e-5)
print("simulated")
"""


class CUDARuntimeError(RuntimeError):
    """As CuPy names it."""


class StandIn(CpuBackend):
    """The processor under the name of a GPU."""

    def __init__(self) -> None:
        super().__init__(threads=1)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(peers, "CudaBackend", StandIn)
    # NumPy compiles no CUDA text; its arrays stand for that contender too.
    monkeypatch.setattr(toy_on_gpu, "plain_kernel", toy_on_gpu.array_style)
    return Scene(True, True, 60.0, tmp_path / "found.json", tmp_path)


def test_the_toy_in_arrays_comes_to_the_same_bits() -> None:
    found = toy_on_gpu.on_host(toy_on_gpu.array_style(np, TREE, NAMES)())
    assert found.digest() == walk_numpy(TREE, NAMES).digest()


def test_the_step_runs_to_its_end(scene: Scene) -> None:
    assert peers.run(scene) == ""
    found = {finding.name: finding for finding in scene.findings}
    assert found["toy, CuPy arrays: bits of NumPy"].ok is True
    assert float(found["toy, CuPy arrays, 2,000 particles"].value) > 0.0
    assert found["real, CuPy arrays"].ok is True
    assert float(found["real, ours, whole physics"].value) > 0.0
    assert not [finding.name for finding in scene.findings if finding.ok is False]


@pytest.mark.parametrize("function", ["array_style", "numba_kernel"])
def test_a_mistake_of_ours_is_no_lack_of_a_program(
    function: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toy_on_gpu, function, raising(TypeError("a mistake")))
    with pytest.raises(TypeError, match="a mistake"):
        peers.run(scene)


def test_a_program_that_lacks_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy_on_gpu, "warp_kernel", raising(ImportError("Warp sees no GPU")))
    monkeypatch.setattr(toy_on_gpu, "numba_kernel", raising(CUDARuntimeError("no driver")))
    assert peers.run(scene) == ""
    found = {finding.name: finding for finding in scene.findings}
    assert found["toy, Warp"].value == found["toy, Numba"].value == "not here"
    assert found["toy, Warp"].note == "ImportError: Warp sees no GPU"


def raising(error: Exception) -> Callable[..., None]:
    def raise_it(*_: object) -> None:
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("error", "is_lack"),
    [
        (ModuleNotFoundError("No module named 'warp'"), True),
        (CUDARuntimeError("cudaErrorInsufficientDriver: driver too old"), True),
        (CUDARuntimeError("cudaErrorIllegalAddress: an illegal memory access"), False),
        (CUDARuntimeError("cudaErrorInvalidValue: invalid argument"), False),
        (RuntimeError("no driver"), False),
        (AttributeError("get"), False),
    ],
)
def test_what_is_a_lack(error: Exception, is_lack: bool) -> None:
    assert is_not_here(error) is is_lack


@pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not installed")
def test_kernels_of_numba_in_its_simulator() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SIMULATED],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "simulated\n", done.stderr
