"""The tables of registers, spills and instructions: from the compiler, up to date on their page."""

from __future__ import annotations

import pytest

from ctc.backends.kernels import kernels
from ctc.backends.nvrtc import TARGETS, nvrtc_version
from ctc.errors import MissingDeviceError
from tools import hot_loop
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


def test_the_page_holds_the_loop_of_hops(reports: list[TargetReport]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    if page_section(reports) not in page:
        pytest.skip("the page was written with another compiler")
    try:
        counts = hot_loop.count_hot_loop()
    except hot_loop.NoDisassemblerError as error:
        pytest.skip(str(error))
    written = page.partition(hot_loop.BEGIN)[2].partition(hot_loop.END)[0].strip()
    assert written == hot_loop.table(counts), "run python -m tools.hot_loop --markdown"


LISTING = """
        /*0000*/                   LDC R1, c[0x0][0x28] ;      /* 0x00000a00ff017b82 */
        /*0010*/                   VOTE.ANY R8, PT, !P0 ;      /* 0x0 */
        /*0020*/                   LDG.E.128.CONSTANT R4, desc[UR6][R4.64] ;  /* 0x0 */
        /*0030*/                   IMAD.WIDE.U32 R4, R11, -0x2daee0ad, RZ ;  /* 0x0 */
        /*0040*/                   LDG.E.128.CONSTANT R4, desc[UR6][R4.64] ;  /* 0x0 */
        /*0050*/              @!P2 BRA 0x10 ;                  /* 0x0 */
        /*0060*/                   STG.E desc[UR6][R2.64], R4 ;  /* 0x0 */
        /*0070*/               @P0 BRA 0x0 ;                   /* 0x0 */
"""


def test_the_loop_of_hops_is_the_one_that_reads_records_and_writes_nothing() -> None:
    body = hot_loop.hot_loop(hot_loop.read_listing(LISTING))
    assert [i.address for i in body] == [0x10, 0x20, 0x30, 0x40, 0x50]
    counts = hot_loop.by_class(body)
    assert counts["memory"] == 2
    assert counts["integer multiply-add"] == 1
    assert counts["control"] == 2
    assert sum(counts.values()) == len(body)
    with pytest.raises(ValueError, match="must have a loop"):
        hot_loop.hot_loop(body[:3])
