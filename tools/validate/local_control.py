"""Row 21: local control of stereotactic radiation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ctc import pipeline
from ctc.clinic.radiation import biologically_effective_dose, control_among_patients
from ctc.clinic.treatment_laws import resolve_treatment
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, Sheet, inside

_SCHEMES = ((4, 12.0), (5, 11.0), (3, 18.0), (8, 7.5), (1, 30.0))
_BELOW = ((5, 5.0), (10, 4.0), (30, 2.0), (4, 10.0))
_ALPHA_BETA = 10.0
_DIAMETER = 3e-2
_PANEL = Panel("Tumour of 3 cm", "BED10 [Gy]", "local control")


@dataclass(frozen=True)
class LocalControl:
    """Schemes of stereotactic radiation, patients of different alpha; nothing is drawn."""

    number: int = 21
    name: str = "local_control"
    body: str = "any, cancers/lung"
    source: str = "BED10 >= 100 Gy: Onishi 2007 J Thorac Oncol 2:S94 (from memory)"
    law: str = "two hits kill as well as one (alpha/beta): only single hits do"

    def measure(self, *, ablated: bool) -> Outcome:
        """Integrate control over patients for schemes above and below 100 Gy."""
        band = published_figures("clinic")["sbrt_control"].band
        parameters = pipeline.load_scenario(
            "quick", overrides=["cancer.set=cancers/lung"]
        ).parameters
        law = resolve_treatment(parameters).radiation
        if ablated:
            law = replace(law, alpha_beta=1e12)
        per_volume = parameters.value("tumour.cells_per_mass") * parameters.value("tumour.density")
        cells = math.pi / 6.0 * _DIAMETER**3 * per_volume

        def control(scheme: tuple[int, float]) -> float:
            return control_among_patients(cells, scheme[1], fractions=scheme[0], law=law)

        found = {scheme: control(scheme) for scheme in (*_SCHEMES, *_BELOW)}
        least = min(found[scheme] for scheme in _SCHEMES)
        effective = {scheme: _effective(scheme) for scheme in found}
        figure = Figure(
            name="local control, least of five schemes with BED10 of 100 Gy and more",
            target=band,
            tolerance="inside the band",
            got=least,
            standard_error=None,
            n=0,
            basis="fitted",
            is_met=inside(least, *band),
        )
        order = sorted(found, key=effective.__getitem__)
        curve = Curve(
            _PANEL,
            np.array([effective[s] for s in order]),
            np.array([found[s] for s in order]),
            style="points",
        )
        sheet = Sheet(
            "Schemes",
            ("fractions", "dose [Gy]", "BED10 [Gy]", "control"),
            tuple((s[0], s[1], effective[s], found[s]) for s in order),
        )
        note = (
            "alpha, its spread between patients and the share of clonogens are assumed with this "
            "figure in view; what is below 100 Gy follows from them. Without repopulation."
        )
        return Outcome((figure,), {"by the law": curve}, (note,), (sheet,))


def _effective(scheme: tuple[int, float]) -> float:
    return biologically_effective_dose(scheme[1], fractions=scheme[0], alpha_beta=_ALPHA_BETA)
