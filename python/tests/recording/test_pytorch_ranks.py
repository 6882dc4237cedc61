"""Two processes of one training: one run, and how far their statistics are apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not torch.distributed.is_available() or not torch.distributed.is_gloo_available():
    pytest.fail("this PyTorch has no gloo: the tests of ranks cannot run")

SCRIPT = """
import os, sys, torch, torch.nn as nn, torch.nn.functional as F, torch.distributed as dist
dist.init_process_group("gloo"); rank = dist.get_rank(); torch.manual_seed(0); torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 3))
net = nn.parallel.DistributedDataParallel(model, broadcast_buffers=BROADCAST)
optimizer = torch.optim.SGD(net.parameters(), 0.05)
g = torch.Generator().manual_seed(rank)
truth = []
for step in range(12):
    x = torch.randn(32, 6, generator=g) + rank; y = torch.randint(0, 3, (32,), generator=g)
    with torch.no_grad():
        h = model[0](x).double(); truth.append([h.mean(0).tolist(), h.var(0).tolist()])
    optimizer.zero_grad(); F.cross_entropy(net(x), y).backward(); optimizer.step()
import json; json.dump(truth, open(f"truth{rank}.json", "w"))
dist.barrier()
dist.destroy_process_group()
"""


def _truth(script: Any, rank: int) -> Any:
    import json

    return np.array(json.loads((script.folder / f"truth{rank}.json").read_text()))


@pytest.mark.parametrize("broadcast", [False, True])
def test_ranks_are_one_run(broadcast: bool, script: Any) -> None:
    outcome = script(SCRIPT.replace("BROADCAST", str(broadcast)), ranks=2, every=1)
    assert outcome.code == 0, outcome.errors
    assert "normlens:" not in outcome.errors
    run = outcome.run
    assert run.run["ranks"] == 2
    assert run.run["settings"]["broadcastBuffers"] is broadcast
    own, other = run.channels("1"), run.channels("1", rank=1)
    assert own.keys() == other.keys(), "both ranks record single channels at the same steps"
    for rank, vectors in enumerate((own, other)):
        truth = _truth(script, rank)
        for step, values in vectors.items():
            mean, variance = truth[step - 1]
            batch = values["batch_mean"]
            if rank == 1 and broadcast:
                # It began the step from rank 0's statistics: read back with those (docs/run-format.md, "Ranks").
                assert np.isnan(batch).all()
                first = own[step]
                old = (first["running_mean"].astype(float) - 0.1 * first["batch_mean"]) / 0.9
                batch = (values["running_mean"] - 0.9 * old) / 0.1
            assert np.abs((batch - mean) / np.sqrt(variance)).max() < 2e-5


def test_a_pointer_of_an_earlier_launch_is_not_followed(tmp_path: Any, monkeypatch: Any) -> None:
    from normlens.watching import ranks

    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "run.jsonl").write_text("{}")
    ranks.tell_folder(tmp_path, tmp_path / "old")
    assert ranks.told_folder(tmp_path) == tmp_path / "old"
    monkeypatch.setattr(ranks, "_STARTED", ranks._STARTED + 3600)
    assert ranks.told_folder(tmp_path) is None
