"""One phrasing for every check of an array or a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.errors import InputError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]


def _report(
    name: str,
    rule: str,
    bad: npt.NDArray[np.bool_],
    *,
    values: npt.NDArray[Any],
    unit: str,
    item: str,
) -> None:
    if not bad.any():
        return
    index = int(np.flatnonzero(bad)[0])
    unit_text = f" {unit}" if unit else ""
    value = values.reshape(-1)[index]
    message = (
        f"{name} must be {rule}{unit_text}, got {value:g} at {item} {index} "
        f"({int(bad.sum())} of {bad.size} {item}s)"
    )
    raise InputError(message)


def require_positive(
    name: str, values: npt.ArrayLike, *, unit: str = "", item: str = "item"
) -> None:
    """Raise InputError unless every value is finite and > 0; names the first that is not."""
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    _report(
        name,
        "> 0",
        ~((array > 0) & np.isfinite(array)).reshape(-1),
        values=array,
        unit=unit,
        item=item,
    )


def require_non_negative(
    name: str, values: npt.ArrayLike, *, unit: str = "", item: str = "item"
) -> None:
    """Raise InputError unless every value is finite and >= 0; names the first that is not."""
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    _report(
        name,
        ">= 0",
        ~((array >= 0) & np.isfinite(array)).reshape(-1),
        values=array,
        unit=unit,
        item=item,
    )


def require_shape(name: str, array: npt.NDArray[Any], shape: tuple[int | None, ...]) -> None:
    """Raise InputError unless the array has that shape (None stands for any length)."""
    fits = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        want = tuple("any" if n is None else n for n in shape)
        message = f"{name} must be of shape {want}, got {array.shape}"
        raise InputError(message)


def require_index(name: str, values: npt.NDArray[Any], count: int, *, item: str = "item") -> None:
    """Raise InputError unless every value lies in 0 .. count-1; names the first that does not."""
    bad = (values < 0) | (values >= count)
    _report(name, f"in 0 .. {count - 1}", bad.reshape(-1), values=values, unit="", item=item)
