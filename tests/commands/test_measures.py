"""``ctc vessels info`` with its options: one organ, other orders, charts, a surface."""

import json
from pathlib import Path

from PIL import Image

from ctc.body.surface import check_surface
from ctc.body.surface_files import write_stl
from tests.commands.conftest import Ask
from tests.unit.body.surfaces import ball


def test_one_organ_by_diameter_with_charts(ask: Ask, body_file: Path, in_folder: Path) -> None:
    line = ("vessels", "info", body_file.name, "--organ", "lung", "--orders", "diameter")
    answer = ask(*line, "--plot", "lung.png")
    assert answer.code == 0, answer.err
    for text in (
        "orders defined by diameter",
        "3.35 [1]",
        "Huang 1996",
        "farthest place",
        "lung.png",
    ):
        assert text in answer.out
    with Image.open(in_folder / "lung.png") as image:
        assert image.text["Title"] == "lung"  # type: ignore[attr-defined]
    again = ask(*line, "--plot", "lung.png")
    assert again.code == 2
    assert "picture must not exist yet" in again.err
    assert ask(*line, "--plot", "lung.pdf").code == 2


def test_a_part_has_only_its_own_regions(ask: Ask, body_file: Path) -> None:
    def found(organ: str) -> dict[str, float]:
        answer = ask("vessels", "info", body_file.name, "--organ", organ, "--json")
        assert answer.code == 0, answer.err
        figures: dict[str, float] = json.loads(answer.out)
        return figures

    both, left = found("kidney"), found("left kidney")
    right = found("right kidney")
    assert both["n_terminals"] == left["n_terminals"] + right["n_terminals"]
    assert left["coverage"].keys() == {"left kidney"}  # type: ignore[attr-defined]
    assert 0.5 < left["coverage_max"] < 3.0


def test_unknown_organ(ask: Ask, body_file: Path) -> None:
    answer = ask("vessels", "info", body_file.name, "--organ", "lungs")
    assert answer.code == 2
    assert "--organ: organ must be one of this network's, got 'lungs'. Did you mean" in answer.err


def test_filling_of_a_surface(ask: Ask, in_folder: Path) -> None:
    write_stl(in_folder / "a.stl", ball(70.0, centre=(0.0, 500.0, 0.0)))
    grow = ("vessels", "grow", "--organ", "spleen", "--terminals", "200", "-o", "a.h5")
    mesh = ("--mesh", "a.stl")
    assert ask(*grow, *mesh, "--hilum", "0,430,0").code == 0
    plain = json.loads(ask("vessels", "info", "a.h5", "--json").out)
    assert plain["coverage_max"] is None
    filled = json.loads(ask("vessels", "info", "a.h5", *mesh, "--json").out)
    (region,) = filled["coverage"].values()
    # Counted with 200,000 points: a share of 1 / sqrt of that, three times over.
    assert abs(region["volume"] / check_surface(ball(0.07)).volume - 1.0) < 6.7e-3
    assert region["n_terminals"] == 200
    assert 0.5 < filled["coverage_max"] < 2.0
