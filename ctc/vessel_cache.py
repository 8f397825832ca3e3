"""Grown and solved vessels kept on disk under the hash of everything that decides them.

The key covers what was asked for and all that answers: the kernel text, the Python of the rooms
that build bodies, vessels and flow, and every parameter file. So an entry can only be found by
the code that would make it again, and there is nothing to invalidate.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ctc.backends.source import kernel_hash
from ctc.errors import CtcError
from ctc.flow.field import FlowField
from ctc.record.layout import Compression
from ctc.record.network_file import load_network, save_network
from ctc.resources import cache_folder, resource_folder
from ctc.vessels.network import VesselNetwork

SWITCH = "CTC_VESSEL_CACHE"
LARGEST_CACHE = 8 * 1024**3  # [bytes]; beyond it the entries not used for longest go
_ROOMS = ("body", "vessels", "flow", "scenario", "backends")
_LOG = logging.getLogger(__name__)

Vessels = tuple[VesselNetwork, FlowField]


def vessel_folder() -> Path | None:
    """Return where entries lie; None where ``CTC_VESSEL_CACHE=off``."""
    if os.environ.get(SWITCH) == "off":
        return None
    return cache_folder("vessels")


def cached_vessels(request: Mapping[str, object], build: Callable[[], Vessels]) -> Vessels:
    """Return vessels from the cache, or build and keep them.

    Parameters
    ----------
    request : mapping
        All that the result depends on besides the program: plain values.
    build : callable
        Makes the network and its flow.

    Returns
    -------
    network, flow : VesselNetwork, FlowField
        The same bits either way: an entry is checked against the hash that it was stored with.

    Notes
    -----
    A cache that cannot be read or written costs time, never a run: that is logged and left.
    """
    folder = vessel_folder()
    if folder is None:
        return build()
    entry = folder / f"{_key(request)}.h5"
    found = _read(entry)
    if found is not None:
        return found
    network, flow = build()
    _write(entry, network, flow)
    return network, flow


def _read(entry: Path) -> Vessels | None:
    if not entry.is_file():
        return None
    try:
        network, flow = load_network(entry)
        os.utime(entry)
    except (CtcError, OSError) as error:
        _LOG.warning("vessels in the cache could not be used and are made again: %s", error)
        return None
    _LOG.info("vessels read from %s", entry)
    return None if flow is None else (network, flow)


def _write(entry: Path, network: VesselNetwork, flow: FlowField) -> None:
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        # Two processes may make the same entry: the last to end stays.
        save_network(entry, network, flow=flow, overwrite=True, compression=Compression.NONE)
        _make_room(entry)
    except (CtcError, OSError) as error:
        _LOG.warning("vessels could not be kept for the next time: %s", error)


def _make_room(newest: Path) -> None:
    """Remove the entries that were not used for longest until the rest fits."""
    entries = sorted(
        ((path.stat().st_mtime, path.stat().st_size, path) for path in newest.parent.glob("*.h5")),
        reverse=True,
    )
    total = 0
    for _, size, path in entries:
        total += size
        if total > LARGEST_CACHE and path != newest:
            path.unlink(missing_ok=True)


def _key(request: Mapping[str, object]) -> str:
    text = json.dumps({"request": dict(request), "program": _program_hash()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _program_hash() -> str:
    """SHA-256 of all text that decides how vessels are made from a request."""
    package = Path(__file__).resolve().parent
    parameters = resource_folder("scenarios") / "parameters"
    files = [path for room in _ROOMS for path in sorted((package / room).glob("*.py"))]
    files += sorted(path for path in parameters.rglob("*") if path.is_file())
    digest = hashlib.sha256(kernel_hash().encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\1")
    return digest.hexdigest()
