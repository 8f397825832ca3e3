"""What the tests of outputs share: names of every format, and a folder as it stands."""

import pytest

ALL = ["run.gsd", "run.pvd", "run.csv", "run.csv.gz", "run.h5md", "run.vtkhdf"]
every_format = pytest.mark.parametrize("name", ALL)


def tree(folder):
    """Return every file below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
