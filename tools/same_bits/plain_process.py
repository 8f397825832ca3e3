"""A process in which NumPy has no vector code, and which grows vessels of its own.

It is started once and told one way after another, a line of JSON each.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path
from types import TracebackType

from ctc.errors import CtcError
from tools.plain_numpy import is_plain, plain_environment
from tools.same_bits.following import AnyCase, Digests, Follower
from tools.same_bits.registry import find_case
from tools.same_bits.ways import Way, way_of

_ROOT = Path(__file__).resolve().parents[2]


class PlainProcess:
    """Follows cases by name in that process; use it in a ``with`` block.

    Parameters
    ----------
    cache : Path
        Folder for its vessels.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> PlainProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            if error is not None:
                self._process.terminate()
            # Closes its pipes, which ends it, and waits.
            self._process.__exit__(kind, error, trace)

    def __call__(self, name: str, way: Way) -> Digests:
        """Return what a case comes to there.

        Raises
        ------
        CtcError
            If the process ended.
        """
        if self._process is None:
            environment = plain_environment() | {
                "PYTHONPATH": str(_ROOT),
                "CTC_VESSEL_CACHE": "on",
                "CTC_CACHE": str(self._cache),
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, way.text]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            code = self._process.wait()
            message = f"the process without vector code ended with {code} on {name}, '{way.text}'"
            raise CtcError(message)
        return Digests(*json.loads(answer))


def main() -> None:
    """Answer until there is no more question."""
    assert is_plain(), "NumPy has vector code in this process"
    known = functools.cache(find_case)
    with Follower() as follow:
        for line in sys.stdin:
            name, text = json.loads(line)
            case: AnyCase = known(name)
            found = follow(case, way_of(text))
            print(json.dumps(astuple(found)), flush=True)


if __name__ == "__main__":
    main()
