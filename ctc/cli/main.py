"""The command ``ctc``: its subcommands, and exit codes for everything that can go wrong."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

from ctc.cli.doctor import doctor
from ctc.cli.inspection import inspect
from ctc.cli.run import check, resume, run
from ctc.cli.schema import schema
from ctc.cli.vessels import vessels
from ctc.errors import CtcError

DONE, INTERNAL_ERROR, WRONG_INPUT, STOPPED, NOT_WRITTEN = 0, 1, 2, 3, 5
# What a shell reports for a process that Ctrl-C ended: no checkpoint was left.
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ctc", prog_name="ctc")
def cli() -> None:
    """Follow every tumour cell that a tumour sheds through the blood vessels of a whole body.

    A run needs one scenario file, which says whose body, which tumour and how long:

    \b
      ctc check scenarios/quick.toml             what it would cost; runs nothing
      ctc run scenarios/quick.toml -o quick.vtkhdf
      ctc inspect quick.vtkhdf                   what became of the cells

    Exit codes: 0 done, 1 internal error, 2 wrong input or missing device, 3 stopped early with a
    checkpoint (see `ctc resume`), 4 device fault while running, 5 output could not be written.
    """


for command in (run, resume, check, inspect, vessels, doctor, schema):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is one message on stderr.

    Parameters
    ----------
    arguments : sequence of str, optional
        Instead of those of the process.

    Returns
    -------
    int
        0 done, 1 internal error, 2 wrong input or missing device, 3 stopped early with a
        checkpoint, 4 device fault, 5 output could not be written.
    """
    try:
        result = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="ctc",
            standalone_mode=False,
        )
    except CtcError as error:
        _say("stopped" if error.exit_code == STOPPED else "error", str(error))
        return error.exit_code
    except click.UsageError as error:
        _say("error", _usage_text(error))
        return WRONG_INPUT
    except click.ClickException as error:
        _say("error", error.format_message())
        return WRONG_INPUT
    except (click.Abort, KeyboardInterrupt):
        _say("stopped", "interrupted before a checkpoint was written; nothing to resume.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as in `ctc inspect RUN | head`.
        sys.stderr.close()
        return DONE
    except Exception:
        traceback.print_exc()
        _say("internal error", "this is a fault of ctc; please report it with the lines above.")
        return INTERNAL_ERROR
    return result if isinstance(result, int) else DONE


def _usage_text(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx is not None else "ctc"
    return f"{error.format_message()} See '{command} --help'."


def _say(kind: str, message: str) -> None:
    print(f"ctc: {kind}: {message}", file=sys.stderr)


def entry() -> None:
    """Run the command of this process and leave with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
