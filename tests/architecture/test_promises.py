"""The pages of formats and of public names are those of the code."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ctc.pipeline import inspect
from ctc.record.layout import FORMAT_VERSION
from ctc.record.stored import stored_in_run
from ctc.record.stored_checkpoint import stored_in_checkpoint
from tools.promises.__main__ import PAGES, main
from tools.promises.api_page import KEPT, json_keys, newest_figures


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_page_is_that_of_the_code(path: Path) -> None:
    """A change of a field, name, signature, option or key shows as a change of the page."""
    assert path.read_text(encoding="utf-8") == PAGES[path](), "python -m tools.promises --write"


def test_the_command_says_so() -> None:
    assert main([]) == 0


def test_no_place_stands_twice_and_none_is_of_the_future() -> None:
    for rows in (stored_in_run(), stored_in_checkpoint()):
        places = [row.place for row in rows]
        assert len(set(places)) == len(places)
        now = f"{FORMAT_VERSION[0]}.{FORMAT_VERSION[1]}"
        assert [row.place for row in rows if row.since > now] == []


def test_later_fields_say_what_their_lack_means() -> None:
    rows = [row for row in stored_in_run() if row.since != "1.0"]
    assert len(rows) > 100
    assert [row.place for row in rows if not row.absent] == []


def test_inspect_gives_the_keys_of_the_page(tmp_path: Path) -> None:
    newest = sorted(path.parent for path in KEPT.glob("*/inspect.json"))[-1]
    run = tmp_path / "kept.vtkhdf"
    run.write_bytes(gzip.decompress((newest / "finished.vtkhdf.gz").read_bytes()))
    found = json.loads(json.dumps(inspect(run)))
    assert list(json_keys(found)) == list(json_keys(newest_figures()))
