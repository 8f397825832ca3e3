"""Starts each step, ends it where its time is up, and takes in what it wrote. Standard library."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

from tools.gpu_acceptance.environment import ROOT, Environment, last_line
from tools.gpu_acceptance.findings import CUT, FAILED, NOT_RUN, SKIPPED, Outcome, read_findings
from tools.gpu_acceptance.plan import GRACE, Budget, Step


def do_step(
    step: Step, environment: Environment, *, budget: Budget, no_gpu: str, is_short: bool = False
) -> Outcome:
    """Do one step, or say why not.

    Parameters
    ----------
    step : Step
        Which.
    environment : Environment
        Where.
    budget : Budget
        The time.
    no_gpu : str
        Why there is no GPU; empty if there is one.
    is_short : bool
        Everything tiny.
    """
    if step.needs_gpu and no_gpu:
        return Outcome(step.name, SKIPPED, "no GPU, see above")
    if step.program and not shutil.which(step.program, path=environment.variables["PATH"]):
        return Outcome(step.name, SKIPPED, f"{step.program} is not on the path")
    seconds = budget.allowance(step)
    if seconds is None:
        left = max(budget.left, 0.0)
        return Outcome(step.name, NOT_RUN, f"needs {step.least:.0f} s, {left:.0f} s were left")
    return _in_process(step, environment, seconds=seconds, has_gpu=not no_gpu, is_short=is_short)


def _in_process(
    step: Step, environment: Environment, *, seconds: float, has_gpu: bool, is_short: bool
) -> Outcome:
    output = environment.work / f"{step.name}.json"
    log = environment.work / f"{step.name}.log"
    command = [sys.executable, "-m", "tools.gpu_acceptance.runner", f"{step.room}.{step.name}"]
    command += ["--seconds", f"{seconds:.1f}", "--output", str(output)]
    command += ["--work", str(environment.work)]
    command += [*["--gpu"] * has_gpu, *["--short"] * is_short]
    began = time.monotonic()
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            env=environment.variables,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds + GRACE)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
    findings, ended = read_findings(output)
    outcome = Outcome(step.name, findings=findings, seconds=time.monotonic() - began)
    outcome.has_asked_gpu = has_gpu and step.asks_gpu and ended.get("state") != SKIPPED
    if code is None:
        outcome.state, outcome.reason = CUT, f"ended after {outcome.seconds:.0f} s"
    elif code != 0 or not ended:
        word = last_line(log.read_text(encoding="utf-8", errors="replace"))
        outcome.state, outcome.reason = FAILED, f"the process ended with {code}: {word}"
    else:
        outcome.state, outcome.reason = ended["state"], ended["reason"]
    return outcome.judged()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process with all that it started, which share its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
