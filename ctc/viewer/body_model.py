"""What of a run does not move: vessels, flow, shapes of organs; each read when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.blood_samples import BloodSamples, blood_samples, passages_tell, weight_of
from ctc.flow.field import FlowField
from ctc.record.reader import Run
from ctc.vessels.network import SegmentKind, VesselNetwork
from ctc.viewer.body_shapes import body_size, fitting_territories
from ctc.viewer.cell_filter import segment_routes
from ctc.viewer.colouring import Legend
from ctc.viewer.drawables import OrganShell, VesselTubes
from ctc.viewer.organ_shells import organ_shells
from ctc.viewer.scene import source_organs
from ctc.viewer.vessel_colouring import PASSAGES, VesselColouring, vessel_tubes


class BodyModel:
    """The body of a run.

    Parameters
    ----------
    run : Run
        Open.
    scenario : mapping
        `Run.scenario`.
    lock : context manager
        Held while the run file is read.
    """

    def __init__(self, run: Run, scenario: Mapping[str, Any], *, lock: threading.RLock) -> None:
        self._run = run
        self._scenario = scenario
        self._lock = lock
        self._tubes: tuple[VesselColouring, VesselTubes, Legend] | None = None
        self._has_stopped = threading.Event()

    @cached_property
    def network(self) -> VesselNetwork:
        """The vessels."""
        with self._lock:
            return self._run.network()

    @cached_property
    def flow(self) -> FlowField:
        """The flow in them."""
        with self._lock:
            return self._run.flow()

    @cached_property
    def routes(self) -> npt.NDArray[np.uint8]:
        """Route of every segment: `ctc.viewer.cell_filter.segment_routes`."""
        return segment_routes(self.network)

    @cached_property
    def shells(self) -> tuple[OrganShell, ...]:
        """Surfaces of the organs; none where the vessels are those of no body plan."""
        body = self._scenario.get("body", {})
        if "plan" not in body:
            return ()
        territories = fitting_territories(
            body["plan"], self.network.node_position, surfaces=body.get("surfaces", {})
        )
        return organ_shells(
            territories,
            source_organs(dict(self._scenario)),
            size=self.size,
            is_wanted=lambda: not self._has_stopped.is_set(),
        )

    def stop_shaping(self) -> None:
        """Let a thread that asks for `shells` come to an end soon, with part of them."""
        self._has_stopped.set()

    @cached_property
    def size(self) -> float:
        """The length of the body over a person's."""
        return body_size(self._scenario.get("body", {}))

    @cached_property
    def blood_volume(self) -> float:
        """Blood in the vessels [m^3], lymph left out."""
        is_lymph = self.network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
        return float(self.network.volume[~is_lymph].sum())

    def passages(self) -> npt.NDArray[np.uint64] | None:
        """Return how many cells entered each segment so far, or nothing where none are stored."""
        with self._lock:
            counts = self._run.tallies().get(PASSAGES)
        if counts is None or counts.shape != (self.network.n_segments,):
            return None
        return counts

    @cached_property
    def sampled_at(self) -> dict[str, int]:
        """Named vessels with blood that flows, by name: the segment that counts for each."""
        fullest = self.network.fullest_segments(self.flow.flow_rate)
        is_lymph = self.network.is_kind(SegmentKind.LYMPHATIC, SegmentKind.LYMPH_NODE)
        named = zip(self.network.vessel_names, fullest.tolist(), strict=True)
        return {
            name: segment
            for name, segment in named
            if segment >= 0 and self.flow.flow_rate[segment] > 0 and not is_lymph[segment]
        }

    def samples(self, vessel: str, series: Mapping[str, npt.NDArray[Any]]) -> BloodSamples | None:
        """Return draws from a named vessel, or nothing where the run does not tell."""
        segment = self.sampled_at.get(vessel)
        if segment is None or "vessel_passages" not in series or self.cell_weight is None:
            return None
        index = self.network.vessel_index(vessel)
        flow_rate = float(self.flow.flow_rate[segment])
        return blood_samples(series, index, flow_rate=flow_rate, weight=self.cell_weight)

    @property
    def cell_weight(self) -> float | None:
        """Shed cells that each followed one stands for; None where cells differ in that."""
        return weight_of(self._scenario) if passages_tell(self._scenario) else None

    def vessels(self, colouring: VesselColouring) -> tuple[VesselTubes, Legend]:
        """Return the vessels and the legend of their colours."""
        if self._tubes is None or self._tubes[0] is not colouring:
            tubes, legend = vessel_tubes(
                self.network,
                colouring,
                flow=lambda: self.flow,
                passages=self.passages,
                size=self.size,
            )
            self._tubes = colouring, tubes, legend
        return self._tubes[1:]

    def forget_counts(self) -> None:
        """Read what grows while a run goes on again when it is next asked for."""
        if self._tubes is not None and self._tubes[0] is VesselColouring.PASSAGES:
            self._tubes = None
