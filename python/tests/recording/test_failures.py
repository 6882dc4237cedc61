"""Whatever fails in the recorder, a training finishes with the same bits; whatever is killed, its run opens."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

TRAINING = """
import hashlib, os, sys, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 3))
optimizer = torch.optim.SGD(model.parameters(), 0.05)
for step in range(30):
    model.train()
    optimizer.zero_grad(); F.cross_entropy(model(torch.randn(32, 6)), torch.randint(0, 3, (32,))).backward()
    optimizer.step()
    if step % 10 == 9:
        model.eval(); torch.save(model.state_dict(), "model.pt"); model.load_state_dict(torch.load("model.pt"))
print(hashlib.sha256(b"".join(v.numpy().tobytes() for v in model.state_dict().values())).hexdigest())
"""

#: Functions of the recorder, by module: each is made to fail in turn.
BROKEN = [
    ("writing.files", "AppendedFile.append"),
    ("writing.folder", "make_run_folder"),
    ("writing.heartbeat", "Heartbeat.write"),
    ("writing.blocks", "frame"),
    ("packing.pytorch", "TorchPacker.snapshot"),
    ("packing.layout", "Layout.slice_of"),
    ("inverting.invert", "invert"),
    ("folding.quantiles", "quantiles"),
    ("folding.standing", "RecentSamples.add"),
    ("folding.standing", "fingerprints"),
    ("folding.sample", "take_sample"),
    ("finding.pytorch", "all_roots"),
    ("finding.pytorch", "norms_below"),
    ("finding.pytorch", "calling_line"),
    ("probing.pytorch", "PassMeter._measure"),
    ("probing.pytorch_inputs", "KeptInputs.keep"),
    ("ticking.rhythm", "Rhythm.step"),
    ("ticking.pytorch", "learning_rate_of"),
    ("watching.ranks", "rank_and_size"),
    ("recording.run", "Run.record"),
    ("recording.watch", "Watch.standing"),
    ("recording.watch", "Watch._process"),
    ("recording.pytorch_models", "TorchModels.segment"),
    ("recording.pytorch_source", "TorchSource.refresh"),
]

#: All in one process would share what one failure leaves; all in processes of their own would take minutes. So the
#: bits are compared in one process each, but eight at a time.
SABOTAGE = """
import importlib, sys
def broken(*args, **kwargs): raise RuntimeError("made to fail")
def sabotage(module, path):
    owner = importlib.import_module("_normlens." + module)
    *above, name = path.split(".")
    for part in above: owner = getattr(owner, part)
    original = getattr(owner, name)
    setattr(owner, name, broken)
    for other in list(sys.modules.values()):  # Names that were imported from it.
        if getattr(other, "__name__", "").startswith("_normlens.") and getattr(other, name, None) is original:
            setattr(other, name, broken)
"""


@pytest.fixture(scope="module")
def bits(tmp_path_factory: Any) -> str:
    from conftest import Scripts

    outcome = Scripts(tmp_path_factory.mktemp("plain"))(TRAINING, record=False)
    assert outcome.code == 0
    return str(outcome.output)


def _start(source: str, folder: Path, **more: str) -> subprocess.Popen[str]:
    from conftest import BOOTSTRAP

    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "train.py"
    script.write_text(source)
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(BOOTSTRAP), "NORMLENS_RECORD": "1", **more}
    env["NORMLENS_RUNS"] = str(folder / "runs")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, str(script)], cwd=folder, env=env, **pipes)  # type: ignore[call-overload]


def test_a_failure_of_the_recorder_is_one_line_and_the_same_bits(bits: str, tmp_path: Path) -> None:
    waiting = list(BROKEN)
    running: list[tuple[str, subprocess.Popen[str]]] = []
    said = 0
    while waiting or running:
        while waiting and len(running) < 3:
            module, name = waiting.pop()
            source = f"import torch\n{SABOTAGE}\nsabotage({module!r}, {name!r})\n{TRAINING}"
            running.append((f"{module}.{name}", _start(source, tmp_path / f"{module}.{name}", NORMLENS_EVERY="1")))
        title, process = running.pop(0)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, (title, errors)
        assert output == bits, f"{title}: the weights differ"
        lines = errors.splitlines()
        assert len(lines) <= 1, (title, errors)
        said += len(lines)
    # A line of code and a batch for probes may be unknown without a word; everything else is said.
    assert said >= len(BROKEN) - 4


LONG = """
import os, torch, torch.nn as nn
torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), 0.01)
x = torch.randn(16, 4)
def train(steps):
    for _ in range(steps):
        optimizer.zero_grad(); model(x).square().mean().backward(); optimizer.step()
"""

#: Children of one warm process: importing PyTorch a thousand times would take an hour.
KILLED = (
    LONG
    + """
import random, signal, sys, time
kills, seed = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
for _ in range(kills):
    child = os.fork()
    if child == 0:
        train(1_000_000); os._exit(0)
    time.sleep(chance.uniform(0.0, 0.45))
    os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
