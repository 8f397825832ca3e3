"""What the curves of a soak say: flat or not.

Memory, handles and rate are judged over the second half of the time. By then caches are full, pools
are as large as they get, and cells are as many as they will be; what still grows there would grow
for ever.

*Memory* may rise by 2 % or 8 MiB, whichever is more, by the slope of Theil and Sen (a median, so
peaks within epochs do not matter), and by 16 MiB more in a course of less than ten minutes: one
work buffer that is made late. In an hour a leak of the writer of 12 KB an epoch is found. The most
in the last tenth may be 64 MiB above the most in the rest, which a slope does not see. What is
swapped out counts as memory. What a writer has to remember is less, about 200 bytes a lesion. A
reader holds the curves that it draws and where frames begin, 8 KB an epoch and 100 bytes a frame:
by so much it may rise beside that.

*Handles and threads*: the mean of the last quarter may not be half a one above that of the quarter
before: what comes and goes moves a median, but not a mean.

*Rate*: hops a second of processor time may fall by 10 %; where one and the same small job takes 3 %
longer than before, after division by how long it took just then: others on the machine take caches
and memory from both alike. *Wall time* of an epoch, divided so, may rise by 30 %, in less than
ten minutes by 100 %: waiting takes no processor time, but it hangs on all that runs beside it.
The mix of hops is the same by the scenario's making: the hops of an epoch may change by 3 %.

*The reader* may be 5 s behind at the median of the last quarter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.soak.course import Course, Line

MEMORY_SHARE = 0.02
MEMORY_FLOOR = 8 * 2**20  # [bytes]
PEAK_FLOOR = 64 * 2**20  # [bytes]
COUNT_RISE = 0.5
RATE_SHARE = 0.10
PACE_SHARE = 0.03
WALL_SHARE, SHORT_WALL_SHARE = 0.30, 1.00
HOPS_SHARE = 0.03
MOST_LAG = 5.0  # [s]
SHORT = 600.0  # [s]
LATE_BUFFER = 16 * 2**20  # [bytes]
EPOCH_HELD, FRAME_HELD = 8 * 2**10, 100  # [bytes], by a reader
_MOST_POINTS = 400  # of a slope
FEWEST = 8  # points of a curve in a half that can be judged

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One thing that was judged.

    Attributes
    ----------
    name : str
        What.
    is_good : bool
        Whether it is as it should be.
    text : str
        What was found, in words with figures.
    figures : dict of str to float
        The same for programs.
    """

    name: str
    is_good: bool
    text: str
    figures: dict[str, float]


def judge(course: Course) -> tuple[Finding, ...]:
    """Return what the curves of a course say."""
    if min(len(course.epochs), len(course.samples), len(course.looks)) < 2 * FEWEST:
        counts = f"{len(course.epochs)} epochs, {len(course.samples)} samples"
        return (Finding("length", False, f"too short to judge: {counts}", {}),)
    return (
        *(_memory(course, who) for who in ("writer", "reader")),
        *(
            _count(course, who, what)
            for who in ("writer", "reader")
            for what in ("threads", "handles")
        ),
        _hops(course),
        _rate(course),
        _wall(course),
        _lag(course),
    )


