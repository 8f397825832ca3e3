"""``ctc export``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand
from ctc.cli.options import overwrite_option
from ctc.errors import InputError, near_name
from ctc.states import CellState
from ctc.stopping import cleaning_up

FORMATS = ("gsd", "vtp", "csv", "h5md", "vtkhdf")
_RANGE = re.compile(r"(-?\d{1,15})?:(-?\d{1,15})?")


def frame_range(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[int | None, int | None]:
    """Read an option ``A:B``; InputError where it is none."""
    if value is None:
        return None, None
    match = _RANGE.fullmatch(value)
    if match is None:
        message = f"frames must be A:B, got '{value}'. 0:10 are the first ten, -5: the last five."
        raise InputError(message, key="--frames")
    first, stop = (None if end is None else int(end) for end in match.groups())
    return first, stop


def cell_states(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[CellState, ...]:
    """Read names parted by commas; InputError where one is unknown."""
    known = {state.name.lower(): state for state in CellState}
    names = [] if value is None else [name.strip().lower() for name in value.split(",")]
    for name in names:
        if name not in known:
            message = f"states must be names parted by commas, got '{name}'. "
            raise InputError(message + near_name(name, known), key="--states")
    return tuple(sorted({known[name] for name in names}))


@click.command(
    cls=ExampleCommand,
    short_help="Write a run for another program.",
    examples=(
        "ctc export quick.vtkhdf -o quick.gsd                       for OVITO",
        "ctc export quick.vtkhdf -o quick.csv.gz --states arrested  for a spreadsheet or R",
        "ctc export big.vtkhdf -o small.vtkhdf --every 10 --cells 1000",
    ),
)
@click.argument("run_file", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The file to write; its suffix tells the format: .gsd, .pvd, .csv, .csv.gz, .h5md, "
    ".vtkhdf.",
)
@click.option(
    "--format", "format_name", type=click.Choice(FORMATS), help="To be sure of the format."
)
@click.option(
    "--every", type=click.IntRange(1), default=1, metavar="N", help="Only every N-th frame."
)
@click.option(
    "--frames",
    callback=frame_range,
    metavar="A:B",
    help="Only frames A to B-1, from 0; negative from the end.",
)
@click.option(
    "--cells",
    type=click.IntRange(1),
    metavar="N",
    help="Only N cells, a fair sample, the same in every frame.",
)
@click.option(
    "--states",
    callback=cell_states,
    metavar="A,B",
    help="Only cells in these states at the time of the frame, such as circulating,arrested.",
)
@overwrite_option
@cleaning_up()
def export(
    run_file: Path,
    output: Path,
    *,
    format_name: str | None,
    every: int,
    frames: tuple[int | None, int | None],
    cells: int | None,
    states: tuple[CellState, ...],
    overwrite: bool,
) -> None:
    """Write a RUN, or some of its frames and cells, as files of other programs.

    GSD for OVITO, PVD with VTP for ParaView, CSV, H5MD for MDAnalysis, or a smaller run file
    (VTKHDF) that `ctc render` opens. Works on finished, running and killed runs.
    """
    conductor = pipeline()
    selection = conductor.Selection(frames=frames, every=every, n_cells=cells, states=states)
    with conductor.open_run(run_file) as run:
        written = conductor.export_run(
            run, output, selection=selection, format_name=format_name, overwrite=overwrite
        )
    print(f"Written to {', '.join(map(str, written))}.")
