"""``ctc vessels grow|info|import|export``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from ctc.cli.conductor import pipeline
from ctc.cli.examples import ExampleCommand, ExampleGroup
from ctc.cli.options import json_option, overwrite_option
from ctc.cli.vessel_picture import draw
from ctc.errors import InputError

_BODIES = ("human_female", "human_male", "mouse_25g", "rat_250g")
_READABLE = (
    *("auto", "tables", "vtp", "vtk", "vtkhdf", "graphml", "csv", "swc", "microbloom", "gxl"),
    "spatialgraph",
)
_WRITABLE = ("auto", "vtp", "vtk", "vtkhdf", "graphml", "csv", "swc", "microbloom", "svzerod")
_KINDS = ("artery", "arteriole", "venule", "vein", "lymphatic")

_output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The network file to write.",
)


def _point(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    """Return three numbers parted by commas."""
    if value is None:
        return None
    try:
        x, y, z = (float(word) for word in value.split(","))
        if not math.isfinite(x + y + z):
            raise ValueError
    except ValueError:
        message = f"hilum must be three finite numbers x,y,z, got '{value}'. Correct it."
        raise InputError(message, key="--hilum") from None
    return x, y, z


@click.group(
    cls=ExampleGroup,
    short_help="Grow, import, export and measure vessels.",
    examples=("ctc vessels grow -o female.h5", "ctc vessels info female.h5"),
)
def vessels() -> None:
    """Grow, import, export and measure networks of blood vessels."""


@vessels.command(
    cls=ExampleCommand,
    short_help="Grow the vessels of a body.",
    examples=(
        "ctc vessels grow --body human_male --terminals 50000 -o male.h5",
        "ctc vessels grow --organ liver --mesh liver.stl --terminals 10000 -o liver.h5",
    ),
)
@click.option(
    "--terminals",
    type=click.IntRange(1, 10**8),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Capillary beds of the body, or of the organ; about five segments each.",
)
@click.option(
    "--organ",
    metavar="NAME",
    help="Only this organ's trees, or those of one region such as 'left kidney'; the whole body "
    "by default.",
)
@click.option(
    "--mesh",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Closed surface (STL or OBJ) to grow the organ in, instead of the body's own shape.",
)
@click.option("--unit", metavar="U", help="Of the surface's coordinates.  [default: mm]")
@click.option(
    "--hilum",
    metavar="X,Y,Z",
    callback=_point,
    help="Where vessels enter the surface, in its unit; needed where it does not stand in the "
    "body's axes.",
)
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
    mesh: Path | None,
    unit: str | None,
    hilum: tuple[float, float, float] | None,
    body: str,
    seed: int,
    output: Path,
    overwrite: bool,
) -> None:
    """Grow the vessels of a body, or of one organ of it."""
    surface = _surface(mesh, unit, hilum)
    info: dict[str, Any] = pipeline().grow_vessels(
        body,
        n_terminals=terminals,
        organ=organ,
        seed=seed,
        output=output,
        overwrite=overwrite,
        surface=surface,
    )
    _print_info(info, output)
    print(f"Written to {output}. Next: ctc vessels info {output}")


@vessels.command(
    cls=ExampleCommand,
    short_help="Measure a network.",
    examples=(
        "ctc vessels info male.h5 --json",
        "ctc vessels info male.h5 --organ lung --orders diameter --plot lung.png",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--organ", metavar="NAME", help="Only this organ, or this region of it.")
@click.option(
    "--orders",
    "ordering",
    type=click.Choice(("strahler", "diameter")),
    default="strahler",
    show_default=True,
    help="Order vessels by branching alone, or by diameter too, as casts are measured.",
)
@click.option(
    "--mesh",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Surface that the organ was grown in, to measure how it is filled.",
)
@click.option("--unit", metavar="U", help="Of the surface's coordinates.  [default: mm]")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="PICTURE.png",
    help="Draw orders, distributions, angles, paths and volumes as a page of charts.",
)
@json_option
@overwrite_option
def info(
    file: Path,
    *,
    organ: str | None,
    ordering: str,
    mesh: Path | None,
    unit: str | None,
    plot: Path | None,
    as_json: bool,
    overwrite: bool,
) -> None:
    """Measure the network in FILE (a network or a run): counts, orders, residuals.

    Published figures stand beside those that have any, with their sources.
    """
    conductor = pipeline()
    if plot is not None:
        from ctc.viewer.png import check_target  # noqa: PLC0415 - only when it is asked for

        check_target(plot, overwrite, key="--plot")
    surface = _surface(mesh, unit, None)
    figures, measures = conductor.measure_vessels(
        file, organ=organ, ordering=ordering, surface=surface
    )
    if as_json:
        import json  # noqa: PLC0415 - with the branch that needs it

        print(json.dumps(figures, indent=1, allow_nan=False))
    else:
        _print_info(figures, file)
    if plot is not None:
        from ctc.viewer.measures_page import draw_measures  # noqa: PLC0415 - the same

        spread = {name: side.distributions for name, side in measures.sides.items()}
        draw_measures(figures, spread, plot, title=organ or file.stem)
        if not as_json:
            print(f"Charts written to {plot}.")


@vessels.command(
    "import",
    cls=ExampleCommand,
    short_help="Import a network from a file or tables.",
    examples=(
        "ctc vessels import my_tables -o mine.h5",
        "ctc vessels import tree.swc --kind vein -o tree.h5",
        "ctc vessels import tree_structure.xml --unit '0.04 mm' -o tree.h5",
    ),
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@_output
@click.option(
    "--format",
    "format_name",
    type=click.Choice(_READABLE),
    default="auto",
    show_default=True,
    help="Of FILE; by its suffix by default.",
)
@click.option(
    "--unit",
    metavar="UNIT",
    help="Of its lengths: um, mm, cm, m, or a size such as '0.04 mm'; by its format by default.",
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    help="Of the vessels, where the file does not say: artery by default.",
)
@click.option("--radius-name", metavar="NAME", help="Of the array that holds the radius.")
@click.option(
    "--no-repair",
    is_flag=True,
    help="Refuse a dirty file instead of repairing it by named rules.",
)
@overwrite_option
def import_file(
    path: Path,
    output: Path,
    *,
    format_name: str,
    unit: str | None,
    kind: str | None,
    radius_name: str | None,
    no_repair: bool,
    overwrite: bool,
) -> None:
    """Import a network from FILE: VTP, VTK, VTKHDF, SWC, GraphML, GXL, Amira, or CSV tables.

    A folder with nodes.csv and segments.csv is a network, or a whole body where the nodes say
    their tree and boundary. Every repair is named, counted and kept in the network file.
    """
    figures: dict[str, Any] = pipeline().import_vessels(
        path,
        repair=not no_repair,
        output=output,
        overwrite=overwrite,
        format_name=format_name,
        unit=unit,
        kind=kind,
        radius_name=radius_name,
    )
    _print_info(figures, output)
    print(f"Written to {output}. Next: ctc vessels info {output}")


@vessels.command(
    cls=ExampleCommand,
    short_help="Write a network for another program.",
    examples=(
        "ctc vessels export male.h5 -o male.vtp",
        "ctc vessels export male.h5 --format svzerod -o arteries.json",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The file to write; its suffix tells the format, a folder is CSV.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(_WRITABLE),
    default="auto",
    show_default=True,
    help="Of the file to write.",
)
@click.option(
    "--unit",
    metavar="UNIT",
    help="Of coordinates, radii and lengths: um, mm, cm or m; by the format by default.",
)
@overwrite_option
def export(
    file: Path, output: Path, *, format_name: str, unit: str | None, overwrite: bool
) -> None:
    """Write the network in FILE (a network or a run) in a format of other programs."""
    figures: dict[str, Any] = pipeline().export_vessels(
        file, output=output, format_name=format_name, unit=unit, overwrite=overwrite
    )
    from ctc.cli.vessel_tables import print_export  # noqa: PLC0415 - slow to import

    print_export(str(output), figures)


vessels.add_command(draw)


def _surface(mesh: Path | None, unit: str | None, hilum: tuple[float, float, float] | None) -> Any:
    """Return the surface that is asked for, if any; what says something of none is refused."""
    if mesh is not None:
        return pipeline().OwnSurface(mesh, unit or "mm", hilum)
    for name, value in (("hilum", hilum), ("unit", unit)):
        if value is not None:
            message = f"{name} must come with a surface, got no --mesh. Add it, or leave it out."
            raise InputError(message, key=f"--{name}")
    return None


def _print_info(figures: dict[str, Any], file: Path) -> None:
    from ctc.cli.vessel_tables import print_vessels  # noqa: PLC0415 - slow to import

    print_vessels(str(file), figures)
