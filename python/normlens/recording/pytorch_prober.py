"""Probes the PyTorch models of a run."""

from __future__ import annotations

from dataclasses import replace

from ..probing.probe import GONE, CannotProbe, Probed
from ..probing.pytorch_given import placed
from ..probing.pytorch_probe import probe, refuse_sharded
from .pytorch_source import source_of
from .watch import Watch

#: A probe is a handful of forward passes: before the first, so many steps' time is expected of it.
_EXPECTED_STEPS = 3.0


class TorchProber:
    """Probes a model on batches that its passes were given, or on one that a person gave."""

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
        plan, modules, root = source.inputs.plan(), source.modules(), source.root()
        if modules is None or root is None:
            raise CannotProbe(GONE)
        if plan is None:
            raise CannotProbe(
                "no batch of this model was seen: compiled code, or arguments by name alone. "
                "Give one: normlens.watch(model, probe=batch)"
            )
        refuse_sharded(root)
        if source.inputs.is_given:
            plan = replace(plan, compared=placed(plan.compared, plan.target))
        return probe(plan, modules)

    def expected(self, step: float) -> float:
        """Seconds that the first probe of a model may take, of which a step takes so many."""
        return _EXPECTED_STEPS * step
