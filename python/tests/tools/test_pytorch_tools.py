"""Recalibration measures exact population statistics; a check says what buffers show."""

from __future__ import annotations

import copy
from typing import Any

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import normlens  # noqa: E402


def _model() -> nn.Sequential:
    torch.manual_seed(0)
    parts = [nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(8 * 36, 5), nn.BatchNorm1d(5))


def _batches(count: int = 12) -> list[Any]:
    chance = torch.Generator().manual_seed(1)
    return [(torch.randn(16, 3, 8, 8, generator=chance) * 2 + 1, torch.zeros(16)) for _ in range(count)]


def test_statistics_are_those_of_the_population() -> None:
    model = _model()
    plain = copy.deepcopy(model).eval()
    report = normlens.recalibrate(model, _batches())
    means, squares = [], []
    for x, _ in _batches():
        values = plain[0](x).detach().transpose(0, 1).flatten(1).double()
        means.append(values.mean(1))
        squares.append(values.var(1, unbiased=False) + values.mean(1) ** 2)
    mean = torch.stack(means).mean(0)
    torch.testing.assert_close(model[1].running_mean.double(), mean, rtol=1e-5, atol=1e-6)
    variance = torch.stack(squares).mean(0) - mean**2
    torch.testing.assert_close(model[1].running_var.double(), variance, rtol=1e-5, atol=1e-6)
    assert (report.batches, report.samples) == (12, 192)
    assert [row.layer for row in report.layers] == ["1", "6"]
    assert report.layers[0].mean_distance > 0.1
    assert "12 batches" in str(report)


def test_everything_else_stays_as_it_was() -> None:
    model = _model()
    model[1].eval()
    weights = {name: value.clone() for name, value in model.named_parameters()}
    counter, modes = model[1].num_batches_tracked.clone(), [module.training for module in model.modules()]
    state = torch.get_rng_state()
    normlens.recalibrate(model, _batches(), batches=3)
    assert all(torch.equal(value, weights[name]) for name, value in model.named_parameters())
    assert torch.equal(model[1].num_batches_tracked, counter)
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)


def test_a_loader_that_fails_leaves_the_model_whole() -> None:
    model = _model()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    def broken() -> Any:
        yield _batches()[0]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        normlens.recalibrate(model, broken())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())


def test_what_cannot_be_recalibrated_is_said() -> None:
    with pytest.raises(ValueError, match="no BN layer"):
        normlens.recalibrate(nn.Linear(2, 2), _batches())
    with pytest.raises(ValueError, match="no batch"):
        normlens.recalibrate(_model(), [])


def _rules(model: nn.Module) -> list[str]:
    return [remark.rule for remark in normlens.check(model).remarks]


def test_a_check_says_what_the_buffers_show() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4))
    assert _rules(model) == ["never-updated-statistics"]
    for _ in range(10):
        model(torch.randn(64, 4))
    assert _rules(model) == ["statistics-too-young"]
    for _ in range(60):
        model(torch.randn(64, 4))
    assert _rules(model) == []
    assert str(normlens.check(model)) == "Nothing is wrong with the buffers of 1 BN layers."
    nn.init.zeros_(model[0].weight)
    assert _rules(model) == ["gamma-dead-or-exploding"]
    model[0].running_var[1] = float("nan")
    assert _rules(model) == ["nan-in-running-stats"]
    assert _rules(nn.Sequential(nn.BatchNorm1d(4, track_running_stats=False))) == ["no-track-running-stats"]
    large = nn.Sequential(nn.BatchNorm1d(4, 0.8))
    for _ in range(60):
        large(0.1 * torch.randn(64, 4))
    assert _rules(large) == ["epsilon-large"]
    assert "low-precision-statistics" in _rules(large.to(torch.bfloat16))
    assert str(normlens.check(nn.Linear(1, 1))) == "The model has no BN layers."


RANKS = """
import torch, torch.distributed as dist, torch.nn as nn, normlens, hashlib
dist.init_process_group("gloo"); torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8))
net = nn.parallel.DistributedDataParallel(model)
chance = torch.Generator().manual_seed(dist.get_rank())
report = normlens.recalibrate(net, [torch.randn(16, 4, generator=chance) + dist.get_rank() for _ in range(5)])
both = [None, None]; dist.all_gather_object(both, model[1].running_mean)
assert torch.equal(*both)
if dist.get_rank() == 0: print(report.batches, report.samples)
dist.barrier()
dist.destroy_process_group()
"""


def test_processes_get_the_same_statistics(script: Any) -> None:
    outcome = script(RANKS, ranks=2)
    assert outcome.code == 0, outcome.errors
    assert outcome.output.strip() == "10 160"
