"""In which orders the words of a keyed generator are read as one stream."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ctc.backends.host_tables import keyed_words
from ctc.simulation.host_draws import Purpose, random_words
from tools.randomness.generators import Generator
from tools.randomness.native_code import Words

SEED = 20_260_101
STREAMS = np.array([1, 2, 4, 5, 6, 7, 8], dtype=np.uint32)  # those of kernels/core/streams.h
_CELL = 123_456_789

# A generator and a number of words -> that many words.
Ordering = Callable[[Generator, int], Words]


def _range(n_words: int) -> npt.NDArray[np.uint64]:
    return np.arange(-(-n_words // 4), dtype=np.uint64)


def draws_of_a_cell(generator: Generator, n: int) -> Words:
    """Read all draws of one cell, one after another."""
    return generator(_CELL, 1, _range(n), SEED).reshape(-1)[:n]


def first_draws_of_cells(generator: Generator, n: int) -> Words:
    """Read the first draw of each cell, by id."""
    return generator(_range(n), 1, 0, SEED).reshape(-1)[:n]


def first_words_of_cells(generator: Generator, n: int) -> Words:
    """Read the first word of the first draw of each cell."""
    return np.ascontiguousarray(generator(np.arange(n, dtype=np.uint64), 6, 0, SEED)[:, 0])


def cells_draw_by_draw(generator: Generator, n: int) -> Words:
    """Let a thousand cells draw in turn, then all of them again."""
    draw, cell = np.divmod(_range(n), np.uint64(1000))
    return generator(cell, 1, draw, SEED).reshape(-1)[:n]


def streams_in_turn(generator: Generator, n: int) -> Words:
    """Let each cell ask all streams, then the next one."""
    cell, stream = np.divmod(_range(n), np.uint64(STREAMS.size))
    return generator(cell, STREAMS[stream], 0, SEED).reshape(-1)[:n]


def seeds_in_turn(generator: Generator, n: int) -> Words:
    """Read the same draw of the same cell under seed after seed."""
    return generator(_CELL, 1, 0, _range(n)).reshape(-1)[:n]


def ids_far_apart(generator: Generator, n: int) -> Words:
    """Read cells whose ids differ in the upper bits alone, as those of different patients do."""
    return generator(_range(n) << np.uint64(36), 7, 0, SEED).reshape(-1)[:n]


def few_bits(generator: Generator, n: int) -> Words:
    """Set at most one bit in the id and one in the draw, under small seeds."""
    bits = np.concatenate([[0], np.uint64(1) << np.arange(64, dtype=np.uint64)]).astype(np.uint64)
    draws = np.concatenate([[0], np.uint64(1) << np.arange(32, dtype=np.uint64)]).astype(np.uint64)
    rest, draw = np.divmod(_range(n), np.uint64(draws.size))
    seed, bit = np.divmod(rest, np.uint64(bits.size))
    return generator(bits[bit], 1, draws[draw], seed).reshape(-1)[:n]


def host_words_by_key(_: Generator, n: int) -> Words:
    """Read what the host draws for key after key (``ctc_keyed_words``)."""
    keys = np.arange(n // 2, dtype=np.uint64)
    return keyed_words(keys, seed=SEED, purpose=3, round_=0).view(np.uint32)


def host_words_by_epoch(_: Generator, n: int) -> Words:
    """Read what the host draws for eight keys in epoch after epoch."""
    keys = np.arange(8, dtype=np.uint64)
    blocks = [keyed_words(keys, seed=SEED, purpose=3, round_=k) for k in range(n // 16)]
    return np.concatenate(blocks).view(np.uint32)


def host_words_by_number(_: Generator, n: int) -> Words:
    """Read the numbered words of the host, by NumPy's Philox."""
    return random_words(SEED, Purpose.SHEDDING, epoch=5, count=n // 2).view(np.uint32)


OF_KERNELS: dict[str, Ordering] = {
    "draws of a cell": draws_of_a_cell,
    "first draws of cells": first_draws_of_cells,
    "first words of cells": first_words_of_cells,
    "cells, draw by draw": cells_draw_by_draw,
    "streams in turn": streams_in_turn,
    "seeds in turn": seeds_in_turn,
    "ids far apart": ids_far_apart,
    "few bits set": few_bits,
}
OF_THE_HOST: dict[str, Ordering] = {
    "host, by key": host_words_by_key,
    "host, by epoch": host_words_by_epoch,
    "host, by number": host_words_by_number,
}
