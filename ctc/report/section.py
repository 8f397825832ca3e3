"""What a section of the report is: sentences, figures, tables; and tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from ctc.report.drawing import Drawing

Cell = str | int | float


@dataclass(frozen=True)
class Table:
    """Rows under names.

    Attributes
    ----------
    name : str
        Of its file.
    title : str
        Above it in the page.
    columns : tuple of str
        With their units in brackets.
    rows : tuple of tuple
        Texts and numbers; an empty text where there is none.
    is_open : bool
        Whether the page shows it at once; others unfold.
    is_shown : bool
        Whether it stands in the page at all; CSV holds every table.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_open: bool = False
    is_shown: bool = True

    def csv_text(self) -> str:
        """Return the table as CSV with a heading, numbers with every digit."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue()


@dataclass(frozen=True)
class Section:
    """One part of the report.

    Attributes
    ----------
    name, title : str
        Of its place in the page, and its heading.
    sentences : tuple of str
        What it says before its figures; why it is empty where it is.
    figures : tuple of Drawing
        In order.
    tables : tuple of Table
        In order, below the figures.
    notes : tuple of str
        Small print below: how figures were made, what limits them.
    """

    name: str
    title: str
    sentences: Sequence[str] = ()
    figures: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
