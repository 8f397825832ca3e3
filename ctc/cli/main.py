"""The command ``ctc``: its subcommands, and exit codes for everything that can go wrong."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence

import click

from ctc.cli.doctor import doctor
from ctc.cli.examples import ExampleGroup
from ctc.cli.export import export
from ctc.cli.inspection import inspect
from ctc.cli.render import render
from ctc.cli.repair import repair
from ctc.cli.replay import replay
from ctc.cli.report import report
from ctc.cli.run import check, resume, run
from ctc.cli.scan import scan
from ctc.cli.schema import schema
from ctc.cli.sweep import sweep
from ctc.cli.verify import verify
from ctc.cli.vessels import vessels
from ctc.cli.view import view
from ctc.errors import CtcError, OutputError, printable
from ctc.fault_points import check_faults
from ctc.resources import program_version
from ctc.stopping import Terminated

DONE, INTERNAL_ERROR, WRONG_INPUT, STOPPED = 0, 1, 2, 3
# What a shell reports for a process that Ctrl-C or SIGTERM ended: no checkpoint was written then.
INTERRUPTED, TERMINATED = 130, 143
_NO_PATH = (errno.ENAMETOOLONG, errno.ELOOP)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        print(f"ctc {program_version()}")
        context.exit()


@click.group(
    cls=ExampleGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        "ctc check scenarios/quick.toml                what it would cost; runs nothing",
        "ctc run scenarios/quick.toml -o quick.vtkhdf  a million cells",
        "ctc inspect quick.vtkhdf                      what became of them",
    ),
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Follow every tumour cell that a tumour sheds through the blood vessels of a whole body.

    A run needs one scenario file, which says whose body, which tumour and how long; it writes
    one run file.

    Exit codes: 0 done, 1 internal error, 2 wrong input or missing device, 3 stopped early with a
    checkpoint (see `ctc resume`), 4 device fault or lost worker, 5 output could not be written.
    """


COMMANDS = (
    run,
    resume,
    check,
    sweep,
    inspect,
    replay,
    verify,
    view,
    report,
    render,
    scan,
    export,
    repair,
    vessels,
    doctor,
    schema,
)
for command in COMMANDS:
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
        checkpoint, 4 device fault or lost worker, 5 output could not be written.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows another; a result is not lost for it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        check_faults()
        result = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="ctc",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output went away, as in `ctc inspect RUN | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (click.Abort, KeyboardInterrupt, Terminated) as error:
        return _stop(error)
    except (CtcError, click.ClickException) as error:
        return _explain(error)
    except MemoryError as error:
        remedy = (
            "Fewer cells or segments need less; 'ctc check' says how much. A run that has a "
            "checkpoint goes on from it with 'ctc resume', where there is more."
        )
        _say("error", f"memory must suffice, got too little ({str(error).rstrip('.')}). {remedy}")
        return WRONG_INPUT
    except Exception as error:
        return _fail(error)
    return result if isinstance(result, int) else DONE


def _stop(error: BaseException) -> int:
    if isinstance(error, Terminated):
        _say("stopped", "told to end; what was unfinished is removed.")
        return TERMINATED
    _say(
        "stopped",
        "interrupted; a run that has a checkpoint goes on from it with 'ctc resume', a sweep with "
        "the same command.",
    )
    return INTERRUPTED


def _fail(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        # What was printed does not reach its file; the end of the process would try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _say("error", f"output could not be written ({error.strerror}). Check where it goes.")
        return OutputError.exit_code
    if isinstance(error, OSError) and error.errno in _NO_PATH:
        _say("error", f"path must be one that can be, got one that is none ({error}). Correct it.")
        return WRONG_INPUT
    traceback.print_exception(error)
    _say("internal error", "this is a fault of ctc; please report it with the lines above.")
    return INTERNAL_ERROR


def _explain(error: CtcError | click.ClickException) -> int:
    if isinstance(error, CtcError):
        _say("stopped" if error.exit_code == STOPPED else "error", str(error))
        return error.exit_code
    text = error.format_message()
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx is not None else "ctc"
        text = f"{text} See '{command} --help'."
    _say("error", text)
    return WRONG_INPUT


def _say(kind: str, message: str) -> None:
    print(f"ctc: {kind}: {printable(message)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
