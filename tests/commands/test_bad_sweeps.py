"""``ctc sweep`` on wrong input: one message that names the entry; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.asking import snapshot
from tests.commands.conftest import Ask
from tests.unit.cohort.sweeps import AGE, ARMS, HEAD, MASS, TRIAL, WHY, uniform, write_sweep


def vary(key: str, rest: str) -> str:
    return f'[[vary]]\nkey = "{key}"\n{rest}\n{WHY}'


SOBOL = HEAD.replace("patients = 60", 'patients = 8\ndesign = "sobol"')
GRID = HEAD.replace("patients = 60", 'design = "grid"')
TOGETHER = '[[correlation]]\nbetween = ["source.0.mass", "{}"]\nrho = {}\n'

# The text of a sweep, the place that the message names, and what it says.
BAD = {
    "no TOML": ("[sweep", "file", "valid TOML"),
    "unknown table": (HEAD + "[arms]\n", "arms", "Did you mean 'arm'"),
    "unknown key": (HEAD + "patient = 3\n", "sweep.patient", "Did you mean 'patients'"),
    "no title": (HEAD.replace('title = "A trial"', ""), "sweep.title", "must be given"),
    "unknown design": (HEAD + 'design = "sobel"\n', "sweep.design", "Did you mean 'sobol'"),
    "no scenario": (HEAD.replace("base", "bas"), "sweep.scenario", "does not exist"),
    "no patients": (HEAD.replace("patients = 60", ""), "sweep.patients", "patients = 100"),
    "zero patients": (HEAD.replace("= 60", "= 0"), "sweep.patients", "1 .. 8388608"),
    "negative seed": (HEAD.replace("seed = 7", "seed = -7"), "sweep.seed", "must lie in 0 .. "),
    "unknown distribution": (
        HEAD + vary("host.age", 'distribution = "gauss"'),
        "vary.0.distribution", "one of beta, choice",
    ),
    "no distribution": (HEAD + vary("host.age", ""), "vary.0.distribution", "one of beta, choice"),
    "number missing": (
        HEAD + vary("host.age", 'distribution = "uniform"\nlow = 1'), "vary.0.high", "must be given"
    ),
    "sigma with a unit": (
        HEAD + vary("source.mass", 'distribution = "lognormal"\nmedian = "1 g"\nsigma = "1 g"'),
        "vary.0.sigma", "without a unit",
    ),
    "no support": (HEAD + MASS + uniform("host.age", "2", "1"), "vary.1.high", "> low = 2"),
    "no source": (
        HEAD + '[[vary]]\nkey = "host.age"\ndistribution = "uniform"\nlow = 1\nhigh = 2\n',
        "vary.0.basis", "must be given for every distribution",
    ),
    "unknown scenario key": (
        HEAD + uniform("host.agee", "1", "2"), "vary.0", "Did you mean 'age'"
    ),
    "unknown entry": (HEAD + uniform("source.3.mass"), "vary.0", "entry must be one of 0 .. 0"),
    "unknown parameter": (
        HEAD + uniform("override.tumour_cell.diametre"), "vary.0", "tumour_cell.diameter"
    ),
    "wrong dimension": (
        HEAD + uniform("source.mass", '"1 s"', '"2 s"'), "vary.0", "must be a mass"
    ),
    "no dimension": (HEAD + uniform("source.mass", "1", "2"), "vary.0", "must have a unit of mass"),
    "beyond its bounds": (
        HEAD + uniform("patient.immune_response", "0.5", "1.5"), "vary.0", "patient.immune_response"
    ),
    "unknown word": (
        HEAD + vary("source.growth", 'distribution = "choice"\nvalues = ["gompertz", "gomperz"]'),
        "vary.0", "Did you mean 'gompertz'",
    ),
    "a fixed key": (HEAD + uniform("run.seed", "1", "9"), "vary.0.key", "it is sweep.seed"),
    "the body": (HEAD + uniform("body.terminals", "2000", "3000"), "vary.0.key", "same vessels"),
    "a key twice": (
        HEAD + MASS + uniform("source.mass", '"1 g"', '"2 g"'), "vary.1.key", "must vary once"
    ),
    "a key that an arm gives": (
        HEAD + ARMS + uniform("host.immune_competence"), "vary.0.key", "arm 'treated'"
    ),
    "values in a cohort": (
        HEAD + vary("host.age", 'distribution = "values"\nvalues = [1]'),
        "vary.0.distribution", "'choice', or design = 'grid'",
    ),
    "values of none": (
        GRID + vary("host.age", 'distribution = "values"\nvalues = []'), "vary.0.values", "value"
    ),
    "correlation of what does not vary": (
        HEAD + MASS + AGE + TOGETHER.format("patient.ages", 0.5),
        "correlation.0.between", "Did you mean 'patient.age'",
    ),
    "correlation of three": (
        HEAD + MASS + AGE + '[[correlation]]\nbetween = ["a", "b", "c"]\nrho = 0\n',
        "correlation.0.between", "at most 2 entries",
    ),
    "correlation above one": (
        HEAD + MASS + AGE + TOGETHER.format("patient.age", 1.5), "correlation.0.rho", "< 1"
    ),
    "correlation with Sobol": (
        SOBOL + MASS + AGE + TOGETHER.format("patient.age", 0.5), "correlation.0", "independent"
    ),
    "Sobol of one key": (SOBOL + MASS, "vary", "at least two keys"),
    "Sobol of ten": (
        SOBOL.replace("= 8", "= 10") + MASS + AGE, "sweep.patients", "Take 8 or 16"
    ),
    "too many": (
        SOBOL.replace("= 8", "= 8388608") + MASS + AGE, "sweep.patients", "at most 8,388,608"
    ),
    "arms of one name": (
        HEAD + '[[arm]]\nname = "a"\n[[arm]]\nname = "a"\n', "arm.1.name", "the arm's own"
    ),
    "arm with a seed": (
        HEAD + '[[arm]]\nname = "a"\nset = { "run.seed" = 3 }\n', "arm.0.set", "it is sweep.seed"
    ),
    "arm with an unknown key": (
        HEAD + '[[arm]]\nname = "a"\nset = { "host.agee" = 3 }\n', "arm.0", "Did you mean 'age'"
    ),
    "arm with a bad value": (
        HEAD + '[[arm]]\nname = "a"\nset = { "treatment.0.cycles" = 0 }\n', "arm.0", "cycles"
    ),
    "arm without what is not there": (
        HEAD + '[[arm]]\nname = "a"\nremove = ["treatment.2"]\n', "arm.0", "is not there"
    ),
    "arm of an unknown scenario": (
        HEAD + '[[arm]]\nname = "a"\nscenario = "b.toml"\n', "arm.0.scenario", "does not exist"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_each_fault_is_named(ask: Ask, in_folder: Path, case: str) -> None:
    text, place, phrase = BAD[case]
    write_sweep(in_folder, text)
    before = snapshot(in_folder)
    ask("sweep", "trial.toml").assert_refused(f"trial.toml: {place}", phrase)
    assert snapshot(in_folder) == before


def test_values_that_do_not_fit_together_name_the_patient(ask: Ask, in_folder: Path) -> None:
    start = uniform("source.start", '"1 min"', '"30 min"')
    stop = uniform("source.stop", '"10 min"', '"59 min"')
    base = (
        '[scenario]\ntitle = "A"\n[run]\nduration = "1 h"\n[cancer]\nset = "cancers/breast"\n'
        '[[source]]\nkind = "tumour"\norgan = "breast"\nmass = "1 g"\nstop = "59 min"\n'
    )
    write_sweep(in_folder, HEAD + start + stop, base=base)
    ask("sweep", "trial.toml").assert_refused("source.0.stop", "of arm 'all'", "(patient ")
    assert not (in_folder / "trial.sweep").exists()


def test_a_bad_scenario_is_told_before_anything_varies(ask: Ask, in_folder: Path) -> None:
    write_sweep(in_folder, HEAD + MASS, base='[scenario]\ntitle = "A"\n')
    ask("sweep", "trial.toml").assert_refused("sweep.scenario", "base.toml", "run: ")


def test_options_are_checked(ask: Ask, in_folder: Path) -> None:
    write_sweep(in_folder)
    ask("sweep", "none.toml").assert_refused("none.toml", "does not exist")
    ask("sweep", in_folder).assert_refused("a folder")
    ask("sweep", "trial.toml", "--patients", "0").assert_refused("0 is not in the range")
    ask("sweep", "trial.toml", "--workers", "0").assert_refused("0 is not in the range")
    ask("sweep", "trial.toml", "--set", "patient.age=3 years").assert_refused(
        "vary.1.key", "by --set too"
    )
    ask("sweep", "trial.toml", "--set", "host.agee=3").assert_refused("Did you mean 'age'")
    ask("sweep", "trial.toml", "-o", "not/there").assert_refused("not/there", "Make it first")
    ask("sweep", "trial.toml", "-o", "base.toml").assert_refused("must be a folder")
    ask("sweep", "trial.toml", "--device", "cuda", "--threads", "2").assert_refused("--threads")
    assert sorted(path.name for path in in_folder.iterdir()) == ["base.toml", "trial.toml"]


def test_folders_that_are_no_sweep_are_told(ask: Ask, in_folder: Path) -> None:
    ask("inspect", in_folder).assert_refused("must be that of a sweep")


def test_the_whole_trial_is_right(ask: Ask, in_folder: Path) -> None:
    """The text that all cases here spoil in one place."""
    write_sweep(in_folder, TRIAL)
    answer = ask("sweep", "trial.toml", "--dry-run")
    assert (answer.code, answer.err) == (0, "")
