"""Networks as lines in VTK's own files: XML (``.vtp``) and legacy (``.vtk``) poly data."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError, OutputError
from ctc.flow.field import FlowField
from ctc.formats.columns import HEADER, to_columns, with_speed
from ctc.formats.extras import load_package
from ctc.formats.length_unit import CENTIMETRE, METRE, LengthUnit
from ctc.formats.lines import Lines, header_array, header_text, network_of_lines
from ctc.formats.source_graph import ReadOptions
from ctc.input_files import LARGEST_BINARY, read_bytes
from ctc.record.new_file import new_file
from ctc.vessels.network import VesselNetwork

LEGACY_SUFFIX = ".vtk"
# A file of lines needs a byte a value at the least; smaller claims do no harm.
_HARMLESS = 1_000_000
# "ERROR: In file.cxx, line 9 / vtkReader (0x5): what is wrong".
_COMPLAINT = re.compile(r"vtk\w+ \((?:0x)?[0-9a-f]+\): ([^\n]*)")
_XML_COUNT = re.compile(
    rb"NumberOf(?:Points|Verts|Lines|Strips|Polys|Tuples|Components)\s*=\s*[\"']\s*[-+]?(\d+)"
)
# What packed data may come to, and how long VTK may take: it believes the sizes that files claim.
MOST_PACKED = 1100  # no byte of zlib holds more
_TRIAL_ROOM = 4 * 2**30
_TRIAL_SECONDS = 30
_SLOWEST = 2**20  # bytes a second
TOO_SLOW = 1000  # no exit status
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NO_TRIAL = 77  # exit status where it could not be made
_TRIAL = f"""
import importlib
import sys
try:
    reader = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])()
except Exception:
    sys.exit({_NO_TRIAL})
try:
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    room = int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (room if soft < 0 else min(room, soft), hard))
except (ImportError, ValueError, OSError):
    pass  # a system without such limits
