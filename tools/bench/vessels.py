"""How good vessels are and how fast they are made: every goal beside what was found.

    python -m tools.bench vessels                     an organ of 1e6 terminals, a body
    python -m tools.bench vessels --terminals 100000  smaller
    python -m tools.bench vessels --peer tree.xml     also against a tree of VascuSynth or OpenCCO
    python -m tools.bench vessels --json              the same for programs

The organ is an ellipsoid of 1.6 L in which artery and vein hold 2 % together. svVascularize is
grown beside it where it is installed (pip install 'ctc[bench]'). Each part runs in a process of
its own, so that its peak memory is its own; seconds of wall and of processor are both shown, for
a machine that does other things too.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from ctc.backends.host_growth import GrownTrees
from ctc.backends.host_neighbours import nearest_distances
from ctc.body.plan import load_body_plan
from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.checks import FloatArray
from ctc.flow.body_flow import flow_deviation, solve_body
from ctc.formats.length_unit import parse_unit
from ctc.record.provenance import collect_provenance
from ctc.vessels.body_network import build_body_network
from ctc.vessels.calibre import CalibreLaw, load_calibre_law, load_pulmonary_law
from ctc.vessels.collisions import count_collisions
from ctc.vessels.grow import Member, grow_bundle, load_growth_rules
from ctc.vessels.morphometry import measure_network
from tools.bench import flow as flow_part
from tools.bench.bundle_network import network_of
from tools.bench.machine import processor
from tools.bench.peers import compare, grow_svv, read_peer

_HALF_AXES = (0.09, 0.07, 0.06)
_FILLING = 0.02
_PORTS = ((-0.01, 0.0, -0.08), (0.01, 0.0, -0.08))
_N_POINTS = 200_000


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what : str
        Was measured.
    found, goal : str
        As text with units.
    is_met : bool or None
        None where there is no verdict.
    """

    what: str
    found: str
    goal: str
    is_met: bool | None


def measure_organ(n_terminals: int, *, is_pulmonary: bool = False) -> dict[str, Any]:
    """Grow artery and vein of one organ and measure all that there are goals for."""
    law = load_pulmonary_law() if is_pulmonary else load_calibre_law()
    grown, seconds, processor, peak = _grow(n_terminals, law, tests_collisions=True)
    network = network_of(grown)
    measures = measure_network(network)
    free, *_ = _grow(n_terminals, law, tests_collisions=False)
    count = count_collisions(network)
    volume = 4.0 / 3.0 * np.pi * np.prod(_HALF_AXES)
    arteries = measures.sides["arteries"].orders
    leaves = grown.members[0].position[grown.first_daughter < 0]
    points = _points_inside()
    away = nearest_distances(points, leaves) / np.cbrt(volume / n_terminals)
    return {
        "n_terminals": n_terminals,
        "seconds": seconds,
        "processor_seconds": processor,
        "peak_bytes": peak,
        "far_collisions": count.far,
        "near_collisions": count.near,
        "n_junctions": count.n_junctions,
        "volume_penalty": grown.cost / free.cost - 1.0,
        "coverage_max": float(away[~_in_lumen(grown, points)].max()),
        "coverage_max_with_lumens": float(away.max()),
        "RB": arteries.branching,
        "RD": arteries.diameter_ratio,
        "RL": arteries.length_ratio,
        "murray_residual_max": measures.murray_residual_max,
    }


def measure_body(n_terminals: int) -> dict[str, Any]:
    """Grow a whole body and solve its flow with full rheology."""
    plan = load_body_plan("human_male")
    begun, used = time.perf_counter(), time.process_time()
    network = build_body_network(plan, n_terminals=n_terminals, seed=1)
    grown = time.perf_counter()
    network, flow = solve_body(network, plan)
    ended = time.perf_counter()
    deviation = flow_deviation(network, flow, plan=plan)
    return {
        "n_segments": network.n_segments,
        "grow": grown - begun,
        "flow": ended - grown,
        "processor_seconds": time.process_time() - used,
        "mass_residual": flow.mass_residual,
        "red_cell_residual": flow.red_cell_residual,
        "flow_deviation_max": max(abs(value) for value in deviation.values()),
        "peak_bytes": _peak(),
    }


