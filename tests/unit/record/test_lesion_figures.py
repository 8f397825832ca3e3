"""Figures of lesions: descent, self-seeding, clones that meet."""

import numpy as np

from ctc.record.layout import LESION_DTYPE, NO_FOUNDER
from ctc.record.lesion_figures import generations, lesion_figures
from ctc.states import LesionState

ORGANS = ("lung", "liver", "breast")
SCENARIO = {
    "source": [
        {"kind": "tumour", "organ": "breast"},
        {"kind": "bolus", "organ": "lung"},
    ]
}


def lesions() -> np.ndarray:
    """Return six lesions and a primary: number, organ, segment, clone, parent, state."""
    table = [
        (0, 0, 5, 0, -1, LesionState.GROWING),
        (1, 0, 5, 1, -2, LesionState.GROWING),
        (2, 1, 9, 0, 0, LesionState.IN_BALANCE),
        (3, 2, 7, 0, 2, LesionState.GROWING),
        (4, 0, 9, 1, -2, LesionState.LOST),
        (5, 0, 6, 1, 1, LesionState.GROWING),
    ]
    rows = np.zeros(len(table) + 1, dtype=LESION_DTYPE)
    for name, values in zip(
        ("lesion", "organ", "segment", "clone", "parent", "state"),
        zip(*table, strict=True),
        strict=True,
    ):
        rows[name][:-1] = values
    rows["cell"][-1], rows["lesion"][-1], rows["parent"][-1] = NO_FOUNDER, 2**32 - 1, -1
    return rows


def test_figures_of_a_made_up_family() -> None:
    """0 and 1 share segment 5 with two clones; 4 is lost, so 9 has one; 3 came home."""
    found = lesion_figures(lesions(), SCENARIO, organ_names=ORGANS)
    assert found == {
        "founded": 6,
        "living": 5,
        "in_balance": 1,
        "lost": 1,
        "resected": 0,
        "eradicated": 0,
        "of_lesions": 3,
        "self_seeded": 1,
        "generations": 3,
        "metastases": 4,
        "polyclonal": 1,
        "organs": {
            "lung": {"living": 3, "clones": 2},
            "liver": {"living": 1, "clones": 1},
            "breast": {"living": 1, "clones": 1},
        },
    }


def test_generations_do_not_depend_on_the_order_of_rows() -> None:
    own = lesions()[:-1]
    mixed = np.array([3, 0, 5, 2, 4, 1])
    assert generations(own).tolist() == [1, 1, 2, 3, 1, 2]
    assert generations(own[mixed]).tolist() == generations(own)[mixed].tolist()


def test_no_lesions() -> None:
    found = lesion_figures(np.zeros(0, dtype=LESION_DTYPE), {}, organ_names=ORGANS)
    assert {value for name, value in found.items() if name != "organs"} == {0}
    assert found["organs"] == {}
