"""What the loss of a Keras model says of its output: whether it is scores of classes, and which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .probe import Vector

_TINY = 1e-30
_CATEGORIES = ("categoricalcrossentropy", "sparsecategoricalcrossentropy")


def are_classes(loss: Any) -> bool:
    """Whether a loss compares scores of classes."""
    name, _ = _loss_of(loss)
    return name in _CATEGORIES or name == "binarycrossentropy"


def _loss_of(loss: Any) -> tuple[str, bool]:
    """The name of a loss in small letters, and whether it takes logits."""
    if isinstance(loss, str):
        return loss.replace("_", "").lower(), False
    if callable(loss) and hasattr(loss, "__name__"):
        return str(loss.__name__).replace("_", "").lower(), False
    settings: Mapping[str, Any] = getattr(loss, "_fn_kwargs", None) or {}
    return type(loss).__name__.lower(), bool(settings.get("from_logits", False))


def scores_of(loss: Any) -> Callable[[Vector], Vector]:
    """Makes scores of classes, ``[sample, class, ...]``, whose softmax is the model's probabilities."""
    name, logits = _loss_of(loss)

    def scores(output: Vector) -> Vector:
        if name == "binarycrossentropy":
            # Of several answers, or a map, each is a question by itself.
            other = np.zeros_like(output) if logits else np.log(np.maximum(1 - output, _TINY))
            return np.stack([other, output if logits else np.log(np.maximum(output, _TINY))], axis=1)
        moved: Vector = np.moveaxis(output, -1, 1)
        return moved if logits else np.log(np.maximum(moved, _TINY))

    return scores
