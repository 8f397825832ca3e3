"""The models that predict a primary from others, each with the same treatment of its level."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from ctc.checks import FloatArray
from tools.calibrate.fit import Fit, Problem, fit
from tools.calibrate.incidence import incidence, level_of
from tools.calibrate.table import Findings, smoothed


class Model(enum.Enum):
    """What stands for the sites; the values are how tables call them."""

    OURS = "exposures of the network, one factor a site"
    FLOW_SHARE = "flow share alone"
    MEAN_PROFILE = "mean profile of the others"
    NO_EXPOSURES = "one factor a site, no exposures"
    TABLE_PROFILE = "mean profile of all others in the table"
    NO_FACTORS = "exposures of the network, no factor"


_EXPOSURES = (Model.OURS, Model.NO_FACTORS)
_PROFILES = (Model.MEAN_PROFILE, Model.TABLE_PROFILE)


@dataclass(frozen=True)
class Predictor:
    """A model fitted to some primaries.

    Attributes
    ----------
    model : Model
        Which.
    fit : Fit
        Levels, factors and spreads.
    profile : (n_sites,) float64
        Mean incidence of other primaries; of the models that rest on it.
    n_parameters : int
        Free numbers that its predictions rest on.
    """

    model: Model
    fit: Fit
    profile: FloatArray
    n_parameters: int

    def offset(self, findings: Findings) -> FloatArray:
        """Return eta of each pair at level 0, (n_rows, n_sites) float64."""
        if self.model in _EXPOSURES:
            # Where the fit has no factors they are all 1, their logarithms 0.
            return np.log(findings.exposure) + self.fit.factor
        if self.model is Model.FLOW_SHARE:
            return np.log(findings.flow_share)
        shape = (len(findings.primaries), 1)
        if self.model is Model.NO_EXPOSURES:
            return np.tile(self.fit.factor, shape)
        return np.tile(_profile_offset(self.profile, self.fit.whole_spread), shape)

    def chances(self, findings: Findings, level: FloatArray | float) -> FloatArray:
        """Return the predicted incidence at a level of each row, (..., n_rows, n_sites)."""
        eta = np.asarray(level, dtype=np.float64)[..., np.newaxis] + self.offset(findings)
        return incidence(eta, self.fit.whole_spread)


def train(model: Model, findings: Findings) -> Predictor:
    """Fit a model to all rows of a table."""
    profile = table_profile(findings) if model is Model.TABLE_PROFILE else mean_profile(findings)
    has_factors = model in {Model.OURS, Model.NO_EXPOSURES}

    def offset(spread: float) -> FloatArray:
        if model in _EXPOSURES:
            return np.log(findings.exposure)
        if model is Model.FLOW_SHARE:
            return np.log(findings.flow_share)
        if model is Model.NO_EXPOSURES:
            return np.zeros(findings.exposure.shape)
        return np.tile(_profile_offset(profile, spread), (len(findings.primaries), 1))

    def problem(spread: float) -> Problem:
        return Problem(
            findings.n_patients,
            findings.n_found,
            findings.counts,
            offset(spread),
            has_factors=has_factors,
        )

    found = fit(problem(0.0))
    n_parameters = found.n_parameters(has_factors=has_factors)
    if model in _PROFILES:
        # The profile is that of the whole spread, which the fit itself tells; two turns settle it.
        for _ in range(2):
            found = fit(problem(found.whole_spread))
        n_parameters += profile.size
    return Predictor(model, found, profile, n_parameters)


def mean_profile(findings: Findings) -> FloatArray:
    """Return the mean incidence at each site over the primaries that can have it there.

    Every primary counts the same; half a finding in one patient more keeps it above 0.
    """
    share = smoothed(findings.n_found, findings.n_patients[:, np.newaxis])
    n = findings.counts.sum(axis=0)
    profile: FloatArray = np.where(findings.counts, share, 0.0).sum(axis=0) / n
    return profile


def table_profile(findings: Findings) -> FloatArray:
    """Return the same over all rows of the table that are left, whether they are fitted or not."""
    profile: FloatArray = np.nanmean(list(findings.whole_table.values()), axis=0)
    return profile


def _profile_offset(profile: FloatArray, spread: float) -> FloatArray:
    return np.array([level_of(float(chance), spread) for chance in profile])
