"""The parameters of what treatments do: name, dimension, range. Holds no value."""

from __future__ import annotations

from ctc.scenario.rule import Rule

PARAMETERS: dict[str, Rule] = {}
