"""Targets: run files, checkpoints, sweeps and networks in HDF5, by the commands that read them."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import h5py
import numpy as np

from ctc.analysis.blood_samples import sampled_blood
from ctc.cli.main import main
from ctc.digest import digest_of
from ctc.errors import InputError
from ctc.inspection import inspect_run
from ctc.record.layout import LOGS
from ctc.record.network_file import load_near_organs, load_network
from ctc.record.reader import open_run
from ctc.record.superblock import clear_consistency_flag
from ctc.rerun.replay import replay
from ctc.verification import verify
from ctc.vessel_cache import _read
from tools.fuzz import hdf5_samples
from tools.fuzz.hdf5_bytes import DAMAGE, ENEMY, left_open
from tools.fuzz.hdf5_objects import OBJECTS
from tools.fuzz.hdf5_reseal import reseal_file, take_off_sums
from tools.fuzz.hdf5_samples import RESEALED, SECRET
from tools.fuzz.outside import untouched
from tools.fuzz.sample import Content, Sample, lay_down
from tools.fuzz.target import Target

_CHANGED = (".vtkhdf", ".h5")
PICTURES = (
    ("report", "-o", "out.html"),
    ("report", "--format", "csv", "-o", "tables"),
    ("render", "-o", "out.png", "--style", "scene", "--size", "64x64"),
    ("scan", "-o", "out.png", "--size", "520x650"),
    ("export", "-o", "out.gsd"),
    ("export", "-o", "out.csv"),
    ("export", "-o", "out.h5md"),
    ("export", "-o", "small.vtkhdf", "--every", "2"),
    ("vessels", "info"),
    ("render", "-o", "out.png", "--size", "400x400"),
)


class WrongResultError(Exception):
    """A reader took a damaged file and told something else than its content."""


class InternalError(Exception):
    """A command failed in a way that it had no words for."""


def change_hdf5(
    only: Callable[[str], bool] = lambda _: True, *, enemies: bool = True
) -> Callable[[Sample, Sequence[Sample], Random], Sample]:
    """Return a change of one of the HDF5 files of a sample, by its bytes or by its objects."""

    def change(sample: Sample, others: Sequence[Sample], draw: Random) -> Sample:
        names = [n for n in sample if n.endswith(_CHANGED) and n != SECRET and only(n)]
        name = draw.choice(names)
        content = sample[name]
        assert isinstance(content, bytes)
        beside = [each[name] for each in others if isinstance(each.get(name), bytes)]
        kind = draw.random()
        found: dict[str, Content] = dict(sample)
        if kind < 0.35:
            changes = DAMAGE
        elif kind < 0.5 and enemies:
            changes, found[RESEALED] = ENEMY, b""
        else:
            is_resealed = enemies and draw.random() < 0.4
            found[name] = _changed_object(content, draw, is_resealed=is_resealed)
            if is_resealed:
                found[RESEALED] = b""
            return found
        for _ in range(draw.choice((1, 1, 2, 5))):
            content = draw.choice(changes)(content, beside, draw)  # type: ignore[arg-type]
        found[name] = content
        return found

    return change


def _changed_object(content: bytes, draw: Random, *, is_resealed: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="ctc-hdf5-") as folder:
        path = Path(folder) / "file.h5"
        path.write_bytes(content)
        is_left_open = False
        with contextlib.suppress(InputError):  # as older programs write HDF5
            is_left_open = clear_consistency_flag(path)
        with h5py.File(path, "r+", libver="v110") as file:
            for _ in range(draw.choice((1, 1, 1, 2))):
                with contextlib.suppress(Exception):
                    draw.choice(OBJECTS)(file, draw)
            if is_resealed:
                with contextlib.suppress(Exception):
                    reseal_file(file)
        changed = path.read_bytes()
        return left_open(changed) if is_left_open else changed


def ask(folder: Path, *arguments: Any) -> str:
    """Call a command in this process and return what it printed; InputError where it refused."""
    out, err = io.StringIO(), io.StringIO()
    here = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        os.chdir(here)
    said = err.getvalue()
    if code == 2:
        lines = [line for line in said.splitlines() if line.startswith("ctc: error: ")]
        if len(lines) != 1:
            message = f"{arguments}: not one message but {lines}: {said}"
            raise InternalError(message)
        raise InputError(lines[0].removeprefix("ctc: error: "))
    if code:
        message = f"{arguments} ended with {code}: {said[-3000:]}"
        raise InternalError(message)
    return out.getvalue()


def guarded(feed: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return a feed that fails where it touched what the links of damaged files lead to."""

    def feed_guarded(folder: Path) -> object:
        secret = folder / SECRET
        secret.parent.mkdir(exist_ok=True)
        os.mkfifo(secret.with_name("pipe"))
        with untouched(secret.parent):
            return feed(folder)

    return feed_guarded


