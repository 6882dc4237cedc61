"""When a Keras model has done a step: in `fit` and `train_on_batch`, and in a person's own loops."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
from keras.src.backend.common.stateless_scope import in_stateless_scope

from .keras_calls import Calls, Traced

#: Marks a step function that is followed already.
_FOLLOWED = "__normlens_followed__"


@dataclass(frozen=True)
class Fit:
    """What a call of `fit` was given.

    Attributes:
        x: Its data.
        size: Its ``batch_size``.
        shuffles: Whether it shuffles arrays before each epoch.
        validation_split: The share of arrays, at their end, that it does not train on.
    """

    x: Any = None
    size: Any = None
    shuffles: bool = True
    validation_split: float = 0.0

    @property
    def batch(self) -> int | None:
        """Samples of a batch, where the arguments say so: arrays are cut into batches of 32 by default."""
        data = self.x
        if isinstance(data, Mapping):
            data = next(iter(data.values()), None)
        if isinstance(data, (list, tuple)):
            data = data[0] if data else None
        # What gives batches itself (a dataset, a loader) has no shape.
        shape = getattr(data, "shape", None)
        if not shape or not isinstance(shape[0], int):
            return None
        return min(int(self.size or 32), shape[0])


def fit_of(arguments: Mapping[str, Any]) -> Fit:
    """What `fit` was given, by the names of its arguments."""
    shuffles, split = arguments.get("shuffle", True), arguments.get("validation_split", 0.0)
    share = float(split) if isinstance(split, (int, float)) and 0 < split < 1 else 0.0
    return Fit(arguments.get("x"), arguments.get("batch_size"), bool(shuffles), share)


class Steps(Protocol):
    """Hears of steps. None of it raises."""

    def fit_begins(self, model: Any, fit: Fit) -> None:
        """`fit` was called."""

    def fit_ended(self, model: Any) -> None:
        """It has returned, or has failed."""

    def before_step(self, model: Any, state: Any) -> None:
        """A model is about to do a step of `fit` or `train_on_batch`. `state` is JAX's; None in other backends."""

    def model_stepped(self, model: Any, state: Any, batch: Any) -> None:
        """It has done it, on this batch: ``(x, y, ...)``; None where compiled code has read it."""

    def optimizer_stepped(self, optimizer: Any) -> None:
        """An optimizer of Keras or PyTorch did a step outside of these."""

    def inferred(self, counters: Any) -> None:
        """A compiled function ran layers in inference mode."""

    def failed_inside(self, error: Exception) -> None:
        """Something of ours failed."""


