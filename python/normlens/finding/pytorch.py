"""BN layers of PyTorch models: where they are, what they are called, where they were made."""

from __future__ import annotations

import gc
import os
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.parameter import is_lazy

from ..packing.pytorch import parts_of
from .layers import Layer, Source, UpdateWeight
from .notebook import cell_of

_TORCH = os.path.dirname(torch.__file__) + os.sep
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
#: Where each layer was constructed. Copies and unpickled layers are not in it.
_LINES: weakref.WeakKeyDictionary[nn.Module, Source] = weakref.WeakKeyDictionary()
#: The same by class of the root and path, for copies.
_LINES_BY_PATH: dict[tuple[str, str], Source] = {}
#: Marks a constructor that remembers lines.
_REMEMBERING = "__normlens_remembers__"

#: Wrappers, and the attribute under which each has the model.
_WRAPPED = {
    "OptimizedModule": "_orig_mod",
    "DistributedDataParallel": "module",
    "DataParallel": "module",
    "AveragedModel": "module",
    "FullyShardedDataParallel": "_fsdp_wrapped_module",
    "_FabricModule": "_forward_module",
    "CheckpointWrapper": "_checkpoint_wrapped_module",
}
#: Half precision and others that cannot be read back are listed with their own names.
_DTYPES = {torch.float32: "float32", torch.float64: "float64", torch.float16: "float16", torch.bfloat16: "bfloat16"}


