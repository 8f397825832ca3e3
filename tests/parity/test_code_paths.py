"""One digest on every way through the host library: instruction set, threads, chunk, room, hops.

Each alone is asked elsewhere; here they are joined, on short forms of shipped scenarios: a small
chunk with little room on seven threads is where a lost event or a cell served twice would show.
"""

import itertools

import pytest

from ctc.backends.cpu import CpuBackend, cpu_variants
from ctc.preparation import prepare
from ctc.simulation.epochs import Simulation
from ctc.simulation.setting import Setting
from tests.physics.mixed import digest_of_run
from tools.short_forms import short_form

THREADS = (1, 2, 7)
CHUNKS = (331, 1500, None)
ROOMS = (80, None)
# Dormant cells and two windows; the portal vein, lymph and colonies; a rodent at rest.
SCENARIOS = ("breast_untreated", "cancers/colorectal", "rat_mammary")


@pytest.fixture(scope="module", params=SCENARIOS)
def setting(request: pytest.FixtureRequest) -> Setting:
    return prepare(short_form(request.param)).setting


@pytest.fixture(scope="module")
def expected(setting: Setting) -> str:
    return digest_of_run(setting, CpuBackend(threads=1, variant="scalar"))


def test_the_short_form_is_worth_comparing(setting: Setting) -> None:
    """Cells arrest, die and live on, in more than one epoch, through many segments."""
    simulation = Simulation(setting, CpuBackend(threads=1))
    for _ in simulation.epochs():
        pass
    assert simulation.ledger.n_shed > 2500
    assert simulation.hops > 100 * simulation.ledger.n_shed
    assert simulation.organ_sums.sum() > simulation.ledger.n_shed
    assert simulation.ledger.by_cause.sum() > 0
    assert simulation.n_held > 0
    assert len(setting.epochs) > 1


@pytest.mark.parametrize("variant", cpu_variants())
def test_every_way_gives_one_digest(variant: str, setting: Setting, expected: str) -> None:
    others = {}
    for threads, chunk, room in itertools.product(THREADS, CHUNKS, ROOMS):
        backend = CpuBackend(threads=threads, variant=variant)
        found = digest_of_run(setting, backend, chunk=chunk, event_capacity=room)
        if found != expected:
            others[threads, chunk, room] = found
    assert others == {}, "(threads, cells a launch, room for events) with another digest"


@pytest.mark.parametrize("max_hops", [3, 100])
def test_short_launches_give_the_same_digest(
    max_hops: int, setting: Setting, expected: str
) -> None:
    """A launch that ends after some hops, as on a GPU, beside a small chunk and little room."""
    backend = CpuBackend(threads=2, variant="scalar", max_hops=max_hops)
    assert digest_of_run(setting, backend, chunk=700, event_capacity=90) == expected


def test_another_seed_gives_another_digest() -> None:
    """Otherwise the digest would be blind."""
    scenario = short_form(SCENARIOS[0])
    one, other = (prepare(scenario, seed=seed).setting for seed in (1, 2))
    backend = CpuBackend(threads=1)
    assert digest_of_run(one, backend) != digest_of_run(other, backend)
