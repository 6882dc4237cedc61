"""Lightning, the Hugging Face Trainer and accelerate, unchanged."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")

MODEL = """
import hashlib, os, sys, warnings
warnings.filterwarnings("ignore")
import torch, torch.nn as nn, torch.nn.functional as F
torch.set_num_threads(1); torch.manual_seed(0)
from torch.utils.data import DataLoader, TensorDataset
def net(): return nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 3))
data = TensorDataset(torch.randn(192, 6), torch.randint(0, 3, (192,)))
def done(model):
    print(hashlib.sha256(b"".join(v.cpu().numpy().tobytes() for v in model.state_dict().values())).hexdigest())
"""

LIGHTNING = """
import lightning, logging
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
class Classifier(lightning.LightningModule):
    def __init__(self):
        super().__init__(); self.net = net()
    def training_step(self, batch, index): return F.cross_entropy(self.net(batch[0]), batch[1])
    def validation_step(self, batch, index): return F.cross_entropy(self.net(batch[0]), batch[1])
    def configure_optimizers(self): return torch.optim.AdamW(self.parameters(), 1e-2)
model = Classifier()
options = dict(enable_progress_bar=False, logger=False, enable_model_summary=False, accelerator="cpu")
trainer = lightning.Trainer(max_epochs=3, accumulate_grad_batches=2, default_root_dir=".", **options)
loader = DataLoader(data, batch_size=32, shuffle=True)
trainer.fit(model, loader, DataLoader(data, batch_size=64)); done(model.net)
"""

TRANSFORMERS = """
import transformers
transformers.logging.set_verbosity_error()
class Classifier(nn.Module):
    def __init__(self):
        super().__init__(); self.net = net()
    def forward(self, x, labels=None):
        logits = self.net(x)
        return {"loss": F.cross_entropy(logits, labels), "logits": logits}
class Rows(torch.utils.data.Dataset):
    def __len__(self): return len(data)
    def __getitem__(self, i): return {"x": data[i][0], "labels": data[i][1]}
model = Classifier()
arguments = transformers.TrainingArguments(
    "out", num_train_epochs=2, per_device_train_batch_size=32, gradient_accumulation_steps=2, report_to=[],
    disable_tqdm=True, eval_strategy="epoch", save_strategy="epoch", use_cpu=True, logging_strategy="no")
trainer = transformers.Trainer(model, arguments, train_dataset=Rows(), eval_dataset=Rows())
sys.stdout = open(os.devnull, "w"); trainer.train(); sys.stdout = sys.__stdout__; done(model)
"""

ACCELERATE = """
import accelerate
accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=2)
model = net(); optimizer = torch.optim.SGD(model.parameters(), 0.05)
loader = DataLoader(data, batch_size=32, shuffle=True)
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
for epoch in range(3):
    for x, y in loader:
        with accelerator.accumulate(model):
            accelerator.backward(F.cross_entropy(model(x), y)); optimizer.step(); optimizer.zero_grad()
done(accelerator.unwrap_model(model))
"""


@pytest.mark.parametrize(
    "library, source, steps, layer",
    [
        ("lightning", LIGHTNING, 9, "net.1"),
        ("transformers", TRANSFORMERS, 6, "net.1"),
        ("accelerate", ACCELERATE, 9, "1"),
    ],
)
def test_a_trainer_is_recorded_with_the_same_bits(
    library: str, source: str, steps: int, layer: str, script: Any
) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed")
    recorded = script(MODEL + source, every=1)
    assert recorded.code == 0, recorded.errors
    assert "normlens:" not in recorded.errors
    assert recorded.output == script(MODEL + source, record=False).output
    run = recorded.run
    assert run.of("end")[0]["step"] == steps
    assert [entry["name"] for entry in run.run["layers"]] == [layer]
    # Two passes are accumulated in each step; a validation in evaluation mode updates nothing.
    assert {record["passes"] for record in run.of("passes")} == {2}
    assert run.standing(layer)["samplesPerPass"] == 32
    assert len(run.frames("norms")) >= steps - 2
