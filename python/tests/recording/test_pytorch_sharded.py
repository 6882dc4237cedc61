"""Models whose layers or weights are spread over processes: FSDP2 and SyncBatchNorm, on two processes without a GPU."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

PROLOGUE = """
import hashlib, json, torch, torch.nn as nn, torch.nn.functional as F, torch.distributed as dist
dist.init_process_group("gloo"); rank = dist.get_rank(); torch.manual_seed(0); torch.set_num_threads(1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.bn, self.b = nn.Linear(6, 12), nn.BatchNorm1d(12), nn.Linear(12, 3)
    def forward(self, x):
        h = self.a(x); TRUTH.append([h.detach().double().mean(0).tolist(), h.detach().double().var(0).tolist()])
        return self.b(F.relu(self.bn(h)))
TRUTH, model = [], Net()
g = torch.Generator().manual_seed(rank)
def train(net, steps=12):
    optimizer = torch.optim.SGD(net.parameters(), 0.05)
    for _ in range(steps):
        x, y = torch.randn(32, 6, generator=g) + rank, torch.randint(0, 3, (32,), generator=g)
        optimizer.zero_grad(); F.cross_entropy(net(x), y).backward(); optimizer.step()
    json.dump(TRUTH, open(f"truth{rank}.json", "w"))
    for number in range(2):
        dist.barrier()
        if number == rank:
            local = [v.to_local() if hasattr(v, "to_local") else v for v in net.state_dict().values()]
            print(rank, hashlib.sha256(b"".join(v.detach().numpy().tobytes() for v in local)).hexdigest(), flush=True)
    dist.barrier()  # A process that leaves while another is still busy can abort it.
    dist.destroy_process_group()
"""

POOLED = """
class Pooled(nn.SyncBatchNorm):  # What SyncBatchNorm computes, which PyTorch does on GPUs alone.
    def forward(self, x):
        parts = [torch.empty_like(x) for _ in range(2)]
        dist.all_gather(parts, x.detach())
        parts[rank] = x
        self.num_batches_tracked.add_(1)
        out = F.batch_norm(torch.cat(parts), self.running_mean, self.running_var, self.weight, self.bias, True, 0.1)
        return out.chunk(2)[rank]
model.bn = Pooled(12)
def average(p): dist.all_reduce(p.grad); p.grad.div_(2)
for p in model.parameters(): p.register_post_accumulate_grad_hook(average)
train(model)
"""


def _truth(script: Any) -> Any:
    return np.array([json.loads((script.folder / f"truth{rank}.json").read_text()) for rank in range(2)])


def _errors(vectors: dict[int, Any], mean: Any, variance: Any) -> tuple[float, float]:
    errors = [
        (
            np.abs((v["batch_mean"] - mean[step - 1]) / np.sqrt(variance[step - 1])).max(),
            np.abs(v["batch_variance"] / variance[step - 1] - 1).max(),
        )
        for step, v in vectors.items()
    ]
    return max(e[0] for e in errors), max(e[1] for e in errors)


def test_fully_sharded_model(script: Any, capsys: Any) -> None:
    """FSDP2: γ and β are spread over processes, running statistics are each process's own."""
    source = PROLOGUE + "from torch.distributed.fsdp import fully_shard; fully_shard(model); train(model)"
    recorded = script(source, ranks=2, every=1)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    truth = _truth(script)
    assert recorded.output == script(source, ranks=2, record=False).output, "the weights differ"
    run = recorded.run
    assert run.run["model"] == "Net"
    assert run.layers()["bn"]["kind"] == "BatchNorm1d"
    for rank in range(2):
        mean, variance = _errors(run.channels("bn", rank), *truth[rank].swapaxes(0, 1))
        with capsys.disabled():
            print(f"\nFSDP2, rank {rank}: mean {mean:.1e} σ, variance {variance:.1e}", end="")
        assert mean < 2e-6
        assert variance < 2e-5


def test_synchronized_statistics(script: Any, capsys: Any) -> None:
    """SyncBatchNorm: what is read back is the batch of all processes together."""
    recorded = script(PROLOGUE + POOLED, ranks=2, every=1)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    (mean0, variance0), (mean1, variance1) = (rank.swapaxes(0, 1) for rank in _truth(script))
    assert recorded.output == script(PROLOGUE + POOLED, ranks=2, record=False).output, "the weights differ"
    pooled = (mean0 + mean1) / 2
    within = (variance0 + variance1) * 31
    variance = (within + 32 * ((mean0 - pooled) ** 2 + (mean1 - pooled) ** 2)) / 63
    worst = _errors(recorded.run.channels("bn"), pooled, variance)
    with capsys.disabled():
        print(f"\nSyncBatchNorm: mean {worst[0]:.1e} σ, variance {worst[1]:.1e}", end="")
    assert worst[0] < 2e-6
    assert worst[1] < 2e-5
    assert not recorded.run.of("gap"), "a probe would wait for the other process"


def test_a_converted_model_without_a_gpu_fails_as_without_us(script: Any) -> None:
    source = PROLOGUE + "train(nn.SyncBatchNorm.convert_sync_batchnorm(model))"
    recorded, plain = script(source, ranks=2), script(source, ranks=2, record=False)
    assert recorded.code == plain.code != 0
    assert "SyncBatchNorm expected input tensor to be on GPU" in recorded.errors
    assert "normlens:" not in recorded.errors
    assert not recorded.runs
