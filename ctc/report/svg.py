"""A drawing as SVG inside a page: colours by class, so that they follow the reader's ground."""

from __future__ import annotations

from html import escape

from ctc.report.drawing import Drawing, Label, Path


def svg_text(drawing: Drawing) -> str:
    """Return the element ``<svg>`` of a drawing; every text is escaped."""
    size = f"{_number(drawing.width)} {_number(drawing.height)}"
    caption = escape(drawing.caption)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" '
        f'aria-label="{caption}" style="max-width:{_number(drawing.width)}px">'
    )
    parts = [_path(i) if isinstance(i, Path) else _label(i) for i in drawing.items]
    return "\n".join([head, *parts, "</svg>"])


def _path(path: Path) -> str:
    data = "".join(
        letter + " ".join(_number(value) for value in values) for letter, values in path.commands
    )
    fill = f"f-{path.fill}" if path.fill else "f-none"
    names = f"{fill} s-{path.stroke}" if path.stroke else fill
    more = f' stroke-width="{_number(path.width)}"' if path.stroke else ""
    if path.is_dashed:
        more += ' stroke-dasharray="3 4"'
    if path.opacity < 1.0:
        more += f' opacity="{_number(path.opacity)}"'
    if path.tip:
        return f'<path class="{names}" d="{data}"{more}><title>{escape(path.tip)}</title></path>'
    return f'<path class="{names}" d="{data}"{more}/>'


def _label(label: Label) -> str:
    x, y = _number(label.x), _number(label.y)
    more = f' text-anchor="{label.anchor}"' if label.anchor != "start" else ""
    if label.is_bold:
        more += ' font-weight="600"'
    if label.is_upright:
        more += f' transform="rotate(-90 {x} {y})"'
    size = _number(label.size)
    text = escape(label.text)
    return f'<text class="f-{label.colour}" x="{x}" y="{y}" font-size="{size}"{more}>{text}</text>'


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
