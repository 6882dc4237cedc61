"""Batches that probes run a model on: in every framework arrays with the samples first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Batches of the training that are kept, and bytes that each may have; a larger one is cut to its first samples.
KEPT = 4
MOST_BYTES = 8_000_000


class NotABatch(Exception):
    """What a person gave can't be a batch: said in one sentence."""


@dataclass
class Kept:
    """A batch.

    Attributes:
        step: The step it was trained in; 0 where a person gave it.
        inputs: The positional arguments of the model's call.
        samples: How many samples are in it.
        named: Arguments by name.
    """

    step: int
    inputs: tuple[Any, ...]
    samples: int
    named: dict[str, Any] = field(default_factory=dict)


@dataclass
class Plan:
    """What a probe runs.

    Attributes:
        target: The model, or the part of it that is called.
        compared: The batch on which the modes are compared.
        population: Batches of the training, for population statistics.
        classes: Whether the output is scores of classes.
    """

    target: Any
    compared: Kept
    population: list[Kept]
    classes: bool


def fitting(size: int, total: float) -> int:
    """How many of a batch's samples are kept.

    Args:
        size: Its samples.
        total: Its bytes.
    """
    return min(size, size if total <= MOST_BYTES else max(2, int(size * MOST_BYTES / total)))


def halves_of(batch: Kept) -> list[Kept]:
    """Every other sample, and those between them: a batch may be sorted by class. Empty where there are too few."""
    if batch.samples < 4:
        return []

    def taken(value: Any, first: int) -> Any:
        shape = getattr(value, "shape", None)
        if shape is not None:
            return value[first::2] if len(shape) > 0 and shape[0] == batch.samples else value
        if isinstance(value, Mapping):
            return {name: taken(item, first) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(taken(item, first) for item in value)
        return value

    sizes = ((batch.samples + 1) // 2, batch.samples // 2)
    return [Kept(batch.step, taken(batch.inputs, first), sizes[first], taken(batch.named, first)) for first in (0, 1)]
