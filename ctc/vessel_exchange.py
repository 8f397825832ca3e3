"""What ``ctc vessels import`` and ``export`` do: networks from and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ctc.errors import InputError
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.formats.catalogue import AUTO, read_vessels, write_vessels
from ctc.formats.csv_pair import is_csv_pair
from ctc.formats.length_unit import parse_unit
from ctc.formats.source_graph import ReadOptions
from ctc.record.files import check_new_file
from ctc.record.network_file import load_network, save_network
from ctc.vessel_figures import vessel_figures
from ctc.vessels.imported import read_tables
from ctc.vessels.network import SegmentKind

# Tables of a whole body, with heart and beds, which are more than a format of networks.
TABLES = "tables"


def import_vessels(
    path: Path,
    *,
    repair: bool,
    output: Path,
    overwrite: bool,
    format_name: str = AUTO,
    unit: str | None = None,
    kind: str | None = None,
    radius_name: str | None = None,
) -> dict[str, Any]:
    """Import a network from a file or folder, and save it.

    Tables of a whole body are solved with their authors' pressures; the network of any other
    file is of plain vessels, with a flow only where ctc wrote one.
    """
    check_new_file(output, overwrite=overwrite, source=path)
    if _is_body(path, format_name):
        for key, value in (("unit", unit), ("kind", kind), ("radius-name", radius_name)):
            if value is not None:
                message = f"{key} must be left out for tables of a body, got '{value}'. Drop it."
                raise InputError(message, key=f"--{key}")
        if path.is_file():
            message = "tables must be a folder, got a file. Check path and --format."
            raise InputError(message, file=str(path))
        imported = read_tables(path, repair=repair)
        network, flow = solve_imported(imported, mode=ImportedFlow.PRESSURES)
        save_network(
            output, network, flow=flow, overwrite=overwrite, near_organs=imported.near_organs
        )
        return vessel_figures(network, flow)
    options = ReadOptions(
        unit=None if unit is None else parse_unit(unit),
        kind=None if kind is None else SegmentKind[kind.upper()],
        radius_name=radius_name,
        repair=repair,
    )
    plain, stored_flow = read_vessels(path, options, format_name=format_name)
    save_network(output, plain, flow=stored_flow, overwrite=overwrite)
    return vessel_figures(plain, stored_flow)


def export_vessels(
    path: Path, *, output: Path, format_name: str = AUTO, unit: str | None = None, overwrite: bool
) -> dict[str, Any]:
    """Write the network of a network file or a run in another format; says what was written."""
    # A folder of tables is checked by its writer, which knows what else may lie there.
    if not output.is_dir():
        check_new_file(output, overwrite=overwrite, source=path)
    network, flow = load_network(path)
    try:
        return write_vessels(
            output,
            network,
            flow=flow,
            format_name=format_name,
            unit=None if unit is None else parse_unit(unit),
            overwrite=overwrite,
        )
    except InputError as error:
        raise error if error.file or error.key else error.at(file=str(path)) from None


def _is_body(path: Path, format_name: str) -> bool:
    if format_name != AUTO:
        return format_name == TABLES
    return not path.suffix if not path.exists() else path.is_dir() and not is_csv_pair(path)
