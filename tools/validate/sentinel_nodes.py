"""Row 24: how often sentinel nodes are negative although nodes are positive."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ctc import pipeline
from ctc.checks import FloatArray
from ctc.clinic.disease import Disease
from ctc.clinic.staging import resolve_staging
from ctc.clinic.tissue_biopsy import resolve_sentinel, sentinel_biopsy
from tools.validate.published import published_figures
from tools.validate.rows import Figure, Outcome, Sheet, inside

_SIZES = (0.3e-3, 0.5e-3, 1e-3, 2.5e-3, 5e-3, 10e-3)
_SEEN = 2.5e-3  # [m], of a deposit that every section meets


class _Words:
    """Uniform deviates of one patient, by key and number."""

    def __init__(self, patient: int) -> None:
        self._patient = patient

    def uniform(self, keys: npt.NDArray[np.uint64], number: int) -> FloatArray:
        """Return a deviate in (0, 1) for each key."""
        found = [
            np.random.Philox(key=self._patient, counter=[int(key), number, 0, 0]).random_raw()
            for key in keys
        ]
        deviates: FloatArray = ((np.array(found, dtype=np.uint64) >> np.uint64(11)) + 0.5) / 2**53
        return deviates


@dataclass(frozen=True)
class SentinelNodes:
    """Patients with one deposit in a node, examined by the law.

    Attributes
    ----------
    n_patients : int
        With the deposit that is judged; a tenth as many with each of the others.
    """

    n_patients: int = 20_000
    number: int = 24
    name: str = "sentinel_nodes"
    body: str = "any"
    source: str = "Krag 2007 Lancet Oncol 8:881 (NSABP B-32, from memory)"
    law: str = "the node taken out may be the wrong one: it never is"

    def measure(self, *, ablated: bool) -> Outcome:
        """Examine patients with deposits of several sizes."""
        published = published_figures("clinic")["sentinel_false_negative"]
        parameters = pipeline.load_scenario("quick").parameters
        laws, stages = resolve_sentinel(parameters), resolve_staging(parameters)
        if ablated:
            laws = replace(laws, false_negative=0.0)
        missed = {}
        for size in _SIZES:
            n = self.n_patients if size == _SEEN else self.n_patients // 10
            negative = 0
            for patient in range(n):
                found = sentinel_biopsy(
                    _deposit(size), laws=laws, stage_laws=stages, draws=_Words(patient)
                )
                negative += found.n_positive == 0
            missed[size] = negative / n
        got = missed[_SEEN]
        figure = Figure(
            name="sentinel nodes negative, nodes with a deposit of 2.5 mm",
            target=published.band,
            tolerance="inside the band",
            got=got,
            standard_error=float(np.sqrt(got * (1.0 - got) / self.n_patients)),
            n=self.n_patients,
            basis="fitted",
            is_met=inside(got, *published.band),
        )
        sheet = Sheet(
            "By the size of the deposit",
            ("diameter [mm]", "negative"),
            tuple((1e3 * size, share) for size, share in missed.items()),
        )
        note = (
            "Trials judge sentinel nodes by the nodes taken out after them and cut alike, so what "
            "no section meets is in neither: the figure is that of deposits that all sections meet."
        )
        return Outcome((figure,), {}, (note,), (sheet,))


def _deposit(diameter: float) -> Disease:
    """Return a disease with one lesion in a node."""
    return Disease(
        number=np.array([0]),
        key=np.array([5], dtype=np.uint64),
        organ=np.array([0], dtype=np.int16),
        cells=np.array([1e6]),
        diameter=np.array([diameter]),
        growth_rate=np.zeros(1),
        reference_rate=np.zeros(1),
        resistant_share=np.zeros(1),
        organ_names=("lymph nodes",),
    )
