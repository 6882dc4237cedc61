"""A probe of a Keras model finds what a direct comparison finds, and leaves the same bits behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("keras")

PROLOGUE = """
import glob, hashlib, json, os, random, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, keras
from keras import layers as L
BACKEND = keras.backend.backend()
if BACKEND == "torch":
    import torch
    torch.set_num_threads(1)
if BACKEND == "tensorflow":
    import tensorflow as tf
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
X = (rng.normal(size=(600, 6)) * [0.5, 1, 2, 3, 1, 1] + [0, 1, -2, 3, 0.5, 10]).astype("float32")
Y = rng.integers(0, 3, 600)

def number(value):
    return np.array(keras.ops.convert_to_numpy(value), "float64")

def ask():
    # The first request counts: it is looked for now and then.
    if os.environ.get("PROBE"):
        time.sleep(0.6)
        [folder] = glob.glob(os.environ["NORMLENS_RUNS"] + "/2*")
        open(folder + "/request-probe", "w").close()

class At(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if batch == 19: ask()
    def on_train_batch_end(self, batch, logs=None):
        if batch == 19 and KIND != "dataset": compare(self.model)

def normalized(layer, x, batch, given=None):
    # What a layer is given, by the batch and by the running statistics, and its output.
    running = number(layer.moving_mean), number(layer.moving_variance)
    own = x.mean(0), x.var(0)
    by = own if batch and layer.trainable else running
    norm = lambda of: (x - of[0]) / np.sqrt(of[1] + layer.epsilon)
    return norm(own), norm(running), norm(by) * number(layer.gamma) + number(layer.beta)

def compare(model):
    # All of it once more, in float64.
    if not os.environ.get("PROBE"): return
    from _normlens.recording.keras import recorder
    watch = next(watch for watch in recorder().models.watches if watch.source.root() is model)
    EXPECTED = ALL[KIND] = {}
    x = watch.source.inputs.plan().compared.inputs[0]
    x = np.concatenate(list(x), 1) if isinstance(x, list) else x
    EXPECTED["batch"] = x.tolist()
    first, mid, second, last = parts(model)
    outs, seen = [], []
    for batch in (True, False):
        own, running, y = normalized(first, x.astype("float64"), batch)
        z = mid.activation(y @ number(mid.kernel) + number(mid.bias))
        own_2, running_2, y = normalized(second, number(z), batch)
        outs.append(number(last.activation(y @ number(last.kernel) + number(last.bias))))
        seen.append([(own, running), (own_2, running_2)])
    rms = lambda d: float(np.sqrt(np.mean(d**2)))
    for at, layer in enumerate((first, second)):
        if layer.trainable: EXPECTED[layer.name] = [rms(seen[0][at][0] - seen[k][at][1]) for k in (1, 0)]
    if last.activation.__name__ == "linear":
        outs = [np.exp(o - o.max(1, keepdims=True)) for o in outs]
        outs = [o / o.sum(1, keepdims=True) for o in outs]
    if outs[0].shape[1] == 1: outs = [np.concatenate([1 - o, o], 1) for o in outs]
    EXPECTED["flips"] = int((outs[0].argmax(1) != outs[1].argmax(1)).sum())
    EXPECTED["shift"] = float(np.abs(outs[0] - outs[1]).sum(1).mean() / 2)

ALL = {}
def parts(model):
    return [next(l for l in model._flatten_layers() if l.name == KIND + n) for n in ("first", "mid", "second", "last")]

def norm(name, **options):
    return L.BatchNormalization(momentum=0.98, name=KIND + name, **options)

def dense(size, name, **options):
    return L.Dense(size, name=KIND + name, **options)

class Noise(L.Layer):
    def call(self, x, training=None):
        self.last = x
        if BACKEND == "tensorflow": return x + 0.0 * tf.random.normal((6,))
        return x if training else x * (1 + 0.0 * np.random.rand())

# A model that is gone can't be probed.
MODELS = []
def finish(model):
    MODELS.append(model)
    bits = [number(v) for v in model.variables if "float" in str(v.dtype) or "seed" in v.path]
    draws = [np.random.rand(), random.random(), number(keras.random.normal((2,)))]
    if BACKEND == "tensorflow": draws.append(number(tf.random.normal((2,))))
    if BACKEND == "torch": draws.append(torch.rand(2).numpy())
    json.dump(ALL, open("expected.json", "w"))
    print(hashlib.sha256(b"".join(np.ascontiguousarray(v).tobytes() for v in bits + draws)).hexdigest(), flush=True)
"""

#: A model, its loss, and how it is trained.
KINDS = {
    "fit": """
i = L.Input((6,)); a = norm("first")(Noise()(i))
x = L.Dropout(0.5)(dense(8, "mid", activation="relu")(a)); x = norm("second")(x)
m = keras.Model(i, dense(3, "last")(x))
m.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
m.fit(X, Y, batch_size=24, verbose=0, callbacks=[At()])
""",
    "inputs": """
i, j = L.Input((3,), name="i"), L.Input((3,), name="j")
x = norm("first")(L.Concatenate()([i, j]))
x = norm("second", trainable=False)(dense(8, "mid")(x))
m = keras.Model([i, j], dense(1, "last", activation="sigmoid")(x))
m.compile(keras.optimizers.SGD(0.01), "binary_crossentropy")
m.fit([X[:, :3], X[:, 3:]], Y % 2, batch_size=24, verbose=0, callbacks=[At()], shuffle=False)
""",
    "given": """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.mid = norm("first"), dense(8, "mid")
        self.second, self.last = norm("second"), dense(3, "last", activation="softmax")
    def call(self, x, training=False):
        return self.last(self.second(self.mid(self.first(x, training=training)), training=training))
m = Net()
m.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
given = X[:40] * 2 + 1
if os.environ.get("PROBE"):
    import normlens
    normlens.watch(m, probe=(given, Y[:40]))
kept = given.copy(); given[:] = 0
def data():
    for i in range(24): yield X[24 * i : 24 * i + 24], Y[24 * i : 24 * i + 24]
for step, (x, y) in enumerate(data()):
    if step == 19: ask()
    m.train_on_batch(x, y)
    if step == 19: compare(m)
""",
    "loop": """
i = L.Input((6,)); x = norm("first")(i)
m = keras.Model(i, dense(3, "last")(norm("second")(dense(8, "mid")(x))))
if os.environ.get("PROBE"):
    import normlens
    normlens.watch(m, probe=X[:40])
optimizer, loss = keras.optimizers.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
@tf.function
def step(x, y):
    with tf.GradientTape() as tape: value = loss(y, m(x, training=True))
    optimizer.apply_gradients(zip(tape.gradient(value, m.trainable_variables), m.trainable_variables))
for k in range(24):
    if k == 19: ask()
    step(X[24 * k : 24 * k + 24], Y[24 * k : 24 * k + 24])
    if k == 19: compare(m)
""",
}
DATASET = """
i = L.Input((6,)); x = L.BatchNormalization(name=KIND + "first")(i)
m = keras.Model(i, dense(3, "last")(x))
m.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
m.fit(tf.data.Dataset.from_tensor_slices((X, Y)).batch(24), verbose=0, callbacks=[At()])
"""


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_a_probe_finds_the_gap_and_leaves_the_same_bits(backend: str, script: Any) -> None:
    kinds = [kind for kind in KINDS if backend == "tensorflow" or kind != "loop"]  # tf.GradientTape is TensorFlow's.
    source = PROLOGUE + "".join(f'KIND = "{kind}"\n{KINDS[kind]}finish(m)\n' for kind in kinds)
    recorded = script(source, every=1, PROBE="1", KERAS_BACKEND=backend)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    found = json.loads((script.folder / "expected.json").read_text())
    gaps, populations = recorded.run.of("gap"), recorded.run.of("population")
    assert [gap for gap in gaps if "reason" in gap] == []
    for kind in kinds:
        expected = found[kind]
        # The first: models of before are probed as well when a person asks again.
        gap = next(gap for gap in gaps if gap["layers"][0]["layer"].startswith(kind))
        layers = {entry["layer"].removeprefix(kind): entry for entry in gap["layers"]}
        assert set(layers) == ({"first"} if kind == "inputs" else {"first", "second"})
        for name, entry in layers.items():
            assert [entry["gap"], entry["alone"]] == pytest.approx(expected[kind + name], rel=2e-4), (kind, name)
            assert entry["noiseFloor"] > 0
        assert gap["samples"] == len(expected["batch"])
        if kind != "loop":  # Whose loss is known to nobody else.
            assert gap["output"]["flips"] == expected["flips"]
            assert gap["output"]["probabilityShift"] == pytest.approx(expected["shift"], rel=2e-4)
        of = [record for record in populations if record["layers"][0]["layer"].startswith(kind)]
        assert (of[0]["samples"] if of else 0) == (0 if kind == "loop" else 4 * 24)
    plain = script(source, record=False, KERAS_BACKEND=backend)
    assert recorded.output == plain.output, "the weights or a random state differ"


def test_what_cannot_be_probed_says_why_and_what_to_do(script: Any) -> None:
    recorded = script(PROLOGUE + 'KIND = "dataset"\n' + DATASET, every=1, PROBE="1", KERAS_BACKEND="tensorflow")
    assert recorded.code == 0, recorded.errors
    [gap] = recorded.run.of("gap")
    assert gap["layers"] == []
    assert "normlens.watch(model, probe=batch)" in gap["reason"]
