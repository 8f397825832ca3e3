"""The picture of a vessel network by itself: whose blood, or what the flow does in it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.field import FlowField
from ctc.vessels.blood import Blood, classify_blood
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.backdrop import backdrop
from ctc.viewer.camera import Camera, View, turned_box
from ctc.viewer.fragments import FloatImage, blend
from ctc.viewer.layout import Panel
from ctc.viewer.network_page import NetworkPage, picture_panel
from ctc.viewer.page import DOTS_PER_INCH
from ctc.viewer.palette import (
    BACKGROUND_INNER,
    BACKGROUND_OUTER,
    BLOOD_COLOURS,
    FAINT_TEXT,
    TEXT,
    rgb,
)
from ctc.viewer.png import check_target, write_png
from ctc.viewer.still import check_size
from ctc.viewer.tubes import draw_tubes

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

_LONGEST_SIDE, _SHORTEST_SIDE = 1600, 1000
_MMHG = 133.322  # [Pa]
# The dark end of a colour map is left out: it would sink into the ground.
_FIRST_COLOUR = 0.15
_NOT_DRAWN = (SegmentKind.CAPILLARY_BED, SegmentKind.HEART_CHAMBER)
_BLOOD_NAMES = {
    Blood.ARTERIAL: "arteries",
    Blood.PULMONARY_VEIN: "pulmonary veins",
    Blood.VENOUS: "veins",
    Blood.PULMONARY_ARTERY: "pulmonary arteries",
    Blood.PORTAL: "portal veins",
    Blood.LYMPH: "lymphatics",
}
# Far vessels are this much darker than near ones: it tells front from back without perspective.
_FAR_LIGHT = 0.5


class Colouring(enum.StrEnum):
    """What the colour of a vessel says; the values are the words of the command line."""

    BLOOD = "blood"
    PRESSURE = "pressure"
    SPEED = "speed"
    SHEAR = "shear"
    HAEMATOCRIT = "haematocrit"


@dataclass(frozen=True)
class _Scale:
    """A measure of the flow as colours."""

    values: FloatArray
    label: str
    is_logarithmic: bool
    colours: str


def draw_network(
    network: VesselNetwork,
    flow: FlowField | None,
    target: Path,
    *,
    title: str,
    organ: str | None = None,
    colouring: Colouring = Colouring.BLOOD,
    view: View = View.FRONT,
    size: tuple[int, int] | None = None,
    is_small: bool = False,
) -> None:
    """Write the picture of a network.

    Parameters
    ----------
    network : VesselNetwork
        Turned with its flow.
    flow : FlowField or None
        Needed by every colouring but that by blood.
    target : Path
        PNG file, replaced if it is there.
    title : str
        Above the picture.
    organ : str, optional
        Show this organ's vessels only.
    colouring : Colouring
        By the blood that a vessel carries, or by what the flow does in it.
    view : View
        From where.
    size : tuple of int [pixels], optional
        Width and height; by default such that the vessels fill the picture.
    is_small : bool
        Store 256 colours only.

    Raises
    ------
    InputError
        If the file or folder is none to write to, the size is out of bounds, the organ is
        unknown or has no vessels, or a colouring lacks its flow.
    OutputError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    check_target(target, overwrite=True)
    chosen = _chosen(network, organ)
    box = _box(network, chosen, view)
    size = size or _fitting_size(box)
    check_size(size)
    scale = _scale(network, flow, colouring)
    width, height = size
    figure = Figure((width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH)
    figure.set_facecolor(BACKGROUND_OUTER)
    panel = picture_panel(width, height)
    camera = Camera.fitting(box, view, width=panel.width, height=panel.height)
    blood = classify_blood(network)[chosen]
    colours = _colours(blood, scale, chosen)
    canvas = backdrop(width, height)
    _paint(canvas, network, chosen, colours=colours, camera=camera, panel=panel)
    figure.figimage(np.round(255.0 * np.clip(canvas, 0.0, 1.0)).astype(np.uint8), zorder=-1)
    page = NetworkPage(figure, panel)
    page.draw_scale_bar(camera)
    page.write_title(title, _facts(network, chosen, organ))
    if scale is None:
        page.write_key(_key(blood))
    else:
        page.draw_colour_bar(
            _bright(scale.colours),
            _limits(scale, chosen),
            label=scale.label,
            is_logarithmic=scale.is_logarithmic,
        )
    drawn: Any = FigureCanvasAgg(figure)
    drawn.draw()
    pixels = np.asarray(drawn.buffer_rgba(), dtype=np.uint8)[..., :3]
    write_png(
        pixels,
        target,
        notes={"Title": title, "Source": network.origin},
        kept_colours=(*BLOOD_COLOURS.values(), TEXT, FAINT_TEXT) if is_small else (),
        ground=BACKGROUND_INNER,
    )


def _chosen(network: VesselNetwork, organ: str | None) -> npt.NDArray[np.intp]:
    shown = ~network.is_kind(*_NOT_DRAWN)
    if organ is not None:
        shown &= network.organ == network.organ_index(organ)
    if not shown.any():
        message = f"network must have vessels to draw, got none of '{organ}'. Choose another organ."
        raise InputError(message, key="--organ")
    return np.flatnonzero(shown)


def _scale(network: VesselNetwork, flow: FlowField | None, colouring: Colouring) -> _Scale | None:
    if colouring is Colouring.BLOOD:
        return None
    if flow is None:
        message = f"network must have a flow to be coloured by {colouring}, got none in its file."
        raise InputError(message, key="--colour")
    if colouring is Colouring.PRESSURE:
        ends = flow.pressure[network.start_node], flow.pressure[network.end_node]
        return _Scale(0.5 * (ends[0] + ends[1]) / _MMHG, "pressure / mmHg", False, "plasma")
    if colouring is Colouring.SPEED:
        speed = flow.flow_rate * network.length / network.volume
        return _Scale(1e3 * speed, "mean speed / (mm/s)", True, "viridis")
    if colouring is Colouring.SHEAR:
        return _Scale(flow.wall_shear_stress, "wall shear stress / Pa", True, "inferno")
    return _Scale(flow.discharge_haematocrit, "discharge haematocrit", False, "RdYlBu_r")


def _limits(scale: _Scale, chosen: npt.NDArray[np.intp]) -> tuple[float, float]:
    values = scale.values[chosen]
    values = values[np.isfinite(values) & ((values > 0.0) | (not scale.is_logarithmic))]
    if not values.size:
        message = f"{scale.label} must have values to be a colour, got none."
        raise InputError(message, key="--colour")
    low, high = np.quantile(values, [0.01, 0.99])
    return float(low), float(max(high, low * (1.0 + 1e-6) + 1e-12))


def _key(blood: npt.NDArray[np.uint8]) -> dict[str, str]:
    """Return names by the colours that are there: vessels of one colour share an entry."""
    names: dict[str, list[str]] = {}
    for each, name in _BLOOD_NAMES.items():
        if (blood == each).any():
            names.setdefault(BLOOD_COLOURS[each], []).append(name)
    return {" and ".join(sharing): colour for colour, sharing in names.items()}


def _colours(
    blood: npt.NDArray[np.uint8], scale: _Scale | None, chosen: npt.NDArray[np.intp]
) -> npt.NDArray[np.float32]:
    if scale is None:
        by_blood = np.array([rgb(BLOOD_COLOURS[each]) for each in Blood])
        return by_blood[blood].astype(np.float32)
    low, high = _limits(scale, chosen)
    values = np.clip(np.nan_to_num(scale.values[chosen], nan=low), low, high)
    if scale.is_logarithmic:
        values, low, high = np.log(values), np.log(low), np.log(high)
    share = (values - low) / (high - low)
    return np.asarray(_bright(scale.colours)(share)[:, :3], dtype=np.float32)


def _bright(name: str) -> Colormap:
    """Return a colour map of matplotlib without its dark end."""
    from matplotlib import colormaps  # noqa: PLC0415 - slow to import
    from matplotlib.colors import ListedColormap  # noqa: PLC0415 - slow to import

    return ListedColormap(colormaps[name](np.linspace(_FIRST_COLOUR, 1.0, 256)))


def _box(network: VesselNetwork, chosen: npt.NDArray[np.intp], view: View) -> FloatArray:
    radius = network.lumen_radius[chosen, None]
    ends = [network.node_position[node[chosen]] for node in (network.start_node, network.end_node)]
    low = np.minimum(*ends) - radius
    high = np.maximum(*ends) + radius
    return turned_box(np.stack([low.min(axis=0), high.max(axis=0)]), view)


def _fitting_size(box: FloatArray) -> tuple[int, int]:
    span = np.maximum(box[1] - box[0], 1e-9)[:2]
    sides = np.clip(_LONGEST_SIDE * span / span.max(), _SHORTEST_SIDE, _LONGEST_SIDE)
    return int(sides[0]), int(sides[1])


def _paint(
    canvas: FloatImage,
    network: VesselNetwork,
    chosen: npt.NDArray[np.intp],
    *,
    colours: npt.NDArray[np.float32],
    camera: Camera,
    panel: Panel,
) -> None:
    start = network.node_position[network.start_node[chosen]]
    end = network.node_position[network.end_node[chosen]]
    depth = camera.project(0.5 * (start + end))[:, 2]
    span = max(float(np.ptp(depth)), 1e-9)
    light = 1.0 - (1.0 - _FAR_LIGHT) * (depth - depth.min()) / span
    tubes = draw_tubes(
        start,
        end,
        radius=network.lumen_radius[chosen],
        colour=colours * light[:, None].astype(np.float32),
        opacity=np.ones(chosen.size),
        camera=camera,
    )
    seen = blend(tubes, camera.width, height=camera.height)
    window = np.s_[panel.top : panel.top + panel.height, panel.left : panel.left + panel.width]
    canvas[window] = seen.light + seen.passed[..., None] * canvas[window]


def _facts(network: VesselNetwork, chosen: npt.NDArray[np.intp], organ: str | None) -> str:
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    if organ is not None:
        beds &= network.organ == network.organ_index(organ)
    radius = network.lumen_radius[chosen]
    narrow, wide = (_diameter_text(2.0 * float(each)) for each in (radius.min(), radius.max()))
    return (
        f"{chosen.size:,} vessels, {int(beds.sum()):,} capillary beds   |   lumen "
        f"{narrow} to {wide}"
    )


def _diameter_text(diameter: float) -> str:
    return f"{1e3 * diameter:.3g} mm" if diameter >= 1e-3 else f"{1e6 * diameter:.3g} um"
