"""Calendars that cannot be followed: which entry, key, rule and remedy the message names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ctc.errors import InputError
from ctc.scenario.bodies import check_named_organs
from ctc.scenario.load import load_scenario
from ctc.scenario.scenario import Scenario

HEAD = """
[scenario]
title = "test"
[run]
duration = "2 years"
epoch = "1 day"
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "1 g"
"""

Load = Callable[..., Scenario]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(text: str, head: str = HEAD, **more: list[str]) -> Scenario:
        path = tmp_path / "case.toml"
        path.write_text(head + text, encoding="utf-8")
        return load_scenario(path, **more)

    return load_text


def examination(kind: str, *lines: str) -> str:
    return "\n".join(["[[examination]]", f'kind = "{kind}"', *lines, ""])


def treatment(kind: str, *lines: str) -> str:
    return "\n".join(["[[treatment]]", f'kind = "{kind}"', *lines, ""])


AT = 'at = "30 days"'
CT = examination("ct", 'at = "10 days"', 'every = "90 days"')
SURGERY = treatment("surgery", AT)
SBRT = treatment(
    "radiation", 'name = "SBRT"', AT, 'target = "metastases"', 'dose = "10 Gy"', "fractions = 5"
)
METASTASES = 'target = "metastases"'

# What stands in the calendar, and what the message says, its place first.
CASES = {
    "an unknown kind": (
        examination("xray", AT),
        ["examination.0 ('xray 1').kind: value must be one of biopsy, blood_draw", "got 'xray'"],
    ),
    "a kind left out": (
        "[[treatment]]\n" + AT,
        ["treatment.0.kind: value must be one of antiplatelet, "],
    ),
    "an unknown key": (
        examination("ct", 'name = "staging CT"', 'atr = "1 day"'),
        ["examination.0 ('staging CT').atr: key must be one of this table's", "Did you mean 'at'?"],
    ),
    "repeats of a treatment": (
        treatment("surgery", AT, 'every = "1 day"'),
        ["treatment.0 ('surgery 1').every: key must be one of this table's"],
    ),
    "a dose without a unit": (
        CT + SBRT.replace('"10 Gy"', "10"),
        [
            "treatment.0 ('SBRT').dose: value must have a unit of dose, got '10' with none",
            "Write it like '2 Gy'.",
        ],
    ),
    "a dose left out": (
        treatment("radiation", AT),
        ["treatment.0 ('radiation 1').dose: key must be given"],
    ),
    "a deadly dose": (
        treatment("radiation", AT, 'dose = "2000 Gy"'),
        ["treatment.0 ('radiation 1').dose: value must be > 0 and <= 100 Gy, got '2000 Gy'"],
    ),
    "neither at nor after": (
        CT + examination("ct"),
        ["examination.1 ('ct 2').at: exactly one of at and after must be given, got neither"],
    ),
    "both at and after": (
        CT + treatment("surgery", AT, 'after = "diagnosis"'),
        ["treatment.0 ('surgery 1').at: exactly one of at and after", "got both. Drop one."],
    ),
    "delay behind a time": (
        examination("ct", AT, 'delay = "5 days"'),
        [
            "examination.0 ('ct 1').delay: delay must go with after, got 5 days with at",
            "at = '5 weeks'",
        ],
    ),
    "times alone": (
        examination("ct", AT, "times = 3"),
        ["examination.0 ('ct 1').times: times must go with every, got 3 alone", "every = '3 mon"],
    ),
    "a misspelt milestone": (
        CT + treatment("surgery", 'after = "diagnsis"'),
        [
            "treatment.0 ('surgery 1').after: after must be a milestone or the name of an entry",
            "got 'diagnsis'. Did you mean 'diagnosis'?",
        ],
    ),
    "a misspelt entry": (
        SURGERY + treatment("chemotherapy", 'after = "surgery 2"'),
        ["treatment.1 ('chemotherapy 1').after", "got 'surgery 2'. Did you mean 'surgery 1'?"],
    ),
    "the start of a milestone": (
        CT + treatment("surgery", 'after = "start of diagnosis"'),
        ["after must be the name of an entry, got 'diagnosis'. Known: ct 1, surgery 1."],
    ),
    "after what never ends": (
        CT + treatment("surgery", 'after = "ct 1"'),
        [
            "treatment.0 ('surgery 1').after: after must be something that is over one day, got",
            "'ct 1'",
            "Give examination.0 ('ct 1') a `times`, or write after = 'start of ct 1'.",
        ],
    ),
    "after a drug for life": (
        treatment("antiplatelet", AT) + treatment("surgery", 'after = "antiplatelet 1"'),
        ["got 'antiplatelet 1'", "Give treatment.0 ('antiplatelet 1') a `duration`"],
    ),
    "a circle": (
        treatment("surgery", 'after = "chemotherapy 1"')
        + treatment("chemotherapy", 'after = "start of surgery 1"'),
        [
            "treatment.0 ('surgery 1').after: after must not lead back to itself, got",
            "surgery 1 after chemotherapy 1 after surgery 1. Give one of them a time by `at`.",
        ],
    ),
    "after itself": (
        treatment("surgery", 'after = "surgery 1"'),
        ["after must not lead back to itself, got surgery 1 after surgery 1"],
    ),
    "treatment without a diagnosis": (
        examination("blood_draw", AT) + treatment("surgery", 'after = "diagnosis"'),
        [
            "treatment.0 ('surgery 1').after: 'diagnosis' must be able to come about",
            "no examination can make it. Add a ct, mri, pet, mammography or bone_scan",
        ],
    ),
    "a diagnosis that waits for itself": (
        examination("ct", 'after = "diagnosis"'),
        ["examination.0 ('ct 1').after: 'diagnosis' must be able to come about"],
    ),
    "a relapse of what was not removed": (
        CT + treatment("chemotherapy", 'after = "relapse"'),
        ["'relapse' must be able to come about", "nothing is found, removed and looked for again"],
    ),
    "a relapse that is not looked for": (
        examination("ct", 'at = "10 days"')
        + SURGERY
        + treatment("chemotherapy", 'after = "relapse"'),
        ["treatment.1 ('chemotherapy 1').after: 'relapse' must be able to come about"],
    ),
    "a relapse of what was never seen before": (
        SURGERY
        + examination("ct", 'at = "60 days"')
        + treatment("antiplatelet", 'after = "relapse"'),
        ["treatment.1 ('antiplatelet 1').after: 'relapse' must be able to come about"],
    ),
    "progression of what is not treated": (
        CT + treatment("chemotherapy", 'after = "progression"'),
        ["'progression' must be able to come about", "no treated tumour is measured twice alike"],
    ),
    "progression by pictures of different kinds": (
        examination("ct", AT)
        + examination("mri", 'at = "90 days"')
        + SURGERY
        + treatment("chemotherapy", 'after = "progression"'),
        ["'progression' must be able to come about"],
    ),
    "progression of one picture": (
        examination("ct", AT) + treatment("chemotherapy", 'after = "progression"'),
        [
            "'progression' must be able to come about",
            "no treated tumour is measured twice alike. Add a ct with",
        ],
    ),
    "after the run": (
        examination("ct", 'at = "2 years"'),
        [
            "examination.0 ('ct 1').at: time must be at or before the beginning of the last epoch",
            "got 2 years. Give an earlier one, lengthen run.duration or shorten run.epoch.",
        ],
    ),
    "a wait beyond the run": (
        CT + treatment("surgery", 'after = "diagnosis"', 'delay = "725 days"'),
        ["treatment.0 ('surgery 1').after: time must be", "got 105 weeks at the earliest"],
    ),
    "no second time": (
        examination("ct", AT, 'every = "720 days"'),
        [
            "examination.0 ('ct 1').every: every must leave room for a second time",
            "got 720 days behind 30 days. Shorten or drop it.",
        ],
    ),
    "a drug for an hour": (
        treatment("targeted", AT, 'duration = "1 h"'),
        ["treatment.0 ('targeted 1').duration: duration must be at least an epoch, 1 day, got 1 h"],
    ),
    "two of a name": (
        examination("ct", AT, 'name = "scan"') + examination("mri", AT, 'name = "scan"'),
        ["examination.1 ('scan').name: name must be the only one, got that of examination.0 ('sca"],
    ),
    "the name of another": (
        examination("ct", AT, 'name = "ct 2"') + examination("ct", AT),
        ["examination.1 ('ct 2').name: name must be the only one"],
    ),
    "the name of a milestone": (
        examination("ct", AT, 'name = "relapse"'),
        ["examination.0 ('relapse').name: name must not be what `after` means by itself"],
    ),
    "the name of a start": (
        examination("ct", AT, 'name = "start of it"'),
        ["name must not be what `after` means by itself, got 'start of it'"],
    ),
    "a quoted name": (
        examination("ct", AT, "name = \"the 'first'\""),
        [".name: name must be up to 60 characters of plain text without quotes"],
    ),
    "a name without end": (
        examination("ct", AT, f'name = "{"n" * 61}"'),
        ["name must be up to 60 characters"],
    ),
    "mammography of the liver": (
        examination("mammography", AT, 'name = "screening"', 'organs = ["breast", "liver"]'),
        [
            "examination.0 ('screening').organs: organ must be one that a mammography can show",
            "(breast), got 'liver'. Take ct, mri or pet for it.",
        ],
    ),
    "a bone scan of the brain": (
        examination("bone_scan", AT, 'organs = ["brain"]'),
        ["organ must be one that a bone_scan can show (bone), got 'brain'"],
    ),
    "an unknown organ": (
        examination("ct", AT, 'organs = ["livr"]'),
        ["examination.0 ('ct 1').organs: organ must be one of this body's", "you mean 'liver'?"],
    ),
    "an unknown organ of a treatment": (
        CT + SBRT.replace("fractions", 'organs = ["lungs"]\nfractions'),
        ["treatment.0 ('SBRT').organs: organ must be one of this body's", "you mean 'lung'?"],
    ),
    "an organ twice": (
        examination("ct", AT, 'organs = ["liver", "liver"]'),
        ["examination.0 ('ct 1').organs: organs must be given once each, got 'liver' twice"],
    ),
    "all blood": (
        examination("blood_draw", AT, 'volume = "4 L"'),
        ["examination.0 ('blood_draw 1').volume: value must be > 0 and <= 0.001 m^3"],
    ),
    "metastases before they are found": (
        examination("ct", 'at = "31 days"') + SBRT,
        [
            "treatment.0 ('SBRT').at: radiation must come at or after an examination that can find",
            "metastases, got the first at 31 days for its time of 30 days",
            "or wait for one with `after`",
        ],
    ),
    "metastases that nobody looks for": (
        examination("blood_draw", 'at = "1 day"') + SBRT,
        ["an examination that can find metastases, got none for its time of 30 days"],
    ),
    "metastases where nobody looks": (
        examination("ct", 'at = "1 day"', 'organs = ["lung"]')
        + SBRT.replace("fractions", 'organs = ["liver"]\nfractions'),
        ["that can find metastases in 'liver', got none"],
    ),
    "metastases that mammography does not show": (
        examination("mammography", 'at = "1 day"')
        + SBRT.replace("fractions", 'organs = ["liver"]\nfractions'),
        ["that can find metastases in 'liver', got none"],
    ),
    "metastases soon after surgery": (
        SURGERY
        + treatment("surgery", METASTASES, 'after = "surgery 1"', 'delay = "7 days"')
        + examination("ct", 'at = "60 days"'),
        [
            "treatment.1 ('surgery 2').after: surgery must come at or after",
            "at 60 days for its time of 37 days",
        ],
    ),
    "nodes that nobody looks at": (
        examination("mammography", 'at = "1 day"')
        + treatment("surgery", AT, 'target = "nodes"', 'name = "axilla"'),
        [
            "treatment.0 ('axilla').at: surgery must come at or after an examination that can find",
            "nodes, got none",
            "Add a sentinel_node, ct, mri or pet",
        ],
    ),
    "a biopsy of nothing": (
        examination("biopsy", AT),
        ["examination.0 ('biopsy 1').at: biopsy must come at or after an examination"],
    ),
    "a primary elsewhere": (
        treatment("surgery", AT, 'organs = ["lung"]'),
        [
            "treatment.0 ('surgery 1').organs: organs must hold a primary tumour, got 'lung';",
            "those of the scenario grow in 'breast'",
        ],
    ),
    "a primary taken out twice": (
        SURGERY + treatment("surgery", 'at = "300 days"'),
        [
            "treatment.1 ('surgery 2'): a primary tumour must be taken out once, got that in",
            "'breast' by treatment.0 ('surgery 1') too",
        ],
    ),
    "a primary taken out twice, told backwards": (
        treatment("surgery", 'at = "300 days"') + SURGERY,
        ["treatment.0 ('surgery 1'): a primary tumour must be taken out once"],
    ),
    "cycles between cycles": (
        treatment("chemotherapy", AT) + treatment("chemotherapy", 'at = "40 days"'),
        [
            "treatment.1 ('chemotherapy 2'): two courses of chemotherapy must not overlap, got one",
            "that does with treatment.0 ('chemotherapy 1')",
            "after = 'chemotherapy 1'",
        ],
    ),
    "two growth inhibitors": (
        treatment("targeted", AT) + treatment("targeted", 'at = "90 days"', 'duration = "1 week"'),
        ["two courses of targeted (growth) must not overlap", "or give one a `duration`"],
    ),
    "two growth inhibitors, one day or other": (
        CT
        + treatment("targeted", 'after = "diagnosis"')
        + treatment("targeted", 'after = "progression"'),
        ["treatment.1 ('targeted 2'): two courses of targeted (growth) must not overlap"],
    ),
    "radiation on radiation": (
        CT + SBRT + SBRT.replace("SBRT", "again"),
        ["treatment.1 ('again'): two courses of radiation of metastases must not overlap"],
    ),
    "radiation of the liver and of whatever is found": (
        CT
        + SBRT.replace("fractions", 'organs = ["liver"]\nfractions')
        + SBRT.replace("SBRT", "all"),
        ["treatment.1 ('all'): two courses of radiation of metastases must not overlap"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_calendar_that_cannot_be_followed_is_refused(case: str, load: Load) -> None:
    text, phrases = CASES[case]
    with pytest.raises(InputError) as caught:
        load(text)
    message = str(caught.value)
    assert "case.toml: " in message
    assert caught.value.message[-1] in ".)?", message
    for phrase in phrases:
        assert phrase in message, message


def test_an_operation_on_a_tumour_that_stops_by_itself_is_refused(load: Load) -> None:
    with pytest.raises(InputError, match=r"treatment\.0 \('surgery 1'\): surgery must be the only"):
        load(SURGERY, HEAD + 'stop = "60 days"\n')


BOLUS = HEAD.replace('"tumour"', '"bolus"').replace('mass = "1 g"', "cells = 1000")


@pytest.mark.parametrize("entry", [SURGERY, examination("sentinel_node", AT)])
def test_a_primary_must_be_there(load: Load, entry: str) -> None:
    with pytest.raises(InputError, match=r"must have a primary tumour, got only sources of kind b"):
        load(entry, BOLUS)


def test_what_a_bolus_leads_to_may_be_found_and_treated(load: Load) -> None:
    load(CT + SBRT, BOLUS)


def test_points_without_biology_have_no_calendar(load: Load) -> None:
    with pytest.raises(InputError, match=r"examination\.0 \('ct 1'\): calendar must be empty"):
        load(CT, HEAD + "[cells]\ninert = true\n")


def test_a_mouse_has_not_so_much_blood(load: Load) -> None:
    draw = examination("blood_draw", AT)
    mouse = ["body.plan=mouse_25g"]
    with pytest.raises(InputError, match=r"volume: volume must be less than all blood of mouse"):
        load(draw, overrides=mouse)
    load(draw, overrides=[*mouse, "examination.volume=0.1 mL"])


def test_a_picture_must_show_an_organ_of_the_body(load: Load) -> None:
    """Organs of vessels that are read from files are known only once they are."""
    settings = load(examination("mammography", AT) + examination("blood_draw", AT)).settings
    check_named_organs(settings, ("liver", "breast"))
    with pytest.raises(InputError, match=r"examination\.0 \('mammography 1'\)\.kind: mammography"):
        check_named_organs(settings, ("liver", "lung"))
    settings = load(examination("ct", AT, 'organs = ["liver"]')).settings
    with pytest.raises(InputError, match=r"examination\.0 \('ct 1'\)\.organs: organ must be one"):
        check_named_organs(settings, ("left_liver",))


def test_what_was_set_by_the_way_is_named_so(load: Load) -> None:
    with pytest.raises(InputError) as caught:
        load(CT + SBRT, overrides=["treatment.dose=8"])
    text = str(caught.value)
    assert text.startswith("--set: treatment.0 ('SBRT').dose: value must have a unit of dose")
    with pytest.raises(InputError) as caught:
        load(CT + SURGERY, overrides=["treatment.0.at=3 years"])
    assert str(caught.value).startswith("--set: treatment.0 ('surgery 1').at: time must be")


ALLOWED = {
    "radiation of what surgery may have left": SURGERY
    + treatment("radiation", 'at = "60 days"', 'dose = "2 Gy"', "fractions = 25"),
    "pictures of what they hardly see": examination("pet", AT, 'organs = ["brain"]'),
    "bones": examination("bone_scan", AT, 'organs = ["red marrow", "spongy bone"]'),
    "an operation upon a relapse of metastases": CT
    + SURGERY
    + treatment("surgery", 'after = "relapse"', METASTASES),
    "a second operation if the first was left out": CT
    + treatment("surgery", AT, "most_lesions = 1")
    + treatment("surgery", 'at = "200 days"'),
    "fractions before surgery": treatment("radiation", 'at = "1 day"', 'dose = "2 Gy"') + SURGERY,
    "one course after another": treatment("chemotherapy", AT)
    + treatment("chemotherapy", 'after = "chemotherapy 1"', 'delay = "3 weeks"'),
    "a drug on the day when it ends": treatment("targeted", AT, 'duration = "10 days"')
    + treatment("targeted", 'at = "40 days"'),
    "two pathways": treatment("targeted", AT) + treatment("targeted", AT, 'pathway = "survival"'),
    "two places": CT
    + SBRT.replace("fractions", 'organs = ["liver"]\nfractions')
    + SBRT.replace("SBRT", "again").replace("fractions", 'organs = ["lung"]\nfractions'),
    "the last epoch": examination("ct", 'at = "730 days"'),
    "a diagnosis by the first node": examination("sentinel_node", AT)
    + treatment("chemotherapy", 'after = "diagnosis"'),
    "a relapse after chemotherapy": CT
    + treatment("chemotherapy", AT)
    + treatment("targeted", 'after = "relapse"'),
    "progression under treatment": CT
    + treatment("chemotherapy", AT)
    + treatment("targeted", 'after = "progression"'),
    "nodes behind a sentinel": examination("sentinel_node", AT)
    + treatment("surgery", AT, 'target = "nodes"'),
    "metastases once one is found": CT + SBRT.replace(AT, 'after = "metastasis"'),
    "what may but need not overlap": CT
    + treatment("chemotherapy", 'after = "diagnosis"')
    + treatment("chemotherapy", 'after = "progression"'),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_a_calendar_that_can_be_followed_is_not_refused(case: str, load: Load) -> None:
    scenario = load(ALLOWED[case])
    assert scenario.settings.examination or scenario.settings.treatment
