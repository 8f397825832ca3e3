"""A process that uses a window as a person does and says what it saw, as lines of JSON.

Arguments: ``use`` or ``watch``, the run file, and for ``use`` a folder for a screenshot.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from ctc.errors import CtcError
from ctc.record.reader import open_run
from ctc.viewer.drawables import Picked, Thing
from ctc.viewer.window.application import Viewer, make_application
from ctc.viewer.window.requirements import DisplayProbe

# vispy's own use of Qt, in its handling of the mouse.
warnings.filterwarnings("ignore", category=DeprecationWarning, module="vispy")


class Hand:
    """Uses the window of a viewer."""

    def __init__(self, path, *, is_live=False):
        try:
            DisplayProbe().wait()
        except CtcError as error:
            say(f"cannot draw: {error}")
            raise SystemExit(0) from None
        self.application = make_application()
        self.viewer = Viewer(self.application)
        try:
            self.window = self.viewer.open([open_run(path)], is_live=is_live, view=None)
        except CtcError as error:
            say(f"cannot draw: {error}")
            raise SystemExit(0) from None
        self.wait(lambda: self.window.windowHandle().isExposed())
        # Keys go to the active window only, and there is no window manager that makes it so.
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow, 5.0)
        say("ready")

    def wait(self, condition, seconds=30.0):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            rest(30)
        return bool(condition())

    def click(self, widget):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        rest(60)

    def click_at(self, widget, x, y):
        QTest.mouseClick(
            widget,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(round(x), round(y)),
        )
        rest(60)

    def press(self, key):
        QTest.keyClick(self.window, key)
        rest(60)


def rest(milliseconds):
    """Let the window work for some time."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def report(name, **facts):
    say(json.dumps({"step": name} | facts))


def use(path, folder):
    """Do all that the tests ask about, step by step."""
    hand = Hand(path)
    window, view = hand.window, hand.window.view
    has_shells = hand.wait(lambda: len(view.shells) > 0)
    status = window.panes[0].status.text()
    report("open", shells=has_shells, index=window.player.index, status=status)
    move_in_time(hand)
    pick(hand)
    follow(hand)
    leave_out(hand)
    turn(hand)
    report("clip", **clip(hand))
    read_plots_and_help(hand)
    keep(hand, Path(path), Path(folder))
    open_another(hand, path)
    hand.viewer.window.close()
    report("closed")


def move_in_time(hand):
    """Play, click on the bar, type a time."""
    window, view = hand.window, hand.window.view
    hand.click(window.timeline.first_button)
    first = window.player.index
    hand.click(window.timeline.play_button)
    rose = hand.wait(lambda: window.player.index >= 3)
    hand.click(window.timeline.play_button)
    stopped = window.player.index
    rest(400)
    report("play", first=first, rose=rose, still=window.player.index == stopped)

    track = window.timeline.track
    hand.click_at(track, track.x_of(float(track._places[7])), track.height() / 2)
    report("scrub", index=window.player.index, field=window.timeline.field.text())

    window.timeline.field.setFocus()
    window.timeline.field.selectAll()
    QTest.keyClicks(window.timeline.field, "1 h 12 s")
    QTest.keyClick(window.timeline.field, Qt.Key.Key_Return)
    report("type", index=window.player.index, nearest=view.session.nearest_frame(3612 * 10**9))


def leave_out(hand):
    """Filter the circulating cells away and back."""
    window, view, canvas = hand.window, hand.window.view, hand.window.view.canvas
    before = canvas.n_cells
    boxes = window.filters.states
    window.left.setCurrentIndex(1)
    boxes.items.item(0).setCheckState(Qt.CheckState.Unchecked)
    canvas.render()
    circulating = int((view.session.frame(window.player.index).state == 0).sum())
    report("filter", before=before, after=canvas.n_cells, circulating=circulating)
    boxes.check_all(True)


