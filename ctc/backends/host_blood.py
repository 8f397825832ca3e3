"""Laws of blood and the red-cell sweep of the host library."""

from __future__ import annotations

import ctypes
import os
import weakref

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.backends.host_flow import BoolArray, call
from ctc.checks import FloatArray, IntArray
from ctc.errors import CtcError

TUBE, BUNDLE, GIVEN = 0, 1, 2
N_CURVE = 5


def viscosity_curves(law: int, diameter: FloatArray) -> FloatArray:
    """Return the curve of viscosity against haematocrit of tubes of a diameter in um, (n, 5)."""
    curves = np.empty((diameter.size, N_CURVE))
    call(
        host_library().ctc_rheology_curves,
        np.int32(law),
        np.int64(diameter.size),
        _floats(diameter),
        curves,
        _threads(),
    )
    return curves


def curve_viscosity(curves: FloatArray, haematocrit: FloatArray) -> FloatArray:
    """Return the viscosity over that of plasma, (n,) float64, of curves at haematocrits."""
    viscosity = np.empty(haematocrit.size)
    call(
        host_library().ctc_rheology_viscosity,
        np.int64(haematocrit.size),
        _floats(curves),
        _floats(haematocrit),
        viscosity,
        _threads(),
    )
    return viscosity


def fahraeus(diameter: FloatArray, haematocrit: FloatArray) -> FloatArray:
    """Return the tube haematocrit, (n,) float64, of tubes of a diameter in um."""
    tube = np.empty(haematocrit.size)
    call(
        host_library().ctc_rheology_tube,
        np.int64(haematocrit.size),
        _floats(diameter),
        _floats(haematocrit),
        tube,
        _threads(),
    )
    return tube


def red_cell_shares(
    law: int,
    blood: FloatArray,
    *,
    daughter: FloatArray,
    sibling: FloatArray,
    feed: FloatArray,
    haematocrit: FloatArray,
) -> FloatArray:
    """Return the share of red cells, (n,) float64, for shares of blood and diameters in um."""
    share = np.empty(blood.size)
    numbers = [_floats(each) for each in (blood, daughter, sibling, feed, haematocrit)]
    library = host_library()
    call(library.ctc_rheology_share, np.int32(law), np.int64(blood.size), *numbers, share)
    return share


def relax_viscosity(
    viscosity: FloatArray,
    pace: FloatArray,
    last_way: FloatArray,
    *,
    curves: FloatArray,
    haematocrit: FloatArray,
    start_node: IntArray,
    end_node: IntArray,
    flow_rate: FloatArray,
    through: FloatArray,
    is_paced: bool,
    weight: FloatArray | None = None,
) -> float:
    """Move viscosities, in place, each at its own pace; return the largest distance, weighed.

    Where an array of weights is given it is filled, and paces stay as they are.
    """
    relax = host_library().ctc_rheology_relax
    relax.restype = ctypes.c_double
    return float(
        call(
            relax,
            np.int64(viscosity.size),
            start_node,
            end_node,
            curves,
            haematocrit,
            flow_rate,
            through,
            np.uint8(is_paced),
            viscosity,
            pace,
            last_way,
            weight,
            _threads(),
        )
    )


class Mixing:
    """Anderson mixing of the guesses of a fixed point; see ``kernels/host/flow/mixing.cpp``.

    Parameters
    ----------
    count : int
        Numbers of a guess.
    """

    def __init__(self, count: int) -> None:
        library = host_library()
        library.ctc_mixing_open.restype = ctypes.c_void_p
        handle = call(library.ctc_mixing_open, np.int64(count))
        _require_memory(handle is not None)
        self._handle = ctypes.c_void_p(handle)
        weakref.finalize(self, library.ctc_mixing_close, self._handle)

    def step(self, guess: FloatArray, *, wanted: FloatArray, weight: FloatArray) -> None:
        """Write the next guess over the last, which asked for what is wanted."""
        status = call(host_library().ctc_mixing_step, self._handle, wanted, weight, guess)
        _require_memory(status == 0)

    def forget(self) -> None:
        """Begin anew."""
        call(host_library().ctc_mixing_forget, self._handle)


class RedCellSweep:
    """Mixing and division of red cells at the nodes of one network, downstream.

    Parameters
    ----------
    start_node, end_node : (n_segments,) int32
        Ends of the segments.
    role : (n_segments,) uint8
        `TUBE`, `BUNDLE` (takes red cells in proportion to flow) or `GIVEN` (a pump whose
        haematocrit is known beforehand).
    is_open : (n_nodes,) bool
        Nodes where blood may enter.
    diameter : (n_segments,) float64 [um]
        Of the lumen.
    """

    def __init__(
        self,
        start_node: IntArray,
        end_node: IntArray,
        *,
        role: npt.NDArray[np.uint8],
        is_open: BoolArray,
        diameter: FloatArray,
    ) -> None:
        # The library reads these as long as the sweep lives.
        self._kept = (
            np.ascontiguousarray(start_node, dtype=np.int32),
            np.ascontiguousarray(end_node, dtype=np.int32),
            np.ascontiguousarray(role, dtype=np.uint8),
            np.ascontiguousarray(is_open, dtype=np.uint8),
            _floats(diameter),
        )
        library = host_library()
        library.ctc_blood_open.restype = ctypes.c_void_p
        library.ctc_blood_sweep.restype = ctypes.c_int64
        handle = call(
            library.ctc_blood_open, np.int32(is_open.size), np.int64(role.size), *self._kept
        )
        self._handle = ctypes.c_void_p(handle)
        _require_memory(handle is not None)
        weakref.finalize(self, library.ctc_blood_close, self._handle)
        self.through: FloatArray = np.zeros(is_open.size)

    def sweep(
        self,
        flow_rate: FloatArray,
        haematocrit: FloatArray,
        *,
        separation: int,
        supply: float,
        largest: float,
    ) -> int:
        """Write the haematocrits of all segments that are not given, in place.

        `through` then holds the flow through every node [m^3/s].

        Parameters
        ----------
        flow_rate : (n_segments,) float64 [m^3/s]
            Signed along each segment.
        haematocrit : (n_segments,) float64
            Changed.
        separation : int
            Law of the library.
        supply : float
            Haematocrit of what enters at open nodes.
        largest : float
            No daughter gets more.

        Returns
        -------
        int
            Nodes on loops of flow, which took the values of the sweep before.
        """
        looped = call(
            host_library().ctc_blood_sweep,
            self._handle,
            np.int32(separation),
            np.float64(supply),
            np.float64(largest),
            flow_rate,
            haematocrit,
            self.through,
        )
        _require_memory(looped >= 0)
        return int(looped)


def _floats(array: FloatArray) -> FloatArray:
    return np.ascontiguousarray(array, dtype=np.float64)


def _threads() -> np.uint32:
    return np.uint32(len(os.sched_getaffinity(0)))


def _require_memory(enough: bool) -> None:
    if not enough:
        message = "the red cells of the network cannot be followed: there is not enough memory."
        raise CtcError(message)
