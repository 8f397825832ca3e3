"""The calendar of a scenario: who is examined and treated, when and how. Reads no file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ctc.scenario.quantities import (
    Age,
    Dose,
    Duration,
    Factor,
    LesionCount,
    Moment,
    OccasionCount,
    PatientNumber,
    PositiveFactor,
    Probability,
    Volume,
)
from ctc.scenario.table import Table

_YEAR_60 = "60 years"
Target = Literal["primary", "metastases", "nodes"]


class PatientSettings(Table):
    """``[patient]``: who is treated."""

    number: PatientNumber = Field(
        default=0, description="Of a virtual patient in a cohort; all its chances hang on it."
    )
    age: Age = Field(
        default=_YEAR_60,  # type: ignore[assignment]
        description="At the start of the run; deaths of other causes go by it.",
    )
    frailty: Factor = Field(
        default=1.0, description="Factor on the burden that kills; below 1 dies of less."
    )
    growth: PositiveFactor = Field(
        default=1.0, description="Factor on the growth rates of tumours and lesions."
    )
    chemosensitivity: Factor = Field(default=1.0, description="Factor on logs killed by drugs.")
    radiosensitivity: Factor = Field(default=1.0, description="Factor on alpha and beta.")
    immune_response: Probability = Field(
        default=0.5,
        description="Rank among patients by response to immunotherapy, 0 the best of all.",
    )
    targeted_response: Probability = Field(
        default=0.5,
        description="Rank among patients by response to targeted drugs, 0 the best of all.",
    )
    avidity: Factor = Field(default=1.0, description="Factor on uptake of FDG by the tumour.")
    is_mortal: bool = Field(default=True, description="Whether the run ends with a death.")


class Entry(Table):
    """What all entries of the calendar have: a name and a time."""

    name: str = Field(default="", description="Its own; kind and number by default: 'ct 1'.")
    at: Moment | None = Field(default=None, description="From the start of the run.")
    after: str = Field(
        default="",
        description="Instead of `at`: diagnosis, metastasis, relapse, progression, or another "
        "entry by name, which must be over; 'start of' that name: must have begun.",
    )
    delay: Moment = Field(
        default="0 s",  # type: ignore[assignment]
        description="Behind `after`.",
    )


class _Repeated(Entry):
    every: Duration | None = Field(default=None, description="Again after each such time.")
    times: OccasionCount | None = Field(
        default=None, description="How often in all, with `every`; to the end by default."
    )


class _Imaging(_Repeated):
    organs: tuple[str, ...] = Field(
        default=(), strict=False, description="Looked at; all that it can see by default."
    )


class Ct(_Imaging):
    """``[[examination]]`` of kind ``ct``."""

    kind: Literal["ct"] = Field(description="Computed tomography with contrast.")


class Mri(_Imaging):
    """``[[examination]]`` of kind ``mri``."""

    kind: Literal["mri"] = Field(description="Magnetic resonance imaging with contrast.")


class Pet(_Imaging):
    """``[[examination]]`` of kind ``pet``."""

    kind: Literal["pet"] = Field(description="PET with fluorodeoxyglucose, with CT.")


class Mammography(_Imaging):
    """``[[examination]]`` of kind ``mammography``."""

    kind: Literal["mammography"] = Field(description="X-ray picture of the breasts.")


class BoneScan(_Imaging):
    """``[[examination]]`` of kind ``bone_scan``."""

    kind: Literal["bone_scan"] = Field(description="Scintigraphy of the skeleton.")


class Symptoms(_Imaging):
    """``[[examination]]`` of kind ``symptoms``: what the patient notices, and a doctor then finds.

    A visit now and then at which tumours are found that have grown to where they are felt or
    trouble the organ.
    """

    kind: Literal["symptoms"] = Field(description="A lump, pain, a cough: a visit to the doctor.")


class BloodDraw(_Repeated):
    """``[[examination]]`` of kind ``blood_draw``: tumour cells in blood, as CellSearch counts."""

    kind: Literal["blood_draw"] = Field(description="Circulating tumour cells in drawn blood.")
    vessel: str = Field(default="left median cubital vein", description="Where it is drawn.")
    volume: Volume = Field(
        default="7.5 mL",  # type: ignore[assignment]
        description="Drawn.",
    )


class CtDna(_Repeated):
    """``[[examination]]`` of kind ``ctdna``."""

    kind: Literal["ctdna"] = Field(description="Tumour DNA in plasma.")


class Biopsy(_Repeated):
    """``[[examination]]`` of kind ``biopsy``: tissue from the largest lesion that was found."""

    kind: Literal["biopsy"] = Field(description="A needle into what a picture showed.")
    organs: tuple[str, ...] = Field(
        default=(), strict=False, description="From which; any by default."
    )


class SentinelNode(_Repeated):
    """``[[examination]]`` of kind ``sentinel_node``."""

    kind: Literal["sentinel_node"] = Field(description="The first node that drains the primary.")


Examination = Annotated[
    Ct | Mri | Pet | Mammography | BoneScan | Symptoms | BloodDraw | CtDna | Biopsy | SentinelNode,
    Field(discriminator="kind"),
]


class _Local(Entry):
    target: Target = Field(
        default="primary", description="What it is aimed at; of metastases and nodes those found."
    )
    organs: tuple[str, ...] = Field(
        default=(), strict=False, description="Only there; everywhere by default."
    )
    most_lesions: LesionCount | None = Field(
        default=None, description="It is left out if more lesions have been found."
    )


class Surgery(_Local):
    """``[[treatment]]`` of kind ``surgery``."""

    kind: Literal["surgery"] = Field(description="Takes tumour out.")
    handling: Factor = Field(
        default=1.0,
        description="Factor on what the tumour sheds in the last epoch before it is out.",
    )


class Radiation(_Local):
    """``[[treatment]]`` of kind ``radiation``."""

    kind: Literal["radiation"] = Field(description="External beam in fractions.")
    dose: Dose = Field(description="Of one fraction.")
    fractions: OccasionCount = Field(default=1, description="How many.")
    interval: Duration = Field(
        default="1 day",  # type: ignore[assignment]
        description="Between two fractions.",
    )


class Chemotherapy(Entry):
    """``[[treatment]]`` of kind ``chemotherapy``."""

    kind: Literal["chemotherapy"] = Field(description="A drug in cycles.")
    cycles: OccasionCount = Field(default=6, description="How many.")
    interval: Duration = Field(
        default="3 weeks",  # type: ignore[assignment]
        description="Between two cycles.",
    )
    log_kill: Factor | None = Field(
        default=None, description="Decimal logs a cycle at the reference pace; the set's by default"
    )


class _Continued(Entry):
    duration: Duration | None = Field(
        default=None, description="How long; to the end of the run by default."
    )


class Targeted(_Continued):
    """``[[treatment]]`` of kind ``targeted``."""

    kind: Literal["targeted"] = Field(description="An inhibitor of one pathway.")
    pathway: Literal["growth", "extravasation", "survival"] = Field(
        default="growth", description="What it acts on."
    )


class Immunotherapy(_Continued):
    """``[[treatment]]`` of kind ``immunotherapy``."""

    kind: Literal["immunotherapy"] = Field(description="Checkpoint inhibitors.")
    regimen: Literal["combination", "anti_pd1", "anti_ctla4"] = Field(
        default="anti_pd1", description="Which."
    )


class BoneModifying(_Continued):
    """``[[treatment]]`` of kind ``bone_modifying``."""

    kind: Literal["bone_modifying"] = Field(description="Denosumab or a bisphosphonate.")


class Antiplatelet(_Continued):
    """``[[treatment]]`` of kind ``antiplatelet``."""

    kind: Literal["antiplatelet"] = Field(description="Aspirin or a P2Y12 blocker.")


Treatment = Annotated[
    Surgery | Radiation | Chemotherapy | Targeted | Immunotherapy | BoneModifying | Antiplatelet,
    Field(discriminator="kind"),
]
