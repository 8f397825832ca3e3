"""CarePlan: how one patient is to be examined and treated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CarePlan:
    identity: str = ""
