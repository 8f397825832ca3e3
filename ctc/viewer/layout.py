"""Layout: where the panels of a still picture lie, for any size that is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

SMALLEST, LARGEST = 400, 8000
# All lengths are parts of this unit: the height, or less where the picture is narrow.
_NARROW = 1.15
_HEADER, _FOOTER, _MARGIN = 0.095, 0.050, 0.018
# Width of the charts; the least of a body, so that a name fits beside it, and of a close-up.
_CHARTS, _NARROWEST_BODY, _NARROWEST_CLOSE_UP = 0.36, 0.24, 0.36


@dataclass(frozen=True)
class Panel:
    """A rectangle in pixels from the upper left corner of the picture."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """The panels of a picture.

    Attributes
    ----------
    width, height : int
        Of the picture in pixels.
    body : Panel
        The whole body.
    close_up : Panel or None
        The organs of the trunk; None where the picture is too narrow for it.
    charts : Panel
        Legend and charts.
    unit : float [pixels]
        That sizes of text are parts of.
    """

    width: int
    height: int
    unit: float
    body: Panel
    close_up: Panel | None
    charts: Panel

    def without_close_up(self) -> Layout:
        """Return the same with the body in place of the close-up, too."""
        if self.close_up is None:
            return self
        width = self.close_up.left + self.close_up.width - self.body.left
        return replace(self, body=replace(self.body, width=width), close_up=None)


def lay_out(width: int, height: int, *, body_aspect: float) -> Layout:
    """Return the panels of a picture: body, close-up and charts from left to right.

    Parameters
    ----------
    width, height : int
        Of the picture in pixels, each within `SMALLEST` .. `LARGEST`.
    body_aspect : float
        Width over height of the whole body.

    Returns
    -------
    Layout
        Without a close-up where it would be narrower than about a third of the height; the
        body then has its room.
    """
    unit = min(float(height), width / _NARROW)
    margin = round(_MARGIN * unit)
    top, bottom = round(_HEADER * unit), height - round(_FOOTER * unit)
    tall = bottom - top
    chart_width = round(_CHARTS * unit)
    left = width - margin - chart_width
    charts = Panel(left, top, chart_width, tall)
    body_width = max(round(tall * body_aspect), round(_NARROWEST_BODY * unit))
    close_left = margin + body_width + margin
    close_width = left - margin - close_left
    body = Panel(margin, top, body_width, tall)
    close_up = Panel(close_left, top, close_width, tall)
    layout = Layout(width, height, unit, body, close_up, charts)
    return layout if close_width >= _NARROWEST_CLOSE_UP * unit else layout.without_close_up()
