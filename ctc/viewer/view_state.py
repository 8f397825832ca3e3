"""ViewState: how a run is looked at; plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from ctc.viewer.cell_filter import CellFilter
from ctc.viewer.colouring import Colouring
from ctc.viewer.drawables import ClipPlane, Look
from ctc.viewer.vessel_colouring import VesselColouring


@dataclass(frozen=True)
class Shown:
    """What is drawn.

    Attributes
    ----------
    shells, vessels, cells, lesions, caption : bool
        Whether it is.
    """

    shells: bool = True
    vessels: bool = True
    cells: bool = True
    lesions: bool = True
    caption: bool = True


@dataclass(frozen=True)
class PlotChoice:
    """What the plots beside a picture show.

    Attributes
    ----------
    blood_from : str or None
        Named vessel from which blood is drawn; by default a vein of the arm.
    first : str or None
        Title of the plot that stands on top; by default the first there is.
    """

    blood_from: str | None = None
    first: str | None = None


@dataclass(frozen=True)
class ViewState:
    """How a run is looked at.

    Attributes
    ----------
    look : Look or None
        Where the eye is; by default where the whole body is seen.
    colouring : Colouring
        Of the cells.
    vessel_colouring : VesselColouring
        Of the vessels.
    filter : CellFilter
        Which cells are shown.
    clip : ClipPlane or None
        What is cut away.
    time : int or None [ns]
        The moment shown, by default the last one.
    shown : Shown
        What is drawn.
    plots : PlotChoice
        What the plots show.
    """

    look: Look | None = None
    colouring: Colouring = Colouring.STATE
    vessel_colouring: VesselColouring = VesselColouring.KIND
    filter: CellFilter = field(default_factory=CellFilter)
    clip: ClipPlane | None = None
    time: int | None = None
    shown: Shown = field(default_factory=Shown)
    plots: PlotChoice = field(default_factory=PlotChoice)
