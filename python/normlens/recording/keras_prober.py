"""Probes the Keras models of a run."""

from __future__ import annotations

from ..probing.keras_probe import probe
from ..probing.probe import GONE, CannotProbe, Probed
from ..ticking.keras_calls import Calls
from .keras_source import source_of
from .keras_state import StepState
from .watch import Watch

#: A probe runs the model without the compiler: before the first, so many steps' time is expected of it.
_EXPECTED_STEPS = 20.0
#: JAX compiles each operation by itself when it is used for the first time.
_EXPECTED_SECONDS = {"jax": 2.0}


class KerasProber:
    """Probes a model on batches of its training, or on one that a person gave.

    Args:
        calls: Hears the calls of BN layers.
        state: Has the values of variables.
    """

    def __init__(self, calls: Calls, state: StepState) -> None:
        self._calls, self._state = calls, state

    def is_ready(self, watch: Watch) -> bool:
        """Whether there is a batch for the model."""
        return source_of(watch).inputs.plan() is not None

    def is_given(self, watch: Watch) -> bool:
        """Whether a person gave that batch."""
        return source_of(watch).inputs.is_given

    def probe(self, watch: Watch) -> Probed:
        """Probes the model.

        Raises:
            CannotProbe: It would do more than it may.
            Exception: What the model itself raises.
        """
        source = source_of(watch)
        plan, layers, root = source.inputs.plan(), source.layers(), source.root()
        if layers is None or root is None:
            raise CannotProbe(GONE)
        if plan is None:
            raise CannotProbe(
                "no batch of this model can be seen: a dataset that is read in compiled code, or a loop without fit. "
                "Give one: normlens.watch(model, probe=batch)"
            )
        writes, deltas = watch.counted()
        trained = [bool(layer.trainable) for layer in layers]
        if writes:
            # A layer whose updates nobody counts may have had some.
            trained = [of and (writes[at] < 0 or deltas[at] > 0) for at, of in enumerate(trained)]
        return probe(plan, layers, trained, self._state.values(), self._calls)

    def expected(self, step: float) -> float:
        """Seconds that the first probe of a model may take, of which a step takes so many."""
        return max(_EXPECTED_STEPS * step, _EXPECTED_SECONDS.get(self._calls.backend, 0.0))
