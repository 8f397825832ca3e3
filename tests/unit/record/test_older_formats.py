"""Files of format 1.0 are read: what came later is empty, zero, or follows from what there is."""

from pathlib import Path
from types import ModuleType

import h5py
import numpy as np

from ctc.record.reader import open_run

LATER_SERIES = (
    *("tumour_cells", "front_radius", "vessels_reached"),
    *("lesions", "lesions_in_balance", "lesions_lost"),
)


def test_format_1_0_is_read(samples: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "old.vtkhdf"
    with samples.create(path) as writer:
        samples.write_epochs(writer, 0, 7)
        writer.close(digest="d" * 64)
    with open_run(path) as run:
        new = run.lesion_history()
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.array([1, 0], dtype=file.attrs["format_version"].dtype)
        counters = file["counters"][:]
        del file["counters"], file["litters"]
        for name in LATER_SERIES:
            del file["organs"][name]
        for group in (file["lesions"], file["lesions/tail"]):
            for name in ("parent", "route", "state"):
                del group[name]
        names = [name for name in counters.dtype.names if "litters" not in name]
        file.create_dataset("counters", data=counters[names], maxshape=(None,), chunks=(1,))
    with open_run(path) as run:
        assert run.n_litters == run.litters().size == 0
        old = run.lesion_history()
        np.testing.assert_array_equal(old["cells"], new["cells"])
        np.testing.assert_array_equal(old["parent"], -1 - new["clone"].astype(np.int64))
        assert not old["state"].any()
        series = run.series()
        for name in LATER_SERIES:
            assert series[name].shape == (7, 3)
            assert not series[name].any()
        assert run.summary()["lesions"]["founded"] == 7
        np.testing.assert_array_equal(
            run.log_column("lesions", "parent", start=2, stop=5), old["parent"][2:5]
        )
