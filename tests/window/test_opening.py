"""One run opened over another: the new window whole, or the old one as it was."""

from __future__ import annotations

import shutil
import threading
import time

import pytest

from ctc.errors import InputError
from ctc.record.reader import open_run
from ctc.viewer import organ_shells
from ctc.viewer.body_model import BodyModel
from ctc.viewer.view_file import view_file

UNKNOWN_ORGAN = '[cells]\norgans = ["lungs"]\n'


@pytest.fixture
def canvases(application, monkeypatch):
    """Return the canvases that windows make, none of which draws anything."""
    from ctc.viewer.window import application as room  # noqa: PLC0415 - needs Qt
    from tests.window.fakes import FakeCanvas  # noqa: PLC0415 - needs Qt

    assert application is not None
    made = []

    def make(**_):
        made.append(FakeCanvas())
        return made[-1]

    monkeypatch.setattr(room, "SceneCanvas", make)
    return made


@pytest.fixture
def viewer(application, canvases, run_file, monkeypatch):
    """Return a viewer whose window shows a run."""
    from ctc.viewer.window.application import Viewer  # noqa: PLC0415 - needs Qt

    monkeypatch.setattr(BodyModel, "shells", ())  # meshing takes seconds and is tested elsewhere
    viewer = Viewer(application)
    viewer.open([open_run(run_file)], is_live=False, view=None)
    assert len(canvases) == 1
    yield viewer
    run = viewer.window.view.session.run
    viewer.window.close()
    run.close()


@pytest.fixture
def other(run_file, tmp_path):
    return shutil.copy2(run_file, tmp_path / "other.vtkhdf")


def check_untouched(viewer, window, commands, *, canvases):
    """Assert that the first window is as it was, and that nothing is left of a second one."""
    assert viewer.window is window
    assert viewer.commands is commands
    assert window.isVisible()
    assert [canvas.is_closed for canvas in canvases] == [False] + [True] * (len(canvases) - 1)
    window.player.go(3)  # its run is still open
    assert canvases[0].last["cells"].identity.size


def test_a_run_takes_the_place_of_another(viewer, canvases, other):
    before = viewer.window
    viewer.open_file(str(other))
    assert viewer.window is not before
    assert viewer.commands.window is viewer.window
    assert viewer.window.view.session.run.path == other
    assert [canvas.is_closed for canvas in canvases] == [True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (UNKNOWN_ORGAN, "organ must be one of this run's, got 'lungs'. Did you mean 'lung'?"),
        ("[cells]\nclones = [7]\n", "clone must be one of this run's 0 .. 0 or 65535"),
        ("format = 2\n", "format must be 1, got 2"),
    ],
)
def test_a_kept_view_of_another_body_is_said_in_the_window_that_is_there(
    viewer, canvases, other, *, text, words
):
    view_file(other).write_text(text)
    before = viewer.window, viewer.commands
    viewer.open_file(str(other))
    said = viewer.window.statusBar().currentMessage()
    assert words in said
    assert "other.view.toml" in said
    assert len(canvases) == 1
    check_untouched(viewer, *before, canvases=canvases)


def test_a_kept_view_of_another_body_is_refused_before_a_window_is_made(
    application, canvases, other, monkeypatch
):
    from ctc.viewer.window.application import show_runs  # noqa: PLC0415 - needs Qt

    assert application is not None
    monkeypatch.setattr(type(application), "exec", lambda *_: 0)
    view_file(other).write_text(UNKNOWN_ORGAN)
    with (
        open_run(other) as run,
        pytest.raises(InputError, match=r"other\.view\.toml: cells\.organs: organ must be"),
    ):
        show_runs([run], is_live=False, view=None)
    assert canvases == []


@pytest.mark.parametrize("error", [OSError("bad sector"), IndexError("index 7"), InputError("no")])
@pytest.mark.parametrize(
    "where", ["session.Session.__init__", "session.Session.vessels", "window.application.Commands"]
)
def test_the_window_stays_as_it_was_whatever_fails_in_the_new_one(
    viewer, canvases, other, *, monkeypatch, where, error
):
    def fail(*_args, **_keywords):
        raise error

    before = viewer.window, viewer.commands
    with monkeypatch.context() as broken:
        broken.setattr(f"ctc.viewer.{where}", fail)
        viewer.open_file(str(other))
    said = viewer.window.statusBar().currentMessage()
    assert str(error) in said
    check_untouched(viewer, *before, canvases=canvases)


def test_closing_a_window_ends_the_shaping_of_its_organs(
    application, canvases, run_file, monkeypatch
):
    from ctc.viewer.window.application import Viewer  # noqa: PLC0415 - needs Qt

    assert canvases == []
    begun, shaped = threading.Event(), []
    mesh = organ_shells._mesh

    def slowly(name, *args, **keywords):
        begun.set()
        time.sleep(0.2)
        shaped.append(name)
        return mesh(name, *args, **keywords)

    monkeypatch.setattr(organ_shells, "_mesh", slowly)
    viewer = Viewer(application)
    with open_run(run_file) as run:
        n_before = threading.active_count()
        window = viewer.open([run], is_live=False, view=None)
        assert begun.wait(30.0)
        window.close()
        assert threading.active_count() == n_before
        assert len(shaped) < 10  # of twenty
