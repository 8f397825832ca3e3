"""A whole picture of a small made-up scene."""

import types

import numpy as np
import pytest
from PIL import Image

from ctc.body.shapes import Ellipsoid
from ctc.body.territory import Territory
from ctc.cli.main import main
from ctc.errors import InputError
from ctc.states import CellState
from ctc.vessels.blood import Blood
from ctc.viewer import still
from ctc.viewer.camera import View
from ctc.viewer.palette import BACKGROUND_OUTER, rgb
from ctc.viewer.scene import Scene, Vessels

SIZE = (500, 400)


def ball(name, x, z, radius):
    return Territory(name, Ellipsoid((x, 0.0, z), (radius,) * 3), np.zeros(3))


def scene(*, n_cells=300, epoch=1, territories=True):
    place = np.linspace(0.0, 1.0, 30)
    ends = np.stack([0.1 * np.sin(9 * place), 0.05 * np.cos(9 * place), place], axis=1)
    organs = {"lung": (ball("lung", 0.0, 0.7, 0.09),), "liver": (ball("liver", 0.0, 0.5, 0.08),)}
    organs |= {"skin": (ball("skin", 0.0, 0.6, 0.3),), "brain": (ball("brain", 0, 0.95, 0.05),)}
    n_epochs = 2
    counts = {
        name: np.full((n_epochs, 4), 10 * k, dtype=np.uint64)
        for k, name in enumerate(("arrested", "extravasated", "dormant", "colonies"))
    }
    states = [CellState.CIRCULATING, CellState.ARRESTED, CellState.DORMANT]
    return Scene(
        title="A made-up scene",
        time=3600 * 10**9,
        is_framed=n_cells > 0,
        position=ends[np.arange(n_cells) % 30],
        state=np.resize(np.array(states, dtype=np.uint8), n_cells),
        colony_position=ends[:2],
        colony_cells=np.ones(2),
        sources=("liver",),
        territories=organs if territories else {},
        vessels=Vessels(
            start=ends[:-1],
            end=ends[1:],
            radius=np.full(29, 4e-3),
            blood=np.resize(np.array(list(Blood), dtype=np.uint8), 29),
            organ=np.resize(np.arange(-1, 4, dtype=np.int16), 29),
        ),
        organ_names=("lung", "liver", "brain", "muscle"),
        series={
            "time": np.array([1800, 3600]) * 10**9,
            "shed": np.array([5, 10], dtype=np.uint64),
            "cells_by_state": np.ones((n_epochs, len(CellState)), dtype=np.uint64),
            **counts,
        },
        epoch=epoch,
        label="ctc 0, seed 1, network 0",
    )


def render(tmp_path, monkeypatch, made, **how):
    monkeypatch.setattr(still, "read_scene", lambda _run, _time: made)
    target = tmp_path / "picture.png"
    still.render_still(None, target, **({"size": SIZE} | how))
    return target


def test_the_same_scene_gives_the_same_bytes_and_fills_the_picture(tmp_path, monkeypatch):
    first = render(tmp_path, monkeypatch, scene()).read_bytes()
    target = render(tmp_path, monkeypatch, scene())
    assert target.read_bytes() == first
    with Image.open(target) as image:
        assert image.size == SIZE
        assert image.text["Title"] == "A made-up scene"
        pixels = np.asarray(image.convert("RGB")) / 255.0
    lit = np.abs(pixels - rgb(BACKGROUND_OUTER)).max(axis=2) > 0.15
    # Body, close-up and charts: something is drawn in each third.
    assert all(part.mean() > 0.01 for part in np.array_split(lit, 3, axis=1))


@pytest.mark.parametrize(
    ("made", "how"),
    [
        ({"n_cells": 0}, {"view": View.SIDE}),
        ({"epoch": -1}, {"view": View.BACK, "size": (400, 600)}),
        ({"territories": False}, {"is_small": True}),
    ],
)
def test_scenes_with_parts_missing_are_drawn_too(tmp_path, monkeypatch, made, how):
    with Image.open(render(tmp_path, monkeypatch, scene(**made), **how)) as image:
        assert image.size == how.get("size", SIZE)
        assert image.mode == ("P" if how.get("is_small") else "RGB")


@pytest.mark.parametrize("size", [(399, 500), (500, 8001)])
def test_a_size_out_of_bounds_is_refused(tmp_path, size):
    with pytest.raises(InputError, match=r"size must be 400 \.\. 8000 pixels"):
        still.render_still(None, tmp_path / "picture.png", size=size)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-o", "{folder}/movie.avi"], "must be a .png or .mp4 or .gif file"),
        (["-o", "{folder}/none/a.png"], "must lie in an existing folder"),
        (["-o", "{folder}/a.png", "--size", "big"], "WIDTHxHEIGHT"),
        (["-o", "{folder}/a.png", "--time", "3"], "--time: value must have a unit of time"),
        (["-o", "{folder}/a.png", "--view", "top"], "'top' is not one of"),
        (["-o", "{folder}/a.png"], "run must be an existing file"),
        ([], "Missing option"),
    ],
)
def test_the_command_refuses_bad_input_in_one_message(tmp_path, capsys, arguments, text):
    arguments = [argument.format(folder=tmp_path) for argument in arguments]
    assert main(["render", str(tmp_path / "none.vtkhdf"), *arguments]) == 2
    said = capsys.readouterr().err
    assert text in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_command_passes_on_what_it_was_asked(tmp_path, capsys, monkeypatch):
    asked = {}

    class OpenRun:
        def __enter__(self):
            return "the run"

        def __exit__(self, *_error):
            pass

    fake = types.SimpleNamespace(open_run=lambda _path: OpenRun())
    monkeypatch.setattr("ctc.cli.render.pipeline", lambda: fake)
    monkeypatch.setattr(
        still, "render_still", lambda run, target, **how: asked.update(how, run=run, target=target)
    )
    target = tmp_path / "a.png"
    arguments = ["--time", "2 h", "--view", "side", "--size", "500x600", "--small"]
    assert main(["render", "quick.vtkhdf", "-o", str(target), *arguments]) == 0
    assert asked == {
        "run": "the run",
        "target": target,
        "time": 7200.0,
        "view": View.SIDE,
        "size": (500, 600),
        "is_small": True,
    }
    assert capsys.readouterr().out == f"Written to {target}.\n"
