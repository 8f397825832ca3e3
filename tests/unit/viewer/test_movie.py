"""Movies of a run, decoded again: how many pictures, and what moves in them."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ctc.cli.main import main
from ctc.errors import InputError, MissingDeviceError, OutputError
from ctc.record.layout import EVENT_DTYPE, LESION_DTYPE
from ctc.record.reader import open_run
from ctc.states import CellState
from ctc.viewer.camera import View
from ctc.viewer.canvas import Limits, SceneCanvas
from ctc.viewer.drawables import Look
from ctc.viewer.film import check_movie, unfinished_movie, write_movie
from ctc.viewer.framing import whole_look
from ctc.viewer.movie import Stage
from ctc.viewer.session import Session
from ctc.viewer.view_file import write_view
from ctc.viewer.view_state import Shown, ViewState
from tests.unit.record import samples

encoder = pytest.importorskip("imageio_ffmpeg")
SIZE = (160, 120)
N_FRAMES = 6
N_CELLS = 40


@pytest.fixture(scope="module", autouse=True)
def _graphics():
    try:
        SceneCanvas(size=(16, 16)).close()
    except (InputError, MissingDeviceError) as error:
        pytest.skip(f"this machine cannot draw without a screen: {error}")


def cells(frame):
    place = np.linspace(0.0, 0.05, N_CELLS)
    position = np.stack([0.02 * np.sin(place * 200 + frame), 0 * place, place], axis=1)
    return {
        "position": position.astype("<f4"),
        "id": np.arange(N_CELLS, dtype="<u8"),
        "state": np.full(N_CELLS, CellState.ARRESTED, dtype="u1"),
        "organ": np.zeros(N_CELLS, dtype="<i2"),
        "segment": np.arange(N_CELLS, dtype="<u4"),
        "age": np.ones(N_CELLS, dtype="<f4"),
        "size_class": np.zeros(N_CELLS, dtype="<u2"),
    }


def make_run(path, n_frames):
    with samples.create(path) as writer:
        for frame in range(n_frames):
            writer.write_frame(samples.frame_time(frame), cells(frame))
        for epoch in range(3):
            writer.append_rows("events", np.zeros(0, dtype=EVENT_DTYPE))
            lesion = np.zeros(1, dtype=LESION_DTYPE)
            lesion["time"] = samples.series(epoch)["time"]
            lesion["cells"] = 10 ** (7 + epoch)
            writer.append_rows("lesions", lesion)
            writer.append_epoch(samples.series(epoch), tallies=samples.tallies(epoch))
        writer.close(digest="d" * 64)
    return path


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run") / "a.vtkhdf", N_FRAMES)


@pytest.fixture
def empty_here(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mp4_pictures(path):
    """Return the pictures of a movie and how many it shows a second."""
    program = encoder.get_ffmpeg_exe()
    about = subprocess.run([program, "-i", path], capture_output=True, check=False).stderr.decode()
    width, height = map(int, re.search(r"yuv420p.*? (\d+)x(\d+)", about).groups())
    fps = float(re.search(r"([\d.]+) fps", about).group(1))
    command = [
        program,
        "-loglevel",
        "error",
        "-i",
        path,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3).astype(int), fps


def gif_pictures(path):
    with Image.open(path) as image:
        pictures = []
        for number in range(image.n_frames):
            image.seek(number)
            pictures.append(np.asarray(image.convert("RGB")).astype(int))
    return np.array(pictures)


def moved(pictures):
    """Return for each step how many pixels change clearly."""
    return (np.abs(np.diff(pictures, axis=0)).max(axis=3) > 60).sum(axis=(1, 2))


def ctc(*arguments):
    return main([str(argument) for argument in arguments])


_SLOW = """
import subprocess, sys, time
from ctc.cli.main import main
from ctc.viewer import movie
draw, start, encoders = movie.Stage.show_frame, subprocess.Popen, []
def remember(*args, **keywords):
    encoders.append(start(*args, **keywords))
    return encoders[-1]
def slowly(stage, index):
    if index == 3:
        print(encoders[-1].pid, flush=True)
        time.sleep(60)
    return draw(stage, index)
