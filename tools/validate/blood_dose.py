"""Row 22: what a fraction gives to blood, in HEDOS' published problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.backends.cpu import CpuBackend
from ctc.checks import FloatArray
from ctc.clinic.irradiation import mean_blood_dose
from tools.bench.hedos_graph import CompartmentGraph, read_graph
from tools.bench.hedos_kernels import CompartmentWalk
from tools.validate.rows import Curve, Figure, Outcome, Panel, Sheet, within_share

_DOSE = 2.0  # [Gy], of one fraction, in the tumour
# Begin and length of beams [s] as in HEDOS' examples: one short, and four.
_SHORT = ((10.0, 10.0),)
_LONG = ((10.0, 20.0), (40.0, 20.0), (70.0, 20.0), (100.0, 20.0))
_STEP = 0.25  # [s], between looks
_TUMOUR = "tumor"
_TOLERANCE = 0.05
_PANEL = Panel("2 Gy to a lung tumour in 10 s", "dose [Gy]", "share of the blood with more")


@dataclass(frozen=True)
class BloodDose:
    """Blood by the kernels' beds between the 33 compartments of HEDOS, looked at while it beams.

    Attributes
    ----------
    n_particles : int
        Of blood.
    """

    n_particles: int = 400_000
    number: int = 22
    name: str = "blood_dose"
    body: str = "compartments of ICRP 89, female"
    source: str = "Beekman 2023 Phys Med Biol 68:225007; mghro/hedos 139e1a2, examples/BloodDose.py"
    law: str = "blood flows: it stands still while the beam is on"

    def measure(self, *, ablated: bool) -> Outcome:
        """Follow blood through the beams and add up what each particle gets."""
        graph = read_graph()
        tumour = graph.names.index(_TUMOUR)
        share = float(graph.share[tumour])
        walk = CompartmentWalk(graph, CpuBackend(), n_particles=self.n_particles)
        doses = {
            name: _doses(walk, beams, tumour=tumour, is_still=ablated)
            for name, beams in (("10 s", _SHORT), ("four of 20 s", _LONG))
        }
        wanted = mean_blood_dose(_DOSE, share)
        figures = [self._mean(name, dose, wanted=wanted) for name, dose in doses.items()]
        figures.append(self._touched(doses["10 s"], graph, tumour=tumour))
        levels = np.geomspace(1e-3, _DOSE, 80)
        curves = {
            f"beam of {name}": Curve(
                _PANEL, levels, np.array([float((dose > level).mean()) for level in levels])
            )
            for name, dose in doses.items()
        }
        sheet = Sheet(
            "Dose to blood",
            ("beam", "mean [mGy]", "share with any", "99 % have less than [Gy]", "most [Gy]"),
            tuple(
                (
                    name,
                    1e3 * float(dose.mean()),
                    float((dose > 0.0).mean()),
                    float(np.quantile(dose, 0.99)),
                    float(dose.max()),
                )
                for name, dose in doses.items()
            ),
        )
        notes = (
            (
                "The mean is the dose of the tumour times its share of the blood, whatever the "
                "flow: an identity, which `mean_blood_dose` of the clinic uses. How the dose is "
                "spread is not: with blood at rest it is all in the 0.5 % that the tumour holds. "
                "HEDOS' page prints a histogram and no mean."
            ),
        )
        return Outcome(tuple(figures), curves, notes, (sheet,))

    def _mean(self, name: str, dose: FloatArray, *, wanted: float) -> Figure:
        got = float(dose.mean())
        return Figure(
            name=f"mean dose to blood, beam of {name}",
            target=1e3 * wanted,
            tolerance=f"{100 * _TOLERANCE:.0f} %",
            got=1e3 * got,
            standard_error=1e3 * float(dose.std()) / np.sqrt(dose.size),
            n=dose.size,
            basis="identity",
            is_met=within_share(got, wanted, _TOLERANCE),
            unit="mGy",
        )

    def _touched(self, dose: FloatArray, graph: CompartmentGraph, *, tumour: int) -> Figure:
        """Return the share that a short beam touches: what is there, and what comes."""
        seconds = _SHORT[0][1]
        comes = float(graph.flow[:, tumour].sum()) * seconds / float(graph.volume.sum())
        wanted = float(graph.share[tumour]) + comes
        got = float((dose > 0.0).mean())
        return Figure(
            name="share of the blood that a beam of 10 s touches",
            target=wanted,
            tolerance=f"{100 * _TOLERANCE:.0f} %",
            got=got,
            standard_error=float(np.sqrt(got * (1.0 - got) / dose.size)),
            n=dose.size,
            basis="predicted",
            is_met=within_share(got, wanted, _TOLERANCE),
        )


def _doses(
    walk: CompartmentWalk,
    beams: tuple[tuple[float, float], ...],
    *,
    tumour: int,
    is_still: bool,
) -> FloatArray:
    """Return the dose of each particle [Gy], by looks in the middle of short steps."""
    rate = _DOSE / sum(length for _, length in beams)
    dose = np.zeros(walk.n_particles)
    walk.restart()
    for begin, length in beams:
        for i in range(round(length / _STEP)):
            time = 0.0 if is_still else begin + (i + 0.5) * _STEP
            walk.advance(time)
            dose[walk.particles_in(tumour)] += rate * _STEP
    return dose
