"""One sample of all layers: what `norms` and `channels` frames contain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..inverting.invert import invert
from ..packing.layout import Group, Layout
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
    rows = np.full((len(passes), len(COLUMNS)), np.nan, np.float32)
    medians = np.empty((3, len(passes)))
    of = layout.place_of
    with np.errstate(all="ignore"):
        om, ov, nm, nv = (vector.astype(np.float64) for vector in (old.mean, old.variance, new.mean, new.variance))
        batch = invert(om, ov, nm, nv, weights.new[of], passes[of], weights.kept[of])
        epsilon = weights.epsilon[of]
        spread = np.maximum(batch.variance, _TINY) + epsilon
        shift = (batch.mean - om) / np.sqrt(spread)
        squares = layout.mean(np.stack([shift**2, batch.mean_error**2]))
        recent.add(step, age, shift, np.isfinite(squares[0]), weights.mixture)
        folded = (batch.mean, batch.variance, nm, nv, new.gamma, new.beta)
        apart = (spread / (ov + epsilon), batch.variance_error, epsilon / spread)
        for group, ordered in _ordered(layout, np.stack([*folded, *apart])):
            rows[group.layers, :_SCALARS_FROM] = ordered[:, : len(folded)].reshape(-1, _SCALARS_FROM)
            medians[:, group.layers] = ordered[:, len(folded) :, _MEDIAN].T
        shifts, errors = np.sqrt(squares)
    counted = np.where(passes < 0, np.nan, passes)
    rows[:, _SCALARS_FROM:] = np.stack([shifts, medians[0], counted, errors, medians[1]], axis=1)
    return Sample(rows, batch.mean, batch.variance, medians[2])


def _ordered(layout: Layout, vectors: Vector) -> Iterator[tuple[Group, Vector]]:
    """Quantiles of packed vectors ``[quantity, channel]``: of layers of one width ``[layer, quantity, quantile]``."""
    for group in layout.groups:
        part = vectors[:, group.start : group.stop].reshape(len(vectors), len(group.layers), group.width)
        yield group, quantiles(part).transpose(1, 0, 2)


def standing_rows(layout: Layout, new: Snapshot) -> Vector:
    """Rows of a sample without a batch: the running statistics, γ and β as they are."""
    rows = np.full((len(layout.widths), len(COLUMNS)), np.nan, np.float32)
    width = 4 * len(_QUANTILES)
    vectors = np.stack([new.mean, new.variance, new.gamma, new.beta]).astype(np.float64)
    for group, ordered in _ordered(layout, vectors):
        rows[group.layers, _SCALARS_FROM - width : _SCALARS_FROM] = ordered.reshape(-1, width)
    return rows
