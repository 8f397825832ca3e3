"""Options and fixtures of all tests: expected digests, no cache, and the backends that run here."""

from __future__ import annotations

import os

import pytest

from ctc.backends.base import Backend, choose_backend
from ctc.errors import MissingDeviceError
from ctc.vessel_cache import SWITCH

# A test that compares two ways to make vessels must make them twice, in its processes too.
os.environ[SWITCH] = "off"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="write the digests that tests/regression finds instead of comparing them",
    )


@pytest.fixture(params=["cpu", "cuda"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every backend; cuda skips without a GPU, or fails with CTC_REQUIRE_GPU=1."""
    try:
        return choose_backend(request.param)
    except MissingDeviceError as error:
        if os.environ.get("CTC_REQUIRE_GPU") == "1":
            raise
        pytest.skip(str(error))
