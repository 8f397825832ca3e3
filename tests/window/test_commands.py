"""Menus and keys: what each asks of window, session and disk."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from ctc.errors import OutputError
from ctc.record.reader import open_run
from ctc.viewer.session import Session
from ctc.viewer.view_file import read_view, view_file
from ctc.viewer.view_state import ViewState


@pytest.fixture
def window(application, run_file, tmp_path):
    """Return a window on a copy of a run, so that what is kept beside it is the test's own."""
    from ctc.viewer.window.main_window import MainWindow  # noqa: PLC0415 - needs Qt
    from ctc.viewer.window.scene_view import SceneView  # noqa: PLC0415 - needs Qt
    from tests.window.fakes import FakeCanvas  # noqa: PLC0415 - needs Qt

    assert application is not None
    for path in run_file.parent.glob("tiny.*"):
        shutil.copy2(path, tmp_path)
    with open_run(tmp_path / "tiny.vtkhdf") as run:
        session = Session(run, n_prefetch=0)
        session.body.__dict__["shells"] = ()  # meshing takes seconds and is tested elsewhere
        window = MainWindow([SceneView(session, FakeCanvas())])
        yield window
        window.close()


@pytest.fixture
def commands(window):
    from ctc.viewer.window.commands import Commands  # noqa: PLC0415 - needs Qt

    return Commands(window)


@pytest.fixture
def chosen(window):
    """Return the actions of all menus by name."""
    from PySide6.QtGui import QAction  # noqa: PLC0415 - needs Qt

    return lambda name: next(
        action for action in window.findChildren(QAction) if action.text() == name
    )


def said(window) -> str:
    return window.statusBar().currentMessage()


def test_speed_goes_by_notches_and_ends_at_the_ends(commands, window):
    from ctc.viewer.window.player import SPEEDS  # noqa: PLC0415 - needs Qt

    window.player.set_speed(SPEEDS[1])
    commands.change_speed(1)
    assert window.player.speed == SPEEDS[2]
    commands.change_speed(-1)
    commands.change_speed(-1)
    commands.change_speed(-1)
    assert window.player.speed == SPEEDS[0]
    for _ in SPEEDS:
        commands.change_speed(1)
    assert window.player.speed == SPEEDS[-1]


def test_escape_leaves_one_thing_at_a_time(commands, chosen, window, monkeypatch):
    released = []
    monkeypatch.setattr(window, "release", lambda: released.append(True))
    window.show()
    chosen("Full screen").trigger()
    assert window.isFullScreen()
    window.help.show()
    commands.leave()
    assert not window.help.isVisible()
    assert window.isFullScreen()
    commands.leave()
    assert not window.isFullScreen()
    assert released == []
    commands.leave()
    assert released == [True]
    chosen("Full screen").trigger()
    chosen("Full screen").trigger()
    assert not window.isFullScreen()


def test_a_view_is_kept_beside_its_run(commands, chosen, window, monkeypatch):
    assert commands.window is window
    target = view_file(window.view.session.run.path)
    chosen("Keep this view").trigger()
    assert said(window) == f"Kept in {target}."
    assert read_view(target).time == window.view.session.time_of(window.player.index)

    def fail(_state, path):
        raise OutputError(f"{path}: no room")

    monkeypatch.setattr("ctc.viewer.window.commands.write_view", fail)
    chosen("Keep this view").trigger()
    assert said(window) == f"{target}: no room"


def test_a_picture_that_cannot_be_written_is_said(commands, chosen, window, monkeypatch):
    assert commands.window is window
    monkeypatch.setattr("ctc.viewer.window.commands.keep_picture", lambda _: Path("a.1.png"))
    chosen("Picture").trigger()
    assert said(window) == "Written to a.1.png."

    def fail(_):
        raise OutputError("a.2.png: no room")

    monkeypatch.setattr("ctc.viewer.window.commands.keep_picture", fail)
    chosen("Picture").trigger()
    assert said(window) == "a.2.png: no room"


@pytest.mark.parametrize(
    ("name", "is_turning"), [("Movie of the timeline", False), ("Turntable", True)]
)
def test_movies_are_numbered_beside_the_run(
    commands, chosen, window, *, monkeypatch, name, is_turning
):
    asked = []
    monkeypatch.setattr(
        commands.movie, "start", lambda run, target, **how: asked.append((run, target, how))
    )
    chosen(name).trigger()
    ((run, target, how),) = asked
    assert run == window.view.session.run.path
    assert target.parent == run.parent
    assert target.suffix == ".mp4"
    assert how["is_turning"] is is_turning
    assert isinstance(how["view"], ViewState)


@pytest.mark.parametrize("name", ["", "another.vtkhdf"])
def test_a_file_is_asked_for_where_the_run_lies(commands, chosen, window, monkeypatch, name):
    from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415 - needs Qt

    opened, folders = [], []
    monkeypatch.setattr(
        QFileDialog,
        "getOpenFileName",
        lambda _window, _title, folder, _kinds: (folders.append(folder), (name, ""))[1],
    )
    monkeypatch.setattr(window, "open_asked", opened.append)
    assert commands.window is window
    chosen("Open ...").trigger()
    assert folders == [str(window.view.session.run.path.parent)]
    assert opened == ([name] if name else [])


