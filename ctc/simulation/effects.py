"""What treatments under way do to cells: as tables of the kernels, as rows, and back again."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.clinic.systemic import NEUTRAL, SystemicEffect
from ctc.clinic.treated_biology import treated_biology
from ctc.scenario.biology import organ_key
from ctc.simulation.care_plan import CarePlan
from ctc.simulation.clinic_rows import EFFECT
from ctc.simulation.setting import Setting
from ctc.simulation.tables import Tables, other_rates

_EVERYWHERE = -1
# Columns of the whole body that are fields of an effect; an organ has two of its own.
_PLAIN = (
    *("blood_hazard", "arrested_death_rate", "tissue_death_rate", "dormant_death_rate"),
    *("immune_factor", "platelets", "extravasation_factor", "colony_factor", "escape_factor"),
)


def tables_under(effect: SystemicEffect, plan: CarePlan, setting: Setting) -> Tables:
    """Return what the cells of a patient obey; the very tables of the setting if nothing changes.

    Parameters
    ----------
    effect : SystemicEffect
        Of all treatments together.
    plan : CarePlan
        Of the patient.
    setting : Setting
        Of the patient, untreated.
    """
    treated = treated_biology(
        plan.biology,
        effect,
        platelet_protection=plan.platelet_protection,
        host_platelets=plan.platelets,
    )
    if treated is plan.biology:
        return setting.tables
    return other_rates(setting.tables, setting.hops, treated, organ_names=plan.organ_names)


def effect_rows(
    effect: SystemicEffect, *, time: int, organ_names: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    """Return an effect on cells from a time [ns] on as EFFECT rows.

    The whole body first, then each organ with more; both sides of a paired organ by the first.
    """
    rows = np.zeros(1, dtype=EFFECT)
    rows["time"], rows["organ"] = time, _EVERYWHERE
    for name in _PLAIN:
        rows[name] = getattr(effect, name)
    first: dict[str, int] = {}
    for index, organ in enumerate(organ_names):
        first.setdefault(organ_key(organ), index)
    special = {*effect.organ_death_rate_of, *effect.colony_factor_of} & first.keys()
    more = np.zeros(len(special), dtype=EFFECT)
    more["time"] = time
    for name in _PLAIN:
        more[name] = getattr(NEUTRAL, name)
    for row, organ in zip(more, sorted(special, key=first.__getitem__), strict=True):
        row["organ"] = first[organ]
        row["organ_death_rate"] = effect.organ_death_rate_of.get(organ, 0.0)
        row["colony_factor"] = effect.colony_factor_of.get(organ, 1.0)
    return [tuple(row) for row in np.concatenate([rows, more]).tolist()]


def effect_of(rows: npt.NDArray[Any], organ_names: tuple[str, ...]) -> SystemicEffect:
    """Return the effect on cells that the EFFECT rows of one moment tell; neutral for none."""
    if not rows.size:
        return NEUTRAL
    whole, special = rows[rows["organ"] == _EVERYWHERE][0], rows[rows["organ"] != _EVERYWHERE]
    keys = [organ_key(organ_names[organ]) for organ in special["organ"].tolist()]
    plain: dict[str, Any] = {name: float(whole[name]) for name in _PLAIN}
    return SystemicEffect(
        **plain,
        organ_death_rate_of=dict(zip(keys, special["organ_death_rate"].tolist(), strict=True)),
        colony_factor_of=dict(zip(keys, special["colony_factor"].tolist(), strict=True)),
    )
