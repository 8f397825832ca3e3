"""Sites of a run beside those of autopsies."""

import math

import pytest

from ctc.analysis.site_shares import Autopsies, compare_sites, is_human, load_autopsies

AUTOPSIES = Autopsies(
    primary="breast",
    n_patients=100,
    sites={"bone": 50, "liver": 30, "lung": 20, "brain": 10, "skeletal_muscle": 0, "pleura": 40},
    source="made for a test",
)
COUNTS = {
    "lung": 60,
    "liver": 30,
    "red marrow": 4,
    "compact bone": 1,
    "brain": 5,
    "muscle": 0,
    "breast": 7,
    "fat": 3,
}


def test_shares_and_their_errors_are_those_of_a_binomial():
    found = compare_sites(COUNTS, AUTOPSIES, own_organs=("breast",))
    sites = {site.name: site for site in found.sites}
    assert [site.name for site in found.sites][:2] == ["bone", "liver"]
    assert found.n_counted == 100
    assert found.n_elsewhere == 10
    assert sites["bone"].count == 5
    assert sites["lung"].share == pytest.approx(0.6)
    assert sites["lung"].error == pytest.approx(math.sqrt(0.6 * 0.4 / 100))
    assert sites["bone"].autopsy_share == pytest.approx(50 / 110)
    assert sum(site.share for site in found.sites) == pytest.approx(1.0)
    assert sum(site.autopsy_share for site in found.sites) == pytest.approx(1.0)
    assert found.unmatched == ("pleura",)


def test_the_rank_correlation_is_that_of_the_counts():
    same = {"red marrow": 50, "liver": 30, "lung": 20, "brain": 10, "muscle": 0}
    assert compare_sites(same, AUTOPSIES).rank_correlation == pytest.approx(1.0)
    reverse = {"red marrow": 0, "liver": 10, "lung": 20, "brain": 30, "muscle": 50}
    assert compare_sites(reverse, AUTOPSIES).rank_correlation == pytest.approx(-1.0)


def test_a_run_without_a_cell_at_a_site_has_no_shares():
    found = compare_sites(dict.fromkeys(COUNTS, 0), AUTOPSIES)
    assert all(site.share == site.error == 0.0 for site in found.sites)
    assert math.isnan(found.rank_correlation)


def test_the_published_table_is_read_by_cancer():
    breast = load_autopsies("cancers/breast")
    assert breast.n_patients == 432
    assert breast.sites["lung"] == 247
    assert "breast" not in breast.sites  # the other breast is not told from the primary
    assert "2008" in breast.source
    colorectal = load_autopsies("cancers/colorectal")
    assert colorectal.n_patients == 123 + 437
    assert colorectal.sites["liver"] == 35 + 120
    assert "large_intestine" not in colorectal.sites
    assert load_autopsies("cancers/unheard_of") is None


def test_few_colonies_have_no_rank():
    assert math.isnan(compare_sites({"liver": 12, "lung": 7}, AUTOPSIES).rank_correlation)


def test_nodes_are_left_out_where_regional_and_distant_ones_are_told_apart():
    breast = load_autopsies("cancers/breast")
    assert not [site for site in breast.sites if "node" in site]
    found = compare_sites({"lymph nodes": 40, "liver": 10, "lung": 20}, breast)
    assert (found.n_counted, found.n_elsewhere) == (30, 40)


def test_animals_are_no_patients():
    assert is_human({"body": {"plan": "human_male"}})
    assert not is_human({"body": {"plan": "mouse_25g"}})
