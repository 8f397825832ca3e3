"""A view comes back from its file as it was; what is wrong is refused by its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctc.errors import InputError, OutputError
from ctc.states import CellState
from ctc.viewer.cell_filter import CellFilter, CellRoute
from ctc.viewer.colouring import Colouring
from ctc.viewer.drawables import ClipPlane, Look
from ctc.viewer.vessel_colouring import VesselColouring
from ctc.viewer.view_file import read_view, view_file, write_view
from ctc.viewer.view_state import PlotChoice, Shown, ViewState
from ctc.viewer.view_toml import from_toml, to_toml

NUMBERS = st.floats(min_value=-1e9, max_value=1e9)
VECTORS = st.tuples(NUMBERS, NUMBERS, NUMBERS)
CLIPS = st.builds(ClipPlane, VECTORS, VECTORS.filter(any))
LOOKS = st.builds(
    Look,
    centre=VECTORS,
    azimuth=NUMBERS,
    elevation=NUMBERS,
    height=st.floats(min_value=1e-6, max_value=1e3),
)
FILTERS = st.builds(
    CellFilter,
    states=st.frozensets(st.sampled_from(CellState)),
    organs=st.none() | st.frozensets(st.text(st.characters(codec="utf-8"))),
    routes=st.none() | st.frozensets(st.sampled_from(CellRoute)),
    clones=st.none() | st.frozensets(st.integers(0, 2**16 - 1)),
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1)
VIEWS = st.builds(
    ViewState,
    look=st.none() | LOOKS,
    colouring=st.sampled_from(Colouring),
    vessel_colouring=st.sampled_from(VesselColouring),
    filter=FILTERS,
    clip=st.none() | CLIPS,
    time=st.none() | st.integers(0, 2**63 - 1),
    shown=st.builds(Shown, *[st.booleans()] * 5),
    plots=st.builds(PlotChoice, st.none() | NAMES, st.none() | NAMES),
)


@given(view=VIEWS)
def test_a_view_comes_back_as_it_was(view):
    assert from_toml(to_toml(view)) == view


def test_a_view_is_kept_beside_its_run(tmp_path):
    view = ViewState(look=Look((0.1, 0.2, 1.0), azimuth=30.0), time=7)
    target = view_file(tmp_path / "a.vtkhdf")
    assert target == tmp_path / "a.view.toml"
    write_view(ViewState(), target)
    write_view(view, target)
    assert read_view(target) == view
    assert [path.name for path in tmp_path.iterdir()] == ["a.view.toml"]
    with pytest.raises(OutputError, match="view could not be written"):
        write_view(view, tmp_path / "none" / "a.view.toml")


def test_an_empty_file_is_the_view_of_the_whole():
    assert from_toml("") == ViewState()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "view must be valid TOML"),
        ("format = 2", "format: format must be 1, got 2. Use a newer ctc"),
        ("format = true", "format must be 1, got True"),
        ("colour = 'state'", "colour: key must be a known one, got 'colour'. Known"),
        ("time_ns = -1", "time_ns must be a whole number of 0 .. 2^63-1 ns, got -1"),
        ("time_ns = 1.5", "time_ns must be a whole number"),
        ("cells = 3", "cells: cells must be a table, got 3"),
        ("[cells]\ncolours = 'state'", "cells.colours: key must be a known one, got 'colours'"),
        ("[cells]\ncolour = 'stat'", "cells.colour: colour must be a known one, got 'stat'. Did"),
        ("[cells]\ncolour = [1]", "cells.colour: colour must be a known one, got [1]"),
        ("[cells]\nstates = ['died', 'lost']", "cells.states: states must be known ones"),
        ("[cells]\nstates = 'died'", "cells.states: states must be a list of names"),
        ("[cells]\norgans = [1]", "cells.organs: organs must be a list of names, got [1]"),
        ("[cells]\nroutes = ['portl']", "got 'portl'. Did you mean 'portal'"),
        ("[cells]\nclones = [true]", "clones must be a list of whole numbers of 0 .. 65535"),
        ("[vessels]\ncolour = 'flo'", "vessels.colour: colour must be a known one, got 'flo'"),
        ("[shown]\ncells = 1", "shown.cells: cells must be true or false, got 1"),
        ("[plots]\nfirst = 3", "plots.first: first must be a name in quotes, got 3"),
        ("[plots]\nblood_from = ''", "plots.blood_from: blood_from must be a name in quotes"),
        ("[plots]\nlast = 'x'", "plots.last: key must be a known one, got 'last'"),
        ("[look]", "look.centre_m: centre_m must be three finite numbers, got None"),
        ("[look]\ncentre_m = [0, 0, inf]", "centre_m must be three finite numbers"),
        (
            "[look]\ncentre_m = [0, 0, 1]\nheight_m = 0",
            "look.height_m: height_m must be 1e-6 to 1e3 m",
        ),
        (f"[look]\ncentre_m = [0, 0, {10**400}]", "got a number of 401 digits"),
        ("[look]\ncentre_m = [0, 0, 1]\nazimuth_degrees = nan", "azimuth_degrees must be a finite"),
        ("[clip]\npoint_m = [0, 0, 0]\nnormal = [0, 0, 0]", "clip.normal: normal must be not zero"),
    ],
)
def test_what_is_wrong_is_refused_by_its_key(text, message, tmp_path):
    with pytest.raises(InputError) as caught:
        from_toml(text)
    assert message in str(caught.value)
    file = tmp_path / "a.view.toml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_view(file)
    assert str(caught.value).startswith(f"{file}: ")


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="view must be a readable file"):
        read_view(tmp_path / "none.view.toml")
    (tmp_path / "a.view.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="view must be UTF-8 text"):
        read_view(tmp_path / "a.view.toml")
