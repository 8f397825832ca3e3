"""What is written where: nothing before all is checked, nothing half, nothing over another."""

import gc
import re
import sys
import weakref

import pytest

from ctc.cli.export import FORMATS as NAMES
from ctc.cli.main import main
from ctc.errors import InputError
from ctc.export.catalogue import FORMATS, export_run
from ctc.export.selection import Extract, Selection
from ctc.record.reader import Run, open_run
from ctc.states import CellState
from tests.unit.export.outputs import ALL, every_format, tree


@every_format
def test_nothing_is_replaced_without_being_asked(small, tmp_path, name):
    written = export_run(small, tmp_path / name)
    before = tree(tmp_path)
    for each in written:
        with pytest.raises(InputError, match="output must not exist yet"):
            export_run(small, tmp_path / name)
        assert tree(tmp_path) == before
        if each.is_file() and each is not written[-1]:
            del before[each.name]
            each.unlink()
    export_run(small, tmp_path / name, overwrite=True)
    assert sorted(tree(tmp_path)) == sorted(tree(tmp_path) | before)
    assert not [path for path in tree(tmp_path) if ".new" in path]


@every_format
def test_files_can_be_read_by_those_who_may(small, tmp_path, name):
    plain = tmp_path / "plain"
    plain.touch()
    for each in export_run(small, tmp_path / name):
        if each.is_file():
            assert each.stat().st_mode == plain.stat().st_mode


@every_format
def test_a_folder_that_does_not_exist(small, tmp_path, name):
    with pytest.raises(InputError, match="must lie in an existing folder, got"):
        export_run(small, tmp_path / "none" / name)
    assert tree(tmp_path) == {}


@every_format
def test_an_empty_selection_leaves_nothing(small, tmp_path, name):
    for selection, text in (
        (Selection((50, None)), "frames must select at least one of the 12"),
        (Selection(states=(CellState.COLONY,)), "selection must hold at least one cell"),
        (Selection((0, 1), n_cells=5), "selection must hold at least one cell"),
    ):
        with pytest.raises(InputError, match=text):
            export_run(small, tmp_path / name, selection=selection)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("name", ["run", "run.vtp", "run.txt", ".csv", ".csv.gz", "run.gsd.bak"])
def test_an_unknown_suffix(small, tmp_path, name):
    with pytest.raises(InputError, match=r"must end in \.gsd \(gsd\), \.pvd \(vtp\)"):
        export_run(small, tmp_path / name)
    assert tree(tmp_path) == {}


def test_a_format_that_contradicts_the_suffix(small, tmp_path):
    with pytest.raises(InputError, match=r"must end in \.h5md \(h5md\), got 'run.gsd'"):
        export_run(small, tmp_path / "run.gsd", format_name="h5md")
    with pytest.raises(InputError, match="format must be one of gsd, vtp"):
        export_run(small, tmp_path / "run.gsd", format_name="xyz")
    assert export_run(small, tmp_path / "run.h5", format_name="h5md")


def test_the_run_itself_is_never_replaced(small, small_path, tmp_path):
    link = tmp_path / "link.vtkhdf"
    link.symlink_to(small_path)
    before = small_path.read_bytes()
    for target in (small_path, link):
        with pytest.raises(InputError, match="must be another file than the one that is read"):
            export_run(small, target, overwrite=True)
    assert small_path.read_bytes() == before


def test_a_folder_with_other_files_is_not_replaced(small, tmp_path):
    export_run(small, tmp_path / "run.pvd")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=r"must hold what ctc wrote alone, got 'notes.txt'"):
        export_run(small, tmp_path / "run.pvd", overwrite=True)
    assert tree(tmp_path) == before


def test_fewer_frames_leave_no_older_ones(small, tmp_path):
    export_run(small, tmp_path / "run.pvd")
    export_run(small, tmp_path / "run.pvd", selection=Selection(every=5), overwrite=True)
    frames = sorted(each.name for each in (tmp_path / "run").glob("cells_*"))
    assert frames == ["cells_000000.vtp", "cells_000005.vtp", "cells_000010.vtp"]


