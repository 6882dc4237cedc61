"""How far the output of a model is apart in its two modes."""

from __future__ import annotations

from typing import Any

import numpy as np

Vector = np.ndarray[Any, Any]


def output_difference(batch: Vector, running: Vector, classes: bool) -> dict[str, Any]:
    """As the ``output`` of a gap record.

    Args:
        batch: Output with batch statistics, ``[sample, ...]``.
        running: Output with running statistics, of the same shape.
        classes: Whether the second axis is scores of classes: only then predictions are compared.
    """
    with np.errstate(all="ignore"):
        spread = np.sqrt(np.mean((running - running.mean(axis=0, keepdims=True)) ** 2))
        distance = np.sqrt(np.mean((batch - running) ** 2)) / spread
    found: dict[str, Any] = {"distance": float(distance)}
    if classes and batch.ndim >= 2 and batch.shape[1] >= 2:
        found["flips"] = int((batch.argmax(axis=1) != running.argmax(axis=1)).sum())
        found["probabilityShift"] = float(np.abs(softmax(batch) - softmax(running)).sum(axis=1).mean() / 2)
    return found


def predictions(output: Vector, classes: bool) -> int:
    """How many predictions an output contains: one a sample, or one a position of a map."""
    return int(output.size / output.shape[1]) if classes and output.ndim >= 2 else len(output)


def softmax(scores: Vector) -> Vector:
    """Probabilities over the second axis."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Vector = shifted / shifted.sum(axis=1, keepdims=True)
    return result
