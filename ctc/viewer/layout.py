"""Layout: where the panels of a still picture lie, for any size that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST, LARGEST = 400, 8000
# As parts of the height: header, footer and margin; and the narrowest close-up worth having.
_HEADER, _FOOTER, _MARGIN = 0.095, 0.050, 0.018
_NARROWEST_CLOSE_UP = 0.36
# Width of the charts, as parts of the width and of the height, whichever is less.
_CHART_WIDTH, _CHART_HEIGHT = 0.30, 0.36


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
    """

    width: int
    height: int
    body: Panel
    close_up: Panel | None
    charts: Panel


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
    margin = round(_MARGIN * height)
    top, bottom = round(_HEADER * height), round((1.0 - _FOOTER) * height)
    tall = bottom - top
    chart_width = round(min(_CHART_WIDTH * width, _CHART_HEIGHT * height))
    left = width - margin - chart_width
    charts = Panel(left, top, chart_width, tall)
    body_width = min(round(tall * body_aspect), left - 2 * margin)
    close_left = margin + body_width + margin
    close_width = left - margin - close_left
    if close_width < _NARROWEST_CLOSE_UP * height:
        whole = Panel(margin, top, left - 2 * margin, tall)
        return Layout(width, height, whole, None, charts)
    return Layout(
        width,
        height,
        Panel(margin, top, body_width, tall),
        Panel(close_left, top, close_width, tall),
        charts,
    )
