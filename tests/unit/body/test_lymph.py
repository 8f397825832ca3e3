"""Lymph of the reference adults: flows against textbooks, and tables that are wrong."""

import math
import shutil

import pytest

import ctc.body.table
from ctc.body.lymph import load_lymph_plan
from ctc.body.plan import load_body_plan
from ctc.errors import InputError
from ctc.resources import resource_folder

ML_PER_HOUR = 1e-6 / 3600.0
LITRE_PER_DAY = 1e-3 / 86400.0
LAST = ("thoracic duct, terminal part", "right lymphatic duct")


@pytest.fixture(params=["human_male", "human_female"])
def plan(request):
    return load_body_plan(request.param)


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """Return a function that replaces text in a copy of one of the tables."""
    folder = tmp_path / "parameters" / "bodies"
    shutil.copytree(resource_folder("scenarios") / "parameters" / "bodies", folder)
    monkeypatch.setattr(ctc.body.table, "resource_folder", lambda _: tmp_path)

    def replace(table, old, new):
        path = folder / f"human_{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


def way(lymph, station):
    names = [station]
    while lymph.station(names[-1]).next:
        names.append(lymph.station(names[-1]).next)
    return names


def test_flows_are_those_of_textbooks(plan):
    """Thoracic duct about 100 mL/h, the others about 20 (Guyton and Hall); 8 L/day before nodes."""
    lymph = load_lymph_plan(plan)
    thoracic, right = (lymph.station(name) for name in LAST)
    assert thoracic.outflow == pytest.approx(100 * ML_PER_HOUR, rel=0.05)
    assert right.outflow == pytest.approx(20 * ML_PER_HOUR, rel=0.05)
    formed = math.fsum(source.flow_rate for source in lymph.sources)
    assert formed == pytest.approx(8 * LITRE_PER_DAY, rel=1e-12)


def test_what_is_formed_comes_back(plan):
    lymph = load_lymph_plan(plan)
    formed = math.fsum(source.flow_rate for source in lymph.sources)
    by_nodes = math.fsum(station.reabsorbed for station in lymph.stations)
    by_ducts = math.fsum(station.outflow for station in lymph.stations if station.vein)
    assert by_nodes + by_ducts == pytest.approx(formed, rel=1e-12)
    assert all(station.reabsorbed == 0.0 for station in lymph.stations if not station.n_nodes)


def test_liver_gives_a_fourth_to_a_half_of_the_thoracic_duct(plan):
    lymph = load_lymph_plan(plan)
    kept = 1.0 - lymph.station("hepatic nodes").reabsorbed / lymph.station("hepatic nodes").fresh
    to_duct = math.fsum(
        kept * source.flow_rate
        for source in lymph.sources
        if source.region == "liver" and way(lymph, source.station)[-1] == LAST[0]
    )
    assert 0.25 < to_duct / lymph.station(LAST[0]).outflow < 0.50


def test_number_of_nodes_is_that_of_a_body(plan):
    n_nodes = sum(station.n_nodes for station in load_lymph_plan(plan).stations)
    assert 450 <= n_nodes <= 800


def test_stations_come_in_their_order(plan):
    lymph = load_lymph_plan(plan)
    levels = [f"axillary nodes, level {level}, left" for level in ("I", "II", "III")]
    assert way(lymph, levels[0]) == [*levels, "left subclavian trunk", LAST[0]]
    assert way(lymph, "epicolic nodes, right") == [
        "epicolic nodes, right",
        "paracolic nodes, right",
        "colic nodes, intermediate, right",
        "superior mesenteric nodes",
        "intestinal trunk",
        "cisterna chyli",
        "thoracic duct",
        LAST[0],
    ]
    assert way(lymph, "intrapulmonary nodes, left lower lobe")[-1] == LAST[1]
    places = {station.name: index for index, station in enumerate(lymph.stations)}
    assert all(places[s.next] > places[s.name] for s in lymph.stations if s.next)


def test_left_right_and_sex():
    male, female = (load_lymph_plan(load_body_plan(f"human_{sex}")) for sex in ("male", "female"))
    assert "parametrial nodes, right" in {station.name for station in female.stations}
    assert "parametrial nodes, right" not in {station.name for station in male.stations}
    assert way(male, "axillary nodes, level I, right")[-1] == LAST[1]
    assert way(male, "popliteal nodes, right")[-1] == LAST[0]


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("lymph_stations", ",left jugular trunk,8", ",left jugulr trunk,8", "'left jugular trunk'"),
        (
            "lymph_stations",
            ",coeliac nodes,,intestinal trunk,",
            ",coeliac nodes,,hepatic nodes,",
            "circle through",
        ),
        ("lymph_sources", ",splenic hilar nodes,1", ",splenic nodes,1", "splenic"),
        ("lymph_sources", ",splenic hilar nodes,1", ",cisterna chyli,1", "nodes"),
        (
            "lymph_sources",
            ",splenic hilar nodes,1",
            ",splenic hilar nodes,0.5",
            "1",
        ),
        (
            "lymph_sources",
            ",hepatic nodes,0.88",
            ",hepatic nodes,-1",
            "share must be",
        ),
    ],
)
def test_wrong_tables_are_refused(edit, table, old, new, message):
    edit(table, old, new)
    with pytest.raises(InputError, match=message):
        load_lymph_plan(load_body_plan("human_male"))
