"""One digest on every way, on the short form of every shipped scenario and on a large run."""

from __future__ import annotations

import time

from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.errors import InputError
from ctc.preparation import prepare
from ctc.scenario.load import shipped_scenarios
from ctc.scenario.scenario import Scenario
from ctc.simulation.setting import Setting
from tools.gpu_acceptance.scene import Scene
from tools.gpu_acceptance.ways import Way, cpu_ways, gpu_ways, reference_way
from tools.short_forms import large_form, needs_tables, short_form, tables_folder

SEEDS = (2, 2**63 + 5)
# Where a bug would show first; the others follow in the order of their names.
_FIRST = ("quick", "cancers/colorectal", "breast_untreated", "rat_mammary")
_CELLS_AT_SCALE = 1_000_000


def run(scene: Scene) -> str:
    """Compare digests, scenario by scenario; returns what there was no time for."""
    names = [*_FIRST, *(name for name in shipped_scenarios() if name not in _FIRST)]
    ways = cpu_ways() + (gpu_ways() if scene.has_gpu else [])
    if scene.is_short:
        names, ways = names[:2], ways[:3]
    scene.add("ways", len(ways), note="; ".join(way.name for way in ways))
    left_out: list[str] = []
    slowest = 0.0
    for number, name in enumerate(names):
        if scene.left < 2.0 * slowest + 1.0:
            left_out = [*left_out, *names[number:]]
            break
        began = time.monotonic()
        _one_scenario(scene, name, ways)
        slowest = max(slowest, time.monotonic() - began)
        if number == 0:
            left_out += _other_seeds(scene, name, ways)
    if scene.is_short:
        return ""
    if scene.left < 10.0:
        left_out.append("a million cells")
    else:
        _at_scale(scene)
    return f"no time for {', '.join(left_out)}" if left_out else ""


def _one_scenario(scene: Scene, name: str, ways: list[Way]) -> None:
    try:
        scenario = short_form(name, tables=tables_folder())
        setting = prepare(scenario).setting
    except InputError as error:
        if not needs_tables(name):
            raise
        scene.add(name, "left out", note=f"its tables are not here: {error}")
        return
    _compare(scene, name, setting, ways)


def _other_seeds(scene: Scene, name: str, ways: list[Way]) -> list[str]:
    scenario: Scenario = short_form(name)
    for number, seed in enumerate(SEEDS):
        if scene.left < 5.0:
            return [f"seed {seed}" for seed in SEEDS[number:]]
        _compare(scene, f"{name}, seed {seed}", prepare(scenario, seed=seed).setting, ways)
    return []


def _compare(scene: Scene, name: str, setting: Setting, ways: list[Way]) -> None:
    expected = reference_way().digest(setting)
    others = [way.name for way in ways if way.digest(setting) != expected]
    note = f"other digest on: {'; '.join(others)}" if others else expected[:16]
    scene.add(name, f"{len(ways) - len(others)} of {len(ways)} ways", ok=not others, note=note)


def _at_scale(scene: Scene) -> None:
    """Compare the devices, or without a GPU two instruction sets, on a million cells."""
    setting = prepare(large_form(_CELLS_AT_SCALE)).setting
    one = Way("cpu", CpuBackend)
    narrower = Way(cpu_variants()[-2], lambda: CpuBackend(variant=cpu_variants()[-2]))
    other = gpu_ways()[0] if scene.has_gpu else narrower
    took, found = {}, {}
    for way in (one, other):
        began = time.monotonic()
        found[way.name] = way.digest(setting)
        took[way.name] = time.monotonic() - began
    times = ", ".join(f"{name}: {seconds:.1f} s" for name, seconds in took.items())
    is_same = len(set(found.values())) == 1
    scene.add("quick, a million cells", "equal" if is_same else "DIFFERENT", ok=is_same, note=times)
