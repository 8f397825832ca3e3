"""Distributions that patients are drawn from: uniform deviates in, values in SI out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from ctc.backends.host_tables import exponential, logarithm
from ctc.checks import FloatArray
from ctc.cohort.beta import LARGEST_SHAPE, beta_quantile
from ctc.cohort.normal import normal_chance, normal_quantile
from ctc.errors import InputError
from ctc.input_files import shown
from ctc.scenario.sweep_load import amount
from ctc.scenario.sweep_tables import (
    Beta,
    Choice,
    LogNormal,
    LogUniform,
    Normal,
    Uniform,
    Values,
    Vary,
)
from ctc.units import DIMENSIONS

# Less of a distribution than this between its ends is nothing: quantiles there would be rough.
_LEAST_SHARE = 1e-6

Quantile = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Law:
    """A distribution with its numbers in SI.

    Attributes
    ----------
    unit : str
        SI unit of its values, as pint writes it; empty for plain numbers and words.
    quantile : callable
        Deviates in (0, 1) to values; to codes of words where there are ``labels``.
    description : str
        In words, as the file gives it.
    labels : tuple of str
        Words, written as TOML, of codes 0, 1 ..
    """

    unit: str
    quantile: Quantile
    description: str
    labels: tuple[str, ...] = ()


def resolve_law(vary: Vary) -> Law:
    """Return the distribution of a ``[[vary]]`` entry.

    Raises
    ------
    InputError
        If it has no support, or its numbers have different units; its key is that of the entry.
    """
    if isinstance(vary, LogNormal):
        return _lognormal(vary)
    if isinstance(vary, Normal):
        return _normal(vary)
    if isinstance(vary, Uniform | LogUniform):
        return _between(vary)
    if isinstance(vary, Beta):
        return _beta(vary)
    return _listed(vary)


def _lognormal(vary: LogNormal) -> Law:
    (median,), ends, unit = _amounts(vary, "median")
    _require_order(vary, ends)
    if not median > 0.0:
        _refuse("median", "> 0", median, "A logarithm needs that.")
    if not vary.sigma > 0.0:
        _refuse("sigma", "> 0", vary.sigma, "Leave the key out if it does not vary.")
    logs = tuple(None if end is None else _log(max(end, 1e-300)) for end in ends)
    standard = _truncated(_log(median), vary.sigma, ends=logs)

    def quantile(u: FloatArray) -> FloatArray:
        return _held(exponential(standard(u)), ends)

    return Law(unit, quantile, f"lognormal, median {vary.median}, sigma {vary.sigma:g}{_cut(vary)}")


def _normal(vary: Normal) -> Law:
    (mean, spread), ends, unit = _amounts(vary, "mean", "spread")
    _require_order(vary, ends)
    if not spread > 0.0:
        _refuse("spread", "> 0", spread, "Leave the key out if it does not vary.")
    standard = _truncated(mean, spread, ends=ends)

    def quantile(u: FloatArray) -> FloatArray:
        return _held(standard(u), ends)

    return Law(unit, quantile, f"normal, mean {vary.mean}, spread {vary.spread}{_cut(vary)}")


def _require_order(vary: LogNormal | Normal, ends: tuple[float | None, ...]) -> None:
    """Raise InputError unless there is room between the ends, in the words of the file."""
    low, high = ends
    if low is not None and high is not None and not low < high:
        rule = f"> at_least = {shown(vary.at_least)}"
        _refuse("at_most", rule, shown(vary.at_most), "Swap them, or leave one out.")


def _truncated(mean: float, spread: float, *, ends: tuple[float | None, ...]) -> Quantile:
    low, high = (None if end is None else (end - mean) / spread for end in ends)
    # Seen from the side where more of it lies, so that no digits are lost.
    is_turned = low is not None and low > 0.0
    if is_turned:
        low, high = (None if high is None else -high), (None if low is None else -low)
    first = 0.0 if low is None else float(normal_chance(low))
    last = 1.0 if high is None else float(normal_chance(high))
    if last - first < _LEAST_SHARE:
        message = (
            f"distribution must have at least {_LEAST_SHARE:g} of itself between at_least and "
            f"at_most, got {max(last - first, 0.0):.3g}: nothing is left of it. Move them."
        )
        raise InputError(message, key="at_least")

    def quantile(u: FloatArray) -> FloatArray:
        part = 1.0 - u if is_turned else u
        standard = normal_quantile(np.clip(first + part * (last - first), 1e-300, 1.0 - 2.0**-53))
        return mean + spread * (-standard if is_turned else standard)

    return quantile


def _between(vary: Uniform | LogUniform) -> Law:
    (low, high), _, unit = _amounts(vary, "low", "high")
    if not low < high:
        _refuse("high", f"> low = {low:g}", high, "Swap them, or leave the key out.")
    is_log = isinstance(vary, LogUniform)
    if is_log and not low > 0.0:
        _refuse("low", "> 0", low, "A logarithm needs that.")
    start, end = (_log(low), _log(high)) if is_log else (low, high)

    def quantile(u: FloatArray) -> FloatArray:
        found = start + u * (end - start)
        return _held(exponential(found) if is_log else found, (low, high))

    return Law(unit, quantile, f"{vary.distribution}, {vary.low} to {vary.high}")


def _beta(vary: Beta) -> Law:
    (mean, spread), ends, unit = _amounts(vary, "mean", "spread", further=("low", "high"))
    low, high = (0.0 if end is None else end for end in ends)
    if not low < high:
        _refuse("high", f"> low = {low:g}", high, "Swap them.")
    if not low < mean < high:
        _refuse("mean", f"between low = {low:g} and high = {high:g}", mean, "Move it.")
    most = (mean - low) * (high - mean)
    if not 0.0 < spread * spread < most:
        rule = f"> 0 and < {most**0.5:.4g}, the most that such a mean leaves"
        _refuse("spread", rule, spread, "Lessen it.")
    part = (mean - low) / (high - low)
    total = most / (spread * spread) - 1.0
    a, b = part * total, (1.0 - part) * total
    if max(a, b) > LARGEST_SHAPE or min(a, b) < 1.0 / LARGEST_SHAPE:
        rule = f"such that both shapes lie in {1.0 / LARGEST_SHAPE:g} .. {LARGEST_SHAPE:g}"
        _refuse("spread", f"{rule} (here {a:.3g} and {b:.3g})", spread, "Take 'normal'.")

    def quantile(u: FloatArray) -> FloatArray:
        return _held(low + (high - low) * beta_quantile(u, a, b=b), (low, high))

    text = f"beta, mean {vary.mean}, spread {vary.spread}, {vary.low} to {vary.high}"
    return Law(unit, quantile, text)


def _listed(vary: Choice | Values) -> Law:
    values = vary.values
    if len({repr(value) for value in values}) < len(values):
        _refuse("values", "different from one another", list(values), "Drop one.")
    weights = vary.weights if isinstance(vary, Choice) else None
    weights = (1.0,) * len(values) if weights is None else weights
    if len(weights) != len(values):
        _refuse("weights", f"as many as values, {len(values)}", len(weights), "Add some.")
    if not all(weight >= 0.0 for weight in weights) or not 0.0 < sum(weights) < float("inf"):
        _refuse("weights", ">= 0, and not all 0", list(weights), "Correct them.")
    ends = np.array([sum(weights[: i + 1]) for i in range(len(weights))]) / sum(weights)
    last = max(i for i, weight in enumerate(weights) if weight > 0.0)
    text = ", ".join(str(value) for value in values)
    numbers, unit = _numbers(values)

    def code(u: FloatArray) -> FloatArray:
        return np.minimum(np.searchsorted(ends, u, side="right"), last).astype(np.float64)

    if numbers is None:
        labels = tuple(_toml(value) for value in values)
        return Law("", code, f"one of {text}", labels)
    table = np.array(numbers)
    return Law(unit, lambda u: table[code(u).astype(np.int64)], f"one of {text}")


def _numbers(values: tuple[str | float | bool, ...]) -> tuple[list[float] | None, str]:
    """Return values in SI and their unit, or None where they are words."""
    if any(isinstance(value, bool) for value in values):
        return None, ""
    found = []
    for value in values:
        try:
            found.append(amount(value))
        except InputError:
            if any(character.isdigit() for character in str(value)[:1]):
                raise InputError(_plain_message(value), key="values") from None
            return None, ""
    if len({dimension for _, dimension in found}) > 1:
        _refuse("values", "of one dimension", list(values), "Give all the same unit.")
    return [number for number, _ in found], DIMENSIONS[found[0][1]]


def _plain_message(value: object) -> str:
    return f"value must be a number with a known unit, or a word, got {shown(value)}. Correct it."


def _amounts(
    vary: Vary, *names: str, further: tuple[str, str] = ("at_least", "at_most")
) -> tuple[tuple[float, ...], tuple[float | None, ...], str]:
    """Return numbers of an entry in SI, those that may be missing, and the unit of them all."""
    found: dict[str, float | None] = {}
    unit, first = None, ""
    for name in (*names, *further):
        given = getattr(vary, name, None)
        found[name] = None
        if given is None:
            continue
        try:
            found[name], dimension = amount(given)
        except InputError as error:
            raise error.at(key=name) from None
        is_bare_default = name in further and name not in vary.model_fields_set
        if is_bare_default and found[name] == 0.0:
            continue
        if unit is not None and dimension != unit:
            rule = f"a {unit.replace('_', ' ')} as {first} is"
            _refuse(name, rule, repr(given), "Give both the same unit.")
        unit, first = unit or dimension, first or name
    numbers = tuple(found[name] for name in names)
    ends = tuple(found[name] for name in further)
    return numbers, ends, DIMENSIONS[unit or "number"]  # type: ignore[return-value]


def _held(values: FloatArray, ends: tuple[float | None, ...]) -> FloatArray:
    low, high = ends
    values = values if low is None else np.maximum(values, low)
    return values if high is None else np.minimum(values, high)


def _cut(vary: LogNormal | Normal) -> str:
    low = "" if vary.at_least is None else f", at least {vary.at_least}"
    return low + ("" if vary.at_most is None else f", at most {vary.at_most}")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _refuse(name: str, rule: str, got: object, remedy: str) -> NoReturn:
    got = f"{got:g}" if isinstance(got, float) else got
    message = f"{name} must be {rule}, got {got}. {remedy}"
    raise InputError(message, key=name)


def _log(x: float) -> float:
    return float(logarithm(np.array([x]))[0])
