"""Code that is traced or captured now and runs later without Python: no hook sees it then."""

from __future__ import annotations

import contextlib
import functools
import sys
import weakref
from typing import Any, Callable

import torch

#: A capture, or a compiled function that may contain a step, while it goes on. Empty at plain steps, and quickly asked.
going_on: list[Any] = []

#: Frames between PyTorch's own compiler and the capture that it begins.
_NEAR = 6


class CudaGraphs:
    """The CUDA graphs of this process.

    What is done on the device during a capture becomes part of a person's graph, and asking an event breaks the
    capture: nothing of ours may run then. A replay changes tensors without counting it in their versions.
    """

    def __init__(self) -> None:
        #: Whether a person's graph was replayed: from then on versions of tensors say nothing.
        self.replayed = False
        self._capturing: Any = None
        self._is_compilers = False
        #: By graph: the optimizers whose step is in it.
        self._steps: weakref.WeakKeyDictionary[Any, list[weakref.ref[Any]]] = weakref.WeakKeyDictionary()

    @property
    def capturing(self) -> bool:
        """Whether a graph is being captured."""
        return self._capturing is not None

    def note_step(self, optimizer: Any) -> None:
        """An optimizer's step is being captured: each replay does it."""
        if self._capturing is not None and not self._is_compilers:
            steps = self._steps.setdefault(self._capturing, [])
            if all(known() is not optimizer for known in steps):
                steps.append(weakref.ref(optimizer))

    def follow(self, kind: Any, tick: Callable[[Any], None]) -> None:
        """Wraps a class of graphs; `tick` is called after a replay with each optimizer whose step was in it."""
        begin, end, replay = kind.capture_begin, kind.capture_end, kind.replay

        @functools.wraps(begin)
        def capture_begin(graph: Any, *args: Any, **kwargs: Any) -> Any:
            result = begin(graph, *args, **kwargs)
            # Compiled code counts what its graphs change by itself.
            self._capturing, self._is_compilers = graph, _is_compilers(sys._getframe(1))
            going_on.append(graph)
            return result

        @functools.wraps(end)
        def capture_end(graph: Any) -> Any:
            if self._capturing is not None:
                going_on.pop()
            self._capturing = None
            return end(graph)

        @functools.wraps(replay)
        def replaying(graph: Any) -> Any:
            result = replay(graph)
            if self._capturing is None and not _is_compilers(sys._getframe(1)):
                self.replayed = True
                with contextlib.suppress(Exception):  # What ticks has its own guard: this is a graph that has no hash.
                    for reference in list(self._steps.get(graph, ())):
                        optimizer = reference()
                        if optimizer is not None:
                            tick(optimizer)
            return result

        kind.capture_begin, kind.capture_end, kind.replay = capture_begin, capture_end, replaying


def _is_compilers(frame: Any) -> bool:
    for _ in range(_NEAR):
        if frame is None:
            return False
        if str(frame.f_globals.get("__name__", "")).startswith("torch._inductor"):
            return True
        frame = frame.f_back
    return False


cuda_graphs = CudaGraphs()


def _compiling() -> Callable[[], bool]:
    asked = getattr(getattr(torch, "compiler", None), "is_compiling", None)
    if asked is not None:
        return asked  # type: ignore[no-any-return]
    # PyTorch 2.1 has it elsewhere.
    from torch._dynamo import external_utils

    return external_utils.is_compiling


is_compiling = _compiling()


def is_traced() -> bool:
    """Whether what runs now is compiled or captured."""
    # In this order: while a function is compiled, the compiler follows no further than the first.
    return is_compiling() or cuda_graphs.capturing
