"""Steps at which nothing is due are counted as if each had been looked at."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from torch import nn

from normlens.attaching import variables
from normlens.probing.probe import Probed
from normlens.recording.idle import next_refresh, spokesmen
from normlens.recording.probes import Probes
from normlens.recording.watch import Watch
from normlens.ticking import rhythm


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 5, 6, 7, 51, 1000])
def test_every_layer_speaks_in_its_turn(layers: int) -> None:
    turns = spokesmen(layers)
    assert set(itertools.chain(*turns)) == set(range(layers))
    for turn in turns:
        assert {0, layers - 1} <= set(turn)
        assert len(turn) <= 4


def test_facts_are_looked_up_at_powers_of_two() -> None:
    assert [next_refresh(relative) for relative in (0, 1, 2, 3, 4, 63, 64)] == [1, 2, 4, 4, 8, 64, 128]


@pytest.fixture(autouse=True)
def rare_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to spend, so samples are as rare as they get, on any machine."""
    monkeypatch.setenv(variables.RUNS, str(tmp_path))
    monkeypatch.setattr(rhythm, "START_CREDIT", 0.0)
    monkeypatch.setattr(rhythm, "PHASE_CREDIT", 0.0)
    monkeypatch.setattr(rhythm, "allowed_share", lambda seconds: 1e-6)


class _Parts(nn.Module):
    """Seven layers, so that some are not looked at in each step; `extra` of them sees a batch more at some steps."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm1d(4) for _ in range(7))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for norm in self.norms:
            x = norm(x)
        return x


@pytest.mark.parametrize("unusual", [{}, {90: 0}, {91: 3}, {150: 6, 160: 6}, {200: 2}])
def test_passes_and_steps_are_those_of_looking_at_each_step(
    unusual: dict[int, int],
) -> None:
    from normlens.recording.pytorch import TorchRecorder
    from normlens.ticking.pytorch import StepClock

    torch.manual_seed(0)
    model, recorder = _Parts(), TorchRecorder()
    clock = StepClock(recorder.tick, recorder.idle.takes)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    records: list[dict[str, object]] = []
    idle = 0
    for step in range(1, 301):
        model(torch.randn(8, 4)).square().mean().backward()
        optimizer.step()
        if step in unusual:
            model.norms[unusual[step]](torch.randn(8, 4))
        clock.tick(optimizer)
        idle += bool(recorder.idle.takes)
        if step == 1:
            assert recorder.models.run is not None
            recorder.models.run.record = records.append  # type: ignore[method-assign]
    run, [watch] = recorder.models.run, recorder.models.watches
    assert run is not None
    assert idle > 30, "no step was idle, so nothing was tried"
    recorder.finish()
    assert run.step == watch.last_step == 300
    seen = [record for record in records if record["type"] == "passes" and record["passes"] == 2]
    # A layer that is not looked at in each step is noticed at most a turn later.
    late = len(spokesmen(7))
    assert sum(len(record["layers"]) for record in seen) == len(unusual)  # type: ignore[arg-type]
    for record, (step, place) in zip(seen, unusual.items()):
        assert record["layers"] == [f"norms.{place}"]
        assert 0 <= record["step"] - step <= (0 if place in (0, 6) else late)  # type: ignore[operator]


def test_an_optimizer_that_is_gone_leaves_its_steps_counted() -> None:
    from normlens.recording.pytorch import TorchRecorder
    from normlens.ticking.pytorch import StepClock

    torch.manual_seed(0)
    model, recorder = _Parts(), TorchRecorder()
    clock = StepClock(recorder.tick, recorder.idle.takes)

    def train(steps: int) -> None:
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for _ in range(steps):
            model(torch.randn(8, 4)).square().mean().backward()
            optimizer.step()
            clock.tick(optimizer)

    train(1)
    run = recorder.models.run
    assert run is not None
    records: list[dict[str, object]] = []
    run.record = records.append  # type: ignore[method-assign]
    train(230)
    train(150)
    recorder.finish()
    assert run.step == 381
    assert {record["passes"] for record in records if record["type"] == "passes"} == {1}


def test_a_model_without_a_batch_is_asked_ever_more_rarely() -> None:
    """Compiled code gives none, however long it trains."""
    from normlens.recording.pytorch import TorchRecorder

    torch.manual_seed(0)
    model, recorder = _Parts(), TorchRecorder()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    asked: list[int] = []

    class Never:
        def is_ready(self, watch: Watch) -> bool:
            asked.append(watch.run.step)
            return False

        def is_given(self, watch: Watch) -> bool:
            return False

        def probe(self, watch: Watch) -> Probed:
            raise AssertionError("there is no batch")

        def expected(self, step: float) -> float:
            return 0.0

    recorder.probes = Probes(Never())
    for _ in range(4000):
        model(torch.randn(8, 4)).square().mean().backward()
        optimizer.step()
        recorder.tick(optimizer)
    recorder.finish()
    assert asked, "no probe was thought of, so nothing was tried"
    # Every 16 steps it would be 247 times.
    assert len(asked) < 50
    # What is kept at last is probed soon, as seen from the length of the training.
    distances = [later / earlier for earlier, later in zip(asked, asked[1:])]
    assert max(distances) < 1.4
