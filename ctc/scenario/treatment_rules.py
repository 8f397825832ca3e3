"""The parameters of what treatments do: name, dimension, range. Holds no value."""

from __future__ import annotations

from ctc.scenario.rule import Rule

_SHARE = Rule("number", highest=1.0)
_FACTOR = Rule("number", highest=1e6)
# Ten decimal logs a cycle leave nothing of any tumour; a few products still fit a float.
_LOGS = Rule("number", highest=10.0)
# A tumour may shrink a hundred times as fast as it grew, and not faster.
_GROWTH = Rule("number", lowest=-100.0, highest=100.0)
_LONG = Rule("time", highest=1e11)
_RATE = Rule("rate", highest=1e3, why="clocks of cells at rest tick every 65.5 us")
_DOSE = Rule("dose", highest=1e3)

_REGIMENS = ("combination", "anti_pd1", "anti_ctla4")
_CLASSES = ("complete", "partial", "stable")

PARAMETERS: dict[str, Rule] = {
    "treatment.surgery.residual_probability": _SHARE,
    "treatment.surgery.residual_probability_of_metastasis": _SHARE,
    "treatment.surgery.residual_cells": Rule("number", lowest=1.0, highest=1e18),
    "treatment.chemotherapy.log_kill": _LOGS,
    "treatment.chemotherapy.highest_pace": Rule("number", highest=1e3),
    "treatment.chemotherapy.circulating_share": _FACTOR,
    "treatment.chemotherapy.arrested_share": _FACTOR,
    "treatment.chemotherapy.tissue_share": _FACTOR,
    "treatment.chemotherapy.dormant_share": _FACTOR,
    "treatment.resistance.mutation_rate": _SHARE,
    "treatment.radiation.alpha": Rule("per_dose", highest=1e3),
    "treatment.radiation.alpha_beta": Rule("dose", lowest=1e-3, highest=1e6),
    "treatment.radiation.alpha_spread": Rule("number", highest=3.0),
    "treatment.radiation.clonogen_share": _SHARE,
    "treatment.radiation.repopulation_dose": _DOSE,
    "treatment.radiation.kick_off": _LONG,
    "treatment.radiation.margin": Rule("length", highest=1.0),
    "treatment.radiation.organ_share": _SHARE,
    "treatment.targeted.response_share": _SHARE,
    "treatment.targeted.growth_factor": _GROWTH,
    "treatment.targeted.other_growth_factor": _GROWTH,
    "treatment.targeted.extravasation_factor": _FACTOR,
    "treatment.targeted.death_rate": _RATE,
    **{
        f"treatment.immunotherapy.{regimen}.{each}": _SHARE
        for regimen in _REGIMENS
        for each in _CLASSES
    },
    "treatment.immunotherapy.complete_growth": _GROWTH,
    "treatment.immunotherapy.partial_growth": _GROWTH,
    "treatment.immunotherapy.stable_growth": _GROWTH,
    "treatment.immunotherapy.partial_time": _LONG,
    "treatment.immunotherapy.durable_share": _SHARE,
    "treatment.immunotherapy.response_time": _LONG,
    "treatment.immunotherapy.stable_time": _LONG,
    "treatment.immunotherapy.immune_factor": _FACTOR,
    "treatment.bone_modifying.colony_factor": _FACTOR,
    "treatment.bone_modifying.growth_factor": _GROWTH,
    "treatment.antiplatelet.platelets": _SHARE,
}
