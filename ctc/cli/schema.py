"""``ctc schema``."""

from __future__ import annotations

from pathlib import Path

import click

from ctc.cli.examples import ExampleCommand
from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError


@click.command(
    cls=ExampleCommand,
    short_help="Print the JSON schema of scenarios, or of sweeps.",
    examples=(
        "ctc schema -o scenario.schema.json",
        "ctc schema --sweep -o sweep.schema.json",
    ),
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
@click.option("--sweep", "is_of_sweep", is_flag=True, help="That of a sweep file instead.")
def schema(output: Path | None, *, is_of_sweep: bool) -> None:
    """Print the JSON schema of a scenario file, for editors that complete and check TOML."""
    import json  # noqa: PLC0415 - only when it runs

    from ctc.scenario.problems import settings_schema  # noqa: PLC0415 - slow to import
    from ctc.scenario.sweep_load import sweep_schema  # noqa: PLC0415 - slow to import

    chosen = sweep_schema() if is_of_sweep else settings_schema()
    text = json.dumps(chosen, indent=1, ensure_ascii=False) + "\n"
    if output is None:
        print(text, end="")
        return
    if not output.parent.is_dir():
        message = f"output must lie in an existing folder, got '{output.parent}'. Make it first."
        raise InputError(message, file=str(output))
    fresh = output.with_name(f".{output.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        put_in_place(fresh, output, what="output")
    except OSError as error:
        message = f"{output}: file must be writable, got: {error.strerror}."
        raise OutputError(message) from None
    finally:
        fresh.unlink(missing_ok=True)
