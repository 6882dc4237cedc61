"""What a run record says of how a Keras model is trained."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import keras

from ..ticking.keras import schedule_of
from ..watching.ranks import rank_and_size


def settings_of(backend: str, clock: Any, optimizer: Any, batch: int | None) -> dict[str, Any]:
    """Settings under Keras's own names.

    Args:
        backend: Keras's backend.
        clock: The model that was compiled, or the optimizer of a loop.
        optimizer: Of Keras or PyTorch; None where there is none.
        batch: Samples of a batch of `fit`; None where that is unknown.
    """
    version = getattr(importlib.import_module(backend), "__version__", None)
    settings: dict[str, Any] = {"keras": keras.__version__, "backend": backend, backend: version}
    settings["python"] = sys.version.split()[0]
    settings["batchSize"] = batch
    if optimizer is not None:
        settings.update(_optimizer_settings(optimizer))
    if isinstance(clock, keras.Model):
        settings.update(_compile_settings(clock, backend))
    _, size = rank_and_size_of(backend)
    if size > 1:
        settings["processes"] = size
    return settings


def _optimizer_settings(optimizer: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"optimizer": type(optimizer).__name__}
    if hasattr(optimizer, "inner_optimizer"):
        settings["innerOptimizer"] = type(optimizer.inner_optimizer).__name__
    settings["learningRateSchedule"] = schedule_of(optimizer)
    for name in ("weight_decay", "gradient_accumulation_steps", "use_ema"):
        value = getattr(optimizer, name, None)
        if isinstance(value, (bool, int, float)) and value:
            settings[{"weight_decay": "weightDecay"}.get(name, name)] = value
    return settings


def _compile_settings(model: Any, backend: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"jit_compile": bool(model.jit_compile), "run_eagerly": bool(model.run_eagerly)}
    if model.steps_per_execution > 1:
        settings["steps_per_execution"] = int(model.steps_per_execution)
    strategy = getattr(model, "distribute_strategy", None) if backend == "tensorflow" else None
    if strategy is not None and strategy.num_replicas_in_sync > 1:
        settings["num_replicas_in_sync"] = int(strategy.num_replicas_in_sync)
        settings["statisticsOf"] = "replica 0"
    return settings


def rank_and_size_of(backend: str) -> tuple[int, int]:
    """Which process of a distributed training this is."""
    if backend == "torch":
        return rank_and_size()
    if backend == "jax":
        import jax

        return int(jax.process_index()), int(jax.process_count())
    import tensorflow as tf

    resolver = tf.distribute.get_strategy().cluster_resolver
    if resolver is None or not resolver.task_type:
        return 0, 1
    return int(resolver.task_id or 0) if resolver.task_type == "worker" else 0, 1