def test_a_replaced_run_loses_what_belonged_to_it(small, tmp_path):
    export_run(small, tmp_path / "run.vtkhdf")
    (tmp_path / "run.checkpoint.h5").write_text("old")
    with pytest.raises(InputError, match="must not exist yet"):
        export_run(small, tmp_path / "run.vtkhdf")
    export_run(small, tmp_path / "run.vtkhdf", overwrite=True)
    assert sorted(tree(tmp_path)) == ["run.vtkhdf"]


@pytest.mark.parametrize(("name", "package"), [("run.gsd", "gsd"), ("run.pvd", "vtk")])
def test_a_missing_package_is_named(small, tmp_path, name, *, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.hoomd", None)
    text = rf"package '{package}' must be installed .* pip install 'ctc\[formats\]'"
    with pytest.raises(InputError, match=text):
        export_run(small, tmp_path / name)
    assert tree(tmp_path) == {}


def test_a_run_without_frames(samples, tmp_path):
    path = tmp_path / "bare.vtkhdf"
    with samples.create(path, n_tracked=0) as writer:
        writer.append_epoch(samples.series(0), tallies=samples.tallies(0))
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        for name in ("run.gsd", "run.pvd", "run.h5md"):
            with pytest.raises(InputError, match=r"must have frames .* Export it as CSV"):
                export_run(run, tmp_path / name)
        export_run(run, tmp_path / "run.csv")
        export_run(run, tmp_path / "copy.vtkhdf")
    cells = (tmp_path / "run.csv").read_text()
    assert cells == "id,time_s,x_m,y_m,z_m,state,organ,segment,age_s,size_class\n"
    assert (tmp_path / "run.organs.csv").read_text().count("\n") == 4
    with open_run(tmp_path / "copy.vtkhdf") as copy:
        assert (copy.n_frames, copy.n_epochs) == (0, 1)


@pytest.fixture
def few_objects():
    """Take what other tests left out of the search for garbage, which else lasts 100 ms each."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("few_objects")
def test_one_frame_is_held_at_a_time(small, tmp_path, monkeypatch):
    alive, most = [], []
    read = Run.frame

    def counted(self: Run, number: int):
        gc.collect()
        most.append(sum(each() is not None for each in alive))
        frame = read(self, number)
        alive.append(weakref.ref(frame))
        return frame

    monkeypatch.setattr(Run, "frame", counted)
    for name in ALL:
        (tmp_path / f"for {name}").mkdir()
        export_run(small, tmp_path / f"for {name}" / name)
    assert len(alive) == len(ALL) * small.n_frames
    # The one before may still bear a name while the next is read.
    assert max(most) <= 1


def test_the_command(small_path, tmp_path, capsys):
    target = tmp_path / "few.csv"
    options = ["--frames", "-6:", "--every", "2", "--cells", "5", "--states", "arrested, dormant"]
    assert main(["export", str(small_path), "-o", str(target), *options]) == 0
    assert f"Written to {target}, " in capsys.readouterr().out
    with open_run(small_path) as run:
        states = (CellState.ARRESTED, CellState.DORMANT)
        extract = Extract(run, Selection((-6, None), 2, 5, states))
        wanted = [str(each) for _, frame in extract.frames() for each in frame.id.tolist()]
    rows = target.read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == wanted


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--frames", "1-5"], "--frames: frames must be A:B, got '1-5'"),
        (["--frames", "5"], "--frames: frames must be A:B, got '5'"),
        (["--states", "arested"], "--states: states must be names .* Did you mean 'arrested'"),
        (["--states", ""], "--states: states must be names"),
        (["--every", "0"], "'--every': 0 is not in the range"),
        (["--cells", "0"], "'--cells': 0 is not in the range"),
        (["--format", "xyz"], "'xyz' is not one of"),
    ],
)
def test_wrong_options(small_path, tmp_path, capsys, *, options, text):
    command = ["export", str(small_path), "-o", str(tmp_path / "run.csv"), *options]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(text, error), error
    assert tree(tmp_path) == {}


def test_the_command_knows_every_format():
    assert tuple(each.name for each in FORMATS) == NAMES
