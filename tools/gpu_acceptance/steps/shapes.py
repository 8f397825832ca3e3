"""Launch shapes: threads a block, blocks, hops a launch, one at a time beside what is shipped."""

from __future__ import annotations

from tools.gpu_acceptance.bodies import body_setting
from tools.gpu_acceptance.hop_speed import Walkers
from tools.gpu_acceptance.scene import Scene
from tools.gpu_acceptance.ways import Shape, scanned_shapes

_COPIES, _CELLS = 12, 1_000_000


def run(scene: Scene) -> str:
    """Measure each on a million cells in 12 copies of a body; the shipped one first and last."""
    setting = body_setting(is_short=scene.is_short)
    walkers = Walkers(setting, 2 if scene.is_short else _COPIES)
    n_cells = 2000 if scene.is_short else _CELLS
    shipped = Shape()
    scanned = scanned_shapes()
    if not scanned:
        scene.add("layouts", 0, note="the backend takes none")
    for number, shape in enumerate([shipped, *scanned, shipped]):
        if scene.left < 3.0:
            return f"no time for {len(scanned) + 2 - number} of {len(scanned) + 2}"
        found = walkers.measure(shape.make(), n_cells)
        scene.add(shape.name, found.kernel, "hops/s", ok=found.kernel > 0.0)
    return ""
