"""The group ``/near_organs`` of network files: nodes that lie beside an organ, by its name."""

from __future__ import annotations

from collections.abc import Mapping

import h5py
import numpy as np

from ctc.checks import IntArray, require_index
from ctc.digest import digest_of
from ctc.errors import InputError
from ctc.record.chunks import load_texts, store_text
from ctc.record.unpacking import read_rows

_GROUP = "near_organs"


def write_near_organs(file: h5py.File, near_organs: Mapping[str, IntArray]) -> None:
    """Store the nodes beside each organ in a new file.

    Parameters
    ----------
    file : h5py.File
        Without ``/near_organs``.
    near_organs : mapping of str to (n,) int32
        One after the other in ``nodes``; organ k has those from ``offsets[k]`` on.
    """
    group = file.create_group(_GROUP)
    store_text(group, "names", tuple(near_organs))
    arrays = [np.asarray(nodes, dtype="<i4") for nodes in near_organs.values()]
    nodes = np.concatenate(arrays)
    offsets = np.cumsum([0, *(array.size for array in arrays)]).astype("<i8")
    group.create_dataset("nodes", data=nodes)
    group.create_dataset("offsets", data=offsets)
    group.attrs["hash"] = np.bytes_(digest_of([("nodes", nodes), ("offsets", offsets)]))


def read_near_organs(file: h5py.File, n_nodes: int) -> dict[str, IntArray]:
    """Return the nodes beside each organ; empty where the file has none.

    Raises
    ------
    InputError
        If what is stored is damaged.
    """
    if _GROUP not in file:
        return {}
    group = file[_GROUP]
    names = load_texts(group, "names")
    nodes, offsets = read_rows(group["nodes"]), read_rows(group["offsets"])
    found = digest_of([("nodes", nodes), ("offsets", offsets)]).encode()
    if group.attrs["hash"] != found or offsets.size != len(names) + 1:
        message = "nodes near organs must have the hash stored with them, got another."
        raise InputError(message + " The file is damaged: make it again.")
    require_index("near_organs", nodes, n_nodes, item="node")
    return {
        name: np.asarray(nodes[offsets[k] : offsets[k + 1]], dtype=np.int32)
        for k, name in enumerate(names)
    }
