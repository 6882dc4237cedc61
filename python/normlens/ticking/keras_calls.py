"""How often each BN layer of Keras was updated. Keras keeps no counter, so calls in training mode are counted.

A call that runs now is one update. A call that is traced is one update of each run of what is traced: a step function
that TensorFlow or JAX compiles calls its layers once, while it is traced, and is run many times.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Callable

import keras
from keras.src.backend.common.global_state import GLOBAL_STATE_TRACKER

#: Says with which `training` a layer is called, by the layer, its inputs, its `training` and its mask.
Asked = Callable[[Any, Any, Any, Any], Any]

#: Graphs of the parts of a function that run some other number of times than the function, or perhaps not at all.
_STEP_FUNCTION = "one_step_on_data"


class Counter:
    """What is counted of one layer.

    Attributes:
        called: Updates by calls that were seen, since this process is recorded.
        compiled: Functions that were traced with the layer in them, and its updates in one run of each.
        is_known: False where the layer was called in a way that says nothing of how often it is updated.
        is_loaded: Its values came from elsewhere: a file, another layer.
        shape: Of its input when it was called last in training mode, None where a size is unknown.
        heard: Called when it is called in inference mode; set where somebody wants to know.
    """

    __slots__ = ("__weakref__", "called", "compiled", "heard", "is_known", "is_loaded", "shape")

    def __init__(self) -> None:
        self.called = 0
        self.compiled: list[tuple[Traced, int]] = []
        self.is_known = True
        self.is_loaded = False
        self.shape: tuple[int | None, ...] | None = None
        self.heard: Callable[[], None] | None = None

    @property
    def total(self) -> int:
        """Updates so far, as far as they are known."""
        total = self.called
        for traced, count in self.compiled:
            total += traced.runs * count
        return total

    def updates(self) -> int:
        """Updates so far, -1 where that is unknown."""
        return self.total if self.is_known else -1


@dataclass(eq=False)
class Traced:
    """What was seen while a function was traced: its last graph is the one that runs.

    Its runs are counted once for all of its layers: they are many, and a run is a step of the training.

    Attributes:
        graph: The key of that graph.
        updates: Updates of each layer in one run; -1 where a run says nothing of how often.
        infers: Layers that were called in inference mode.
        runs: How often it ran.
    """

    graph: Any = None
    updates: dict[Counter, int] = field(default_factory=dict)
    infers: set[Counter] = field(default_factory=set)
    runs: int = 0
    _is_counted: bool = False

    def add(self, graph: Any, counter: Counter, trains: bool, is_known: bool) -> None:
        """A layer was called."""
        if graph != self.graph:
            # TensorFlow traces a function again when variables are made in it.
            self.graph, self.updates, self.infers = graph, {}, set()
        if not trains:
            self.infers.add(counter)
        elif not is_known or self.updates.get(counter, 0) < 0:
            self.updates[counter] = -1
        else:
            self.updates[counter] = self.updates.get(counter, 0) + 1

    def ran(self, runs: int | None, replicas: int) -> None:
        """It was called.

        Args:
            runs: How often it ran in that call; None where that is unknown.
            replicas: Copies of the model that were traced side by side.
        """
        if not self._is_counted:
            self._is_counted = True
            for counter, count in self.updates.items():
                if count < 0 or count % replicas:
                    counter.is_known = False
                else:
                    counter.compiled.append((self, count // replicas))
        if runs is not None:
            self.runs += runs
            return
        for counter in self.updates:
            counter.is_known = False

    def end(self) -> None:
        """It was traced anew, and does not run again."""
        for counter in self.updates:
            for part in counter.compiled:
                if part[0] is self:
                    counter.called += self.runs * part[1]
                    counter.compiled.remove(part)
                    break


class Calls:
    """Hears every call of every BN layer of the process."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._counters: weakref.WeakKeyDictionary[Any, Counter] = weakref.WeakKeyDictionary()
        #: What is traced now; None outside of every step.
        self.tracing: Traced | None = None
        #: Whether stateless calls are those of a compiled step (JAX), and not calls that run now.
        self.is_compiled = True
        self._is_compiling: Callable[[], bool] = _torch_compiles() if backend == "torch" else bool
        #: Decides the calls of one thread, while a probe runs there.
        self._asked: tuple[int, Asked] | None = None

    def of(self, layer: Any) -> Counter:
        """A layer's counter."""
        counter = self._counters.get(layer)
        if counter is None:
            counter = self._counters[layer] = Counter()
        return counter

    def start(self) -> None:
        """Begins to count."""
        normalization = keras.layers.BatchNormalization
        original = normalization.call

        def call(self: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            if calls._asked is not None and calls._asked[0] == threading.get_ident():
                training = calls._asked[1](self, inputs, training, mask)
            else:
                heard(self, inputs, training, mask)
            return original(self, inputs, training=training, mask=mask)

        call.__doc__, call.__qualname__ = original.__doc__, original.__qualname__
        # TensorFlow converts what it traces, but not what is in Keras.
        call.__module__ = original.__module__
        calls, heard = self, self._heard
        normalization.call = call

    @contextlib.contextmanager
    def asking(self, asked: Asked) -> Iterator[None]:
        """While it is entered, this decides what calls do that this thread makes, and none is counted."""
        self._asked = (threading.get_ident(), asked)
        try:
            yield
        finally:
            self._asked = None

    def _heard(self, layer: Any, inputs: Any, training: Any, mask: Any) -> None:
        if self._is_compiling():
            return
        try:
            self._count(layer, inputs, bool(training), mask)
        except Exception:  # What cannot be counted is unknown; the call goes on.
            self.of(layer).is_known = False

    def _count(self, layer: Any, inputs: Any, training: bool, mask: Any) -> None:
        # Asked once for both, and by no function of Keras: this runs in each call of each layer.
        scopes = GLOBAL_STATE_TRACKER.__dict__
        if scopes.get("symbolic_scope") is not None:
            return
        is_stateless = scopes.get("stateless_scope") is not None
        if is_stateless and (self.backend != "jax" or self.tracing is None):
            return  # Nothing is updated, or nobody knows what becomes of it.
        counter = self.of(layer)
        trains = training and bool(layer.trainable)
        if trains:
            shape = None if mask is not None else inputs.shape
            if shape != counter.shape:
                counter.shape = None if shape is None else tuple(map(_size, shape))
        graph, is_known = _graph() if self.backend == "tensorflow" else (None, True)
        if graph is None and not (is_stateless and self.is_compiled):
            if trains:
                counter.called += 1
            elif counter.heard is not None and not training and self.tracing is None:
                counter.heard()
        elif self.tracing is not None:
            self.tracing.add(graph, counter, trains, is_known)
        elif trains:
            counter.is_known = False


def _size(size: Any) -> int | None:
    return size if isinstance(size, int) else None


def _torch_compiles() -> Callable[[], bool]:
    import torch

    is_compiling: Callable[[], bool] = torch.compiler.is_compiling
    return is_compiling


def _graph() -> tuple[int | None, bool]:
    """TensorFlow's graph of one step that is being traced, and whether each run of it runs this call once."""
    import tensorflow as tf

    if tf.executing_eagerly():
        return None, True
    graph: Any = tf.compat.v1.get_default_graph()
    is_known = True
    while not graph.name.startswith(_STEP_FUNCTION):
        outer = getattr(graph, "outer_graph", None)
        if outer is None or not hasattr(outer, "outer_graph"):
            break
        # In a loop, in one way of a branch, or in a function that may be called several times.
        graph, is_known = outer, False
    return id(graph), is_known
