"""The table of entry points: what each kernel takes, read from kernels/kernels.toml."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.backends.records import NO_FAULT, RECORDS
from ctc.errors import DeviceFaultError
from ctc.resources import resource_folder

_SCALARS = {
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "u64": np.uint64,
    "i32": np.int32,
    "i64": np.int64,
    "f32": np.float32,
}


@dataclass(frozen=True)
class Argument:
    """One argument of an entry point.

    Attributes
    ----------
    name, direction, meaning : str
        Direction is ``in``, ``out`` or ``inout``.
    dtype : numpy.dtype
        Of the scalar, or of one item of the array.
    length : str or None
        Least number of items, as a product of scalar arguments; None for a scalar.
    """

    name: str
    direction: str
    dtype: np.dtype[Any]
    length: str | None
    meaning: str


@dataclass(frozen=True)
class Kernel:
    """One entry point and its arguments in order."""

    name: str
    summary: str
    arguments: tuple[Argument, ...]

    @property
    def has_fault(self) -> bool:
        """Whether it reports faults."""
        return any(argument.name == "first_fault" for argument in self.arguments)

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Check the values of a call and return them in the kernel's order, scalars cast.

        Parameters
        ----------
        values : mapping
            Arrays (NumPy or CuPy) and numbers by argument name.

        Raises
        ------
        TypeError, ValueError
            If a name, a dtype, a length or the contiguity is wrong: our own mistake.
        """
        wrong = {argument.name for argument in self.arguments} ^ set(values)
        if wrong:
            message = f"{self.name} must get exactly its arguments; check {sorted(wrong)}"
            raise TypeError(message)
        scalars = {
            a.name: int(values[a.name])
            for a in self.arguments
            if a.length is None and a.dtype.kind != "f"
        }
        return [self._checked(a, values[a.name], scalars) for a in self.arguments]

    def _checked(self, argument: Argument, value: Any, scalars: dict[str, int]) -> Any:
        if argument.length is None:
            return argument.dtype.type(value)
        name = f"{self.name}: {argument.name}"
        size = value.size
        if argument.dtype.names and value.dtype == np.uint8:
            size //= argument.dtype.itemsize  # records travel as bytes: CuPy has no records
        elif value.dtype != argument.dtype:
            message = f"{name} must be of dtype {argument.dtype}, got {value.dtype}"
            raise TypeError(message)
        if not value.flags.c_contiguous:
            message = f"{name} must be contiguous"
            raise ValueError(message)
        least = _product(argument.length, scalars)
        if size < least:
            message = f"{name} must hold at least {least} items, got {size}"
            raise ValueError(message)
        return value


def _product(text: str, scalars: dict[str, int]) -> int:
    """Evaluate a product of integers and scalar names."""
    number, names = _factors(text)
    return number * math.prod(scalars[name] for name in names)


@functools.cache
def _factors(text: str) -> tuple[int, tuple[str, ...]]:
    """Return the number in a product, and the names of the scalars."""
    words = [word.strip() for word in text.split("*")]
    number = math.prod(int(word) for word in words if word.isdecimal())
    return number, tuple(word for word in words if not word.isdecimal())


@functools.cache
def _table() -> dict[str, Any]:
    path = resource_folder("kernels") / "kernels.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@functools.cache
def kernels() -> dict[str, Kernel]:
    """Return every entry point by name."""
    found = {}
    for name, entry in _table().items():
        if name == "faults":
            continue
        arguments = tuple(
            Argument(
                row["name"],
                row["direction"],
                RECORDS[row["dtype"]]
                if row["dtype"] in RECORDS
                else np.dtype(_SCALARS[row["dtype"]]),
                row.get("length"),
                row["meaning"],
            )
            for row in entry["arguments"]
        )
        found[name] = Kernel(name, entry["summary"], arguments)
    return found


def raise_fault(kernel: str, word: int) -> None:
    """Raise DeviceFaultError if a launch left a fault in its fault word.

    Parameters
    ----------
    kernel : str
        Name of the entry point.
    word : int
        Lowest ``cell id << 8 | code`` that was reported, or all ones.
    """
    if word == NO_FAULT:
        return
    text = _table()["faults"].get(str(word & 0xFF), "unknown fault")
    raise DeviceFaultError(kernel, text, cell=word >> 8)
