"""A scan of a run at a moment: volume, and what of its tumours such pictures would show."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.clinic.detection import detection_probability, groups_of, resolve_detection
from ctc.clinic.deviates import log_logistic
from ctc.errors import InputError
from ctc.record.layout import NANOSECONDS
from ctc.record.reader import Run
from ctc.scan.anatomy import paint_blood, paint_body
from ctc.scan.scanner import blurred, counted
from ctc.scan.tumours import Tumours, read_tumours
from ctc.scan.volume import Grid, Values, paint_ball
from ctc.scenario.parameters import Parameter, ParameterSet, load_parameters
from ctc.states import ExaminationKind
from ctc.viewer.body_shapes import body_size, fitting_territories
from ctc.viewer.scene import duration_text

# Cubes a full width at half maximum; the least edge of a cube in a person [m].
_CUBES_A_WIDTH, _FINEST = 1.375, 2.5e-3
_ROOM = 20e-3  # [m] around a person
# A body smaller than this part of a person is scanned as animals are.
_ANIMAL = 0.5
_OVERT = 1e-3  # [m]: smaller lesions are left out of what is told


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
    grid : Grid
        Of the volume.
    volume : (nx, ny, nz) float32
        SUV, or Hounsfield units.
    size : float
        Of the body over a person's.
    tumours : Tumours
        What there is.
    chance : (n,) float64
        Of each tumour or lesion to be shown by such pictures.
    values : ParameterSet
        `scan` of the shipped sets.
    """

    modality: Modality
    title: str
    label: str
    time: int
    grid: Grid
    volume: Values
    size: float
    tumours: Tumours
    chance: FloatArray
    values: ParameterSet

    def caption(self) -> str:
        """Return in words what there is and what of it such pictures would show."""
        disease = self.tumours.disease
        is_told = ~disease.is_primary & (disease.diameter >= _OVERT)
        n_told, n_small = int(is_told.sum()), int((~disease.is_primary & ~is_told).sum())
        lines = [f"{int(disease.is_primary.sum())} primary tumour(s)"]
        for diameter, chance in zip(
            disease.diameter[disease.is_primary], self.chance[disease.is_primary], strict=True
        ):
            lines.append(f"  {_length(diameter)}, shown with {chance:.0%}")
        lines.append(f"{n_told} lesion(s) of {_length(_OVERT)} and more")
        if n_told:
            largest = float(disease.diameter[is_told].max())
            lines.append(f"  {self.chance[is_told].sum():.1f} of them shown, on average")
            lines.append(f"  the largest {_length(largest)}")
        if n_small:
            lines.append(f"{n_small} smaller")
        if self.tumours.are_sizes_shared:
            lines.append("sizes: cells of each organ,\nshared out by age of lesion")
        return "\n".join(lines)


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
    scenario = run.scenario()
    network = run.network()
    body = scenario["body"]
    territories = (
        fitting_territories(body["plan"], network.node_position, surfaces=body.get("surfaces", {}))
        if "plan" in body
        else {}
    )
    if not territories:
        message = (
            "run must be of a grown body, whose organs have shapes, got vessels of another. "
            "Draw it with ctc render."
        )
        raise InputError(message, file=str(run.path))
    now = _moment(run, time)
    size = body_size(body)
    values = load_parameters("scan")
    seed = int(run.provenance.seed)
    kind = "animal_" if size < _ANIMAL else ""
    resolution = values.value(f"scanner.{kind}{modality.value}_resolution")
    boxes = np.stack([part.bounds() for parts in territories.values() for part in parts])
    grid = Grid.around(
        np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)]),
        max(resolution / _CUBES_A_WIDTH, _FINEST * size),
        room=_ROOM * size,
    )
    group = "uptake" if modality is Modality.PET else "hounsfield"
    by_tissue = {name: entry.value for name, entry in values.group(group).items()}
    volume = paint_body(
        grid,
        territories,
        values=by_tissue,
        size=size,
        is_patchy=modality is Modality.PET,
        seed=seed,
    )
    paint_blood(volume, grid, network, value=by_tissue["blood"], size=size)
    tumours = read_tumours(run, network, time=now)
    parameters = _parameters(scenario)
    avidity = float(scenario.get("patient", {}).get("avidity", 1.0))
    _paint_tumours(
        volume,
        grid,
        tumours,
        values=_uptakes(tumours, parameters, avidity=avidity, seed=seed)
        if modality is Modality.PET
        else np.full(tumours.disease.number.size, by_tissue["tumour"]),
    )
    provenance = run.provenance
    return Scan(
        modality=modality,
        title=scenario.get("scenario", {}).get("title", ""),
        label=f"ctc {provenance.version}, seed {seed}, network {provenance.network_hash[:8]}",
        time=now,
        grid=grid,
        volume=_measured(
            volume, grid, modality, values=values, resolution=resolution, seed=seed + now
        ),
        size=size,
        tumours=tumours,
        chance=_chances(tumours, modality, parameters=parameters, avidity=avidity),
        values=values,
    )


