"""What a campaign of kills came to, for people and for programs."""

from __future__ import annotations

from typing import Any

from tools.crash import calls
from tools.crash.episodes import Tally


def as_mapping(tally: Tally, seconds: float) -> dict[str, Any]:
    """Return the counts as plain values."""
    return {
        "attacks_tried": sum(tally.tried.values()),
        "kills": tally.kills,
        "full_disks": tally.full_disks,
        "points_not_met": list(tally.points_not_met),
        "calls_counted": calls.are_counted(),
        "interrupted": tally.is_interrupted,
        "by_attack": {
            name: {"tried": count, "killed": tally.met[name]}
            for name, count in sorted(tally.tried.items())
        },
        "folders_judged": tally.judged,
        "repaired": tally.repaired,
        "commands_after_a_kill": tally.commands,
        "same_digests": tally.digests,
        "lost": tally.lost,
        "seconds": round(seconds, 1),
    }


def as_text(tally: Tally, seconds: float) -> str:
    """Return the counts as a table."""
    width = max(map(len, tally.tried), default=10)
    lines = [f"{'attack':{width}}  tried  killed"]
    lines += [
        f"{name:{width}}  {count:5}  {tally.met[name]:6}"
        for name, count in sorted(tally.tried.items())
    ]
    lines += [
        "",
        f"{tally.kills:,} kills and {tally.full_disks:,} full disks met",
        f"{sum(tally.tried.values()):,} tried; {seconds:.0f} s",
        *_not_done(tally),
        f"{tally.judged:,} times all files opened and compared, {tally.repaired:,} runs repaired",
        f"{tally.commands:,} commands after a kill, {tally.digests:,} ends with the same digests",
        f"lost: {len(tally.lost) or 'nothing'}",
        *tally.lost,
    ]
    return "\n".join(lines)


def _not_done(tally: Tally) -> list[str]:
    lines = []
    if tally.is_interrupted:
        lines.append("ended by Ctrl-C, before all was tried")
    if not calls.are_counted():
        lines.append("calls not counted: no compiler, so none was cut off and no disk was full")
    if tally.points_not_met:
        lines.append(f"points not met: {', '.join(tally.points_not_met)}")
    return lines
