"""Data flows one way: what each room of the package may import."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, modules, name_of

FLOOR = {
    "units",
    "checks",
    "deprecations",
    "errors",
    "input_files",
    "resources",
    "states",
    "digest",
    "summary",
    "stopping",
    "memory",
    "timings",
    "durable",
    "fault_points",
}
SCENARIO = FLOOR | {"scenario"}
BODY = SCENARIO | {"body"}
VESSELS = BODY | {"vessels", "backends"}
FLOW = VESSELS | {"flow"}
CLINIC = SCENARIO | {"backends", "clinic"}
SIMULATION = FLOW | {"clinic", "simulation"}
# Modules at the top that join rooms, and the rooms that they may join.
JOINING = {
    "vessel_figures": FLOW | {"record"},
    "vessel_growth": FLOW | {"record", "vessel_figures"},
    "vessel_report": FLOW | {"record", "report", "vessel_figures"},
    "vessel_exchange": FLOW | {"record", "formats", "vessel_figures"},
    "epoch_rows": SIMULATION | {"record"},
    "recorder": SIMULATION | {"record", "epoch_rows"},
    "lesion_trial": SIMULATION,
    "lesion_forecast": SIMULATION | {"lesion_trial"},
    "forecast": SIMULATION | {"recorder", "lesion_forecast"},
    "inspection": FLOOR | {"scenario", "record", "analysis"},
    "stopping": FLOOR,
    "vessel_cache": FLOW | {"record"},
    "preparation": SIMULATION | {"record", "recorder", "vessel_cache"},
    "verification": SIMULATION | {"pipeline", "proof"},
    "proof": SIMULATION | {"record", "preparation", "analysis", "rerun", "proof"},
    "rerun": SIMULATION | {"record", "recorder", "preparation", "analysis", "viewer", "rerun"},
    "scenario_check": SIMULATION | {"forecast", "preparation"},
    "epoch_by_epoch": SIMULATION | {"recorder"},
    "workforce": SIMULATION | {"distributed"},
    "sweep_crew": SIMULATION | {"cohort", "distributed"},
    "sweep_results": SIMULATION | {"cohort", "record", "report"},
    "sweep": SIMULATION | {"cohort", "preparation", "sweep_crew", "sweep_results"},
    "pipeline": SIMULATION
    | {"record", "analysis", "viewer", "export", "report", "scenario_check", "stopping"}
    | {"recorder", "epoch_rows"}
    | {"workforce", "epoch_by_epoch", "preparation", "formats", "inspection"}
    | {"vessel_cache", "vessel_exchange", "vessel_figures", "vessel_growth", "vessel_report"}
    | {"cohort", "sweep", "sweep_results", "rerun", "proof"},
}
ALLOWED = {
    **dict.fromkeys(FLOOR, FLOOR),
    "backends": FLOOR | {"backends"},
    "scenario": SCENARIO,
    "body": BODY,
    "vessels": VESSELS,
    "flow": FLOW,
    "formats": FLOW | {"formats"},
    "clinic": CLINIC,
    "simulation": SIMULATION,
    "cohort": SIMULATION | {"cohort", "preparation"},
    "distributed": SIMULATION | {"distributed"},
    "record": FLOOR | {"record"},
    "analysis": FLOOR | {"analysis"},
    "viewer": FLOOR | {"viewer"},
    "scan": CLINIC | {"scan"},
    "export": FLOOR | {"export"},
    "report": FLOOR | {"report", "viewer", "analysis"},
    "cli": FLOOR | {"cli", "pipeline"},
    **JOINING,
}
# Single modules of another room: types that pass from room to room, and what describes itself.
SINGLE = {
    "record": {
        "ctc.vessels.network",
        "ctc.flow.field",
        "ctc.scenario.schema",
        "ctc.backends.host_filter",
    },
    # How files are written whole, and HDF5 as VTK reads it; not what a run or a network file is.
    "formats": {
        "ctc.record.chunks",
        "ctc.record.contents",
        "ctc.record.failure",
        "ctc.record.layout",
        "ctc.record.new_file",
        "ctc.record.opening",
        "ctc.record.unpacking",
    },
    "analysis": {"ctc.record.reader", "ctc.record.layout", "ctc.vessels.network"},
    # Runs as they are read, written whole; vessels beside them; the optional packages.
    "export": {
        "ctc.record.files",
        "ctc.record.h5md",
        "ctc.record.header",
        "ctc.record.layout",
        "ctc.record.new_file",
        "ctc.record.reader",
        "ctc.record.series",
        "ctc.record.sums",
        "ctc.record.writer",
        "ctc.formats.extras",
        "ctc.formats.polydata",
    },
    "viewer": {
        "ctc.analysis.blood_samples",
        "ctc.analysis.cell_course",
        "ctc.analysis.clinical_course",
        "ctc.analysis.course_lines",
        "ctc.record.layout",
        "ctc.record.reader",
        "ctc.flow.field",
        "ctc.vessels.network",
        "ctc.vessels.blood",
        "ctc.vessels.distributions",
        "ctc.body.own_surfaces",
        "ctc.body.plan",
        "ctc.body.surface_territory",
        "ctc.body.territory",
    },
    # A run as a picture of what the clinic sees: runs, shapes of organs, and how pictures are made.
    "scan": {
        "ctc.body.territory",
        "ctc.record.layout",
        "ctc.record.reader",
        "ctc.vessels.network",
        "ctc.viewer.body_shapes",
        "ctc.viewer.camera",
        "ctc.viewer.lesion_bodies",
        "ctc.viewer.lesion_rows",
        "ctc.viewer.png",
        "ctc.viewer.scene",
        "ctc.viewer.still",
    },
    "report": {"ctc.record.layout", "ctc.record.new_file", "ctc.record.reader"},
    # The files of a sweep, and which are in use; not what a run file is.
    "cohort": {
        "ctc.record.files",
        "ctc.record.provenance",
        "ctc.record.sweep_files",
    },
    "cli": {
        "ctc.backends.cpu",
        "ctc.backends.nvrtc",
        "ctc.backends.source",
        "ctc.scan",
        "ctc.scenario.problems",
        "ctc.scenario.sweep_load",
        "ctc.viewer",
    },
}
# Packages that only some rooms may use.
OUTSIDE = {
    "cupy": {"ctc/backends/cuda.py"},
    "vispy": {"ctc/viewer/canvas_"},
    "dask": {"ctc/distributed/"},
    "distributed": {"ctc/distributed/"},
    "matplotlib": {"ctc/viewer/", "ctc/scan/", "ctc/analysis/", "ctc/report/raster.py"},
    "PySide6": {"ctc/viewer/window/"},
    "click": {"ctc/cli/"},
    "rich": {"ctc/cli/"},
    "pint": {"ctc/units.py"},
    "pydantic": {"ctc/scenario/"},
    "isal": {"ctc/record/"},
    "h5py": {
        "ctc/record/",
        "ctc/formats/vtkhdf.py",
        "ctc/export/h5md.py",
        "ctc/export/vtkhdf.py",
        "ctc/cli/doctor.py",
    },
    "vtk": {"ctc/formats/polydata.py", "ctc/export/vtp.py"},
    "gsd": {"ctc/export/gsd.py"},
    "xarray": {"ctc/record/labelled.py"},
    "networkx": {"ctc/formats/"},
    "lifelines": {"ctc/analysis/hazard_ratio.py"},
    "pandas": {"ctc/analysis/hazard_ratio.py"},
    "ctypes": {"ctc/backends/", "ctc/cli/doctor.py", "ctc/record/left_open.py"},
}


@cache
def imported(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, wherever in the file it does."""
    return _imported_by(ast.parse(path.read_text(encoding="utf-8")), path)


