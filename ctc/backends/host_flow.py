"""Pressures and flows of networks by the host library: exact elimination, balance, parts."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.backends.cpu import host_library
from ctc.checks import FloatArray, IntArray
from ctc.errors import CtcError

BoolArray = npt.NDArray[np.bool_]
_STATUS = {1: "there is not enough memory", 2: "its factor would have more than 2^31 entries"}


@dataclass(frozen=True)
class FactorSize:
    """What an elimination order costs.

    Attributes
    ----------
    n_light, n_core : int
        Nodes eliminated with at most three neighbours, and the rest.
    n_entries : int
        Conductances of the factor.
    core_products : float
        Multiplications that the rest takes.
    """

    n_light: int
    n_core: int
    n_entries: int
    core_products: float


class PressureFactor:
    """Elimination of one pattern of resistors, for many sets of conductances.

    Parameters
    ----------
    start_node, end_node : (n_resistors,) int32
        Ends of the resistors.
    is_fixed : (n_nodes,) bool
        Nodes of known pressure.

    Raises
    ------
    CtcError
        If memory does not suffice.

    Notes
    -----
    Every number of the factor is a sum of positive products, so it is right to a few roundings
    over any span of conductances; see ``kernels/host/flow/elimination.h``.
    """

    def __init__(self, start_node: IntArray, end_node: IntArray, *, is_fixed: BoolArray) -> None:
        self._joints = (
            np.int64(start_node.size),
            np.ascontiguousarray(start_node, dtype=np.int32),
            np.ascontiguousarray(end_node, dtype=np.int32),
        )
        library = host_library()
        library.ctc_flow_open.restype = ctypes.c_void_p
        status = np.zeros(1, dtype=np.int32)
        handle = call(
            library.ctc_flow_open,
            np.int32(is_fixed.size),
            *self._joints,
            np.ascontiguousarray(is_fixed, dtype=np.uint8),
            status,
        )
        _require_done(int(status[0]))
        self._handle = ctypes.c_void_p(handle)
        weakref.finalize(self, library.ctc_flow_close, self._handle)
        self._conductance: FloatArray | None = None

    @property
    def size(self) -> FactorSize:
        """What the order costs."""
        numbers = np.empty(4)
        call(host_library().ctc_flow_size, self._handle, numbers)
        light, core, entries, products = numbers.tolist()
        return FactorSize(int(light), int(core), int(entries), products)

    def refresh(self, conductance: FloatArray) -> None:
        """Factor anew for conductances, (n_resistors,) float64 [m^3/s/Pa], > 0."""
        self._conductance = np.ascontiguousarray(conductance, dtype=np.float64)
        refresh = host_library().ctc_flow_refresh
        _require_done(call(refresh, self._handle, *self._joints, self._conductance))

    def solve(self, pressure: FloatArray, *, inflow: FloatArray) -> FloatArray:
        """Return the pressures for the conductances of the last `refresh`.

        Parameters
        ----------
        pressure : (n_nodes,) float64 [Pa]
            Read at the fixed nodes; kept where no resistor ends.
        inflow : (n_nodes,) float64 [m^3/s]
            Put in from outside at the free nodes.

        Returns
        -------
        (n_nodes,) float64 [Pa]
        """
        if self._conductance is None:
            message = "refresh must be called before solve"
            raise RuntimeError(message)
        solved = np.array(pressure, dtype=np.float64)
        status = call(
            host_library().ctc_flow_pressure,
            self._handle,
            *self._joints,
            self._conductance,
            np.ascontiguousarray(inflow, dtype=np.float64),
            solved,
        )
        _require_done(status)
        return solved

    def improve(
        self,
        pressure: FloatArray,
        *,
        conductance: FloatArray,
        inflow: FloatArray,
        tolerance: float,
    ) -> FloatArray | None:
        """Return pressures for conductances near those of the last `refresh`, from a guess.

        Conjugate gradients with the last factor, until the error is below the tolerance times
        the square root of the power that the flow takes; None where that takes too long.
        """
        improved = np.array(pressure, dtype=np.float64)
        n_rounds = call(
            host_library().ctc_flow_improve,
            self._handle,
            *self._joints,
            np.ascontiguousarray(conductance, dtype=np.float64),
            np.ascontiguousarray(inflow, dtype=np.float64),
            np.float64(tolerance),
            improved,
        )
        _require_done(1 if n_rounds == -2 else 0)
        return None if n_rounds < 0 else improved


def balanced_flow(
    start_node: IntArray,
    end_node: IntArray,
    *,
    flow_rate: FloatArray,
    conductance: FloatArray,
    inflow: FloatArray,
    is_open: BoolArray,
) -> FloatArray:
    """Push what a solve leaves over along a spanning forest; see `ctc.flow.balance`."""
    balanced = np.array(flow_rate, dtype=np.float64)
    status = call(
        host_library().ctc_flow_balance,
        np.int32(inflow.size),
        np.int64(balanced.size),
        np.ascontiguousarray(start_node, dtype=np.int32),
        np.ascontiguousarray(end_node, dtype=np.int32),
        np.ascontiguousarray(conductance, dtype=np.float64),
        np.ascontiguousarray(inflow, dtype=np.float64),
        np.ascontiguousarray(is_open, dtype=np.uint8),
        balanced,
    )
    _require_done(status)
    return balanced


def connected_parts(start_node: IntArray, end_node: IntArray, *, n_nodes: int) -> IntArray:
    """Return the lowest node of the connected part of each node, (n_nodes,) int32."""
    part = np.empty(n_nodes, dtype=np.int32)
    status = call(
        host_library().ctc_flow_parts,
        np.int32(n_nodes),
        np.int64(start_node.size),
        np.ascontiguousarray(start_node, dtype=np.int32),
        np.ascontiguousarray(end_node, dtype=np.int32),
        part,
    )
    _require_done(status)
    return part


def flow_rates(
    start_node: IntArray,
    end_node: IntArray,
    *,
    conductance: FloatArray,
    pressure: FloatArray,
    least_drop: float,
) -> FloatArray:
    """Return G (p_start - p_end), (n,) float64 [m^3/s]; 0 up to the least pressure drop."""
    flow = np.empty(start_node.size)
    call(
        host_library().ctc_flow_rates,
        np.int64(start_node.size),
        np.ascontiguousarray(start_node, dtype=np.int32),
        np.ascontiguousarray(end_node, dtype=np.int32),
        np.ascontiguousarray(conductance, dtype=np.float64),
        np.ascontiguousarray(pressure, dtype=np.float64),
        np.float64(least_drop),
        flow,
    )
    return flow


def flow_sums(
    start_node: IntArray,
    end_node: IntArray,
    *,
    group: IntArray,
    flow_rate: FloatArray,
    pressure: FloatArray,
    n_groups: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the sums of flow [m^3/s] and loss Q dp [W] by group, (n_groups,) float64 each."""
    flow, loss = np.zeros(n_groups), np.zeros(n_groups)
    call(
        host_library().ctc_flow_sums,
        np.int64(start_node.size),
        np.ascontiguousarray(start_node, dtype=np.int32),
        np.ascontiguousarray(end_node, dtype=np.int32),
        np.ascontiguousarray(group, dtype=np.int32),
        np.ascontiguousarray(flow_rate, dtype=np.float64),
        np.ascontiguousarray(pressure, dtype=np.float64),
        flow,
        loss,
    )
    return flow, loss


def _require_done(status: int) -> None:
    if status:
        message = f"the pressures of the network cannot be solved: {_STATUS[status]}."
        raise CtcError(message)


def call(function: Any, *arguments: Any) -> Any:
    """Call a function of the library; the tuple of arguments keeps arrays alive meanwhile."""
    return function(*(_plain(argument) for argument in arguments))


def _plain(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return ctypes.c_void_p(argument.ctypes.data)
    if isinstance(argument, np.generic):
        kind: Any = argument.dtype
        return np.ctypeslib.as_ctypes_type(kind)(argument.item())
    return argument
