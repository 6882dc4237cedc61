"""Trainings that come one after the other in a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from normlens.attaching import variables


def _standings(momentum: float, steps: int) -> list[dict[str, Any]]:
    """Of the first layer, while a second optimizer trains it on data that were moved by six standard deviations."""
    from normlens.recording.pytorch import TorchRecorder
    from normlens.ticking.pytorch import StepClock

    torch.manual_seed(0)
    model, recorder = nn.Sequential(nn.BatchNorm1d(16, momentum=momentum), nn.Linear(16, 1)), TorchRecorder()
    clock = StepClock(recorder.tick, recorder.idle.takes)
    data = torch.randn(2000, 16)
    records: list[dict[str, Any]] = []

    def train(x: torch.Tensor, steps: int) -> None:
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for _ in range(steps):
            model(x[torch.randperm(len(x))[:100]]).square().mean().backward()
            optimizer.step()
            clock.tick(optimizer)
        recorder.enter(recorder.models.watches[0].evaluated)

    train(data, 1)
    assert recorder.models.run is not None
    recorder.models.run.record = records.append  # type: ignore[method-assign]
    train(data, 300)
    train(3 * data + 6, steps)
    recorder.finish()
    found = [record for record in records if record["type"] == "standing" and record["step"] > 301]
    return [record["layers"][0] for record in found]


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variables.RUNS, str(tmp_path))
    monkeypatch.setenv(variables.EVERY, "1")


def test_batches_of_moved_data_are_not_taken_for_dependent() -> None:
    for layer in _standings(0.1, 120):
        assert layer.get("dependence", 0) < 3


def test_a_model_that_is_one_too_many_is_named() -> None:
    from normlens.recording.pytorch import TorchRecorder
    from normlens.ticking.pytorch import StepClock

    class Agent(nn.Sequential):
        pass

    recorder = TorchRecorder()
    clock = StepClock(recorder.tick, recorder.idle.takes)
    agents = [Agent(nn.Linear(4, 4), nn.BatchNorm1d(4)) for _ in range(14)]
    records: list[dict[str, Any]] = []
    optimizers = [torch.optim.SGD(agent.parameters(), 0.1) for agent in agents]
    for _ in range(2):
        for agent, optimizer in zip(agents, optimizers):
            agent(torch.randn(8, 4)).square().mean().backward()
            optimizer.step()
            clock.tick(optimizer)
            if recorder.models.run is not None and not records:
                recorder.models.run.record = records.append  # type: ignore[method-assign]
                records.append({"type": "run"})
    recorder.finish()
    [left] = [record for record in records if record["type"] == "left-out"]
    assert (left["model"], left["recorded"]) == ("Agent", 12)


def test_statistics_that_follow_slowly_are_behind() -> None:
    assert _standings(0.01, 12)[-1]["lag"] > 1
