"""Scenario: a checked scenario file with the parameters that it resolves to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ctc.errors import InputError
from ctc.scenario.parameters import Parameter, ParameterSet
from ctc.scenario.problems import explain
from ctc.scenario.schema import Settings

RESOLVED_FORMAT = 1


@dataclass(frozen=True)
class Scenario:
    """What a run has been asked for, complete: nothing else is read once it exists.

    Attributes
    ----------
    settings : Settings
        The tables of the file (``settings.run.duration``), in SI.
    parameters : ParameterSet
        Every biological parameter by full dotted name, in SI, overrides applied.
    text : str
        The file, byte for byte.
    path : Path
        The file.
    base_text : str
        The file that it extends, or empty.
    overrides : tuple of str
        The ``--set`` texts, in order.
    """

    settings: Settings
    parameters: ParameterSet
    text: str
    path: Path
    base_text: str = ""
    overrides: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The title of the run."""
        return self.settings.scenario.title

    def resolved(self) -> str:
        """Return everything that the run depends on as JSON, in SI, for the run file.

        The tables of the file stand at the top (``["run"]["duration"]``), beside ``format``,
        ``path``, ``overrides``, ``base_text`` and ``parameters``.
        """
        content = {
            "format": RESOLVED_FORMAT,
            "path": str(self.path),
            "overrides": list(self.overrides),
            "base_text": self.base_text,
            **self.settings.model_dump(mode="json"),
            "parameters": {
                name: {key: value for key, value in asdict(p).items() if key != "name"}
                for name, p in self.parameters.items()
            },
        }
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def restore_scenario(resolved: str, text: str) -> Scenario:
    """Make the same scenario again from what a run file holds.

    Parameters
    ----------
    resolved : str
        What `Scenario.resolved` gave.
    text : str
        The text of the scenario file.

    Returns
    -------
    Scenario
        Equal in every number; parameter sets are not read again.

    Raises
    ------
    InputError
        If the text was written by another version or is damaged.
    """
    try:
        content: dict[str, Any] = json.loads(resolved)
        if content["format"] != RESOLVED_FORMAT:
            message = (
                f"format of the stored scenario must be {RESOLVED_FORMAT}, got "
                f"{content['format']}. Use the version of ctc that wrote the run."
            )
            raise InputError(message)
        tables = {name: content[name] for name in Settings.model_fields if name in content}
        settings = Settings.model_validate(tables, context={"si": True})
        parameters = {
            name: Parameter(name=name, **fields) for name, fields in content["parameters"].items()
        }
        return Scenario(
            settings,
            ParameterSet("scenario", parameters),
            text=text,
            path=Path(content["path"]),
            base_text=content["base_text"],
            overrides=tuple(content["overrides"]),
        )
    except ValidationError as error:
        raise explain(error) from None
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        message = f"stored scenario must be what ctc wrote, got a damaged one ({error})."
        raise InputError(message) from None
