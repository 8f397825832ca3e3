"""The formats by name and suffix, and the two functions that read and write any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctc.errors import InputError, near_name
from ctc.flow.field import FlowField
from ctc.formats.assembly import PLAIN_KINDS
from ctc.formats.csv_pair import is_csv_pair, read_csv_pair, write_csv_pair, write_microbloom
from ctc.formats.graphml import read_graphml, write_graphml
from ctc.formats.gxl import read_gxl
from ctc.formats.length_unit import METRE, MICROMETRE, MILLIMETRE, LengthUnit
from ctc.formats.lumped_model import write_lumped_model
from ctc.formats.polydata import read_polydata, write_polydata
from ctc.formats.source_graph import ReadOptions
from ctc.formats.spatial_graph import read_spatial_graph
from ctc.formats.swc import read_swc, write_swc
from ctc.formats.vtkhdf import read_vtkhdf, write_vtkhdf
from ctc.vessels.network import VesselNetwork

AUTO = "auto"


@dataclass(frozen=True)
class Format:
    """What is known of a format.

    Attributes
    ----------
    name : str
        For ``--format``.
    suffixes : tuple of str
        Of its files; a folder has none.
    read : callable of path and options, or None
        Gives a network, or a network and its flow.
    write : callable of path, network and options by name, or None
    unit : LengthUnit or None
        Of what is written by default; None where it cannot be chosen.
    keeps : str
        What of a network it holds.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, ReadOptions], Any] | None
    write: Callable[..., Any] | None
    unit: LengthUnit | None
    keeps: str


_ALL = "all arrays, names, flow"
FORMATS = (
    Format("vtp", (".vtp",), read_polydata, write_polydata, METRE, _ALL),
    Format("vtk", (".vtk",), read_polydata, write_polydata, METRE, _ALL),
    Format("vtkhdf", (".vtkhdf",), read_vtkhdf, write_vtkhdf, METRE, _ALL),
    Format("graphml", (".graphml",), read_graphml, write_graphml, METRE, _ALL),
    Format("csv", (), read_csv_pair, write_csv_pair, MILLIMETRE, _ALL),
    Format("swc", (".swc",), read_swc, write_swc, MICROMETRE, "a tree: coordinates, radii, kinds"),
    Format(
        "microbloom", (), read_csv_pair, write_microbloom, METRE,
        "coordinates, diameters, lengths, pressures at free ends",
    ),
    Format("svzerod", (".json",), None, write_lumped_model, None, "named arteries, lumped"),
    Format("gxl", (".gxl", ".xml"), read_gxl, None, None, ""),
    Format("spatialgraph", (".am",), read_spatial_graph, None, None, ""),
)  # fmt: skip
READABLE = tuple(each.name for each in FORMATS if each.read is not None)
WRITABLE = tuple(each.name for each in FORMATS if each.write is not None)


def read_vessels(
    path: Path, options: ReadOptions, *, format_name: str = AUTO
) -> tuple[VesselNetwork, FlowField | None]:
    """Read a network from a file, or folder, of any format.

    Parameters
    ----------
    path : Path
        Of the file, or of the folder of tables.
    options : ReadOptions
        Unit, kind, name of the radius, repairs.
    format_name : str
        One of `READABLE`, or ``auto``: by suffix.

    Returns
    -------
    network : VesselNetwork
    flow : FlowField or None
        Where the file was written by `write_vessels` with one.

    Raises
    ------
    InputError
        If the format is unknown, the file is missing or wrong, or needs a repair that is not
        allowed; nothing has been written.
    """
    path = Path(path)
    chosen = _format(path, format_name, allowed=READABLE, key="--format")
    if options.kind is not None and options.kind not in PLAIN_KINDS:
        known = ", ".join(kind.name.lower() for kind in PLAIN_KINDS)
        message = f"kind must be one of {known}, got {options.kind.name.lower()}."
        raise InputError(message + " Choose one of them.", key="--kind")
    if not path.exists():
        message = f"file must exist, got '{path}'. Check the path."
        raise InputError(message, file=str(path))
    wants_folder = not chosen.suffixes
    if path.is_dir() != wants_folder:
        wanted, got = ("folder", "a file") if wants_folder else ("file", "a folder")
        message = f"{chosen.name} must be a {wanted}, got {got}. Check path and --format."
        raise InputError(message, file=str(path))
    if wants_folder and not is_csv_pair(path):
        message = "folder must hold nodes.csv with x, y, z and segments.csv, got others. "
        raise InputError(message + "Check the folder.", file=str(path))
    assert chosen.read is not None
    found = chosen.read(path, options)
    return found if isinstance(found, tuple) else (found, None)


def write_vessels(
    path: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    format_name: str = AUTO,
    unit: LengthUnit | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write a network to a file, or folder, of any format.

    Parameters
    ----------
    path : Path
        The file or folder to be; appears only when complete.
    network : VesselNetwork
        Any.
    flow : FlowField, optional
        Of that network.
    format_name : str
        One of `WRITABLE`, or ``auto``: by suffix, ``csv`` without one.
    unit : LengthUnit, optional
        Of coordinates, radii and lengths, instead of what the format has by default.
    overwrite : bool
        Replace what exists.

    Returns
    -------
    dict
        ``format``, ``unit``, ``keeps``, and counts of what was written.

    Raises
    ------
    InputError
        If the format is unknown or cannot hold the network, or the place may not be written.
    OutputError
        If it cannot be written.
    """
    path = Path(path)
    chosen = _format(path, format_name, allowed=WRITABLE, key="--format")
    assert chosen.write is not None
    figures: dict[str, Any] = {"format": chosen.name, "keeps": chosen.keeps}
    if chosen.unit is None:
        if unit is not None:
            message = f"unit must be left out for {chosen.name}, got '{unit.name}'. Drop --unit."
            raise InputError(message, key="--unit")
        figures |= chosen.write(path, network, flow=flow, overwrite=overwrite)
        return figures
    unit = unit or chosen.unit
    options: dict[str, Any] = {"unit": unit, "overwrite": overwrite}
    if chosen.write is not write_swc:
        options["flow"] = flow
    chosen.write(path, network, **options)
    figures |= {"unit": unit.name, "nodes": network.n_nodes, "segments": network.n_segments}
    return figures


def _format(path: Path, name: str, *, allowed: tuple[str, ...], key: str) -> Format:
    if name != AUTO:
        if name not in allowed:
            message = f"format must be one of {', '.join(allowed)}, got '{name}'. "
            raise InputError(message + near_name(name, allowed), key=key)
        return next(each for each in FORMATS if each.name == name)
    suffix = path.suffix.lower()
    if not suffix or path.is_dir():
        return next(each for each in FORMATS if each.name == "csv")
    for each in FORMATS:
        if suffix in each.suffixes and each.name in allowed:
            return each
    known = ", ".join(s for each in FORMATS if each.name in allowed for s in each.suffixes)
    message = f"suffix must tell the format, got '{suffix}' (known: {known}). Name it with {key}."
    raise InputError(message, file=str(path))
