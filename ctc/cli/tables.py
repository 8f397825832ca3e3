"""What a run came to, and what one would cost, as tables worth reading, on stdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ctc.summary import CheckReport, RunSummary
from ctc.timings import PHASES

_FATES = {
    "died_immune": "killed by immune cells",
    "died_shear": "killed by shear stress",
    "died_anoikis": "died of anoikis",
    "died_arrest": "died while arrested",
    "died_tissue": "died in the tissue",
    "died_treatment": "killed by treatment",
    "colony": "founded a colony",
    "exited": "left by an open end",
}
_STATES = {
    "circulating": "circulating",
    "arrested": "arrested in a vessel",
    "extravasated": "solitary in the tissue",
    "dormant": "dormant in the tissue",
}
# Columns of the organs: where the figure lies, its name there, and its heading.
_FIRST, _OF_ORGAN = "first_pass", "organs"
_ORGAN_COLUMNS = (
    (_FIRST, "arrivals", "first-pass\narrivals"),
    (_FIRST, "arrested", "first-pass\nloss"),
    (_OF_ORGAN, "arrivals", "all\narrivals"),
    (_OF_ORGAN, "died", "died"),
    (_OF_ORGAN, "arrested", "arrested\nnow"),
    (_OF_ORGAN, "extravasated", "in tissue"),
    (_OF_ORGAN, "dormant", "dormant"),
    (_OF_ORGAN, "colonies", "colonies"),
)
_ARRIVALS, _LOSS = 0, 1
_BETWEEN = "between organs"
_ALL = "all organs"
_BLOOD_HEADER = ("vessel", "passages", "highest\nepoch", "ended\nat", "last\nepoch")
_WIDTH = 200


def print_summary(summary: RunSummary) -> None:
    """Print fates, organs and the figures of a run."""
    if summary.title:
        print(f"\n{summary.title}\n")
    print_table("Cells", ("", "cells", "share"), _fate_rows(summary))
    header, rows = _organ_table(summary)
    if rows:
        print_table("Organs", header, rows, has_total=rows[-1][0] == _ALL)
    blood = summary.more.get("blood", {})
    if any(sample["passages"] for sample in blood.values()):
        print_table("Tumour cells in 7.5 ml of blood", _BLOOD_HEADER, _blood_rows(blood))
    _print_tumours(summary)
    _print_lesions(summary)
    _print_course(summary)
    _print_sites(summary)
    print(
        f"{summary.hops:,} hops in {summary.wall_seconds:.1f} s "
        f"({summary.hops_per_second:.2g} hops/s) on {summary.device}; "
        f"{duration_text(summary.simulated_seconds)} simulated, seed {summary.seed}"
    )
    weight = summary.more.get("cell_weight", 1.0)
    if weight != 1.0:
        print(f"each cell that was followed stands for {weight:,.6g} shed ones")
        in_lymph = summary.more.get("lymph_cell_weight", weight)
        if in_lymph != weight:
            print(f"(for {in_lymph:,.6g} where it entered the lymph: tables count both alike)")
    if summary.more.get("margination_probability"):
        print(f"cells marginate with a chance of {summary.more['margination_probability']:g}")
    print(_end_text(summary))


def print_timings(timings: Mapping[str, Mapping[str, float]]) -> None:
    """Print where the time of a run went."""
    spent = {phase: timings[phase] for phase in PHASES if phase in timings}
    total = sum(entry["wall"] for entry in spent.values())
    rows = [
        (
            PHASES[phase],
            f"{entry['wall']:.2f}",
            f"{entry['cpu']:.2f}" if "cpu" in entry else "-",
            _share(entry["wall"], total),
        )
        for phase, entry in spent.items()
    ]
    print_table("Where the time went", ("", "seconds", "of processors", "share"), rows)
    if "first_epoch" in timings:
        print(f"first epoch done {timings['first_epoch']['wall']:.2f} s after the command started")


def _print_sites(summary: RunSummary) -> None:
    """Print the sites of the run beside those of autopsies, and which affinities applied."""
    found: Mapping[str, Any] | None = summary.more.get("sites")
    if found:
        rows = [
            (
                site["name"],
                f"{site['count']:,}",
                f"{site['share']:.1%} ± {site['error']:.1%}" if site["count"] else "-",
                f"{site['autopsy_share']:.1%}",
                f"{site['n_patients'] / found['n_patients']:.0%}",
            )
            for site in found["sites"]
        ]
        what = found["what"]
        header = ("site", what, f"share of\n{what}", "share of findings\nat autopsy", "patients")
        print_table(f"Sites beside autopsies of {found['primary']}", header, rows)
        rank = found["rank_correlation"]
        said = "no rank correlation" if rank is None else f"Spearman's rank correlation {rank:.2f}"
        print(f"{said} over {len(rows)} sites; {found['n_patients']:,} patients: {found['source']}")
    affinity: Mapping[str, Any] | None = summary.more.get("affinity")
    for sentence in affinity["sentences"] if affinity else ():
        print(f"- {sentence}")


def print_report(report: CheckReport, title: str) -> None:
    """Print what a scenario would cost."""
    print(f"\n{title}\n")
    rows = [
        ("segments", f"{report.n_segments:,}"),
        ("cells expected", f"{report.n_cells_expected:,.0f}"),
        *([("of lesions", _count(report.n_cells_of_lesions))] if report.n_cells_of_lesions else []),
        ("memory", f"about {memory_text(report.memory_bytes)}"),
        ("time", f"about {duration_text(report.seconds_estimate)}"),
    ]
    print_table("Estimate", ("", ""), rows)
    if report.calendar:
        print_table("Calendar", ("entry", "what", "when"), report.calendar, is_text=True)
    for note in report.notes:
        print(f"- {note}")


def _count(number: float) -> str:
    """Return a mean number: whole, or by its power of ten where nobody counts the digits."""
    return f"about {number:,.0f}" if number < 1e9 else f"about {number:.2g}"


def duration_text(seconds: float) -> str:
    """Return a duration in the unit that suits it, such as ``3 days``."""
    for unit, size in (("years", 365.25 * 86400), ("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds >= 1 or seconds == 0 else f"{seconds:.1g} s"


def memory_text(n_bytes: int) -> str:
    """Return a size in memory, such as ``1.3 GB``."""
    if n_bytes >= 1e15:
        return f"{n_bytes / 1e12:.2g} TB"
    return f"{n_bytes / 1e9:.3g} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def _fate_rows(summary: RunSummary) -> list[tuple[str, ...]]:
    shed = max(summary.n_shed, 1)

    def row(name: str, count: int) -> tuple[str, ...]:
        return name, f"{count:,}", _share(count, shed)

    rows = [row("shed", summary.n_shed)]
    for fate, count in sorted(summary.fates.items(), key=lambda item: (-item[1], item[0])):
        if count:
            rows.append(row(_FATES.get(fate, fate.replace("_", " ")), count))
    rows.append(row("in flight", summary.in_flight))
    states: Mapping[str, int] = summary.more.get("states", {})
    rows += [row(f"  {label}", states[name]) for name, label in _STATES.items() if states.get(name)]
    return rows


def _blood_rows(blood: Mapping[str, Mapping[str, float]]) -> list[tuple[str, ...]]:
    return [
        (
            vessel,
            f"{sample['passages']:,}",
            _with_error(sample["highest"], sample["highest_error"]),
            duration_text(sample["highest_time"]),
            _with_error(sample["last"], sample["last_error"]),
        )
        for vessel, sample in blood.items()
    ]


def _with_error(value: float, error: float) -> str:
    return f"{value:.3g} ± {error:.1g}" if error else f"{value:.3g}"


def _organ_table(summary: RunSummary) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the heading and rows of the organs, without organs and columns that are all zero."""
    sources = {_FIRST: summary.first_pass, _OF_ORGAN: summary.organs}
    counts = {
        organ: [sources[part].get(organ, {}).get(name, 0) for part, name, _ in _ORGAN_COLUMNS]
        for organ in sorted({*summary.organs, *summary.first_pass})
    }
    counts[_BETWEEN] = _elsewhere(summary)
    counts = {organ: row for organ, row in counts.items() if any(row)}
    sums = [sum(column) for column in zip(*counts.values(), strict=True)]
    shown = [index for index, total in enumerate(sums) if total]
    ordered = sorted(counts, key=lambda organ: ([-count for count in counts[organ]], organ))
    if len(ordered) > 1:
        counts[_ALL] = sums
        ordered.append(_ALL)
    header = ("organ", *(_ORGAN_COLUMNS[index][2] for index in shown))
    return header, [(organ, *_figures(counts[organ], shown)) for organ in ordered]


