"""TOML files and ``--set`` texts that once ended in a traceback, a hang or a library's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.kept import Kept
from tools.fuzz.sample import Odd

SCENARIO = """
[scenario]
title = "A small test"
[run]
duration = "1 h"
[body]
terminals = 2000
[cancer]
set = "cancers/breast"
[[source]]
kind = "tumour"
organ = "breast"
mass = "0.02 g"
"""
SWEEP = """
[sweep]
title = "A"
scenario = "quick"
patients = 4
"""
VARY = """
[[vary]]
key = "source.0.mass"
basis = "assumed"
source = "a test"
distribution = "{}"
"""


def scenario(old: str, new: str, *phrases: str) -> Kept:
    assert SCENARIO.count(old) == 1
    return Kept("scenario", {"scenario.toml": SCENARIO.replace(old, new)}, phrases)


def sweep(more: str, *phrases: str) -> Kept:
    return Kept("sweep", {"sweep.toml": SWEEP + more}, phrases)


def setting(text: str, *phrases: str) -> Kept:
    return Kept("set", {"set.txt": text}, phrases)


def drawn(law: str, rest: str, *phrases: str) -> Kept:
    return sweep(VARY.format(law) + rest, *phrases)


KEPT = {
    # tomllib raises a plain ValueError.
    "an integer of 5000 digits": scenario("2000", "1" * 5000, "valid TOML", "a number"),
    "a date that is none": scenario("2000", "2026-02-30", "valid TOML", "date"),
    "an integer of 400 digits": scenario(
        "2000", "1" * 400, "body.terminals: ", "at most 18446744073709551615", "400 digits"
    ),
    "a key of 100,000 parts": scenario("[run]", "a." * 100_000 + "b = 1\n[run]", "32 parts"),
    "lists in lists": scenario("[run]", f"[run]\na = {'[' * 40}{']' * 40}", "a.0.0: ", "32 levels"),
    "tables in tables": scenario(
        "[run]", f"[run]\na = {'{b = ' * 40}1{'}' * 40}", "run.a.b.b: ", "32 levels"
    ),
    "a mebibyte": scenario("[run]", "#" * 2**20 + "\n[run]", "at most 1,048,576 bytes"),
    "a device": Kept("scenario", {"scenario.toml": Odd.DEVICE}, ("a file or a pipe", "device")),
    "a mark before the text": scenario("\n[scenario]", "\ufeff[scenario]"),
    "nothing at all": scenario("[run]", "\x00[run]", "line 4: ", "binary data"),
    # pint works texts out: these take all memory, or years.
    "a power of a power": scenario('"1 h"', '"1 h**9**9**9"', "one number followed by one unit"),
    "a large power": scenario('"1 h"', '"1 h**999999999"', "one number followed by one unit"),
    "a power of brackets": scenario('"1 h"', '"1 (h**9)**9"', "one number followed by one unit"),
    "brackets in brackets": scenario('"1 h"', f'"1 {"(" * 900}h"', "at most 100 characters"),
    "a long value": scenario('"1 h"', f'"{"1" * 5000} h"', "run.duration: ", "100 characters"),
    # What a terminal obeys does not reach it.
    "colours in a key": scenario("2000", '2000\n"\\u001b[31mred" = 1', "'\\x1b[31mred'"),
    "letters from right to left": scenario('"breast"', '"\u202ebreast"', "'\\u202ebreast'"),
    "a key of 100,000 letters": scenario("2000", f"2000\n{'a' * 100_000} = 1", "must be one of"),
    "a path of 100,000 letters": scenario(
        "[run]", f'extends = "{"a" * 100_000}"\n[run]', "scenario.extends: ", "a scenario file"
    ),
    "a path with nothing in it": scenario(
        "terminals = 2000", 'source = "file"\npath = "\\u0000"', "body.path: ", "no zero byte"
    ),
    "a home of nobody": scenario(
        "terminals = 2000", 'source = "file"\npath = "~nobody-at-all/x.h5"'
    ),
    "targets cut to a whole number": scenario(
        "[run]", "[override]\n\"diagnosis.recist.targets\" = 2.5\n[run]",
        "override.diagnosis.recist.targets: ", "must be a whole number, got 2.5",
    ),
    "nodes cut to a whole number": scenario(
        "[run]", "[override]\n\"diagnosis.sentinel.nodes\" = 2.5\n[run]", "whole number, got 2.5"
    ),
    "a count that is no digit of ours": setting("source.²=1", "must "),
    "a count of 5000 digits": setting(f"source.{'1' * 5000}.mass=1 g", "must "),
    "a key of 40 parts": setting(f"a{'.a' * 40}=1", "at most 32 parts, got 41"),
    "two lines of TOML": setting("run.seed=7\\nrun.duration=1", "must "),
    "a set of another type": Kept(
        "parameters", {"set.toml": '[a]\nvalue = 1\nunit = []\nbasis = "assumed"\nsource = "x"\n'},
        ("set.toml: a: ", "unit must be"),
    ),
    "a distribution turned round": drawn(
        "lognormal", 'median = "1 g"\nsigma = 0.5\nat_least = "3 g"\nat_most = "2 g"\n',
        "vary.0.at_most: ", "must be > at_least = '3 g', got '2 g'",
    ),
    "a distribution cut to a point": drawn(
        "normal", 'mean = "1 g"\nspread = "1 g"\nat_least = "2 g"\nat_most = "2 g"\n',
        "vary.0.at_most: ", "must be > at_least = '2 g', got '2 g'",
    ),
    "no values": sweep(
        'design = "grid"\n' + VARY.format("values") + "values = []\n",
        "vary.0.values: ", "at least 1 entries, got []",
    ),
    "a grid of nothing": sweep('design = "grid"\n', "sweep.design: ", "distribution = 'values'"),
    "a scenario of 100,000 letters": Kept(
        "sweep", {"sweep.toml": SWEEP.replace("quick", "a" * 100_000)}, ("sweep.scenario: ",)
    ),
    "a view of 5000 digits": Kept(
        "view", {"a.view.toml": f"time_ns = {'1' * 5000}"}, ("a number",)
    ),
    "a view in lists": Kept("view", {"a.view.toml": f"a = {'[' * 5000}"}, ("valid TOML",)),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_it_is_refused_in_one_clean_line(name: str, tmp_path: Path) -> None:
    KEPT[name].check(tmp_path / "input")
