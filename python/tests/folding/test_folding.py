"""Quantiles, averages of recent samples, population statistics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from normlens.finding.layers import Layer
from normlens.folding.population import population_fields
from normlens.folding.quantiles import quantiles
from normlens.folding.standing import RecentSamples, fingerprints
from normlens.packing.layout import Layout

LAYER = Layer("bn", "bn", "BatchNorm1d", "pytorch", 8, 1e-5, 0.1, "unbiased", "float32")


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 64, 101])
def test_quantiles_are_those_of_numpy(width: int) -> None:
    values = np.random.default_rng(width).normal(size=(3, 2, width))
    expected = np.moveaxis(np.quantile(values, [0, 0.25, 0.5, 0.75, 1], axis=-1), 0, -1)
    np.testing.assert_allclose(quantiles(values), expected, rtol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_has_no_quantiles(bad: float) -> None:
    values = np.ones((2, 4))
    values[1, 2] = bad
    assert np.isfinite(quantiles(values)[0]).all()
    assert np.isnan(quantiles(values)[1]).all()


def _recent(shifts: np.ndarray, mixture: float = 1.0) -> RecentSamples:
    layout = Layout([shifts.shape[1]])
    recent = RecentSamples(layout)
    for step, shift in enumerate(shifts, 1):
        recent.add(step, step, shift, np.array([True]), np.array([mixture]))
    return recent


def test_noise_averages_out_and_a_bias_stays() -> None:
    chance = np.random.default_rng(0)
    noise = _recent(chance.normal(0, 0.2, (200, 64))).read()
    biased = _recent(chance.normal(0.5, 0.2, (200, 64))).read()
    assert noise.lag[0] < 3 * noise.lag_floor[0]
    assert biased.lag[0] == pytest.approx(0.5, abs=0.05)
    for readings in (noise, biased):
        assert readings.spread[0] == pytest.approx(0.04, rel=0.25)


def test_the_spread_is_that_of_one_batch_where_several_are_mixed() -> None:
    chance = np.random.default_rng(0)
    assert _recent(chance.normal(0, 0.2, (200, 64)), mixture=0.25).read().spread[0] == pytest.approx(0.16, rel=0.25)


def test_few_samples_say_no_spread() -> None:
    readings = _recent(np.ones((2, 4))).read()
    assert np.isnan(readings.spread[0])
    assert readings.lag[0] == pytest.approx(1)


def test_what_was_forgotten_is_gone() -> None:
    recent = _recent(np.ones((20, 4)))
    recent.forget([0])
    assert np.isnan(recent.read().lag[0])


def test_a_fingerprint_changes_with_every_bit() -> None:
    chance = np.random.default_rng(0)
    first, second = chance.normal(size=1000).astype(np.float32), chance.normal(size=1000).astype(np.float32)
    moved = np.nextafter(first, np.float32(10))
    assert (fingerprints([first, second]) == fingerprints([first.copy(), second.copy()])).all()
    assert (fingerprints([first, second]) != fingerprints([moved, second])).mean() > 0.99
    assert (fingerprints([first, second]) != fingerprints([second, first])).mean() > 0.99


def test_population_statistics_of_settled_running_ones_are_within_the_noise_floor() -> None:
    chance = np.random.default_rng(0)
    means, variances = chance.normal(0, 0.1, (16, 8)), chance.uniform(0.9, 1.1, (16, 8))
    fields = population_fields(LAYER, means, variances, means.mean(0), variances.mean(0), 100)
    assert fields["meanDistance"] < 1e-6
    assert fields["noiseFloor"] == pytest.approx(np.sqrt(0.1 / 1.9 + 1 / 16) * 0.1, rel=0.2)
    assert fields["batchF"] == pytest.approx(1, rel=0.5)
    behind = population_fields(LAYER, means, variances, means.mean(0) + 1, variances.mean(0) * 4, 100)
    assert behind["meanDistance"] == pytest.approx(1, rel=0.05)
    assert behind["varianceDistance"] == pytest.approx(2, rel=0.05)
    cumulative = replace(LAYER, update_weight="cumulative")
    assert population_fields(cumulative, means, variances, means[0], variances[0], 9)["noiseFloor"] < 0.05
