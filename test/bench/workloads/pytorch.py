"""PyTorch as one side of the comparison.

A line `W1 5` on stdin runs five steps and answers with the milliseconds of the fastest.
"""

import json
import re
import sys
import time

import torch

threads, layout = int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(0)
steps = {}


def prepare(workload):
    text = open(workload["file"]).read()
    shape = [int(size) for size in re.search(r"# normlens: model model input=(\S+)", text).group(1).split("x")]
    names = {"__name__": "workload"}
    exec(compile(text, workload["file"], "exec"), names)
    model, x = names["model"], torch.randn(workload["batch"], *shape)
    if layout == "channels_last" and len(shape) == 3:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    y = torch.arange(workload["batch"]) % 10
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


for workload in json.loads(sys.argv[1]):
    steps[workload["name"]] = prepare(workload)
torch.ones(64, 64) @ torch.ones(64, 64)
loaded = open("/proc/self/maps").read() if sys.platform == "linux" else ""
blas = (
    "MKL"
    if "libmkl" in loaded or torch.backends.mkl.is_available()
    else "OpenBLAS"
    if "openblas" in loaded
    else "a BLAS that is slow (install libopenblas0-pthread)"
)
print(json.dumps({"ready": f"PyTorch {torch.__version__} with {blas}, {layout}"}), flush=True)
for line in sys.stdin:
    name, count = line.split()
    start, start_cpu, fastest = time.perf_counter(), time.process_time(), float("inf")
    for _ in range(int(count)):
        before = time.perf_counter()
        steps[name]()
        fastest = min(fastest, time.perf_counter() - before)
    cores = (time.process_time() - start_cpu) / (time.perf_counter() - start)
    print(json.dumps({"ms": fastest * 1e3, "cores": cores}), flush=True)
