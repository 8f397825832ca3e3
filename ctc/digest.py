"""SHA-256 of named arrays, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt


def digest_of(fields: Iterable[tuple[str, npt.ArrayLike]]) -> str:
    """SHA-256 of named arrays in the order given.

    Each field enters as name, dtype, shape and bytes (little-endian, C order), so that no two
    different lists of fields give the same text.

    Parameters
    ----------
    fields : iterable of (str, array)
        Numbers, booleans, byte strings, or structured arrays of them; no objects.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        If an array holds objects or text, whose bytes are no value.
    """
    digest = hashlib.sha256()
    for name, values in fields:
        array = little_endian(values)
        if array.dtype.hasobject or array.dtype.kind == "U":
            message = f"{name} must be an array of numbers or bytes, got dtype {array.dtype}"
            raise TypeError(message)
        shape = ",".join(str(length) for length in array.shape)
        head = f"{name}\0{_dtype_text(array.dtype)}\0{shape}\0"
        digest.update(head.encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def little_endian(values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return an array as C-ordered little-endian, copied only where it is neither."""
    array = np.asarray(values)
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def _dtype_text(dtype: np.dtype[Any]) -> str:
    if dtype.names is None:
        return dtype.newbyteorder("<").str.replace("|", "<")
    return ";".join(f"{name}:{_dtype_text(dtype[name])}" for name in dtype.names)
