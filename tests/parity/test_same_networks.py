"""Networks and flows of the same bits whatever the processor lets NumPy and BLAS do."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.reference_data import require_reference
from tools.plain_numpy import is_plain, plain_environment

ROOT = Path(__file__).resolve().parents[2]
PRINT_HASH = """
import hashlib, sys
from tools.plain_numpy import is_plain
assert is_plain() == (sys.argv[2] == "plain")
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.vessels.imported import read_tables
imported = read_tables(sys.argv[1])
network, flow = solve_imported(imported, mode=ImportedFlow.PLAN)
fields = (network.lumen_radius, network.length, network.volume, network.resistance_factor)
fields += (flow.pressure, flow.flow_rate, flow.discharge_haematocrit, flow.wall_shear_stress)
print(hashlib.sha256(b"".join(field.tobytes() for field in fields)).hexdigest())
"""


def digest(folder: Path, environment: Mapping[str, str], numpy: str) -> str:
    environment = {**environment, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", PRINT_HASH, str(folder), numpy]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def test_a_real_network_and_its_flow_do_not_depend_on_the_processor() -> None:
    """As this machine has it, and as one without wide vectors, for NumPy and for its BLAS."""
    folder = require_reference("data", "bodyparts3d")
    numpy = "plain" if is_plain() else "as it is"
    assert digest(folder, os.environ, numpy) == digest(folder, plain_environment(), "plain")
