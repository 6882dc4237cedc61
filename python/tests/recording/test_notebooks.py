"""A notebook: a kernel that is recorded, cell by cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import BOOTSTRAP, PACKAGE, RecordedRun

pytest.importorskip("torch")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

DRIVER = Path(__file__).with_name("kernel.py")

SETUP = "import hashlib, torch, torch.nn as nn\ntorch.set_num_threads(1); torch.manual_seed(0)"
MODEL = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.norm = nn.BatchNorm1d(8)
    def forward(self, x): return self.norm(self.first(x))"""
MAKE = "model = Net(); optimizer = torch.optim.SGD(model.parameters(), 0.1)"
TRAIN = """for step in range(30):
    optimizer.zero_grad(); model(torch.randn(16, 4)).square().mean().backward(); optimizer.step()"""
DIGEST = "print(hashlib.sha256(b''.join(v.numpy().tobytes() for v in model.state_dict().values())).hexdigest())"


@dataclass
class Notebook:
    """What a notebook showed and what was recorded."""

    shown: list[list[list[str]]]
    beats: list[dict[str, Any]]
    log: str
    runs: list[RecordedRun]

    @property
    def run(self) -> RecordedRun:
        """The only run."""
        assert len(self.runs) == 1, self.log
        return self.runs[0]


