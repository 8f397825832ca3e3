"""How fast a canvas draws: ``python -m tools.bench viewer [--large] [--backend egl|osmesa]``.

Cells fill a block of the size of a trunk, every tenth of another colour; vessels are short pieces
in it. Each figure is the best of a few pictures of 1280 x 720, turned a little from one to the
next: seconds of wall, and of the processor (all threads, software GL included) for a machine that
does other things too. vispy's own Markers draw the same cells in the same run.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.viewer.canvas import SceneCanvas
from ctc.viewer.drawables import CellCloud, Look, VesselTubes
from ctc.viewer.graphics import require_desktop_gl

SIZE = (1280, 720)
Times = tuple[float, float]  # of wall and of the processor [s]
_BLOCK = np.array([0.35, 0.22, 0.6])  # [m]
_LOOK = Look(centre=(0.0, 0.0, 0.0), height=0.75)
_PALETTE = np.array([[255, 138, 38, 255], [48, 227, 155, 255]], dtype=np.uint8)
# Of the project, with software GL on two cores [s].
_GOALS = {100_000: 0.06, 1_000_000: 0.5, 10_000_000: 10.0}
_GOAL_MOVING, _GOAL_SEGMENTS, _GOAL_NEXT, _GOAL_BYTES = 0.1, 0.045, 0.5, 60.0


def main(arguments: list[str]) -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench viewer", description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 1e7 cells")
    parser.add_argument("--backend", default="egl", choices=("egl", "osmesa"))
    parser.add_argument("--no-markers", action="store_true", help="leave vispy's Markers out")
    options = parser.parse_args(arguments)
    canvas = SceneCanvas(size=SIZE, backend=options.backend)
    canvas.show(caption=False)
    canvas.look = _LOOK
    print(f"{require_desktop_gl(options.backend)}, {SIZE[0]} x {SIZE[1]}")
    empty = _best(canvas)
    _say("nothing", empty)
    canvas.set_vessels(segments(100_000))
    _say("100,000 segments", _best(canvas), _GOAL_SEGMENTS)
    canvas.set_vessels(None)
    counts = [n for n in _GOALS if options.large or n < 10_000_000]
    for n in counts:
        before = canvas.allocated_bytes()
        cloud = cells(n, seed=1)
        _say(f"{n:,} cells, first picture", _next_frame(canvas, cloud))
        mode = "density" if canvas.is_density else "discs"
        _say(f"{n:,} cells, {mode}", _best(canvas), _GOALS[n])
        canvas.is_moving = True
        _say(f"  moving, {canvas.limits.n_while_moving:,} of them", _best(canvas), _GOAL_MOVING)
        canvas.is_moving = False
        goal = _GOAL_NEXT if n == 1_000_000 else None
        _say("  next frame", _next_frame(canvas, cells(n, seed=2)), goal)
        taken = (canvas.allocated_bytes() - before) / n
        print(f"{'  bytes a cell, allocated':<34}{taken:9.1f}     goal {_GOAL_BYTES:.0f}")
        canvas.set_cells(None)
    canvas.close()
    if not options.no_markers:
        for n in counts:
            if n <= 1_000_000:
                _say(f"{n:,} cells, vispy Markers", markers(n, options.backend))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'largest resident size':<34}{resident:9.0f} MB")
    return 0


def cells(n: int, *, seed: int) -> CellCloud:
    """Return `n` cells in a block."""
    generator = np.random.default_rng(seed)
    position = generator.random((n, 3), dtype=np.float32)
    position -= np.float32(0.5)
    position *= _BLOCK.astype(np.float32)
    code = (np.arange(n) % 10 == 0).astype(np.uint8)
    return CellCloud(position, code, _PALETTE, np.arange(n, dtype=np.uint64))


def segments(n: int) -> VesselTubes:
    """Return `n` pieces of 4 mm with the calibres of a tree: half of them thinnest."""
    generator = np.random.default_rng(3)
    start = ((generator.random((n, 3)) - 0.5) * _BLOCK).astype(np.float32)
    step = generator.normal(size=(n, 3))
    step *= 0.004 / np.linalg.norm(step, axis=1, keepdims=True)
    radius = 5e-5 * 2.0 ** generator.geometric(0.5, n)
    colour = np.tile(np.array([220, 58, 52, 255], dtype=np.uint8), (n, 1))
    return VesselTubes(
        start=start,
        end=start + step.astype(np.float32),
        radius=np.minimum(radius, 0.012).astype(np.float32),
        colour=colour,
        segment=np.arange(n, dtype=np.int32),
    )


def markers(n: int, backend: str) -> Times:
    """Return the times of a picture of vispy's Markers."""
    from vispy import scene  # noqa: PLC0415, TID251 - the yardstick, where it is asked for

    canvas: Any = scene.SceneCanvas(size=SIZE, app=backend, show=True)
    view = canvas.central_widget.add_view()
    view.camera = scene.TurntableCamera(fov=0.0, scale_factor=0.75)
    cloud = cells(n, seed=1)
    colour: npt.NDArray[np.float32] = _PALETTE[cloud.code].astype(np.float32) / 255.0
    scene.visuals.Markers(
        pos=cloud.position, face_color=colour, size=3, edge_width=0, parent=view.scene
    )

    def draw(turn: float) -> None:
        view.camera.azimuth = turn
        canvas.render(alpha=False)

    seconds = _best_of(draw)
    canvas.close()
    return seconds


def _best(canvas: SceneCanvas) -> Times:
    def draw(turn: float) -> None:
        canvas.look = replace(_LOOK, azimuth=turn)
        canvas.render()

    return _best_of(draw)


def _next_frame(canvas: SceneCanvas, cloud: CellCloud) -> Times:
    began = time.perf_counter(), time.process_time()
    canvas.set_cells(cloud)
    canvas.render()
    return time.perf_counter() - began[0], time.process_time() - began[1]


def _best_of(draw: Callable[[float], None], n_times: int = 6) -> Times:
    draw(0.0)
    wall, processor = [], []
    for i in range(n_times):
        began = time.perf_counter(), time.process_time()
        draw(3.0 + i)
        wall.append(time.perf_counter() - began[0])
        processor.append(time.process_time() - began[1])
    return min(wall), min(processor)


def _say(what: str, times: Times, goal: float | None = None) -> None:
    beside = "" if goal is None else f"  goal {goal * 1e3:.0f} ms"
    print(f"{what:<34}{times[0] * 1e3:9.0f} ms{times[1] * 1e3:9.0f} ms processor{beside}")
