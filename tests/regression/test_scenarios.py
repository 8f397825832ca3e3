"""Short forms of all shipped scenarios and sweeps come to the digests on record, on some ways each.

All ways are ``python -m tools.same_bits``. Here every scenario meets each value of every axis in
memory, and goes one way through files, another one for each scenario, stopped and resumed on it;
the plainest way is what ``--update`` puts on record.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ctc.scenario.load import shipped_scenarios
from tools.same_bits.cases import lacks_tables
from tools.same_bits.comparing import compare
from tools.same_bits.following import Follower
from tools.same_bits.on_record import read_entries, write_entries
from tools.same_bits.plan import few_ways, file_ways
from tools.same_bits.registry import all_names, find_case

# The others take seconds each: python -m tools.same_bits has them all.
BRIEF_SWEEPS = ("sweeps/oligometastasis_sbrt",)
NAMES = (*shipped_scenarios(), *BRIEF_SWEEPS)
FILE_WAYS = file_ways()


@pytest.fixture(scope="module")
def follow() -> Iterator[Follower]:
    with Follower() as follower:
        yield follower


@pytest.mark.parametrize(("number", "name"), list(enumerate(NAMES)))
def test_a_scenario_comes_to_the_digest_on_record(
    number: int, name: str, follow: Follower, request: pytest.FixtureRequest
) -> None:
    if lacks_tables(name):
        pytest.skip(f"the tables of {name} are not here: set CTC_REFERENCE")
    found = compare(
        find_case(name),
        few_ways() if name in shipped_scenarios() else [],
        follow,
        on_record=read_entries().get(name),
        filed=FILE_WAYS[number % len(FILE_WAYS)],
    )
    assert found.others == {}, f"first alone: {found.command}"
    if request.config.getoption("--update"):
        write_entries({name: found.entry})
        return
    assert name in read_entries(), "nothing is on record: pytest tests/regression --update"
    assert found.not_on_record == ""


def test_all_that_ships_is_on_record() -> None:
    assert set(read_entries()) == set(all_names())
