"""What recording costs a Keras training.

keras_backends.py BACKEND…   (tensorflow, torch, jax: one a process); prints one JSON line.
"""

import os
import sys
import tempfile
from pathlib import Path

BACKEND = sys.argv[1]
sys.path.insert(0, str(Path(__file__).parents[3] / "python"))
os.environ.update(NORMLENS_RUNS=tempfile.mkdtemp(), KERAS_BACKEND=BACKEND, TF_CPP_MIN_LOG_LEVEL="3")

import keras
import numpy as np
from keras import layers

from blocks import compare
from normlens.recording import keras as recording

BN_LAYERS, WIDTH = 50, 16
STEPS = {"tensorflow": 8, "torch": 6, "jax": 8}


def deep():
    model = keras.Sequential([keras.Input((8, 8, 3))])
    for _ in range(BN_LAYERS):
        model.add(layers.Conv2D(WIDTH, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10))
    return model


CALL = keras.layers.BatchNormalization.call
recording.arm()
HEARD_CALL = keras.layers.BatchNormalization.call
keras.utils.set_random_seed(0)
model = deep()
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
x, y = np.random.normal(size=(32, 8, 8, 3)).astype("float32"), np.random.randint(0, 10, 32)
recorder = recording.recorder()


def step():
    model.train_on_batch(x, y)


def listen(listens):
    """What is around a step of Keras and around a call of a layer, there or not."""
    keras.layers.BatchNormalization.call = HEARD_CALL if listens else CALL
    model.train_function = FUNCTION if listens else FUNCTION.__wrapped__
    keras.Model.train_on_batch = ON_BATCH if listens else ON_BATCH.__wrapped__


step()
FUNCTION, ON_BATCH = model.train_function, keras.Model.train_on_batch


def samples():
    return recorder.models.watches[-1].samples


compare(f"keras-{BACKEND}", BN_LAYERS, step, STEPS[BACKEND], recorder, samples, listen)
