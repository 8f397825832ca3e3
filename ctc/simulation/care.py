"""Care."""

from __future__ import annotations

from typing import Any


class Care:
    def __init__(self, plan: Any, setting: Any) -> None:
        pass
