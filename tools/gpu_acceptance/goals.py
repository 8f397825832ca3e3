"""Goals of a GPU: said to be met or missed, and no reason to fail; none of a processor.

They are set for one H200. Where the GPU is another one, the verdict stands beside its name.
"""

from __future__ import annotations

from tools.gpu_acceptance.scene import Scene

LEAST_RATE = 5e10  # [hops/s], in a network of 10^6 segments
LONGEST_YEAR = 600.0  # [s], of a tumour of 1 g
LEAST_PART_OF_L2 = 0.25
# A hop waits for one record, which moves one sector: kernels/README.md, "Limits on paper".
_BYTES_PER_HOP = 32
# The upper of the two published figures there (5.5 to 7 TB/s): the harder one to come near to.
_L2_BANDWIDTH = 7e12  # [byte/s]
_OF_THAT_L2 = ("H100", "H200")


def judge_rate(scene: Scene, rate: float, *, device: str) -> None:
    """Say whether the hops of a second come to their goals.

    Parameters
    ----------
    scene : Scene
        Where it is written down.
    rate : float [hops/s]
        The best in 10^6 segments.
    device : str
        Name of the GPU; its part of L2 is told where the bandwidth is known.
    """
    note = f"goal of an H200: >= {LEAST_RATE:.0e}"
    scene.add("hops in 1e6 segments", rate, "hops/s", is_met=rate >= LEAST_RATE, note=note)
    if any(name in device for name in _OF_THAT_L2):
        part = rate * _BYTES_PER_HOP / _L2_BANDWIDTH
        note = f"goal: >= {LEAST_PART_OF_L2:.0%}; {_BYTES_PER_HOP} bytes a hop of 7 TB/s"
        is_met = part >= LEAST_PART_OF_L2
        scene.add("the same over the limit of L2", 100.0 * part, "%", is_met=is_met, note=note)


def judge_year(scene: Scene, seconds: float, *, note: str) -> None:
    """Say whether the year of a tumour of 1 g comes to its goal.

    Parameters
    ----------
    scene : Scene
        Where it is written down.
    seconds : float [s]
        That it takes.
    note : str
        How it was measured.
    """
    goal = f"goal of an H200: <= {LONGEST_YEAR:g} s"
    words = "; ".join(part for part in (goal, note) if part)
    scene.add("the year", seconds, "s", is_met=seconds <= LONGEST_YEAR, note=words)
