"""Callbacks of Lightning and the Hugging Face Trainer."""

from __future__ import annotations

from typing import Any

import pytest
from recording.test_trainers import LIGHTNING, MODEL, TRANSFORMERS

pytest.importorskip("torch")

IMPORT = "import normlens\n"
LIGHTNING_CALLED = LIGHTNING.replace(
    "lightning.Trainer(", "lightning.Trainer(callbacks=[normlens.LightningCallback(probe=data.tensors[0][:48])], "
)
OTHER_NAME = "import pytorch_lightning as lightning, logging"
TRANSFORMERS_CALLED = TRANSFORMERS.replace(
    "eval_dataset=Rows())",
    "eval_dataset=Rows(), callbacks=[normlens.TransformersCallback(probe=dict(zip(('x', 'labels'), data[:48])))])",
)
CASES = {
    "lightning": (LIGHTNING, LIGHTNING_CALLED, 9),
    "pytorch_lightning": (
        LIGHTNING.replace("import lightning, logging", OTHER_NAME),
        LIGHTNING_CALLED.replace("import lightning, logging", OTHER_NAME),
        9,
    ),
    "transformers": (TRANSFORMERS, TRANSFORMERS_CALLED, 6),
}


@pytest.mark.parametrize("attached", [False, True], ids=["alone", "attached"])
@pytest.mark.parametrize("library", CASES)
def test_a_callback_records_the_training_once_with_the_same_bits(library: str, attached: bool, script: Any) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed")
    plain, called, steps = CASES[library]
    assert called != plain
    source = IMPORT + MODEL + called
    recorded = script(source) if attached else script.by_hand(source)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    run = recorded.run
    assert run.of("end")[0]["step"] == steps
    [layer] = run.run["layers"]
    line = 1 + next(at for at, text in enumerate(source.splitlines()) if "BatchNorm1d" in text)
    assert (layer["name"], layer["source"]) == ("net.1", {"line": line})
    assert recorded.output == script.by_hand(IMPORT + MODEL + plain).output


TWICE = LIGHTNING_CALLED.replace(
    "done(model.net)", "trainer.fit_loop.max_epochs = 6; trainer.fit(model, loader); done(model.net)"
)


def test_a_second_fit_goes_on_in_the_same_run(script: Any) -> None:
    pytest.importorskip("lightning")
    recorded = script.by_hand(IMPORT + MODEL + TWICE)
    assert recorded.code == 0, recorded.errors
    assert recorded.run.of("end")[0]["step"] == 18
    assert [layer["name"] for layer in recorded.run.layers().values()] == ["net.1"]


SPAWNED = """
import lightning, logging
import normlens
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
class Classifier(lightning.LightningModule):
    def __init__(self):
        super().__init__(); self.net = net()
    def training_step(self, batch, index): return F.cross_entropy(self.net(batch[0]), batch[1])
    def configure_optimizers(self): return torch.optim.SGD(self.parameters(), 1e-2)
if __name__ == "__main__":
    options = dict(enable_progress_bar=False, logger=False, enable_model_summary=False, accelerator="cpu")
    trainer = lightning.Trainer(
        max_epochs=3, callbacks=[normlens.LightningCallback(probe=data.tensors[0][:48])], devices=2,
        strategy="STRATEGY", default_root_dir=".", enable_checkpointing=False, **options)
    trainer.fit(Classifier(), DataLoader(data, batch_size=32))
"""


@pytest.mark.parametrize("strategy", ["ddp_spawn", "ddp_fork"])
def test_processes_that_the_trainer_starts_are_recorded_as_one_run(strategy: str, script: Any) -> None:
    pytest.importorskip("lightning")
    recorded = script.by_hand(MODEL + SPAWNED.replace("STRATEGY", strategy))
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    assert recorded.run.run["ranks"] == 2
    assert [(end["step"], end["status"]) for end in recorded.run.of("end")] == [(9, "completed")]
    assert recorded.run.frames("norms", rank=1)


COPIES = """
import copy, pickle, sys, torch
import normlens
missing = MISSING
for name in missing: sys.modules[name] = None
for make in (normlens.LightningCallback, normlens.TransformersCallback):
    callback = make(probe=torch.arange(3.0))
    for twin in (copy.deepcopy(callback), pickle.loads(pickle.dumps(callback))):
        assert type(twin) is make and twin is not callback and twin.probe.tolist() == [0.0, 1.0, 2.0]
    print(*(base.__module__.partition(".")[0] for base in make.__mro__[1:-1]))
"""


@pytest.mark.parametrize("attached", [False, True], ids=["alone", "attached"])
@pytest.mark.parametrize("missing", ["lightning", "pytorch_lightning"])
def test_callbacks_are_copied_and_pickled_and_one_name_of_lightning_is_enough(
    missing: str, attached: bool, script: Any
) -> None:
    for name in ("lightning", "pytorch_lightning", "transformers"):
        pytest.importorskip(name)
    source = COPIES.replace("MISSING", repr([missing]))
    made = script(source) if attached else script.by_hand(source)
    assert made.code == 0, made.errors
    [there] = {"lightning", "pytorch_lightning"} - {missing}
    assert there in made.output.split() and missing not in made.output.split()


def test_a_callback_whose_framework_is_missing_says_what_to_install(script: Any) -> None:
    asked = script.by_hand("""
        import sys, normlens
        for name in ("lightning", "pytorch_lightning", "transformers", "keras"): sys.modules[name] = None
        for name in ("LightningCallback", "TransformersCallback", "KerasCallback"):
            try: getattr(normlens, name)
            except ModuleNotFoundError as error: print(error)
    """)
    assert asked.output.splitlines() == [
        "LightningCallback needs Lightning: pip install lightning",
        "TransformersCallback needs Transformers: pip install transformers",
        "KerasCallback needs Keras: pip install keras",
    ]
