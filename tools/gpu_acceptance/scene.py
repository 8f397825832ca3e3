"""What a step is given, and where it writes down what it finds: after every figure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.gpu_acceptance.findings import Finding, write_whole


@dataclass
class Scene:
    """One step while it runs.

    Attributes
    ----------
    has_gpu : bool
        Whether kernels run on one here.
    is_short : bool
        Whether everything is to be tiny: a trial of the command, not of the machine.
    seconds : float [s]
        What the step gets, from now on.
    output : Path
        Where findings go.
    work : Path
        Temporary folder.
    """

    has_gpu: bool
    is_short: bool
    seconds: float
    output: Path
    work: Path
    now: Callable[[], float] = time.monotonic
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = self.now()

    @property
    def left(self) -> float:
        """Seconds that are left to the step."""
        return self.seconds - (self.now() - self._began)

    def add(
        self,
        name: str,
        value: float | int | str,
        unit: str = "",
        *,
        ok: bool | None = None,
        note: str = "",
        is_met: bool | None = None,
    ) -> None:
        """Write a finding down."""
        self.findings.append(Finding(name, value, unit, ok, note, is_met))
        self.save()

    def save(self, **ended: str) -> None:
        """Write all findings, and how the step ended once it has."""
        rows = [asdict(finding) for finding in self.findings]
        write_whole(self.output, json.dumps({"findings": rows, "ended": ended}))
