"""`ctc --help` answers at once: nothing heavy is imported before a command needs it."""

import subprocess
import sys

HEAVY = ("numpy", "scipy", "pint", "h5py", "pydantic", "rich", "matplotlib")


def test_importing_the_command_line_loads_nothing_heavy():
    code = f"import sys, ctc.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert found.strip() == "[]"
