"""When a PyTorch optimizer has done a step, compiled ones included."""

from __future__ import annotations

import contextlib
import functools
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.optim import optimizer as optimizers

from .pytorch_tracing import cuda_graphs, going_on, is_compiling

#: Called after each step with the optimizer.
Tick = Callable[[Any], None]


class NoHook(Exception):
    """This PyTorch has no hook after optimizer steps."""


class StepClock:
    """Calls `tick` after every optimizer step of the process that is not idle.

    Args:
        tick: Looks at a step.
        idle: By the id of an optimizer: what takes its step, where nothing is due.
    """

    def __init__(self, tick: Tick, idle: Mapping[int, Callable[[Any], bool]]) -> None:
        self._look, self._idle = tick, idle
        self._optimizers: weakref.WeakSet[Any] = weakref.WeakSet()
        #: Optimizers that ticked inside a compiled function that is being called; None outside.
        self._ticked_inside: set[int] | None = None

    def start(self) -> None:
        """Begins to listen.

        Raises:
            NoHook: PyTorch is older than 2.1, or so new that the hook is gone.
        """
        register = getattr(optimizers, "register_optimizer_step_post_hook", None)
        if register is None:
            raise NoHook(f"PyTorch {torch.__version__} has no register_optimizer_step_post_hook")
        register(self._hook())
        self._know_optimizers()
        self._follow_compiled_functions()
        graph = getattr(torch.cuda, "CUDAGraph", None)
        if hasattr(graph, "replay"):
            self.follow_graphs(graph)

    def follow_graphs(self, kind: Any) -> None:
        """Ticks after replays of graphs of this class that contain an optimizer's step."""
        cuda_graphs.follow(kind, self.tick)

    def _hook(self) -> Callable[[Any, Any, Any], None]:
        take_of, stepped = self._idle.get, self._stepped

        def after_step(optimizer: Any, args: Any, kwargs: Any) -> None:
            # While a step is traced this hook would be compiled with it, and fail there.
            if is_compiling():
                return
            take = take_of(id(optimizer))
            if take is None or going_on or not take(optimizer):
                stepped(optimizer)

        return after_step

    def _stepped(self, optimizer: Any) -> None:
        if cuda_graphs.capturing:
            cuda_graphs.note_step(optimizer)
            return
        if self._ticked_inside is not None:
            self._ticked_inside.add(id(optimizer))
        self.tick(optimizer)

    def tick(self, optimizer: Any) -> None:
        """An optimizer has done a step."""
        take = self._idle.get(id(optimizer))
        if take is None or not take(optimizer):
            self._look(optimizer)

    def _know_optimizers(self) -> None:
        construct = optimizers.Optimizer.__init__
        known = self._optimizers

        @functools.wraps(construct)
        def knowing(self: Any, *args: Any, **kwargs: Any) -> None:
            construct(self, *args, **kwargs)
            with contextlib.suppress(Exception):
                known.add(self)

        optimizers.Optimizer.__init__ = knowing  # type: ignore[method-assign]

    def _follow_compiled_functions(self) -> None:
        """A compiled function may contain the whole step: afterwards the optimizers whose parameters moved tick."""
        compiled = torch.compile

        @functools.wraps(compiled)
        def following(model: Any = None, **kwargs: Any) -> Any:
            result = compiled(model, **kwargs)
            if model is None:
                # torch.compile(mode=…) as a decorator: what it returns is the decorator.
                return lambda function: following(function, **kwargs)
            if isinstance(model, torch.nn.Module):
                return result
            return self._ticking(result)

        torch.compile = following

    def _ticking(self, function: Any) -> Any:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            if is_compiling() or self._ticked_inside is not None:
                return function(*args, **kwargs)
            before = [(optimizer, _first_version(optimizer)) for optimizer in self._optimizers]
            ticked: set[int] = set()
            self._ticked_inside = ticked
            going_on.append(function)
            try:
                result = function(*args, **kwargs)
            finally:
                self._ticked_inside = None
                going_on.remove(function)
            for optimizer, version in before:
                if id(optimizer) not in ticked and _first_version(optimizer) != version:
                    self.tick(optimizer)
            return result

        return called


def _first_version(optimizer: Any) -> int:
    """Grows with each in-place change of the first parameter; kept on the host, so asking waits for nothing."""
    with contextlib.suppress(Exception):  # This is asked while a person's function is called.
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                return int(parameter._version)
    return -1


def learning_rate_of(optimizer: Any) -> float:
    """Of the first group; NaN where it is on a device."""
    for group in optimizer.param_groups:
        rate = group.get("lr")
        if isinstance(rate, (int, float)):
            return float(rate)
        if isinstance(rate, torch.Tensor) and rate.device.type == "cpu":
            return float(rate)
    return float("nan")