class Kernel:
    """Runs cells in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *cells: str | None, attached: bool = True, **environment: str) -> Notebook:
        given = {"OMP_NUM_THREADS": "1", "NORMLENS_RUNS": str(self.folder / "runs"), **environment}
        if attached:
            given.update(PYTHONPATH=str(BOOTSTRAP), NORMLENS_RECORD="1")
        else:
            given.update(PYTHONPATH=str(PACKAGE))
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            given[name] = str(self.folder / ".jupyter")
        # A kernel that sees that it is under test sends its notebook less.
        left_out = ("JPY_SESSION_NAME", "PYTEST_CURRENT_TEST")
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        done = subprocess.run(
            [sys.executable, str(DRIVER)],
            cwd=self.folder,
            env={**kept, **given},
            input=json.dumps({"cells": cells}),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        runs = [RecordedRun(path.parent) for path in sorted((self.folder / "runs").glob("*/run.jsonl"))]
        log = (self.folder / "kernel.log").read_text()
        return Notebook(answer["shown"], [json.loads(beat) for beat in answer["beats"]], log, runs)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """Runs cells, recorded unless it is told otherwise."""
    return Kernel(tmp_path)


def test_a_notebook_is_one_run_with_the_numbers_of_its_cells(kernel: Kernel, script: Any) -> None:
    path = kernel.folder / "my notebook.ipynb"
    path.write_text("{}")
    done = kernel(SETUP, MODEL, MAKE, TRAIN, "1 / 0", TRAIN, DIGEST, JPY_SESSION_NAME=str(path))
    run = done.run
    assert (run.run["name"], run.run["source"]) == ("my notebook.ipynb", {"path": str(path)})
    assert "command" not in run.run["process"]
    [layer] = run.layers().values()
    assert (layer["name"], layer["source"]) == ("norm", {"line": 5, "cell": 2})
    assert run.of("end") == [{**run.of("end")[0], "step": 60, "status": "completed"}]
    assert run.standing("norm")["updates"] == 60
    # Nothing of ours stands in the notebook, and training was not changed.
    *silent, shown = [[stream for stream, _ in cell] for cell in done.shown]
    assert (silent, shown) == ([[], [], [], [], ["error"], []], ["stdout"])
    assert done.shown[-1][0][1] == script.by_hand("\n".join((SETUP, MODEL, MAKE, TRAIN, TRAIN, DIGEST))).output


def test_a_cell_that_makes_its_model_again_trains_the_same_layers_again(kernel: Kernel) -> None:
    # IPython keeps what the last line of a cell shows: the first model is still there.
    again = MODEL.replace("BatchNorm1d(8)", "BatchNorm1d(8, momentum=0.3)")
    done = kernel(SETUP, MODEL, f"{MAKE}\nmodel", TRAIN, again, f"{MAKE}\n{TRAIN}", f"{MAKE}\n{TRAIN}")
    run = done.run
    [layer] = run.layers().values()
    assert (layer["id"], layer["source"]["cell"], layer["norm"]["updateWeight"]) == ("norm", 5, 0.3)
    assert [(record["step"], record["reason"]) for record in run.of("segment")] == [
        (30, "started-again"),
        (60, "started-again"),
    ]
    assert run.of("end")[0]["step"] == 90
    updates = {record["step"]: record["layers"][0]["updates"] for record in run.of("standing")}
    assert [updates[step] for step in (30, 60, 90)] == [30, 30, 30]
    steps = [frame.step for frame in run.frames("norms")]
    assert steps == sorted(set(steps)) and {2, 32, 62} <= set(steps)


def test_a_model_that_the_notebook_still_has_stays_itself(kernel: Kernel) -> None:
    other = MAKE.replace("model", "other")
    done = kernel(SETUP, MODEL, MAKE, TRAIN, f"{other}\n{TRAIN.replace('model(', 'other(')}")
    assert done.run.of("segment") == []
    assert {layer["id"]: layer["model"] for layer in done.run.layers().values()} == {
        "norm": "Net",
        "other.norm": "other",
    }


def test_a_notebook_that_rests_is_alive(kernel: Kernel) -> None:
    done = kernel(SETUP, MODEL, MAKE, TRAIN)
    [beat] = done.beats
    assert (beat["step"], beat["everySeconds"]) == (30, 900)
    assert [record["when"] for record in done.run.of("standing") if record["step"] == 30] == ["rhythm", "end"]


def test_a_cell_that_was_interrupted_ends_no_run(kernel: Kernel) -> None:
    # Minimal: IPython's long traceback fails where Python 3.11 gives the interrupted frame no line number.
    endless = "%xmode Minimal\n" + TRAIN.replace("range(30)", "range(10**9)")
    done = kernel(SETUP, MODEL, MAKE, None, endless, TRAIN)
    assert done.shown[3] == [["stdout", "Exception reporting mode: Minimal\n"], ["error", "KeyboardInterrupt"]]
    [end] = done.run.of("end")
    assert end["status"] == "completed" and end["step"] > 31


@pytest.mark.parametrize("known", [False, True])
def test_the_notebook_of_vs_code(known: bool, kernel: Kernel) -> None:
    path = kernel.folder / "in VS Code.ipynb"
    if known:
        path.write_text("{}")
    done = kernel(f"__vsc_ipynb_file__ = {str(path)!r}", SETUP, MODEL, MAKE, TRAIN)
    run = done.run.run
    assert run["name"] == ("in VS Code.ipynb" if known else "notebook")
    assert run.get("source") == ({"path": str(path)} if known else None)
    assert run["layers"][0]["source"] == {"line": 5, "cell": 3}


def test_a_script_that_a_cell_runs_is_the_script(kernel: Kernel) -> None:
    path = kernel.folder / "train.py"
    path.write_text("\n".join((SETUP, MODEL, MAKE, TRAIN)))
    run = kernel("%run train.py").run.run
    assert (run["name"], run["source"]) == ("train.py", {"path": str(path)})
    assert run["layers"][0]["source"] == {"line": 7}


FAILS = "import _normlens.recording.run as run\ndef fails(*given): raise ValueError\nrun.Run.step_done = fails"


def test_what_is_said_in_passing_goes_to_the_log(kernel: Kernel) -> None:
    done = kernel(SETUP, MODEL, MAKE, FAILS, TRAIN)
    assert done.shown == [[], [], [], [], []]
    assert "normlens: stopped recording: ValueError" in done.log


def test_a_call_in_a_cell_records_and_is_answered(kernel: Kernel) -> None:
    watch = "import normlens\nnormlens.watch(model, probe=torch.randn(1, 4));"
    done = kernel("import normlens", SETUP, MODEL, MAKE, watch, TRAIN, attached=False)
    [[stream, text]] = done.shown[4]
    assert stream == "stderr" and text.startswith("normlens: probe= takes a tensor with two samples or more")
    [layer] = done.run.layers().values()
    assert layer["source"] == {"line": 5, "cell": 3}
    assert done.run.of("end")[0]["step"] == 30


KERAS = """model = keras.Sequential(
    [keras.Input((6,)), keras.layers.Dense(8), keras.layers.BatchNormalization(), keras.layers.Dense(3)])
model.compile("sgd", "mse")"""
FIT = "model.fit(x, x[:, :3], epochs=4, batch_size=16, verbose=0);"


def test_a_keras_model_that_is_made_again_trains_the_same_layers_again(kernel: Kernel) -> None:
    pytest.importorskip("keras")
    setup = "import keras, numpy\nx = numpy.random.randn(96, 6).astype('float32')"
    done = kernel(setup, KERAS, FIT, FIT, f"{KERAS}\nmodel", FIT, KERAS_BACKEND="torch")
    assert done.shown == [[]] * 6
    [layer] = done.run.layers().values()
    assert layer["source"] == {"line": 2, "cell": 5}
    assert [(record["step"], record["reason"]) for record in done.run.of("segment")] == [(48, "started-again")]
    assert done.run.of("end")[0]["step"] == 72
    assert done.run.standing(layer["id"])["updates"] == 24
