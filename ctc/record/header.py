"""What a run file says about itself: format, origin, scenario, and how it ended."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ctc.errors import InputError
from ctc.record.chunks import load_text, store_text
from ctc.record.layout import FORMAT_NAME, FORMAT_VERSION
from ctc.record.provenance import Provenance
from ctc.record.unpacking import read_rows

_SCENARIO_GROUP = "scenario"
_STATUS_GROUP = "status"
_CLASS_CELLS = "class_cells"
_DIGEST_LENGTH = 64
_DEVICE_LENGTH = 512
_TIME_LENGTH = 32
_BETWEEN_DEVICES = "; "


@dataclass(frozen=True)
class RunHeader:
    """What is known of a run before it starts.

    Attributes
    ----------
    provenance : Provenance
        Where it comes from.
    scenario_text : str
        The scenario file, to the letter.
    scenario_json : str
        The scenario with every default filled in, as JSON in SI.
    duration : int [ns]
        How long the run is to be.
    class_cells : tuple of int
        Cells that travel together, by size class; empty where a run does not say.
    """

    provenance: Provenance
    scenario_text: str
    scenario_json: str
    duration: int
    class_cells: tuple[int, ...] = ()


@dataclass(frozen=True)
class RunEnd:
    """What is known of a run once it has ended; all empty before.

    Attributes
    ----------
    digest, record_digest : str
        SHA-256 of the results and of the frames.
    finished : str
        Date and time in UTC, ISO 8601.
    devices : str
        What the kernels ran on; more than one where the run was resumed elsewhere.
    n_resumes : int
        How often the run went on from a checkpoint.
    """

    digest: str
    record_digest: str
    finished: str
    devices: str
    n_resumes: int


def write_header(file: h5py.File, header: RunHeader) -> None:
    """Store the header of a new run file, and room for how it ends."""
    write_format(file, name=FORMAT_NAME, version=FORMAT_VERSION)
    file.attrs["units"] = np.bytes_("SI")
    for field in dataclasses.fields(Provenance):
        value = getattr(header.provenance, field.name)
        if field.name == "seed":
            file.attrs["seed"] = np.uint64(value)
        else:
            file.attrs[field.name] = _text(value, max(len(value.encode()), 1))
    group = file.create_group(_SCENARIO_GROUP)
    store_text(group, "text", header.scenario_text)
    store_text(group, "resolved", header.scenario_json)
    duration = group.create_dataset("duration", data=np.int64(header.duration))
    duration.attrs["units"] = np.bytes_("ns")
    group.create_dataset(_CLASS_CELLS, data=np.array(header.class_cells, dtype=np.uint32))
    # A file that others follow gets no new attributes, and one of fixed size can be changed in
    # place. At most eight in a group: more of them are stored in a way that cannot be followed.
    status = file.create_group(_STATUS_GROUP)
    status.attrs["digest"] = _text("", _DIGEST_LENGTH)
    status.attrs["record_digest"] = _text("", _DIGEST_LENGTH)
    status.attrs["finished"] = _text("", _TIME_LENGTH)
    status.attrs["devices"] = _text(header.provenance.device, _DEVICE_LENGTH)
    status.attrs["n_resumes"] = np.int64(0)


def read_header(file: h5py.File) -> RunHeader:
    """Return the header of a run file."""
    stored = {f.name: file.attrs[f.name] for f in dataclasses.fields(Provenance)}
    values: dict[str, Any] = {
        name: int(value) if name == "seed" else value.decode() for name, value in stored.items()
    }
    scenario = file[_SCENARIO_GROUP]
    class_cells = read_rows(scenario[_CLASS_CELLS]).tolist() if _CLASS_CELLS in scenario else ()
    return RunHeader(
        provenance=Provenance(**values),
        scenario_text=load_text(scenario, "text"),
        scenario_json=load_text(scenario, "resolved"),
        duration=int(read_rows(scenario["duration"])),
        class_cells=tuple(class_cells),
    )


def exercise_of_run(file: h5py.File) -> float:
    """Return the cardiac output over that at rest which the scenario of a run asks for.

    1 for a file that is no run, and for a scenario that says nothing of it.
    """
    if _SCENARIO_GROUP not in file:
        return 1.0
    settings = json.loads(load_text(file[_SCENARIO_GROUP], "resolved"))
    return float(settings.get("host", {}).get("exercise", 1.0))


def write_end(
    file: h5py.File, *, digest: str = "", record_digest: str = "", finished: str = ""
) -> None:
    """Store how a run ended; empty texts say that it has not."""
    attributes = file[_STATUS_GROUP].attrs
    attributes.modify("digest", _text(digest, _DIGEST_LENGTH))
    attributes.modify("record_digest", _text(record_digest, _DIGEST_LENGTH))
    attributes.modify("finished", _text(finished, _TIME_LENGTH))


def add_resume(file: h5py.File, device: str) -> None:
    """Note that the run goes on from a checkpoint, on that device."""
    attributes = file[_STATUS_GROUP].attrs
    before = read_end(file)
    attributes.modify("n_resumes", np.int64(before.n_resumes + 1))
    if device not in before.devices.split(_BETWEEN_DEVICES):
        devices = _BETWEEN_DEVICES.join((before.devices, device))
        attributes.modify("devices", _text(devices, _DEVICE_LENGTH))


def read_end(file: h5py.File) -> RunEnd:
    """Return how a run ended."""
    attributes = file[_STATUS_GROUP].attrs
    names = ("digest", "record_digest", "finished", "devices")
    texts = {name: bytes(attributes[name]).decode(errors="replace") for name in names}
    return RunEnd(n_resumes=int(attributes["n_resumes"]), **texts)


def write_format(file: h5py.File, *, name: str, version: tuple[int, int]) -> None:
    """Mark a new file with its format."""
    file.attrs["format"] = np.bytes_(name)
    file.attrs["format_version"] = np.array(version, dtype=np.int64)


def check_format(file: h5py.File, path: Path, *, name: str, version: tuple[int, int]) -> None:
    """Raise InputError unless a file has that format, in a version that we know."""
    found = file.attrs.get("format", b"")
    if bytes(found if isinstance(found, bytes) else str(found).encode()) != name.encode():
        message = f"format must be '{name}', got another HDF5 file."
        message += " Name a file that ctc wrote."
        raise InputError(message, file=str(path))
    found_version = tuple(int(part) for part in file.attrs["format_version"])
    if found_version > version:
        known, got = (".".join(map(str, v)) for v in (version, found_version))
        message = f"format version must be at most {known}, got {got}, which is newer."
        message += " Update ctc."
        raise InputError(message, file=str(path), key="format_version")


def _text(text: str, length: int) -> npt.NDArray[np.bytes_]:
    # An array, not a scalar: NumPy scalars forget the length, and HDF5 then cannot change them.
    return np.array(text.encode()[:length], dtype=f"S{length}")
