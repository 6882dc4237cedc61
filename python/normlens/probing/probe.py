"""A probe: what a model does on a batch with batch, running and population statistics.

Only the layers' use of statistics differs between the passes: everything else is in evaluation mode in all of them, so
that dropout is not mistaken for batch normalization. How a pass is made is the framework's part (`pytorch_pass.py`,
`keras_pass.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Union

import numpy as np

from .kept import Kept, Plan, halves_of
from .outputs import output_difference, predictions

Vector = np.ndarray[Any, Any]
#: Means and variances by place.
Statistics = Mapping[int, tuple[Vector, Vector]]
#: What the layers normalize by: the batch (and update nothing), their running statistics, or others.
By = Union[Literal["batch", "running"], Statistics]

#: Values of a layer that are compared: positions are left out where it has more.
MOST_VALUES = 200_000


class CannotProbe(Exception):
    """A probe would do more than it may: said in one sentence."""


#: Somebody asks for a probe of a model that the script has let go.
GONE = "the model is gone: the script has made another one, or has deleted it"


@dataclass
class Seen:
    """What one pass gave the layers, by place.

    Attributes:
        inputs: Some of their positions, the same in every pass, ``[channel, position]``.
        means: Of the batch, ``[channel]``.
        variances: Likewise, without Bessel's correction.
    """

    inputs: dict[int, Vector] = field(default_factory=dict)
    means: dict[int, Vector] = field(default_factory=dict)
    variances: dict[int, Vector] = field(default_factory=dict)

    def statistics(self) -> Statistics:
        """Means and variances together."""
        return {place: (mean, self.variances[place]) for place, mean in self.means.items()}


class Passes(Protocol):
    """Makes passes of one model, and leaves nothing behind."""

    def run(self, batch: Kept, by: By) -> tuple[Vector | None, Seen]:
        """The output (None where there is none to compare), and what the layers were given."""

    def running(self, place: int) -> tuple[Vector, Vector] | None:
        """The running statistics of a layer."""

    def epsilon(self, place: int) -> float:
        """What a layer adds to the variance."""


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
    population: dict[int, tuple[Vector, Vector, Vector, Vector]]
    population_samples: int


def compare(plan: Plan, passes: Passes) -> Probed:
    """Compares the modes on one batch, and with population statistics where there are batches of the training."""
    compared = plan.compared
    seen: list[Seen] = []
    batch_output, batch = None, None
    for kept in plan.population:
        answer, found = passes.run(kept, "batch")
        if kept is compared:
            batch_output, batch = answer, found
        # Of the others the statistics are all that is needed.
        seen.append(Seen({}, found.means, found.variances))
    if batch is None:
        batch_output, batch = passes.run(compared, "batch")
    running_output, running = passes.run(compared, "running")
    # The statistics of a single batch are those it was normalized with: no population.
    population = _population(seen) if len(seen) > 1 else {}
    population_output = None
    if population:
        population_output, populated = passes.run(compared, population)
        own = _outputs(passes, batch, batch.statistics())
        floors = _differences(own, _outputs(passes, populated, population))
    else:
        floors = _floors_of_halves(passes, compared)
    layers = {place: _gaps(passes, place, batch, running, floors) for place in running.inputs if place in batch.inputs}
    output = _output(batch_output, running_output, population_output, plan.classes)
    samples = compared.samples if running_output is None else predictions(running_output, plan.classes)
    batches: dict[int, tuple[Vector, Vector, Vector, Vector]] = {}
    for place in population:
        statistics = passes.running(place)
        if statistics is not None:
            means = np.stack([found.means[place] for found in seen])
            variances = np.stack([found.variances[place] for found in seen])
            batches[place] = (means, variances, statistics[0], statistics[1])
    return Probed(samples, layers, output, batches, sum(kept.samples for kept in plan.population))


def _population(seen: Sequence[Seen]) -> dict[int, tuple[Vector, Vector]]:
    """μ = E[μ_B], σ² = E[μ_B² + σ_B²] − μ² over the batches (Wu & Johnson 2021, section 3)."""
    result: dict[int, tuple[Vector, Vector]] = {}
    for place in seen[0].means:
        if not all(place in found.means for found in seen):
            continue
        means: Vector = np.stack([found.means[place] for found in seen]).astype(np.float64)
        variances: Vector = np.stack([found.variances[place] for found in seen]).astype(np.float64)
        mean = means.mean(axis=0)
        variance = (means**2 + variances).mean(axis=0) - mean**2
        result[place] = (mean.astype(np.float32), variance.astype(np.float32))
    return result


def _gaps(passes: Passes, place: int, batch: Seen, running: Seen, floors: Mapping[int, float]) -> dict[str, float]:
    statistics, epsilon = passes.running(place), passes.epsilon(place)
    if statistics is None:
        return {}
    own = _normalized(batch.inputs[place], batch.means[place], batch.variances[place], epsilon)
    with_running = _normalized(running.inputs[place], *statistics, epsilon)
    alone = _normalized(batch.inputs[place], *statistics, epsilon)
    gaps = {"gap": _rms(own - with_running), "alone": _rms(own - alone)}
    if place in floors:
        gaps["noiseFloor"] = floors[place]
    return gaps


def _floors_of_halves(passes: Passes, compared: Kept) -> dict[int, float]:
    """What the size of the batch alone makes of a gap, where no other batches say it.

    The batch is normalized with the statistics of either half of its samples. These have √2 times the noise of those of
    the whole batch, and their difference √2 times as much again.
    """
    normalized = []
    for half in halves_of(compared):
        _, alone = passes.run(half, "batch")
        _, seen = passes.run(compared, alone.statistics())
        normalized.append(_outputs(passes, seen, alone.statistics()))
    return {place: apart / 2 for place, apart in _differences(*normalized).items()} if normalized else {}


def _outputs(passes: Passes, seen: Seen, statistics: Statistics) -> dict[int, Vector]:
    """Inputs of layers, normalized with these statistics."""
    return {
        place: _normalized(values, *statistics[place], passes.epsilon(place))
        for place, values in seen.inputs.items()
        if place in statistics
    }


def _differences(one: Mapping[int, Vector], other: Mapping[int, Vector]) -> dict[int, float]:
    return {place: _rms(one[place] - other[place]) for place in one if place in other}


def _normalized(values: Vector, mean: Vector, variance: Vector, epsilon: float) -> Vector:
    with np.errstate(all="ignore"):
        # In place: layers have up to `MOST_VALUES`, and this is most of what a probe costs besides its passes.
        result: Vector = values - mean[:, None]
        result /= np.sqrt(variance + np.float32(epsilon))[:, None]
    return result


def _rms(difference: Vector) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(difference, dtype=np.float64))))


def _output(batch: Any, running: Any, population: Any, classes: bool) -> dict[str, Any] | None:
    if batch is None or running is None or batch.shape != running.shape:
        return None
    found = output_difference(batch, running, classes)
    if population is not None and population.shape == batch.shape:
        other = output_difference(batch, population, classes)
        for name in ("flips", "probabilityShift"):
            if name in other:
                found[f"{name}WithPopulation"] = other[name]
    return found
