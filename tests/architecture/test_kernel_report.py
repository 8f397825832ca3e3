"""The table of registers and spills: read from the compiler, and up to date on its page."""

from __future__ import annotations

import pytest

from ctc.backends.kernels import kernels
from ctc.backends.nvrtc import TARGETS, nvrtc_version
from ctc.errors import MissingDeviceError
from tools.kernel_report import (
    BEGIN,
    END,
    PAGE,
    TargetReport,
    page_section,
    read_log,
    report_target,
)


@pytest.fixture(scope="module")
def reports() -> list[TargetReport]:
    try:
        nvrtc_version()
    except MissingDeviceError as error:
        pytest.skip(str(error))
    return [report_target(target) for target in TARGETS]


def test_nothing_spills(reports: list[TargetReport]) -> None:
    for report in reports:
        assert [use.kernel for use in report.uses] == list(kernels())
        for use in report.uses:
            assert use.spill_stores == use.spill_loads == 0, f"{use.kernel} on sm_{use.target}"


def test_the_page_holds_the_table(reports: list[TargetReport]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    written = page.partition(BEGIN)[2].partition(END)[0].strip()
    major, minor = nvrtc_version()
    if not written.startswith(f"NVRTC {major}.{minor}."):
        pytest.skip(f"the page was written with another compiler than NVRTC {major}.{minor}")
    assert written == page_section(reports), "run python -m tools.kernel_report --markdown"


def test_a_log_that_cannot_be_read_is_no_success() -> None:
    log = "ptxas info    : Compiling entry function 'ctc_advance' for 'sm_90'\nsomething else"
    with pytest.raises(ValueError, match="cannot be read"):
        read_log(log, 90)
