"""The host library built for aarch64 gives the bytes that it gives here, call by call.

What a short run asks of the library is written down on one thread: pressures and red cells, tables
in float64, every launch of scalar cells and of packs of four. A cross compiler builds the library
for aarch64, and an emulator of that processor makes the same calls. Not asked: the growth of
vessels, which a run takes as given.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ctc.backends.cpu import host_library
from ctc.preparation import prepare
from ctc.resources import resource_folder
from ctc.simulation.epochs import Simulation
from tests.parity.replay import Call, Recorder, RecordingBackend, differing_calls, write_calls
from tests.physics.mixed import mixed_setting
from tools.short_forms import short_form

KERNELS = resource_folder("kernels")
COMPILER = "aarch64-linux-gnu-g++"
EMULATORS = ("qemu-aarch64-static", "qemu-aarch64")
CMAKE = (KERNELS / "host" / "CMakeLists.txt").read_text(encoding="utf-8")
# Lanes of those that every processor has.
VARIANTS = dict(re.findall(r"^add_variant\((\w+) (\d+)\)", CMAKE, re.MULTILINE))
MOST_OF_FLOW = 60


@pytest.fixture(scope="module")
def compiler() -> str:
    found = shutil.which(COMPILER)
    if found is None:
        pytest.skip(f"no {COMPILER}: apt-get install g++-aarch64-linux-gnu")
    return found


@pytest.fixture(scope="module")
def emulator() -> list[str]:
    if platform.machine() == "aarch64":
        return []
    for name in EMULATORS:
        if shutil.which(name):
            return [name]
    pytest.skip("no qemu-aarch64: apt-get install qemu-user-static")


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    recorder = Recorder(most=MOST_OF_FLOW)
    scenario = short_form("cancers/colorectal", cells=400)
    with pytest.MonkeyPatch.context() as patch, recorder.of_flow():
        patch.setenv("CTC_VESSEL_CACHE", "off")  # else no flow is solved
        setting = prepare(scenario).setting
    recorder.most = 10**9
    record_tables(recorder)
    for variant in VARIANTS:
        for world in (setting, mixed_setting(cells=300, frames=[600.0, 4000.0], n_tracked=30)):
            backend = RecordingBackend(variant, recorder)
            for _ in Simulation(world, backend, event_capacity=150).epochs():
                pass
    return recorder.calls


def record_tables(recorder: Recorder) -> None:
    """Functions in float64 over their ranges, and draws."""
    library = host_library()
    raw = np.random.Philox(key=64).random_raw(20_000)
    unit = (raw >> np.uint64(11)) * 2.0**-53
    exponents = np.ldexp(unit - 0.5, (raw % np.uint64(11)).astype(np.int32))
    values = np.ldexp(unit + 2.0**-40, (raw % np.uint64(300)).astype(np.int32) - 150)
    for operation, arguments in enumerate((exponents, values, values, unit)):
        out = np.empty(raw.size)
        powers = 8.0 * unit - 4.0
        count = np.uint64(raw.size)
        recorder.call(
            library.ctc_real_function, np.uint32(operation), arguments, powers, out, count
        )
    for mean in (1e-3, 0.7, 30.0, 5e3, 1e6):
        for bits in raw[:40]:
            recorder.call(library.ctc_poisson, np.float64(mean), np.uint64(bits))
    for shape in (0.5, 1.0, 2.5):
        quantile = np.empty(300, dtype=np.float32)
        recorder.call(library.ctc_weibull_quantiles, np.float64(shape), np.uint32(256), quantile)
    for n in (1, 5, 60):
        recorder.call(library.ctc_bond_lifetime, np.uint32(n), *np.array([0.05, 1.5e-10, 3e-11]))


def flags() -> list[str]:
    """Return the options that the build has for the bit rules."""
    found = re.search(r"^set\(FLAGS (.*?)\)", CMAKE, re.DOTALL | re.MULTILINE)
    assert found
    own = ["-Werror", "-Wno-psabi", "-fno-tree-slp-vectorize"]
    return ["-O3", "-std=c++17", *found[1].split(), *own]


def build(compiler: str, program: Path, folder: Path) -> Path:
    """Compile what the calls need of the library and the program, into one static file."""
    host = KERNELS / "host"
    plain = [*host.glob("*.cpp"), *(host / "flow").glob("*.cpp")]
    commands = {
        folder / f"{path.stem}.o": [str(path), '-DCTC_SOURCE_HASH="none"']
        for path in plain
        if path.name != "variant.cpp"
    }
    of_variants = ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
    for name, lanes in VARIANTS.items():
        shape = [f"-DCTC_VARIANT={name}", f"-DCTC_LANES={lanes}"]
        command = [str(host / "variant.cpp"), *shape, *of_variants]
        commands[folder / f"variant_{name}.o"] = command

    def compile_one(target: Path) -> None:
        command = [compiler, *flags(), f"-I{KERNELS}", "-c", *commands[target], "-o", str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(compile_one, commands))
    target = folder / "replay"
    link = [compiler, "-O1", "-std=c++17", "-static", str(program), *map(str, commands)]
    subprocess.run([*link, "-o", str(target), "-lpthread"], check=True, capture_output=True)
    return target


def test_every_call_gives_the_same_bytes(
    tmp_path: Path, compiler: str, emulator: list[str], calls: list[Call]
) -> None:
    names = {call.name for call in calls}
    assert names >= {"ctc_advance", "ctc_emit", "ctc_locate", "ctc_flow_refresh", "ctc_blood_sweep"}
    source, data = write_calls(calls, tmp_path)
    program = build(compiler, source, tmp_path)
    answers = tmp_path / "answers.bin"
    subprocess.run([*emulator, str(program), str(data), str(answers)], check=True, timeout=600)
    assert differing_calls(calls, answers.read_bytes()) == []


def test_another_byte_is_noticed(calls: list[Call]) -> None:
    answers = bytearray(b"".join(call.answer for call in calls))
    assert differing_calls(calls, bytes(answers)) == []
    answers[-1] ^= 1
    assert len(differing_calls(calls, bytes(answers))) == 1
