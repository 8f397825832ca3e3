"""RunSummary: there and back, and what it does not know."""

from pathlib import Path

from ctc.summary import RunSummary

FIGURES = {
    "digest": "a",
    "record_digest": "b",
    "n_shed": 3,
    "in_flight": 1,
    "fates": {"colony": 2},
    "organs": {},
    "hops": 7,
    "simulated_seconds": 1.0,
    "wall_seconds": 2.0,
    "hops_per_second": 3.5,
    "device": "cpu",
    "network_hash": "c",
    "seed": 1,
    "version": "0",
}


def test_unknown_figures_are_kept():
    summary = RunSummary.from_mapping({**FIGURES, "commit": "abc"}, Path("a"))
    assert summary.more == {"commit": "abc"}
    mapping = summary.to_mapping()
    assert mapping["commit"] == "abc"
    assert mapping["path"] == "a"
    assert RunSummary.from_mapping(mapping, Path("a")) == summary
