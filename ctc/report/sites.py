"""Where colonies lie, beside autopsies of patients with that cancer."""

from __future__ import annotations

import math

from ctc.analysis.site_shares import SiteComparison, compare_sites, is_human, load_autopsies
from ctc.report.axes import Frame, Scale, count_text, percent_text
from ctc.report.drawing import Drawing
from ctc.report.material import Material
from ctc.report.section import Section, Table

_TITLE = "Where they settle, beside autopsies"
_WIDTH, _ROW, _LEFT, _RIGHT = 960.0, 22.0, 168.0, 250.0
_LOWEST = 1e-5
_NOTE = (
    "A colony of the model is a micrometastasis of a few cells that came by blood; autopsies find "
    "what grew large in patients who died, by whatever way it came."
)


def sites_section(material: Material) -> Section:
    """Return the sites of colonies beside those found at autopsy."""
    what, counts = material.settled()
    if not what:
        return Section("sites", _TITLE, ("No cell is arrested or settled in an organ.",))
    own = material.tumour_organs
    cancer = (material.scenario.get("cancer") or {}).get("set") or ""
    of_person = is_human(material.scenario)
    autopsies = load_autopsies(cancer) if cancer and of_person else None
    if autopsies is None:
        why = f"for '{cancer}'" if cancer else "as the scenario names no cancer"
        why = why if of_person else "for animals"
        sentence = f"There are no autopsy figures {why}, so the {what} stand alone."
        total = max(sum(counts.values()), 1)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        rows = tuple((organ, n, n / total) for organ, n in ranked if n)
        table = Table("sites", what.capitalize(), ("organ", what, "share"), rows, is_open=True)
        return Section("sites", _TITLE, (sentence,), (), (table,))
    comparison = compare_sites(counts, autopsies, own_organs=own)
    sentences = [_sample_sentence(comparison, what, own)]
    if not math.isnan(comparison.rank_correlation):
        sentences.append(_rank_sentence(comparison))
    notes = [_source_note(comparison, what), _NOTE]
    if comparison.unmatched:
        names = ", ".join(comparison.unmatched)
        notes.append(f"Sites of the autopsies that this body does not have: {names}.")
    return Section(
        "sites", _TITLE, sentences, (_draw(comparison, what),), (_table(comparison, what),), notes
    )


def _sample_sentence(comparison: SiteComparison, what: str, own: tuple[str, ...]) -> str:
    n = comparison.n_counted
    organ = f" (the {own[0]} itself left out)" if len(own) == 1 else ""
    text = f"{count_text(n)} {what} lie at sites that autopsies know{organ}. "
    if comparison.n_elsewhere:
        text += f"{count_text(comparison.n_elsewhere)} more lie elsewhere, the own organ included. "
    text += "Whiskers are one binomial standard error of the share, the square root of p (1 - p) / "
    return text + f"{count_text(n)}."


def _source_note(comparison: SiteComparison, what: str) -> str:
    autopsies = comparison.autopsies
    return (
        f"Autopsies: {autopsies.source}; {autopsies.n_patients:,} patients with a primary of the "
        f"{autopsies.primary}. A patient with ten lesions in one organ counts once there, while "
        f"every one of the {what} of the run counts: the two shares are not the same quantity. "
        "Diamonds are shares of all findings at these sites; the right column tells patients."
    )


def _rank_sentence(comparison: SiteComparison) -> str:
    value = comparison.rank_correlation
    n = len(comparison.sites)
    # Without any agreement the rank correlation scatters by 1 / sqrt(n - 1).
    scatter = 1.0 / math.sqrt(n - 1) if n > 1 else 1.0
    agree = "agree" if value > 2.0 * scatter else "do not clearly agree"
    return (
        f"Ordered by frequency, run and autopsies {agree}: Spearman's rank correlation over {n} "
        f"sites is {value:.2f}; 1 is the same order, chance alone scatters by {scatter:.2f} "
        "about 0."
    )


def _draw(comparison: SiteComparison, what: str) -> Drawing:
    sites = [site for site in comparison.sites if site.count or site.n_patients]
    shares = [s for site in sites for s in (site.share, site.autopsy_share) if s > 0.0]
    low = 10.0 ** math.floor(math.log10(max(0.7 * min(shares), _LOWEST)))
    high = 1.5 * max(shares)
    drawing = Drawing(
        "sites",
        f"Share of each site among {what} of the run and among findings at autopsy",
        _WIDTH,
        82.0 + _ROW * len(sites),
    )
    frame = Frame(
        _LEFT,
        34.0,
        _WIDTH - _LEFT - _RIGHT,
        _ROW * len(sites),
        Scale(100.0 * low, 100.0 * high, is_log=True),
        Scale(0.0, 1.0),
    )
    frame.draw(drawing, has_y=False, n_y=1, x_label="share of all at these sites [%], log axis")
    drawing.dot((_LEFT + 6.0, 15.0), 5.0, colour="colony")
    drawing.text((_LEFT + 17.0, 19.5), f"{what} of the run")
    drawing.diamond((_LEFT + 186.0, 15.0), 5.5, colour="autopsy")
    drawing.text((_LEFT + 197.0, 19.5), "share of all findings at autopsy")
    for x, text in ((_WIDTH - 138.0, "run"), (_WIDTH - 4.0, "autopsy (patients)")):
        drawing.text((x, 19.5), text, colour="faint", anchor="end", size=12.0)
    for number, site in enumerate(sites):
        y = frame.top + _ROW * (number + 0.5)
        drawing.text((_LEFT - 12.0, y + 4.5), site.name, anchor="end")
        ours, theirs = (frame.across(100.0 * s) for s in (site.share, site.autopsy_share))
        if site.count and site.n_patients:
            drawing.line([(ours, y), (theirs, y)], colour="line", width=2.0)
        if site.n_patients:
            tip = f"{site.name}: {site.n_patients} of {comparison.autopsies.n_patients} patients"
            drawing.diamond((theirs, y), 5.5, colour="autopsy", tip=tip)
        if site.count:
            ends = (100.0 * max(site.share - site.error, low), 100.0 * (site.share + site.error))
            whisker = [(frame.across(end), y) for end in ends]
            drawing.line(whisker, colour="text", width=1.4)
            tip = f"{site.name}: {count_text(site.count)} of {count_text(comparison.n_counted)}"
            drawing.dot((ours, y), 5.0, colour="colony", tip=tip)
        text = _share_text(site.share, site.error) if site.count else "none"
        drawing.text((_WIDTH - 138.0, y + 4.5), text, anchor="end", colour="faint", size=12.0)
        patients = percent_text(site.n_patients, comparison.autopsies.n_patients)
        text = f"{patients} ({site.n_patients:,})"
        drawing.text((_WIDTH - 4.0, y + 4.5), text, anchor="end", colour="faint", size=12.0)
    return drawing


def _share_text(share: float, error: float) -> str:
    """Return a share with its error, to the first digit of the error."""
    digits = min(max(-math.floor(math.log10(100.0 * error)), 0), 4) if error else 0
    return f"{100.0 * share:.{digits}f} \u00b1 {100.0 * error:.{digits}f} %"


def _table(comparison: SiteComparison, what: str) -> Table:
    n = comparison.autopsies.n_patients
    return Table(
        "sites",
        "The same in numbers",
        (
            "site",
            what,
            "share in the run",
            "standard error",
            "patients with it at autopsy",
            "share of patients",
            "share of findings",
        ),
        tuple(
            (s.name, s.count, s.share, s.error, s.n_patients, s.n_patients / n, s.autopsy_share)
            for s in comparison.sites
        ),
    )
