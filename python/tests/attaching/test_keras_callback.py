"""The callback of Keras, on all three backends."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("keras")

SCRIPT = """
import copy, hashlib, os, pickle
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np
import normlens
keras.utils.set_random_seed(0)
if keras.backend.backend() == "torch": import torch; torch.set_num_threads(1)
if keras.backend.backend() == "tensorflow":
    import tensorflow; tensorflow.config.threading.set_intra_op_parallelism_threads(1)
class Count(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None): self.seen = getattr(self, "seen", 0) + 1
count = Count()
def callbacks(**options):
    if not os.environ.get("CALLBACK"): return [count]
    callback = normlens.KerasCallback(**options)
    return [count, copy.deepcopy(callback) if options else pickle.loads(pickle.dumps(callback))]
layers = keras.layers
model = keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.BatchNormalization(name="norm"), layers.Dense(3)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
x, y = np.random.randn(96, 6).astype("float32"), np.random.randint(0, 3, 96)
if os.environ.get("FITTED"): model.fit(x, y, epochs=1, batch_size=16, verbose=0)
model.fit(x, y, epochs=2, batch_size=16, verbose=0, callbacks=callbacks())
model.fit(x, y, epochs=1, batch_size=24, verbose=0, callbacks=callbacks(probe=x[:32]))
print(hashlib.sha256(b"".join(np.ascontiguousarray(w).tobytes() for w in model.get_weights())).hexdigest(), count.seen)
"""


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_a_fit_is_recorded_from_its_first_step(backend: str, script: Any) -> None:
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    recorded = script.by_hand(SCRIPT, KERAS_BACKEND=backend, CALLBACK="1")
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    run = recorded.run
    assert run.of("end")[0]["step"] == 2 * 6 + 4
    assert run.run["settings"]["batchSize"] == 16
    [layer] = run.layers().values()
    line = 1 + next(at for at, text in enumerate(SCRIPT.splitlines()) if "BatchNormalization" in text)
    assert (layer["name"], layer["source"]) == ("norm", {"line": line})
    assert run.standing("norm")["updates"] == 16
    assert [record["passes"] for record in run.of("passes")] == [1]
    assert len(run.frames("norms")) >= 4
    assert recorded.output == script.by_hand(SCRIPT, KERAS_BACKEND=backend).output


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_a_fit_after_one_that_was_not_recorded_is_recorded(backend: str, script: Any) -> None:
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    recorded = script.by_hand(SCRIPT, KERAS_BACKEND=backend, CALLBACK="1", FITTED="1")
    assert recorded.code == 0, recorded.errors
    run = recorded.run
    assert run.of("end")[0]["step"] == 2 * 6 + 4
    assert len(run.frames("norms")) >= 4
    assert recorded.output == script.by_hand(SCRIPT, KERAS_BACKEND=backend, FITTED="1").output


def test_a_fit_in_a_recorded_process_is_recorded_once(script: Any) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    recorded = script(SCRIPT, KERAS_BACKEND="torch", CALLBACK="1")
    assert recorded.code == 0, recorded.errors
    assert recorded.run.of("end")[0]["step"] == 2 * 6 + 4
    assert recorded.output == script.by_hand(SCRIPT, KERAS_BACKEND="torch").output
