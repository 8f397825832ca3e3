"""Files that users hand in: the same text, and the same refusals, line by line as in one piece."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ctc.errors import InputError
from ctc.input_files import read_text, text_lines

Read = Callable[..., Iterable[str]]


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2\n", b"\xef\xbb\xbfa\r\nb\r\n", b"a\rb\rc", "ä,µ\nβ".encode(), b"\n\n"],
)
def test_lines_are_those_of_the_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert "".join(text_lines(path)) == read_text(path)


@pytest.mark.parametrize("read", [read_text, text_lines])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a\nb\n\xff", r"line 3: table must be UTF-8 text, got byte 0xff at position 4"),
        (b"a,\xc3", r"line 1: table must be UTF-8 text, got byte 0xc3 at position 2"),
        (b"\xef\xbb\xbf" + b"a\n" * 9000 + b"\xe4", r"line 9001: .* 0xe4 at position 18003"),
        (b"\xef\xbb", r"line 1: table must be UTF-8 text, got byte 0xef at position 0"),
        (b"a\nb\0\n", r"line 2: table must be text, got one with binary data"),
        (b"a" * 30, r"table must be of at most 20 bytes, got 30"),
    ],
)
def test_what_is_no_text_is_refused_at_its_line(
    tmp_path: Path, read: Read, content: bytes, words: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    most = 20 if content.startswith(b"aaa") else 10**6
    with pytest.raises(InputError, match=words):
        "".join(read(path, most=most, what="table"))


@pytest.mark.parametrize("read", [read_text, text_lines])
def test_what_is_no_file_is_refused(tmp_path: Path, read: Read) -> None:
    for path, words in (
        (tmp_path, "Is a directory"),
        (tmp_path / "none", "No such file"),
        (Path("/dev/zero"), "got a device"),
    ):
        with pytest.raises(InputError, match=words):
            "".join(read(path))


@pytest.mark.parametrize("read", [read_text, text_lines])
@pytest.mark.parametrize("size", [9, 11])
def test_a_pipe_is_read_within_the_limit(tmp_path: Path, read: Read, size: int) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"a\n" * size,), daemon=True)
    writer.start()
    if size * 2 <= 20:
        assert "".join(read(path, most=20)) == "a\n" * size
    else:
        with pytest.raises(InputError, match="at most 20 bytes, got more"):
            "".join(read(path, most=20))
    writer.join(10)


def test_one_long_line_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)  # zeros that take no room on the disk
    tracemalloc.start()
    with pytest.raises(InputError, match=r"line 1: line must be of at most 1,048,576 characters"):
        list(text_lines(path))
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()


def test_lines_need_no_memory_for_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"0.25,0.125,1\n" * 400_000)
    tracemalloc.start()
    n_lines = sum(1 for _ in text_lines(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_lines == 400_000
    assert peak < path.stat().st_size / 20
