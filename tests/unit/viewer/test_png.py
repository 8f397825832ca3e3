"""Picture files: where they may go, and what is in them."""

import numpy as np
import pytest
from PIL import Image

from ctc.errors import InputError, OutputError
from ctc.viewer.png import check_target, write_png


def pixels():
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    picture = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, :], ramp[::-1, None]), -1)
    picture = np.ascontiguousarray(picture)
    picture[5, 5] = (255, 0, 255)
    return picture


def test_the_same_picture_gives_the_same_bytes_with_its_notes(tmp_path):
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    for target in (one, other):
        write_png(pixels(), target, notes={"Title": "naïve"})
    assert one.read_bytes() == other.read_bytes()
    with Image.open(one) as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels())
        assert image.text["Title"] == "naïve"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "other.png"]


def test_few_colours_keep_a_rare_one(tmp_path):
    target = tmp_path / "small.png"
    write_png(pixels(), target, notes={}, kept_colours=["#ff00ff"])
    with Image.open(target) as image:
        assert image.mode == "P"
        assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 255)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("movie.mp4", r"must be a \.png file"),
        ("picture", r"must be a \.png file"),
        ("missing/picture.png", "must lie in an existing folder"),
        ("there.png", "must not exist yet"),
        ("folder.png", "must be a file that you may write"),
    ],
)
def test_a_wrong_target_is_named_with_its_rule(tmp_path, name, rule):
    (tmp_path / "there.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=rule):
        check_target(tmp_path / name, overwrite=False)
    check_target(tmp_path / "there.png", overwrite=True)
    check_target(tmp_path / "new.PNG", overwrite=False)


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    target = tmp_path / "there.png"
    target.mkdir()
    with pytest.raises(OutputError, match="could not be written"):
        write_png(pixels(), target, notes={})
    assert [path.name for path in tmp_path.iterdir()] == ["there.png"]
