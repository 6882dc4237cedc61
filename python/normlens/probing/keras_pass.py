"""One forward pass of a Keras model on a kept batch, as a probe needs it: nothing is left behind.

Keras has a scope for this (`keras.StatelessScope`): what a call writes to variables stays in the scope.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np

from ..finding.keras import layers_below
from ..ticking.keras_calls import Calls
from .kept import Kept
from .probe import MOST_VALUES, By, Seen, Vector

#: Of TensorFlow's operations in probes.
_SEED = "NormLens"


class KerasPasses:
    """Passes of a model of which nothing is in training mode but, where that is asked, its BN layers.

    Args:
        target: The model, or the part of it that is called.
        layers: All BN layers of the model by place.
        places: Places of the layers that are compared, by the id of the layer.
        values: Variables, and the values that they have now.
        calls: Hears the calls of BN layers.
        scores: Makes scores of classes out of an output.
    """

    def __init__(
        self,
        target: Any,
        layers: Sequence[Any],
        places: Mapping[int, int],
        values: Sequence[tuple[Any, Any]],
        calls: Calls,
        scores: Any,
    ) -> None:
        self._target, self._layers, self._places = target, layers, places
        self._values, self._calls, self._scores = values, calls, scores

    def run(self, batch: Kept, by: By) -> tuple[Vector | None, Seen]:
        """The output, and what the layers were given."""
        seen = Seen()

        def asked(layer: Any, inputs: Any, training: Any, mask: Any) -> Any:
            """With which `training` a layer is called."""
            place = self._places.get(id(layer))
            if place is None:
                return training
            if place not in seen.inputs:  # Of a layer that is called several times, the first call.
                found = _given(layer, inputs, mask)
                if found is not None:
                    seen.inputs[place], seen.means[place], seen.variances[place] = found
            return by == "batch"

        values = list(self._values)
        if not isinstance(by, str):
            for place, (mean, variance) in by.items():
                values += zip((self._layers[place].moving_mean, self._layers[place].moving_variance), (mean, variance))
        # What is created in the scope is nobody's.
        scope = keras.StatelessScope(values, collect_losses=True, initialize_variables=False)
        with scope, self._calls.asking(asked):
            output = self._target(*batch.inputs, **_evaluating(self._target))
        found = _first_array(output)
        return None if found is None else self._scores(found), seen

    def running(self, place: int) -> tuple[Vector, Vector] | None:
        """The moving statistics of a layer."""
        known = {id(variable): value for variable, value in self._values}
        layer = self._layers[place]
        both = (layer.moving_mean, layer.moving_variance)
        mean, variance = (_numbers(known.get(id(variable), variable)) for variable in both)
        return mean, variance

    def epsilon(self, place: int) -> float:
        """What a layer adds to the variance."""
        return float(self._layers[place].epsilon)


def _evaluating(target: Any) -> dict[str, bool]:
    return {"training": False} if getattr(target, "_call_has_training_arg", True) else {}


def _given(layer: Any, inputs: Any, mask: Any) -> tuple[Vector, Vector, Vector] | None:
    """Some of a layer's inputs, ``[channel, position]``, and mean and variance of all of them."""
    values = np.moveaxis(_numbers(inputs), int(layer.axis), -1)
    rows = values.reshape(-1, values.shape[-1])
    if mask is not None:
        if int(layer.axis) not in (-1, values.ndim - 1):
            return None  # Keras weighs channels there as if they were positions.
        rows = rows[_numbers(mask).astype(bool).reshape(-1)]
    if len(rows) == 0:
        return None
    mean = rows.mean(axis=0, dtype=np.float64)
    # Two passes: E[x²] − E[x]² loses the digits of a variance that is small beside its mean.
    squares = np.square(rows - mean.astype(np.float32), dtype=np.float32)
    both = (np.asarray(mean, np.float32), np.asarray(squares.mean(axis=0, dtype=np.float64), np.float32))
    stride = max(1, rows.size // MOST_VALUES)
    return np.array(rows[::stride].T, order="C"), *both


def _numbers(values: Any) -> Vector:
    """On the host, in float32."""
    result: Vector = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(values, "float32")))
    return result


def _first_array(output: Any) -> Vector | None:
    if isinstance(output, Mapping):
        output = list(output.values())
    if isinstance(output, (list, tuple)):
        found = (_first_array(item) for item in output)
        return next((array for array in found if array is not None), None)
    if not keras.ops.is_tensor(output) or "float" not in str(output.dtype) or len(output.shape) == 0:
        return None
    return _numbers(output)


@contextmanager
def nothing_left_behind(target: Any, backend: str) -> Iterator[None]:
    """Attributes of layers and every random state are as before, and nothing is compiled or differentiated."""
    layers = layers_below(target)
    attributes = [dict(vars(layer)) for layer in layers]
    python, numpy = random.getstate(), np.random.get_state()
    with ExitStack() as stack:
        stack.enter_context({"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[backend](target))
        try:
            yield
        finally:
            for layer, before in zip(layers, attributes):
                now = vars(layer)
                for name in set(now) - set(before):
                    del now[name]
                now.update(before)
            random.setstate(python)
            np.random.set_state(numpy)


@contextmanager
def _tensorflow(target: Any) -> Iterator[None]:
    import tensorflow as tf
    from tensorflow.python.eager import context, record

    # A function that was traced now would keep what a probe asks of layers, for every later call of it.
    eager = tf.config.functions_run_eagerly()
    # Operations that draw numbers get their seeds from here. One that is given a seed again would go on where the
    # first one was, so the seeds of a probe are its own.
    here: Any = context.context()
    seeds = getattr(here, "_rng", None)
    try:
        if seeds is not None:
            here._rng = random.Random(_SEED)
        tf.config.run_functions_eagerly(True)
        with record.stop_recording():
            yield
    finally:
        tf.config.run_functions_eagerly(eager)
        if seeds is not None:
            here._rng = seeds


@contextmanager
def _jax(target: Any) -> Iterator[None]:
    import jax

    with jax.disable_jit():
        yield


@contextmanager
def _torch(target: Any) -> Iterator[None]:
    import torch

    from .pytorch_pass import eager
    from .pytorch_pass import nothing_left_behind as torch_left_as_it_was

    with torch_left_as_it_was(target), torch.no_grad(), eager():
        yield


def is_distributed(model: Any) -> bool:
    """Whether other processes or devices have a part in each pass."""
    strategy = getattr(model, "distribute_strategy", None) if "tensorflow" in sys.modules else None
    replicas = getattr(strategy, "num_replicas_in_sync", 1)
    return replicas > 1 or keras.distribution.distribution() is not None
