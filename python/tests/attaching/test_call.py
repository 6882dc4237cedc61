"""`normlens.watch` in a script, in processes that are attached and in others."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")

SCRIPT = """
import hashlib, torch, torch.nn as nn
import normlens
torch.set_num_threads(1); torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8))
assert normlens.watch(model) is model
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for step in range(30):
    optimizer.zero_grad(); model(torch.randn(16, 4)).square().mean().backward(); optimizer.step()
assert normlens.watch(model) is model
print(hashlib.sha256(b"".join(v.numpy().tobytes() for v in model.state_dict().values())).hexdigest())
"""


def test_a_script_is_recorded_from_its_call_on(script: Any) -> None:
    recorded = script.by_hand(SCRIPT)
    assert (recorded.code, recorded.errors) == (0, "")
    assert recorded.run.of("end")[0]["step"] == 30
    assert [layer["name"] for layer in recorded.run.run["layers"]] == ["1"]


def test_a_call_in_a_recorded_process_makes_no_second_run(script: Any) -> None:
    recorded = script(SCRIPT)
    assert (recorded.code, recorded.errors) == (0, "")
    assert recorded.run.of("end")[0]["step"] == 30
    assert recorded.output == script.by_hand(SCRIPT).output


@pytest.mark.parametrize("imports", ["import torch, normlens", "import normlens, torch"])
def test_layers_have_their_lines_where_normlens_is_imported_before(imports: str, script: Any) -> None:
    recorded = script.by_hand(f"{imports}\n{SCRIPT}")
    [layer] = recorded.run.run["layers"]
    assert layer["source"] == {"line": 6}


SEVERAL = """
import torch, torch.nn as nn, normlens
class Net(nn.Sequential): pass
models = []
for number in range(6):
    model = normlens.watch(Net(nn.Linear(4, 8), nn.BatchNorm1d(8)))
    models.append(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(4):
        optimizer.zero_grad(); model(torch.randn(16, 4)).square().mean().backward(); optimizer.step()
"""


def test_every_model_that_is_named_is_recorded(script: Any) -> None:
    layers = script.by_hand(SEVERAL).run.layers().values()
    assert [layer["model"] for layer in layers] == ["Net", *(f"models[{number}]" for number in range(1, 6))]


def test_an_import_alone_records_nothing(script: Any) -> None:
    recorded = script.by_hand(SCRIPT.replace("normlens.watch(model)", "model"))
    assert (recorded.code, recorded.errors, recorded.runs) == (0, "", [])
