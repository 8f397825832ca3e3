"""In what patients differ: distributions as drawn, with their sources; and what that matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ctc.checks import FloatArray
from ctc.report.axes import Frame, Scale, tick_text
from ctc.report.drawing import Drawing
from ctc.report.section import Cell, Section, Table
from ctc.report.trial_material import DescribedColumn, TrialMaterial

_WIDTH, _ACROSS, _WIDE, _TALL = 960.0, 3, 296.0, 188.0
_MOST_BINS = 24
# SI unit -> unit of the page, and how many SI units that is; the first that suits is taken.
_UNITS = {
    "s": (("years", 365.25 * 86400.0), ("days", 86400.0), ("h", 3600.0), ("s", 1.0)),
    "m": (("cm", 1e-2), ("mm", 1e-3), ("um", 1e-6)),
    "kg": (("kg", 1.0), ("g", 1e-3)),
    "1/s": (("1/day", 1.0 / 86400.0),),
    "1/s/kg": (("1/g/day", 1e3 / 86400.0),),
}
_WIDEST_LINEAR = 30.0  # a wider range is drawn by its logarithm
_MOST_KEYS = 12


def sampled_section(material: TrialMaterial) -> Section | None:
    """Return a small chart of each key that varies, and where its distribution is from."""
    keys = material.table.varied
    if not keys:
        return None
    stated = {str(each.get("key")): each for each in material.plan.get("vary", ())}
    rows = tuple(_row(material, key, stated.get(key, {})) for key in keys)
    columns = ("key", "distribution", "drawn: 5 %", "median", "95 %", "basis", "source")
    sentence = (
        f"Patients differ in {len(keys)} numbers; all else is the scenario's. Charts show what was "
        "drawn, a line the median."
    )
    more = (
        f" The first {_MOST_KEYS} are drawn, the table has all." if len(keys) > _MOST_KEYS else ""
    )
    correlations = [
        f"{' and '.join(each['between'])}: {each['rho']:g}"
        for each in material.plan.get("correlation", ())
    ]
    notes = (f"Rank correlations: {'; '.join(correlations)}.",) if correlations else ()
    table = Table("sampled", "Distributions and their sources", columns, rows, is_open=True)
    figure = _charts(material, keys[:_MOST_KEYS])
    return Section(
        "sampled", "In what patients differ", (sentence + more,), (figure,), (table,), notes
    )


def sensitivity_section(material: TrialMaterial) -> Section | None:
    """Return Sobol indices as bars; None where the sweep has none."""
    columns = {each.name: each for each in material.table.further.get("sensitivity", ())}
    if not columns or not columns["first"].values.size:
        return None
    arm, outcome, key = (_words(columns, name) for name in ("arm", "outcome", "key"))
    numbers = {
        name: np.asarray(columns[name].values, dtype=np.float64)
        for name in ("first", "first_error", "total", "total_error")
    }
    figures: list[Drawing] = []
    rows: list[tuple[Cell, ...]] = []
    for number, pair in enumerate(dict.fromkeys(zip(arm, outcome, strict=True))):
        chosen = [i for i in range(len(key)) if (arm[i], outcome[i]) == pair]
        if not np.isfinite([numbers["total"][i] for i in chosen]).all():
            continue
        chosen.sort(key=lambda i: -numbers["total"][i])
        name = f"{pair[1]}, {pair[0]}" if len(material.arms) > 1 else pair[1]
        part = [
            (
                key[i],
                float(numbers["first"][i]),
                float(numbers["first_error"][i]),
                float(numbers["total"][i]),
                float(numbers["total_error"][i]),
            )
            for i in chosen
        ]
        figures.append(_bars(f"sensitivity_{number}", name, part))
        rows += [(name, *each) for each in part]
    if not figures:
        return None
    sentence = (
        "Sobol indices: the share of the variance of an outcome that a number brings by itself "
        "(full bar), and with all that it does together with others (pale bar). Whiskers hold 95 %."
    )
    heads = ("outcome", "key", "first order", "\u00b1", "total", "\u00b1")
    table = Table("sensitivity", "The same in numbers", heads, tuple(rows))
    return Section("sensitivity", "What matters most", (sentence,), figures, (table,))


def _words(columns: Mapping[str, DescribedColumn], name: str) -> list[str]:
    column = columns[name]
    return [column.labels[int(code)] for code in column.values]


def unit_of(values: FloatArray, unit: str) -> tuple[str, float]:
    """Return the unit in which values in SI are told, and its size."""
    typical = float(np.median(np.abs(values))) if values.size else 0.0
    options = _UNITS.get(unit, ((unit, 1.0),))
    return next((each for each in options if typical >= 1.5 * each[1]), options[-1])


def number_text(value: float) -> str:
    """Return a number with three digits, a large or small one by its power of ten."""
    if value == 0.0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:,.3g}" if abs(value) < 1e3 else f"{value:,.0f}"
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits} \u00d7 {tick_text(10.0 ** int(exponent), is_log=True)}"


def short_name(key: str) -> str:
    """Return a key as a person says it: its last words, and which source or arm where needed."""
    parts = [part.replace("_", " ") for part in key.split(".") if not part.isdigit()]
    return " ".join(parts[-2:]) if len(parts) > 1 else parts[0]


def _row(material: TrialMaterial, key: str, stated: Mapping[str, Any]) -> tuple[str, ...]:
    described = material.table.described(key)
    values = material.column(key, 0)
    if described.labels:
        counts = [int((values == code).sum()) for code in range(len(described.labels))]
        most = described.labels[int(np.argmax(counts))]
        drawn = ("", f"mostly {most}", "")
    else:
        unit, size = unit_of(values, described.unit)
        low, middle, high = (
            f"{number_text(v / size)} {unit}".rstrip()
            for v in np.quantile(values, (0.05, 0.5, 0.95)).tolist()
        )
        drawn = (low, middle, high)
    return (
        key,
        str(stated.get("distribution", "")),
        *drawn,
        str(stated.get("basis", "")),
        str(stated.get("source", "")),
    )


def _charts(material: TrialMaterial, keys: tuple[str, ...]) -> Drawing:
    n_rows = -(-len(keys) // _ACROSS)
    drawing = Drawing("sampled", "Distributions as drawn", _WIDTH, _TALL * n_rows)
    for i, key in enumerate(keys):
        left = (i % _ACROSS) * (_WIDE + 36.0)
        _chart(drawing, material, key, left=left, top=_TALL * (i // _ACROSS))
    return drawing


def _chart(drawing: Drawing, material: TrialMaterial, key: str, *, left: float, top: float) -> None:
    described = material.table.described(key)
    values = material.column(key, 0)
    name = short_name(key)
    drawing.text((left + 4.0, top + 18.0), name, is_bold=True, size=13.0)
    if described.labels:
        _word_bars(drawing, values, described.labels, left=left, top=top)
        return
    unit, size = unit_of(values, described.unit)
    shown = values / size
    low, high = float(shown.min()), float(shown.max())
    is_log = low > 0.0 and high / low > _WIDEST_LINEAR
    if not high > low:
        drawing.text((left + 4.0, top + 60.0), f"all {low:.4g} {unit}", colour="faint")
        return
    scale = Scale(low, high, is_log=is_log)
    frame = Frame(left + 4.0, top + 30.0, _WIDE - 8.0, _TALL - 84.0, scale, Scale(0.0, 1.0))
    frame.draw(
        drawing, has_y=False, n_y=1, n_x=4, size=11.0, x_label=f"[{unit}]" if unit else "[1]"
    )
    n_bins = min(max(round(shown.size**0.5), 5), _MOST_BINS)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    parts = np.array([scale.part(v) for v in shown.tolist()])
    counts, _ = np.histogram(parts, edges)
    wide = frame.width / n_bins
    for j, n in enumerate(counts.tolist()):
        if n:
            tall = frame.height * n / int(counts.max())
            corner = (frame.left + wide * j + 0.5, frame.bottom - tall)
            drawing.box(corner, (wide - 1.0, tall), colour="accent", opacity=0.55, tip=f"{n:,}")
    x = frame.across(float(np.median(shown)))
    drawing.line([(x, frame.top), (x, frame.bottom)], colour="text", width=1.4)


def _word_bars(
    drawing: Drawing,
    values: FloatArray,
    labels: tuple[str, ...],
    *,
    left: float,
    top: float,
) -> None:
    counts = [int((values == code).sum()) for code in range(len(labels))][:5]
    for j, (label, n) in enumerate(zip(labels, counts, strict=False)):
        y = top + 34.0 + 22.0 * j
        wide = (_WIDE - 120.0) * n / max(values.size, 1)
        drawing.text((left + 4.0, y + 12.0), label.strip('"')[:12], size=11.5)
        drawing.box((left + 86.0, y), (max(wide, 1.0), 15.0), colour="accent", opacity=0.55)
        drawing.text((left + 92.0 + wide, y + 12.0), f"{n:,}", size=11.5, colour="faint")


def _bars(name: str, title: str, rows: list[tuple[str, float, float, float, float]]) -> Drawing:
    left, row, top = 250.0, 30.0, 44.0
    height = row * len(rows)
    drawing = Drawing(name, f"Sobol indices of {title}", _WIDTH, top + height + 52.0)
    most = max(1.0, *(total + error for _, _, _, total, error in rows))
    frame = Frame(left, top, _WIDTH - left - 40.0, height, Scale(0.0, most), Scale(0.0, 1.0))
    frame.draw(drawing, has_y=False, n_y=1, x_label="share of the variance")
    drawing.text((left, 22.0), title.replace("_", " "), is_bold=True)
    for i, (key, first, first_error, total, total_error) in enumerate(rows):
        y = top + row * i
        drawing.text((left - 12.0, y + 19.0), short_name(key), anchor="end", size=12.5)
        for value, error, shade, offset in (
            (total, total_error, 0.28, 4.0),
            (first, first_error, 0.9, 9.0),
        ):
            wide = frame.across(max(value, 0.0)) - left
            size = (wide, row - 2.0 * offset)
            tip = f"{key}: {value:.2f} \u00b1 {error:.2f}"
            drawing.box((left, y + offset), size, colour="accent", opacity=shade, tip=tip)
        ends = [frame.across(max(total + sign * total_error, 0.0)) for sign in (-1.0, 1.0)]
        drawing.line([(ends[0], y + row - 6.0), (ends[1], y + row - 6.0)], width=1.2, colour="text")
        ends = [frame.across(max(first + sign * first_error, 0.0)) for sign in (-1.0, 1.0)]
        middle = y + 0.5 * row
        drawing.line([(ends[0], middle), (ends[1], middle)], colour="text", width=1.2)
    return drawing
