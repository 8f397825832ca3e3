"""The kernels compile for every target without a word from the compiler, with or without a GPU."""

import pytest

from ctc.backends.kernels import kernels
from ctc.backends.nvrtc import TARGETS, CompiledKernels, compile_kernels, nvrtc_version
from ctc.errors import CtcError, MissingDeviceError


@pytest.fixture(scope="module", params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> CompiledKernels:
    try:
        nvrtc_version()
    except MissingDeviceError as error:
        pytest.skip(str(error))
    return compile_kernels(request.param)


def test_log_is_empty(compiled: CompiledKernels) -> None:
    assert compiled.log == ""


def test_every_entry_point_is_there(compiled: CompiledKernels) -> None:
    assert compiled.cubin.startswith(b"\x7fELF")
    for name in kernels():
        assert b".text." + name.encode() in compiled.cubin


def test_a_wrong_option_is_an_error_that_shows_the_log() -> None:
    try:
        nvrtc_version()
    except MissingDeviceError as error:
        pytest.skip(str(error))
    with pytest.raises(CtcError):
        compile_kernels(80, options=("--no-such-option",))
