"""What happens between steps, and which models there are."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

HEAD = """
import copy, os, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
class Net(nn.Module):
    def __init__(self, out=3):
        super().__init__()
        self.fc, self.bn, self.out = nn.Linear(6, 12), nn.BatchNorm1d(12), nn.Linear(12, out)
    def forward(self, x): return self.out(F.relu(self.bn(self.fc(x))))
def batch(): return torch.randn(32, 6), torch.randint(0, 3, (32,))
def steps(model, optimizer, count):
    for _ in range(count):
        x, y = batch(); optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); optimizer.step()
def sgd(model): return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.05)
"""


def _run(script: Any, source: str, **options: Any) -> Any:
    outcome = script(HEAD + source, every=1, **options)
    assert outcome.code == 0, outcome.errors
    assert "normlens:" not in outcome.errors
    return outcome.run


def _passes(run: Any, layer: str) -> list[tuple[int, int]]:
    return [(r["step"], r["passes"]) for r in run.of("passes") if layer in r.get("layers", [layer])]


def test_a_step_that_a_grad_scaler_skips_shows_as_another_pass(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); optimizer = sgd(model); scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
for step in range(8):
    x, y = batch(); optimizer.zero_grad(); loss = F.cross_entropy(model(x), y)
    scaler.scale(loss * (float("inf") if step == 4 else 1.0)).backward(); scaler.step(optimizer); scaler.update()
""",
    )
    assert run.of("end")[0]["step"] == 7
    assert _passes(run, "bn") == [(2, 1), (5, 2), (6, 1)]


def test_a_layer_in_eval_mode_does_not_update(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); optimizer = sgd(model); steps(model, optimizer, 4)
model.bn.eval(); steps(model, optimizer, 4)
""",
    )
    assert _passes(run, "bn") == [(2, 1), (5, 0)]
    assert run.standing("bn")["training"] is False
    last = run.frames("norms")[-1].values["bn"]
    assert last["passes"] == 0
    assert last["batch_mean.median"] != last["batch_mean.median"], "a batch that was not folded in is unknown, not zero"


def test_frozen_parameters_are_known_as_such(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); steps(model, sgd(model), 5)
model.bn.requires_grad_(False); steps(model, sgd(model), 5)
""",
    )
    assert run.run["layers"][0]["norm"]["trained"] is True
    assert run.layers()["bn"]["norm"]["trained"] is False


def test_loading_begins_a_segment_and_says_what_was_not_loaded(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); optimizer = sgd(model); steps(model, optimizer, 5)
model.load_state_dict(Net().state_dict()); steps(model, optimizer, 5)
model.load_state_dict({k: v for k, v in Net().state_dict().items() if "running" not in k}, strict=False)
steps(model, optimizer, 5)
""",
    )
    segments = run.of("segment")
    assert [(s["step"], s["reason"], s.get("withoutStatistics")) for s in segments] == [
        (5, "weights-loaded", None),
        (10, "weights-loaded", ["bn"]),
    ]
    # No batch is read back across a segment.
    vectors = run.channels("bn")
    assert all(
        abs(values["batch_mean"]).max() < 5
        for values in vectors.values()
        if values["batch_mean"][0] == values["batch_mean"][0]
    )


def test_what_a_checkpoint_lacks_is_seen(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); optimizer = sgd(model); steps(model, optimizer, 3)
torch.save({"epoch": 1, "model": model.state_dict()}, "whole.pt")
torch.save(dict(model.named_parameters()), "weights.pt")
torch.save({"losses": [1.0, 2.0]}, "log.pt")
torch.save(model, "pickled.pt")
""",
    )
    assert [(c["path"], c["statistics"]) for c in run.of("checkpoint")] == [
        ("whole.pt", True),
        ("weights.pt", False),
        ("pickled.pt", True),
    ]