subprocess.Popen, movie.Stage.show_frame = remember, slowly
sys.exit(main(sys.argv[1:]))
"""


def test_a_movie_that_is_told_to_end_leaves_nothing(run_file, tmp_path):
    target = tmp_path / "m.mp4"
    command = [sys.executable, "-c", _SLOW, "render", str(run_file), "-o", str(target), *SMALL]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        encoder_id = int(process.stdout.readline())
        unfinished_movie(target).touch()  # the encoder makes it only once it has a few pictures
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 143, errors
    assert "told to end" in errors
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(encoder_id, 0)


SMALL = ("--size", f"{SIZE[0]}x{SIZE[1]}")


def test_a_movie_has_a_picture_for_each_frame_and_its_cells_move(run_file, tmp_path, capsys):
    target = tmp_path / "a.mp4"
    view = tmp_path / "a.view.toml"
    write_view(ViewState(shown=Shown(caption=False)), view)
    options = (*SMALL, "--fps", "5", "--view-file", view)
    assert ctc("render", run_file, "-o", target, *options) == 0
    assert f"Written to {target} ({N_FRAMES} pictures)." in capsys.readouterr().out
    pictures, fps = mp4_pictures(target)
    assert fps == 5.0
    assert pictures.shape == (N_FRAMES, SIZE[1], SIZE[0], 3)
    assert (moved(pictures) > 20).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "a.view.toml"]


def test_without_its_cells_nothing_of_it_moves(run_file, tmp_path):
    view = ViewState(shown=Shown(cells=False, lesions=False, caption=False))
    saved = tmp_path / "b.view.toml"
    write_view(view, saved)
    target = tmp_path / "b.gif"
    assert ctc("render", run_file, "-o", target, *SMALL, "--view-file", saved) == 0
    pictures = gif_pictures(target)
    # Equal pictures are stored as one that is shown longer, or as they are.
    assert moved(pictures).sum() == 0
    assert (pictures[0].max(axis=(0, 1)) > 100).any(), "the vessels are there"


def test_a_turntable_turns_the_body_once(run_file, tmp_path):
    target = tmp_path / "t.mp4"
    view = tmp_path / "a.view.toml"
    write_view(ViewState(shown=Shown(lesions=False, caption=False)), view)
    options = (*SMALL, "--turntable", "--fps", "2", "--view-file", view)
    assert ctc("render", run_file, "-o", target, *options) == 0
    pictures, _ = mp4_pictures(target)
    assert len(pictures) == 16
    half = np.abs(pictures[8] - pictures[0][:, ::-1]).max(axis=2) > 60
    quarter = np.abs(pictures[4] - pictures[0]).max(axis=2) > 60
    # The cells lie in a plane, which is seen edge on a quarter later and mirrored after half.
    assert quarter.sum() > 50
    assert half.sum() < 0.2 * quarter.sum()


def test_a_run_without_frames_is_shown_by_its_lesions(tmp_path):
    run = make_run(tmp_path / "a.vtkhdf", 0)
    target = tmp_path / "a.gif"
    assert ctc("render", run, "-o", target, *SMALL) == 0
    pictures = gif_pictures(target)
    assert len(pictures) == 3
    yellow = ((pictures[..., 0] > 150) & (pictures[..., 2] < 100)).sum(axis=(1, 2))
    assert (np.diff(yellow) > 0).all(), "the lesion grows"


def test_a_picture_of_the_scene_by_a_saved_view(run_file, tmp_path):
    wide, close = tmp_path / "wide.png", tmp_path / "close.png"
    assert ctc("render", run_file, "-o", wide, "--style", "scene", *SMALL) == 0
    saved = tmp_path / "a.view.toml"
    write_view(ViewState(look=Look((0.0, 0.0, 0.025), height=0.01)), saved)
    assert ctc("render", run_file, "-o", close, "--view-file", saved, *SMALL) == 0
    with Image.open(wide) as a, Image.open(close) as b:
        assert a.size == b.size == SIZE
        assert a.text["Title"] == "straße"
        assert np.abs(np.asarray(a).astype(int) - np.asarray(b)).max() > 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "a.avi"), "picture must be a .png or .mp4 or .gif file, got 'a.avi'"),
        (("-o", "a.mp4", "--fps", "0"), "--fps: pictures a second must be 1 .. 60, got 0"),
        (("-o", "a.mp4", "--size", "161x120"), "--size: size must be even for .mp4, got 161x120"),
        (("-o", "a.gif", "--size", "20x20"), "--size: size must be 64 .. 8000 pixels, got 20x20"),
        (("-o", "a.gif", "--time", "1 h"), "--time: time must be left out of a movie"),
        (("-o", "a.mp4", "--style", "page"), "--style: style must be 'scene' for a movie"),
        (("-o", "a.gif", "--small"), "--small: colours must be left to the movie's format"),
        (("-o", "a.png", "--turntable"), "--turntable: movie must be a .mp4 or .gif file"),
        (("-o", "a.png", "--fps", "3"), "--fps: movie must be a .mp4 or .gif file"),
        (("-o", "a.gif", "--view-file", "b.toml"), "b.toml: view must be a readable file"),
        (
            ("-o", "a.png", "--style", "page", "--view-file", "b.toml"),
            "--view-file: view must be that of a scene, got a page",
        ),
        (("-o", "a.png", "--fps", "0"), "--fps: movie must be a .mp4 or .gif file"),
        (("-o", "none/a.mp4"), "picture must lie in an existing folder"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(options, message, run_file, empty_here, capsys):
    assert ctc("render", run_file, *options) == 2
    assert message in capsys.readouterr().err
    assert list(empty_here.iterdir()) == []


@pytest.mark.parametrize("time", ["-5s", "0 s", "11 min", "1e30 s", "1e300 years"])
@pytest.mark.parametrize(
    "how", [("-o", "a.png", "--style", "scene"), ("-o", "a.gif", "--turntable"), ("-o", "b.png")]
)
def test_a_time_outside_the_frames_is_refused(run_file, empty_here, capsys, time, how):
    assert ctc("render", run_file, *how, f"--time={time}") == 2
    said = capsys.readouterr().err
    assert "--time: time must lie within the frames, 1.67 min to 10 min, got " in said
    assert "Choose another" in said
    assert list(empty_here.iterdir()) == []


def test_nothing_is_written_over_and_a_run_that_does_not_move_is_refused(tmp_path, capsys):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"kept")
    run = tmp_path / "a.vtkhdf"
    with samples.create(run) as writer:
        writer.write_frame(samples.frame_time(0), cells(0))
        writer.append_epoch(samples.series(0), tallies=samples.tallies(0))
        writer.close(digest="d" * 64)
    assert ctc("render", run, "-o", target, *SMALL) == 2
    assert "add --overwrite" in capsys.readouterr().err
    assert ctc("render", run, "-o", target, *SMALL, "--overwrite") == 2
    assert "with frames or epochs, got 1 frames and 1 epochs" in capsys.readouterr().err
    assert target.read_bytes() == b"kept"


def test_a_movie_that_fails_leaves_the_old_one(tmp_path):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"kept")
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)

    def broken():
        yield picture
        message = "run must be whole"
        raise InputError(message)

    with pytest.raises(InputError, match="must be whole"):
        write_movie(broken(), target, size=SIZE, fps=5)
    with pytest.raises(OutputError, match=r"movie could not be written to .* \(.+\)\."):
        write_movie(iter(()), target, size=SIZE, fps=5)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert target.read_bytes() == b"kept"
    assert write_movie([picture] * 3, target, size=SIZE, fps=5) == 3
    check_movie(target, SIZE, fps=60)
    pictures, _ = mp4_pictures(target)
    assert pictures.shape[0] == 3
    with pytest.raises(OutputError, match="movie could not be written"):
        write_movie([picture] * 3, tmp_path / "none" / "a.mp4", size=SIZE, fps=5)


def test_without_the_encoder_the_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(InputError, match=r"pip install 'ctc\[viewer\]'"):
        check_movie(tmp_path / "a.gif", SIZE, fps=5)


@pytest.mark.parametrize("size", [(100, 300), (300, 100)])
def test_the_whole_body_is_in_the_picture_however_it_is_turned(size):
    points = np.array([[-0.4, 0.1, 0.0], [0.4, -0.1, 0.2], [0.0, 0.3, 1.8]])
    look = whole_look(points, size, view=View.BACK)
    assert look.azimuth == 180.0
    away = points - np.array(look.centre)
    assert np.abs(away[:, 2]).max() < 0.5 * look.height
    assert np.hypot(away[:, 0], away[:, 1]).max() < 0.5 * look.height * size[0] / size[1]
    assert whole_look(points[:1], size).height > 0.0


def test_a_film_does_not_go_back_from_a_density_to_discs(run_file):
    """Cells that spread are fewer in view, and would change their shape within a second."""
    with open_run(run_file) as run:
        session = Session(run, n_prefetch=0)
        with Stage(session, ViewState(), size=SIZE) as stage:
            stage.canvas.limits = Limits(density_from=N_CELLS - 1)
            stage.show_frame(0)
            assert stage.canvas.is_density
            stage.canvas.limits = Limits(density_from=10**6)
            stage.show_frame(1)
            assert not stage.canvas.is_density
            stage.keep_density()
            assert stage.canvas.limits.density_from == 10**6
            stage.canvas.limits = Limits(density_from=N_CELLS - 1)
            stage.show_frame(2)
            stage.keep_density()
            stage.canvas.look = replace(stage.look, height=0.05, centre=(0.0, 0.0, 0.01))
            stage.show_frame(3)
            assert stage.canvas.is_density
        session.close()


def test_a_gif_keeps_the_colours_of_what_does_not_move(tmp_path):
    """A legend is small and rests; by what changes alone, its yellow would be 45 steps off."""
    marks = np.array([(255, 138, 38), (48, 227, 155), (255, 230, 0)], dtype=np.uint8)
    side, across = 400, 8
    ramp = np.linspace(40, 215, side).astype(np.uint8)
    still = np.zeros((side, side, 3), dtype=np.uint8)
    still[:, :, 0], still[:, :, 2] = ramp[:, None], ramp[None, :]
    still[:, :, 1] = ramp[:, None] // 2 + ramp[None, :] // 4
    for row, colour in enumerate(marks):
        still[4 + 9 * row : 4 + 9 * row + across, 4 : 4 + across] = colour

    def picture(number):
        image = still.copy()
        below = side // 3
        image[below:] = np.roll(still[below:], (7 * number, 13 * number), (0, 1))
        return image

    write_movie(map(picture, range(40)), tmp_path / "a.gif", size=(side, side), fps=5)
    found = gif_pictures(tmp_path / "a.gif")
    for row, colour in enumerate(marks.astype(int)):
        inside = found[:, 5 + 9 * row : 3 + across + 9 * row, 5 : 3 + across].reshape(-1, 3)
        assert np.abs(np.median(inside, axis=0) - colour).max() <= 24
