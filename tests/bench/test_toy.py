"""The toy walk: every contender that is here comes to the bits of the plain loop."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from tools.bench.native_code import packed_variants
from tools.bench.rows import RowSkipped
from tools.bench.toy_tree import (
    END,
    STEP,
    Walk,
    first_places,
    grow_toy_tree,
    hash32,
    particles,
    walk_numpy,
)
from tools.bench.toy_walks import numba_walk, packs, warp_walk

TREE = grow_toy_tree(10)
NAMES = particles(3001)
MANY = np.uint64(0xFFFFFFFF)


def walk_one_by_one(count: int) -> Walk:
    """Walk as the law is told, a particle at a time."""
    place, draws = first_places(TREE, NAMES[:count]), np.zeros(count, dtype=np.uint32)
    clock = np.zeros(count, dtype=np.float32)
    for i in range(count):
        while clock[i] < END:
            draws[i] += 1
            seed = (np.uint64(NAMES[i]) + np.uint64(int(draws[i]) * STEP)) & MANY
            word = hash32(np.array([seed], dtype=np.uint32))[0]
            node = TREE.nodes[place[i]]
            place[i] = node["first"] if word < node["share"] else node["second"]
            clock[i] += TREE.nodes[place[i]]["dwell"]
    return Walk(place, clock, draws)


def test_hash_has_the_known_answers_of_murmur3() -> None:
    """The finaliser of 1 and of 2^32 - 1, from the reference code of MurmurHash3."""
    found = hash32(np.array([0, 1, 0xFFFFFFFF], dtype=np.uint32))
    assert [hex(word) for word in found] == ["0x0", "0x514e28b7", "0x81f16f39"]


def test_tree_is_closed() -> None:
    """Each branch is entered by one other, but the trunk, to which every end leads back."""
    entries = np.bincount(np.append(TREE.nodes["first"], TREE.nodes["second"]), minlength=TREE.size)
    trunk = int(np.argmax(entries))
    assert entries.sum() == 2 * TREE.size
    assert entries[trunk] == TREE.size + 1
    assert (np.delete(entries, trunk) == 1).all()


def test_numpy_walks_as_the_law_is_told() -> None:
    found, expected = walk_numpy(TREE, NAMES[:40]), walk_one_by_one(40)
    assert found.digest() == expected.digest()
    assert found.n_hops == expected.n_hops


def test_a_walk_ends_when_the_clock_has_run_out() -> None:
    """A branch takes 0.02 to 0.22 s, so the last one ends before 10.22 s."""
    walk = walk_numpy(TREE, NAMES)
    assert (walk.clock >= END).all()
    assert (walk.clock < END + np.float32(0.2201)).all()
    assert walk.draws.min() >= END / 0.22
    assert walk.draws.max() <= END / 0.02


@pytest.mark.parametrize("variant", ["pack4", "avx2", "avx512"])
@pytest.mark.parametrize("threads", [1, 3])
def test_packs_come_to_the_same_bits(variant: str, threads: int) -> None:
    if variant not in packed_variants():
        pytest.skip(f"{variant} does not run here")
    try:
        walk = packs(TREE, NAMES, variant=variant, threads=threads)
    except RowSkipped as word:
        pytest.skip(str(word))
    assert walk().digest() == walk_numpy(TREE, NAMES).digest()


@pytest.mark.parametrize("count", [1, 5])
def test_packs_take_fewer_particles_than_lanes(count: int) -> None:
    try:
        walk = packs(TREE, NAMES[:count], variant=packed_variants()[0])
    except RowSkipped as word:
        pytest.skip(str(word))
    assert walk().digest() == walk_numpy(TREE, NAMES[:count]).digest()


@pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed (extra bench)")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("threads", "has_records"), [(1, False), (2, False), (1, True)])
def test_numba_comes_to_the_same_bits(threads: int, has_records: bool) -> None:
    walk, _ = numba_walk(TREE, NAMES, threads=threads, has_records=has_records)
    assert walk().digest() == walk_numpy(TREE, NAMES).digest()


@pytest.mark.skipif(find_spec("warp") is None, reason="warp is not installed (extra bench)")
@pytest.mark.filterwarnings("ignore")
def test_warp_comes_to_the_same_bits() -> None:
    walk, _ = warp_walk(TREE, NAMES)
    assert walk().digest() == walk_numpy(TREE, NAMES).digest()


def test_what_is_not_installed_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "numba", None)
    with pytest.raises(RowSkipped, match="numba is not installed: pip install"):
        numba_walk(TREE, NAMES)
