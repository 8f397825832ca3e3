"""What `prognosis` fits, as a block of ``scenarios/parameters/prognosis.toml``, and as text."""

from __future__ import annotations

from pathlib import Path

from ctc.resources import resource_folder
from ctc.scenario.biology import DEFAULT_ORGAN
from tools.calibrate.prognosis import LifeLaw, Prognosis
from tools.calibrate.shipping import replace_block

_UNTREATED = (
    "half of the highest hazard of death at so many cells anywhere in the body; keeps the median "
    "survival of untreated breast cancer in the Gompertz model of Norton 1988 Cancer Res 48:7067, "
    "who has a sharp lethal number of 1e12 (his numbers from memory); python -m tools.calibrate "
    "prognosis"
)
_STAGE_FOUR = (
    "the same in this organ alone; fitted by python -m tools.calibrate prognosis to survival of "
    "breast cancer with metastases here only (Wang 2019 BMC Cancer 19:1091; Malone 2021 J Cancer "
    "Metastasis Treat 7:40) with treated growth, from an assumed burden at diagnosis"
)
_LIFE = (
    "Gompertz-Makeham law fitted by python -m tools.calibrate prognosis at ages 30 to 95 to the "
    "Actuarial Life Table of the Social Security Administration (US), 2009; all causes, so cancer "
    "among them"
)


def write_prognosis(prognosis: Prognosis, path: Path | None = None) -> Path:
    """Write what was fitted into the parameter file; returns it."""
    target = path or resource_folder("scenarios") / "parameters" / "prognosis.toml"
    replace_block(target, prognosis_block(prognosis))
    return target


def prognosis_block(prognosis: Prognosis) -> str:
    """Return the entries of all that was fitted."""
    entries = [
        _entry(
            f"lethal_cells.{organ}",
            (cells, "1"),
            _UNTREATED if organ == DEFAULT_ORGAN else _STAGE_FOUR,
        )
        for organ, cells in prognosis.lethal.items()
    ]
    for sex, law in prognosis.life.items():
        entries += [
            _entry(f"{sex}.{key}", number, f"{what}; {_LIFE}") for key, number, what in _parts(law)
        ]
    return "\n".join(entries)


def show_prognosis(prognosis: Prognosis) -> str:
    """Return the fit as text: what is fitted and what is predicted."""
    lines = ["Cells at which death comes at half of its highest hazard (fitted)"]
    lines += [f"  {organ:8s} {cells:9.3g}" for organ, cells in prognosis.lethal.items()]
    alive = ", ".join(f"{share:.3f} after {y} years" for y, share in prognosis.untreated.items())
    lines += [f"Untreated patients alive (predicted): {alive}"]
    treated = (
        f"Patients with metastases: doubling time {prognosis.slowing:.2f} of the natural one, "
        f"spread of growth {prognosis.growth_spread:.2f} (fitted)"
    )
    lines += [
        treated,
        "  fitted        three-year survival, published and found; median [months]",
    ]
    for site, (share, found, months, median) in prognosis.figures.items():
        lines.append(f"  {site:8s} {share:12.3f} {found:8.3f} {months:12.0f} {median:8.1f}")
    for name, (published, got) in prognosis.predicted.items():
        lines.append(f"  predicted: {name}: {published:g}, found {got:.3g}")
    for sex, law in prognosis.life.items():
        lines.append(
            f"Other deaths, {sex}: {law.accident_rate:.3g} + {law.ageing_rate:.3g} "
            f"2^((age - 60) / {law.doubling_time:.3g}) a year; at worst {law.worst_ratio:.2f} times"
            " off the table"
        )
    return "\n".join(lines)


def _parts(law: LifeLaw) -> tuple[tuple[str, tuple[float, str], str], ...]:
    return (
        ("accident_rate", (law.accident_rate, "1/year"), "part of the hazard without age"),
        ("ageing_rate", (law.ageing_rate, "1/year"), "part that goes with age, at 60 years"),
        ("ageing_doubling_time", (law.doubling_time, "year"), "in which that part doubles"),
    )


def _entry(name: str, number: tuple[float, str], source: str) -> str:
    value, unit = number
    text = f"{value:.3g}"
    if not any(mark in text for mark in ".e"):
        text += ".0"
    return f'[{name}]\nvalue  = {text}\nunit   = "{unit}"\nbasis  = "fitted"\nsource = "{source}"\n'