"""
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_killed_run_opens_with_all_that_was_written(tmp_path: Path) -> None:
    """Kills at random moments. `NORMLENS_TEST_KILLS` sets another number than the usual."""
    from conftest import BOOTSTRAP, RecordedRun

    kills = int(os.environ.get("NORMLENS_TEST_KILLS", "80"))
    script = tmp_path / "train.py"
    script.write_text(KILLED)
    runs = tmp_path / "runs"
    env = {**os.environ, "PYTHONPATH": str(BOOTSTRAP), "NORMLENS_RECORD": "1", "NORMLENS_RUNS": str(runs)}
    env.update(NORMLENS_EVERY="1", OMP_NUM_THREADS="1")
    command = [sys.executable, str(script), str(kills), str(random.randrange(10**6))]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    opened = 0
    for folder in sorted(runs.glob("2*")):
        lines = (folder / "run.jsonl").read_bytes().split(b"\n") if (folder / "run.jsonl").exists() else [b""]
        if len(lines) == 1:
            continue  # Killed before its first record was whole.
        records = [json.loads(line) for line in lines[:-1]]
        assert records[0]["type"] == "run"
        for table in ("norms", "channels"):
            steps = [frame.step for frame in RecordedRun(folder).frames(table, torn=True)]
            assert steps == sorted(steps)
        opened += 1
    assert opened > kills / 4, "most children were killed before they wrote anything"


def test_an_interrupted_script_ends_its_run(tmp_path: Path) -> None:
    process = _start(LONG + "print('started', flush=True)\ntrain(10_000_000)\n", tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("runs/2*/run.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    [log] = tmp_path.glob("runs/2*/run.jsonl")
    end = json.loads(log.read_text().splitlines()[-1])
    assert (end["type"], end["status"]) == ("end", "stopped")


_CAUGHT = "try:\n    sys.exit(2)\nexcept SystemExit:\n    pass\ntrain(2)"
_THREAD = "import threading; one = threading.Thread(target=sys.exit, args=(3,)); one.start(); one.join()"


@pytest.mark.parametrize(
    ("leave", "status", "reason"),
    [
        ("sys.exit(1)", "failed", "The script ended with exit code 1."),
        ("sys.exit('no data')", "failed", "The script ended with exit code 1."),
        ("exit(4)", "failed", "The script ended with exit code 4."),
        ("try:\n    raise KeyboardInterrupt\nexcept KeyboardInterrupt:\n    exit(1)", "stopped", None),
        ("raise ValueError('a secret')", "failed", "The script ended with ValueError."),
        ("sys.exit()", "completed", None),
        ("sys.exit(0)", "completed", None),
        ("quit()", "completed", None),
        (_CAUGHT, "completed", None),
        (_THREAD, "completed", None),
        ("", "completed", None),
    ],
)
def test_a_run_ends_as_its_script_does(leave: str, status: str, reason: str | None, tmp_path: Path) -> None:
    process = _start(f"import sys\n{LONG}\ntrain(3)\n{leave}\n", tmp_path)
    process.communicate(timeout=120)
    [log] = tmp_path.glob("runs/2*/run.jsonl")
    end = json.loads(log.read_text().splitlines()[-1])
    assert (end["type"], end["status"]) == ("end", status)
    if reason is not None:
        assert end["reason"] == reason
    assert (process.returncode == 0) == (status == "completed")


@pytest.mark.parametrize("what", ["deleted", "stopped", "read-only"])
def test_a_folder_that_is_taken_away_ends_the_recording_alone(what: str, tmp_path: Path) -> None:
    during = {
        "deleted": "import shutil, glob; shutil.rmtree(os.environ['NORMLENS_RUNS'])",
        "stopped": "import glob; open(glob.glob(os.environ['NORMLENS_RUNS'] + '/2*')[0] + '/request-stop', 'w')",
        "read-only": "pass",
    }[what]
    if what == "read-only":
        (tmp_path / "runs").write_text("a file where the folder should be")
    source = f"{LONG}\ntrain(5)\n{during}\nimport time; time.sleep(5.2)\ntrain(5)\nprint('finished')\n"
    process = _start(source, tmp_path)
    output, errors = process.communicate(timeout=120)
    assert output.strip() == "finished"
    assert process.returncode == 0
    [line] = errors.splitlines()
    assert line.startswith("normlens: stopped recording")


def test_nothing_to_record_is_said_in_one_sentence(tmp_path: Path) -> None:
    source = LONG.replace("nn.BatchNorm1d(8)", "nn.LayerNorm(8)") + "train(3)\n"
    _, errors = _start(source, tmp_path).communicate(timeout=120)
    assert errors == "normlens: no BN layers: nothing to record\n"
    assert not (tmp_path / "runs").exists()


def test_an_ensemble_of_stacked_parameters_is_no_model(tmp_path: Path) -> None:
    source = """
import copy, torch, torch.nn as nn, torch.nn.functional as F
from torch.func import functional_call, stack_module_state, vmap
torch.manual_seed(0)
models = [nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 3)) for _ in range(3)]
parameters, buffers = stack_module_state(models)
base = copy.deepcopy(models[0]).to("meta")
optimizer = torch.optim.SGD(list(parameters.values()), 0.05)
for step in range(6):
    x, y = torch.randn(32, 6), torch.randint(0, 3, (32,))
    out = vmap(lambda p, b: functional_call(base, (p, b), (x,)))(parameters, buffers)
    optimizer.zero_grad(); F.cross_entropy(out.flatten(0, 1), y.repeat(3)).backward(); optimizer.step()
print(buffers["1.running_mean"].double().sum().item(), buffers["1.num_batches_tracked"].tolist())
"""
    recorded = _start(source, tmp_path).communicate(timeout=120)
    plain = _start(source, tmp_path, PYTHONPATH="").communicate(timeout=120)
    assert recorded[0] == plain[0] != ""
    assert recorded[1] == "normlens: no optimizer trains a model with BN layers: nothing to record\n"
    assert not (tmp_path / "runs").exists()


def test_updates_by_hand_are_no_optimizer_steps(tmp_path: Path) -> None:
    source = LONG + "for _ in range(30):\n    model(x).square().mean().backward()\n"
    _, errors = _start(source, tmp_path).communicate(timeout=120)
    assert errors == "normlens: no optimizer step was seen: nothing was recorded\n"
