"""One sample of all layers: what `norms` and `channels` frames contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..inverting.invert import invert
from ..packing.layout import Layout
from ..packing.snapshot import Snapshot
from .quantiles import quantiles
from .standing import RecentSamples
from .weights import Weights

Vector = np.ndarray[Any, Any]

QUANTITIES = ("batch_mean", "batch_variance", "running_mean", "running_variance", "gamma", "beta")
_QUANTILES = ("min", "q1", "median", "q3", "max")
_SCALARS = ("mean_shift", "variance_ratio", "passes", "mean_error", "variance_error")
COLUMNS = tuple(f"{quantity}.{name}" for quantity in QUANTITIES for name in _QUANTILES) + _SCALARS
_SCALARS_FROM = len(QUANTITIES) * len(_QUANTILES)
_MEDIAN = 2
_TINY = 1e-30


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


def take_sample(
    layout: Layout,
    old: Snapshot,
    new: Snapshot,
    passes: Vector,
    weights: Weights,
    recent: RecentSamples,
    step: int,
    age: int,
) -> Sample:
    """Reads the batch of one step back and folds it.

    Args:
        layout: Of the vectors.
        old: Before the step.
        new: After it.
        passes: Updates of each layer in between; -1 where that is unknown.
        weights: With which they were mixed into the running statistics.
        recent: Takes the sample in.
        step: The step.
        age: Steps since this training of the model began.
    """
    layers = len(passes)
    rows = np.full((layers, len(COLUMNS)), np.nan, np.float32)
    epsilon_share = np.full(layers, np.nan)
    batch_mean, batch_variance = (np.full(layout.channels, np.nan, np.float32) for _ in range(2))
    with np.errstate(all="ignore"):
        for group in layout.groups:
            places = group.layers
            epsilon = weights.epsilon[places][:, None]
            om, ov, nm, nv = (group.of(v).astype(np.float64) for v in (old.mean, old.variance, new.mean, new.variance))
            batch = invert(om, ov, nm, nv, weights.new[places], passes[places], weights.kept[places])
            group.of(batch_mean)[:] = batch.mean
            group.of(batch_variance)[:] = batch.variance
            spread = np.maximum(batch.variance, _TINY) + epsilon
            shift = (batch.mean - om) / np.sqrt(spread)
            ratio = spread / (ov + epsilon)
            squares = np.stack([shift**2, batch.mean_error**2]).mean(axis=2)
            valid = np.isfinite(squares[0])
            recent.add(group, step, age, shift, valid, weights.mixture[places])
            vectors = (batch.mean, batch.variance, nm, nv, group.of(new.gamma), group.of(new.beta))
            ordered = quantiles(np.stack([*vectors, ratio, batch.variance_error, epsilon / spread], axis=1))
            root = np.sqrt(squares)
            scalars = (root[0], ordered[:, 6, _MEDIAN], passes[places], root[1], ordered[:, 7, _MEDIAN])
            rows[places, :_SCALARS_FROM] = ordered[:, :6].reshape(len(places), _SCALARS_FROM)
            rows[places, _SCALARS_FROM:] = np.stack(scalars, axis=1)
            epsilon_share[places] = ordered[:, 8, _MEDIAN]
    rows[passes < 0, _SCALARS_FROM + _SCALARS.index("passes")] = np.nan
    return Sample(rows, batch_mean, batch_variance, epsilon_share)


def standing_rows(layout: Layout, new: Snapshot) -> Vector:
    """Rows of a sample without a batch: the running statistics, γ and β as they are."""
    rows = np.full((len(layout.widths), len(COLUMNS)), np.nan, np.float32)
    for group in layout.groups:
        vectors = np.stack([group.of(v) for v in (new.mean, new.variance, new.gamma, new.beta)], axis=1)
        width = 4 * len(_QUANTILES)
        part = quantiles(vectors.astype(np.float64)).reshape(len(group.layers), width)
        rows[group.layers, _SCALARS_FROM - width : _SCALARS_FROM] = part
    return rows