class StepClock:
    """Wraps what steps are made of, on the classes of Keras; of a person's objects, the model's step function only."""

    def __init__(self, backend: str, calls: Calls, steps: Steps) -> None:
        self._backend, self._calls, self._steps = backend, calls, steps
        #: What a TensorFlow function does when it runs, and the optimizers that step in it.
        self._functions: weakref.WeakKeyDictionary[Any, tuple[Traced, list[Any]]] = weakref.WeakKeyDictionary()
        #: Optimizers that step in the function that is running, while it is traced.
        self._stepping: list[Any] | None = None
        #: What `train_on_batch` was given, while it runs.
        self._on_batch: Any = None

    def start(self) -> None:
        """Begins to listen."""
        self._follow_fit()
        self._follow_step_functions()
        self._follow_optimizers()
        if self._backend == "tensorflow":
            self._follow_functions()
        if self._backend == "torch":
            self._follow_torch_optimizers()

    # ---- fit and train_on_batch

    def _follow_fit(self) -> None:
        original, on_batch = keras.Model.fit, keras.Model.train_on_batch
        clock, signature = self, inspect.signature(original)

        @functools.wraps(original)
        def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                given = signature.bind_partial(self, *args, **kwargs).arguments
            except TypeError:
                return original(self, *args, **kwargs)  # No arguments of `fit`: it says so itself.
            clock._steps.fit_begins(self, fit_of(given))
            try:
                return original(self, *args, **kwargs)
            finally:
                clock._steps.fit_ended(self)

        @functools.wraps(on_batch)
        def train_on_batch(self: Any, *args: Any, **kwargs: Any) -> Any:
            clock._on_batch = (args[0] if args else kwargs.get("x"),)
            try:
                return on_batch(self, *args, **kwargs)
            finally:
                clock._on_batch = None

        keras.Model.fit, keras.Model.train_on_batch = fit, train_on_batch

    def _follow_step_functions(self) -> None:
        original = keras.Model.make_train_function
        clock = self

        @functools.wraps(original)
        def make_train_function(self: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(self, *args, **kwargs)
            try:
                function = self.train_function
                if callable(function) and not getattr(function, _FOLLOWED, False):
                    self.train_function = clock._followed(self, function)
            except Exception as error:
                clock._steps.failed_inside(error)
            return result

        keras.Model.make_train_function = make_train_function

    def _followed(self, model: Any, function: Any) -> Any:
        """A step function that says when it has run. What was seen when it was traced is kept with it."""
        reference = weakref.ref(model)
        known = Traced()

        @functools.wraps(function)
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal known
            before = self._begin(reference(), args)
            try:
                result = function(*args, **kwargs)
            except BaseException:
                self._calls.tracing = None
                raise
            known = self._end(reference(), before, known, args, result)
            return result

        setattr(step, _FOLLOWED, True)
        return step

    def _begin(self, model: Any, args: Sequence[Any]) -> Any:
        """How often the optimizer had stepped before; None where that is of no interest."""
        try:
            state = args[0] if self._backend == "jax" else None
            self._steps.before_step(model, state)
            self._calls.tracing = Traced()
            self._calls.is_compiled = not model.run_eagerly and bool(model.jit_compile)
            return self._iterations(model, state) if model.steps_per_execution > 1 else None
        except Exception as error:
            self._steps.failed_inside(error)
            return None

    def _end(self, model: Any, before: Any, known: Traced, args: Sequence[Any], result: Any) -> Traced:
        traced, self._calls.tracing = self._calls.tracing, None
        try:
            if traced is not None and (traced.updates or traced.infers):
                known.end()
                known = traced
            state = result[1] if self._backend == "jax" else None
            if self._backend == "torch" and model.jit_compile is True:
                self._forget(model)
            known.ran(self._runs(model, before, state), self._replicas(model))
            self._steps.model_stepped(model, state, self._on_batch or self._batch_in(args))
        except Exception as error:
            self._steps.failed_inside(error)
        return known

    def _batch_in(self, args: Sequence[Any]) -> Any:
        """The batch among the arguments of a step function; None where it is an iterator."""
        data = None if self._backend == "tensorflow" else args[-1]
        return data[0] if isinstance(data, list) and data else None

    def _runs(self, model: Any, before: Any, state: Any) -> int | None:
        """How many steps the step function did; None where that is unknown."""
        if model.steps_per_execution == 1:
            return 1
        after = self._iterations(model, state)
        return None if before is None or after is None else after - before

    def _iterations(self, model: Any, state: Any) -> int | None:
        """Steps that a model's optimizer has done."""
        optimizer = model.optimizer
        # With a loss scale, steps may be skipped that moved the statistics all the same.
        if optimizer is None or hasattr(optimizer, "inner_optimizer"):
            return None
        if not optimizer.built:
            return 0
        if state is None:
            return int(keras.ops.convert_to_numpy(optimizer._iterations.value))
        place = next(place for place, one in enumerate(optimizer.variables) if one is optimizer._iterations)
        return int(state[2][place])

    def _replicas(self, model: Any) -> int:
        strategy = getattr(model, "distribute_strategy", None) if self._backend == "tensorflow" else None
        return 1 if strategy is None else int(strategy.num_replicas_in_sync)

    def _forget(self, model: Any) -> None:
        """PyTorch's compiler runs layers without calling them."""
        for layer in model._flatten_layers():
            if isinstance(layer, keras.layers.BatchNormalization):
                self._calls.of(layer).is_known = False

    # ---- a person's own loops

    def _follow_optimizers(self) -> None:
        original = keras.optimizers.Optimizer.apply
        clock = self

        @functools.wraps(original)
        def apply(self: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(self, *args, **kwargs)
            clock._applied(self)
            return result

        keras.optimizers.Optimizer.apply = apply

    def _applied(self, optimizer: Any) -> None:
        try:
            if self._stepping is not None:
                if not any(one is optimizer for one in self._stepping):
                    self._stepping.append(optimizer)
            elif self._calls.tracing is None and not in_stateless_scope() and not self._is_traced():
                self._steps.optimizer_stepped(optimizer)
        except Exception as error:
            self._steps.failed_inside(error)

    def _is_traced(self) -> bool:
        if self._backend == "tensorflow":
            import tensorflow as tf

            return not tf.executing_eagerly()
        if self._backend == "torch":
            import torch

            return bool(torch.compiler.is_compiling())
        return False

    def _follow_functions(self) -> None:
        """A compiled TensorFlow loop: its step is a function in which an optimizer was applied when it was traced."""
        import tensorflow as tf
        from tensorflow.python.eager.polymorphic_function import polymorphic_function

        original = polymorphic_function.Function.__call__
        clock = self

        @functools.wraps(original)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if clock._calls.tracing is not None or not tf.executing_eagerly():
                return original(self, *args, **kwargs)
            clock._calls.tracing, clock._stepping = Traced(), []
            try:
                result = original(self, *args, **kwargs)
            finally:
                traced, clock._calls.tracing = clock._calls.tracing, None
                stepping, clock._stepping = clock._stepping, None
            clock._ran(self, traced, stepping)
            return result

        polymorphic_function.Function.__call__ = call

    def _ran(self, function: Any, traced: Traced, stepping: list[Any]) -> None:
        """A TensorFlow function has run that is in no other one, and in no step of `fit`."""
        try:
            known, optimizers = self._functions.get(function, (None, ()))
            if traced.updates or traced.infers or stepping:
                if known is not None:
                    known.end()
                known, optimizers = traced, [weakref.ref(optimizer) for optimizer in stepping]
                self._functions[function] = (known, optimizers)
            if known is None:
                return
            known.ran(1, self._replicas_now())
            if known.infers and not known.updates and not optimizers:
                self._steps.inferred(known.infers)
            for reference in optimizers:
                optimizer = reference()
                if optimizer is not None:
                    self._steps.optimizer_stepped(optimizer)
        except Exception as error:
            self._steps.failed_inside(error)

    def _replicas_now(self) -> int:
        """Of a person's own loop; a loop inside of `strategy.scope()` says so."""
        import tensorflow as tf

        return int(tf.distribute.get_strategy().num_replicas_in_sync)

    def _follow_torch_optimizers(self) -> None:
        """A Keras model trained by an optimizer of PyTorch."""
        from torch.optim import optimizer as optimizers

        register = getattr(optimizers, "register_optimizer_step_post_hook", None)
        if register is None:
            return

        def after_step(optimizer: Any, args: Any, kwargs: Any) -> None:
            if not self._is_traced() and self._calls.tracing is None:
                self._steps.optimizer_stepped(optimizer)

        register(after_step)


def learning_rate_of(optimizer: Any, value_of: Callable[[Any], Any]) -> float:
    """The learning rate now; NaN where asking for it would compute a schedule, or where it is not to be had.

    Args:
        optimizer: Of Keras or PyTorch.
        value_of: Gives the present value of a variable.
    """
    if hasattr(optimizer, "param_groups"):
        rate = optimizer.param_groups[0].get("lr")
        return float(rate) if isinstance(rate, (int, float)) else float("nan")
    while hasattr(optimizer, "inner_optimizer"):
        optimizer = optimizer.inner_optimizer
    rate = getattr(optimizer, "_learning_rate", None)
    value = value_of(rate) if isinstance(rate, keras.Variable) else None
    if value is None or getattr(value, "is_deleted", bool)():
        return float("nan")
    # In the scope of a strategy of TensorFlow it is the variables of all replicas, which are equal.
    replicas = getattr(value, "values", None)
    return float(keras.ops.convert_to_numpy(replicas[0] if isinstance(replicas, tuple) else value))


def schedule_of(optimizer: Any) -> str | None:
    """The class of an optimizer's learning-rate schedule."""
    while hasattr(optimizer, "inner_optimizer"):
        optimizer = optimizer.inner_optimizer
    rate = getattr(optimizer, "_learning_rate", None)
    schedule = keras.optimizers.schedules.LearningRateSchedule
    return type(rate).__name__ if isinstance(rate, schedule) else None
