"""Trainings of Keras models, each in a way that has its own trap, and what the layers were given in each step.

Every layer's input is known: the data, or the data times 3 plus 5. So truth needs no look into what a backend compiles.
"""

from __future__ import annotations

PROLOGUE = """
import hashlib, json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, keras
from keras import layers as L
BACKEND = keras.backend.backend()
if BACKEND == "torch":
    import torch
    torch.set_num_threads(1)
if BACKEND == "tensorflow":
    import tensorflow as tf
    # Several passes of a step run side by side otherwise, and TensorFlow itself gives other bits now and then.
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    if os.environ.get("DEVICES"):
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

rng = np.random.default_rng(0)
X = (rng.normal(size=(320, 6)) * [0.5, 1, 2, 3, 1, 1] + [0, 1, -2, 3, 0.5, 10]).astype("float32")
Y = rng.integers(0, 3, 320)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

def norms(name, momentum=0.9, **options):
    return (L.BatchNormalization(name=name + "_a", momentum=momentum, **options),
            L.BatchNormalization(name=name + "_b", momentum=0.99, **options))

def net(name, **options):
    keras.utils.set_random_seed(0)
    a, b = norms(name, **options)
    x = L.Input((6,))
    both = L.Concatenate()([a(x), b(L.Rescaling(3.0, 5.0)(x))])
    return keras.Model(x, L.Dense(3)(both), name=name)

def compiled(model, optimizer=None, **options):
    model.compile(optimizer or keras.optimizers.SGD(0.05), LOSS, **options)
    return model

TRUTH, SPANS = {}, {}
def see(name, step, *batches):
    for layer, of in (("_a", lambda x: x), ("_b", lambda x: x * np.float32(3) + np.float32(5))):
        direct = [of(x).astype("float64") for x in batches]
        TRUTH.setdefault(name + layer, {})[step] = [[x.mean(0).tolist(), x.var(0).tolist()] for x in direct]

def batches(steps, size=32, first=0):
    return [X[(first + i) * size : (first + i + 1) * size] for i in range(steps)]

def step_now():
    recording = sys.modules.get("_normlens.recording.keras")
    recorder = recording.recorder() if recording else None
    return recorder.models.run.step if recorder and recorder.models.run else 0

def done(name, steps, model):
    SPANS[name] = [steps, step_now()]
    bits = b"".join(np.ascontiguousarray(keras.ops.convert_to_numpy(v.value)).tobytes() for v in model.variables
                    if "float" in str(v.dtype) and "seed" not in v.path)
    print("SHA", name, hashlib.sha256(bits).hexdigest(), flush=True)

def fit(model, steps=10, size=32, **options):
    model.fit(X[: steps * size], Y[: steps * size], batch_size=size, shuffle=False, verbose=0, **options)
"""

EPILOGUE = """
json.dump({"truth": TRUTH, "spans": SPANS}, open("truth.json", "w"))
"""

