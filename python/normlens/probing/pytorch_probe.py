"""Runs a PyTorch model on kept batches with batch, running and population statistics, and leaves nothing behind.

Only the layers' use of statistics differs between the passes: everything else is in evaluation mode in all of them, so
that dropout is not mistaken for batch normalization.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import SyncBatchNorm

from ..packing.pytorch import parts_of
from .outputs import output_difference, predictions
from .pytorch_inputs import Kept, Plan, halves_of
from .pytorch_pass import Seen, Statistics, batch_statistics, eager, given_statistics, nothing_left_behind, one_pass


class CannotProbe(Exception):
    """A probe would do more than it may: said in one sentence."""


@dataclass
class Probed:
    """What a probe found.

    Attributes:
        samples: Predictions that were compared.
        layers: By place: ``gap``, ``alone``, ``noiseFloor`` in σ.
        output: As in a gap record.
        population: By place: means and variances of each batch, ``[batch, channel]``, and the running ones.
        population_samples: Samples that the population pass went over.
    """

    samples: int
    layers: dict[int, dict[str, float]]
    output: dict[str, Any] | None
    population: dict[int, tuple[Any, Any, Any, Any]]
    population_samples: int


def probe(plan: Plan, modules: Sequence[nn.Module]) -> Probed:
    """Compares the modes on one batch, and with population statistics where there are several batches of the training.

    Args:
        plan: The model, or the part of it that is called, and the batches.
        modules: All BN layers of the model by place.

    Raises:
        CannotProbe: It would not be safe, or the model's answer is nothing to compare.
    """
    target = plan.target
    _refuse_unsafe(target, modules)
    # Where a part of the model was called, the others are not run, and stay as they are.
    inside = {id(module) for module in target.modules()}
    places = {id(module): place for place, module in enumerate(modules) if module.training and id(module) in inside}
    if not places:
        raise CannotProbe("no BN layer is in training mode")
    compared = plan.compared
    with nothing_left_behind(target), torch.no_grad(), eager():
        for module in target.modules():
            module.training = False
        seen = []
        batch_output, batch = None, None
        for kept in plan.population:
            with batch_statistics(modules, places):
                output, found = one_pass(target, kept, places)
            seen.append(found)
            if kept is compared:
                batch_output, batch = output, found
        if batch is None:
            with batch_statistics(modules, places):
                batch_output, batch = one_pass(target, compared, places)
        running_output, running = one_pass(target, compared, places)
        # The statistics of a single batch are those it was normalized with: no population.
        population = _population(seen) if len(seen) > 1 else {}
        population_output = None
        if population:
            with given_statistics(modules, population):
                population_output, populated = one_pass(target, compared, places)
            own = _outputs(modules, batch, batch.statistics())
            floors = _differences(own, _outputs(modules, populated, population))
        else:
            floors = _floors_of_halves(target, modules, compared, places)
        layers = {
            place: _gaps(modules[place], place, batch, running, floors)
            for place in places.values()
            if place in running.inputs and place in batch.inputs
        }
        output = _output(batch_output, running_output, population_output, plan.classes)
        samples = predictions(running_output.numpy(), plan.classes) if running_output is not None else compared.samples
        batches = {place: _batches_of(place, seen, modules[place]) for place in population}
    return Probed(samples, layers, output, batches, sum(kept.samples for kept in plan.population))


def _refuse_unsafe(target: nn.Module, modules: Sequence[nn.Module]) -> None:
    if any(isinstance(module, SyncBatchNorm) for module in modules):
        raise CannotProbe("SyncBatchNorm talks to other processes, which do not probe at the same time")
    for module in target.modules():
        name = type(module).__name__
        if name in ("FullyShardedDataParallel", "DistributedDataParallel") or hasattr(module, "_get_fsdp_state"):
            raise CannotProbe(f"{name} talks to other processes, which do not probe at the same time")
        if name == "OptimizedModule" and not hasattr(torch.compiler, "set_stance"):
            raise CannotProbe("a part of the model is compiled, which PyTorch runs without the compiler from 2.6 on")
        if module._forward_hooks or module._forward_pre_hooks:
            raise CannotProbe(f"{name} has a forward hook, which would notice the probe")


def refuse_sharded(root: nn.Module) -> None:
    """Refuses a model of which no process has all parameters, whichever part of it would be run.

    Raises:
        CannotProbe: It is one.
    """
    for module in root.modules():
        if type(module).__name__ == "FullyShardedDataParallel" or hasattr(module, "_get_fsdp_state"):
            raise CannotProbe("the parameters of the model are divided among processes (FSDP)")


def _population(seen: Sequence[Seen]) -> dict[int, tuple[Any, Any]]:
    """μ = E[μ_B], σ² = E[μ_B² + σ_B²] − μ² over the batches (Wu & Johnson 2021, section 3)."""
    result = {}
    for place in seen[0].means:
        if not all(place in found.means for found in seen):
            continue
        means = torch.stack([found.means[place] for found in seen]).double()
        variances = torch.stack([found.variances[place] for found in seen]).double()
        mean = means.mean(0)
        result[place] = (mean.float(), ((means**2 + variances).mean(0) - mean**2).float())
    return result


def _gaps(module: nn.Module, place: int, batch: Seen, running: Seen, floors: Mapping[int, float]) -> dict[str, float]:
    mean, variance, *_ = parts_of(module)
    epsilon = float(getattr(module, "eps", 1e-5))
    if mean is None or variance is None:
        return {}
    own = _normalized(batch.inputs[place], batch.means[place], batch.variances[place], epsilon)
    with_running = _normalized(running.inputs[place], mean.float(), variance.float(), epsilon)
    alone = _normalized(batch.inputs[place], mean.float(), variance.float(), epsilon)
    gaps = {"gap": _rms(own - with_running), "alone": _rms(own - alone)}
    if place in floors:
        gaps["noiseFloor"] = floors[place]
    return gaps


def _floors_of_halves(
    target: nn.Module, modules: Sequence[nn.Module], compared: Kept, places: Mapping[int, int]
) -> dict[int, float]:
    """What the size of the batch alone makes of a gap, where no other batches say it.

    The batch is normalized with the statistics of either half of its samples. These have √2 times the noise of those of
    the whole batch, and their difference √2 times as much again.
    """
    normalized = []
    for half in halves_of(compared):
        with batch_statistics(modules, places):
            _, alone = one_pass(target, half, places)
        with given_statistics(modules, alone.statistics()):
            _, seen = one_pass(target, compared, places)
        normalized.append(_outputs(modules, seen, alone.statistics()))
    return {place: apart / 2 for place, apart in _differences(*normalized).items()} if normalized else {}


def _outputs(modules: Sequence[nn.Module], seen: Seen, statistics: Statistics) -> dict[int, torch.Tensor]:
    """Inputs of layers, normalized with these statistics."""
    return {
        place: _normalized(values, *statistics[place], float(getattr(modules[place], "eps", 1e-5)))
        for place, values in seen.inputs.items()
        if place in statistics
    }


def _differences(one: Mapping[int, torch.Tensor], other: Mapping[int, torch.Tensor]) -> dict[int, float]:
    return {place: _rms(one[place] - other[place]) for place in one if place in other}


def _normalized(values: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, epsilon: float) -> torch.Tensor:
    return (values - mean[:, None]) / torch.sqrt(variance[:, None] + epsilon)


def _rms(difference: torch.Tensor) -> float:
    return float(difference.double().square().mean().sqrt())


def _batches_of(place: int, seen: Sequence[Seen], module: nn.Module) -> tuple[Any, Any, Any, Any]:
    mean, variance, *_ = parts_of(module)
    means = torch.stack([found.means[place] for found in seen]).cpu().numpy()
    variances = torch.stack([found.variances[place] for found in seen]).cpu().numpy()
    running = [None if value is None else value.detach().float().cpu().numpy() for value in (mean, variance)]
    return means, variances, running[0], running[1]


def _output(batch: Any, running: Any, population: Any, classes: bool) -> dict[str, Any] | None:
    if batch is None or running is None or batch.shape != running.shape:
        return None
    found = output_difference(batch.numpy(), running.numpy(), classes)
    if population is not None and population.shape == batch.shape:
        other = output_difference(batch.numpy(), population.numpy(), classes)
        for name in ("flips", "probabilityShift"):
            if name in other:
                found[f"{name}WithPopulation"] = other[name]
    return found
