"""A training that can afford no more samples is sampled all the same, ever more rarely: its end can be judged."""

from __future__ import annotations

from typing import Any

import pytest

TRAININGS = {
    "torch, evaluated every other step": (
        "torch",
        """
import torch, torch.nn as nn
torch.manual_seed(0); torch.set_num_threads(1)
layers = [layer for _ in range(5) for layer in (nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU())]
model = nn.Sequential(*layers); optimizer = torch.optim.SGD(model.parameters(), 0.01)
for _ in range(250):
    model.train()
    for _ in range(2):
        optimizer.zero_grad(); model(torch.randn(128, 64)).pow(2).mean().backward(); optimizer.step()
    model.eval(); model(torch.randn(8, 64))
""",
        500,
    ),
    "keras, short steps": (
        "keras",
        """
import keras, numpy as np
L = keras.layers; norms = [L.BatchNormalization() for _ in range(12)]
model = keras.Sequential([L.Input((16,)), *norms, L.Dense(4)]); model.compile("sgd", "mse")
x = np.random.rand(1500 * 8, 16).astype("float32"); model.fit(x, x[:, :4], batch_size=8, epochs=1, verbose=0)
""",
        1500,
    ),
}


@pytest.mark.parametrize("title", TRAININGS)
def test_no_pause_is_longer_than_a_share_of_the_training(title: str, script: Any) -> None:
    framework, source, steps = TRAININGS[title]
    pytest.importorskip(framework)
    outcome = script(source)
    assert outcome.code == 0, outcome.errors
    assert "normlens:" not in outcome.errors
    sampled = sorted({frame.step for frame in outcome.run.frames("norms")})
    assert outcome.run.of("end")[0]["step"] == steps
    pauses = [after - before for before, after in zip(sampled, [*sampled[1:], steps])]
    assert all(pause <= max(34, step / 8 + 2) for step, pause in zip(sampled, pauses)), (sampled, pauses)