def _imported_by(tree: ast.AST, path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            names |= {_module(node.module or "", alias.name) for alias in node.names}
    return frozenset(names)


def for_types_alone(path: Path) -> frozenset[str]:
    """Return the modules that a file imports below ``if TYPE_CHECKING:`` and nowhere else."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    tree.body = [node for node in tree.body if node not in blocks]
    inside = ast.Module([node for block in blocks for node in block.body], [])
    return _imported_by(inside, path) - _imported_by(tree, path)


def _module(parent: str, name: str) -> str:
    """Return ``parent.name`` where that is a module of the package, else ``parent``."""
    if parent.partition(".")[0] != "ctc":
        return parent
    inside = PACKAGE.joinpath(*parent.split(".")[1:], name)
    is_module = inside.with_suffix(".py").is_file() or inside.is_dir()
    return f"{parent}.{name}" if is_module else parent


def room_of(path: Path) -> str:
    """Return the room of a file; a module at the top is a room of its own."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_room_is_known() -> None:
    rooms = {room_of(path) for path in modules()} - {"__init__"}
    assert rooms <= set(ALLOWED), "say in test_imports.py what a new room may import"


def may_import(room: str, name: str) -> bool:
    """Whether a module of a room may import another."""
    parts = name.split(".")
    if parts[0] in {"tests", "tools"}:
        return False
    if parts[0] != "ctc" or len(parts) == 1 or parts[1] in ALLOWED[room]:
        return True
    return any(name == one or name.startswith(f"{one}.") for one in SINGLE.get(room, ()))


def test_imports_point_one_way() -> None:
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in modules()
        for name in sorted(imported(path))
        if room_of(path) != "__init__" and not may_import(room_of(path), name)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(OUTSIDE))
def test_packages_stay_in_their_rooms(package: str) -> None:
    users = {
        name_of(path)
        for path in modules()
        if any(name.partition(".")[0] == package for name in imported(path))
    }
    strays = {user for user in users if not user.startswith(tuple(OUTSIDE[package]))}
    assert not strays


def test_no_module_imports_itself_in_a_circle() -> None:
    """While it runs: a patient and its care may name each other's types."""
    names = {".".join(("ctc", *p.relative_to(PACKAGE).with_suffix("").parts)): p for p in modules()}
    graph = {
        name: {n for n in imported(path) - for_types_alone(path) if n in names}
        for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())
