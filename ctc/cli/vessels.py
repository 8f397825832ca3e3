"""``ctc vessels grow|info|import``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand, ExampleGroup
from ctc.cli.options import json_option, overwrite_option
from ctc.cli.vessel_picture import draw

_BODIES = ("human_female", "human_male")

_output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The network file to write.",
)


@click.group(
    cls=ExampleGroup,
    short_help="Grow, import and measure vessels.",
    examples=("ctc vessels grow -o female.h5", "ctc vessels info female.h5"),
)
def vessels() -> None:
    """Grow, import and measure networks of blood vessels."""


@vessels.command(
    cls=ExampleCommand,
    short_help="Grow the vessels of a body.",
    examples=("ctc vessels grow --body human_male --terminals 50000 -o male.h5",),
)
@click.option(
    "--terminals",
    type=click.IntRange(1, 10**8),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Capillary beds; about five segments each.",
)
@click.option("--organ", metavar="NAME", help="Only this organ's trees; the whole body by default.")
@click.option(
    "--body",
    type=click.Choice(_BODIES),
    default="human_female",
    show_default=True,
    help="Whose organs and flows.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    default=1,
    show_default=True,
    metavar="S",
    help="Of the random placement.",
)
@_output
@overwrite_option
def grow(
    terminals: int,
    organ: str | None,
    *,
    body: str,
    seed: int,
    output: Path,
    overwrite: bool,
) -> None:
    """Grow the vessels of a body, or of one organ of it."""
    info: dict[str, Any] = pipeline().grow_vessels(
        body, n_terminals=terminals, organ=organ, seed=seed, output=output, overwrite=overwrite
    )
    _print_info(info, output)
    print(f"Written to {output}. Next: ctc vessels info {output}")


@vessels.command(
    cls=ExampleCommand,
    short_help="Measure a network.",
    examples=("ctc vessels info male.h5 --json",),
)
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def info(file: Path, *, as_json: bool) -> None:
    """Measure the network in FILE (a network or a run): counts, orders, residuals."""
    figures: dict[str, Any] = pipeline().vessel_info(file)
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(figures, indent=1, allow_nan=False))
        return
    _print_info(figures, file)


@vessels.command(
    "import",
    cls=ExampleCommand,
    short_help="Import a network from CSV tables.",
    examples=("ctc vessels import my_tables -o mine.h5",),
)
@click.argument("folder", type=click.Path(path_type=Path))
@_output
@click.option(
    "--no-repair",
    is_flag=True,
    help="Refuse dirty tables instead of repairing them by named rules.",
)
@overwrite_option
def import_tables(folder: Path, output: Path, *, no_repair: bool, overwrite: bool) -> None:
    """Import a network from the CSV tables in FOLDER (nodes.csv, segments.csv).

    Every repair is named, counted and kept in the file.
    """
    figures: dict[str, Any] = pipeline().import_vessels(
        folder, repair=not no_repair, output=output, overwrite=overwrite
    )
    _print_info(figures, output)
    print(f"Written to {output}. Next: ctc vessels info {output}")


vessels.add_command(draw)


def _print_info(figures: dict[str, Any], file: Path) -> None:
    from ctc.cli.vessel_tables import print_vessels  # noqa: PLC0415 - slow to import

    print_vessels(str(file), figures)