def turn(hand):
    """Drag over the picture."""
    view, canvas = hand.window.view, hand.window.view.canvas
    azimuth = canvas.look.azimuth
    QTest.mousePress(view.widget, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(view.widget, QPoint(260, 200))
    QTest.mouseRelease(view.widget, Qt.MouseButton.LeftButton, pos=QPoint(260, 200))
    report("turn", before=azimuth, after=canvas.look.azimuth)


def read_plots_and_help(hand):
    """Click into a plot, and ask for help."""
    window, view = hand.window, hand.window.view
    chart = window.plots.charts[0]
    wanted = chart.time_at(chart.width() - 20)
    hand.click_at(chart, chart.width() - 20, 80)
    report("plot", index=window.player.index, nearest=view.session.nearest_frame(wanted))
    read_blood(window)

    hand.press(Qt.Key.Key_Question)
    opened = window.help.isVisible()
    hand.press(Qt.Key.Key_Escape)
    report("help", opened=opened, closed=not window.help.isVisible())


def read_blood(window):
    """Draw blood from another vessel."""
    plots = window.plots
    row = plots.vessel.findText("portal vein")
    plots.vessel.setCurrentIndex(row)
    plots.vessel.activated.emit(row)
    curves = {curve.name: curve for chart in plots.charts for curve in chart.plot.curves}
    passed = float(curves["portal vein"].y.sum()) if "portal vein" in curves else 0.0
    report("blood", shown=plots.vessel.isVisible(), passed=passed)


def keep(hand, path, folder):
    """Keep view and picture, and take a screenshot."""
    window = hand.window
    hand.viewer.commands.keep_view()
    hand.viewer.commands.keep_picture()
    message = window.statusBar().currentMessage()
    hand.viewer.commands.make_movie(False)
    hand.wait(lambda: not hand.viewer.commands.movie.is_busy, 120.0)
    made = window.statusBar().currentMessage()
    files = sorted(each.name for each in path.parent.iterdir())
    report("keep", files=files, message=message, made=made)
    window.screen().grabWindow(0).save(str(folder / "window.png"))


def open_another(hand, path):
    """Drop a file that is no run, then a run."""
    window = hand.window
    drop(window, Path(path).with_name("run-1.png"))
    is_kept = hand.viewer.window is window and window.isVisible()
    refused = window.statusBar().currentMessage()
    drop(window, Path(path))
    hand.wait(lambda: hand.viewer.window is not window, 10.0)
    fresh = hand.viewer.window
    hand.wait(lambda: len(fresh.view.shells) > 0)
    view = fresh.view.canvas.look
    report(
        "open another",
        is_kept=is_kept,
        refused=refused,
        is_new=fresh is not window,
        bright=float((fresh.view.canvas.render().max(axis=2) > 60).mean()),
        height=view.height,
        kept_height=window.view.canvas.look.height,
    )


def drop(window, path):
    """Drop a file onto a window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(300, 300), actions, data, buttons, keys))
    rest(100)


def pick(hand):
    """Click on a cell that lies alone, and say which it is and what the panel tells."""
    window, view = hand.window, hand.window.view
    cloud = view.session.cells(window.player.index)
    for kind in ("vessels", "lesions"):
        window.shown.kinds[kind].setChecked(False)
    canvas = view.canvas
    canvas.look = replace(canvas.look, height=0.9 * canvas.look.height)
    x = canvas.viewpoint().project(cloud.position.astype(np.float64))
    gaps = np.linalg.norm(x[:, None] - x[None], axis=2) + 1e9 * np.eye(len(x))
    inside = (x > 30).all(axis=1) & (x < np.array(canvas.size) - 30).all(axis=1)
    cell = int(np.argmax(np.where(inside, gaps.min(axis=1), -1.0)))
    hand.click_at(view.widget, *x[cell])
    hand.wait(lambda: view.thing is not None, 5.0)
    frame = view.session.frame(window.player.index)
    state = int(frame.state[np.searchsorted(frame.id, cloud.identity[cell])])
    report(
        "pick",
        identity=int(cloud.identity[cell]),
        state=state,
        title=window.inspector.title.text(),
        rows=dict(window.inspector.rows),
    )


def follow(hand):
    """Follow a cell that flows, and say where it and the look are."""
    window, view = hand.window, hand.window.view
    hand.press(Qt.Key.Key_Escape)
    released = view.thing is None
    last = view.session.frame(window.player.n_frames - 1)
    first = view.session.frame(0)
    both, here, there = np.intersect1d(first.id, last.id, return_indices=True)
    moved = np.linalg.norm(first.position[here] - last.position[there], axis=1)
    cell = int(both[np.argmax(moved)])
    window.player.go(0)
    view.take(Picked(Thing.CELL, cell))
    hand.click(window.inspector.follow_button)
    centres = []
    for index in (0, window.player.n_frames - 1):
        window.player.go(index)
        frame = view.session.frame(index)
        row = int(np.searchsorted(frame.id, cell))
        centres.append([list(view.canvas.look.centre), frame.position[row].tolist()])
    is_following = view.is_following
    hand.press(Qt.Key.Key_Escape)
    report(
        "follow",
        centres=centres,
        released=released,
        was_following=is_following,
        is_following=view.is_following,
        title=window.inspector.title.text(),
    )


def clip(hand):
    """Cut the body open by a click, and compare the pictures."""
    window, canvas = hand.window, hand.window.view.canvas
    whole = canvas.render().astype(int)
    window.left.setCurrentIndex(0)
    window.clip.switch.click()
    window.clip.place.setValue(500)
    cut = canvas.render().astype(int)
    window.clip.switch.click()
    again = canvas.render().astype(int)
    return {
        "cut": float(np.abs(cut - whole).mean()),
        "again": float(np.abs(again - whole).mean()),
    }


def watch(path):
    hand = Hand(path, is_live=True)
    window = hand.window
    seen = window.player.n_frames
    hand.wait(lambda: window.player.n_frames > seen + 2)
    rest(100)
    report(
        "rising",
        before=seen,
        after=window.player.n_frames,
        index=window.player.index,
        status=window.panes[0].status.text(),
    )
    gone = hand.wait(lambda: "gone" in window.panes[0].status.text())
    hand.click(window.timeline.first_button)
    report(
        "gone",
        gone=gone,
        status=window.panes[0].status.text(),
        visible=window.isVisible(),
        index=window.player.index,
    )
    window.close()


if __name__ == "__main__":
    {"use": use, "watch": watch}[sys.argv[1]](*sys.argv[2:])
