"""The sites of a run beside autopsies of its cancer, as plain values."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from ctc.analysis.site_shares import compare_sites, is_human, load_autopsies
from ctc.record.reader import Run

# The latest stage that any cell has reached is compared.
_STAGES = {
    "colonies": "colonies",
    "dormant": "dormant cells",
    "extravasated": "extravasated cells",
    "arrested": "arrested cells",
}


def sites_of_run(run: Run) -> dict[str, Any] | None:
    """Return where the cells of a run settled, beside autopsies.

    Parameters
    ----------
    run : Run
        Finished, running or killed.

    Returns
    -------
    dict or None
        ``what`` is counted (colonies, or cells of the latest stage that any reached), the
        ``sites`` with their shares, ``n_counted``, ``n_elsewhere``, ``rank_correlation`` (None
        where there is none) and the autopsies with their ``source``. None for a run of no person,
        of no cancer that the table knows, or in which no cell has settled.
    """
    scenario = run.scenario()
    cancer = (scenario.get("cancer") or {}).get("set") or ""
    autopsies = load_autopsies(cancer) if cancer and is_human(scenario) else None
    if autopsies is None or not run.n_epochs:
        return None
    series = run.series()
    stage = next((name for name in _STAGES if series[name][-1].any()), None)
    if stage is None:
        return None
    counts = dict(zip(run.organ_names, series[stage][-1].tolist(), strict=True))
    own = [source["organ"] for source in scenario["source"] if source["kind"] == "tumour"]
    found = compare_sites(counts, autopsies, own_organs=own)
    rank = found.rank_correlation
    return {
        "what": _STAGES[stage],
        "n_counted": found.n_counted,
        "n_elsewhere": found.n_elsewhere,
        "rank_correlation": None if math.isnan(rank) else rank,
        "primary": autopsies.primary,
        "n_patients": autopsies.n_patients,
        "source": autopsies.source,
        "unmatched": list(found.unmatched),
        "sites": [asdict(site) for site in found.sites],
    }