def remember_layers() -> None:
    """From now on the line that constructs a BN layer is remembered. A second call changes nothing."""
    construct = _NormBase.__init__
    if getattr(construct, _REMEMBERING, False):
        return

    def remembering(self: Any, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        try:
            if isinstance(self, _BatchNorm):
                line = calling_line(sys._getframe(1))
                if line is not None:
                    _LINES[self] = line
        except Exception:  # A line that is not known is unknown; a person's model is made all the same.
            pass

    remembering.__wrapped__ = construct  # type: ignore[attr-defined]
    setattr(remembering, _REMEMBERING, True)
    _NormBase.__init__ = remembering  # type: ignore[method-assign]


def calling_line(frame: Any) -> Source | None:
    """The innermost line that is a person's own, or a library's where the program is one (``yolo train``)."""
    library = None
    while frame is not None:
        path = frame.f_code.co_filename
        cell = cell_of(path)
        if cell is not None:
            return Source(None, frame.f_lineno, cell)
        if not path.startswith((_TORCH, _OURS, "<")):
            if "site-packages" not in path and "dist-packages" not in path:
                break
            library = library or Source(path, frame.f_lineno)
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.startswith(os.path.join(sys.prefix, "bin") + os.sep):
        return library
    return Source(os.path.abspath(frame.f_code.co_filename), frame.f_lineno)


def most_updates() -> int:
    """How often the layer that was updated most was updated, of those that were constructed here and still exist."""
    counters = [module._buffers.get("num_batches_tracked") for module in list(_LINES)]
    return max((counter._version for counter in counters if counter is not None), default=0)


def is_norm(module: Any) -> bool:
    """Whether it is a BN layer: scripted ones, exported ones and classes of other libraries included."""
    if isinstance(module, _BatchNorm):
        return True
    if isinstance(module, _NormBase):
        return False  # InstanceNorm, which may keep running statistics as well.
    buffers = getattr(module, "__dict__", {}).get("_buffers") or {}
    if "running_mean" in buffers and "running_var" in buffers:
        return True
    return (
        isinstance(module, torch.jit.ScriptModule)
        and "BatchNorm" in str(getattr(module, "original_name", ""))
        and hasattr(module, "running_mean")
    )


def has_statistics(module: nn.Module) -> bool:
    """Whether it has running statistics now: a lazy layer has none before its first pass."""
    mean = parts_of(module)[0]
    return mean is not None and not is_lazy(mean) and mean.device.type != "meta"


def children_of(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Children with the names a person uses: what a wrapper calls the wrapped model is left out."""
    inner = _WRAPPED.get(type(module).__name__)
    scripted = isinstance(module, torch.jit.ScriptModule)
    for name, child in module.named_children() if scripted else list(module._modules.items()):
        if child is not None:
            yield ("" if name == inner else name), child


def named_modules(root: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Every module below a root once, with its path without wrappers."""
    seen = set()
    stack = [("", root)]
    while stack:
        path, module = stack.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield path, module
        below = [(".".join(part for part in (path, name) if part), child) for name, child in children_of(module)]
        stack.extend(reversed(below))


def unwrapped(module: nn.Module) -> nn.Module:
    """The model inside its wrappers."""
    while True:
        inner = [child for name, child in children_of(module) if name == ""]
        if type(module).__name__ not in _WRAPPED or not inner:
            return module
        module = inner[0]


def all_roots() -> list[nn.Module]:
    """Modules that are no other module's child, found among the collector's objects (60 to 120 ms)."""
    is_module: dict[type, bool] = {}
    modules = []
    for thing in gc.get_objects():
        kind = type(thing)
        known = is_module.get(kind)
        if known is None:
            known = is_module[kind] = issubclass(kind, nn.Module)
        if known and "_modules" in getattr(thing, "__dict__", ()):
            modules.append(thing)
    children = {id(child) for module in modules for _, child in children_of(module)}
    return [module for module in modules if id(module) not in children]


def norms_below(root: nn.Module) -> list[tuple[str, nn.Module]]:
    """BN layers with their paths, in the order of construction."""
    label = class_name(unwrapped(root))
    found = [(path, module) for path, module in named_modules(root) if is_norm(module)]
    for path, module in found:
        if module in _LINES:
            _LINES_BY_PATH.setdefault((label, path), _LINES[module])
    return found


def class_name(module: nn.Module) -> str:
    """A module's class as the script has it: `fully_shard` and `replicate` put a subclass of their own in its place."""
    kind = type(module)
    first, *others = kind.__bases__
    return (others[0] if others and first.__module__.startswith("torch.distributed.") else kind).__name__


def label_of(root: nn.Module) -> str:
    """What a person calls a model: its class, or the script's own name for it where the class says nothing."""
    name = class_name(unwrapped(root))
    if name in ("Sequential", "ModuleList", "ModuleDict", "Module"):
        return name_in_script(root) or name
    return name


def name_in_script(root: nn.Module) -> str | None:
    """How the script's global names reach a model: ``net``, ``teacher.model``, ``clients[2]``, ``nets['student']``."""
    wanted = {id(root), id(unwrapped(root))}
    main = sys.modules.get("__main__")
    names = [(name, value) for name, value in list(vars(main).items()) if not name.startswith("_")] if main else []
    for name, value in names:
        # Before plain names: one may be the variable of a loop over the list.
        if isinstance(value, (list, tuple)) and 1 < len(value) <= 64:
            for index, item in enumerate(value):
                if id(item) in wanted:
                    return f"{name}[{index}]"
        if isinstance(value, dict) and len(value) <= 64:
            for key, item in list(value.items()):
                if isinstance(key, str) and id(item) in wanted:
                    return f"{name}[{key!r}]"
    for name, value in names:
        if id(value) in wanted:
            return name
    for name, value in names:
        if not isinstance(value, (type, nn.Module)) and hasattr(value, "__dict__"):
            for attribute, item in list(vars(value).items()):
                if id(item) in wanted:
                    return f"{name}.{attribute}"
    return None


def facts_of(module: nn.Module, path: str, label: str, identifier: str, name: str) -> Layer:
    """What is known of a layer besides its numbers. `path` is its place in its model."""
    mean, _, weight, bias, _ = parts_of(module)
    tracked = mean is not None
    return Layer(
        id=identifier,
        name=name,
        kind=str(getattr(module, "original_name", class_name(module))),
        framework="pytorch",
        channels=int(mean.numel()) if mean is not None else int(getattr(module, "num_features", 0)),
        epsilon=float(getattr(module, "eps", 1e-5)),
        update_weight=update_weight_of(module),
        estimator="unbiased",
        dtype=_DTYPES.get(mean.dtype, str(mean.dtype).replace("torch.", "")) if mean is not None else "float32",
        trained=None if weight is None and bias is None else True,
        tracked=tracked,
        source=_LINES.get(module) or _LINES_BY_PATH.get((label, path)),
    )


def update_weight_of(module: nn.Module) -> UpdateWeight:
    """The weight of the new value; None where the class is not PyTorch's, so that it may mean anything."""
    if not isinstance(module, (_BatchNorm, torch.jit.ScriptModule)):
        return None
    momentum = getattr(module, "momentum", None)
    return "cumulative" if momentum is None else float(momentum)


def is_trained(module: nn.Module, owned: set[int]) -> bool | None:
    """Whether an optimizer trains γ or β; None where the layer has neither."""
    parameters = [p for p in (module._parameters.get("weight"), module._parameters.get("bias")) if p is not None]
    if not parameters:
        return None
    return any(parameter.requires_grad and id(parameter) in owned for parameter in parameters)
