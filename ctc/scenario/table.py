"""What all tables of a scenario file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table: closed, frozen, of strict types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)
