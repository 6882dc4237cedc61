"""Steps of stochastic gradient descent by PyTorch in float64, on weights and data that are worked out, not stored.

python3 test/golden/networks/expected.py > test/golden/networks/expected.json
"""

import base64
import json
import pathlib
import re
import sys

import torch
from references import use_references

BATCH, STEPS, RATE = 6, 4, 0.1


def numbers(count, seed):
    """Uniform in [-1, 1), the same in every language: a linear congruential generator over 2^24."""
    state, values = seed % 16777216, []
    for _ in range(count):
        state = (state * 1140671485 + 12820163) % 16777216
        values.append(state / 8388608 - 1)
    return values


def encoded(tensor):
    """float32, little-endian, as base64: a float64 result needs no more to be compared with to 1e-5."""
    return base64.b64encode(tensor.detach().flatten().to(torch.float32).numpy().tobytes()).decode()


def filled(shape, seed, scale):
    count = 1
    for size in shape:
        count *= size
    values = torch.tensor(numbers(count, seed), dtype=torch.float64) * scale
    return values.to(torch.float32).to(torch.float64).reshape(shape)


def inputs(shapes, seed):
    """A tensor for each input; those of a sample were worked out one after another."""
    sizes = [torch.Size(shape).numel() for shape in shapes]
    parts = filled([BATCH, sum(sizes)], seed, 1.0).split(sizes, dim=1)
    return [part.reshape(BATCH, *shape) for part, shape in zip(parts, shapes)]


def main_output(returned):
    """What a run trains: the first of several outputs."""
    if isinstance(returned, dict):
        returned = list(returned.values())
    return returned if isinstance(returned, torch.Tensor) else returned[0]


results = {"torch": torch.__version__, "batch": BATCH, "steps": STEPS, "rate": RATE, "networks": {}}
for path in sorted(pathlib.Path(__file__).parent.glob("models/*.py")):
    text = path.read_text()
    model, shape = re.search(r"# normlens: model (\S+) input=(\S+)", text).groups()
    shapes = [[int(size) for size in one.split("x")] for one in shape.split(",")]
    names = {"__name__": path.stem}
    exec(compile(text, str(path), "exec"), names)
    module = eval(model, names)
    use_references(module, text)
    module = module.double()
    state = module.state_dict()
    for index, (name, parameter) in enumerate(module.named_parameters()):
        offset = 1.0 if name.endswith("weight") and parameter.dim() == 1 else 0.0
        state[name] = filled(list(parameter.shape), index + 1, 0.3) + offset
    module.load_state_dict(state)
    optimizer = torch.optim.SGD(module.parameters(), lr=RATE)
    losses = []
    for step in range(STEPS):
        x = inputs(shapes, 1000 + step)
        y = torch.tensor([(3 * sample + step) % 3 for sample in range(BATCH)])
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(main_output(module(*x)), y)
        loss.backward()
        if step == 0:
            # What does not lead to the main output has none.
            gradients = {
                name: encoded(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)
                for name, parameter in module.named_parameters()
            }
        optimizer.step()
        losses.append(loss.item())
    module.eval()
    with torch.no_grad():
        evaluated = encoded(main_output(module(*inputs(shapes, 2000))))
    results["networks"][path.stem] = {
        "losses": losses,
        "gradients": gradients,
        "counters": {
            name: values.item() for name, values in module.state_dict().items() if name.endswith("num_batches_tracked")
        },
        "state": {
            name: encoded(values)
            for name, values in module.state_dict().items()
            if not name.endswith("num_batches_tracked")
        },
        "evaluated": evaluated,
    }
json.dump(results, sys.stdout)
print()
