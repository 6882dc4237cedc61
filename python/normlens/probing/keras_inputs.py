"""Batches of a Keras model, kept for probes: out of the arrays of `fit`, as a step saw them, or given by a person."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ..ticking.keras import Fit
from .kept import KEPT, MOST_BYTES, Kept, NotABatch, Plan, fitting
from .keras_losses import are_classes

#: Kinds of numbers that layers take. Text and objects are not kept.
_NUMBERS = "biuf"


class KerasInputs:
    """The batches of one model, as numpy arrays."""

    def __init__(self) -> None:
        self._called: weakref.ref[Any] | None = None
        self._kept: deque[Kept] = deque(maxlen=KEPT)
        self._has_arrays = False
        self._given: tuple[weakref.ref[Any], Kept] | None = None

    @property
    def is_given(self) -> bool:
        """Whether a person gave the batch for probes."""
        return self._given is not None

    def take_from(self, model: Any, fit: Fit, step: int) -> None:
        """Samples out of what `fit` was given; nothing where that is no arrays.

        They are drawn by a generator of our own: at random where `fit` shuffles, else batches as they stand.

        Args:
            model: Whose `fit` was called.
            fit: What it was given.
            step: The step before.
        """
        self._called = weakref.ref(model)
        self._kept.clear()
        whole, size, arrays = _samples_of(fit.x), fit.batch, fit.x
        self._has_arrays = whole is not None
        total = 0 if whole is None else int(whole * (1 - fit.validation_split))
        if whole is None or size is None or min(total, size) < 2:
            return
        random = np.random.default_rng(step)
        count = min(total, fitting(size, size / whole * _bytes_of(arrays)))
        for _ in range(KEPT if total >= 2 * count else 1):
            if fit.shuffles:
                places = np.sort(random.choice(total, count, replace=False))
            else:
                places = np.arange(count) + size * int(random.integers(max(1, total // size)))
                places = places[places < total]
            self._kept.append(Kept(step, (_picked(arrays, places),), len(places)))

    def keep(self, model: Any, batch: Any, step: int) -> None:
        """A batch that a model's step was given: ``(x, y, ...)``. Not needed where there are arrays it came from."""
        if self._called is None or self._called() is not model:
            self._called, self._has_arrays = weakref.ref(model), False
            self._kept.clear()
        inputs = batch[0] if isinstance(batch, (list, tuple)) and len(batch) > 0 else batch
        size = _samples_of(inputs)
        if size is not None and size >= 2 and not self._has_arrays:
            count = fitting(size, _bytes_of(inputs))
            self._kept.append(Kept(step, (_picked(inputs, slice(count)),), count))

    def give(self, target: Any, batch: Kept) -> None:
        """A person's own batch: the modes of the model, or of a part of it, are compared on it from now on."""
        self._given = (weakref.ref(target), batch)

    def plan(self) -> Plan | None:
        """What a probe would run now; None without a batch."""
        called = self._called() if self._called is not None else None
        seen = list(self._kept) if called is not None else []
        if self._given is None:
            return Plan(called, seen[0], seen, _answers_classes(called)) if seen else None
        target, batch = self._given[0](), self._given[1]
        if target is None:
            return None
        # What was seen may be arguments of something else.
        return Plan(target, batch, seen if target is called else [], _answers_classes(target))


def given_batch(model: Any, batch: Any) -> Kept:
    """A copy of a batch that a person gave.

    Args:
        model: What is run on it.
        batch: As `fit` takes it: ``x``, or a tuple ``(x, y)``, of which the labels are left out.

    Raises:
        NotABatch: It contains no array, something else than arrays of numbers, or less than two samples.
    """
    inputs = batch[0] if isinstance(batch, tuple) and len(batch) > 0 else batch
    names = {str(tensor.name) for tensor in getattr(model, "inputs", None) or ()}
    if isinstance(inputs, Mapping) and names & set(inputs):
        inputs = {name: value for name, value in inputs.items() if name in names}
    size = _samples_of(inputs)
    if size is None or size < 2:
        raise NotABatch("probe= takes what fit takes: an array with two samples or more, or a tuple (x, y)")
    return Kept(0, (_picked(inputs, slice(size)),), size)


def _answers_classes(model: Any) -> bool:
    return are_classes(getattr(model, "loss", None))


def _arrays_in(value: Any) -> list[Any] | None:
    """The arrays of an input; None where it contains anything else."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return [value] if _is_array(value) else None
    found = []
    for item in value:
        below = _arrays_in(item)
        if below is None:
            return None
        found.extend(below)
    return found


def _is_array(value: Any) -> bool:
    """A numpy array, or a tensor of the backend, that can be cut into samples."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and value.dtype.kind in _NUMBERS
    if not keras.ops.is_tensor(value) or not hasattr(value, "__getitem__"):
        return False  # Sparse and ragged ones are neither.
    shape = getattr(value, "shape", None)
    return shape is not None and len(shape) > 0 and all(isinstance(size, int) for size in shape)


def _samples_of(value: Any) -> int | None:
    """Samples of an input; None where it is no arrays of as many samples each."""
    arrays = _arrays_in(value)
    sizes = {int(array.shape[0]) for array in arrays or ()}
    return sizes.pop() if len(sizes) == 1 else None


def _bytes_of(value: Any) -> float:
    """Bytes of an input; more than are kept where an array does not say."""
    total = 0.0
    for array in _arrays_in(value) or ():
        size = getattr(array, "nbytes", None)
        total += float(size) if isinstance(size, int) else 4.0 * float(np.prod(array.shape))
    return min(total, MOST_BYTES * 1e6)


def _picked(value: Any, places: Any) -> Any:
    """A copy of some samples, in the structure of the input."""
    if isinstance(value, Mapping):
        return {name: _picked(item, places) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_picked(item, places) for item in value]
    if isinstance(value, np.ndarray):
        return np.array(value[places])
    if isinstance(places, np.ndarray):
        return np.array(keras.ops.convert_to_numpy(keras.ops.take(value, places, axis=0)))
    return np.array(keras.ops.convert_to_numpy(value[places]))
