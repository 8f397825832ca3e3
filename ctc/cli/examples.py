"""Commands whose help ends with examples to copy, printed as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


class ExampleCommand(click.Command):
    """A command with examples.

    Parameters
    ----------
    examples : sequence of str
        Command lines, one each.
    **attributes
        As for `click.Command`.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the options."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)


class ExampleGroup(click.Group):
    """A group of commands with examples; see `ExampleCommand`."""

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the commands."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """Write command lines unwrapped under a heading."""
    if not examples:
        return
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(" " * formatter.current_indent + example + "\n")
