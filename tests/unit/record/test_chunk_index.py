"""Blocks that say where chunks lie: found, and made whole where a kill in a write tore one."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import h5py
import numpy as np
import pytest

from ctc.errors import InputError
from ctc.record import left_open
from ctc.record.chunk_index import UNDEFINED, Block, index_blocks
from ctc.record.counters import RecordPosition
from ctc.record.left_open import open_followed
from ctc.record.lookup3 import lookup3, lookup3_of_each
from ctc.record.opening import LIBRARY_VERSION, WHOLE_IN_PAGES
from ctc.record.reader import open_run
from ctc.record.repair import repair_run
from ctc.record.torn_block import SYSTEM_PAGE, crosses_a_page, torn_block
from ctc.record.writer import RunWriter

_FIRST, _LAST = 501, 580  # epochs at which blocks that cross a page are written


def test_many_blocks_at_once_have_the_checksums_of_single_ones() -> None:
    blocks = np.random.default_rng(1).integers(0, 256, (4, 61)).astype(np.uint8)
    for length in range(1, 62):
        part = np.ascontiguousarray(blocks[:, :length])
        assert lookup3_of_each(part).tolist() == [lookup3(row.tobytes()) for row in part]


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(
    "chunks",
    [[], [0], [3], [0, 3, 4], range(300), [*range(0, 200_000, 4_999), 131_059, 131_060, 131_061]],
    ids=["none", "first", "own", "behind own", "some", "many"],
)
def test_every_chunk_is_found_in_whole_blocks(
    tmp_path: Path, chunks: Sequence[int], is_packed: bool
) -> None:
    """All parts of an index: its own elements, data blocks, and from 131,060 on their pages."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=LIBRARY_VERSION, **WHOLE_IN_PAGES) as file:
        packing = {"compression": "gzip"} if is_packed else {}
        made = file.create_dataset("a", (200_000,), "u1", maxshape=(None,), chunks=(1,), **packing)
        for number in chunks:
            made.id.write_direct_chunk((number,), b"\7" * (1 + 3 * is_packed))
    with h5py.File(path, "r") as file, path.open("rb") as plain:

        def read(offset: int, size: int) -> bytes:
            return os.pread(plain.fileno(), size, offset)

        dataset = file["a"]
        blocks = list(index_blocks(read, h5py.h5o.get_info(dataset.id).addr))
        assert all(_is_sealed(read(block.offset, block.size + 4)) for block in blocks)
        found = [address for block in blocks for address in _addresses(read, block)]
        wanted = [dataset.id.get_chunk_info_by_coord((k,)).byte_offset for k in chunks]
        assert sorted(found) == sorted(wanted)


def _is_sealed(content: bytes) -> bool:
    return lookup3(content[:-4]) == int.from_bytes(content[-4:], "little")


def _addresses(read: Callable[[int, int], bytes], block: Block) -> Iterator[int]:
    """Return where the chunks of a block lie; a super block has none."""
    if read(block.offset, 4) == b"EASB":
        return
    for number in range(block.n_elements):
        address = int.from_bytes(read(block.first + number * block.width, 8), "little")
        if address != UNDEFINED:
            yield address


@dataclass(frozen=True)
class Torn:
    """A file as a kill in the middle of an epoch's writes may leave it.

    Attributes
    ----------
    n_epochs : int
        That are complete in it.
    divides_an_address : bool
        Whether that of a new chunk lies on both sides of where the write ended.
    """

    n_epochs: int
    content: bytes
    divides_an_address: bool


@pytest.fixture(scope="module")
def torn(samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Torn]:
    """Return some torn files, those with divided addresses first."""
    path = tmp_path_factory.mktemp("torn") / "a.vtkhdf"
    found: list[Torn] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "n_cells", _few)
        with samples.create(path) as writer:
            samples.write_epochs(writer, 0, _FIRST)
            before = _content(writer, path)
            blocks = _crossing(path)
            for epoch in range(_FIRST, _LAST):
                samples.write_epochs(writer, epoch, epoch + 1)
                after = _content(writer, path)
                found += _torn_between(before, after, blocks, epoch)
                before = after
    return sorted(found, key=lambda each: not each.divides_an_address)