def _moment(run: Run, time: float | None) -> int:
    times = run.series()["time"]
    if not times.size:
        message = "run must have an epoch behind it, got none yet. Wait for its first."
        raise InputError(message, file=str(run.path))
    if time is None:
        return int(times[-1])
    wanted = time * NANOSECONDS
    if not 0.0 <= wanted <= times[-1] + 1.0:
        message = (
            f"time must lie in 0 s .. {duration_text(int(times[-1]))}, got "
            f"{duration_text(int(wanted))}. Choose another."
        )
        raise InputError(message, file=str(run.path), key="--time")
    return int(times[int(np.argmin(np.abs(times - wanted)))])


def _measured(
    volume: Values,
    grid: Grid,
    modality: Modality,
    *,
    values: ParameterSet,
    resolution: float,
    seed: int,
) -> Values:
    if modality is Modality.PET:
        return counted(
            volume,
            grid,
            resolution=resolution,
            noise=values.value("scanner.noise"),
            reference=values.value("uptake.liver"),
            seed=seed,
        )
    clean = blurred(volume, grid, resolution=resolution)
    white = np.random.Generator(np.random.Philox(key=seed % 2**64)).standard_normal(
        volume.shape, dtype=np.float32
    )
    clean += white * np.float32(values.value("scanner.ct_noise"))
    return clean


def _paint_tumours(volume: Values, grid: Grid, tumours: Tumours, *, values: FloatArray) -> None:
    radius = 0.5 * tumours.disease.diameter
    # What is smaller than a hundredth of a cube does not change one by a part in a million.
    for row in np.flatnonzero(radius > 0.005 * grid.pitch):
        paint_ball(
            volume,
            grid,
            centre=tumours.centre[row],
            radius=float(radius[row]),
            value=float(values[row]),
        )


def _uptakes(
    tumours: Tumours, parameters: ParameterSet, *, avidity: float, seed: int
) -> FloatArray:
    """Return the SUV of each tumour and lesion: its own, whatever else there is."""
    spread = parameters.value("diagnosis.pet.spread")
    median = parameters.value("diagnosis.pet.uptake") * avidity
    deviate = np.array(
        [
            (np.random.Philox(key=np.array([seed, key], dtype=np.uint64)).random_raw() >> 12) + 0.5
            for key in tumours.disease.key.tolist()
        ]
    )
    return median * log_logistic(deviate.reshape(-1) * 2.0**-52, spread=spread)


def _chances(
    tumours: Tumours, modality: Modality, *, parameters: ParameterSet, avidity: float
) -> FloatArray:
    disease, laws = tumours.disease, resolve_detection(parameters)
    groups = np.array(groups_of(disease.organ_names))[disease.organ]
    chance = np.zeros(disease.number.size)
    for group in np.unique(groups):
        rows = groups == group
        chance[rows] = detection_probability(
            disease.diameter[rows],
            ExaminationKind[modality.name],
            group=str(group),
            laws=laws,
            avidity=avidity,
        )
    return chance


def _parameters(scenario: Mapping[str, Any]) -> ParameterSet:
    """Return the parameters of a run; shipped ones where it is older than they are."""
    shipped = load_parameters("diagnosis")
    found = {f"diagnosis.{name}": entry for name, entry in shipped.items()}
    for name, entry in scenario.get("parameters", {}).items():
        found[name] = Parameter(name=name, **entry)
    return ParameterSet("run", found)


def _length(metres: float) -> str:
    return f"{metres * 1e3:.3g} mm" if metres < 0.1 else f"{metres * 1e2:.3g} cm"