def _content_of(path: Path) -> str:
    """Return a digest of all that a run file says."""
    with open_run(path) as run:
        figures = {**inspect_run(run), "blood": sampled_blood(run), "path": ""}
        texts = [json.dumps(figures, allow_nan=False, default=str), *run.vessel_names]
        parts = [("text", np.frombuffer("\0".join(texts).encode(), dtype=np.uint8))]
        parts += list(run.series().items()) + list(run.tallies().items())
        parts += [(log, run._whole_log(log)) for log in LOGS]
        for frame in run.frames():
            parts += list(vars(frame).items())
        assert not run.damaged_frames()
        network, flow = run.network(), run.flow()
        parts.append(("network", np.frombuffer(network.hash().encode(), dtype=np.uint8)))
        parts += [(k, np.asarray(v)) for k, v in vars(flow).items()]
        return digest_of(parts)


_KNOWN: dict[bytes, str] = {}


def _good_contents() -> set[str]:
    if not _KNOWN:
        for sample in hdf5_samples.finished_runs():
            with tempfile.TemporaryDirectory(prefix="ctc-hdf5-") as folder:
                path = Path(folder) / "run.vtkhdf"
                data = sample["run.vtkhdf"]
                assert isinstance(data, bytes)
                path.write_bytes(data)
                _KNOWN[data[:1] + str(len(data)).encode()] = _content_of(path)
    return set(_KNOWN.values())


def _feed_run(folder: Path) -> None:
    ask(folder, "inspect", "run.vtkhdf", "--json")
    content = _content_of(folder / "run.vtkhdf")
    if not (folder / RESEALED).exists() and content not in _good_contents():
        message = "run was read, and says something else than before"
        raise WrongResultError(message)
    ask(folder, "inspect", "run.vtkhdf")


def _open_to_lies() -> list[Sample]:
    """Return finished runs of a format whose files say no sums of themselves, so that lies last."""
    found: list[Sample] = []
    for sample in hdf5_samples.finished_runs():
        with tempfile.TemporaryDirectory(prefix="ctc-hdf5-") as folder:
            path = Path(folder) / "run.vtkhdf"
            lay_down(sample, Path(folder))
            with h5py.File(path, "r+", libver="v110") as file:
                take_off_sums(file)
            found.append({**sample, "run.vtkhdf": path.read_bytes()})
    return found


def _feed_verify(folder: Path) -> None:
    found = verify(folder / "run.vtkhdf", cells=20, threads=1)
    if not found.is_right:
        message = "; ".join(check.told for check in found.checks if check.verdict == "wrong")
        raise InputError(message)


