"""Commands start fast: what they do not need, they do not import."""

import subprocess
import sys

import pytest

SLOW = ("numpy", "scipy", "h5py", "pydantic", "pint", "matplotlib", "rich", "vispy", "cupy")


def imported(code: str) -> set[str]:
    """Return the packages that a fresh Python has after some code."""
    code += """
import sys
print(*{name.partition(".")[0] for name in sys.modules}, sep="\\n")
print(*(name for name in sys.modules if name.startswith(("ctc.", "scipy."))), sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_needs_none_of_the_large_packages() -> None:
    found = imported("from ctc.cli.main import main\nmain(['--help'])")
    assert "click" in found
    assert not found & set(SLOW)


def test_a_run_needs_no_other_command() -> None:
    found = imported("import ctc.pipeline")
    assert "ctc.record.writer" in found
    slow = {
        "matplotlib",
        "vispy",
        "scipy.stats",
        "scipy.spatial",
        "scipy.ndimage",
        "scipy.optimize",
    }
    others = {"ctc.export.catalogue", "ctc.forecast", "ctc.report.writing", "ctc.vessel_growth"}
    assert not found & (slow | others)


@pytest.mark.parametrize("name", ["check", "export_run", "grow_vessels", "Selection"])
def test_what_other_rooms_do_is_found_in_the_pipeline(name: str) -> None:
    code = f"import ctc.pipeline; print(ctc.pipeline.{name}.__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ctc.")


def test_what_the_pipeline_lacks_is_an_attribute_error() -> None:
    import ctc.pipeline  # noqa: PLC0415 - the slow import is what the other tests are about

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ctc.pipeline.nothing  # noqa: B018 - asking is the test
