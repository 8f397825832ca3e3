"""Material: what the sections of a report are made from, read once from a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.analysis.fates import Fates, count_fates
from ctc.record.layout import LITTER_DTYPE, NANOSECONDS, NO_FOUNDER
from ctc.record.reader import Run
from ctc.viewer.scene import ORGAN_COUNTS


@dataclass(frozen=True)
class VesselFacts:
    """What the conductor measured of the vessels of a run.

    Attributes
    ----------
    figures : mapping
        As `ctc.vessel_figures.vessel_figures` returns them.
    planned_flows, flows : mapping of str to float [m^3/s]
        Of blood by organ: by the body plan, and through its beds in the network.
    bed_transit : mapping of str to float [s]
        Mean transit time of the beds by organ.
    cardiac_output : float [m^3/s]
        Of the plan; 0 where the vessels are not those of a plan.
    """

    figures: Mapping[str, Any] = field(default_factory=dict)
    planned_flows: Mapping[str, float] = field(default_factory=dict)
    flows: Mapping[str, float] = field(default_factory=dict)
    bed_transit: Mapping[str, float] = field(default_factory=dict)
    cardiac_output: float = 0.0


@dataclass(frozen=True)
class Material:
    """A run, read once.

    Attributes
    ----------
    run : Run
        For what only one section reads.
    summary : dict
        The keys of ``ctc inspect --json``.
    scenario : dict
        With every default filled in, in SI.
    series : dict of str to array
        One row an epoch.
    organ_names : tuple of str
        What organ indices mean.
    lesions : (n,) structured array
        Newest row of each lesion.
    fates : Fates
        What became of the cells.
    vessels : VesselFacts
        Of its network.
    litters : (n,) structured array
        What was born, in order of id.
    """

    run: Run
    summary: dict[str, Any]
    scenario: dict[str, Any]
    series: dict[str, npt.NDArray[Any]]
    organ_names: tuple[str, ...]
    lesions: npt.NDArray[Any]
    fates: Fates
    vessels: VesselFacts
    litters: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=LITTER_DTYPE))

    @classmethod
    def of(cls, run: Run, vessels: VesselFacts) -> Material:
        """Read a run."""
        return cls(
            run=run,
            summary=run.summary(),
            scenario=run.scenario(),
            series=run.series(),
            organ_names=run.organ_names,
            lesions=run.lesions(),
            fates=count_fates(run),
            vessels=vessels,
            litters=run.litters(),
        )

    @property
    def title(self) -> str:
        """Of the scenario, or of the file where it has none."""
        return self.summary["title"].strip() or self.run.path.name

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """Ends of the epochs, (n_epochs,) [s]."""
        seconds: npt.NDArray[np.float64] = self.series["time"] / NANOSECONDS
        return seconds

    @property
    def colonies(self) -> npt.NDArray[Any]:
        """Lesions that a shed cell founded: no primary tumour is among them."""
        founded: npt.NDArray[Any] = self.lesions[self.lesions["cell"] != NO_FOUNDER]
        return founded

    def births(self, cells: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return when the litters of some cells began to be born, (n,) [ns]; 0 if not known."""
        if not self.litters.size:
            return np.zeros(cells.size, dtype=np.int64)
        place = np.searchsorted(self.litters["first_cell"], cells, side="right") - 1
        born: npt.NDArray[np.int64] = self.litters["time"][place]
        return born

    @property
    def tumour_organs(self) -> tuple[str, ...]:
        """Organs that hold a tumour from the start, each once."""
        tumours = [source for source in self.scenario["source"] if source["kind"] == "tumour"]
        return tuple(dict.fromkeys(source["organ"] for source in tumours))

    @property
    def source_names(self) -> tuple[str, ...]:
        """What each source is called, by its clone label."""
        return tuple(
            f"{source['kind']} in {source.get('organ') or source.get('vessel') or 'the vessels'}"
            for source in self.scenario["source"]
        )

    def organ_counts(self, name: str) -> npt.NDArray[np.int64]:
        """Return the last row of a series by organ, (n_organs,); zeros before the first epoch."""
        if not self.times.size:
            return np.zeros(len(self.organ_names), dtype=np.int64)
        last: npt.NDArray[np.int64] = self.series[name][-1].astype(np.int64)
        return last

    def settled(self) -> tuple[str, dict[str, int]]:
        """Return what lies in the organs at the end, the latest stage that has any, and counts.

        Colonies where there are some, else dormant, extravasated or arrested cells.
        """
        for state, series in reversed(ORGAN_COUNTS.items()):
            counts = self.organ_counts(series)
            if counts.any():
                name = "colonies" if series == "colonies" else f"{state.name.lower()} cells"
                return name, dict(zip(self.organ_names, counts.tolist(), strict=True))
        return "", dict.fromkeys(self.organ_names, 0)