reader.SetFileName(sys.argv[3])
reader.Update()
"""
_LEGACY_COUNT = re.compile(
    rb"^\s*(?:POINTS|VERTICES|LINES|POLYGONS|TRIANGLE_STRIPS|POINT_DATA|CELL_DATA|OFFSETS|"
    rb"CONNECTIVITY)\s+(\d+)(?:[ \t]+(\d+))?",
    re.MULTILINE,
)


def write_polydata(
    path: Path,
    network: VesselNetwork,
    *,
    flow: FlowField | None = None,
    unit: LengthUnit = METRE,
    overwrite: bool = False,
) -> None:
    """Write a network as lines that VTK, ParaView and PyVista open: VTP, or legacy by suffix.

    The arrays are those of `ctc.formats.vtkhdf.write_vtkhdf`, in binary.

    Parameters
    ----------
    path : Path
        Legacy VTK if it ends in ``.vtk``, else VTP.
    network : VesselNetwork
        One line a segment.
    flow : FlowField, optional
        Of that network.
    unit : LengthUnit
        Of coordinates, radii and lengths.
    overwrite : bool
        Replace a file that exists.

    Raises
    ------
    InputError
        If VTK is not installed, or as `ctc.record.files.check_new_file`.
    OutputError
        If it cannot be written.
    """
    vtk = load_package("vtk", needed_by="VTK files")
    columns = to_columns(network, flow, unit=unit)
    data = vtk.vtkPolyData()
    points = vtk.vtkPoints()
    points.SetData(to_vtk(columns.position, ""))
    data.SetPoints(points)
    lines = vtk.vtkCellArray()
    offsets = 2 * np.arange(network.n_segments + 1, dtype=np.int64)
    lines.SetData(to_vtk(offsets, ""), to_vtk(columns.ends.reshape(-1), ""))
    data.SetLines(lines)
    for attributes, arrays in (
        (data.GetCellData(), with_speed(columns.segments, network, flow)),
        (data.GetPointData(), columns.nodes),
        (data.GetFieldData(), {HEADER: header_array(columns.header)}),
    ):
        for name, array in arrays.items():
            attributes.AddArray(to_vtk(array, name))
    is_legacy = path.suffix.lower() == LEGACY_SUFFIX
    writer = vtk.vtkPolyDataWriter() if is_legacy else vtk.vtkXMLPolyDataWriter()
    if is_legacy:
        writer.SetFileTypeToBinary()
    else:
        writer.SetDataModeToAppended()
        writer.EncodeAppendedDataOff()
        writer.SetHeaderTypeToUInt64()
        writer.SetCompressionLevel(1)
    writer.SetInputData(data)
    with new_file(path, overwrite=overwrite) as partial, complaints(vtk) as said:
        writer.SetFileName(str(partial))
        if not writer.Write() or said():
            message = f"{path}: file could not be written ({said() or 'VTK does not say why'})."
            raise OutputError(message + " Check folder and space.")


def read_polydata(path: Path, options: ReadOptions) -> tuple[VesselNetwork, FlowField | None]:
    """Read the lines of a VTP or legacy VTK file.

    Raises
    ------
    InputError
        If VTK is not installed, the file is none of lines, is damaged, or as
        `ctc.formats.lines.network_of_lines`.
    """
    vtk = load_package("vtk", needed_by="VTK files")
    _require_plausible(path)
    is_legacy = path.suffix.lower() == LEGACY_SUFFIX
    _require_survivable(path, is_legacy=is_legacy)
    reader = vtk.vtkPolyDataReader() if is_legacy else vtk.vtkXMLPolyDataReader()
    if is_legacy:
        reader.ReadAllScalarsOn()
        reader.ReadAllFieldsOn()
    reader.SetFileName(str(path))
    with complaints(vtk) as said:
        reader.Update()
        data = reader.GetOutput()
        if said() or data is None or reader.GetErrorCode():
            reason = said() or "VTK does not say why"
            message = f"file must be complete VTK poly data, could not be read ({reason})."
            raise InputError(message + " Make it again.", file=str(path))
    n_others = data.GetNumberOfCells() - data.GetNumberOfLines()
    if n_others:
        message = f"file must hold lines alone, got {n_others} other cells. Export centrelines."
        raise InputError(message, file=str(path))
    cells = data.GetLines()
    header = _arrays(data.GetFieldData()).get(HEADER)
    try:
        text = "" if header is None else header_text(header)
    except InputError as error:
        raise error.at(file=str(path)) from None
    points = data.GetPoints()
    lines = Lines(
        points=np.empty((0, 3)) if points is None else _to_numpy(points.GetData(), np.float64),
        connectivity=_to_numpy(cells.GetConnectivityArray(), np.int64),
        offsets=_to_numpy(cells.GetOffsetsArray(), np.int64),
        point_arrays=_arrays(data.GetPointData()),
        line_arrays=_arrays(data.GetCellData()),
        header=text,
    )
    name = "VTK" if is_legacy else "VTP"
    return network_of_lines(lines, path, options, format_name=name, default_unit=CENTIMETRE)


def _require_plausible(path: Path) -> None:
    """Refuse a file that claims more than it can hold: VTK would take the memory, or die."""
    content = read_bytes(path, most=LARGEST_BINARY)
    declared = None
    if path.suffix.lower() != LEGACY_SUFFIX:
        head, _, _ = content.partition(b"<AppendedData")
        declared = _DECLARATION.search(head)
    if declared is not None:
        line = content.count(b"\n", 0, declared.start()) + 1
        message = "XML must declare no entities, got a DTD. Write it without."
        raise InputError(message, file=str(path), key=f"line {line}")
    pattern = _LEGACY_COUNT if path.suffix.lower() == LEGACY_SUFFIX else _XML_COUNT
    for found in pattern.finditer(content):
        # More digits than any size has are cut: they are too many, whatever they are.
        claimed = max(int(each[:20]) for each in found.groups() if each)
        if claimed > len(content) + _HARMLESS:
            line = content.count(b"\n", 0, found.start()) + 1
            message = f"counts must fit a file of {len(content)} bytes, got {claimed}. "
            message += "The file is damaged."
            raise InputError(message, file=str(path), key=f"line {line}")


def _require_survivable(path: Path, *, is_legacy: bool) -> None:
    """Refuse a file at which VTK ends the process, as it does at some damage: try it in a child."""
    reader = ("vtkmodules.vtkIOXML", "vtkXMLPolyDataReader")
    if is_legacy:
        reader = ("vtkmodules.vtkIOLegacy", "vtkPolyDataReader")
    size = path.stat().st_size
    room, seconds = _TRIAL_ROOM + MOST_PACKED * size, _TRIAL_SECONDS + size // _SLOWEST
    status = run_trial(reader, path, room=room, seconds=seconds)
    if status == TOO_SLOW:
        message = f"file must be poly data that VTK reads within {seconds} s, got one that takes "
        raise InputError(message + "longer. Make it again.", file=str(path))
    if status not in (0, _NO_TRIAL):
        how = signal.Signals(-status).name if status < 0 else f"exit code {status}"
        message = f"file must be complete VTK poly data, got one at which VTK dies ({how})."
        raise InputError(message + " Make it again.", file=str(path))


def run_trial(reader: tuple[str, str], path: Path, *, room: int, seconds: int) -> int:
    """Read a file in a child process and return how that ended, as `subprocess` tells it.

    Parameters
    ----------
    reader : (str, str)
        Module and class.
    path : Path
        Of the file.
    room : int [bytes]
        Address space that the child may take.
    seconds : int [s]
        How long it may take.

    Returns
    -------
    int
        The exit status, less than 0 for a signal; `TOO_SLOW` if it took longer.
    """
    if not sys.executable:
        return 0
    # Never a module that lies in the folder where somebody happens to be (-P).
    command = [sys.executable, "-P", "-c", _TRIAL, *reader, str(path), str(room)]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=seconds).returncode
    except subprocess.TimeoutExpired:
        return TOO_SLOW


@contextlib.contextmanager
def complaints(vtk: Any) -> Iterator[Any]:
    """Collect what VTK would print; gives a function that returns it as one line."""
    before = vtk.vtkOutputWindow.GetInstance()
    verbosity = vtk.vtkLogger.GetCurrentVerbosityCutoff()
    window = vtk.vtkStringOutputWindow()
    vtk.vtkOutputWindow.SetInstance(window)
    vtk.vtkLogger.SetStderrVerbosity(vtk.vtkLogger.VERBOSITY_OFF)

    def said() -> str:
        output = window.GetOutput() or ""
        # VTK gives bytes where the text is not UTF-8.
        text = output.decode("ascii", "replace") if isinstance(output, bytes) else output
        found = _COMPLAINT.search(text)
        printable = "".join(
            c for c in (found[1] if found else text) if c.isascii() and c.isprintable()
        )
        return printable.strip()[:200]

    try:
        yield said
    finally:
        vtk.vtkOutputWindow.SetInstance(before)
        vtk.vtkLogger.SetStderrVerbosity(verbosity)


def to_vtk(array: npt.NDArray[Any], name: str) -> Any:
    """Return a VTK array of that name with a copy of the values."""
    support = load_package("vtk.util.numpy_support", needed_by="VTK files")
    # A deep copy: VTK does not keep the memory of an array alive.
    made = support.numpy_to_vtk(np.ascontiguousarray(array), deep=1)
    made.SetName(name)
    return made


def _to_numpy(array: Any, dtype: Any) -> npt.NDArray[Any]:
    support = load_package("vtk.util.numpy_support", needed_by="VTK files")
    if array is None:
        return np.empty(0, dtype=dtype)
    return np.array(support.vtk_to_numpy(array), dtype=dtype)


def _arrays(attributes: Any) -> dict[str, npt.NDArray[Any]]:
    found = {}
    for i in range(attributes.GetNumberOfArrays()):
        array = attributes.GetArray(i)  # None for texts
        name = array.GetName() if array is not None else None
        # VTK gives bytes where the text is not UTF-8.
        name = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
        if name:
            found[name] = _to_numpy(array, None)
    return found
