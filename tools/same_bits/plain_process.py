"""A process in which NumPy has no vector code, and which grows vessels of its own.

It is started once and told one way after another, a line of JSON each.
"""

from __future__ import annotations

import contextlib
import functools
import json
import select
import subprocess
import sys
from dataclasses import astuple, replace
from pathlib import Path
from types import TracebackType

from ctc.errors import CtcError
from tools.plain_numpy import is_plain, plain_environment
from tools.same_bits.following import AnyCase, Digests, Follower
from tools.same_bits.registry import find_case
from tools.same_bits.ways import Way, way_of

PATIENCE = 1800.0  # [s]
_MOMENT = 5.0  # [s]; for one that has closed its pipe to end
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
            If the process ended, or says nothing for half an hour; the next question starts it
            anew.
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
        with contextlib.suppress(BrokenPipeError):  # it has ended, which no answer tells
            self._process.stdin.write(json.dumps([name, way.text]) + "\n")
            self._process.stdin.flush()
        # One answer a question, so that no part of one lies in a buffer.
        is_there, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        answer = self._process.stdout.readline() if is_there else ""
        if not answer:
            code = self._end()
            what = f"ended with {code}" if is_there else f"said nothing for {PATIENCE:g} s"
            message = f"the process without vector code {what} on {name}, '{way.text}'"
            raise CtcError(message)
        return replace(Digests(*json.loads(answer)), has_own_network=True)

    def _end(self) -> int:
        """Forget the process, which is killed if it goes on."""
        process, self._process = self._process, None
        assert process is not None
        with process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_MOMENT)
            process.kill()
        return process.wait()


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