def second_half(time: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which of some rising moments are in the later half of their span."""
    chosen: npt.NDArray[np.bool_] = time >= (time[0] + time[-1]) / 2
    return chosen


def growth(time: FloatArray, value: FloatArray) -> tuple[float, float]:
    """Return by how much a curve rises over its second half, and its level there."""
    late = second_half(time)
    time, value = time[late], value[late]
    thin = slice(None, None, 1 + time.size // _MOST_POINTS)
    one, two = np.triu_indices(time[thin].size, k=1)
    slope = np.median((value[thin][two] - value[thin][one]) / (time[thin][two] - time[thin][one]))
    return float(slope * np.ptp(time)), float(np.median(value))


def last_quarters(
    time: FloatArray, value: FloatArray, of: Callable[[FloatArray], np.floating] = np.median
) -> tuple[float, float]:
    """Return the medians, or what is asked, of a curve in its third and in its last quarter."""
    late = second_half(time)
    time, value = time[late], value[late]
    last = second_half(time)
    return float(of(value[~last])), float(of(value[last]))


def column(rows: Sequence[Line], of: Callable[[Line], float]) -> FloatArray:
    """Return one number of each row."""
    return np.array([of(row) for row in rows], dtype=np.float64)


def times(rows: Sequence[Line]) -> FloatArray:
    """Return the moments of some rows [s]."""
    return column(rows, lambda row: row["time"])


def rates(course: Course) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times of the epochs [s], hops per second of processor time in each, and their pace.

    The pace is that of the small job at the time, over its median: above 1 the machine was slow.
    """
    time = times(course.epochs)
    hops = np.diff(column(course.epochs, lambda row: row["hops"]))
    spent = np.diff(column(course.epochs, lambda row: row["processor"]))
    pace = column(course.samples, lambda row: row["pace"])
    now = np.interp(time[1:], times(course.samples), pace)
    return time[1:], hops / spent, now / np.median(pace)


def lags(course: Course) -> tuple[FloatArray, FloatArray]:
    """Return when the reader first saw each epoch [s], and how long after its end that was [s]."""
    ended = times(course.epochs)
    seen_at, n_seen = times(course.looks), column(course.looks, lambda row: row["epochs"])
    n_last = min(int(n_seen[-1]), ended.size)
    epochs = np.arange(int(n_seen[0]) + 1, n_last + 1)
    first = seen_at[np.searchsorted(n_seen, epochs)]
    return first, first - ended[epochs - 1]


def _memory(course: Course, who: str) -> Finding:
    time = times(course.samples)
    memory = column(course.samples, lambda row: row[who]["resident"] + row[who]["swapped"])
    rise, level = growth(time, memory)
    at_the_end = time >= time[-1] - 0.1 * np.ptp(time)
    burst = memory[at_the_end].max() - memory[~at_the_end & second_half(time)].max()
    limit = max(MEMORY_FLOOR, MEMORY_SHARE * level)
    limit += LATE_BUFFER if np.ptp(time) < SHORT else 0
    held = _held(course) if who == "reader" else 0.0
    hours = np.ptp(time[second_half(time)]) / 3600
    text = (
        f"{level / 2**20:.1f} MiB, {rise / 2**20:+.2f} MiB in the second half "
        f"({rise / hours / 2**20:+.1f} MiB/h, limit {(limit + held) / 2**20:.1f} MiB); "
        f"the most in the last tenth {burst / 2**20:+.1f} MiB"
    )
    figures = {"level_bytes": level, "rise_bytes": rise, "limit_bytes": limit + held}
    figures["burst_bytes"] = float(burst)
    is_good = bool(rise <= limit + held and burst <= max(PEAK_FLOOR, limit) + 0.2 * held)
    return Finding(f"memory of the {who}", is_good, text, figures)


def _held(course: Course) -> float:
    """Return what a reader has to hold of what came in the second half [bytes]."""
    late = second_half(times(course.looks))
    epochs = column(course.looks, lambda row: row["epochs"])[late]
    frames = column(course.looks, lambda row: row["frames"])[late]
    return float(EPOCH_HELD * np.ptp(epochs) + FRAME_HELD * np.ptp(frames))


def _count(course: Course, who: str, what: str) -> Finding:
    value = column(course.samples, lambda row: row[who][what])
    third, last = last_quarters(times(course.samples), value, np.mean)
    text = f"{third:.2f}, then {last:.2f} (most {value.max():g})"
    figures = {"third_quarter": third, "last_quarter": last, "most": float(value.max())}
    return Finding(f"{what} of the {who}", last - third < COUNT_RISE, text, figures)


def _hops(course: Course) -> Finding:
    hops = np.diff(column(course.epochs, lambda row: row["hops"]))
    rise, level = growth(times(course.epochs)[1:], hops)
    text = f"{level:.4g} an epoch, {100 * rise / level:+.2f} % in the second half"
    figures = {"level": level, "rise_share": rise / level}
    return Finding("hops", abs(rise) <= HOPS_SHARE * level, text, figures)


def _rate(course: Course) -> Finding:
    time, rate, pace = rates(course)
    plain, level = growth(time, rate)
    rise, even_level = growth(time, rate * pace)
    text = (
        f"{level:.3g} hops a second of processor time, {100 * plain / level:+.1f} % in the second "
        f"half; by the pace of the machine {100 * rise / even_level:+.1f} %"
    )
    figures = {"level": level, "rise_share": plain / level, "rise_by_pace": rise / even_level}
    # Where the machine did not change, the plain figure is the better one.
    slower, of_pace = growth(time, pace)
    judged = rise / even_level if slower > PACE_SHARE * of_pace else plain / level
    return Finding("rate", judged >= -RATE_SHARE, text, figures)


def _wall(course: Course) -> Finding:
    time, _, pace = rates(course)
    rise, level = growth(time, np.diff(times(course.epochs)) / pace)
    text = f"{level:.3g} s an epoch, {100 * rise / level:+.1f} % in the second half"
    figures = {"level": level, "rise_share": rise / level}
    limit = SHORT_WALL_SHARE if np.ptp(time) < SHORT else WALL_SHARE
    return Finding("wall time", rise <= limit * level, text, figures)


def _lag(course: Course) -> Finding:
    time, lag = lags(course)
    third, last = last_quarters(time, lag)
    text = f"{last:.2f} s behind (median of the last quarter; most {lag.max():.2f} s)"
    figures = {"third_quarter": third, "last_quarter": last, "most": float(lag.max())}
    return Finding("reader", last <= MOST_LAG, text, figures)
