"""What a run tells its user: progress while it goes, a check before it, a summary after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    phase : str
        ``prepare``, ``simulate`` or ``write``.
    simulated : float [s]
        Simulated time done.
    duration : float [s]
        Simulated time asked for; 0 where the phase has none.
    n_cells : int
        Cells shed so far.
    hops : int
        Segments entered so far, over all cells.
    message : str
        What is being done, in a few words.
    detail : str
        Shown instead of cells and hops, where something else is counted.
    """

    phase: str
    simulated: float
    duration: float
    n_cells: int
    hops: int
    message: str
    detail: str = ""


@dataclass(frozen=True)
class CheckReport:
    """What a scenario would cost; nothing has been run.

    Attributes
    ----------
    n_segments : int
        Of the network that the run would use.
    n_cells_expected : float
        Mean number of events that the sources would shed; of those that are followed, where
        each stands for several.
    memory_bytes : int
        Estimated peak memory.
    seconds_estimate : float [s]
        Estimated wall time on this machine.
    notes : tuple of str
        What else the user should know, one sentence each.
    n_cells_of_lesions : float
        Mean number of events that lesions would shed.
    calendar : tuple of (str, str, str)
        Name, what and when of each examination and treatment, in the order of their times.
    """

    n_segments: int
    n_cells_expected: float
    memory_bytes: int
    seconds_estimate: float
    notes: tuple[str, ...] = ()
    n_cells_of_lesions: float = 0.0
    calendar: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class RunSummary:
    """What a run came to: the figures of ``ctc inspect --json``.

    Attributes
    ----------
    digest, record_digest : str or None
        SHA-256 of the results and of the stored frames; None before the run has ended.
    n_shed : int
        Cells shed; equals ``in_flight`` plus the sum of ``fates``.
    in_flight : int
        Cells that have met no fate yet.
    fates : mapping of str to int
        Name of the fate, with its cause where it has one, to the number of cells.
    organs : mapping of str to mapping of str to int
        Organ to ``arrested``, ``extravasated``, ``dormant``, ``colonies``, ``cells``.
    first_pass : mapping of str to mapping of str to int
        Organ to ``arrivals`` and ``arrested``: cells that entered a capillary bed of that organ
        as the first bed of their life, and those of them that it held.
    hops : int
        Segments entered, over all cells.
    simulated_seconds, wall_seconds, hops_per_second : float
        Simulated time [s], wall time [s] and their rate [1/s].
    device, network_hash, version : str
        Where it ran, on what network, by which version.
    seed : int
        Of the random numbers.
    title : str
        Of the scenario.
    path : Path or None
        The run file, if one was written.
    more : mapping
        Whatever else the run file holds about the run.
    """

    digest: str | None
    record_digest: str | None
    n_shed: int
    in_flight: int
    fates: Mapping[str, int]
    organs: Mapping[str, Mapping[str, int]]
    hops: int
    simulated_seconds: float
    wall_seconds: float
    hops_per_second: float
    device: str
    network_hash: str
    seed: int
    version: str
    first_pass: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    title: str = ""
    path: Path | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, figures: Mapping[str, Any], path: Path | None = None) -> RunSummary:
        """Make a summary from the mapping that a run file gives; unknown keys go to ``more``."""
        known = {f.name for f in fields(cls)} - {"more", "path"}
        more = {key: value for key, value in figures.items() if key not in known}
        more.pop("path", None)
        given = {key: value for key, value in figures.items() if key in known}
        return cls(**given, path=path, more=more)

    def to_mapping(self) -> dict[str, Any]:
        """Return the figures as plain values, ready for JSON."""
        figures = asdict(self)
        more = figures.pop("more")
        figures["path"] = None if self.path is None else str(self.path)
        return {**figures, **more}


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep would do; nothing has been followed.

    Attributes
    ----------
    title, question, design, scenario : str
        Of the sweep file.
    n_patients : int
        In each arm.
    n_members, n_done : int
        Patients of all arms; those of them that the output folder holds.
    n_blocks : int
        Units of work that are left.
    arms : tuple of mapping
        ``name``, ``scenario``, ``changes`` (texts).
    varied : tuple of mapping
        ``key``, ``unit``, ``distribution``, ``basis``, ``source``, and ``low``, ``median``,
        ``high`` of the patients drawn, as texts.
    correlations : tuple of mapping
        ``between``, ``rho`` as asked for and ``drawn``, the rank correlation of the patients.
    notes : tuple of str
        What else the user should know, one sentence each.
    """

    title: str
    question: str
    design: str
    scenario: str
    n_patients: int
    n_members: int
    n_done: int
    n_blocks: int
    arms: tuple[Mapping[str, Any], ...]
    varied: tuple[Mapping[str, Any], ...]
    correlations: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SweepSummary:
    """What a sweep came to, or how far it is.

    Attributes
    ----------
    title : str
        Of the sweep.
    status : str
        ``finished`` or ``unfinished``.
    digest : str or None
        SHA-256 of the table; None while there is none.
    n_members, n_done : int
        Patients of all arms, and those that are done.
    arms : mapping of str to mapping
        Arm to its figures; see `ctc.cohort.figures.arm_figures`.
    sensitivity : tuple of mapping
        ``arm``, ``outcome``, ``key``, ``note``, ``first``, ``first_error``, ``total``,
        ``total_error``.
    patients_per_hour : float or None
        Of those that were followed by this command.
    files : tuple of Path
        Table, CSV, report.
    notes : tuple of str
        One sentence each.
    """

    title: str
    status: str
    digest: str | None
    n_members: int
    n_done: int
    arms: Mapping[str, Mapping[str, Any]]
    sensitivity: tuple[Mapping[str, Any], ...] = ()
    patients_per_hour: float | None = None
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the figures as plain values, ready for JSON."""
        return {**asdict(self), "files": [str(path) for path in self.files]}
