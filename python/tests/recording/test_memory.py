"""What the recorder keeps between steps is less than three times the buffers of the BN layers."""

from __future__ import annotations

import gc
import os
import tracemalloc
from typing import Any

import pytest

torch = pytest.importorskip("torch")


def test_memory_is_below_three_times_the_buffers(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("NORMLENS_RUNS", str(tmp_path))
    from normlens.finding.pytorch import facts_of
    from normlens.packing.layout import Layout
    from normlens.recording.pytorch_source import TorchSource
    from normlens.recording.run import Run
    from normlens.recording.watch import Watch

    model = torch.nn.Sequential(*[torch.nn.BatchNorm1d(4096) for _ in range(32)])
    modules = list(model)
    layers = [facts_of(module, str(place), "Net", str(place), str(place)) for place, module in enumerate(modules)]
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in model.buffers())
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        run = Run(tmp_path, "memory")
        run.begin({}, layers)
        source = TorchSource(model, modules, Layout([layer.channels for layer in layers]), False)
        watch = Watch(run, source, layers, "Net")
        watch._every = 1
        for _ in range(6):
            model(torch.randn(8, 4096))
            watch.tick(0.1, 0.01)
        watch.standing("rhythm")
        gc.collect()
        # PyTorch's own memory is not traced, and none of what is kept is PyTorch's.
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    print(f"kept {kept / buffers:.2f} times the buffers", os.linesep)
    assert watch.samples >= 4
    assert kept < 3 * buffers
