from ctc.vessels.published import published_figures
from tests.unit.flow.loops import Builder, tree_pair


def network_of(organ):
    builder = Builder()
    tree_pair(builder, "in", "out", region=organ, depth=2)
    return builder.network()


def test_a_lung_is_compared_with_lungs_and_a_heart_with_coronary_casts():
    lung = published_figures(network_of("lung"))
    assert lung["arteries"]["RB"].low == lung["arteries"]["RB"].high == 3.35
    assert "Huang 1996" in lung["veins"]["RL"].source
    heart = published_figures(network_of("heart"))
    assert heart["arteries"]["symmetry"].low == 0.76
    assert "symmetry" not in lung["arteries"]


def test_other_organs_are_compared_with_a_range():
    figures = published_figures(network_of("liver"))
    assert (figures["arteries"]["RB"].low, figures["arteries"]["RB"].high) == (3.2, 3.9)
    assert figures["network"]["systemic_small_vessels"].high == 0.09
    assert all(each.source for side in figures.values() for each in side.values())