def _feed_replay(folder: Path) -> None:
    with open_run(folder / "run.vtkhdf") as run:
        litters = run.litters()
        cells = litters["first_cell"][: 1 + litters.size // 2].tolist()
    for cell in {*cells[:1], *cells[-1:]}:
        replay(folder / "run.vtkhdf", cell).as_mapping()


def _run_samples() -> list[Sample]:
    samples = hdf5_samples.finished_runs()
    _good_contents()
    return samples


def _feed_pictures(folder: Path) -> None:
    path = folder / "run.vtkhdf"
    number = path.stat().st_size if path.is_file() else 0
    data = path.read_bytes()[-64:] if number and number < 2**30 else b""
    ask_picture(folder, (number + sum(data)) % len(PICTURES))


def ask_picture(folder: Path, number: int) -> str:
    """Call one of `PICTURES` for a run and return what it printed; InputError where it refused."""
    command, *rest = PICTURES[number]
    if command == "vessels":
        return ask(folder, command, *rest, "run.vtkhdf")
    return ask(folder, command, "run.vtkhdf", *rest)


def _feed_repair(folder: Path) -> None:
    try:
        ask(folder, "repair", "run.vtkhdf")
    except InputError:
        ask(folder, "inspect", "run.vtkhdf", "--json")
        raise
    ask(folder, "inspect", "run.vtkhdf", "--json")


def _feed_resume(folder: Path) -> None:
    ask(folder, "resume", "run.vtkhdf", "--device", "cpu", "--threads", "1")
    if (folder / RESEALED).exists():
        return

    with open_run(folder / "run.vtkhdf") as run:
        if run.end.digest != hdf5_samples.straight_digest():
            message = f"run went on to digest {run.end.digest}"
            raise WrongResultError(message)


def _resume_samples() -> list[Sample]:
    hdf5_samples.straight_digest()
    return [hdf5_samples.stopped_run()]


def _feed_network(folder: Path) -> None:

    path = folder / "network.h5"
    load_network(path)
    load_near_organs(path)
    ask(folder, "vessels", "info", path, "--json")


def _feed_lines(folder: Path) -> None:
    ask(folder, "vessels", "import", "network.vtkhdf", "-o", "out.h5")


def _feed_cache(folder: Path) -> None:

    if _read(folder / "network.h5") is None:
        message = "entry must be whole, got one that is made again"
        raise InputError(message)


def _feed_sweep(folder: Path) -> None:
    here = folder / "trial.sweep"
    problems = []
    for call in (("inspect", here, "--json"), ("report", here, "-o", "page.html")):
        try:
            ask(folder, *call)
        except InputError as error:
            problems.append(error)
    digest = hdf5_samples.go_on(folder)
    if not (folder / RESEALED).exists() and digest != _sweep_digest():
        message = f"sweep went on to digest {digest}"
        raise WrongResultError(message)
    if problems:
        raise problems[0]


@functools.cache
def _sweep_digest() -> str:
    with tempfile.TemporaryDirectory(prefix="ctc-hdf5-") as name:
        lay_down(hdf5_samples.sweep(), Path(name))
        with h5py.File(Path(name) / "trial.sweep" / "sweep.h5") as file:
            return bytes(file.attrs["digest"]).decode()


def _sweep_samples() -> list[Sample]:
    _sweep_digest()
    return [hdf5_samples.sweep()]


TARGETS = (
    Target(
        "run",
        "a run file: inspect, and all that it holds",
        _run_samples,
        change_hdf5(lambda name: name == "run.vtkhdf"),
        guarded(_feed_run),
        kept_whole=(SECRET, "run.h5md", "run.vessels.vtkhdf"),
        seconds=20.0,
        memory=3 * 2**30,
        short_form=24,
    ),
    Target(
        "run-pictures",
        "a run file: report, render, scan, export, vessels info, one of them each time",
        _run_samples,
        change_hdf5(lambda name: name == "run.vtkhdf"),
        guarded(_feed_pictures),
        kept_whole=(SECRET, "run.h5md", "run.vessels.vtkhdf"),
        seconds=60.0,
        memory=4 * 2**30,
        short_form=0,
    ),
    Target(
        "run-verify",
        "a run file without sums: verify, with 20 cells followed again",
        _open_to_lies,
        change_hdf5(lambda name: name == "run.vtkhdf"),
        guarded(_feed_verify),
        has_rules=False,  # what is found wrong is no refusal
        kept_whole=(SECRET, "run.h5md", "run.vessels.vtkhdf"),
        seconds=60.0,
        memory=4 * 2**30,
        short_form=0,
    ),
    Target(
        "run-replay",
        "a run file without sums: replay of two of its cells",
        _open_to_lies,
        change_hdf5(lambda name: name == "run.vtkhdf"),
        guarded(_feed_replay),
        kept_whole=(SECRET, "run.h5md", "run.vessels.vtkhdf"),
        seconds=60.0,
        memory=4 * 2**30,
        short_form=0,
    ),
    Target(
        "run-repair",
        "a run file: repair, then inspect",
        lambda: [hdf5_samples.stopped_run(), hdf5_samples.killed_run()],
        change_hdf5(lambda name: name == "run.vtkhdf"),
        guarded(_feed_repair),
        kept_whole=(SECRET, "run.vessels.vtkhdf"),
        memory=3 * 2**30,
        short_form=0,
    ),
    Target(
        "checkpoint",
        "a stopped run and its checkpoints: resume to the end, and to the same digest",
        _resume_samples,
        change_hdf5(lambda name: "vessels" not in name),
        guarded(_feed_resume),
        kept_whole=(SECRET, "run.vessels.vtkhdf", "run.checkpoint.previous.h5"),
        seconds=30.0,
        memory=3 * 2**30,
        short_form=16,
    ),
    Target(
        "network",
        "a network file: vessels info",
        lambda: [hdf5_samples.network()],
        change_hdf5(),
        guarded(_feed_network),
        kept_whole=(SECRET,),
        short_form=16,
    ),
    Target(
        "vessel-cache",
        "an entry of the vessel cache",
        lambda: [hdf5_samples.network()],
        change_hdf5(),
        guarded(_feed_cache),
        kept_whole=(SECRET,),
        short_form=0,
    ),
    Target(
        "vtkhdf",
        "a network as VTKHDF: vessels import",
        lambda: list(hdf5_samples.line_files()),
        change_hdf5(),
        guarded(_feed_lines),
        kept_whole=(SECRET,),
        short_form=16,
    ),
    Target(
        "sweep-folder",
        "the folder of a sweep: inspect, report, what is done",
        _sweep_samples,
        change_hdf5(),
        guarded(_feed_sweep),
        kept_whole=(
            SECRET,
            "trial.sweep/report.html",
            "trial.sweep/sweep.csv",
            "trial.toml",
            "patient.toml",
        ),
        seconds=20.0,
        short_form=0,
    ),
)
