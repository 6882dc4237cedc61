"""`normlens.watch(model, probe=batch)`: probes compare the modes on a person's own batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

torch = pytest.importorskip("torch")

SCRIPT = """
import glob, hashlib, json, os, random, time
import numpy, torch, torch.nn as nn, torch.nn.functional as F
import normlens
torch.manual_seed(0); random.seed(0); numpy.random.seed(0); torch.set_num_threads(1)
kind = os.environ["KIND"]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 8); self.norm = nn.BatchNorm1d(8, momentum=0.02)
        self.drop = nn.Dropout(0.5); self.last = nn.Linear(8, 3)
    def forward(self, x): return self.last(self.drop(self.norm(self.first(x))))
class Named(Net):
    def forward(self, *, x, shift=0.0): return super().forward(x + shift)
class Wrapped(nn.Module):
    def __init__(self):
        super().__init__(); self.net = Net()
model = Named() if kind == "names" else Wrapped() if kind == "no forward" else Net()
run = call = model.net if kind == "no forward" else model
if kind == "compiled": run = model = torch.compile(model, backend="aot_eager")
if kind == "compiled in place": model.compile(backend="aot_eager")
if kind == "moved": model.double()
given = torch.randn(40, 6) * 3 + 2
batch = given
if kind == "pair": batch = (given, torch.zeros(40))
if kind == "names": batch = {"x": given, "labels": torch.zeros(40)}
normlens.watch(model, probe=batch)
kept = given.clone(); given.zero_()
optimizer = torch.optim.SGD(model.parameters(), 0.05)
def direct():
    net = getattr(call, "_orig_mod", call)
    with torch.no_grad():
        z = net.first(kept.to(net.first.weight.dtype)).T
        norm = lambda mean, var: (z - mean[:, None]) / (var[:, None] + net.norm.eps).sqrt()
        own = norm(z.mean(1), z.var(1, unbiased=False))
        one, other = (norm(half.mean(1), half.var(1, unbiased=False)) for half in (z[:, ::2], z[:, 1::2]))
        rms = lambda difference: float(difference.square().mean().sqrt())
        return rms(own - norm(net.norm.running_mean, net.norm.running_var)), rms(one - other) / 2
for step in range(1, 26):
    x, y = torch.randn(24, 6), torch.randint(0, 3, (24,))
    if kind == "moved": x = x.double()
    optimizer.zero_grad(); F.cross_entropy(run(x=x) if kind == "names" else run(x), y).backward(); optimizer.step()
    if step == 20: expected = direct()
    if step == 19 and os.environ.get("PROBE"):
        time.sleep(0.6)
        [folder] = glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")
        open(folder + "/request-probe", "w").close()
json.dump(expected, open("expected.json", "w"))
state = [*model.state_dict().values(), torch.rand(3), torch.tensor([random.random(), numpy.random.rand()])]
digest = hashlib.sha256(b"".join(v.numpy().tobytes() for v in state)).hexdigest()
print(digest, all(m.training for m in model.modules()))
if "compiled" in kind: print(torch._dynamo.utils.counters["frames"]["total"])
"""

#: Whether batches of the training are seen as well, so that there are population statistics.
KINDS = {
    "tensor": True,
    "pair": True,
    "moved": True,
    "names": False,
    "compiled": False,
    "compiled in place": False,
    "no forward": True,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_modes_are_compared_on_the_given_batch(kind: str, script: Any) -> None:
    recorded = script(SCRIPT, every=1, PROBE="1", KIND=kind)
    assert (recorded.code, recorded.errors) == (0, "")
    [gap] = [record for record in recorded.run.of("gap") if record["step"] == 20]
    assert "reason" not in gap
    [entry] = gap["layers"]
    expected, floor = json.loads((script.folder / "expected.json").read_text())
    assert entry["gap"] == pytest.approx(expected, rel=1e-4)
    assert entry["alone"] == pytest.approx(expected, rel=1e-4)
    # Without other batches the floor is what the size of this one makes of a gap.
    assert KINDS[kind] or entry["noiseFloor"] == pytest.approx(floor, rel=1e-4)
    assert gap["samples"] == 40
    assert gap["output"]["distance"] > 0
    assert entry["noiseFloor"] > 0
    populations = [record["samples"] for record in recorded.run.of("population") if record["step"] == 20]
    assert populations == ([4 * 24] if KINDS[kind] else [])
    plain = SCRIPT.replace("normlens.watch(model, probe=batch)", "")
    assert recorded.output == script.by_hand(plain, KIND=kind).output, "weights, modes or a random state differ"


GAN = """
import torch, torch.nn as nn, normlens
torch.manual_seed(0); torch.set_num_threads(1)
class Generator(nn.Sequential): pass
class Critic(nn.Sequential): pass
generator = Generator(nn.Linear(4, 64), nn.BatchNorm1d(64), nn.Linear(64, 6))
critic = Critic(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
normlens.watch(generator); normlens.watch(critic, probe=torch.randn(32, 6))
one, other = (torch.optim.SGD(model.parameters(), 0.01) for model in (generator, critic))
for step in range(60):
    loss = critic(generator(torch.randn(16, 4))).mean()
    one.zero_grad(); other.zero_grad(); loss.backward(); one.step(); other.step()
normlens.watch(critic, probe=torch.randn(1, 6)); normlens.watch(critic, probe="a batch")
"""


def test_every_model_with_a_batch_is_probed_in_passing(script: Any) -> None:
    recorded = script(GAN)
    probed = {entry["layer"].partition(".")[0] for gap in recorded.run.of("gap") for entry in gap["layers"]}
    assert "Critic" in probed
    assert {gap["samples"] for gap in recorded.run.of("gap")} == {16, 32}


def test_what_is_no_batch_is_said_and_recording_goes_on(script: Any) -> None:
    recorded = script(GAN)
    assert recorded.code == 0
    lines = recorded.errors.splitlines()
    assert len(lines) == 2 and all("probe= takes a tensor with two samples or more" in line for line in lines)
    assert recorded.run.of("end")[0]["status"] == "completed"
