"""Movie files: pictures in, a whole MP4 or GIF or none out."""

from __future__ import annotations

import importlib
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ctc.durable import put_in_place
from ctc.errors import InputError, OutputError
from ctc.viewer.drawables import ByteArray

SUFFIXES = (".mp4", ".gif")
MOST_FPS = 60
# H.264 at a quality where no step is seen, readable by every player and from a web page.
_MP4 = (
    "-c:v",
    "libx264",
    "-pix_fmt",
    "yuv420p",
    "-crf",
    "18",
    "-preset",
    "medium",
    "-movflags",
    "+faststart",
)
# One palette for the whole movie, made from all of it.
_GIF = (
    "-c:v",
    "gif",
    "-vf",
    "split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=sierra2_4a",
)


def check_movie(target: Path, size: tuple[int, int], *, fps: int) -> None:
    """Raise InputError unless a movie of that kind can be made here."""
    if not 1 <= fps <= MOST_FPS:
        message = f"pictures a second must be 1 .. {MOST_FPS}, got {fps}. Choose another."
        raise InputError(message, key="--fps")
    if target.suffix.lower() == ".mp4" and any(length % 2 for length in size):
        message = f"size must be even for .mp4, got {size[0]}x{size[1]}. Add or take a pixel."
        raise InputError(message, key="--size")
    _encoder()


def unfinished_movie(target: Path) -> Path:
    """Return the file that a movie is written to until it is whole."""
    return target.with_name(f".{target.stem}.unfinished{target.suffix.lower()}")


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
        If the file cannot be written.
    """
    is_gif = target.suffix.lower() == ".gif"
    unfinished = unfinished_movie(target)
    command = [_encoder(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{size[0]}x{size[1]}", "-r", str(fps), "-i", "-"]
    command += [*(_GIF if is_gif else _MP4), str(unfinished)]
    n_pictures = 0
    try:
        with tempfile.TemporaryFile() as complaints:
            encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=complaints)
            try:
                n_pictures = _send(encoder, pictures)
            except BaseException:
                encoder.kill()
                raise
            finally:
                encoder.communicate()
            if encoder.returncode or not n_pictures:
                complaints.seek(0)
                said = complaints.read().decode(errors="replace").strip().splitlines()
                message = said[-1] if said else f"{n_pictures} pictures"
                raise OSError(message)
        put_in_place(unfinished, target, what="output")
    except InputError:
        raise
    except OSError as error:
        message = f"movie could not be written to {target} ({error})."
        raise OutputError(message) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return n_pictures


def _send(encoder: subprocess.Popen[bytes], pictures: Iterable[ByteArray]) -> int:
    """Hand pictures to the encoder until it takes no more; return how many it took."""
    assert encoder.stdin is not None
    n_pictures = 0
    for picture in pictures:
        try:
            encoder.stdin.write(picture.tobytes())
        except BrokenPipeError:  # it has ended, and its exit code and words say why
            break
        n_pictures += 1
    return n_pictures


def _encoder() -> str:
    """Return the program that encodes, which imageio-ffmpeg brings along."""
    try:
        program: str = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        message = (
            f"package imageio-ffmpeg must be installed to write movies, got none ({error}). "
            "Run: pip install 'ctc[viewer]'."
        )
        raise InputError(message) from None
    return program