def _print_tumours(summary: RunSummary) -> None:
    """Print the primary tumours that are there at the end."""
    rows = [
        (
            organ,
            f"{tumour['cells']:,}",
            f"{1e3 * tumour['front_radius']:.1f} mm" if tumour["front_radius"] else "-",
            f"{tumour['vessels_reached']:,}",
        )
        for organ, tumour in summary.more.get("tumours", {}).items()
    ]
    if rows:
        print_table("Primary tumours", ("organ", "cells", "front", "venules reached"), rows)


def _print_lesions(summary: RunSummary) -> None:
    """Print what became of the lesions."""
    lesions = summary.more.get("lesions", {})
    if not lesions.get("founded"):
        return
    metastases, polyclonal = lesions["metastases"], lesions["polyclonal"]
    rows = [
        ("founded", f"{lesions['founded']:,}"),
        ("  by cells of other lesions", f"{lesions['of_lesions']:,}"),
        ("  in the organ of their tumour", f"{lesions['self_seeded']:,}"),
        ("living", f"{lesions['living']:,}"),
        ("  in balance", f"{lesions['in_balance']:,}"),
        ("lost", f"{lesions['lost']:,}"),
        *((name, f"{lesions[name]:,}") for name in ("resected", "eradicated") if lesions.get(name)),
        ("longest line of descent", f"{lesions['generations']:,}"),
        ("vessels with lesions", f"{metastases:,}"),
        ("  of several clones", f"{polyclonal:,} ({_share(polyclonal, metastases)})"),
    ]
    print_table("Lesions", ("", ""), rows)


