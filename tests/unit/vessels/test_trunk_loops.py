"""Named vessels that join two others: what they are laid out to, and what flows in them."""

import itertools
import shutil

import pytest

import ctc.body.table
from ctc.body.plan import load_body_plan
from ctc.errors import InputError
from ctc.flow.body_flow import solve_body
from ctc.resources import resource_folder
from ctc.vessels.body_network import build_body_network
from ctc.vessels.network import SegmentKind
from ctc.vessels.trunks import load_trunks


@pytest.fixture(scope="module", params=["human_male", "human_female", "mouse_25g", "rat_250g"])
def solved(request):
    plan = load_body_plan(request.param)
    return solve_body(build_body_network(plan, n_terminals=1500, seed=3), plan)


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """Return a function that replaces text in a copy of a table."""
    folder = tmp_path / "parameters" / "bodies"
    shutil.copytree(resource_folder("scenarios") / "parameters" / "bodies", folder)
    monkeypatch.setattr(ctc.body.table, "resource_folder", lambda _: tmp_path)

    def replace(old, new, table="trunks"):
        path = folder / f"human_{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


def nodes_of(network, name):
    own = network.name == network.vessel_index(name)
    return set(network.start_node[own]) | set(network.end_node[own])


def flow_in(network, flow, name):
    return flow.flow_rate[network.name == network.vessel_index(name)]


def test_circle_of_willis_is_closed(solved):
    """Each vessel of the circle shares a node with the next one, all the way round."""
    network, _ = solved
    half = (
        "anterior cerebral",
        "internal carotid",
        "posterior communicating",
        "posterior cerebral",
    )
    left = [f"left {name} artery" for name in half]
    right = [f"right {name} artery" for name in half]
    circle = [*left, "basilar artery", *right[::-1], "anterior communicating artery", left[0]]
    for first, second in itertools.pairwise(circle):
        assert nodes_of(network, first) & nodes_of(network, second), (first, second)
    assert nodes_of(network, "basilar artery") & nodes_of(network, "right vertebral artery")


def test_basilar_artery_brings_about_a_fifth_of_the_brains_blood(solved):
    """20 % measured by phase-contrast MRI (Zarrinkoob 2015, doi:10.1038/jcbfm.2014.241), +-1/4."""
    network, flow = solved
    beds = network.is_kind(SegmentKind.CAPILLARY_BED)
    beds &= network.organ == network.organ_index("brain")
    share = flow_in(network, flow, "basilar artery").min() / flow.flow_rate[beds].sum()
    assert 0.15 < share < 0.25


def test_vertebral_plexus_joins_pelvis_and_skull(solved):
    """A path of valveless veins from the pelvis to the skull that passes no vena cava."""
    network, flow = solved
    chain = (
        "left internal iliac vein",
        "left lateral sacral veins",
        "sacral venous plexus",
        "lumbar vertebral venous plexus",
        "thoracic vertebral venous plexus",
        "cervical vertebral venous plexus",
        "right sigmoid sinus",
    )
    for first, second in itertools.pairwise(chain):
        assert nodes_of(network, first) & nodes_of(network, second), (first, second)
    assert nodes_of(network, "thoracic vertebral venous plexus") & nodes_of(network, "azygos vein")
    assert all((flow_in(network, flow, name) > 0).all() for name in chain)


def test_every_trunk_carries_blood(solved):
    _, flow = solved
    assert (flow.flow_rate > 0).all()
    assert flow.mass_residual < 1e-12


def test_joining_vessels_end_at_nodes_of_the_joined(solved):
    network, _ = solved
    for name, joined in (
        ("left palmar arch", "left radial artery"),
        ("right plantar arch", "right anterior tibial artery"),
        ("left transverse sinus", "right transverse sinus"),
        ("left ascending lumbar vein", "left common iliac vein"),
        ("gastroduodenal artery", "superior mesenteric artery"),
    ):
        assert nodes_of(network, name) & nodes_of(network, joined)


def test_a_vessel_ends_with_the_last_that_leaves_it(edit):
    """Beyond its last port nothing would flow."""
    plan = load_body_plan("human_male")
    before = load_trunks(plan)
    edit("splenic vein,1,,,,assumed", "splenic vein,0.9,,,,assumed", table="ports")
    after = load_trunks(plan)
    own = [trunks.name == trunks.vessel_names.index("splenic vein") for trunks in (before, after)]
    share = after.length[own[1]].sum() / before.length[own[0]].sum()
    assert share == pytest.approx(0.9, rel=1e-9)
    assert after.ports["spleen"].vein_node in after.start_node[own[1]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "right transverse sinus,1,,34 4 1526",
            "right tranverse sinus,1,,34 4 1526",
            "Did you mean 'right transverse sinus'",
        ),
        (
            "right transverse sinus,1,,34 4 1526",
            "right transverse sinus,1.5,,34 4 1526",
            "place must be in 0 .. 1 along the vessel, got 1.5",
        ),
        (
            "left coronary artery,1,,,,32 -146 1244",
            "left coronary artery,1,left anterior descending artery,1,,32 -146 1244",
            "must not join one another in a circle",
        ),
    ],
)
def test_wrong_joints_are_refused(edit, old, new, message):
    edit(old, new)
    plan = load_body_plan("human_male")
    with pytest.raises(InputError, match=message):
        load_trunks(plan)
