"""Packs the layers of a Keras model: one transfer a snapshot, by the way that is cheapest in each backend."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Callable

import numpy as np

from .layout import Layout
from .snapshot import NONE, Snapshot

_NAMES = ("moving_mean", "moving_variance", "gamma", "beta")

#: So many snapshots of JAX are waited for, to know how long they take.
_TIMED = 4

#: Gives the present value of a variable; None where it is not to be had now.
ValueOf = Callable[[Any], Any]


class ArrivingSnapshot(Snapshot):
    """A snapshot whose numbers are on their way from a device."""

    def __init__(self, snapshot: Snapshot, flat: Any, fill: Callable[[Any], None]) -> None:
        super().__init__(**vars(snapshot))
        self._flat, self._fill = flat, fill

    def ready(self) -> bool:
        """Whether they have arrived; asks the device without waiting for it."""
        if self._flat is not None and self._flat.is_ready():
            self._fill(np.asarray(self._flat))
            self._flat = None
        return self._flat is None


class KerasPacker:
    """Takes snapshots of a fixed list of layers. What a backend has to do is in `flat`."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        #: Seconds that a snapshot takes after `snapshot` has returned.
        self.behind = 0.0

    def snapshot(
        self, layers: Sequence[Any], updates: Sequence[int], waits: bool, affine: bool = True
    ) -> Snapshot | None:
        """All layers now; None where their values are not to be had.

        Args:
            layers: In the order of their places in the layout.
            updates: Of each layer, -1 where unknown.
            waits: Whether the numbers have to be here when this returns.
            affine: Whether γ and β are wanted.
        """
        ordered = [layers[place] for place in self._layout.order]
        names = _NAMES if affine else _NAMES[:2]
        variables = [getattr(layer, name) for name in names for layer in ordered]
        present = [variable for variable in variables if variable is not None]
        flat = self.flat(present)
        if flat is None:
            return None
        vectors: np.ndarray[Any, Any] = np.full((len(names), self._layout.channels), np.nan, flat.dtype)
        identity = tuple(id(layer.moving_mean) for layer in layers)
        counts = np.array(updates, np.int64)
        # A layer of Keras has no mode: whether it is called in training mode is what `updates` counts.
        mean, variance, gamma, beta = vectors if affine else (*vectors, NONE, NONE)
        snapshot = Snapshot(mean, variance, gamma, beta, counts, tuple(updates), identity, (True,) * len(layers))
        if not waits and not isinstance(flat, np.ndarray):
            return ArrivingSnapshot(snapshot, flat, lambda numbers: self._fill(vectors, numbers, variables))
        self._fill(vectors, np.asarray(flat), variables)
        return snapshot

    def flat(self, variables: Sequence[Any]) -> Any:
        """The values of variables, one after another, as float32 or float64: an array here or on a device."""
        raise NotImplementedError

    def _fill(self, vectors: np.ndarray[Any, Any], flat: np.ndarray[Any, Any], variables: Sequence[Any]) -> None:
        """Leaves room where a layer has no γ or β."""
        whole = vectors.reshape(-1)
        if flat.size == whole.size:
            whole[:] = flat
            return
        widths = [self._layout.widths[place] for place in self._layout.order] * len(vectors)
        at = taken = 0
        for variable, width in zip(variables, widths):
            if variable is not None:
                whole[at : at + width] = flat[taken : taken + width]
                taken += width
            at += width


class TensorFlowPacker(KerasPacker):
    """Concatenates in a traced function: six times faster than one variable at a time.

    It is called as it was traced: to look for what fits the arguments takes longer than all the rest.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        #: By how many variables there are (with γ and β or without): which, and what concatenates them.
        self._functions: dict[int, tuple[tuple[int, ...], Any]] = {}

    def flat(self, variables: Sequence[Any]) -> Any:
        """The values of variables, one after another."""
        import tensorflow as tf

        key = tuple(map(id, variables))
        known, function = self._functions.get(len(key), ((), None))
        if key != known:
            kept = list(variables)
            kind = tf.float64 if any(variable.dtype == "float64" for variable in kept) else tf.float32

            def concatenate() -> Any:
                return tf.concat([tf.cast(variable.value, kind) for variable in kept], 0)

            function = tf.function(concatenate, autograph=False).get_concrete_function()
            self._functions[len(key)] = key, function
        return function().numpy()


class TorchPacker(KerasPacker):
    """Concatenates tensors into one."""

    def flat(self, variables: Sequence[Any]) -> Any:
        """The values of variables, one after another."""
        import torch

        tensors = [variable.value for variable in variables]
        kind = torch.float64 if any(tensor.dtype == torch.float64 for tensor in tensors) else torch.float32
        with torch.no_grad():
            result = torch.empty(sum(tensor.numel() for tensor in tensors), dtype=kind, device=tensors[0].device)
            torch.cat([tensor.detach() for tensor in tensors], out=result)
        return result.cpu().numpy()


class JaxPacker(KerasPacker):
    """Concatenates in a compiled function, which JAX does when the step is done: nothing waits for it.

    While a step is under way variables are empty, and their values are in the state that goes from step to step. The
    next step is given their memory, but not before what was asked of them is done.
    """

    def __init__(self, layout: Layout, value_of: ValueOf) -> None:
        super().__init__(layout)
        self._value_of = value_of
        self._function: Any = None
        self._timed = 0

    def flat(self, variables: Sequence[Any]) -> Any:
        """The values of variables, one after another."""
        import jax

        values = [self._value_of(variable) for variable in variables]
        if any(value is None or getattr(value, "is_deleted", bool)() for value in values):
            return None
        if any(len(value.devices()) > 1 for value in values):
            return np.concatenate([np.asarray(value) for value in values], dtype=_kind(values), casting="unsafe")
        if self._function is None:
            kind = _kind(values)

            def concatenate(values: Sequence[Any]) -> Any:
                return jax.numpy.concatenate([value.astype(kind) for value in values])

            self._function = jax.jit(concatenate)
        if self._timed < _TIMED:
            return self._measured(values)
        return self._function(values)

    def _measured(self, values: Sequence[Any]) -> Any:
        """Waits, a few times at the beginning: later this is done while nobody looks, and takes as long."""
        import jax

        wait: Callable[[Any], Any] = jax.block_until_ready
        wait(values)
        began = time.perf_counter()
        result = wait(self._function(values))
        self._timed += 1
        if self._timed > 1:  # The first time it is compiled.
            spent = time.perf_counter() - began
            self.behind = min(self.behind, spent) if self.behind > 0 else spent
        return result


def _kind(values: Sequence[Any]) -> Any:
    return np.float64 if any(value.dtype == "float64" for value in values) else np.float32


def packer_for(backend: str, layout: Layout, value_of: ValueOf) -> KerasPacker | None:
    """The packer of a backend; None for one that is unknown."""
    if backend == "tensorflow":
        return TensorFlowPacker(layout)
    if backend == "torch":
        return TorchPacker(layout)
    return JaxPacker(layout, value_of) if backend == "jax" else None
