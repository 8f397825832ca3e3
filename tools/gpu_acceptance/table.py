"""The one short table at the end. Standard library only."""

from __future__ import annotations

from tools.gpu_acceptance.findings import FAILED, NOT_RUN, PASSED, SKIPPED, Acceptance, Finding

MOST_CHARACTERS = 11_500
_WIDEST_NAME, _WIDEST_NOTE = 58, 70


def short_table(acceptance: Acceptance, *, most: int = MOST_CHARACTERS) -> str:
    """Return what was found as Markdown.

    Parameters
    ----------
    acceptance : Acceptance
        All of it.
    most : int
        Characters; figures that no longer fit are counted, wrong ones come first, then goals, and
        all states of steps are always there.
    """
    about = acceptance.about
    lines = [f"{key}: {value}" for key, value in about.items() if not isinstance(value, dict)]
    lines += ["", "| step | state | s | why |", "|---|---|---|---|"]
    lines += [
        f"| {o.step} | {o.state} | {o.seconds:.0f} | {_brief(o.reason, 160)} |"
        for o in acceptance.outcomes
    ]
    wrong = [(o.step, f) for o in acceptance.outcomes for f in o.findings if f.ok is False]
    right = [(o.step, f) for o in acceptance.outcomes for f in o.findings if f.ok is not False]
    # Verdicts first: what no longer fits are mere figures.
    right.sort(key=lambda pair: pair[1].is_met is None)
    rows = [_row(step, finding) for step, finding in [*wrong, *right]]
    lines += ["", "| step | what | found | |", "|---|---|---|---|"]
    closing = _closing(acceptance)
    room = most - len("\n".join(lines)) - len(closing) - 80
    shown = 0
    for row in rows:
        room -= len(row) + 1
        if room < 0:
            break
        lines.append(row)
        shown += 1
    if shown < len(rows):
        lines.append(f"| | {len(rows) - shown} more in the JSON file | | |")
    return "\n".join([*lines, "", closing])


def _closing(acceptance: Acceptance) -> str:
    states = [outcome.state for outcome in acceptance.outcomes]
    words = [f"{states.count(state)} {state}" for state in (PASSED, FAILED, SKIPPED, NOT_RUN)]
    others = len(states) - sum(states.count(s) for s in (PASSED, FAILED, SKIPPED, NOT_RUN))
    verdict = "ACCEPTED" if acceptance.exit_code == 0 else "NOT ACCEPTED"
    if not acceptance.has_asked_gpu:
        verdict += " (nothing was asked of a GPU)"
    goals = [finding.is_met for o in acceptance.outcomes for finding in o.findings]
    met, missed = goals.count(True), goals.count(False)
    told = f" Goals: {met} met, {missed} missed." if met or missed else ""
    return f"{verdict}: {', '.join(words)}, {others} cut short.{told}"


def _row(step: str, finding: Finding) -> str:
    mark = {True: "ok", False: "**WRONG**", None: ""}[finding.ok]
    mark = {True: "goal met", False: "**goal missed**", None: mark}[finding.is_met]
    note = _brief(finding.note, _WIDEST_NOTE)
    end = " ".join(part for part in (mark, note) if part)
    found = f"{_number(finding.value)} {finding.unit}".strip()
    return f"| {step} | {_brief(finding.name, _WIDEST_NAME)} | {found} | {end} |"


def _number(value: float | int | str) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return _brief(str(value), _WIDEST_NAME)


def _brief(text: str, most: int) -> str:
    plain = " ".join(text.replace("|", "/").split())
    return plain if len(plain) <= most else plain[: most - 3] + "..."
