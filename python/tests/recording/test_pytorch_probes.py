"""A probe finds what a direct comparison finds, and leaves the same bits behind."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

SCRIPT = """
import copy, glob, hashlib, json, os, random, time
import numpy, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); random.seed(0); numpy.random.seed(0); torch.set_num_threads(1)
class Noisy(nn.Module):
    def forward(self, x):
        self.last = x.detach()
        return x * (1 + 0.01 * random.random() + 0.01 * numpy.random.rand()) if self.training else x
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, momentum=0.01), nn.ReLU(), Noisy(), nn.Dropout(0.2),
                      nn.Flatten(), nn.Linear(8 * 64, 16), nn.BatchNorm1d(16, momentum=0.01), nn.Linear(16, 4))
optimizer = torch.optim.Adam(model.parameters(), 0.01)
batches = [(torch.randn(24, 3, 10, 10) + 1, torch.randint(0, 4, (24,))) for _ in range(40)]
def direct(x):
    found, inputs = {}, {}
    m = copy.deepcopy(model).eval()
    norms = {n: q for n, q in m.named_modules() if isinstance(q, nn.modules.batchnorm._BatchNorm)}
    for n, q in norms.items():
        q.register_forward_pre_hook(lambda q, a, n=n: inputs.setdefault(n, []).append(a[0].transpose(0, 1).flatten(1)))
    with torch.no_grad():
        for q in norms.values(): q.train()
        a = m(x)
        state = model.state_dict(); m.load_state_dict(state); m.eval()
        b = m(x)
    for n, q in norms.items():
        t, e = inputs[n]
        rm, rv = state[f"{n}.running_mean"][:, None], state[f"{n}.running_var"][:, None]
        norm = lambda v, mean, var: (v - mean) / (var + q.eps).sqrt()
        own = norm(t, t.mean(1, keepdim=True), t.var(1, keepdim=True, unbiased=False))
        found[n] = [float((own - norm(v, rm, rv)).square().mean().sqrt()) for v in (e, t)]
    shift = (a.softmax(1) - b.softmax(1)).abs().sum(1).mean() / 2
    return found, int((a.argmax(1) != b.argmax(1)).sum()), float(shift)
for step, (x, y) in enumerate(batches, 1):
    optimizer.zero_grad(); F.cross_entropy(model(x), y).backward(); optimizer.step()
    if step == 20 and os.environ.get("PROBE"):
        expected = direct(batches[2][0])
    if step == 19 and os.environ.get("PROBE"):
        time.sleep(0.6)
        [folder] = glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")
        open(folder + "/request-probe", "w").close()
if os.environ.get("PROBE"): json.dump(expected, open("expected.json", "w"))
state = [*model.state_dict().values(), torch.rand(3), torch.tensor([random.random(), numpy.random.rand()])]
digest = hashlib.sha256(b"".join(v.numpy().tobytes() for v in state)).hexdigest()
print(digest, "last" in vars(model[3]), model[1].training)
"""


def test_a_probe_finds_the_gap_and_leaves_the_same_bits(script: Any) -> None:
    import json

    recorded = script(SCRIPT, every=1, PROBE="1")
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    layers, flips, shift = json.loads((script.folder / "expected.json").read_text())
    [gap] = [record for record in recorded.run.of("gap") if record["step"] == 20]
    assert {entry["layer"] for entry in gap["layers"]} == set(layers)
    for entry in gap["layers"]:
        assert entry["gap"] == pytest.approx(layers[entry["layer"]][0], rel=1e-4)
        assert entry["alone"] == pytest.approx(layers[entry["layer"]][1], rel=1e-4)
        assert entry["noiseFloor"] > 0
    assert gap["samples"] == 24
    assert gap["output"]["flips"] == flips
    assert gap["output"]["probabilityShift"] == pytest.approx(shift, rel=1e-4)
    [population] = [record for record in recorded.run.of("population") if record["step"] == 20]
    assert population["samples"] == 4 * 24
    assert recorded.output == script(SCRIPT, record=False).output, "the weights or a random state differ"


REFUSED = """
import glob, os, time, torch, torch.nn as nn
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8))
seen = []
model[0].register_forward_hook(lambda m, a, o: seen.append(1))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for step in range(1, 80):
    optimizer.zero_grad(); model(torch.randn(16, 4)).square().mean().backward(); optimizer.step()
    if step == 60:
        time.sleep(0.6); open(glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")[0] + "/request-probe", "w").close()
print(len(seen))
"""


def test_a_probe_that_would_be_noticed_is_refused_with_a_reason(script: Any) -> None:
    recorded = script(REFUSED)
    assert recorded.output.strip() == "79"
    [gap] = recorded.run.of("gap")
    assert gap["layers"] == []
    assert "forward hook" in gap["reason"]


PARTS = """
import glob, hashlib, os, time, torch, torch.nn as nn
torch.manual_seed(0)
class Parts(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4))
        self.decoder = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6))
model = Parts()
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for step in range(1, 80):
    optimizer.zero_grad()
    model.decoder(model.encoder(torch.randn(16, 6))).square().mean().backward(); optimizer.step()
    if step == 60 and os.environ.get("PROBE"):
        time.sleep(0.6); open(glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")[0] + "/request-probe", "w").close()
print([name for name, module in model.named_modules() if not module.training])
print(hashlib.sha256(b"".join(v.numpy().tobytes() for v in model.state_dict().values())).hexdigest())
"""


def test_a_probe_of_a_part_of_a_model_leaves_the_other_parts_alone(script: Any) -> None:
    recorded = script(PARTS, PROBE="1")
    gaps = recorded.run.of("gap")
    assert gaps and all([entry["layer"] for entry in gap["layers"]] == ["encoder.1"] for gap in gaps)
    assert recorded.output == script(PARTS, record=False).output, "a mode or the weights differ"


GONE = """
import gc, glob, os, time, torch, torch.nn as nn

def train(steps, ask):
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(steps):
        optimizer.zero_grad(); model(torch.randn(16, 4)).square().mean().backward(); optimizer.step()
        if step == ask:
            time.sleep(0.6); open(glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")[0] + "/request-probe", "w").close()

train(60, -1)
gc.collect()
train(60, 20)
"""


def test_a_model_that_is_gone_is_said_to_be_gone(script: Any) -> None:
    recorded = script(GONE)
    assert recorded.code == 0, recorded.errors
    reasons = [gap.get("reason") for gap in recorded.run.of("gap")]
    assert not any("no batch" in (reason or "") for reason in reasons), reasons
    assert any(gap["layers"] for gap in recorded.run.of("gap"))