TRAPS = {
    "fit": """
m = compiled(net("fit")); fit(m)
for i, x in enumerate(batches(10)): see("fit", i + 1, x)
done("fit", 10, m)
""",
    "train_on_batch": """
m = compiled(net("tob"))
for i, x in enumerate(batches(10)):
    m.train_on_batch(x, Y[i * 32 : i * 32 + 32]); see("tob", i + 1, x)
done("tob", 10, m)
""",
    "shared": """
keras.utils.set_random_seed(0)
a, b = norms("shared"); x = L.Input((6,)); y = L.Rescaling(2.0)(x); scale = L.Rescaling(3.0, 5.0)
out = L.Dense(3)(L.Concatenate()([a(x), a(y), b(scale(x)), b(scale(y))]))
m = compiled(keras.Model(x, out)); fit(m)
for i, x in enumerate(batches(10)): see("shared", i + 1, x, x * np.float32(2))
done("shared", 10, m)
""",
    "axis": """
keras.utils.set_random_seed(0)
a, b = norms("axis", axis=1); x = L.Input((6, 4))
out = L.Dense(3)(L.Flatten()(L.Concatenate()([a(x), b(L.Rescaling(3.0, 5.0)(x))])))
m = compiled(keras.Model(x, out)); steps = X[:, :, None] + np.arange(4, dtype="float32")
m.fit(steps, Y, batch_size=32, shuffle=False, verbose=0)
for i in range(10): see("axis", i + 1, steps[i * 32 : i * 32 + 32].transpose(0, 2, 1).reshape(-1, 6))
done("axis", 10, m)
""",
    "masked": """
class Times(L.Layer):
    supports_masking = True
    def call(self, x): return x * 3.0 + 5.0
keras.utils.set_random_seed(0)
a, b = norms("masked"); x = L.Input((4, 6)); kept = L.Masking()(x)
out = L.Dense(3)(L.Flatten()(L.Concatenate()([a(kept), b(Times()(kept))])))
m = compiled(keras.Model(x, out)); steps = X[:, None] + np.arange(4, dtype="float32")[:, None]
shown = np.arange(4) <= np.arange(320)[:, None] % 4; steps[~shown] = 0
m.fit(steps, Y, batch_size=32, shuffle=False, verbose=0)
for i in range(10): see("masked", i + 1, steps[i * 32 : i * 32 + 32][shown[i * 32 : i * 32 + 32]])
done("masked", 10, m)
""",
    "accumulation": """
m = compiled(net("accumulation"), keras.optimizers.SGD(0.05, gradient_accumulation_steps=2)); fit(m)
for i, x in enumerate(batches(10)): see("accumulation", i + 1, x)
done("accumulation", 10, m)
""",
    "loss scale": """
scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.05), initial_scale=1e38)
m = compiled(net("scale"), scaled); fit(m)
for i, x in enumerate(batches(10)): see("scale", i + 1, x)
done("scale", 10, m)
""",
    "callbacks and evaluation": """
class Heard(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None): self.last = batch
m = compiled(net("eval"))
listed = keras.callbacks.CallbackList([Heard()], add_history=True, model=m, epochs=2)
fit(m, 4, epochs=2, validation_data=(X[:64] + 9, Y[:64]), callbacks=listed)
m.evaluate(X[:64] + 9, Y[:64], verbose=0); m.predict(X[:64] + 9, verbose=0)
for i in range(8): see("eval", i + 1, batches(4)[i % 4])
done("eval", 8, m)
""",
    "partial and single": """
m = compiled(net("partial")); m.fit(X[:100], Y[:100], batch_size=32, shuffle=False, verbose=0, epochs=2)
for i in range(8): see("partial", i + 1, X[:100][(i % 4) * 32 : (i % 4) * 32 + 32])
m.train_on_batch(X[:1], Y[:1]); see("partial", 9, X[:1])
done("partial", 9, m)
""",
    "fit twice": """
m = compiled(net("twice")); fit(m, 5); fit(m, 5)
for i in range(10): see("twice", i + 1, batches(5)[i % 5])
done("twice", 10, m)
""",
    "unbuilt": """
class Unbuilt(keras.Model):
    def __init__(self):
        super().__init__()
        self.b, self.a = norms("unbuilt")[::-1]; self.out = L.Dense(3)
    def call(self, x, training=None):
        return self.out(self.a(x, training=training) + self.b(x * 3.0 + 5.0, training=training))
keras.utils.set_random_seed(0)
m = compiled(Unbuilt()); fit(m)
for i, x in enumerate(batches(10)): see("unbuilt", i + 1, x)
done("unbuilt", 10, m)
""",
    "set_weights": """
m = compiled(net("set"))
class Setting(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1: self.model.set_weights([w * 3 + 1 for w in self.model.get_weights()])
fit(m, 5, epochs=2, callbacks=[Setting()])
for i in range(10): see("set", i + 1, batches(5)[i % 5])
done("set", 10, m)
""",
    "nothing to read back": """
m = compiled(net("still", momentum=1.0)); fit(m, 6); done("still", 6, m)
m = compiled(net("renorm", renorm=True)); fit(m, 6); done("renorm", 6, m)
m = compiled(net("half", dtype=keras.DTypePolicy("float16"))); fit(m, 6); done("half", 6, m)
m = compiled(net("brain", dtype=keras.DTypePolicy("bfloat16"))); fit(m, 6); done("brain", 6, m)
""",
    "frozen without compile": """
m = compiled(net("frozen")); fit(m, 5)
for name in ("frozen_a", "frozen_b"): m.get_layer(name).trainable = False
fit(m, 5, epochs=4)
done("frozen", 25, m)
""",
    "nan": """
m = compiled(net("nan")); bad = X.copy(); bad[70, 2] = np.nan
m.fit(bad[:320], Y, batch_size=32, shuffle=False, verbose=0)
for i, x in enumerate(batches(10)): see("nan", i + 1, x)
done("nan", 10, m)
""",
    "files": """
import tempfile; folder = tempfile.mkdtemp()
m = compiled(net("files")); fit(m, 3); m.save_weights(folder + "/x.weights.h5"); m.save(folder + "/x.keras")
fit(m, 3); m.load_weights(folder + "/x.weights.h5"); fit(m, 3); done("files", 9, m)
loaded = keras.models.load_model(folder + "/x.keras"); fit(loaded, 3)
m = compiled(keras.models.clone_model(loaded)); fit(m, 3); done("clone", 3, m)
""",
    "gan": """
class Gan(keras.Model):
    def __init__(self):
        super().__init__()
        self.g = keras.Sequential([L.Dense(6), L.BatchNormalization(name="gan_g", momentum=0.9)])
        self.d = keras.Sequential([L.BatchNormalization(name="gan_d", momentum=0.9), L.Dense(1)])
    def call(self, x, training=None): return self.d(self.g(x, training=training), training=training)
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        real, fake = self.d(x, training=training), self.d(self.g(x, training=training), training=training)
        return keras.ops.mean(fake) - keras.ops.mean(real) + keras.ops.mean(y_pred * y_pred)
keras.utils.set_random_seed(0)
m = Gan(); m.compile(keras.optimizers.SGD(0.01)); m.fit(X, Y, batch_size=32, verbose=0, shuffle=False)
done("gan", 10, m)
""",
    "names": """
keras.utils.set_random_seed(0)
def block(name):
    x = L.Input((6,)); return keras.Model(x, L.Dense(6)(L.BatchNormalization(name="bn")(x)), name=name)
x = L.Input((6,)); second, first = block("second"), block("first")
m = compiled(keras.Model(x, L.Dense(3)(second(first(x)))), jit_compile=False)
fit(m, 3); done("names", 3, m)
""",
    # ---- TensorFlow
    "steps_per_execution": """
m = compiled(net("spe"), steps_per_execution=4); fit(m, 10, epochs=2)
spans = [(0, 4), (4, 8), (8, 10)] * 2
for i, (one, other) in enumerate(spans): see("spe", i + 1, *batches(10)[one:other])
done("spe", 6, m)
""",
    "jit": """
m = compiled(net("jit"), jit_compile=True); fit(m)
for i, x in enumerate(batches(10)): see("jit", i + 1, x)
done("jit", 10, m)
""",
    "loops of TensorFlow": """
def loop(name, wrap):
    m = net(name); optimizer = keras.optimizers.SGD(0.05)
    def step(x, y):
        with tf.GradientTape() as tape: loss = LOSS(y, m(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, m.trainable_weights), m.trainable_weights))
        return loss
    step, infer = wrap(step), wrap(lambda x: m(x, training=False))
    for i, x in enumerate(batches(10)):
        step(tf.constant(x), tf.constant(Y[i * 32 : i * 32 + 32])); see(name, i + 1, x)
    infer(tf.constant(X[:32] + 9)); infer(tf.constant(X[:32] + 9))
    done(name, 10, m)
loop("eager", lambda f: f); loop("graph", tf.function); loop("xla", lambda f: tf.function(f, jit_compile=True))
m = net("inner"); optimizer = keras.optimizers.SGD(0.05)
@tf.function
def several(x, y):
    for i in tf.range(3):
        with tf.GradientTape() as tape: loss = LOSS(y, m(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, m.trainable_weights), m.trainable_weights))
optimizer.build(m.trainable_variables)
for x in batches(4): several(tf.constant(x), tf.constant(Y[:32]))
done("inner", 4, m)
""",
    "replicas": """
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope(): m = compiled(net("replicas"), jit_compile=False)
fit(m); done("replicas", 10, m)
for i, x in enumerate(batches(10)): see("replicas", i + 1, x[:16])
""",
    "a loop without training=True": """
m = net("untrained"); optimizer = keras.optimizers.SGD(0.05)
for x in batches(4):
    with tf.GradientTape() as tape: loss = LOSS(tf.constant(Y[:32]), m(tf.constant(x)))
    optimizer.apply_gradients(zip(tape.gradient(loss, m.trainable_weights), m.trainable_weights))
done("untrained", 4, m)
""",
    "replicas in the scope": """
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    m = net("scope"); optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.05))
    m.compile(optimizer, LOSS, jit_compile=False); fit(m)
done("scope", 10, m)
for i, x in enumerate(batches(10)): see("scope", i + 1, x[:16])
""",
    # ---- PyTorch
    "loops of PyTorch": """
def loop(name, make):
    m = net(name); step = make(m)
    for i, x in enumerate(batches(10)):
        m.zero_grad(); LOSS(torch.tensor(Y[i * 32 : i * 32 + 32]), m(torch.tensor(x), training=True)).backward()
        step(); see(name, i + 1, x)
    m(torch.tensor(X[:32] + 9), training=False); done(name, 10, m)
def own(m):
    optimizer = keras.optimizers.SGD(0.05)
    def step():
        with torch.no_grad(): optimizer.apply([v.value.grad for v in m.trainable_weights], m.trainable_weights)
    return step
loop("keras", own); loop("torch", lambda m: torch.optim.SGD(m.parameters(), 0.05).step)
""",
    "large mean": """
m = compiled(net("large")); x = X * np.float32(0.1) + 100
m.fit(x, Y, batch_size=32, shuffle=False, verbose=0); done("large", 10, m)
for i in range(10): see("large", i + 1, x[i * 32 : i * 32 + 32])
""",
    # ---- JAX
    "loop of JAX": """
import jax
m = net("stateless"); optimizer = keras.optimizers.SGD(0.05); optimizer.build(m.trainable_variables)
def loss(tv, ntv, x, y):
    out, ntv = m.stateless_call(tv, ntv, x, training=True); return LOSS(y, out), ntv
@jax.jit
def step(tv, ntv, ov, x, y):
    (_, ntv), grads = jax.value_and_grad(loss, has_aux=True)(tv, ntv, x, y)
    tv, ov = optimizer.stateless_apply(ov, grads, tv); return tv, ntv, ov
state = [[v.value for v in vs] for vs in (m.trainable_variables, m.non_trainable_variables, optimizer.variables)]
for i, x in enumerate(batches(5)): state = step(*state, x, Y[:32])
done("stateless", 0, m)
""",
}
