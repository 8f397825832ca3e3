"""Movie files: pictures in, a whole MP4 or GIF or none out."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ctc.errors import InputError, OutputError
from ctc.viewer.drawables import ByteArray

SUFFIXES = (".mp4", ".gif")
MOST_FPS = 60
# H.264 at a quality where no step is seen, readable by every player and from a web page.
_MP4 = ("-crf", "18", "-preset", "medium", "-movflags", "+faststart")
# One palette for the whole movie, made from all of it.
_GIF = ("-vf", "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=sierra2_4a")


def check_movie(target: Path, size: tuple[int, int], *, fps: int) -> None:
    """Raise InputError unless a movie of that kind can be made here."""
    if not 1 <= fps <= MOST_FPS:
        message = f"pictures a second must be 1 .. {MOST_FPS}, got {fps}. Choose another."
        raise InputError(message, key="--fps")
    if target.suffix.lower() == ".mp4" and any(length % 2 for length in size):
        message = f"size must be even for .mp4, got {size[0]}x{size[1]}. Add or take a pixel."
        raise InputError(message, key="--size")
    _encoder()


def write_movie(
    pictures: Iterable[ByteArray], target: Path, *, size: tuple[int, int], fps: int
) -> int:
    """Write a movie, replacing one that is there; return how many pictures it has.

    Parameters
    ----------
    pictures : iterable of (height, width, 3) uint8
        One after the other, made as they are needed.
    target : Path
        ``.mp4`` or ``.gif``.
    size : tuple of int [pixels]
        Width and height of all of them.
    fps : int
        Pictures a second.

    Raises
    ------
    InputError
        If imageio-ffmpeg is not installed.
    OutputError
        If the file cannot be written or comes out shorter than it should.
    """
    encoder = _encoder()
    is_gif = target.suffix.lower() == ".gif"
    unfinished = target.with_name(f".{target.stem}.unfinished{target.suffix.lower()}")
    sink = encoder.write_frames(
        str(unfinished),
        size,
        fps=fps,
        codec="gif" if is_gif else "libx264",
        pix_fmt_out="pal8" if is_gif else "yuv420p",
        quality=None,
        macro_block_size=1,
        ffmpeg_log_level="error",
        output_params=list(_GIF if is_gif else _MP4),
    )
    n_pictures = 0
    try:
        sink.send(None)
        for picture in pictures:
            sink.send(picture.tobytes())
            n_pictures += 1
        sink.close()
        n_written = encoder.count_frames_and_secs(str(unfinished))[0] if n_pictures else 0
        if not n_pictures or n_written != n_pictures:
            message = f"got {n_written} of {n_pictures} pictures"
            raise OSError(message)
        os.replace(unfinished, target)
    except (OSError, RuntimeError) as error:
        if isinstance(error, InputError | OutputError):
            raise
        message = f"movie could not be written to {target} ({error})."
        raise OutputError(message) from error
    finally:
        sink.close()
        unfinished.unlink(missing_ok=True)
    return n_pictures


def _encoder() -> Any:
    try:
        return importlib.import_module("imageio_ffmpeg")
    except ImportError:
        message = (
            "package imageio-ffmpeg must be installed to write movies, got none. "
            "Run: pip install 'ctc[viewer]'."
        )
        raise InputError(message) from None
