"""One examination of one patient: by which law, on what there is, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np

from ctc.clinic.calendar import CalendarEntry
from ctc.clinic.ctdna import measure_plasma, variant_fraction
from ctc.clinic.disease import Disease, Draws
from ctc.clinic.imaging import FALSE_FINDING, Pictures, examine
from ctc.clinic.liquid_biopsy import count_blood
from ctc.clinic.recist import assess, take_baseline, with_known
from ctc.clinic.tissue_biopsy import sentinel_biopsy, take_biopsy
from ctc.scenario.clinic_tables import BloodDraw
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.knowledge import Found, Knowledge
from ctc.states import ExaminationKind, Response

_PICTURES = (
    *(ExaminationKind.CT, ExaminationKind.MRI, ExaminationKind.PET),
    *(ExaminationKind.MAMMOGRAPHY, ExaminationKind.BONE_SCAN, ExaminationKind.SYMPTOMS),
)
# Pictures of the whole trunk: after them distant organs count as looked at.
_OF_THE_BODY = (ExaminationKind.CT, ExaminationKind.MRI, ExaminationKind.PET)


@dataclass(frozen=True)
class Outcome:
    """What one examination said.

    Attributes
    ----------
    value : float
        Sum of measured diameters [m], cells counted, allele fraction, positive nodes, or 1.
    is_positive : bool
        Whether it says tumour.
    found : list of Found
        Each thing that it showed; false findings by the identity they are known again by.
    true_diameter : list of float [m]
        Of each of them; 0 for false ones.
    response : Response
        By RECIST, of pictures.
    """

    value: float
    is_positive: bool
    found: list[Found] = field(default_factory=list)
    true_diameter: list[float] = field(default_factory=list)
    response: Response = Response.NOT_EVALUABLE

    @property
    def n_true(self) -> int:
        """Findings that are tumours."""
        return sum(each.target > FALSE_FINDING for each in self.found)

    @property
    def n_false(self) -> int:
        """Findings that are none."""
        return len(self.found) - self.n_true


def take_pictures(
    entry: CalendarEntry,
    disease: Disease,
    plan: CarePlan,
    *,
    knowledge: Knowledge,
    draws: Draws,
    lasting: Draws,
    is_treated: bool,
) -> Outcome:
    """Examine by pictures, and judge the response where treatment has begun.

    Before any treatment each picture of a kind is the baseline of its kind.
    """
    kind = ExaminationKind(entry.course.kind)
    names = disease.organ_names
    pictures = examine(
        disease,
        kind,
        laws=plan.detection,
        draws=draws,
        # With none named, pictures of the whole body show what lies between organs too.
        organs=() if entry.is_everywhere else tuple(names[index] for index in entry.organs),
        avidity=plan.patient.avidity,
        lasting=lasting,
    )
    before = knowledge.baselines.get(int(kind))
    response = Response.NOT_EVALUABLE
    if kind == ExaminationKind.SYMPTOMS:
        baseline = None
    elif before is None or not is_treated:
        baseline = take_baseline(pictures, organ_names=names, laws=plan.response, before=before)
    else:
        # What was taken out and shows again is there again: nothing of it is left out.
        # What other pictures have shown is not new on these.
        known = knowledge.present
        before = with_known(before, known["target"], diameter=known["diameter"])
        judged = assess(pictures, before, organ_names=names, laws=plan.response)
        baseline, response = judged.baseline, judged.response
    if baseline is not None:
        knowledge.baselines[int(kind)] = baseline
    _note_looks(knowledge, kind, pictures, disease)
    found = [
        Found(target, organ, diameter)
        for target, organ, diameter in zip(
            pictures.identity.tolist(),
            pictures.organ.tolist(),
            pictures.diameter.tolist(),
            strict=True,
        )
    ]
    return Outcome(
        value=sum(each.diameter for each in found),
        is_positive=pictures.is_positive,
        found=found,
        true_diameter=pictures.true_diameter.tolist(),
        response=response,
    )


def draw_blood(
    entry: CalendarEntry,
    plan: CarePlan,
    *,
    concentration: float,
    cluster_share: float,
    draws: Draws,
) -> Outcome:
    """Count tumour cells in a draw of blood that holds so many events [1/m^3]."""
    order = cast(BloodDraw, entry.course.settings)
    counted = count_blood(
        concentration,
        order.volume,
        test=plan.blood_test,
        draws=draws,
        cluster_share=cluster_share,
    )
    return Outcome(value=float(counted.count), is_positive=counted.is_high)


def look_at_plasma(disease: Disease, plan: CarePlan, *, draws: Draws) -> Outcome:
    """Look for tumour DNA in plasma."""
    fraction = variant_fraction(disease.diameter, test=plan.plasma_test)
    measured = measure_plasma(fraction, test=plan.plasma_test, draws=draws)
    return Outcome(value=measured.fraction, is_positive=measured.is_positive)


def take_tissue(
    entry: CalendarEntry, disease: Disease, plan: CarePlan, *, knowledge: Knowledge, draws: Draws
) -> Outcome | None:
    """Take tissue from the largest of what is known; None where nothing is known."""
    known = knowledge.present
    known = known[entry.covers(known["organ"])]
    if not known.size:
        return None
    largest = known[np.lexsort((known["target"], -known["diameter"]))[0]]
    at = np.flatnonzero(disease.number == largest["target"])
    organ = int(largest["organ"])
    is_tumour = take_biopsy(
        int(disease.key[at[0]]) if at.size else 0,
        disease.organ_names[organ] if organ >= 0 else "",
        is_tumour=bool(at.size),
        laws=plan.needle,
        draws=draws,
    )
    return Outcome(value=float(is_tumour), is_positive=is_tumour)


def take_first_nodes(
    disease: Disease, plan: CarePlan, *, knowledge: Knowledge, draws: Draws
) -> Outcome:
    """Take out the first nodes and look at them."""
    knowledge.looked_at["n"] = True
    seen = sentinel_biopsy(disease, laws=plan.sentinel, stage_laws=plan.stage, draws=draws)
    found = [
        Found(int(disease.number[row]), int(disease.organ[row]), float(disease.diameter[row]))
        for row in seen.rows.tolist()
    ]
    return Outcome(
        value=float(seen.n_positive),
        is_positive=seen.n_positive > 0,
        found=found,
        true_diameter=[each.diameter for each in found],
    )


def examine_patient(
    entry: CalendarEntry,
    disease: Disease,
    *,
    plan: CarePlan,
    knowledge: Knowledge,
    draws: Draws,
    lasting: Draws,
    is_treated: bool,
    blood: tuple[float, float],
) -> Outcome | None:
    """Do what an appointment says; None where there is nothing to do it on.

    Parameters
    ----------
    entry : CalendarEntry
        Of the calendar.
    disease : Disease
        What there is.
    plan : CarePlan
        Laws.
    knowledge : Knowledge
        What was known; pictures and nodes are noted as looked at.
    draws, lasting : Draws
        Of this occasion, and of the patient for good.
    is_treated : bool
        Whether any treatment has begun.
    blood : (float, float) [1/m^3]
        Events in the blood of the vessel, and the share of clusters among them.
    """
    kind = ExaminationKind(entry.course.kind)
    if kind in _PICTURES:
        return take_pictures(
            entry,
            disease,
            plan,
            knowledge=knowledge,
            draws=draws,
            lasting=lasting,
            is_treated=is_treated,
        )
    if kind == ExaminationKind.BLOOD_DRAW:
        concentration, cluster_share = blood
        return draw_blood(
            entry, plan, concentration=concentration, cluster_share=cluster_share, draws=draws
        )
    if kind == ExaminationKind.CTDNA:
        return look_at_plasma(disease, plan, draws=draws)
    if kind == ExaminationKind.BIOPSY:
        return take_tissue(entry, disease, plan, knowledge=knowledge, draws=draws)
    return take_first_nodes(disease, plan, knowledge=knowledge, draws=draws)


def _note_looks(
    knowledge: Knowledge, kind: ExaminationKind, pictures: Pictures, disease: Disease
) -> None:
    if (
        bool((disease.is_primary & pictures.is_in_view).any())
        or kind == ExaminationKind.MAMMOGRAPHY
    ):
        knowledge.looked_at["t"] = True
    if kind in _OF_THE_BODY:
        knowledge.looked_at["n"] = True
        knowledge.looked_at["m"] = True
