"""Organ-to-organ matrices side by side, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from ctc.analysis.organ_matrix import OrganMatrix

# Per cent: ends of the scale, and above what black figures are read better than white ones.
_LOWEST, _HIGHEST = 0.03, 40.0
_LIGHT = 3.0


def draw_matrices(matrices: Mapping[str, OrganMatrix], path: Path) -> None:
    """Draw matrices of the same organs, in per cent of each row, on one logarithmic scale.

    Parameters
    ----------
    matrices : mapping of str to OrganMatrix
        By title, left to right.
    path : Path
        A PNG file.
    """
    figure = Figure(figsize=(4.6 * len(matrices) + 1.8, 6.0), layout="compressed")
    axes = figure.subplots(1, len(matrices), sharey=True, squeeze=False)[0]
    colours = mpl.colormaps["cividis"].with_extremes(under="black", bad="black")
    norm = LogNorm(_LOWEST, _HIGHEST)
    for axis, (title, matrix) in zip(axes, matrices.items(), strict=True):
        percent = 100.0 * matrix.shares
        image = axis.imshow(percent, cmap=colours, norm=norm)
        axis.set_title(title)
        axis.set_xticks(range(len(matrix.destinations)), matrix.destinations, rotation=90)
        axis.set_yticks(range(len(matrix.origins)), matrix.origins)
        axis.set_xlabel("attached beside")
        for (row, column), value in np.ndenumerate(percent):
            axis.text(
                column,
                row,
                f"{value:.0f}" if value >= 9.5 else f"{value:.1f}",
                ha="center",
                va="center",
                fontsize=6,
                color="black" if value > _LIGHT else "white",
            )
    axes[0].set_ylabel("cells from")
    figure.colorbar(image, ax=list(axes), label="cells of a row [%]", shrink=0.8, extend="min")
    FigureCanvasAgg(figure)
    figure.savefig(path, format="png", dpi=110)
