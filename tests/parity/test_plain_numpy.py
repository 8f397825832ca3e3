"""Vessels, digests and frames are the same without the vector code of NumPy and its BLAS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.same_bits.following import Follower
from tools.same_bits.plain_process import PlainProcess
from tools.same_bits.registry import find_case
from tools.same_bits.ways import way_of


@pytest.fixture(scope="module")
def follow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Follower]:
    with PlainProcess(tmp_path_factory.mktemp("plain")) as plain, Follower(plain) as follower:
        yield follower


@pytest.mark.parametrize("name", ["breast_untreated", "clinic/breast_early"])
def test_processor_features_of_numpy_change_nothing(name: str, follow: Follower) -> None:
    """Cells that sleep and wake; all that is seen, cut out, killed and measured of a patient."""
    case = find_case(name)
    native = follow(case, way_of("course=straight"))
    plain = follow(case, way_of("course=straight numpy=plain threads=2"))
    assert plain == native
