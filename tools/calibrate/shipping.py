"""The shipped affinities: one fit without the primaries held out, written into parameter files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ctc.resources import resource_folder
from tools.calibrate.fit import Problem, scatter_of_pairs
from tools.calibrate.models import Model, Predictor, train
from tools.calibrate.protocol import CANCERS, HELD_OUT, SITES
from tools.calibrate.table import Findings

# Factors are relative to this site, where the outcome shares of a cell in tissue were measured.
REFERENCE = "liver"
# A cancer has an affinity of its own where the scatter of that pair lies so many of its standard
# deviations from 0.
_CLEAR = 2.0
MARK = "# From here on written by python -m tools.calibrate; what is changed here will be lost."
END = "# Here ends what python -m tools.calibrate wrote."
_DATA = "diSibio and French 2008 Arch Pathol Lab Med 132:931"
_DIGITS = 3


@dataclass(frozen=True)
class Affinities:
    """What goes into the parameter files.

    Attributes
    ----------
    common : dict of str to float
        Colonies for a cell that left the vessel at a site, over those in the liver.
    default : float
        Of organs that are no such site: the geometric mean.
    own : dict of str to dict of str to float
        The same by cancer and site, where a cancer differs clearly.
    predictor : Predictor
        The fit.
    """

    common: dict[str, float]
    default: float
    own: dict[str, dict[str, float]]
    predictor: Predictor


def find_affinities(findings: Findings) -> Affinities:
    """Fit all primaries but those of `HELD_OUT`."""
    used = findings.without(HELD_OUT)
    predictor = train(Model.OURS, used)
    log_factor = predictor.fit.factor - predictor.fit.factor[used.sites.index(REFERENCE)]
    problem = Problem(
        used.n_patients, used.n_found, used.counts, np.log(used.exposure), has_factors=True
    )
    mean, deviation = scatter_of_pairs(problem, predictor.fit)
    clear = used.counts & (np.abs(mean) > _CLEAR * deviation)
    own = {
        primary.cancer: {
            site: float(np.exp(log_factor[j] + mean[i, j]))
            for j, site in enumerate(used.sites)
            if clear[i, j]
        }
        for i, primary in enumerate(used.primaries)
        if primary.cancer
    }
    return Affinities(
        common=dict(zip(used.sites, np.exp(log_factor).tolist(), strict=True)),
        default=float(np.exp(log_factor.mean())),
        own=own,
        predictor=predictor,
    )


def write_affinities(affinities: Affinities, folder: Path | None = None) -> list[Path]:
    """Write the blocks between `MARK` and `END`; returns the files.

    Parameters
    ----------
    affinities : Affinities
        From `find_affinities`.
    folder : Path, optional
        That holds ``tissue.toml`` and ``cancers/``; that of the checkout by default.
    """
    root = folder or resource_folder("scenarios") / "parameters"
    tissue = root / "tissue.toml"
    replace_block(tissue, _common_block(affinities))
    written = [tissue]
    for cancer in CANCERS:
        path = root / "cancers" / f"{cancer}.toml"
        replace_block(path, _own_block(affinities, cancer))
        written.append(path)
    return written


def block_of(path: Path) -> str:
    """Return what stands between `MARK` and `END` in a parameter file."""
    return path.read_text(encoding="utf-8").partition(MARK)[2].partition(END)[0]


def _common_block(affinities: Affinities) -> str:
    held = ", ".join(HELD_OUT)
    source = (
        f"colonies for a cell that left the vessel, over those in the {REFERENCE}, common to all "
        f"cancers; fitted by python -m tools.calibrate on the autopsies of {_DATA} without {held}"
    )
    entries = [
        _entry(
            "organ.default.colony_factor",
            affinities.default,
            "derived",
            "geometric mean of the factors below, for organs that the autopsy table does not tell "
            f"of: python -m tools.calibrate, {_DATA}",
        )
    ]
    for site, organs in SITES.items():
        for organ in organs:
            name = f"organ.{_key(organ)}.colony_factor"
            value = affinities.common[site]
            if site == REFERENCE:
                entries.append(
                    _entry(name, value, "derived", "the others are relative to this one")
                )
            else:
                entries.append(_entry(name, value, "fitted", source))
    return "\n".join(entries)


def _own_block(affinities: Affinities, cancer: str) -> str:
    if cancer in HELD_OUT:
        return "# Held out of the fit: this cancer has no affinities of its own.\n"
    entries = []
    for site, value in affinities.own[cancer].items():
        ratio = value / affinities.common[site]
        source = (
            f"as in tissue.toml, times {ratio:.2g}: this cancer's own share, shrunken to what all "
            f"have in common; fitted by python -m tools.calibrate on the autopsies of {_DATA}"
        )
        for organ in SITES[site]:
            name = f"tissue.organ.{_key(organ)}.colony_factor"
            entries.append(_entry(name, value, "fitted", source))
    return "\n".join(entries) or "# No affinity differs clearly from the common one.\n"


def _entry(name: str, value: float, basis: str, source: str) -> str:
    return (
        f'[{name}]\nvalue  = {value:#.{_DIGITS}g}\nunit   = "1"\n'
        f'basis  = "{basis}"\nsource = "{source}"\n'
    )


def _key(organ: str) -> str:
    return f'"{organ}"' if " " in organ else organ


def replace_block(path: Path, block: str) -> None:
    """Write a block between `MARK` and `END` of a parameter file; at its end if it has none."""
    above, _, rest = path.read_text(encoding="utf-8").partition(MARK)
    below = rest.partition(END)[2]
    text = f"{above.rstrip()}\n\n{MARK}\n\n{block.rstrip()}\n\n{END}\n"
    path.write_text(text + ("\n" + below.lstrip() if below.strip() else ""), encoding="utf-8")
