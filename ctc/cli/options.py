"""Options that several commands share, checked as far as their form goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ctc.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])

_DEVICE = re.compile(r"auto|cpu|cuda(:(all|[0-9]+(,[0-9]+)*))?")
SUFFIX = ".vtkhdf"


def _device(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _DEVICE.fullmatch(value):
        message = f"value must be auto, cpu, cuda, cuda:N, cuda:N,M or cuda:all, got '{value}'."
        raise InputError(message, key="--device")
    return value


def device_options(command: Command) -> Command:
    """Add ``--device`` and ``--threads``."""
    command = click.option(
        "--threads",
        type=click.IntRange(1, 4096),
        metavar="N",
        help="Threads of the cpu device; all cores by default. Changes no result.",
    )(command)
    return click.option(
        "--device",
        default="auto",
        show_default=True,
        callback=_device,
        metavar="auto|cpu|cuda[:N]",
        help="Where the cells are moved; auto takes a GPU if there is one, cuda:0,1 several, "
        "cuda:all all. Changes no result.",
    )(command)


def shard_options(command: Command) -> Command:
    """Add ``--shards``, ``--workers`` and ``--scheduler``."""
    command = click.option(
        "--shards",
        type=click.IntRange(1, 1024),
        metavar="N",
        help="Parts that the cells are split into on this machine; one for each device by default. "
        "On the processor no more work at once than there are --threads. Changes no result.",
    )(command)
    command = click.option(
        "--workers",
        type=click.IntRange(1, 65536),
        metavar="N",
        help="Split the cells over so many Dask workers: processes of this machine, which take "
        "one GPU each, or those of --scheduler. Changes no result.",
    )(command)
    return click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Split the cells over the workers of this Dask scheduler, such as tcp://host:8786. "
        "Changes no result.",
    )(command)


set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one key of the scenario, such as --set run.duration='2 days'; may be repeated. "
    "Entries of lists by number (source.0.mass), parameters as override.tumour_cell.diameter.",
)

overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace the output file if there is one."
)

timings_option = click.option(
    "--timings",
    is_flag=True,
    help="Show at the end where the time went, by phase; a dash where it cannot be told.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print machine-readable JSON instead of tables."
)


def default_output(scenario: Path) -> Path:
    """Return the run file in the working folder that is named after the scenario."""
    return Path(scenario.name).with_suffix(SUFFIX)
