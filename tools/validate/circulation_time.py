"""Row 4: point tracers come back to the aortic root after the blood's volume over its flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ctc.backends.base import choose_backend
from ctc.vessels.heart import find_heart
from tools.validate.published import published_figures
from tools.validate.rows import Curve, Figure, Outcome, Panel, within_share
from tools.validate.tracers import density, tracer_body, with_even_daughters, with_hops
from tools.validate.walks import walk

_BODIES = {"male": "human_male", "female": "human_female"}
_TOLERANCE = 0.01
_PANEL = Panel("Back at the aortic root", "time since the last passage [s]", "share [1/s]")
_LONGEST = 200.0


@dataclass(frozen=True)
class CirculationTime:
    """Mean time between two passages of the aortic root, each tracer followed to its own return.

    Attributes
    ----------
    n_tracers : int
        A body.
    n_terminals : int
        Capillary beds of a body.
    """

    n_tracers: int = 1_000_000
    n_terminals: int = 20_000
    number: int = 4
    name: str = "circulation_time"
    body: str = "human_male and human_female, point tracers"
    source: str = "ICRP Publication 89: blood volume over cardiac output"
    law: str = "daughters are chosen by their share of the flow"

    def measure(self, *, ablated: bool) -> Outcome:
        """Follow tracers from the aortic root to the aortic root."""
        published = published_figures("circulation_times")
        figures, curves = [], {}
        for sex, plan in _BODIES.items():
            prepared = tracer_body(plan, self.n_terminals)
            if ablated:
                prepared = with_hops(prepared, with_even_daughters(prepared.setting.hops))
            root = find_heart(prepared.network).aortic_root
            start = np.flatnonzero(prepared.network.start_node == root)
            backend = choose_backend("auto", threads=None)
            time = walk(prepared, start, start, count=self.n_tracers, backend=backend).time
            target = published[f"circulation_time_{sex}"].target
            mean = float(time.mean())
            figures.append(
                Figure(
                    name=f"mean time between passages of the aortic root, {sex}",
                    target=target,
                    tolerance="1 %",
                    got=mean,
                    standard_error=float(time.std(ddof=1) / np.sqrt(time.size)),
                    n=time.size,
                    basis="identity",
                    is_met=within_share(mean, target, _TOLERANCE),
                    unit="s",
                )
            )
            middle, share = density(time, longest=_LONGEST)
            curves[f"{sex}: mean {mean:.1f} s"] = Curve(_PANEL, middle, share)
            curves[f"{sex}, volume over flow: {target:g} s"] = Curve(
                _PANEL, np.array([target, target]), np.array([0.0, share.max()]), is_published=True
            )
        return Outcome(tuple(figures), curves)