def _few(frame: int) -> int:
    return 1 + frame % 3


def _content(writer: RunWriter, path: Path) -> bytes:
    writer.position()
    return path.read_bytes()


def _crossing(path: Path) -> list[Block]:
    return [block for block in _blocks(path) if crosses_a_page(block)]


def _blocks(path: Path) -> list[Block]:
    blocks: list[Block] = []
    with open_followed(path) as file, path.open("rb") as plain:

        def note(_name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Dataset) and item.chunks:
                address = h5py.h5o.get_info(item.id).addr
                blocks.extend(index_blocks(lambda at, n: os.pread(plain.fileno(), n, at), address))

        file.visititems(note)
    return blocks


def _torn_between(
    before: bytes, after: bytes, blocks: list[Block], n_epochs: int
) -> Iterator[Torn]:
    for block in blocks:
        end = block.offset + block.size + 4
        cut = (block.offset // SYSTEM_PAGE + 1) * SYSTEM_PAGE
        if before[block.offset : cut] == after[block.offset : cut]:
            continue
        # All that an epoch adds has come, but for the end of this block, and does not count yet.
        content = bytearray(before + after[len(before) :])
        content[block.offset : cut] = after[block.offset : cut]
        assert not _is_sealed(bytes(content[block.offset : end]))
        first = cut - (cut - block.first) % block.width
        is_divided = first < cut < first + 8 and before[first:cut] != after[first:cut]
        yield Torn(n_epochs, bytes(content), is_divided)


def test_a_torn_file_is_read_whole_and_goes_on(
    samples: ModuleType,
    torn: list[Torn],
    tmp_path: Path,
    check_complete: Callable[[Path], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(samples, "n_cells", _few)
    assert len(torn) > 20
    assert torn[0].divides_an_address
    for number, each in enumerate([torn[0], torn[-1]]):
        path = tmp_path / f"{number}.vtkhdf"
        path.write_bytes(each.content)
        with open_run(path) as run:
            assert (run.status, run.n_epochs) == ("killed", each.n_epochs)
            assert run.damaged_frames() == []
        assert path.read_bytes() == each.content  # whoever reads changes nothing
        position = RecordPosition(**samples.position(each.n_epochs - 3))
        with RunWriter.reopen(path, position=position) as writer:
            samples.write_epochs(writer, each.n_epochs - 3, each.n_epochs + 5)
            writer.close(digest="d" * 64)
        with h5py.File(path, "r"):  # as every tool opens it
            assert check_complete(path)["epochs"] == each.n_epochs + 5


def test_a_repaired_file_is_whole_for_every_tool(torn: list[Torn], tmp_path: Path) -> None:
    path = tmp_path / "a.vtkhdf"
    path.write_bytes(torn[0].content)
    assert repair_run(path).epochs == torn[0].n_epochs
    with h5py.File(path, "r") as file:
        assert file["VTKHDF/Points"].id.get_num_chunks() >= torn[0].n_epochs
    with open_run(path) as run:
        assert run.damaged_frames() == []


def test_a_divided_address_is_none(torn: list[Torn], tmp_path: Path) -> None:
    """Its chunk did not count; else the next chunk of that place might be written where it says."""
    path = tmp_path / "a.vtkhdf"
    path.write_bytes(torn[0].content)
    with open_followed(path) as file:
        mended = torn_block(file)
    assert mended is not None
    place, content = mended
    assert _is_sealed(content)
    (block,) = (each for each in _crossing(path) if each.offset == place)
    found = list(_addresses(lambda at, n: content[at - place :][:n], block))
    assert found
    assert max(found) < path.stat().st_size
    was = torn[0].content[place:]
    assert max(_addresses(lambda at, n: was[at - place :][:n], block)) > 2**60


def test_damage_that_no_kill_makes_is_told_at_once(torn: list[Torn], tmp_path: Path) -> None:
    """HDF5 itself would try again, for ever, where a writer might be at work."""
    path = tmp_path / "a.vtkhdf"
    content = bytearray(torn[-1].content)
    path.write_bytes(content)
    for block in _blocks(path):
        if not crosses_a_page(block):
            content[block.first] ^= 0x40
    path.write_bytes(content)
    began = time.monotonic()
    with pytest.raises(InputError, match="must be whole"):
        repair_run(path)
    assert time.monotonic() - began < 60.0


def test_a_changed_address_is_told(torn: list[Torn], tmp_path: Path) -> None:
    """Of a frame that counts: its cells are not those that were written, and no other is lost."""
    path = tmp_path / "a.vtkhdf"
    content = bytearray(torn[-1].content)
    path.write_bytes(content)
    with open_followed(path) as file:
        mended = torn_block(file)
    assert mended is not None
    (block,) = (each for each in _crossing(path) if each.offset == mended[0])
    content[block.first + 1] ^= 0x40
    path.write_bytes(content)
    with open_run(path) as run:
        assert len(run.damaged_frames()) == 1


def test_more_than_a_kill_does_is_not_mended(torn: list[Torn], tmp_path: Path) -> None:
    path = tmp_path / "a.vtkhdf"
    content = bytearray(torn[-1].content)
    path.write_bytes(content)
    for block in _crossing(path):
        content[block.first + 1] ^= 0x40
    path.write_bytes(content)
    with open_followed(path) as file, pytest.raises(ValueError, match="at most one"):
        torn_block(file)


@pytest.mark.parametrize(
    ("place", "value"), [(5, 0), (6, 0), (6, 255), (7, 64), (8, 0), (9, 1), (10, 255), (11, 60)]
)
def test_an_array_of_another_shape_is_refused(
    torn: list[Torn], tmp_path: Path, place: int, value: int
) -> None:
    """A byte of its header, with the checksum made right: width, bits, numbers of elements."""
    path = tmp_path / "a.vtkhdf"
    content = bytearray(torn[-1].content)
    start = content.index(b"EAHD")
    content[start + place] = value
    content[start + 68 : start + 72] = lookup3(bytes(content[start : start + 68])).to_bytes(
        4, "little"
    )
    path.write_bytes(content)
    with open_followed(path) as file, pytest.raises((ValueError, RuntimeError)):
        torn_block(file)


@pytest.mark.parametrize("end", [2**62, 2**63 - 1, 2**63, 2**64 - 2])
def test_a_torn_file_that_claims_more_than_there_is_is_refused(
    torn: list[Torn], tmp_path: Path, end: int
) -> None:
    path = tmp_path / "a.vtkhdf"
    content = bytearray(torn[-1].content)
    content[28:36] = end.to_bytes(8, "little")
    content[44:48] = lookup3(bytes(content[:44])).to_bytes(4, "little")
    path.write_bytes(content)
    for act in (open_run, repair_run):
        with pytest.raises(InputError, match="must end near byte"):
            act(path)
    assert path.read_bytes() == content


def test_a_torn_file_is_read_where_there_are_no_locks(
    torn: list[Torn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    path = tmp_path / "a.vtkhdf"
    path.write_bytes(torn[-1].content)
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with open_run(path) as run:
        assert run.damaged_frames() == []


def test_a_torn_file_that_is_replaced_meanwhile_is_not_mixed(
    torn: list[Torn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.vtkhdf"
    path.write_bytes(torn[-1].content)

    def replace(_seconds: float) -> None:
        path.rename(tmp_path / "older.vtkhdf")
        path.write_bytes(torn[0].content)

    monkeypatch.setattr(left_open.time, "sleep", replace)
    with pytest.raises(InputError, match="replaced"):
        open_run(path)
