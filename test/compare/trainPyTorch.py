"""PyTorch's half of the comparison: the same models from the same first weights over the same batches, in float64.

    python3 trainPyTorch.py <models.json> <folder of results>

Executes the model files: use it on sources you trust. Ends with 1 when losses or running statistics differ by more than
1e-3, or gradients of the first batch by more than 1e-2.
"""

import array
import importlib.util
import json
import os
import struct
import subprocess
import sys

LIMIT = 1e-3
# A ReLU that flips or another winner of a maximum, by rounding alone, moves single values: float32 PyTorch shows 1e-3
# too.
GRADIENT_LIMIT = 1e-2


def read_safetensors(path, torch):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = array.array("q" if entry["dtype"] == "I64" else "f", data[start:end])
        tensors[name] = torch.tensor(values, dtype=torch.int64 if entry["dtype"] == "I64" else torch.float64).reshape(
            entry["shape"]
        )
    return tensors


def build(compared):
    """The module of a file, under the package that holds it."""
    root, path = compared["root"], compared["file"]
    sys.argv = [path]
    os.chdir(os.path.dirname(path))
    sys.path[:0] = [os.path.dirname(path), root]
    package = os.path.relpath(os.path.dirname(path), root).replace(os.sep, ".")
    if os.path.exists(os.path.join(os.path.dirname(path), "__init__.py")):
        module = importlib.import_module(f"{package}.{os.path.basename(path)[:-3]}")
    else:
        # What trains or draws when a file is executed comes after its classes: it may fail.
        spec = importlib.util.spec_from_file_location("model_file", path)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            print(f"  ({os.path.basename(path)} ended early: {type(error).__name__})", file=sys.stderr)
    return eval(compared["model"], vars(module))


def largest(found, expected, floor=1e-12):
    """Largest difference relative to the largest value, or to `floor` where that is more."""
    return ((found - expected).abs().max() / expected.abs().max().clamp_min(floor)).item()


def running_error(state, final, name):
    """Means that are zero by mathematics are compared with the deviation of their channels."""
    floor = 1e-12 if name.endswith("var") else state[name.replace("running_mean", "running_var")].max().sqrt().item()
    return largest(final[name], state[name], floor)


def gradient_error(ours, module):
    """Length of the difference of the whole gradients, relative to their length."""
    theirs = {name: values.grad for name, values in module.named_parameters()}
    difference = sum(((ours[name] - theirs[name]) ** 2).sum() for name in theirs)
    return (difference / sum((gradient**2).sum() for gradient in theirs.values())).sqrt().item()


def compare(compared, results):
    import torch
    import torch.nn.functional as F

    place = os.path.join(results, compared["name"])
    ours = json.load(open(f"{place}.json"))
    if "refused" in ours:
        return {"problem": ours["refused"]}
    module = build(compared).double().train()
    try:
        module.load_state_dict(read_safetensors(f"{place}.init.safetensors", torch), strict=True)
    except RuntimeError as error:
        return {"problem": f"load_state_dict: {error}"}
    norms = [
        (name, norm) for name, norm in module.named_modules() if isinstance(norm, torch.nn.modules.batchnorm._BatchNorm)
    ]
    listed = [
        {"name": name, "features": norm.num_features, "eps": norm.eps, "momentum": norm.momentum}
        for name, norm in norms
    ]
    batch, steps = compared["batch"], ours["steps"]
    samples = (
        torch.frombuffer(open(f"{place}.samples.f32", "rb").read(), dtype=torch.float32)
        .double()
        .reshape(steps, batch, *compared["input"])
    )
    labels = (
        torch.frombuffer(open(f"{place}.labels.i32", "rb").read(), dtype=torch.int32).long().reshape(steps, batch, -1)
    )
    optimizer = torch.optim.SGD(module.parameters(), lr=ours["rate"])
    losses = []
    for x, y in zip(samples, labels):
        output = module(x)
        if compared["loss"] == "mse":
            loss = F.mse_loss(output, y.reshape(output.shape).double())
        else:
            loss = F.cross_entropy(output, y.reshape(batch, *output.shape[2:]))
        optimizer.zero_grad()
        loss.backward()
        if not losses:
            gradients = gradient_error(read_safetensors(f"{place}.gradients.safetensors", torch), module)
        optimizer.step()
        losses.append(loss.item())
    final = read_safetensors(f"{place}.final.safetensors", torch)
    state = module.state_dict()
    running = [name for name in state if name.endswith(("running_mean", "running_var"))]
    return {
        "keys": list(final) == list(state) and all(final[name].shape == state[name].shape for name in state),
        "norms": listed == ours["norms"],
        "counters": all(
            final[name].item() == state[name].item() for name in state if name.endswith("num_batches_tracked")
        ),
        "loss": max(abs(a - b) / max(abs(b), 1e-12) for a, b in zip(ours["losses"], losses)),
        "running": max((running_error(state, final, name) for name in running), default=0.0),
        "gradients": gradients,
    }


def main():
    if len(sys.argv) > 3:
        compared = next(model for model in json.load(open(sys.argv[1])) if model["name"] == sys.argv[3])
        output, sys.stdout = sys.stdout, sys.stderr
        json.dump(compare(compared, sys.argv[2]), output)
        return
    failed = 0
    print(f"{'':22} {'loss':>9} {'running':>9} {'gradients':>9}  keys, BN list, counters")
    for compared in json.load(open(sys.argv[1])):
        # In a process of its own: model files change paths, modules and defaults.
        done = subprocess.run(
            [sys.executable, os.path.abspath(__file__), *sys.argv[1:3], compared["name"]],
            capture_output=True,
            text=True,
        )
        try:
            result = json.loads(done.stdout)
        except ValueError:
            result = {"problem": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it printed nothing"}
        exact = all(result.get(key, False) for key in ("keys", "norms", "counters"))
        ok = exact and max(result["loss"], result["running"]) <= LIMIT and result["gradients"] <= GRADIENT_LIMIT
        failed += not ok
        if "problem" in result:
            print(f"{compared['name']:22} FAILED: {result['problem']}")
        else:
            print(
                f"{compared['name']:22} {result['loss']:9.1e} {result['running']:9.1e} {result['gradients']:9.1e}  "
                f"{'the same' if exact else 'DIFFERENT'}{'' if ok else '  FAILED'}"
            )
    print(f"{len(json.load(open(sys.argv[1]))) - failed} agree, {failed} differ")
    sys.exit(1 if failed else 0)


main()
