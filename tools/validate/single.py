"""Single comparisons in full: everything that one of them finds, not only its figures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from tools.validate import autopsy_report, circulation, organ_report, transit
from tools.validate.organ_experiment import Experiment

COMMANDS = ("organ_matrix", "circulation", "transit", "autopsies")


def run(arguments: Sequence[str]) -> int:
    """Run the comparison that the first word names; returns its exit code."""
    options = _parser().parse_args(arguments)
    if options.what == "organ_matrix":
        return _organ_matrix(options)
    if options.what == "autopsies":
        return _autopsies(options)
    return _transit(options) if options.what == "transit" else _circulation(options)


def _organ_matrix(options: argparse.Namespace) -> int:
    experiment = Experiment(options.tables, cells=options.cells)
    outcome = organ_report.conduct(experiment, device=options.device, threads=options.threads)
    if options.json:
        print(json.dumps(organ_report.figures(outcome), indent=1))
    else:
        print(organ_report.show(outcome))
    if options.picture:
        organ_report.draw(outcome, options.picture)
    return 0


def _autopsies(options: argparse.Namespace) -> int:
    outcome = autopsy_report.conduct()
    if options.json:
        print(json.dumps(autopsy_report.figures(outcome), indent=1))
    else:
        print(autopsy_report.show(outcome))
    return 0


def _circulation(options: argparse.Namespace) -> int:
    found = [
        circulation.measure_circulation(
            body,
            n_tracers=options.cells,
            n_terminals=options.terminals,
            device=options.device,
            threads=options.threads,
        )
        for body in options.body or circulation.BODIES
    ]
    if options.json:
        print(json.dumps([circulation.figures(each) for each in found], indent=1))
    else:
        print(circulation.show(found))
    return 0


def _transit(options: argparse.Namespace) -> int:
    found = {
        body: transit.measure_transit(
            body,
            n_tracers=options.cells,
            n_terminals=options.terminals,
            device=options.device,
            threads=options.threads,
        )
        for body in options.body or ["human_male"]
    }
    if options.json:
        print(json.dumps([transit.figures(*each) for each in found.items()], indent=1))
    else:
        print("\n\n".join(transit.show(*each) for each in found.items()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.validate", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="what", required=True)
    matrix = commands.add_parser("organ_matrix", help="where cells attach in an imported body")
    matrix.add_argument(
        "--tables",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="nodes.csv with near_organs, segments.csv, organ_flow_targets.csv",
    )
    matrix.add_argument("--cells", type=_count, default=10_000, help="of each source")
    matrix.add_argument("--picture", type=Path, metavar="FILE.png", help="draw the matrices")
    around = commands.add_parser("circulation", help="times of passage of the shipped bodies")
    through = commands.add_parser("transit", help="transit times and blood volumes by their tables")
    for command in (around, through):
        command.add_argument(
            "--body", action="append", metavar="PLAN", help="such as human_male or mouse_25g"
        )
        command.add_argument("--cells", type=_several, default=1_000_000, help="tracers a body")
        command.add_argument("--terminals", type=_count, default=20_000, help="capillary beds")
    for command in (matrix, around, through):
        command.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
        command.add_argument("--threads", type=_count, help="of the cpu; all cores by default")
        command.add_argument("--json", action="store_true", help="print JSON")
    sites = commands.add_parser("autopsies", help="organs of held-out cancers, liver : lung")
    sites.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _count(text: str, *, least: int = 1) -> int:
    value = int(text.replace("_", ""))
    if value < least:
        message = f"must be at least {least}, got {text}"
        raise argparse.ArgumentTypeError(message)
    return value


def _several(text: str) -> int:
    """As `_count`, of what a scatter is taken from."""
    return _count(text, least=100)
