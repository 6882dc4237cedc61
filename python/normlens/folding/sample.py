"""One sample of all layers: what `norms` and `channels` frames contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..finding.layers import Layer
from ..inverting.invert import effective_weight, invert, mixture_share
from ..packing.layout import Layout
from ..packing.snapshot import Snapshot
from .quantiles import quantiles
from .standing import RecentSamples

Vector = np.ndarray[Any, Any]

QUANTITIES = ("batch_mean", "batch_variance", "running_mean", "running_variance", "gamma", "beta")
_QUANTILES = ("min", "q1", "median", "q3", "max")
_SCALARS = ("mean_shift", "variance_ratio", "passes", "mean_error", "variance_error")
COLUMNS = tuple(f"{quantity}.{name}" for quantity in QUANTITIES for name in _QUANTILES) + _SCALARS

_TINY = 1e-30
_READABLE = ("float32", "float64")


@dataclass
class Sample:
    """A sample.

    Attributes:
        rows: ``[layer, column]``, in the order of layers.
        batch_mean: One value a channel, in the order of the layout; NaN where it could not be read back.
        batch_variance: Likewise.
        epsilon_share: Median over channels of ε / (batch variance + ε), ``[layer]``.
    """

    rows: Vector
    batch_mean: Vector
    batch_variance: Vector
    epsilon_share: Vector


def weights_of(layers: list[Layer], passes: Vector, totals: Vector) -> Vector:
    """m′ of each layer; NaN where its batch cannot be read back."""
    return np.array(
        [
            effective_weight(layer.update_weight, int(k), int(n)) if k > 0 and layer.dtype in _READABLE else np.nan
            for layer, k, n in zip(layers, passes, totals)
        ]
    )


def take_sample(
    layout: Layout,
    layers: list[Layer],
    old: Snapshot,
    new: Snapshot,
    passes: Vector,
    valid: Vector,
    recent: RecentSamples,
    step: int,
) -> Sample:
    """Reads the batch of one step back and folds it.

    Args:
        layout: Of the vectors.
        layers: In the order of their places.
        old: Before the step.
        new: After it.
        passes: Updates of each layer in between; -1 where that is unknown.
        valid: Layers whose change is an update and nothing else.
        recent: Takes the sample in.
        step: The step.
    """
    weights = np.where(valid, weights_of(layers, passes, new.updates), np.nan)
    kept = np.array([_kept(layer, int(k)) for layer, k in zip(layers, passes)])
    mixture = np.array([mixture_share(layer.update_weight, int(k)) for layer, k in zip(layers, passes)])
    epsilon = np.array([layer.epsilon for layer in layers])
    rows = np.full((len(layers), len(COLUMNS)), np.nan, np.float32)
    epsilon_share = np.full(len(layers), np.nan)
    batch_mean, batch_variance = (np.full(layout.channels, np.nan, np.float32) for _ in range(2))
    for group in layout.groups:
        places = group.layers
        om, ov, nm, nv = (
            group.of(vector).astype(np.float64) for vector in (old.mean, old.variance, new.mean, new.variance)
        )
        weight = weights[places]
        keep = np.where(np.isnan(kept[places]), 1 - weight, kept[places])
        batch = invert(om, ov, nm, nv, weight, passes[places], keep)
        group.of(batch_mean)[:] = batch.mean
        group.of(batch_variance)[:] = batch.variance
        with np.errstate(all="ignore"):
            shift = (batch.mean - om) / np.sqrt(np.maximum(batch.variance, _TINY) + epsilon[places][:, None])
            ratio = (np.maximum(batch.variance, 0) + epsilon[places][:, None]) / (ov + epsilon[places][:, None])
            mean_error = np.sqrt((batch.mean_error**2).mean(axis=1))
            recent.add(group, step, shift, np.log(ratio), ~np.isnan(weight), mixture[places])
            vectors = np.stack([batch.mean, batch.variance, nm, nv, group.of(new.gamma), group.of(new.beta)], axis=1)
            rows[places, :30] = quantiles(vectors).reshape(len(places), 30)
            rows[places, 30] = np.sqrt((shift**2).mean(axis=1))
            rows[places, 31] = np.median(ratio, axis=1)
            rows[places, 33] = mean_error
            spread = np.maximum(batch.variance, 0) + epsilon[places][:, None]
            epsilon_share[places] = np.median(epsilon[places][:, None] / spread, axis=1)
            rows[places, 34] = np.median(batch.variance_error, axis=1)
    rows[:, 32] = np.where(passes >= 0, passes, np.nan)
    return Sample(rows, batch_mean, batch_variance, epsilon_share)


def standing_rows(layout: Layout, new: Snapshot, passes: Vector) -> Vector:
    """Rows of a sample without a batch: the running statistics, γ and β as they are."""
    rows = np.full((len(layout.widths), len(COLUMNS)), np.nan, np.float32)
    for group in layout.groups:
        vectors = np.stack([group.of(v) for v in (new.mean, new.variance, new.gamma, new.beta)], axis=1)
        rows[group.layers, 10:30] = quantiles(vectors.astype(np.float64)).reshape(len(group.layers), 20)
    rows[:, 32] = np.where(passes >= 0, passes, np.nan)
    return rows


def _kept(layer: Layer, passes: int) -> float:
    """Keras multiplies by its momentum in float32, which is not 1 minus the new value's weight."""
    if layer.framework != "keras" or not isinstance(layer.update_weight, float):
        return float("nan")
    return float(np.float64(np.float32(1.0 - layer.update_weight)) ** max(1, passes))
