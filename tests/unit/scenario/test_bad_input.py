"""Every kind of bad input gives one message that names file, key, value, rule and remedy."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ctc.errors import InputError
from ctc.scenario.consistency import check_settings
from ctc.scenario.load import load_scenario
from ctc.scenario.problems import explain
from ctc.scenario.schema import Settings

GOOD = """
[scenario]
title = "test"
[run]
duration = "1 day"
[body]
terminals = 20_000
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "43 g"
"""

FULL = (
    GOOD
    + """
[cells]
inert = false
[record]
tracked = 3
[[record.window]]
start = "1 s"
duration = "1 s"
interval = "1 s"
"""
)


def places(tree, path=()):
    entries = enumerate(tree) if isinstance(tree, list) else tree.items()
    for key, value in entries:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


PLACES = list(places(tomllib.loads(FULL)))

_BREAST = '''terminals = 20_000
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"'''

# what is replaced, by what, key named, phrases of the message
CASES = {
    "unknown key": (
        "terminals",
        "terminal",
        "body.terminal",
        ["got 'terminal'", "Did you mean 'terminals'?"],
    ),
    "wrong choice of a key that may be left out": (
        'mass = "43 g"',
        'mass = "43 g"\ngrowth = "gompertzian"',
        "source.0.growth",
        ["one of exponential, gompertz, logistic, power_law", "Did you mean 'gompertz'?"],
    ),
    "unknown table": ("[cancer]", "[cancr]", "cancr", ["Did you mean 'cancer'?"]),
    "misspelt required key": (
        "duration",
        "duraton",
        "run.duraton",
        ["Did you mean 'duration'?", "(and 1 more)"],
    ),
    "missing key": ('duration = "1 day"', "", "run.duration", ["must be given"]),
    "number for text": ('"breast"\nmass', "3\nmass", "source.0.organ", ["must be text", "got 3"]),
    "text for number": ("20_000", '"many"', "body.terminals", ["whole number", "'many'"]),
    "fraction for count": ("20_000", "2.5", "body.terminals", ["whole number", "2.5"]),
    "too few": ("20_000", "3", "body.terminals", ["100 .. 100000000", "got 3"]),
    "text for truth": ("terminals = 20_000", 'repair = "yes"', "body.repair", ["true or false"]),
    "missing unit": ('"1 day"', "3", "run.duration", ["unit of time", "got '3'", "'8 h'"]),
    "missing unit in text": ('"43 g"', '"43"', "source.0.mass", ["unit of mass", "'1 g'"]),
    "wrong dimension": ('"43 g"', '"43 um"', "source.0.mass", ["must be a mass", "micrometer"]),
    "negative value": (
        '"43 g"',
        '"-43 g"',
        "source.0.mass",
        ["must be > 0 and <= 1000 kg", "'-43 g'"],
    ),
    "not a number": ('"43 g"', '"nan g"', "source.0.mass", ["must be finite"]),
    "nan literal": ('"1 day"', "nan", "run.duration", ["got 'nan'"]),
    "empty duration": ('"1 day"', '"0 s"', "run.duration", ["must be > 0", "'0 s'"]),
    "too long": ('"1 day"', '"1000 year"', "run.duration", ["<= 6.3", "'1000 year'"]),
    "unknown kind": ('"tumour"', '"tumor"', "source.0.kind", ["Did you mean 'tumour'?"]),
    "no kind": ('kind = "tumour"', "", "source.0.kind", ["bolus, tumour", "got None"]),
    "unknown plan": (
        "terminals = 20_000",
        'plan = "human_femal"',
        "body.plan",
        ["Did you mean 'human_female'?"],
    ),
    "unknown organ": ('"breast"\nmass', '"brest"\nmass', "source.0.organ", ["'breast'?"]),
    "organ that a rat has not": (
        _BREAST,
        _BREAST.replace("terminals = 20_000", 'plan = "rat_250g"').replace(
            '"breast"', '"gallbladder"'
        ),
        "source.0.organ",
        ["must be one of this body's", "got 'gallbladder'"],
    ),
    "organ that a mouse has not": (
        "terminals = 20_000",
        'plan = "mouse_25g"\n[override]\n"tissue.organ.prostate.doubling_time" = "9 day"',
        "override.tissue.organ.prostate.doubling_time",
        ["must be one of this body's", "got 'prostate'"],
    ),
    "unknown cancer": ("cancers/breast", "cancers/brest", "cancer.set", ["'cancers/breast'?"]),
    "table for list": ("[[source]]", "[source]", "source", ["list of tables"]),
    "stop before start": (
        'mass = "43 g"',
        'mass = "43 g"\nstart = "2 h"\nstop = "1 h"',
        "source.0.stop",
        ["must be > start"],
    ),
    "bolus without a place": (
        'kind = "tumour"\norgan = "breast"\nmass = "43 g"',
        'kind = "bolus"\ncells = 5',
        "source.0.organ",
        ["either an organ or a vessel", "neither"],
    ),
    "cancer left out": ('[cancer]\nset = "cancers/breast"', "", "cancer.set", ["cells.inert"]),
    "folder for a grown body": (
        "terminals = 20_000",
        'folder = "x"',
        "body.folder",
        ["must be left out"],
    ),
    "no folder for tables": (
        "terminals = 20_000",
        'source = "tables"',
        "body.folder",
        ["must be given", "--set body.folder"],
    ),
    "window beyond the end": (
        "[body]",
        '[[record.window]]\nstart = "1 day"\nduration = "1 s"\ninterval = "1 s"\n[body]',
        "record.window.0",
        ["must end by run.duration"],
    ),
    "too many frames": (
        "[body]",
        '[[record.window]]\nstart = "0 s"\nduration = "1 day"\ninterval = "1 ms"\n[body]',
        "record.window",
        ["at most 1000000 frames"],
    ),
    "unknown parameter": (
        "[body]",
        '[override]\n"tumour_cell.diamter" = "9 um"\n[body]',
        "override.tumour_cell.diamter",
        ["'tumour_cell.diameter'?"],
    ),
    "parameter of wrong dimension": (
        "[body]",
        '[override]\n"tumour_cell.diameter" = "9 s"\n[body]',
        "override.tumour_cell.diameter",
        ["must be a length"],
    ),
    "parameter out of range": (
        "[body]",
        '[override]\n"tumour_cell.adhesive_fraction" = 1.5\n[body]',
        "override.tumour_cell.adhesive_fraction",
        ["<= 1"],
    ),
    "parameter of an unknown organ": (
        "[body]",
        '[override]\n"tissue.organ.lver.doubling_time" = "9 day"\n[body]',
        "override.tissue.organ.lver.doubling_time",
        ["'liver'?"],
    ),
    "sum of fractions off": (
        "[body]",
        '[override]\n"tissue.organ.liver.death_share" = 0.6\n[body]',
        "override.tissue.organ.liver.death_share",
        ["must sum to 1", "got 1.075"],
    ),
    "exit slower than extravasation": (
        "[body]",
        '[override]\n"tissue.organ.liver.extravasation_half_time" = "1 h"\n[body]',
        "override.tissue.organ.liver.extravasation_half_time",
        ["exit_or_death_rate must be >="],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_explained(case, tmp_path):
    old, new, key, phrases = CASES[case]
    assert old in GOOD
    path = tmp_path / "case.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: {key}: "), text
    assert "\n" not in text
    for phrase in phrases:
        assert phrase in text, text


def test_syntax_error_names_the_line(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text("[run]\nduration = \n")
    with pytest.raises(InputError, match=r"case\.toml: file must be valid TOML.*line 2"):
        load_scenario(path)


def test_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(b"title = '\xff'")
    with pytest.raises(InputError, match="must be UTF-8 text"):
        load_scenario(path)


def test_folder_is_no_scenario(tmp_path):
    with pytest.raises(InputError, match="got the folder"):
        load_scenario(tmp_path)


@pytest.mark.parametrize(
    ("override", "phrase"),
    [
        ("run.duration", "must be key=value"),
        ("=3", "must be key=value"),
        ("run..seed=3", "must be key=value"),
        ("run.seed.x=3", "must lead through tables"),
        ("source.4.mass=1 g", "must be one of 0 .. 0"),
        ("record.window.0.start=1 s", "must be a list in the scenario file"),
        ("run.sed=3", "Did you mean 'seed'?"),
        ("run.seed=-3", "must lie in 0 .."),
        ("run.duration=3", "must have a unit of time"),
        ("source.mass=3", "must have a unit of mass"),
        ("override.tissue.colony_factor=-1", "must be >= 0"),
    ],
)
def test_bad_set_is_explained(override, phrase, tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(GOOD.replace("[run]", "[run]\nseed = 1"))
    with pytest.raises(InputError) as caught:
        load_scenario(path, overrides=[override])
    assert str(caught.value).startswith("--set"), str(caught.value)
    assert phrase in str(caught.value)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(PLACES), value=LEAVES)
def test_any_value_anywhere_is_read_or_explained(place, value):
    tree = tomllib.loads(FULL)
    here = tree
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = value
    message = "must"
    try:
        check_settings(Settings.model_validate(tree))
    except ValidationError as error:
        message = str(explain(error))
    except InputError as error:
        message = str(error)
    assert "must" in message


def test_windows_may_not_overlap(tmp_path):
    window = '[[record.window]]\nstart = "{} s"\nduration = "10 s"\ninterval = "1 s"\n'
    path = tmp_path / "case.toml"
    path.write_text(GOOD + window.format(20) + window.format(5) + window.format(12))
    with pytest.raises(InputError, match=r"record\.window\.2.*starts at 12 s inside 5 \.\. 15 s"):
        load_scenario(path)


def test_a_key_of_a_table_that_may_be_left_out_has_its_near_names() -> None:
    with pytest.raises(InputError) as told:
        load_scenario("quick", overrides=["cancer.sett=cancers/breast"])
    assert "cancer.sett: key must be one of this table's, got 'sett'. Did you mean 'set'?" in str(
        told.value
    )
