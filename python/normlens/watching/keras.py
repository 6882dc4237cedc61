"""Calls that come a few times an epoch and say what steps do not: evaluation, loading, saving.

Each is wrapped on its class, so nothing is added to a person's objects.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Protocol

import keras
import numpy as np

from ..finding.keras import BatchNormalization, has_statistics, layers_below


class Listener(Protocol):
    """Hears what happens to models. None of it raises."""

    def evaluated(self, model: Any) -> None:
        """A model is about to be evaluated, or to predict."""

    def loaded(self, layers: dict[int, tuple[Any, bool, bool]], detail: str) -> None:
        """Values were set. By the layer's id: the layer, whether its weights, its statistics were among them."""

    def saved(self, model: Any, path: str | None) -> None:
        """A model was written."""

    def failed_inside(self, error: Exception) -> None:
        """Something of ours failed."""


def listen(listener: Listener) -> None:
    """Wraps the calls."""
    for name in ("evaluate", "predict", "test_on_batch", "predict_on_batch"):
        _listen_to_evaluation(listener, name)
    for name in ("save", "save_weights"):
        _listen_to_saving(listener, name)
    _listen_to_set_weights(listener)
    _listen_to_load_weights(listener)
    _listen_to_stores(listener)


def _listen_to_evaluation(listener: Listener, name: str) -> None:
    original = getattr(keras.Model, name)

    @functools.wraps(original)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        listener.evaluated(self)
        return original(self, *args, **kwargs)

    setattr(keras.Model, name, called)


def _listen_to_saving(listener: Listener, name: str) -> None:
    original = getattr(keras.Model, name)

    @functools.wraps(original)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        path = args[0] if args else kwargs.get("filepath")
        # `BackupAndRestore` and others give what is no path.
        listener.saved(self, os.path.basename(os.fspath(path)) if isinstance(path, (str, os.PathLike)) else None)
        return result

    setattr(keras.Model, name, called)


def _listen_to_set_weights(listener: Listener) -> None:
    original = keras.layers.Layer.set_weights

    @functools.wraps(original)
    def set_weights(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        try:
            # Keras takes all values of a layer or none.
            found = {id(layer): (layer, True, True) for layer in _norms(self)}
        except Exception as error:
            listener.failed_inside(error)
            return result
        if found:
            listener.loaded(found, "set_weights")
        return result

    keras.layers.Layer.set_weights = set_weights


def _listen_to_load_weights(listener: Listener) -> None:
    """What a file contains depends on its format, so values before and after are compared: it is a rare call."""
    original = keras.Model.load_weights

    @functools.wraps(original)
    def load_weights(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = _guarded_values(listener, self)
        result = original(self, *args, **kwargs)
        after = _guarded_values(listener, self)
        found = {}
        for key, (layer, affine, statistics) in after.items():
            _, old_affine, old_statistics = before.get(key, (layer, None, None))
            changed = (not _same(affine, old_affine), not _same(statistics, old_statistics))
            if any(changed):
                found[key] = (layer, *changed)
        if found:
            listener.loaded(found, "load_weights")
        return result

    keras.Model.load_weights = load_weights


def _listen_to_stores(listener: Listener) -> None:
    """`load_model` and `load_weights` end here, one layer at a time, without saying of which model."""
    original = BatchNormalization.load_own_variables

    @functools.wraps(original)
    def load_own_variables(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        listener.loaded({id(self): (self, True, True)}, "")
        return result

    BatchNormalization.load_own_variables = load_own_variables


def _norms(root: Any) -> list[Any]:
    return [layer for layer in layers_below(root) if isinstance(layer, BatchNormalization)]


def _guarded_values(listener: Listener, model: Any) -> dict[int, tuple[Any, Any, Any]]:
    try:
        return {id(layer): _values(layer) for layer in _norms(model) if has_statistics(layer)}
    except Exception as error:
        listener.failed_inside(error)
        return {}


def _values(layer: Any) -> tuple[Any, Any, Any]:
    """A layer, its γ and β, its moving statistics."""

    def numbers(*names: str) -> list[Any]:
        variables = [getattr(layer, name) for name in names]
        return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables if variable is not None]

    return layer, numbers("gamma", "beta"), numbers("moving_mean", "moving_variance")


def _same(one: Any, other: Any) -> bool:
    if other is None or len(one) != len(other):
        return False
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one, other))
