"""Small networks made by hand, for the tests of flow and vessels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ctc.vessels.heart import CHAMBERS
from ctc.vessels.network import SegmentKind, VesselNetwork, tube_volume


@dataclass
class Builder:
    """Collects segments; nodes are numbered as they are first named."""

    nodes: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, int, float, float, float, SegmentKind, str, str]] = field(
        default_factory=list
    )

    def add(
        self,
        start: str,
        end: str,
        *,
        radius: float = 1e-3,
        length: float = 1e-2,
        n: int = 1,
        kind: SegmentKind = SegmentKind.ARTERY,
        region: str = "",
        name: str = "",
    ) -> int:
        ends = [self.nodes.setdefault(node, len(self.nodes)) for node in (start, end)]
        self.rows.append((ends[0], ends[1], radius, length, n, kind, region, name))
        return len(self.rows) - 1

    def network(self) -> VesselNetwork:
        starts, ends, radius, length, count, kind, regions, names = zip(*self.rows, strict=True)
        region_names = tuple(dict.fromkeys(r for r in regions if r))
        vessel_names = tuple(dict.fromkeys(n for n in names if n))
        region = [region_names.index(r) if r else -1 for r in regions]
        lumen_radius, lengths = np.array(radius), np.array(length)
        n_nodes = len(self.nodes)
        return VesselNetwork(
            node_position=np.column_stack([np.arange(n_nodes) * 1e-2, *np.zeros((2, n_nodes))]),
            start_node=np.array(starts),
            end_node=np.array(ends),
            lumen_radius=lumen_radius,
            length=lengths,
            volume=np.array(count) * tube_volume(lumen_radius, lengths),
            resistance_factor=np.ones(len(self.rows)),
            kind=np.array([int(k) for k in kind]),
            organ=np.array(region),
            region=np.array(region),
            name=np.array([vessel_names.index(n) if n else -1 for n in names]),
            organ_names=region_names,
            region_names=region_names,
            vessel_names=vessel_names,
            origin="made by hand",
        )

    def network_of_used_nodes(self) -> VesselNetwork:
        """Return the network without nodes that no segment ends at (a portal tree's own)."""
        network = self.network()
        used = np.unique(np.concatenate([network.start_node, network.end_node]))
        index = np.full(network.n_nodes, -1)
        index[used] = np.arange(used.size)
        return network.replace(
            node_position=network.node_position[used],
            start_node=index[network.start_node],
            end_node=index[network.end_node],
        )


def tree_pair(
    builder: Builder, inlet: str, outlet: str, *, region: str, depth: int = 3, portal: str = ""
) -> None:
    """Add binary trees from inlet and to outlet that share terminals, unequal on each side."""

    def branch(above: str, path: str, kind: SegmentKind, tag: str) -> None:
        here = f"{region}/{tag}{path}"
        last = len(path) == depth
        small = {SegmentKind.ARTERY: SegmentKind.ARTERIOLE, SegmentKind.VEIN: SegmentKind.VENULE}
        used = small[kind] if last else kind
        size = 1.5e-3 * 0.8 ** len(path)
        long = 5e-3 * (1.0 + 0.5 * path.count("1"))
        ends = (above, here) if tag in ("a", "p") else (here, above)
        builder.add(*ends, radius=size, length=long, kind=used, region=region)
        if last:
            if tag == "a":
                builder.add(
                    here,
                    f"{region}/v{path}",
                    radius=3e-6,
                    length=5e-4,
                    n=20_000_000,
                    kind=SegmentKind.CAPILLARY_BED,
                    region=region,
                )
            return
        for side in "01":
            branch(here, path + side, kind, tag)

    branch(inlet, "", SegmentKind.ARTERY, "a")
    branch(outlet, "", SegmentKind.VEIN, "v")
    if portal:
        # The portal tree ends where the arterioles end.
        before = len(builder.rows)
        branch(portal, "", SegmentKind.VEIN, "p")
        by_index = {index: node for node, index in builder.nodes.items()}
        for row in range(before, len(builder.rows)):
            start, end, *rest = builder.rows[row]
            name = by_index[end]
            if len(name.rsplit("/p", 1)[-1]) == depth:
                end = builder.nodes[name.replace("/p", "/a")]
            builder.rows[row] = (start, end, *rest)


def small_body() -> VesselNetwork:
    """Return a closed loop: kidney, gut with portal vein, liver, two lungs, four chambers."""
    return small_builder().network_of_used_nodes()


def small_builder() -> Builder:
    """Return the segments of `small_body`, for more to be added."""
    builder = Builder()
    chamber = {"radius": 2.7e-2, "length": 5.3e-2, "kind": SegmentKind.HEART_CHAMBER}
    vein = {"kind": SegmentKind.VEIN}
    builder.add("cava", "right heart", name=CHAMBERS[0], **chamber)
    builder.add("right heart", "trunk", name=CHAMBERS[1], **chamber)
    builder.add("lung vein", "left heart", name=CHAMBERS[2], **chamber)
    builder.add("left heart", "root", name=CHAMBERS[3], **chamber)
    builder.add("root", "arch", radius=1e-2, length=5e-2)
    builder.add("arch", "abdomen", radius=8e-3, length=2e-1)
    tree_pair(builder, "abdomen", "cava", region="kidney")
    builder.add("arch", "coeliac", radius=3e-3, length=2e-2)
    tree_pair(builder, "coeliac", "portal", region="gut")
    builder.add("portal", "porta", radius=6e-3, length=8e-2, name="portal vein", **vein)
    tree_pair(builder, "coeliac", "hepatic", region="liver", portal="porta")
    builder.add("hepatic", "cava", radius=8e-3, length=5e-2, **vein)
    tree_pair(builder, "trunk", "lung vein", region="left lung")
    tree_pair(builder, "trunk", "lung vein", region="right lung")
    return builder