def measure_flow(n_segments: int) -> dict[str, Any]:
    """Solve a pair of trees, linear and with red cells."""
    return asdict(flow_part.measure("trees", *flow_part.tree_pair(n_segments // 5, seed=1)))


def measure_svv(n_terminals: int) -> dict[str, Any] | None:
    """Grow svVascularize's tree and ours on its terminals."""
    peer = grow_svv(n_terminals)
    return None if peer is None else asdict(compare(peer))


def measure_file(path: str, unit: str | None) -> dict[str, Any]:
    """Grow our tree on the terminals of a file's tree."""
    return asdict(compare(read_peer(Path(path), unit=None if unit is None else parse_unit(unit))))


def rows_of(found: dict[str, Any]) -> list[Row]:
    """Return the table of goals."""
    organ, lung, body, flow = (found[key] for key in ("organ", "lung", "body", "flow"))
    n = f"{organ['n_terminals']:,} terminals"
    junction_share = organ["near_collisions"] / organ["n_junctions"]
    rows = [
        _at_most(f"one organ, {n}: wall", organ["seconds"], 6e-6 * organ["n_terminals"], "s"),
        _plain(f"one organ, {n}: processor", organ["processor_seconds"], "s"),
        _at_most("its memory", organ["peak_bytes"] / 1e6, 3e-4 * organ["n_terminals"], "MB"),
        _at_most("far collisions, artery and vein, 2 %", organ["far_collisions"], 0, ""),
        _at_most("near collisions at junctions", 100 * junction_share, 5, "%"),
        _at_most("volume for that", 100 * organ["volume_penalty"], 5, "%"),
        _at_most("Murray residual", organ["murray_residual_max"], 1e-12, ""),
        _at_most("farthest tissue from a terminal", organ["coverage_max"], 1.3, "(V/N)^(1/3)"),
        _plain("the same with the lumens of vessels", organ["coverage_max_with_lumens"], ""),
        _between("RB", organ["RB"], 3.2, 3.9),
        _between("RD", organ["RD"], 1.45, 1.6),
        _between("RL", organ["RL"], 1.4, 1.7),
        _between("RB, pulmonary (Huang 1996: 3.35)", lung["RB"], 0.95 * 3.35, 1.05 * 3.35),
        _between("RD, pulmonary (1.56)", lung["RD"], 0.95 * 1.56, 1.05 * 1.56),
        _between("RL, pulmonary (1.49)", lung["RL"], 0.95 * 1.49, 1.05 * 1.49),
        _at_most(f"linear flow, {flow['n_segments']:,} segments", flow["linear"], 0.1, "s"),
        _at_most("full rheology, the same", flow["rheology"], 6.0, "s"),
        _at_most("mass, at any node", body["mass_residual"], 1e-12, ""),
        _at_most("red-cell flux, at any node", body["red_cell_residual"], 1e-10, ""),
        _at_most(
            f"whole body of {body['n_segments']:,} segments: vessels and flow",
            body["grow"] + body["flow"],
            15.0,
            "s",
        ),
        _plain("the same: processor", body["processor_seconds"], "s"),
    ]
    for other in [each for each in (found["svv"], *found["peers"]) if each is not None]:
        name = f"volume over {other['name']}, {other['n_terminals']:,} terminals"
        goal = 0.9 if other["name"] == "svVascularize" else 1.0
        rows.append(_at_most(name, other["pressure_rule"], goal, ""))
        if np.isfinite(other["other_seconds"]):
            rows.append(_plain("time of the other", other["other_seconds"], "s"))
            rows.append(_plain("ours", other["seconds"], "s"))
    return rows


def show(found: dict[str, Any]) -> str:
    """Return the table for people."""
    marks = {True: "met", False: "MISSED", None: ""}
    lines = [f"ctc {found['version']} {found['commit']} on {found['processor']}", ""]
    lines += [
        f"{row.what:58} {row.found:>16} {row.goal:>22}  {marks[row.is_met]}".rstrip()
        for row in rows_of(found)
    ]
    if found["svv"] is None:
        lines.append("svVascularize is not installed: pip install 'ctc[bench]'")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench vessels", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--terminals", type=int, default=1_000_000, help="of the organ")
    parser.add_argument("--body", type=int, default=200_000, help="terminals of the body")
    parser.add_argument("--segments", type=int, default=2_000_000, help="of the flow's trees")
    parser.add_argument("--svv", type=int, default=1_000, help="terminals against svVascularize")
    parser.add_argument("--peer", action="append", default=[], metavar="FILE", help="GXL or XML")
    parser.add_argument("--unit", help="of those files")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    provenance = collect_provenance(device="", kernel_hash="", network_hash="", seed=0)
    found: dict[str, Any] = {
        "version": provenance.version,
        "commit": provenance.commit,
        "processor": processor(),
        "organ": _apart(measure_organ, chosen.terminals),
        "lung": _apart(_measure_lung, min(chosen.terminals, 300_000)),
        "flow": _apart(measure_flow, chosen.segments),
        "body": _apart(measure_body, chosen.body),
        "svv": measure_svv(chosen.svv),
        "peers": [measure_file(path, chosen.unit) for path in chosen.peer],
    }
    print(json.dumps(found, indent=1) if chosen.json else show(found))
    return 0


def _measure_lung(n_terminals: int) -> dict[str, Any]:
    return measure_organ(n_terminals, is_pulmonary=True)


def _grow(n_terminals: int, law: CalibreLaw, *, tests_collisions: bool) -> tuple[Any, ...]:
    volume = _FILLING * 4.0 / 3.0 * np.pi * float(np.prod(_HALF_AXES))
    hilum = np.array([0.0, 0.0, -0.975 * _HALF_AXES[2]])
    before, used, begun = _peak(), time.process_time(), time.perf_counter()
    grown = grow_bundle(
        Territory("organ", Ellipsoid((0.0, 0.0, 0.0), _HALF_AXES), hilum),
        [Member(law, 0.5 * volume, np.array(port)) for port in _PORTS],
        n_terminals=n_terminals,
        seed=3,
        rules=replace(load_growth_rules(), tests_collisions=tests_collisions),
        keeps_centre=False,
    )
    return (
        grown,
        time.perf_counter() - begun,
        time.process_time() - used,
        _peak() - before,
    )


def _points_inside() -> Any:
    points = np.random.Philox(key=0).random_raw(3 * 2 * _N_POINTS).reshape(-1, 3) * 2.0**-63 - 1.0
    inside = points[(points**2).sum(axis=1) < 1.0]
    return np.ascontiguousarray(inside[:_N_POINTS] * np.array(_HALF_AXES))


def _in_lumen(grown: GrownTrees, points: FloatArray) -> Any:
    """Return which points (n, 3) lie in a vessel: blood is there, and no tissue to supply."""
    inside = np.zeros(len(points), dtype=bool)
    near = cKDTree(points)
    for member in grown.members:
        ends = member.position[1:]
        ways = ends - member.position[grown.parent[1:]]
        radii = member.lumen_radius[1:]
        reach = 0.5 * np.linalg.norm(ways, axis=1) + radii
        found = near.query_ball_point(ends - 0.5 * ways, reach)
        for k in np.flatnonzero([len(indices) for indices in found]):
            start, way = ends[k] - ways[k], ways[k]
            offset = points[found[k]] - start
            along = np.clip(offset @ way / (way @ way), 0.0, 1.0)
            gap = np.linalg.norm(offset - along[:, None] * way, axis=1)
            inside[np.asarray(found[k])[gap < radii[k]]] = True
    return inside


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def _apart(part: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run a part in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(part, arguments)


def _at_most(what: str, value: float, goal: float, unit: str) -> Row:
    return Row(what, f"{value:.3g} {unit}".strip(), f"<= {goal:.3g} {unit}".strip(), value <= goal)


def _between(what: str, value: float, low: float, high: float) -> Row:
    return Row(what, f"{value:.3g}", f"{low:.3g} - {high:.3g}", low <= value <= high)


def _plain(what: str, value: float, unit: str) -> Row:
    return Row(what, f"{value:.3g} {unit}".strip(), "", None)
