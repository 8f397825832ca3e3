"""What the lesions of a run come to: how many live, whose children they are, their clones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.record.layout import NO_FOUNDER
from ctc.states import GONE, LesionState


def lesion_figures(
    lesions: npt.NDArray[Any], scenario: Mapping[str, Any], *, organ_names: Sequence[str]
) -> dict[str, Any]:
    """Return figures of the lesions that shed cells founded.

    A metastasis is all living lesions of one vessel segment: a synthetic capillary bed stands for
    thousands of real ones, so how many lesions share one goes with the number of terminals. It is
    polyclonal if they carry more than one clone label. Cells of one source carry one label.

    Parameters
    ----------
    lesions : (n,) structured array
        The newest row of each lesion; primary tumours are left out.
    scenario : mapping
        With every default filled in.
    organ_names : sequence of str
        What organ indices mean.

    Returns
    -------
    dict
        ``founded``, ``living``, ``in_balance``, ``lost`` by themselves or to the host,
        ``resected``, ``eradicated`` by treatment; ``of_lesions``: founded by cells that lesions
        shed; ``self_seeded``: founded in the organ of the tumour that they stem from;
        ``generations``: the longest line of descent; ``metastases``, ``polyclonal``: see above;
        ``organs``: name -> ``living`` and ``clones``, where there are any.
    """
    own = lesions[lesions["cell"] != np.uint64(NO_FOUNDER)]
    living = own[~np.isin(own["state"], GONE)]
    # One number for a pair of segment and clone, so that each pair counts once.
    pairs = np.unique(living["segment"].astype(np.int64) << 16 | living["clone"])
    _, clones_by_segment = np.unique(pairs >> 16, return_counts=True)
    organs = {}
    for organ in np.unique(living["organ"]):
        here = living[living["organ"] == organ]
        name = organ_names[organ] if organ >= 0 else "between organs"
        organs[name] = {"living": int(here.size), "clones": int(np.unique(here["clone"]).size)}
    return {
        "founded": int(own.size),
        "living": int(living.size),
        "in_balance": int((own["state"] == LesionState.IN_BALANCE).sum()),
        "lost": int((own["state"] == LesionState.LOST).sum()),
        "resected": int((own["state"] == LesionState.RESECTED).sum()),
        "eradicated": int((own["state"] == LesionState.ERADICATED).sum()),
        "of_lesions": int((own["parent"] >= 0).sum()),
        "self_seeded": int(_is_home(own, scenario, organ_names).sum()),
        "generations": int(generations(own).max(initial=0)),
        "metastases": int(clones_by_segment.size),
        "polyclonal": int((clones_by_segment > 1).sum()),
        "organs": organs,
    }


def generations(lesions: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return how many steps lie between each lesion and its source, (n,) int64; children of it 1.

    Lesions are founded after their parents and numbered in that order, from 0 without a gap.
    """
    order = np.argsort(lesions["lesion"])
    parent = lesions["parent"][order]
    depth = np.ones(lesions.size, dtype=np.int64)
    for place in np.flatnonzero(parent >= 0).tolist():
        depth[place] = depth[parent[place]] + 1
    found = np.empty_like(depth)
    found[order] = depth
    return found


def _is_home(
    lesions: npt.NDArray[Any], scenario: Mapping[str, Any], organ_names: Sequence[str]
) -> npt.NDArray[np.bool_]:
    """Return which lesions lie in the organ of the tumour whose clone they carry."""
    home = np.full(2**16, -2, dtype=np.int64)
    for clone, source in enumerate(scenario.get("source", ())):
        if source.get("kind") == "tumour" and source["organ"] in organ_names:
            home[clone] = list(organ_names).index(source["organ"])
    is_home: npt.NDArray[np.bool_] = home[lesions["clone"]] == lesions["organ"]
    return is_home