def test_runs_opened_before_are_offered(commands, window, monkeypatch):
    opened = []
    monkeypatch.setattr(window, "open_asked", opened.append)
    monkeypatch.setattr("ctc.viewer.window.commands.recent_runs", list)
    commands._recent.aboutToShow.emit()
    (nothing,) = commands._recent.actions()
    assert (nothing.text(), nothing.isEnabled()) == ("none yet", False)
    paths = [Path("/runs/a.vtkhdf"), Path("/runs/b.vtkhdf")]
    monkeypatch.setattr("ctc.viewer.window.commands.recent_runs", lambda: paths)
    commands._recent.aboutToShow.emit()
    first, second = commands._recent.actions()
    assert (first.text(), second.toolTip()) == ("a.vtkhdf", "/runs/b.vtkhdf")
    second.trigger()
    assert opened == ["/runs/b.vtkhdf"]


def test_organs_go_and_come_back_together(commands, chosen, window, monkeypatch):
    assert commands.window is window
    shown = [frozenset({"liver"})]
    monkeypatch.setattr(window.shown, "shown_organs", lambda: shown[-1])
    monkeypatch.setattr(window.shown, "set_shown_organs", shown.append)
    chosen("Organs").trigger()
    assert shown[-1] == frozenset()
    chosen("Organs").trigger()
    assert shown[-1] == frozenset(shell.name for shell in window.view.shells)


def test_a_time_is_typed_over_the_one_that_is_shown(commands, chosen, window):
    assert commands.window is window
    window.show()
    chosen("Go to a time").trigger()
    field = window.timeline.field
    assert field.selectedText() == field.text() != ""


class Maker:
    """Stands in for the interpreter that runs ``ctc render``: notes its words and ends as told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.words = folder / "words"
        self._python = sys.executable
        self._script = folder / "interpreter"
        monkeypatch.setattr("ctc.viewer.window.movie_process.sys.executable", str(self._script))

    def will(self, *lines: str) -> None:
        text = [f"#!{self._python}", "import sys, time", f"words = {str(self.words)!r}"]
        text += ["open(words, 'w').write(chr(10).join(sys.argv[1:]))", *lines]
        self._script.write_text("\n".join(text) + "\n")
        self._script.chmod(0o755)


@pytest.fixture
def maker(tmp_path, monkeypatch):
    return Maker(tmp_path, monkeypatch)


@pytest.fixture
def movie(application):
    from ctc.viewer.window.movie_process import MovieProcess  # noqa: PLC0415 - needs Qt

    assert application is not None
    process = MovieProcess()
    process.heard = []
    process.told.connect(process.heard.append)
    yield process
    process.stop()


def wait(movie) -> None:
    assert movie._process.waitForFinished(60_000)


def test_a_movie_is_made_by_the_command_with_the_view_of_the_window(movie, maker, tmp_path):
    maker.will("assert open(sys.argv[sys.argv.index('--view-file') + 1]).read()")
    target = tmp_path / "a.mp4"
    movie.start(tmp_path / "a.vtkhdf", target, view=ViewState(), is_turning=True)
    wait(movie)
    assert movie.heard == [f"Making {target} ...", f"Written to {target}."]
    words = maker.words.read_text().splitlines()
    assert words[:6] == [
        *("-m", "ctc.cli.main", "render"),
        *(str(tmp_path / "a.vtkhdf"), "-o", str(target)),
    ]
    assert words[-1] == "--turntable"
    # The view that was kept for the command is gone with it.
    assert not Path(words[words.index("--view-file") + 1]).exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sys.stderr.write('warming up\\nctc: error: no room\\n'); sys.exit(5)", "no room"),
        ("sys.exit(7)", "exit code 7"),
    ],
)
def test_a_movie_that_fails_says_why(movie, maker, tmp_path, line, words):
    maker.will(line)
    movie.start(tmp_path / "a.vtkhdf", tmp_path / "a.mp4", view=ViewState(), is_turning=False)
    wait(movie)
    assert movie.heard[-1] == f"No movie: {words}"
    assert "--turntable" not in maker.words.read_text()


def test_one_movie_at_a_time_and_what_is_given_up_leaves_nothing(movie, maker, tmp_path):
    from ctc.viewer.film import unfinished_movie  # noqa: PLC0415 - with the viewer

    maker.will("time.sleep(600)")
    target = tmp_path / "a.mp4"
    movie.start(tmp_path / "a.vtkhdf", target, view=ViewState(), is_turning=False)
    assert movie.is_busy
    movie.start(tmp_path / "b.vtkhdf", tmp_path / "b.mp4", view=ViewState(), is_turning=False)
    assert movie.heard[-1] == f"A movie is being made: {target}. Wait for it."
    unfinished_movie(target).write_bytes(b"half")
    movie.stop()
    assert not movie.is_busy
    assert not unfinished_movie(target).exists()
    assert len(movie.heard) == 2  # nobody is told of what was given up


def test_a_command_that_cannot_begin_was_once_waited_for_without_end(movie, maker, tmp_path):
    assert not maker.words.exists()
    movie.start(tmp_path / "a.vtkhdf", tmp_path / "a.mp4", view=ViewState(), is_turning=False)
    assert not movie._process.waitForStarted(60_000)
    assert movie.heard[-1].startswith("No movie: ")
    assert not movie.is_busy


def test_a_view_that_cannot_be_kept_is_said(movie, maker, tmp_path, monkeypatch):
    maker.will("pass")

    def fail(_state, path):
        raise OutputError(f"{path.name}: no room")

    monkeypatch.setattr("ctc.viewer.window.movie_process.write_view", fail)
    movie.start(tmp_path / "a.vtkhdf", tmp_path / "a.mp4", view=ViewState(), is_turning=False)
    assert movie.heard == ["movie.view.toml: no room"]
    assert not movie.is_busy
