"""A canvas that draws nothing and remembers what it was given."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ctc.viewer.drawables import Look


class FakeCanvas:
    """Has what `SceneCanvas` has; `last` holds what was set last, by name."""

    def __init__(self):
        self.native = QWidget()
        self.last = {}
        self.shown = {}
        self.picks = None
        self._look = Look(centre=(0.0, 0.0, 0.0))
        self._listeners = []
        self.is_closed = False

    def __getattr__(self, name):
        if not name.startswith("set_"):
            raise AttributeError(name)
        return lambda value: self.last.__setitem__(name.removeprefix("set_"), value)

    @property
    def look(self):
        return self._look

    @look.setter
    def look(self, look):
        self._look = look
        for listener in self._listeners:
            listener(look)

    @property
    def n_cells(self):
        return len(self.last["cells"].identity)

    def when_look_changes(self, listener):
        self._listeners.append(listener)

    def show(self, **what):
        self.shown |= what

    def pick(self, _x, _y):
        return self.picks

    def close(self):
        self.is_closed = True