def test_checkpoints_in_safetensors_are_seen(script: Any) -> None:
    """As Transformers, Accelerate and timm write them: they take the function by its name."""
    pytest.importorskip("safetensors")
    run = _run(
        script,
        """
from safetensors.torch import save_file, save_model
model = Net(); optimizer = sgd(model); steps(model, optimizer, 3)
save_file(model.state_dict(), "whole.safetensors", metadata={"format": "pt"})
save_file(tensors={k: v.detach() for k, v in model.named_parameters()}, filename="weights.safetensors")
save_model(model, "model.safetensors")
""",
    )
    assert [(c["path"], c["statistics"]) for c in run.of("checkpoint")] == [
        ("whole.safetensors", True),
        ("weights.safetensors", False),
        ("model.safetensors", True),
    ]


def test_two_models_that_step_in_turn_are_one_run(script: Any) -> None:
    run = _run(
        script,
        """
class Generator(Net): pass
class Critic(Net): pass
G, D = Generator(6), Critic(); g, d = sgd(G), sgd(D)
for _ in range(6):
    x, y = batch(); fake = G(x)
    d.zero_grad(); (F.cross_entropy(D(x), y) + F.cross_entropy(D(fake.detach()), y)).backward(); d.step()
    g.zero_grad(); F.cross_entropy(D(fake), y).backward(); g.step()
""",
    )
    layers = run.layers()
    assert {layer["model"] for layer in layers.values()} == {"Generator", "Critic"}
    assert run.of("end")[0]["step"] == 6
    assert _passes(run, "bn")[0][1] == 3
    assert _passes(run, "Generator.bn") == [(2, 1)]


def test_a_process_that_trains_twice_goes_on_counting(script: Any) -> None:
    run = _run(script, "a, b = Net(), Net(); steps(a, sgd(a), 6); steps(b, sgd(b), 6)")
    assert run.of("end")[0]["step"] == 11
    assert set(run.layers()) == {"bn", "b.bn"}
    assert run.layers()["b.bn"]["source"]["line"] == run.layers()["bn"]["source"]["line"]


def test_a_part_that_is_reused_keeps_its_name(script: Any) -> None:
    run = _run(
        script,
        """
first = Net(); steps(first, sgd(first), 5)
second = nn.Sequential(first, nn.Linear(3, 3), nn.BatchNorm1d(3)); steps(second, sgd(second), 5)
""",
    )
    assert "bn" in run.layers()
    assert len(run.layers()) == 2
    assert {frame.step for frame in run.frames("norms") if "bn" in frame.values} >= {3, 4, 8, 9}


def test_a_model_copied_after_the_first_step_is_found(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); steps(model, sgd(model), 4)
other = copy.deepcopy(model); other.out = nn.Linear(12, 3); steps(other, sgd(other), 4)
""",
    )
    layers = run.layers()
    assert set(layers) == {"bn", "other.bn"}
    # A copy was never constructed: its line is that of the layer it was copied from.
    assert layers["other.bn"]["source"] == layers["bn"]["source"]


def test_copies_that_no_optimizer_owns_are_watched(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); teacher = copy.deepcopy(model).eval(); optimizer = sgd(model)
for _ in range(20):
    with torch.no_grad():
        teacher(batch()[0])
        for mine, its in zip(teacher.parameters(), model.parameters()): mine.lerp_(its, 0.1)
    steps(model, optimizer, 1)
""",
    )
    assert run.layers()["teacher.bn"]["owned"] is False
    standing = run.standing("teacher.bn")
    assert (standing["updates"], standing["affineMoved"], standing["runningMoved"]) == (0, 1, 0)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_an_average_inside_the_model_is_a_copy_in_either_mode(script: Any, mode: str) -> None:
    run = _run(
        script,
        f"""
class Task(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net(); self.average = copy.deepcopy(self.net).requires_grad_(False)
    def forward(self, x): return self.net(x)
model = Task(); optimizer = torch.optim.SGD(model.net.parameters(), 0.05)
for _ in range(20):
    model.train(); model.average.train({mode == "train"})
    steps(model, optimizer, 1)
    with torch.no_grad():
        for mine, its in zip(model.average.state_dict().values(), model.net.state_dict().values()):
            mine.copy_(its if its.dtype == torch.long else mine.lerp(its, 0.1))
    if _ % 9 == 8: model.eval(); model(batch()[0])
""",
    )
    assert {name: layer["owned"] for name, layer in run.layers().items()} == {"net.bn": True, "average.bn": False}


