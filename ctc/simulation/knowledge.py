"""Knowledge: what has been found in a patient so far, and what followed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ctc.clinic.imaging import FALSE_FINDING
from ctc.clinic.recist import Baseline
from ctc.states import Milestone, Response

KNOWN = np.dtype(
    [
        ("target", "<i8"),
        ("organ", "<i2"),
        ("is_gone", "?"),
        ("diameter", "<f8"),
        ("first_found", "<i8"),
    ]
)
_NEVER = -1
_SEEN = ("t", "n", "m")


@dataclass(frozen=True)
class Found:
    """One thing that an examination showed.

    Attributes
    ----------
    target : int
        Number of the lesion, -1 - number of its source for a primary; a false finding has the
        identity by which it is known again.
    organ : int
        Index into the organ names; -1 between organs.
    diameter : float [m]
        As measured.
    """

    target: int
    organ: int
    diameter: float


class Knowledge:
    """What examinations have shown of one patient.

    Attributes
    ----------
    rows : (n,) KNOWN
        Everything that was found, true or false, as last measured; ``is_gone`` once it was
        taken out or treated until nothing was left.
    reached : dict of Milestone to int [ns]
        When each milestone was reached.
    looked_at : dict of str to bool
        Whether the primary (t), the nodes (n) and the rest of the body (m) have been.
    baselines : dict of int to Baseline
        By kind of picture.
    best_response : Response
        So far.
    """

    def __init__(self) -> None:
        self.rows = np.zeros(0, dtype=KNOWN)
        self.reached: dict[Milestone, int] = {}
        self.looked_at = dict.fromkeys(_SEEN, False)
        self.baselines: dict[int, Baseline] = {}
        self.best_response = Response.NOT_EVALUABLE

    def learn(self, found: list[Found], time: int) -> list[Found]:
        """Take in findings at a time [ns]; returns those that are new."""
        new = []
        for each in found:
            at = np.flatnonzero((self.rows["target"] == each.target) & ~self.rows["is_gone"])
            if at.size:
                self.rows["diameter"][at[0]] = each.diameter
                continue
            new.append(each)
            row = np.array([(each.target, each.organ, False, each.diameter, time)], dtype=KNOWN)
            self.rows = np.concatenate([self.rows, row])
        return new

    def forget(self, target: int) -> None:
        """Note that something is gone."""
        self.rows["is_gone"][self.rows["target"] == target] = True

    @property
    def present(self) -> npt.NDArray[Any]:
        """What is known and not gone, (m,) KNOWN."""
        found: npt.NDArray[Any] = self.rows[~self.rows["is_gone"]]
        return found

    def are_known(self, number: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return which tumours and lesions have been found, (n,) bool."""
        return np.isin(number, self.present["target"])

    def reach(self, milestone: Milestone, time: int) -> bool:
        """Note a milestone; returns whether it is reached for the first time."""
        is_first = milestone not in self.reached
        self.reached.setdefault(milestone, time)
        return is_first

    def take_response(self, response: Response) -> None:
        """Keep the best response."""
        ranks = (Response.COMPLETE, Response.PARTIAL, Response.STABLE, Response.PROGRESSIVE)
        for rank in ranks:
            if rank in (response, self.best_response):
                self.best_response = rank
                return

    @property
    def is_free(self) -> bool:
        """Whether something was found, and all of it that is true is gone."""
        true = self.rows["target"] > FALSE_FINDING
        return bool(true.any() and self.rows["is_gone"][true].all())

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """Return it as plain arrays, by name."""
        kinds = sorted(self.baselines)
        held = [self.baselines[kind] for kind in kinds]
        reached = [self.reached.get(milestone, _NEVER) for milestone in Milestone]
        return {
            **{f"known_{name}": self.rows[name].copy() for name in KNOWN.names or ()},
            "reached": np.array(reached, dtype=np.int64),
            "looked_at": np.array([self.looked_at[name] for name in _SEEN]),
            "best_response": np.array([self.best_response], dtype=np.int64),
            "baseline_kinds": np.array(kinds, dtype=np.int64),
            "baseline_sums": np.array(
                [[each.total, each.nadir] for each in held], dtype=np.float64
            ).reshape(-1, 2),
            **_ragged("targets", [each.targets for each in held], np.int64),
            **_ragged("identities", [each.known for each in held], np.int64),
            **_ragged("smallest", [each.smallest for each in held], np.float64),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self.rows = np.zeros(state["known_target"].size, dtype=KNOWN)
        for name in KNOWN.names or ():
            self.rows[name] = state[f"known_{name}"]
        times = zip(Milestone, state["reached"].tolist(), strict=True)
        self.reached = {milestone: time for milestone, time in times if time != _NEVER}
        self.looked_at = dict(zip(_SEEN, state["looked_at"].astype(bool).tolist(), strict=True))
        self.best_response = Response(int(state["best_response"][0]))
        parts = zip(
            state["baseline_kinds"].tolist(),
            state["baseline_sums"].tolist(),
            _parts(state, "targets"),
            _parts(state, "identities"),
            _parts(state, "smallest"),
            strict=True,
        )
        self.baselines = {
            kind: Baseline(targets, known, smallest, total=sums[0], nadir=sums[1])
            for kind, sums, targets, known, smallest in parts
        }


def _ragged(name: str, parts: list[npt.NDArray[Any]], dtype: Any) -> dict[str, npt.NDArray[Any]]:
    """Return arrays of different lengths as one, with their lengths."""
    return {
        f"baseline_{name}": np.concatenate([np.zeros(0, dtype=dtype), *parts]),
        f"baseline_{name}_lengths": np.array([part.size for part in parts], dtype=np.int64),
    }


def _parts(state: Mapping[str, Any], name: str) -> list[npt.NDArray[Any]]:
    lengths = state[f"baseline_{name}_lengths"]
    if not lengths.size:
        return []
    return np.split(state[f"baseline_{name}"], np.cumsum(lengths)[:-1])
