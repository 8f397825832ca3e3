"""XML read piece by piece, with no entities: a few lines of those can fill any memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

from ctc.errors import InputError
from ctc.input_files import at_line

Start = Callable[[str, dict[str, str]], None]


def parse_plainly(
    text: str,
    path: Path,
    *,
    start: Start | None = None,
    end: Callable[[str], None] | None = None,
    data: Callable[[str], None] | None = None,
) -> None:
    """Go through an XML text from its first tag to its last.

    Parameters
    ----------
    text : str
        The whole file.
    path : Path
        Of the file, for messages.
    start, end, data : callable, optional
        What is told of a tag that begins (name, attributes), one that ends (name), and of text
        between. An InputError that they raise is given the line.

    Raises
    ------
    InputError
        If the text is no well-formed XML, is cut short, or declares entities; names the line.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def refuse_entity(*_: Any) -> None:
        message = "XML must declare no entities, got one. Write it without a DTD."
        raise InputError(message)

    def refuse_declarations(_name: str, _system: object, _public: object, has_own: int) -> None:
        if has_own:
            refuse_entity()

    # A DTD that is only named is never fetched; one that is written out declares something.
    parser.StartDoctypeDeclHandler = refuse_declarations
    parser.EntityDeclHandler = refuse_entity
    if start is not None:
        parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if data is not None:
        parser.CharacterDataHandler = data
    try:
        # The text is decoded already; what its first line says of an encoding is past.
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        message = f"file must be well-formed XML, got an error ({reason}). It may be cut short."
        raise at_line(path, error.lineno, message) from None
    except InputError as error:
        raise error.at(file=str(path), key=f"line {parser.CurrentLineNumber}") from None
