"""Exit codes, the place in a message, and near names."""

import pickle

import pytest

from ctc.errors import (
    CtcError,
    DeviceFaultError,
    InputError,
    MissingDeviceError,
    OutputError,
    StoppedEarly,
    WorkerLostError,
    near_name,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CtcError, 1),
        (InputError, 2),
        (MissingDeviceError, 2),
        (StoppedEarly, 3),
        (OutputError, 5),
    ],
)
def test_each_class_has_its_exit_code(kind, code):
    assert kind("text").exit_code == code
    assert str(kind("text")) == "text"


def test_a_device_fault_names_kernel_cell_and_place():
    error = DeviceFaultError("ctc_advance", "a cell is lost", cell=12).at("record 3 at 5 ns")
    assert error.exit_code == 4
    text = "ctc_advance stopped: a cell is lost (cell 12, record 3 at 5 ns)."
    assert str(error).startswith(text)


def test_a_lost_worker_is_named_with_what_to_do():
    error = WorkerLostError("tcp://host:1", "its process ended").with_remedy("Go on with: x")
    assert error.exit_code == 4
    assert str(error) == "worker tcp://host:1 was lost (its process ended). Go on with: x"


@pytest.mark.parametrize(
    "error",
    [
        DeviceFaultError("ctc_advance", "a cell is lost", cell=12).at("record 3 at 5 ns"),
        DeviceFaultError("ctc_emit", "a cell is lost", cell=12),
        InputError("wrong.", file="a.toml", key="run.seed"),
        MissingDeviceError("none"),
        OutputError("full"),
        WorkerLostError("tcp://host:1", "gone", remedy="Go on."),
    ],
)
def test_errors_of_other_processes_arrive_whole(error):
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert str(found) == str(error)


def test_message_names_file_and_key():
    error = InputError("value must be > 0, got -1.", file="a.toml", key="run.seed")
    assert str(error) == "a.toml: run.seed: value must be > 0, got -1."


def test_at_fills_in_only_what_is_missing():
    error = InputError("wrong.", key="inner").at(file="a.toml", key="outer")
    assert str(error) == "a.toml: inner: wrong."


def test_near_name_suggests_or_lists():
    assert near_name("lungs", ["lung", "liver"]) == "Did you mean 'lung'?"
    assert near_name("xyz", ["lung", "liver"]) == "Known: lung, liver."
    assert near_name("xyz", [f"n{i:02}" for i in range(50)]).endswith("and 10 more.")
