"""A scan of a run at a moment: its pictures from the front and from the side."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Run
from ctc.scan.anatomy import Territories, paint_blood, paint_body
from ctc.scan.findings import chances, parameters_of, told, uptakes
from ctc.scan.scanner import DEPTH_AXIS, blurred, counted, extent, mean_along, projected
from ctc.scan.tumours import Tumours, read_tumours
from ctc.scan.volume import Grid, Values, paint_ball
from ctc.scenario.parameters import ParameterSet, load_parameters
from ctc.states import ExaminationKind
from ctc.vessels.network import VesselNetwork
from ctc.viewer.body_shapes import body_size, fitting_territories
from ctc.viewer.camera import View
from ctc.viewer.scene import duration_text

VIEWS = (View.FRONT, View.SIDE)
# Cubes a full width at half maximum; the least edge of a cube in a person [m].
_CUBES_A_WIDTH, _FINEST = 1.375, 1.5e-3
_ROOM = 20e-3  # [m] around a person
# A body smaller than this part of a person is scanned as animals are.
_ANIMAL = 0.5
# Hounsfield units that are shown black and white.
_DARK, _BRIGHT = -250.0, 350.0


class Modality(enum.StrEnum):
    """What kind of pictures; the values are the words of the command line."""

    PET = "pet"
    CT = "ct"


@dataclass(frozen=True)
class Scan:
    """A scanned body.

    Attributes
    ----------
    modality : Modality
        By what.
    title : str
        Of the run.
    label : str
        Seed, version and network.
    time : int [ns]
        The moment.
    pictures : dict of View to (height, width) float32
        SUV or Hounsfield units, top and left first; PET the largest along each line of sight, CT
        the mean over a slab.
    edges : dict of View to tuple of float [m]
        Left, right, bottom and top of each.
    shades : tuple of float
        The values that are shown in the lightest and the darkest shade.
    slab : float [m]
        Thickness of the slabs; 0 for PET.
    tumours : Tumours
        What there is.
    chance : (n,) float64 or None
        Of each tumour or lesion to be found by such pictures; unknown of animals.
    """

    modality: Modality
    title: str
    label: str
    time: int
    pictures: dict[View, Values]
    edges: dict[View, tuple[float, float, float, float]]
    shades: tuple[float, float]
    slab: float
    tumours: Tumours
    chance: FloatArray | None

    def caption(self) -> str:
        """Return in words what there is and what of it such pictures show."""
        return told(self.tumours, self.chance)


@dataclass(frozen=True)
class _Patient:
    """What is scanned."""

    network: VesselNetwork
    territories: Territories
    tumours: Tumours
    size: float
    seed: int
    values: ParameterSet

    @property
    def is_animal(self) -> bool:
        """Whether a scanner for small animals is used."""
        return self.size < _ANIMAL

    def box(self) -> FloatArray:
        """Return the (2, 3) box around all shapes and tumours [m]."""
        boxes = [part.bounds() for parts in self.territories.values() for part in parts]
        radius = 0.5 * self.tumours.disease.diameter[:, None]
        low = np.concatenate([[box[0] for box in boxes], self.tumours.centre - radius])
        high = np.concatenate([[box[1] for box in boxes], self.tumours.centre + radius])
        return np.stack([low.min(axis=0), high.max(axis=0)])

    def resolution(self, modality: Modality) -> float:
        """Return the full width at half maximum of such pictures [m]."""
        kind = "animal_" if self.is_animal else ""
        return self.values.value(f"scanner.{kind}{modality.value}_resolution")

    def pitch(self, modality: Modality) -> float:
        """Return the edge of a cube [m]."""
        return max(self.resolution(modality) / _CUBES_A_WIDTH, _FINEST * self.size)


def scan_run(run: Run, *, modality: Modality, time: float | None = None) -> Scan:
    """Scan the body of a run.

    Parameters
    ----------
    run : Run
        Finished, running or killed.
    modality : Modality
        By what.
    time : float [s], optional
        The end of an epoch nearest to it; the last by default.

    Returns
    -------
    Scan
        The same for the same run, modality and time.

    Raises
    ------
    InputError
        If the vessels are not those of a body plan, which alone has organs with shapes, or the
        time lies outside the run.
    """
    scenario, network = run.scenario(), run.network()
    territories = _shapes(run, scenario, network=network)
    now = _moment(run, time)
    provenance = run.provenance
    patient = _Patient(
        network=network,
        territories=territories,
        tumours=read_tumours(run, network, time=now),
        size=body_size(scenario["body"]),
        seed=int(provenance.seed),
        values=load_parameters("scan"),
    )
    parameters = parameters_of(scenario)
    avidity = float(scenario.get("patient", {}).get("avidity", 1.0))
    slab = 0.0
    if modality is Modality.PET:
        suv = uptakes(patient.tumours, parameters, avidity=avidity, seed=patient.seed)
        grid, volume = _pet(patient, suv, seed=patient.seed + now)
        pictures = {view: projected(volume, view) for view in VIEWS}
        edges = {view: extent(grid, view) for view in VIEWS}
        shades = 0.0, patient.values.value("scanner.window")
    else:
        slab = patient.values.value("scanner.slab") * patient.size
        cuts = {view: _ct(patient, view, slab=slab, seed=patient.seed + now) for view in VIEWS}
        pictures = {view: mean_along(volume, view) for view, (_, volume) in cuts.items()}
        edges = {view: extent(grid, view) for view, (grid, _) in cuts.items()}
        shades = _DARK, _BRIGHT
    return Scan(
        modality=modality,
        title=scenario.get("scenario", {}).get("title", ""),
        label=f"ctc {provenance.version}, seed {provenance.seed}, "
        f"network {provenance.network_hash[:8]}",
        time=now,
        pictures=pictures,
        edges=edges,
        shades=shades,
        slab=slab,
        tumours=patient.tumours,
        chance=None
        if patient.is_animal
        else chances(
            patient.tumours,
            ExaminationKind[modality.name],
            parameters=parameters,
            avidity=avidity,
        ),
    )


def _shapes(run: Run, scenario: Mapping[str, Any], *, network: VesselNetwork) -> Territories:
    body = scenario["body"]
    found = {}
    if "plan" in body:
        found = fitting_territories(
            body["plan"], network.node_position, surfaces=body.get("surfaces", {})
        )
    if not found:
        message = (
            "run must be of a grown body, whose organs have shapes, got vessels of another. "
            "Draw it with ctc render."
        )
        raise InputError(message, file=str(run.path))
    return found


def _moment(run: Run, time: float | None) -> int:
    times = run.series()["time"] if run.n_epochs else np.zeros(0, dtype=np.int64)
    if not times.size:
        message = "run must have an epoch behind it, got none yet. Wait for its first."
        raise InputError(message, file=str(run.path))
    if time is None:
        return int(times[-1])
    wanted = time * NANOSECONDS
    if not 0.0 <= wanted <= times[-1] + 1.0:
        message = (
            f"time must lie in 0 s .. {duration_text(int(times[-1]))}, got {time:.6g} s. "
            "Choose another."
        )
        raise InputError(message, file=str(run.path), key="--time")
    return int(times[int(np.argmin(np.abs(times - wanted)))])


def _pet(patient: _Patient, uptake: FloatArray, *, seed: int) -> tuple[Grid, Values]:
    grid = Grid.around(patient.box(), patient.pitch(Modality.PET), room=_ROOM * patient.size)
    volume = _painted(patient, grid, group="uptake", level_axis=2)
    _paint_tumours(volume, grid, patient.tumours, values=uptake)
    measured = counted(
        volume,
        grid,
        resolution=patient.resolution(Modality.PET),
        noise=patient.values.value("scanner.noise"),
        reference=patient.values.value("uptake.liver"),
        seed=seed,
    )
    return grid, measured


def _ct(patient: _Patient, view: View, *, slab: float, seed: int) -> tuple[Grid, Values]:
    axis, box = DEPTH_AXIS[view], patient.box()
    depth = _slab_depth(patient, axis)
    box[:, axis] = depth - 0.5 * slab, depth + 0.5 * slab
    room = np.full(3, _ROOM * patient.size)
    room[axis] = 0.0
    grid = Grid.around(box, patient.pitch(Modality.CT), room=room)
    volume = _painted(patient, grid, group="hounsfield", level_axis=axis)
    tumour = np.full(patient.tumours.centre.shape[0], patient.values.value("hounsfield.tumour"))
    _paint_tumours(volume, grid, patient.tumours, values=tumour)
    measured = blurred(volume, grid, resolution=patient.resolution(Modality.CT))
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, axis], dtype=np.uint64)))
    noise = np.float32(patient.values.value("scanner.ct_noise"))
    return grid, measured + noise * generator.standard_normal(grid.shape, dtype=np.float32)


def _painted(patient: _Patient, grid: Grid, *, group: str, level_axis: int) -> Values:
    by_tissue = {name: entry.value for name, entry in patient.values.group(group).items()}
    volume = paint_body(
        grid,
        patient.territories,
        values=by_tissue,
        size=patient.size,
        is_patchy=group == "uptake",
        seed=patient.seed,
        level_axis=level_axis,
    )
    paint_blood(volume, grid, patient.network, value=by_tissue["blood"], size=patient.size)
    return volume


def _paint_tumours(volume: Values, grid: Grid, tumours: Tumours, *, values: FloatArray) -> None:
    radius = 0.5 * tumours.disease.diameter
    # A ball of a twentieth of a cube's edge is a two-thousandth of a cube: no picture shows it, and
    # there may be a hundred thousand.
    for row in np.flatnonzero(radius > 0.05 * grid.pitch):
        paint_ball(
            volume,
            grid,
            centre=tumours.centre[row],
            radius=float(radius[row]),
            value=float(values[row]),
        )


def _slab_depth(patient: _Patient, axis: int) -> float:
    """Return where a slab cuts most of what there is of tumour; through the lungs if nothing."""
    depth = patient.tumours.centre[:, axis]
    radius = 0.5 * patient.tumours.disease.diameter
    if depth.size:
        cut = np.square(radius) - np.square(depth[:, None] - depth)
        return float(depth[int(np.argmax(np.maximum(cut, 0.0).sum(axis=1)))])
    lungs = patient.territories.get("lung") or next(iter(patient.territories.values()))
    return float(np.mean([part.bounds()[:, axis].mean() for part in lungs]))
