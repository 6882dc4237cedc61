"""Reading a batch back from two running statistics."""

from __future__ import annotations

import numpy as np
import pytest

from normlens.inverting.invert import CUMULATIVE, effective_weight, invert, mixture_share


def _fold(old: np.ndarray, batches: np.ndarray, weight: float) -> np.ndarray:
    running = old.astype(np.float32)
    for batch in batches:
        running = ((1 - weight) * running + weight * batch).astype(np.float32)
    return running


@pytest.mark.parametrize("weight", [0.5, 0.1, 0.01, 0.003])
@pytest.mark.parametrize("passes", [1, 2, 16])
def test_the_error_is_below_its_bound(weight: float, passes: int) -> None:
    chance = np.random.default_rng(passes)
    means = chance.normal(3, 2, (passes, 64))
    variances = chance.uniform(0.1, 4, (passes, 64))
    old_mean, old_variance = chance.normal(3, 2, 64), chance.uniform(0.1, 4, 64)
    new_mean, new_variance = _fold(old_mean, means, weight), _fold(old_variance, variances, weight)
    share = weight * (1 - weight) ** np.arange(passes)[::-1]
    share /= share.sum()
    batch = invert(
        old_mean.astype(np.float32).astype(float),
        old_variance.astype(np.float32).astype(float),
        new_mean.astype(float),
        new_variance.astype(float),
        np.full(64, effective_weight(weight, passes, 1000)),
        np.full(64, passes),
    )
    mean, variance = share @ means, share @ variances
    assert (np.abs(batch.mean - mean) / np.sqrt(variance) <= batch.mean_error).all()
    assert (np.abs(batch.variance / variance - 1) <= batch.variance_error).all()


def test_a_cumulative_average_weighs_each_batch_equally() -> None:
    assert effective_weight(CUMULATIVE, 1, 1) == 1
    assert effective_weight(CUMULATIVE, 3, 12) == pytest.approx(0.25)
    assert mixture_share(CUMULATIVE, 4) == pytest.approx(0.25)


def test_what_is_not_known_gives_nan_and_never_a_guess() -> None:
    assert np.isnan(effective_weight(None, 1, 5))
    one = np.ones(3)
    for weight in (0.0, float("nan")):
        batch = invert(one, one, one, one, np.full(3, weight), np.full(3, 1))
        assert np.isnan(batch.mean).all()
        assert np.isnan(batch.mean_error).all()


def test_the_share_of_a_mixture_is_that_of_its_weights() -> None:
    assert mixture_share(0.1, 1) == pytest.approx(1)
    # Sixteen passes at 0.1 vary as thirteen of equal weight do.
    assert 1 / mixture_share(0.1, 16) == pytest.approx(13, abs=0.5)
