"""PNG files: written whole or not at all, the same bytes for the same picture."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError
from ctc.viewer.palette import rgb

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIX = ".png"
_N_COLOURS = 256
# Parts of a kept colour over the ground: a dot has soft edges.
_SHADES = (1.0, 0.75, 0.5)
_N_RARE, _KMEANS_ROUNDS = 64, 2


def check_target(
    target: Path, overwrite: bool, *, key: str = "-o", suffixes: Sequence[str] = (SUFFIX,)
) -> None:
    """Raise InputError, naming the option, unless a picture may be written there."""
    if target.suffix.lower() not in suffixes:
        known = " or ".join(suffixes)
        message = f"picture must be a {known} file, got '{target.name}'. Name it so."
        raise InputError(message, key=key)
    if not target.parent.is_dir():
        message = f"picture must lie in an existing folder, got '{target.parent}'. Make it first."
        raise InputError(message, key=key)
    if target.is_dir() or not os.access(target.parent, os.W_OK | os.X_OK):
        message = f"picture must be a file that you may write, got '{target}'. Choose another."
        raise InputError(message, key=key)
    if target.exists() and not overwrite:
        message = f"picture must not exist yet. Choose another with {key}, or add --overwrite."
        raise InputError(message, file=str(target))


def write_png(
    pixels: npt.NDArray[np.uint8],
    target: Path,
    *,
    notes: Mapping[str, str],
    kept_colours: Sequence[str] = (),
    ground: str = "#000000",
) -> None:
    """Write a picture, replacing one that is there.

    Parameters
    ----------
    pixels : (height, width, 3) uint8
        Red, green, blue.
    target : Path
        The file.
    notes : mapping of str to str
        Text that the file carries, such as its title.
    kept_colours : sequence of str
        If there are any, the picture is stored in 256 colours, about a third of the bytes,
        and these ``#rrggbb`` are among them, however few pixels they have.
    ground : str
        Colour that those fade into.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from PIL import Image, PngImagePlugin  # noqa: PLC0415 - slow to import

    image = Image.fromarray(pixels)
    if kept_colours:
        image = _in_few_colours(image, kept_colours, ground)
    info = PngImagePlugin.PngInfo()
    for name, text in notes.items():
        info.add_itxt(name, text)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        image.save(unfinished, format="png", optimize=True, pnginfo=info)
        put_in_place(unfinished, target, what="output")
    except OSError as error:
        message = f"picture could not be written to {target} ({error})."
        raise OutputError(message) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _in_few_colours(image: Image, kept_colours: Sequence[str], ground: str) -> Image:
    from PIL import Image as images  # noqa: N813, PLC0415 - a module; slow to import

    kept = [
        share * rgb(colour) + (1.0 - share) * rgb(ground)
        for colour in kept_colours
        for share in _SHADES
    ]
    # Median cut serves what is common (the ground, skin, vessels), maximum coverage what is rare.
    n_common = _N_COLOURS - len(kept) - _N_RARE
    sample = image.reduce(2)  # a quarter of the time, and as good
    parts = [np.round(255.0 * np.array(kept)).astype(np.uint8).ravel()]
    for count, method, rounds in (
        (n_common, images.Quantize.MEDIANCUT, _KMEANS_ROUNDS),
        (_N_RARE, images.Quantize.MAXCOVERAGE, 0),
    ):
        found = sample.quantize(count, method=method, kmeans=rounds).getpalette()
        parts.append(np.array(found or [], dtype=np.uint8)[: 3 * count])
    table = np.concatenate(parts)
    palette = images.new("P", (1, 1))
    palette.putpalette(table.tolist())
    return image.quantize(palette=palette, dither=images.Dither.NONE)