def _print_course(summary: RunSummary) -> None:
    """Print how the patient was examined and treated, and what that told."""
    clinic: Mapping[str, Any] | None = summary.more.get("clinic")
    if clinic is None:
        return
    names = ("when", "what", "where", "result", "found", "there")
    rows = [tuple(str(line[name]) for name in names) for line in clinic["lines"]]
    if not rows:
        print("The patient has not been examined or treated yet.\n")
        return
    header = ("when", "what", "where", "result", "stage\nfound", "stage\nthere")
    print_table("The patient", header, rows, is_text=True)


def _elsewhere(summary: RunSummary) -> list[int]:
    """Return what lies in no organ: caught in vessels between them, or dead there."""
    states: Mapping[str, int] = summary.more.get("states", {})
    totals = {
        "arrested": states.get("arrested", 0),
        "died": sum(count for fate, count in summary.fates.items() if fate.startswith("died")),
    }
    row = []
    for part, name, _ in _ORGAN_COLUMNS:
        inside = sum(organ.get(name, 0) for organ in summary.organs.values())
        known = part == _OF_ORGAN and any(name in organ for organ in summary.organs.values())
        row.append(max(totals.get(name, 0) - inside, 0) if known else 0)
    return row


def _figures(counts: Sequence[int], shown: Sequence[int]) -> list[str]:
    texts = []
    for index in shown:
        text = f"{counts[index]:,}" if counts[index] else "-"
        if index == _LOSS and counts[_ARRIVALS]:
            text = _share(counts[_LOSS], counts[_ARRIVALS])
        texts.append(text)
    return texts


def _end_text(summary: RunSummary) -> str:
    """Return how the run ended, in one line."""
    if summary.digest:
        return f"digest {summary.digest}"
    status = summary.more.get("status", "running")
    planned = summary.more.get("planned_seconds")
    of_all = f" of {duration_text(planned)}" if planned else ""
    text = f"{status} after {duration_text(summary.simulated_seconds)}{of_all}: no digest yet"
    return text if status == "running" else f"{text}. Go on with: ctc resume {summary.path}"


def _share(part: float, whole: float) -> str:
    share = part / whole if whole else 0.0
    return f"{share:.2%}" if share == 0 or share >= 1e-4 else f"{share * 100:.1e}%"


def print_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    *,
    has_total: bool = False,
    is_text: bool = False,
) -> None:
    """Print a table: first column to the left, the others to the right.

    Parameters
    ----------
    title : str
        Above it.
    header, rows : sequence
        Headings (none are shown where all are empty) and texts.
    has_total : bool
        Whether a line parts the last row from the others, like the heading.
    is_text : bool
        Whether the others hold words: then they are to the left too.
    """
    from rich import box  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - slow to import

    table = Table(box=box.SIMPLE_HEAD, show_header=any(header), pad_edge=False)
    for index, name in enumerate(header):
        table.add_column(name, justify="right" if index and not is_text else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    # Wide enough for any: a narrow window then breaks lines, but no figure is cut.
    console = Console(width=_WIDTH, highlight=False, markup=False, color_system=None)
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().splitlines() if line.strip()]
    if has_total:
        lines.insert(-1, lines[-len(rows) - 1])
    print("\n".join([title, *lines, ""]))
