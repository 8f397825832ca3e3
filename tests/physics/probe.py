"""Calls the kernel that shows every law on given arguments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ctc.backends.base import Backend, choose_backend

_OUTPUTS = {
    "random": ("u4", 4),
    "uniform": ("f4", 1),
    "fine": ("f4", 1),
    "second": ("f4", 1),
    "speed": ("f4", 1),
    "marginated": ("f4", 1),
    "excluded": ("f4", 1),
    "rounded": ("i8", 1),
    "logarithm": ("f4", 1),
    "budget": ("u8", 1),
}


@dataclass(frozen=True)
class Laws:
    """What the laws gave, one row an item."""

    random: npt.NDArray[np.uint32]
    uniform: npt.NDArray[np.float32]
    fine: npt.NDArray[np.float32]
    second: npt.NDArray[np.float32]
    speed: npt.NDArray[np.float32]
    marginated: npt.NDArray[np.float32]
    excluded: npt.NDArray[np.float32]
    rounded: npt.NDArray[np.int64]
    logarithm: npt.NDArray[np.float32]
    budget: npt.NDArray[np.uint64]

    def bits(self) -> dict[str, npt.NDArray[np.uint8]]:
        """Return every output as bytes, for comparisons of bits."""
        return {name: getattr(self, name).reshape(-1).view(np.uint8) for name in _OUTPUTS}


def probe(
    word: npt.ArrayLike,
    low_word: npt.ArrayLike = 0,
    *,
    size_ratio: npt.ArrayLike = 0.0,
    value: npt.ArrayLike = 0.0,
    seed: int = 1,
    backend: Backend | None = None,
) -> Laws:
    """Return every law on the arguments, broadcast to one length."""
    on = backend or choose_backend("cpu", threads=1)
    given = np.broadcast_arrays(
        np.asarray(word, dtype=np.uint32),
        np.asarray(low_word, dtype=np.uint32),
        np.asarray(size_ratio, dtype=np.float32),
        np.asarray(value, dtype=np.float32),
    )
    inputs = [on.to_device(np.array(array, order="C").reshape(-1)) for array in given]
    count = inputs[0].size
    outputs = {
        name: on.xp.zeros(count * width, dtype=dtype) for name, (dtype, width) in _OUTPUTS.items()
    }
    names = ("word", "low_word", "size_ratio", "value")
    arguments = dict(zip(names, inputs, strict=True)) | outputs | {"seed": seed, "count": count}
    on.launch("ctc_probe_laws", arguments)
    found = {name: on.to_host(array) for name, array in outputs.items()}
    found["random"] = found["random"].reshape(-1, 4)
    return Laws(**found)
