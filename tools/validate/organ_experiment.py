"""The organ-to-organ experiment of Font-Clos, Zapperi and La Porta 2020 on an imported body.

Cells start beside each of sixteen organs and attach by chance. The attach law of the paper is not
published in full. Two laws are run: the one that is stated, and one with a single number that is
fitted to the very matrix that both are compared with.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ctc.analysis.organ_matrix import (
    OrganMatrix,
    attachments_by_segment,
    organ_matrix,
    rank_correlations,
    source_organs,
    total_variations,
)
from ctc.body.plan import load_body_plan
from ctc.checks import FloatArray
from ctc.errors import InputError
from ctc.flow.imported_flow import ImportedFlow, solve_imported
from ctc.pipeline import load_scenario, run
from ctc.record.reader import open_run
from ctc.scenario.scenario import Scenario
from ctc.simulation.prepare import build_setting
from ctc.simulation.setting import Setting
from ctc.summary import RunSummary
from ctc.vessels.imported import ImportedNetwork, read_tables
from tools.validate.absorbing_chain import Expectation, expected_walk, worst_deviation
from tools.validate.published import published_matrix

SCENARIO = "imported_body"
# All vessels hold cells.
STATED_ATTACH_RADIUS = None
# Best mean rank correlation with the published matrix among those below; `fit_attach_radius` finds
# it again and tests/validation compares.
FITTED_ATTACH_RADIUS = 2.5e-3
TRIED_ATTACH_RADII = tuple(i / 2000 for i in range(1, 21))


@dataclass(frozen=True)
class Score:
    """How near a matrix comes to the published one.

    Attributes
    ----------
    rank : (n_origins,) float64
        Spearman's correlation of each row.
    distance : (n_origins,) float64
        Share of each row that lies with another destination.
    """

    rank: FloatArray
    distance: FloatArray


@dataclass(frozen=True)
class Sample:
    """One run of the experiment through the kernels.

    Attributes
    ----------
    cells : (n_sources, n_segments) int64
        Where the cells of each source attached.
    matrix : OrganMatrix
        Left and right added up, in the published order.
    score : Score
        Of the matrix.
    summary : RunSummary
        Of the run.
    seconds : float [s]
        From the scenario's text to the closed run file, import and flow included.
    """

    cells: npt.NDArray[np.int64]
    matrix: OrganMatrix
    score: Score
    summary: RunSummary
    seconds: float


class Experiment:
    """An imported body with everything that the experiment needs of it.

    Parameters
    ----------
    folder : Path
        Tables with a column ``near_organs``.
    cells : int
        Of each source.
    """

    def __init__(self, folder: Path, *, cells: int) -> None:
        self.folder = folder
        self.cells = cells
        self.imported: ImportedNetwork = read_tables(folder)
        if not self.imported.near_organs:
            message = "tables must say in near_organs where cells start, got none."
            raise InputError(message, file=str(folder))
        self.published = published_matrix()
        shipped = load_scenario(SCENARIO, overrides=[f"body.folder={folder}"]).settings
        self._n_sources = len(shipped.source)
        self._plan = load_body_plan(shipped.body.plan)
        self._solved = {
            mode: solve_imported(self.imported, mode=mode)
            for mode in ImportedFlow
            if mode is ImportedFlow.PRESSURES or self.imported.flow_targets
        }

    def scenario(
        self, attach_radius: float | None, *, flow: ImportedFlow = ImportedFlow.PRESSURES
    ) -> Scenario:
        """Return the shipped scenario with this body, number of cells and law."""
        overrides = [f"body.folder={self.folder}", f"body.flow={flow.value}"]
        overrides += [f"source.{index}.cells={self.cells}" for index in range(self._n_sources)]
        if attach_radius is not None:
            overrides.append(f"cells.attach_radius={attach_radius!r} m")
        return load_scenario(SCENARIO, overrides=overrides)

    def setting(
        self, attach_radius: float | None, *, flow: ImportedFlow = ImportedFlow.PRESSURES
    ) -> Setting:
        """Return what the kernels read in the run of that scenario."""
        scenario = self.scenario(attach_radius, flow=flow)
        network, field = self._solved[flow]
        return build_setting(
            scenario,
            network,
            field,
            plan=self._plan,
            near_organs=self.imported.near_organs,
            seed=scenario.settings.run.seed,
        )

    @property
    def flows(self) -> tuple[ImportedFlow, ...]:
        """The flows that these tables can be given."""
        return tuple(self._solved)

    def expected(
        self, attach_radius: float | None, *, flow: ImportedFlow = ImportedFlow.PRESSURES
    ) -> tuple[Expectation, OrganMatrix]:
        """Return what the run comes to on average, exactly, and its matrix."""
        setting = self.setting(attach_radius, flow=flow)
        walk = expected_walk(setting)
        origins = [source.organ for source in setting.sources]
        return walk, self.matrix(walk.attached, origins, flow=flow)

    def sampled(
        self,
        attach_radius: float | None,
        *,
        device: str = "auto",
        threads: int | None = None,
    ) -> Sample:
        """Run the scenario through the kernels and read its run file."""
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            path = Path(folder) / "experiment.vtkhdf"
            summary = run(self.scenario(attach_radius), path, device=device, threads=threads)
            seconds = time.perf_counter() - began
            with open_run(path) as finished:
                cells = attachments_by_segment(finished)
                origins = source_organs(finished)
        matrix = self.matrix(cells, origins)
        return Sample(cells, matrix, self.score(matrix), summary, seconds)

    def matrix(
        self,
        cells: npt.ArrayLike,
        origins: Sequence[str],
        *,
        flow: ImportedFlow = ImportedFlow.PRESSURES,
    ) -> OrganMatrix:
        """Return the matrix of cells by source and segment, arranged as the published one."""
        network, _ = self._solved[flow]
        full = organ_matrix(
            cells, network.end_node, origins=origins, near_organs=self.imported.near_organs
        )
        return self._as_published(full)

    def baseline(self) -> OrganMatrix:
        """Return a matrix without any flow: every row shares by the nodes beside each organ."""
        counts = np.array([nodes.size for nodes in self.imported.near_organs.values()], dtype=float)
        names = tuple(self.imported.near_organs)
        return self._as_published(OrganMatrix(names, names, np.tile(counts, (counts.size, 1))))

    def score(self, matrix: OrganMatrix) -> Score:
        """Compare a matrix with the published one, row by row."""
        return Score(
            rank_correlations(matrix, self.published), total_variations(matrix, self.published)
        )

    def deviation(self, sample: Sample, attach_radius: float | None) -> float:
        """Return how far a sample lies from its expectation at worst, in standard errors.

        Over all sources and all organs, left and right apart.
        """
        setting = self.setting(attach_radius)
        walk = expected_walk(setting)
        network, _ = self._solved[ImportedFlow.PRESSURES]
        chances, counts = (
            organ_matrix(
                by_segment,
                network.end_node,
                origins=[source.organ for source in setting.sources],
                near_organs=self.imported.near_organs,
            ).cells
            for by_segment in (walk.attached, sample.cells)
        )
        n_cells = [source.cells for source in setting.sources]
        return worst_deviation(counts, chances, n_cells=n_cells)

    def _as_published(self, matrix: OrganMatrix) -> OrganMatrix:
        wanted = self.published
        return matrix.merged(without_side).arranged(wanted.origins, wanted.destinations)


def without_side(organ: str) -> str:
    """Return an organ's name without its side: ``lung`` for ``left lung``."""
    return organ.removeprefix("left ").removeprefix("right ")


@dataclass(frozen=True)
class Fit:
    """The one number of the fitted law, and how it does on rows that it was not fitted to.

    Attributes
    ----------
    attach_radius : float [m]
        Best mean rank correlation over all rows.
    held_out : (n_origins,) float64
        Rank correlation of each row at the radius that is best for all other rows.
    held_out_radius : (n_origins,) float64 [m]
        That radius.
    """

    attach_radius: float
    held_out: FloatArray
    held_out_radius: FloatArray


def fit_attach_radius(experiment: Experiment) -> Fit:
    """Fit the largest radius of vessels that hold cells, on expectations; nothing is drawn."""
    ranks = np.array(
        [experiment.score(experiment.expected(radius)[1]).rank for radius in TRIED_ATTACH_RADII]
    )
    total = ranks.sum(axis=1, keepdims=True)
    chosen = np.argmax(total - ranks, axis=0)
    radii = np.array(TRIED_ATTACH_RADII)
    return Fit(
        attach_radius=float(radii[int(np.argmax(total))]),
        held_out=ranks[chosen, np.arange(ranks.shape[1])],
        held_out_radius=radii[chosen],
    )
