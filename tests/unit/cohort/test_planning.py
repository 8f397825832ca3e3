"""Plans: what patients and arms are asked for is what their scenarios say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ctc.cohort.plan import check_members
from ctc.cohort.planning import make_plan
from ctc.scenario.sweep_load import sweep_schema
from ctc.scenario.sweep_tables import ArmTable, Correlation, SweepSettings
from tests.commands.asking import ROOT
from tests.unit.cohort.sweeps import (
    AGE,
    ARMS,
    BASE,
    GROWTH,
    HEAD,
    MASS,
    TRIAL,
    WHY,
    uniform,
    write_sweep,
)


def test_every_value_reaches_the_scenario_to_the_last_digit(tmp_path: Path) -> None:
    plan = make_plan(write_sweep(tmp_path))
    samples = plan.samples()
    assert samples.shape == (60, 3)
    for patient in range(plan.n_patients):
        for arm in (0, 1):
            scenario = plan.scenario(patient, arm)
            settings = scenario.settings
            assert settings.source[0].mass == samples[patient, 0]
            assert settings.patient.age == samples[patient, 1]
            assert settings.source[0].growth == ("gompertz", "logistic")[int(samples[patient, 2])]
            assert settings.patient.number == patient
            assert settings.run.seed == 7
            assert scenario.overrides == plan.overrides(patient, arm)
    assert (np.unique(samples[:, :2], axis=0).shape[0], samples[:, 0].max() <= 0.02) == (60, True)


def test_arms_change_only_what_they_say(tmp_path: Path) -> None:
    plan = make_plan(write_sweep(tmp_path))
    observed, treated = (plan.scenario(5, arm).settings for arm in (0, 1))
    assert [arm.name for arm in plan.arms] == ["observed", "treated"]
    assert observed.treatment == ()
    assert [(each.kind, each.cycles) for each in treated.treatment] == [("chemotherapy", 4)]
    assert (observed.host.immune_competence, treated.host.immune_competence) == (1.0, 2.0)
    changed = {"treatment", "host"}
    for name in type(observed).model_fields:
        is_same = getattr(observed, name) == getattr(treated, name)
        assert is_same == (name not in changed)


def test_an_arm_may_have_a_scenario_of_its_own(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        '[scenario]\ntitle = "Other"\nextends = "base.toml"\n[host]\nplatelets = 0.2\n',
        encoding="utf-8",
    )
    arms = '[[arm]]\nname = "base"\n[[arm]]\nname = "other"\nscenario = "other.toml"\n'
    plan = make_plan(write_sweep(tmp_path, HEAD + MASS + arms))
    assert [plan.scenario(0, arm).settings.host.platelets for arm in (0, 1)] == [1.0, 0.2]
    assert plan.scenario(3, 0).settings.source == plan.scenario(3, 1).settings.source


def test_a_cohort_is_the_same_whatever_its_size(tmp_path: Path) -> None:
    path = write_sweep(tmp_path)
    few, more = make_plan(path, n_patients=10), make_plan(path, n_patients=200)
    assert np.array_equal(few.samples(), more.samples()[:10])
    assert few.identity() == more.identity()


def test_only_what_decides_a_patient_is_its_identity(tmp_path: Path) -> None:
    path = write_sweep(tmp_path)
    before = make_plan(path).identity()

    def identity_with(old: str, new: str) -> str:
        assert old in TRIAL
        return make_plan(write_sweep(tmp_path, TRIAL.replace(old, new, 1))).identity()

    assert identity_with("block = 16", "block = 3") == before
    assert identity_with("A trial", "The trial") == before
    assert identity_with("a test", "a better test") == before
    different = [
        identity_with("seed = 7", "seed = 8"),
        identity_with("sigma = 0.5", "sigma = 0.6"),
        identity_with("rho = -0.4", "rho = -0.3"),
        identity_with('cycles" = 4', 'cycles" = 5'),
        identity_with('"treatment.0", "treatment.1"', '"treatment.0"'),
        make_plan(path, overrides=["host.hypoxia=2"]).identity(),
        make_plan(path, overrides=["override.tumour_cell.diameter=12 um"]).identity(),
    ]
    assert len({before, *different}) == 1 + len(different)


def test_set_reaches_every_arm_before_its_own_changes(tmp_path: Path) -> None:
    plan = make_plan(
        write_sweep(tmp_path), overrides=["host.hypoxia=2", "host.immune_competence=5"]
    )
    hosts = [plan.scenario(0, arm).settings.host for arm in (0, 1)]
    assert [(host.hypoxia, host.immune_competence) for host in hosts] == [(2.0, 5.0), (2.0, 2.0)]


def test_a_grid_has_every_combination(tmp_path: Path) -> None:
    text = HEAD.replace("patients = 60", 'patients = 2\ndesign = "grid"') + AGE
    for key, values in (
        ("host.hypoxia", "[1, 2, 3]"),
        ("source.growth", '["gompertz", "logistic"]'),
    ):
        text += f'[[vary]]\nkey = "{key}"\ndistribution = "values"\nvalues = {values}\n'
    plan = make_plan(write_sweep(tmp_path, text))
    points = plan.samples()[:, 1:].tolist()
    assert points == [[float(h), float(g)] for h in (1, 2, 3) for g in (0, 1) for _ in range(2)]
    assert np.unique(plan.samples()[:, 0]).size == plan.n_patients == 12
    check_members(plan)


def test_a_latin_hypercube_fills_each_part(tmp_path: Path) -> None:
    text = HEAD.replace("patients = 60", 'patients = 40\ndesign = "latin_hypercube"')
    text += uniform("host.hypoxia") + uniform("host.platelets", "1", "3")
    samples = make_plan(write_sweep(tmp_path, text)).samples()
    parts = np.floor((samples - [0.0, 1.0]) / [1.0, 2.0] * 40.0).astype(int)
    assert [sorted(column) for column in parts.T.tolist()] == [list(range(40))] * 2


def test_a_parameter_of_the_file_may_vary(tmp_path: Path) -> None:
    base = '"tumour_cell.diameter" = "14 um"'
    text = HEAD + (
        '[[vary]]\nkey = "override.tumour_cell.diameter"\ndistribution = "choice"\n'
        f'values = ["12 um", "16 um"]\n{WHY}'
    )
    plan = make_plan(write_sweep(tmp_path, text, base=f"{BASE}\n[override]\n{base}\n"))
    found = {plan.scenario(p, 0).parameters.value("tumour_cell.diameter") for p in range(20)}
    assert found == {12e-6, 16e-6}


def test_no_arms_and_nothing_that_varies_is_a_cohort_by_chance_alone(tmp_path: Path) -> None:
    plan = make_plan(write_sweep(tmp_path, HEAD))
    assert (plan.n_members, plan.samples().shape) == (60, (60, 0))
    assert plan.scenario(3, 0).settings.patient.number == 3


def test_drawn_words_are_told_apart_from_quantities(tmp_path: Path) -> None:
    plan = make_plan(write_sweep(tmp_path, HEAD + GROWTH + ARMS))
    (growth,) = plan.varied
    assert (growth.labels, growth.unit) == (("gompertz", "logistic"), "")


SECTION = (
    (ROOT / "scenarios" / "README.md")
    .read_text(encoding="utf-8")
    .partition("\n## Sweeps\n")[2]
    .partition("\n## ")[0]
)


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)
    base = BASE.replace("chemotherapy", "surgery").replace("antiplatelet", "chemotherapy")
    (tmp_path / "trial_patient.toml").write_text(base, encoding="utf-8")
    path = tmp_path / "example.toml"
    path.write_text(example, encoding="utf-8")
    plan = make_plan(path)
    assert (plan.n_patients, len(plan.arms)) == (1000, 2)


def test_the_page_names_every_key() -> None:
    tables = {"sweep": SweepSettings, "correlation": Correlation, "arm": ArmTable}
    missing = [
        f"{table}.{key}"
        for table, model in tables.items()
        for key in model.model_fields
        if f"`{table}.{key}`" not in SECTION
    ]
    assert missing == []
    kinds = sweep_schema()["properties"]["vary"]["items"]["discriminator"]["mapping"]
    assert [kind for kind in kinds if f"`{kind}`" not in SECTION] == []


SHIPPED = sorted((ROOT / "scenarios" / "sweeps").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_sweeps_are_right_and_go_by_name(path: Path) -> None:
    plan = make_plan(Path(path.stem), n_patients=16)
    check_members(plan)
    assert plan.sweep.path == path
    assert plan.settings.question
    assert all(varied.source for varied in plan.varied)
