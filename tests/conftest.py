"""What holds for all tests: options, how many processes they share, kept vessels, the backends."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest
from hypothesis import settings

from ctc.backends.base import Backend, choose_backend
from ctc.errors import MissingDeviceError
from ctc.vessel_cache import SWITCH
from tests.emulation.backend import EmulatedBackend

MOST_PROCESSES = 8  # each takes up to 1.2 GB, and starts as many threads as there are cores

# No test takes its limit from the speed of a machine that others use too.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="write the digests that tests/regression finds instead of comparing them",
    )


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return a process for each core, or 0: single files are run by this one alone.

    So is what writes digests: all go into one file.
    """
    is_few = all(Path(argument.partition("::")[0]).is_file() for argument in config.args)
    n_cores = len(os.sched_getaffinity(0))
    is_alone = is_few or n_cores == 1 or config.getoption("--update")
    return 0 if is_alone else min(n_cores, MOST_PROCESSES)


@pytest.fixture(scope="session", autouse=True)
def kept_vessels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let runs take vessels that this run of the tests grew before, in any of its processes.

    Only `ctc.preparation` asks the cache: tests that grow vessels by themselves grow them.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "on")
        patch.setenv("CTC_CACHE", str(folder / "cache"))
        yield


@pytest.fixture(autouse=True)
def hdf5_is_free() -> Iterator[None]:
    """Assert that no test leaves h5py locked: other threads would wait for it for ever.

    Its ``items()`` and ``values()`` hold the lock from one step to the next, so also where an error
    ends the loop, for as long as somebody keeps the traceback, as every notebook does. Loop over
    names instead.
    """
    yield
    asking = threading.Thread(target=h5py.is_hdf5, args=(os.devnull,), daemon=True)
    asking.start()
    asking.join(60.0)
    assert not asking.is_alive(), "the test is over, and its thread still holds the lock of h5py"


@pytest.fixture
def grown_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grow the vessels of every run of a test: where it asks whether they are the same again."""
    monkeypatch.setenv(SWITCH, "off")


@pytest.fixture(params=["cpu", "cuda", "emulated"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every backend; cuda skips without a GPU, or fails with CTC_REQUIRE_GPU=1.

    The kernels' device text on emulated warps is a backend for tests alone.
    """
    try:
        if request.param == "emulated":
            return EmulatedBackend()
        return choose_backend(request.param)
    except MissingDeviceError as error:
        if os.environ.get("CTC_REQUIRE_GPU") == "1":
            raise
        pytest.skip(str(error))
