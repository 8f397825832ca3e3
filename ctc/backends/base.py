"""What a backend offers, and the choice of one by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from ctc.errors import InputError, MissingDeviceError

_NUMBER = re.compile(r"[0-9]{1,4}")


class Backend(Protocol):
    """Arrays in the memory of one device, and kernels launched on them.

    Attributes
    ----------
    name : str
        ``cpu`` or ``cuda:0``.
    description : str
        The device in words, for provenance.
    max_hops : int
        Hops that one launch may make a cell.
    cells_a_launch : int
        Cells that suit one launch.
    n_under_way : int
        Launches that are best kept under way at once: 2 where one can be read back while the next
        one runs.
    """

    name: str
    description: str
    max_hops: int
    cells_a_launch: int
    n_under_way: int

    @property
    def xp(self) -> Any:
        """NumPy, or CuPy with the same functions."""
        ...

    def launch(self, kernel: str, arguments: Mapping[str, Any]) -> Any:
        """Run an entry point over its ``count`` items, and return a mark of the launch.

        Without ``first_fault`` among the arguments it waits and raises DeviceFaultError on a fault;
        a caller that passes it looks at it later, and the launch may still be under way.
        """
        ...

    def to_device(self, array: Any) -> Any:
        """Return the array in this device's memory."""
        ...

    def to_host(self, array: Any, *, after: Any = None) -> Any:
        """Return the array as NumPy's, after a launch, by its mark, or after all of them."""
        ...


def devices_of(device: str) -> tuple[str, ...]:
    """Return the single devices that a name stands for, as `choose_backend` takes them.

    Parameters
    ----------
    device : str
        ``cuda:all``, ``cuda:0,2`` or the name of one device.

    Raises
    ------
    InputError
        If a GPU is named twice, or not by a number.
    MissingDeviceError
        If all GPUs are asked for and there is none.
    """
    numbers = device.removeprefix("cuda:")
    if numbers == device or ("," not in numbers and numbers != "all"):
        return (device,)
    if numbers == "all":
        from ctc.backends.cuda import count_devices  # noqa: PLC0415 - imports CuPy

        return tuple(f"cuda:{number}" for number in range(count_devices()))
    found = [_gpu_number(number, device) for number in numbers.split(",")]
    if len(set(found)) < len(found):
        message = f"device must name each GPU once, got '{device}'. Use --shards for parts on one."
        raise InputError(message, key="--device")
    return tuple(f"cuda:{number}" for number in found)


def choose_backend(device: str, *, threads: int | None = None) -> Backend:
    """Return the backend of that name.

    Parameters
    ----------
    device : str
        ``cpu``, ``cuda``, ``cuda:N``, or ``auto``: cuda where a GPU and CuPy are present, else cpu.
    threads : int, optional
        Threads of the cpu backend; all cores that this process may use when left out.

    Raises
    ------
    InputError
        If there is no such backend.
    MissingDeviceError
        If it cannot run here; says what to install.
    """
    if threads is not None and threads < 1:
        message = f"threads must be >= 1, got {threads}"
        raise InputError(message)
    if device == "cpu":
        from ctc.backends.cpu import CpuBackend  # noqa: PLC0415 - loads the host library

        return CpuBackend(threads=threads)
    if device == "cuda" or device.startswith("cuda:"):
        number = 0 if device == "cuda" else _gpu_number(device.partition(":")[2], device)
        from ctc.backends.cuda import CudaBackend  # noqa: PLC0415 - imports CuPy

        return CudaBackend(number)
    if device == "auto":
        try:
            return choose_backend("cuda")
        except MissingDeviceError:
            return choose_backend("cpu", threads=threads)
    message = f"device must be auto, cpu, cuda or cuda:N, got '{device}'"
    raise InputError(message)


def _gpu_number(text: str, device: str) -> int:
    if not _NUMBER.fullmatch(text):
        message = f"device must be 'cuda:N' with a number N, got '{device}'. Use cuda:0."
        raise InputError(message, key="--device")
    return int(text)
