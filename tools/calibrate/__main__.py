"""Fit organ affinities to autopsies, and deaths to survival; write them into the parameter files.

    python -m tools.calibrate              fit on stored exposures and write, seconds
    python -m tools.calibrate --dry-run    the same without writing
    python -m tools.calibrate exposures    solve the exposures again and store them, minutes
    python -m tools.calibrate prognosis    fit what patients die of and write it, seconds

Each with --json for programs. Judged by python -m tools.validate autopsies.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ctc.errors import CtcError
from tools.calibrate.exposures import TABLE, compute_exposures, read_exposures, write_exposures
from tools.calibrate.prognosis import find_prognosis
from tools.calibrate.prognosis_file import show_prognosis, write_prognosis
from tools.calibrate.protocol import HELD_OUT
from tools.calibrate.shipping import Affinities, find_affinities, write_affinities
from tools.calibrate.table import gather_findings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.what == "exposures":
            return _exposures(as_json=options.json)
        if options.what == "prognosis":
            return _prognosis(options)
        affinities = find_affinities(gather_findings(read_exposures()))
        files = [] if options.dry_run else write_affinities(affinities)
    except CtcError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        print(json.dumps(figures(affinities), indent=1))
    else:
        print(show(affinities))
        print(f"{len(files)} parameter files written" if files else "nothing written")
    return 0


def figures(affinities: Affinities) -> dict[str, Any]:
    """Return the fit as plain values."""
    fitted = affinities.predictor.fit
    return {
        "held_out": list(HELD_OUT),
        "n_parameters": affinities.predictor.n_parameters,
        "spread_between_patients": fitted.spread,
        "scatter_of_pairs": fitted.scatter,
        "log_likelihood": fitted.log_likelihood,
        "common": affinities.common,
        "default": affinities.default,
        "own": affinities.own,
    }


def show(affinities: Affinities) -> str:
    """Return the fit as text."""
    fitted = affinities.predictor.fit
    spreads = (
        f"Spread between patients {fitted.spread:.2f} (log; counts of circulating cells: 2.2), "
        f"scatter of pairs {fitted.scatter:.2f}, {affinities.predictor.n_parameters} free numbers"
    )
    lines = [
        f"Held out: {', '.join(HELD_OUT)}",
        spreads,
        "",
        "Colonies for a cell that left the vessel, over those in the liver",
    ]
    for site, value in affinities.common.items():
        own = ", ".join(
            f"{cancer} {sites[site]:.3g}"
            for cancer, sites in affinities.own.items()
            if site in sites
        )
        lines.append(f"  {site.replace('_', ' '):16s} {value:8.3g}   {own}")
    lines.append(f"  {'any other organ':16s} {affinities.default:8.3g}")
    return "\n".join(lines)


def _exposures(*, as_json: bool) -> int:
    rows = compute_exposures()
    write_exposures(rows)
    if as_json:
        print(json.dumps([vars(row) for row in rows], indent=1))
    else:
        print(f"{len(rows)} exposures written to {TABLE.name}. Fit them: python -m tools.calibrate")
    return 0


def _prognosis(options: argparse.Namespace) -> int:
    found = find_prognosis()
    print(json.dumps(asdict(found), indent=1) if options.json else show_prognosis(found))
    if not options.dry_run:
        write_prognosis(found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.calibrate", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "what", nargs="?", choices=["affinities", "exposures", "prognosis"], default="affinities"
    )
    parser.add_argument("--dry-run", action="store_true", help="fit, but write no parameter file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
