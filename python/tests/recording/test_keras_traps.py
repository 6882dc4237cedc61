"""Every trap of recording Keras: what is read back is what the layers were given, and the weights have the same bits.

Many trainings share a process, for importing TensorFlow takes seconds; each has a watch of its own in one run.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import RecordedRun, Scripts
from recording.keras_traps import EPILOGUE, PROLOGUE, TRAPS

pytest.importorskip("keras")

#: Trainings that share a process: no more of them than a run writes in full.
GROUPS: dict[str, tuple[str, str]] = {
    "tensorflow": (
        "tensorflow",
        "fit, train_on_batch, shared, accumulation, loss scale, callbacks and evaluation, partial and single, unbuilt, "
        "set_weights, steps_per_execution, jit, frozen without compile",
    ),
    "tensorflow, others": (
        "tensorflow",
        "replicas, nothing to read back, nan, gan, names, loops of TensorFlow",
    ),
    "tensorflow, more": ("tensorflow", "replicas in the scope, a loop without training=True, axis, masked"),
    "torch": (
        "torch",
        "fit, train_on_batch, shared, loss scale, callbacks and evaluation, partial and single, fit twice, unbuilt, "
        "set_weights, nan, frozen without compile, large mean",
    ),
    "torch, others": ("torch", "files, nothing to read back, gan, names, accumulation, loops of PyTorch"),
    "torch, more": ("torch", "axis, masked"),
    "jax": ("jax", "fit, shared, callbacks and evaluation, unbuilt, steps_per_execution, loop of JAX, axis, masked"),
}
#: Of each training whose batches are known: passes a step, in the order in which they change.
PASSES = {
    "fit": [1],
    "tob": [1],
    "shared": [2],
    "accumulation": [1],
    "scale": [1],
    "eval": [1],
    "partial": [1],
    "twice": [1],
    "unbuilt": [1],
    "set": [1],
    "spe": [4, 2, 4, 2],
    "jit": [1],
    "axis": [1],
    "masked": [1],
    "replicas": [1],
    "scope": [1],
    "eager": [1],
    "graph": [1],
    "xla": [1],
    "keras": [1],
    "torch": [1],
}
NAMES = {
    "tensorflow": [
        "fit",
        "tob",
        "shared",
        "accumulation",
        "scale",
        "eval",
        "partial",
        "unbuilt",
        "set",
        "spe",
        "jit",
    ],
    "tensorflow, others": ["replicas", "eager", "graph", "xla"],
    "tensorflow, more": ["scope", "axis", "masked"],
    "torch": ["fit", "tob", "shared", "scale", "eval", "partial", "twice", "unbuilt", "set"],
    "torch, others": ["accumulation", "keras", "torch"],
    "torch, more": ["axis", "masked"],
    "jax": ["fit", "shared", "eval", "unbuilt", "spe", "axis", "masked"],
}
#: Of a mean in σ; of a variance, relative. PyTorch's is E[x²] − E[x]², which is off by itself.
MEAN, VARIANCE = 1e-5, {"tensorflow": 2e-5, "torch": 1e-4, "jax": 2e-5}


class Recorded:
    """A group of trainings, recorded and not."""

    def __init__(self, folder: Path, group: str) -> None:
        self.backend, traps = GROUPS[group][0], GROUPS[group][1].split(", ")
        environment = {"KERAS_BACKEND": self.backend, "DEVICES": "1" if "replicas" in " ".join(traps) else ""}
        script = Scripts(folder)
        source = PROLOGUE + "".join(TRAPS[trap] for trap in traps) + EPILOGUE
        recorded = script(source, every=1, **environment)
        assert recorded.code == 0, recorded.errors
        told = json.loads((folder / "truth.json").read_text())
        self.truth, self.spans = told["truth"], told["spans"]
        plain = script(source, record=False, **environment)
        self.bits = [dict(line.split()[1:] for line in out.output.splitlines()) for out in (recorded, plain)]
        self.errors = [line for line in recorded.errors.splitlines() if "normlens" in line]
        self.run: RecordedRun = recorded.run

    def first(self, name: str) -> int:
        """The step before the first one of a training."""
        steps, last = self.spans[name]
        return int(last - steps)

    def passes(self, layer: str) -> list[int]:
        """Passes a step, in the order in which they change."""
        return [record["passes"] for record in self.run.of("passes") if layer in record["layers"]]

    def evaluations(self, layer: str) -> int:
        """How often it was evaluated."""
        standings = [record for record in self.run.of("standing") if record["when"] == "evaluated"]
        return sum(layer in [entry["layer"] for entry in record["layers"]] for record in standings)

    def batches(self, layer: str) -> list[tuple[dict[str, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        """What was read back in each step, and the mean and variance that the layer was given."""
        weight = self.run.layers()[layer]["norm"]["updateWeight"]
        found = []
        for step, vectors in self.run.channels(layer).items():
            passes = self.truth[layer].get(str(step - self.first(layer[:-2])))
            if passes is not None:
                share = weight * (1 - weight) ** np.arange(len(passes))[::-1]
                share = share / share.sum()
                means, variances = (np.array([entry[which] for entry in passes]) for which in (0, 1))
                found.append((vectors, share @ means, share @ variances))
        return found


@pytest.fixture(scope="module")
def groups(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recorded]:
    """Groups that have run so far."""

    class Groups(dict[str, Recorded]):
        def __missing__(self, group: str) -> Recorded:
            if importlib.util.find_spec(GROUPS[group][0]) is None:
                assert os.environ.get("CI") != "true", f"{GROUPS[group][0]} is missing where everything has to run"
                pytest.skip(f"{GROUPS[group][0]} is not installed")
            self[group] = Recorded(tmp_path_factory.mktemp("keras"), group)
            return self[group]

    return Groups()


@pytest.mark.parametrize(("group", "name"), [(group, name) for group, names in NAMES.items() for name in names])
def test_batches_are_read_back(group: str, name: str, groups: dict[str, Recorded], capsys: Any) -> None:
    recorded = groups[group]
    worst_mean = worst_variance = 0.0
    count = 0
    for layer in (f"{name}_a", f"{name}_b"):
        for vectors, mean, variance in recorded.batches(layer):
            if not np.isfinite(vectors["batch_mean"]).all():
                continue
            # A batch of one sample has no σ.
            scale = np.where(variance > 0, variance, 10.0)
            worst_mean = max(worst_mean, float(np.abs((vectors["batch_mean"] - mean) / np.sqrt(scale)).max()))
            worst_variance = max(worst_variance, float((np.abs(vectors["batch_variance"] - variance) / scale).max()))
            count += 1
        assert recorded.passes(layer) == PASSES[name]
    with capsys.disabled():
        print(f"\n{group}, {name}: mean {worst_mean:.1e} σ, variance {worst_variance:.1e}, {count} batches", end="")
    assert count >= 6, "too few batches were recorded"
    assert worst_mean < MEAN
    assert worst_variance < VARIANCE[recorded.backend]


@pytest.mark.parametrize("group", GROUPS)
def test_the_bits_are_the_same_and_nothing_is_said(group: str, groups: dict[str, Recorded]) -> None:
    recorded = groups[group]
    assert recorded.bits[0] == recorded.bits[1], "the weights differ"
    assert recorded.errors == []
    assert recorded.run.of("end")[0]["status"] == "completed"
    assert recorded.run.run["framework"] == "keras"
    assert recorded.run.run["settings"]["backend"] == recorded.backend


@pytest.mark.parametrize("group", ["tensorflow", "torch", "jax"])
def test_evaluation_moves_nothing_and_is_recorded(group: str, groups: dict[str, Recorded]) -> None:
    recorded = groups[group]
    # Two epochs with a validation each; evaluate and predict stand at the step of the second one.
    assert recorded.evaluations("eval_a") == 2
    assert recorded.run.standing("eval_a")["updates"] == 8
    assert recorded.passes("eval_a") == [1]


@pytest.mark.parametrize(("group", "name"), [("tensorflow, others", "graph"), ("torch, others", "torch")])
def test_evaluation_in_a_loop_is_recorded(group: str, name: str, groups: dict[str, Recorded]) -> None:
    assert groups[group].evaluations(f"{name}_a") == 1


@pytest.mark.parametrize("group", ["tensorflow, others", "torch, others"])
def test_what_cannot_be_read_back_is_unknown(group: str, groups: dict[str, Recorded]) -> None:
    recorded = groups[group]
    layers = recorded.run.layers()
    assert layers["still_a"]["norm"]["updateWeight"] == 0
    assert "updateWeight" not in layers["renorm_a"]["norm"]
    assert layers["half_a"]["norm"]["dtype"] == "float16"
    assert layers["brain_a"]["norm"]["dtype"] == "bfloat16"
    for layer in ("still_a", "renorm_a", "half_a", "brain_a"):
        assert recorded.passes(layer) == [1]
        batches = [vectors["batch_mean"] for vectors in recorded.run.channels(layer).values()]
        assert batches
        assert np.isnan(batches).all()


def test_a_layer_frozen_without_compiling_again_is_recorded_as_it_moves(groups: dict[str, Recorded]) -> None:
    moving, still = groups["tensorflow"], groups["torch"]
    assert moving.run.layers()["frozen_a"]["norm"]["trained"] is False
    assert moving.passes("frozen_a") == [1]
    assert moving.run.standing("frozen_a")["runningMoved"] == 1
    assert moving.run.standing("frozen_a")["affineMoved"] == 1
    assert still.run.layers()["frozen_a"]["norm"]["trained"] is False
    assert still.passes("frozen_a") == [1, 0]
    assert still.run.standing("frozen_a")["runningMoved"] == 0


@pytest.mark.parametrize("group", ["tensorflow, others", "torch"])
def test_a_channel_with_nan_is_lost_and_others_are_not(group: str, groups: dict[str, Recorded]) -> None:
    recorded = groups[group]
    last, mean, _ = recorded.batches("nan_a")[-1]
    assert np.isnan(last["batch_mean"][2])
    others = [0, 1, 3, 4, 5]
    assert np.allclose(last["batch_mean"][others], mean[others], rtol=1e-4, atol=1e-4)
    assert recorded.run.standing("nan_a")["broken"] == 1


@pytest.mark.parametrize("group", ["tensorflow", "torch"])
def test_weights_set_in_between_begin_a_segment(group: str, groups: dict[str, Recorded]) -> None:
    recorded = groups[group]
    segments = [record for record in recorded.run.of("segment") if "set_a" in record["layers"]]
    assert [(s["step"] - recorded.first("set"), s["reason"], s["detail"]) for s in segments] == [
        (5, "weights-loaded", "set_weights")
    ]
    assert "withoutStatistics" not in segments[0]


def test_saving_and_loading_are_recorded(groups: dict[str, Recorded]) -> None:
    recorded = groups["torch, others"]
    saved = [(record["path"], record["statistics"]) for record in recorded.run.of("checkpoint")]
    assert saved == [("x.weights.h5", True), ("x.keras", True)]
    (segment,) = [record for record in recorded.run.of("segment") if "files_a" in record["layers"]]
    assert segment["detail"] == "load_weights"
    layers = recorded.run.layers()
    assert "source" in layers["files_a"]
    # Loaded: nobody knows its line, nor how often it was updated.
    assert "source" not in layers["files_a (2)"]
    assert "updatesBefore" not in layers["files_a (2)"]["norm"]
    assert "updates" not in recorded.run.standing("files_a (2)")
    # Cloned: another fresh layer.
    assert "source" not in layers["files_a (3)"]
    assert layers["files_a (3)"]["norm"]["updatesBefore"] == 0


@pytest.mark.parametrize("group", ["tensorflow, others", "torch, others"])
def test_layers_are_counted_named_and_ordered_by_their_calls(group: str, groups: dict[str, Recorded]) -> None:
    recorded = groups[group]
    assert recorded.passes("gan_g") == [2]
    assert recorded.passes("gan_d") == [3]
    ids = [identifier for identifier in recorded.run.layers() if identifier.endswith("/bn")]
    assert ids == ["first/bn", "second/bn"]
    line = recorded.run.layers()["first/bn"]["source"]["line"]
    script = Path(recorded.run.run["source"]["path"]).read_text().splitlines()
    assert 'L.BatchNormalization(name="bn")' in script[line - 1]


def test_a_loop_inside_a_compiled_function_says_nothing_of_how_often(groups: dict[str, Recorded]) -> None:
    recorded = groups["tensorflow, others"]
    assert recorded.passes("inner_a") == []
    assert "updates" not in recorded.run.standing("inner_a")
    assert np.isnan([vectors["batch_mean"] for vectors in recorded.run.channels("inner_a").values()]).all()
    assert not recorded.run.of("segment")


def test_a_large_mean_is_off_by_no_more_than_its_bound(groups: dict[str, Recorded]) -> None:
    recorded = groups["torch"]
    bounds = {frame.step: frame.values for frame in recorded.run.frames("norms") if "large_b" in frame.values}
    steps = [step for step in recorded.run.channels("large_b") if step in bounds]
    errors = []
    for (vectors, mean, variance), step in zip(recorded.batches("large_b"), steps):
        error = np.sqrt(np.mean(((vectors["batch_mean"] - mean) / np.sqrt(variance)) ** 2))
        errors.append(error / float(bounds[step]["large_b"]["mean_error"]))
    assert errors
    assert max(errors) < 1


def test_a_stateless_loop_of_jax_is_not_recorded(groups: dict[str, Recorded]) -> None:
    assert not [layer for layer in groups["jax"].run.layers() if layer.startswith("stateless")]


def test_a_loop_that_never_trains_the_statistics_is_known_to(groups: dict[str, Recorded]) -> None:
    """Without `training=True` Keras takes the running statistics, in a training too."""
    run = groups["tensorflow, more"].run
    assert run.layers()["untrained_a"]["norm"]["updatesBefore"] == 0
    assert run.standing("untrained_a")["updates"] == 0


def test_several_replicas_are_named(groups: dict[str, Recorded]) -> None:
    run = groups["tensorflow, others"].run
    assert run.run["settings"]["num_replicas_in_sync"] == 2
    assert run.run["settings"]["statisticsOf"] == "replica 0"
    assert run.layers()["replicas_a"]["norm"]["samplesPerChannel"] == 16
