"""Networks and flows of any kind, made by hypothesis, and what it means that two are the same."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ctc.flow.field import FlowField
from ctc.vessels.network import Repair, SegmentKind, VesselNetwork, tube_volume

_NAMES = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp", "Zs", "Cf")))
    .filter(lambda name: name and name.isprintable()),
    max_size=3,
    unique=True,
).map(tuple)  # fmt: skip
_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
_COORDINATE = st.floats(-2.0, 2.0, allow_subnormal=False)
_POSITIVE = st.floats(1e-9, 10.0)


@st.composite
def networks(draw: st.DrawFn) -> VesselNetwork:
    """Return a network that joins anything to anything: loops, parts, parallel segments."""
    n_nodes = draw(st.integers(2, 7))
    pair = st.lists(st.integers(0, n_nodes - 1), min_size=2, max_size=2, unique=True)
    ends = np.array(draw(st.lists(pair, min_size=1, max_size=8)))
    n = len(ends)
    names = [draw(_NAMES) for _ in range(3)]

    def floats(values: st.SearchStrategy[float], count: int) -> Any:
        return np.array(draw(st.lists(values, min_size=count, max_size=count)))

    def indices(count: int) -> Any:
        return np.array(draw(st.lists(st.integers(-1, count - 1), min_size=n, max_size=n)))

    repair = st.builds(Repair, _TEXT, st.integers(0, 10**9), _TEXT)
    kinds = st.sampled_from([int(kind) for kind in SegmentKind])
    return VesselNetwork(
        node_position=floats(_COORDINATE, 3 * n_nodes).reshape(-1, 3),
        start_node=ends[:, 0],
        end_node=ends[:, 1],
        lumen_radius=floats(_POSITIVE, n),
        length=floats(_POSITIVE, n),
        volume=floats(_POSITIVE, n),
        resistance_factor=floats(_POSITIVE, n),
        kind=np.array(draw(st.lists(kinds, min_size=n, max_size=n))),
        organ=indices(len(names[0])),
        region=indices(len(names[1])),
        name=indices(len(names[2])),
        organ_names=names[0],
        region_names=names[1],
        vessel_names=names[2],
        origin=draw(_TEXT),
        repairs=tuple(draw(st.lists(repair, max_size=2))),
    )


@st.composite
def solved_networks(draw: st.DrawFn) -> tuple[VesselNetwork, FlowField | None]:
    """Return a network and perhaps a flow; its numbers mean nothing, and may be no numbers."""
    network = draw(networks())
    if draw(st.booleans()):
        return network, None
    values: dict[str, Any] = {}
    for field in dataclasses.fields(FlowField):
        number = st.floats(allow_subnormal=False)
        if field.type == "float":
            values[field.name] = draw(number)
            continue
        count = network.n_nodes if field.name == "pressure" else network.n_segments
        values[field.name] = np.array(draw(st.lists(number, min_size=count, max_size=count)))
    return network, FlowField(**values)


@st.composite
def trees(draw: st.DrawFn) -> VesselNetwork:
    """Return a tree of arteries, or of veins, whose nodes all lie at different places."""
    n = draw(st.integers(1, 8))
    parent = np.array([draw(st.integers(0, i)) for i in range(n)])
    place = st.tuples(*[st.integers(-1000, 1000)] * 3)
    places = draw(st.lists(place, min_size=n + 1, max_size=n + 1, unique=True))
    position = np.array(places) * 1.1e-4
    child = np.arange(1, n + 1)
    kind = draw(st.sampled_from([SegmentKind.ARTERY, SegmentKind.VEIN]))
    start, end = (parent, child) if kind is SegmentKind.ARTERY else (child, parent)
    radius = np.array(draw(st.lists(st.floats(1e-6, 1e-2), min_size=n, max_size=n)))
    ends = position[child] - position[parent]
    length = np.sqrt(ends[:, 0] ** 2 + ends[:, 1] ** 2 + ends[:, 2] ** 2)
    return VesselNetwork(
        node_position=position,
        start_node=start,
        end_node=end,
        lumen_radius=radius,
        length=length,
        volume=tube_volume(radius, length),
        resistance_factor=np.ones(n),
        kind=np.full(n, int(kind)),
        organ=np.full(n, -1),
        region=np.full(n, -1),
        name=np.full(n, -1),
        organ_names=(),
        region_names=(),
        vessel_names=(),
        origin="a tree",
    )


def assert_same(
    network: VesselNetwork, flow: FlowField | None, again: tuple[VesselNetwork, FlowField | None]
) -> None:
    """Assert that nothing changed, to the last bit."""
    assert again[0].hash() == network.hash()
    assert again[0].origin == network.origin
    assert again[0].repairs == network.repairs
    assert (again[1] is None) == (flow is None)
    if flow is not None:
        for field in dataclasses.fields(flow):
            got, wanted = getattr(again[1], field.name), getattr(flow, field.name)
            np.testing.assert_array_equal(got, wanted, err_msg=field.name)


def pieces(network: VesselNetwork) -> list[tuple[Any, ...]]:
    """Return what does not depend on the order of nodes and segments: ends, radii, kinds."""
    position = network.node_position
    return sorted(
        (
            tuple(position[network.start_node[i]]),
            tuple(position[network.end_node[i]]),
            float(network.lumen_radius[i]),
            int(network.kind[i]),
        )
        for i in range(network.n_segments)
    )
