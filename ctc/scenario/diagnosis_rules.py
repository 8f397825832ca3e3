"""The parameters of what examinations find: name, dimension, range. Holds no value."""

from __future__ import annotations

from ctc.scenario.rule import Rule

PARAMETERS: dict[str, Rule] = {}