def test_layers_that_a_frozen_model_loads_are_no_copies(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); model.bn.requires_grad_(False); optimizer = sgd(model)
for round in range(4):
    steps(model, optimizer, 5); model.eval(); model(batch()[0]); model.train()
    state = {name: value + 1 if name == "bn.weight" else value for name, value in model.state_dict().items()}
    model.load_state_dict(state)
""",
    )
    assert run.layers()["bn"]["owned"] is True
    assert run.layers()["bn"]["norm"]["trained"] is False


def test_statistics_in_half_precision_are_unknown(script: Any) -> None:
    run = _run(
        script,
        """
model = Net().bfloat16(); optimizer = sgd(model)
for _ in range(6):
    x, y = batch(); optimizer.zero_grad(); F.cross_entropy(model(x.bfloat16()).float(), y).backward(); optimizer.step()
""",
    )
    assert run.run["layers"][0]["norm"]["dtype"] == "bfloat16"
    last = run.frames("norms")[-1].values["bn"]
    assert last["batch_mean.median"] != last["batch_mean.median"]
    assert last["running_mean.median"] == last["running_mean.median"]


def test_channels_that_are_not_finite_are_counted_at_once(script: Any) -> None:
    run = _run(
        script,
        """
model = Net(); optimizer = sgd(model); steps(model, optimizer, 5)
model(torch.full((32, 6), float("nan"))); steps(model, optimizer, 3)
""",
    )
    broken = [(s["step"], s["layers"][0]["broken"]) for s in run.of("standing") if s["layers"][0]["broken"]]
    assert broken[0] == (6, 12)


def test_a_forked_child_that_trains_has_its_own_run(script: Any) -> None:
    outcome = script(
        HEAD
        + """
import multiprocessing
def child(): steps(model, sgd(model), 5)
model = Net(); steps(model, sgd(model), 5)
process = multiprocessing.get_context("fork").Process(target=child); process.start(); process.join()
steps(model, sgd(model), 1)
""",
        every=1,
    )
    assert outcome.code == 0, outcome.errors
    assert len(outcome.runs) == 2
    assert {run.of("end")[0]["status"] for run in outcome.runs} == {"completed"}


def test_a_spawned_child_that_trains_is_recorded(script: Any) -> None:
    run = _run(
        script,
        """
import multiprocessing
def child():
    model = Net(); steps(model, sgd(model), 5)
if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=child); process.start(); process.join()
""",
    )
    assert run.of("end")[0]["step"] == 5


def test_workers_of_a_loader_record_nothing(script: Any) -> None:
    run = _run(
        script,
        """
from torch.utils.data import DataLoader, TensorDataset
model = Net(); optimizer = sgd(model)
for x, y in DataLoader(TensorDataset(torch.randn(256, 6), torch.randint(0, 3, (256,))), 32, num_workers=2):
    optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); optimizer.step()
""",
    )
    assert run.of("end")[0]["step"] == 8


def test_many_layers_and_many_channels_are_recorded(script: Any) -> None:
    run = _run(
        script,
        """
narrow, wide = [nn.BatchNorm1d(6) for _ in range(1000)], [nn.BatchNorm1d(4096), nn.BatchNorm1d(4096)]
model = nn.Sequential(*narrow, nn.Linear(6, 4096), *wide)
steps(model, sgd(model), 4)
""",
    )
    assert len(run.layers()) == 1002
    assert run.channels("1001")[3]["batch_mean"].shape == (4096,)


def test_a_failed_script_says_the_exception_and_none_of_its_words(script: Any) -> None:
    outcome = script(HEAD + "model = Net(); steps(model, sgd(model), 3)\nraise ValueError('secret')", every=1)
    assert outcome.code == 1
    end = outcome.run.of("end")[0]
    assert (end["status"], end["reason"]) == ("failed", "The script ended with ValueError.")
    assert "secret" not in (outcome.run.folder / "run.jsonl").read_text()
