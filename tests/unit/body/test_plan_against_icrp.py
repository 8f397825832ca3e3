"""Every row of the published table is met by the organs that it was divided into."""

import csv
import math

import pytest

from ctc.body.plan import Route, TrunkGroup, load_body_plan
from tests.reference_data import require_reference

# Rows of the table and the organs that share them; "liver" counts its portal inflow.
ROWS = {
    "coronary": ["heart"],
    "lung": ["lung"],
    "bronchial": ["bronchi"],
    "brain": ["brain"],
    "kidneys": ["kidney"],
    "adrenals": ["adrenal"],
    "spleen": ["spleen"],
    "pancreas": ["pancreas"],
    "stomach_oesophagus": ["stomach"],
    "small_intestine": ["small intestine"],
    "bladder": ["bladder"],
    "gonads": ["testis", "ovary"],
    "thyroid": ["thyroid"],
    "lymph_nodes": ["lymph nodes"],
    "compact_bone": ["compact bone"],
    "spongy_bone": ["spongy bone"],
    "red_marrow": ["red marrow"],
    "other_skeleton": ["other skeleton"],
    "skeletal_muscle": ["muscle"],
    "fat": ["fat"],
    "skin": ["skin"],
}
TOGETHER = ["large intestine", "rectum", "breast", "prostate", "uterus", "other"]


@pytest.fixture(params=["male", "female"])
def sex(request):
    return request.param


def table(sex):
    path = require_reference("reference", "data", "icrp89_flows_volumes.csv")
    with path.open(newline="") as file:
        return {row["compartment"]: row for row in csv.DictReader(file) if row["sex"] == sex}


def test_flow_and_volume_of_every_row(sex):
    plan, rows = load_body_plan(f"human_{sex}"), table(sex)
    organs = {organ.name: organ for organ in plan.organs}
    for row, names in ROWS.items():
        own = [organs[name] for name in names if name in organs]
        flow = math.fsum(organ.flow_fraction for organ in own)
        volume = math.fsum(organ.blood_volume_fraction for organ in own)
        assert 100 * flow == pytest.approx(float(rows[row]["flow_percent_CO"]), rel=1e-9), row
        assert 100 * volume == pytest.approx(float(rows[row]["volume_percent_blood"]), rel=1e-9)
    for row, names in (("large_intestine+all_other", TOGETHER), ("liver", ["liver"])):
        wanted = math.fsum(float(rows[part]["flow_percent_CO"]) for part in row.split("+"))
        got = math.fsum(organs[name].flow_fraction for name in names if name in organs)
        assert 100 * got == pytest.approx(wanted, rel=1e-9)
    together = math.fsum(organs[n].blood_volume_fraction for n in TOGETHER if n in organs)
    wanted = math.fsum(
        float(rows[part]["volume_percent_blood"]) for part in ("large_intestine", "all_other")
    )
    # The female rows sum to 99.98 %; what lacks was given to "other".
    missing = 100 - math.fsum(float(row["volume_percent_blood"]) for row in rows.values())
    assert 100 * together == pytest.approx(wanted + missing, rel=1e-9)
    assert missing == pytest.approx(0.0 if sex == "male" else 0.02, abs=1e-9)


def test_trunks_and_venae_cavae(sex):
    plan, rows = load_body_plan(f"human_{sex}"), table(sex)
    for group in TrunkGroup:
        wanted = float(rows[group.value]["volume_percent_blood"])
        assert 100 * plan.trunk_volume_fractions[group] == pytest.approx(wanted, rel=1e-9)
    azygos = 0.0 if sex == "male" else 2.0
    for route, mend in ((Route.SUPERIOR_VENA_CAVA, azygos), (Route.INFERIOR_VENA_CAVA, 0.0)):
        got = math.fsum(r.flow_fraction for r in plan.regions if r.drainage is route)
        wanted = float(rows[route.value]["flow_percent_CO"]) + mend
        assert 100 * got == pytest.approx(wanted, rel=1e-9)
