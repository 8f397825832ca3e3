"""The workloads of the other rows: the tree of tubes, a run taken apart, processes of their own."""

from __future__ import annotations

import math
import re
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ctc.backends.cpu import CpuBackend, cpu_variants
from tools.bench.children import run_child
from tools.bench.hop_rate import HopRate
from tools.bench.phases import CLOSE, IN_EPOCH, OPEN, PHASES, RECORD, SETTLE, PhaseClock
from tools.bench.quick_run import host_share, median_shares
from tools.bench.real_network import RealNetwork
from tools.bench.rows import Conditions, RowSkipped
from tools.bench.same_hop import numpy_hop_rate
from tools.bench.tree_of_tubes import TubeWalk, bore_class, grow_tubes, tube_tables
from tools.bench.year import Year

LEVELS = 8


@pytest.mark.parametrize("is_scattered", [False, True])
def test_tree_of_tubes_is_closed_and_whole(is_scattered: bool) -> None:
    """From the trunk every tube is reached once, and every end leads back to it."""
    records = grow_tubes(LEVELS, is_scattered=is_scattered).records
    n = 1 << LEVELS
    follows = records["next"].astype(np.int64)
    is_fork = records["share"] < 1.0
    assert (records["share"][is_fork] <= 0.5).all()
    trunk = set(follows[~is_fork].tolist())
    assert len(trunk) == 1
    entered = np.append(follows[is_fork], follows[is_fork] + 1)
    assert np.unique(entered).size == entered.size == n - 2
    # All but the trunk and the row beside it, which is not in the tree.
    rest = set(range(n)) - set(entered.tolist())
    assert trunk < rest
    assert (records["transit_time"] >= 0.02e9).all()
    assert (records["transit_time"] <= 0.22e9).all()


def test_tubes_lie_depth_first() -> None:
    """Behind a pair comes the pair of its first daughter, if that one forks."""
    records = grow_tubes(LEVELS).records
    first = np.arange(2, records.size, 2)
    first = first[records["share"][first] < 1.0]
    assert (records["next"][first] == first + 2).all()
    assert first.size == (1 << (LEVELS - 2)) - 1


def test_bores_are_what_the_kernels_read() -> None:
    radius = np.array([1e-5, 1.0])
    word = bore_class(radius, [3, 0x821])
    assert (word & 0xFFF).tolist() == [3, 0x821]
    bore = ((word & np.uint32(0xFFFF_F000)) >> np.uint32(1)).view(np.float32)
    np.testing.assert_allclose(1.0 / bore.astype(np.float64) ** 2, radius, rtol=2.0**-11)


def test_all_variants_walk_alike_through_tubes() -> None:
    hops = grow_tubes(LEVELS)
    walks = [TubeWalk(hops, CpuBackend(threads=2, variant=v), count=777) for v in cpu_variants()]
    found = [walk.run() for walk in walks]
    assert len({each.hops for each in found}) == 1
    assert len({walk.digest() for walk in walks}) == 1
    # Means of 0.12 s, streamlines faster than the mean for cells of some size.
    assert 60 < found[0].hops / 777 < 160
    assert found[0].per_core > 0.0
    # Again from the start: the same.
    before = walks[0].digest()
    assert walks[0].run().hops == found[0].hops
    assert walks[0].digest() == before


def test_goals_of_trees_are_of_their_size() -> None:
    """A goal of a tree out of cache does not judge the smaller one that stands for it if quick."""
    row = HopRate(levels=LEVELS, large_levels=LEVELS + 2, quick_large_levels=LEVELS + 1, count=500)
    widest, conditions = cpu_variants()[0], Conditions(is_quick=True)
    goals = row.goals(conditions)
    assert goals[LEVELS]
    assert goals[LEVELS + 1] == {widest: None}
    assert row.goals(Conditions())[LEVELS + 2][widest] is not None


def test_numpy_hops_through_the_same_tables() -> None:
    assert numpy_hop_rate(grow_tubes(LEVELS), tube_tables()) > 0.0


def test_a_phase_is_charged_less_what_is_inside() -> None:
    clock = PhaseClock()
    inner = clock.wrapped(lambda: time.sleep(0.05), RECORD)

    def work() -> None:
        time.sleep(0.02)
        inner()

    clock.wrapped(work, SETTLE)()
    clock.close()
    assert clock.seconds[RECORD] >= 0.05
    assert clock.seconds[SETTLE] >= 0.02
    assert sum(clock.seconds.values()) >= 0.07
    assert set(clock.seconds) == set(PHASES)


def test_other_threads_are_charged_to_no_phase() -> None:
    clock = PhaseClock()
    wrapped = clock.wrapped(lambda: time.sleep(0.05), RECORD)
    thread = threading.Thread(target=wrapped)
    thread.start()
    thread.join()
    assert clock.seconds[RECORD] == 0.0


def test_shares_of_phases() -> None:
    phases = dict.fromkeys(PHASES, 0.0) | dict.fromkeys(IN_EPOCH, 1.0) | {OPEN: 3.0, CLOSE: 2.0}
    assert host_share(phases) == pytest.approx(40.0)
    shares = median_shares([phases, phases])
    assert math.fsum(shares.values()) == pytest.approx(1.0)
    assert shares[OPEN] == pytest.approx(0.3)


def test_a_run_is_taken_apart(tmp_path: Path) -> None:
    overrides = ["run.duration=1 h", "source.mass=0.05 g", "body.terminals=1500"]
    overrides += ["record.window.0.start=30 min"]
    found = run_child(
        "phases",
        ["quick", str(tmp_path / "run.vtkhdf"), *overrides],
        environment={"CTC_VESSEL_CACHE": "off"},
    )
    assert set(found["phases"]) == set(PHASES)
    assert found["wall"] == pytest.approx(sum(found["phases"].values()))
    for name in ("start-up", "vessels", "flow", "emission", "advance", "settle", RECORD, OPEN):
        assert found["phases"][name] > 0.0, name
    assert found["threads"] > 0.0
    assert found["shed"] > 0


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        run_child("peak", ["nowhere.toml", str(tmp_path / "run.vtkhdf")])


def test_the_network_that_is_not_shipped_is_skipped() -> None:
    with pytest.raises(RowSkipped, match="--tables"):
        RealNetwork().measure(Conditions())


def test_a_year_is_told_by_its_first_day() -> None:
    """A tumour of 0.3 mg: four quarters of a day, 960 cells a day (standard deviation 31)."""
    short = ("source.0.mass=0.3 mg", "body.terminals=1500")
    outcome = Year(overrides=short).measure(Conditions(is_quick=True))
    figure = outcome.figures[0]
    assert figure.n_runs == 4
    assert figure.best > 0.0
    assert figure.goal is None
    found = re.search(r"for ([\d,]+) cells", outcome.notes[0])
    assert found
    assert abs(int(found[1].replace(",", "")) - 960) < 5 * 31
