"""Runs a PyTorch model on kept batches with batch, running and population statistics, and leaves nothing behind.

Only the layers' use of statistics differs between the passes: everything else is in evaluation mode in all of them, so
that dropout is not mistaken for batch normalization.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import SyncBatchNorm
from torch.nn.modules.module import register_module_forward_pre_hook

from ..packing.pytorch import parts_of
from .outputs import output_difference, predictions
from .pytorch_inputs import Kept, Plan

#: Values of a layer that are compared: positions are left out where it has more.
_MOST_VALUES = 200_000
_TINY = 1e-30


class CannotProbe(Exception):
    """A probe would do more than it may: said in one sentence."""


@dataclass
class Seen:
    """What one pass gave the layers, by place: inputs (some of their positions), means and variances."""

    inputs: dict[int, torch.Tensor] = field(default_factory=dict)
    means: dict[int, torch.Tensor] = field(default_factory=dict)
    variances: dict[int, torch.Tensor] = field(default_factory=dict)


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
    with _nothing_left_behind(target), torch.no_grad(), _eager():
        for module in target.modules():
            module.training = False
        seen = []
        batch_output, batch = None, None
        for kept in plan.population:
            with _batch_statistics(modules, places):
                output, found = _forward(target, kept, places)
            seen.append(found)
            if kept is compared:
                batch_output, batch = output, found
        if batch is None:
            with _batch_statistics(modules, places):
                batch_output, batch = _forward(target, compared, places)
        running_output, running = _forward(target, compared, places)
        # The statistics of a single batch are those it was normalized with: no population.
        population = _population(seen) if len(seen) > 1 else {}
        population_output, populated = None, Seen()
        if population:
            with _statistics(modules, population):
                population_output, populated = _forward(target, compared, places)
        layers = {
            place: _gaps(modules[place], place, batch, running, populated, population)
            for place in places.values()
            if place in running.inputs and place in batch.inputs
        }
        output = _output(batch_output, running_output, population_output, plan.classes)
        samples = predictions(running_output.numpy(), plan.classes) if running_output is not None else compared.samples
        batches = {place: _batches_of(place, seen, modules[place]) for place in population}
    return Probed(samples, layers, output, batches, sum(kept.samples for kept in plan.population))


@contextmanager
def _eager() -> Iterator[None]:
    """Compiled parts of a model run as they are written: other modes would be compiled once more, for good."""
    stance = getattr(torch.compiler, "set_stance", None) if "torch._dynamo" in sys.modules else None
    if stance is None:
        yield
        return
    with stance("force_eager"):
        yield


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


@contextmanager
def _nothing_left_behind(target: nn.Module) -> Iterator[None]:
    """Modes, buffers, attributes and every random state are as before."""
    modules = list(target.modules())
    modes = [module.training for module in modules]
    attributes = [dict(module.__dict__) for module in modules]
    buffers = [(buffer, buffer.clone(), buffer._version) for module in modules for buffer in _buffers(module)]
    python, numpy = random.getstate(), sys.modules["numpy"].random.get_state()
    devices = {buffer.device.index for buffer, _, _ in buffers if buffer.device.type == "cuda"}
    try:
        with torch.random.fork_rng(devices=[index for index in devices if index is not None]):
            yield
    finally:
        with torch.no_grad():
            for buffer, before, version in buffers:
                if buffer._version != version:
                    # Through `data`, so that the version, by which updates are counted, is not counted up for this.
                    buffer.data.copy_(before)
        for module, mode, before_attributes in zip(modules, modes, attributes):
            for name in set(module.__dict__) - set(before_attributes):
                del module.__dict__[name]
            module.__dict__.update(before_attributes)
            module.training = mode
        random.setstate(python)
        sys.modules["numpy"].random.set_state(numpy)


def _buffers(module: nn.Module) -> list[torch.Tensor]:
    return [buffer for buffer in module._buffers.values() if buffer is not None]


@contextmanager
def _batch_statistics(modules: Sequence[nn.Module], places: Mapping[int, int]) -> Iterator[None]:
    """The layers normalize by their batch and update nothing."""
    chosen = [modules[place] for place in places.values()]
    counters = [module._buffers.get("num_batches_tracked") for module in chosen]
    kept = [tuple(module._buffers.get(name) for name in ("running_mean", "running_var")) for module in chosen]
    for module in chosen:
        module.training = True
        # Without buffers a layer uses its batch, in `F.batch_norm` as in a class of another library.
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            module._buffers[name] = None
    try:
        yield
    finally:
        for module, counter, (mean, variance) in zip(chosen, counters, kept):
            module.training = False
            module._buffers.update(running_mean=mean, running_var=variance, num_batches_tracked=counter)


@contextmanager
def _statistics(modules: Sequence[nn.Module], values: Mapping[int, tuple[Any, Any]]) -> Iterator[None]:
    """The layers normalize by other statistics than their running ones."""
    kept = {p: (modules[p]._buffers["running_mean"], modules[p]._buffers["running_var"]) for p in values}
    for place, (mean, variance) in values.items():
        old = kept[place][0]
        if old is not None:
            modules[place]._buffers.update(running_mean=mean.to(old.dtype), running_var=variance.to(old.dtype))
    try:
        yield
    finally:
        for place, (mean, variance) in kept.items():
            modules[place]._buffers.update(running_mean=mean, running_var=variance)


def _forward(target: nn.Module, batch: Kept, places: Mapping[int, int]) -> tuple[Any, Seen]:
    """The output as a tensor on the host (None where there is none), and what each layer was given."""
    seen = Seen()

    def look(module: nn.Module, inputs: Any) -> None:
        place = places.get(id(module))
        if place is None or not inputs or not isinstance(inputs[0], torch.Tensor) or inputs[0].ndim < 2:
            return
        values = inputs[0].detach().transpose(0, 1).flatten(1).float()
        variance, mean = torch.var_mean(values, 1, unbiased=False)
        stride = max(1, values.numel() // _MOST_VALUES)
        # The same positions in every pass; of a layer that is called several times, the first call.
        seen.inputs.setdefault(place, values[:, ::stride])
        seen.means.setdefault(place, mean)
        seen.variances.setdefault(place, variance)

    handle = register_module_forward_pre_hook(look)
    try:
        output = target(*batch.inputs, **batch.named)
    finally:
        handle.remove()
    return _first_tensor(output), seen


def _first_tensor(output: Any) -> torch.Tensor | None:
    if isinstance(output, torch.Tensor):
        return output.detach().float().cpu() if output.is_floating_point() and output.ndim > 0 else None
    if isinstance(output, Mapping):
        output = list(output.values())
    for item in output if isinstance(output, (list, tuple)) else ():
        found = _first_tensor(item)
        if found is not None:
            return found
    return None


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


def _gaps(
    module: nn.Module, place: int, batch: Seen, running: Seen, populated: Seen, population: Mapping[int, Any]
) -> dict[str, float]:
    mean, variance, *_ = parts_of(module)
    epsilon = float(getattr(module, "eps", 1e-5))
    if mean is None or variance is None:
        return {}
    own = _normalized(batch.inputs[place], batch.means[place], batch.variances[place], epsilon)
    with_running = _normalized(running.inputs[place], mean.float(), variance.float(), epsilon)
    alone = _normalized(batch.inputs[place], mean.float(), variance.float(), epsilon)
    gaps = {"gap": _rms(own - with_running), "alone": _rms(own - alone)}
    if place in population and place in populated.inputs:
        population_mean, population_variance = population[place]
        with_population = _normalized(populated.inputs[place], population_mean, population_variance, epsilon)
        gaps["noiseFloor"] = _rms(own - with_population)
    return gaps


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
