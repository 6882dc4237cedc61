"""Runs a Keras model on kept batches with batch, moving and population statistics, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from ..finding.keras import layers_below
from ..ticking.keras_calls import Calls
from .kept import Plan
from .keras_losses import scores_of
from .keras_pass import KerasPasses, is_distributed, nothing_left_behind
from .probe import CannotProbe, Probed, Vector, compare


def probe(
    plan: Plan,
    layers: Sequence[Any],
    trained: Sequence[bool],
    values: Sequence[tuple[Any, Any]],
    calls: Calls,
) -> Probed:
    """Compares the modes of a model.

    Args:
        plan: The model, or the part of it that is called, and the batches.
        layers: All BN layers of the model by place.
        trained: Of each whether its steps use batch statistics.
        values: Variables, and the values that they have now where those are not in them.
        calls: Hears the calls of BN layers.

    Raises:
        CannotProbe: It would not be safe, or there is nothing to compare.
    """
    target = plan.target
    _refuse_unsafe(target, calls.backend)
    inside = {id(layer) for layer in layers_below(target)}
    places = {id(layer): place for place, layer in enumerate(layers) if trained[place] and id(layer) in inside}
    if not places:
        raise CannotProbe("no BN layer is in training mode")
    if augments(target):
        # They do nothing in a probe: what the running statistics were made of is not seen.
        plan = replace(plan, population=[])
    with nothing_left_behind(target, calls.backend):
        scores = scores_of(target.loss) if plan.classes else _as_it_is
        return compare(plan, KerasPasses(target, layers, places, values, calls, scores))


def _refuse_unsafe(target: Any, backend: str) -> None:
    if is_distributed(target):
        raise CannotProbe("the model is divided among devices, which do not probe at the same time")
    if type(target).call is keras.Model.call:
        raise CannotProbe(
            f"{type(target).__name__} has no call of its own. "
            "Give a batch for a part of it: normlens.watch(model.part, probe=batch)"
        )
    for layer in layers_below(target) if backend == "torch" else ():
        if layer._forward_hooks or layer._forward_pre_hooks:
            raise CannotProbe(f"{type(layer).__name__} has a forward hook, which would notice the probe")


def augments(target: Any) -> bool:
    """Whether layers change the data of a training: Keras names those for images so."""
    return any(type(layer).__name__.startswith("Random") for layer in layers_below(target))


def _as_it_is(output: Vector) -> Vector:
    return output
