"""What a sweep may ask for: one class a table of SWEEP.toml. Reads no file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from ctc.errors import InputError
from ctc.input_files import shown
from ctc.scenario.quantities import BlockSize, PatientCount, Seed
from ctc.scenario.table import Table

Design = Literal["cohort", "grid", "latin_hypercube", "sobol"]


def _amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        message = f"value must be a number, or text with a unit, got {shown(value)}. "
        raise InputError(message + "Write it like '5 years' or 0.3.")
    return value


def _value(value: object) -> object:
    return value if isinstance(value, bool) else _amount(value)


_NUMBER_OR_TEXT = {"type": ["string", "number"], "description": "a number, or text with a unit"}

# The unit is that of the key: what it must be is known once the scenario is read.
Amount = Annotated[Any, BeforeValidator(_amount), WithJsonSchema(_NUMBER_OR_TEXT)]
Value = Annotated[
    Any, BeforeValidator(_value), WithJsonSchema({"type": ["string", "number", "boolean"]})
]


def _plain(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"value must be a number without a unit, got {shown(value)}. Write it like 0.3."
        raise InputError(message)
    return float(value)


Plain = Annotated[float, BeforeValidator(_plain)]


class SweepSettings(Table):
    """``[sweep]``: what is swept over which scenario."""

    title: str = Field(min_length=1, description="One line, shown above the results.")
    question: str = Field(default="", description="The question that the sweep answers.")
    scenario: str = Field(
        min_length=1, description="Of every patient: a file, or the name of a shipped scenario."
    )
    design: Design = Field(
        default="cohort",
        description="Patients drawn at random; all combinations of 'values'; or points that fill "
        "the space of what varies, for a survey or for Sobol indices.",
    )
    patients: PatientCount | None = Field(
        default=None,
        description="How many an arm; of a grid, at each point (1 by default); of 'sobol' the "
        "base sample N, a power of two, which makes N (k + 2) patients for k keys that vary.",
    )
    seed: Seed = Field(default=1, description="Of all patients, and of all that befalls them.")
    block: BlockSize = Field(
        default=50, description="Patients that are followed and stored at once; changes no result."
    )
    outcomes: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Columns of the table that Sobol indices are told of.",
    )


class _Vary(Table):
    key: str = Field(min_length=1, description="Any key that --set takes.")
    basis: Literal["measured", "fitted", "derived", "assumed"] | None = Field(
        default=None, description="Of the distribution; a cohort must say it."
    )
    source: str = Field(
        default="", description="Citation, or the reasoning of an assumption; likewise."
    )


class _Truncated(_Vary):
    at_least: Amount | None = Field(default=None, description="No value is below; none by default.")
    at_most: Amount | None = Field(default=None, description="No value is above; none by default.")


class LogNormal(_Truncated):
    """``[[vary]]`` with a normal distribution of the logarithm."""

    distribution: Literal["lognormal"] = Field(description="Its logarithm is normal.")
    median: Amount = Field(description="Half of the patients have more.")
    sigma: Plain = Field(description="Standard deviation of the natural logarithm.")


class Normal(_Truncated):
    """``[[vary]]`` with a normal distribution."""

    distribution: Literal["normal"] = Field(description="Gauss' law.")
    mean: Amount = Field(description="Before it is truncated.")
    spread: Amount = Field(description="Standard deviation, before it is truncated.")


class Uniform(_Vary):
    """``[[vary]]`` with a uniform distribution."""

    distribution: Literal["uniform"] = Field(description="All values are equally likely.")
    low: Amount = Field(description="The smallest.")
    high: Amount = Field(description="The largest.")


class LogUniform(_Vary):
    """``[[vary]]`` with a uniform distribution of the logarithm."""

    distribution: Literal["loguniform"] = Field(description="All ratios are equally likely.")
    low: Amount = Field(description="The smallest, > 0.")
    high: Amount = Field(description="The largest.")


class Beta(_Vary):
    """``[[vary]]`` with a beta distribution between two ends."""

    distribution: Literal["beta"] = Field(description="Between two ends, with a mean and a spread.")
    mean: Amount = Field(description="Between the ends.")
    spread: Amount = Field(description="Standard deviation.")
    low: Amount = Field(default=0.0, description="The smallest.")
    high: Amount = Field(default=1.0, description="The largest.")


class Choice(_Vary):
    """``[[vary]]`` with one of several values."""

    distribution: Literal["choice"] = Field(description="One of several values.")
    values: tuple[Value, ...] = Field(strict=False, min_length=1, description="Which.")
    weights: tuple[Plain, ...] | None = Field(
        default=None, strict=False, description="How likely each is; all the same by default."
    )


class Values(_Vary):
    """``[[vary]]`` of a grid: each of these values with all of the other keys."""

    distribution: Literal["values"] = Field(description="Each of them in turn, for a grid.")
    values: tuple[Value, ...] = Field(strict=False, min_length=1, description="Which.")


Vary = Annotated[
    LogNormal | Normal | Uniform | LogUniform | Beta | Choice | Values,
    Field(discriminator="distribution"),
]


class Correlation(Table):
    """``[[correlation]]``: two keys that go together."""

    between: tuple[str, ...] = Field(
        strict=False, min_length=2, max_length=2, description="Two keys that vary."
    )
    rho: Plain = Field(description="Spearman's rank correlation, between -1 and 1.")


class ArmTable(Table):
    """``[[arm]]``: what is done differently to the same patients."""

    name: str = Field(min_length=1, max_length=60, description="Shown in tables and figures.")
    scenario: str = Field(default="", description="Of this arm, instead of sweep.scenario.")
    set: dict[str, Any] = Field(default={}, description="Keys of the scenario that it changes.")
    remove: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Entries of the scenario that it leaves out, such as 'treatment.1'.",
    )


class SweepFile(BaseModel):
    """A whole SWEEP.toml, checked as far as it can be without its scenario."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, title="ctc sweep"
    )

    sweep: SweepSettings = Field(description="What is swept over which scenario.")
    vary: tuple[Vary, ...] = Field(
        default=(), strict=False, description="In what patients differ, one key each."
    )
    correlation: tuple[Correlation, ...] = Field(
        default=(), strict=False, description="Keys that go together; independent by default."
    )
    arm: tuple[ArmTable, ...] = Field(
        default=(), strict=False, description="The same patients, treated in different ways."
    )
