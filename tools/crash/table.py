"""What a campaign of kills came to, for people and for programs."""

from __future__ import annotations

from typing import Any

from tools.crash.episodes import Tally


def as_mapping(tally: Tally, seconds: float) -> dict[str, Any]:
    """Return the counts as plain values."""
    return {
        "kills_tried": sum(tally.tried.values()),
        "kills": sum(tally.met.values()),
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
        f"{sum(tally.met.values()):,} of {sum(tally.tried.values()):,} met; {seconds:.0f} s",
        f"{tally.judged:,} times all files opened and compared, {tally.repaired:,} runs repaired",
        f"{tally.commands:,} commands after a kill, {tally.digests:,} ends with the same digests",
        f"lost: {len(tally.lost) or 'nothing'}",
        *tally.lost,
    ]
    return "\n".join(lines)
