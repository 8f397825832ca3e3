"""Networks and flows of the same bits whatever the processor lets NumPy and BLAS do."""

import os
import subprocess
import sys
from pathlib import Path

from tests.reference_data import require_reference

ROOT = Path(__file__).resolve().parents[2]
FEATURES = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR AVX2 FMA3"
PRINT_HASH = """
import hashlib, sys
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.vessels.imported import read_tables
imported = read_tables(sys.argv[1])
network, flow = solve_imported(imported, mode=ImportedFlow.PLAN)
fields = (network.lumen_radius, network.length, network.volume, network.resistance_factor)
fields += (flow.pressure, flow.flow_rate, flow.discharge_haematocrit, flow.wall_shear_stress)
print(hashlib.sha256(b"".join(field.tobytes() for field in fields)).hexdigest())
"""


def digest(folder: Path, **settings: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"} | settings
    command = [sys.executable, "-c", PRINT_HASH, str(folder)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def test_a_real_network_and_its_flow_do_not_depend_on_the_processor() -> None:
    """As this machine has it, and as one without wide vectors, for NumPy and for its BLAS."""
    folder = require_reference("data", "bodyparts3d")
    plain = digest(folder, NPY_DISABLE_CPU_FEATURES=FEATURES, OPENBLAS_CORETYPE="Prescott")
    assert digest(folder) == plain
