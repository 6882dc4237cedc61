"""BN layers of Keras models: where they are, what they are called, where they were made."""

from __future__ import annotations

import inspect
import itertools
import os
import sys
import weakref
from collections.abc import Collection, Iterator
from typing import Any

import keras

from .layers import Layer, Source, UpdateWeight
from .notebook import cell_of

BatchNormalization = keras.layers.BatchNormalization

_KERAS = os.path.dirname(keras.__file__) + os.sep
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
#: Where each layer was constructed. Layers that were loaded, cloned or made from a config are not in it.
_LINES: weakref.WeakKeyDictionary[Any, Source] = weakref.WeakKeyDictionary()
#: In which order layers were built, which is the order of their first calls.
_BUILT: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
#: Every model that was made in this process.
_MODELS: weakref.WeakSet[Any] = weakref.WeakSet()
_builds = itertools.count(1)
#: Marks a constructor that remembers lines.
_REMEMBERING = "__normlens_remembers__"
#: Functions of Keras in which a layer is a copy of another one, so that the line that calls them made no layer.
_COPYING = ("from_config", "deserialize_keras_object", "clone_model")


def remember_layers() -> None:
    """From now on models, lines that construct a BN layer, and the order in which layers are built are remembered.

    A second call changes nothing.
    """
    construct, build = BatchNormalization.__init__, BatchNormalization.build
    if getattr(construct, _REMEMBERING, False):
        return
    _remember_models()

    def remembering(self: Any, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        try:
            line = calling_line(sys._getframe(1))
            if line is not None:
                _LINES[self] = line
        except Exception:  # A line that is not known is unknown; a person's layer is made all the same.
            pass

    def building(self: Any, input_shape: Any) -> None:
        build(self, input_shape)
        _BUILT.setdefault(self, next(_builds))

    # Keras asks for arguments by `getfullargspec`, which does not look at `__wrapped__`. It wraps `build` once more,
    # and a `__signature__` would be copied along: its arguments are written out instead.
    remembering.__signature__ = inspect.signature(construct)  # type: ignore[attr-defined]
    for patched, original in ((remembering, construct), (building, build)):
        patched.__name__, patched.__qualname__, patched.__doc__ = (
            original.__name__,
            original.__qualname__,
            original.__doc__,
        )
    setattr(remembering, _REMEMBERING, True)
    BatchNormalization.__init__, BatchNormalization.build = remembering, building


def _remember_models() -> None:
    make = keras.Model.__new__

    def making(cls: Any, *args: Any, **kwargs: Any) -> Any:
        model = make(cls, *args, **kwargs)
        if isinstance(model, keras.Model):
            _MODELS.add(model)
        return model

    making.__doc__ = make.__doc__
    keras.Model.__new__ = making


def calling_line(frame: Any) -> Source | None:
    """The innermost line that is a person's own, or a library's where the program is one.

    None where the layer is a copy: its own line is unknown.
    """
    library = None
    while frame is not None:
        path = frame.f_code.co_filename
        cell = cell_of(path)
        if cell is not None:
            return Source(None, frame.f_lineno, cell)
        if path.startswith(_KERAS):
            if frame.f_code.co_name in _COPYING:
                return None
        elif not path.startswith((_OURS, "<")):
            if "site-packages" not in path and "dist-packages" not in path:
                return Source(os.path.abspath(path), frame.f_lineno)
            library = library or Source(path, frame.f_lineno)
        frame = frame.f_back
    return library


def built_at(layer: Any) -> int | None:
    """Its place among all layers that were built in this process; None for those built before it was recorded."""
    return _BUILT.get(layer)


def builds_so_far() -> int:
    """The place of the layer that was built last."""
    return max(_BUILT.values(), default=0)


def known_layers() -> list[Any]:
    """Every BN layer that was built in this process and is still there."""
    return list(_BUILT.keys())


def norms_below(root: Any) -> list[tuple[str, Any]]:
    """BN layers of a model with their names, in the order of their first calls.

    A name has its model in front (``encoder/norm``) only where the model has several layers of this name.
    """
    found = [(path, layer) for path, layer in _walk(root) if isinstance(layer, BatchNormalization)]
    names = [layer.name for _, layer in found]
    return [(path if names.count(layer.name) > 1 else layer.name, layer) for path, layer in found]


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """A layer and all layers below it once each, with the names of those between them, in the order of first calls."""
    seen: set[int] = set()
    stack = [("", root)]
    while stack:
        path, layer = stack.pop()
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        yield path, layer
        below = [(f"{path}/{child.name}" if path else child.name, child) for child in _children(layer)]
        stack.extend(reversed(below))


def _children(layer: Any) -> list[Any]:
    """Layers directly below: of a functional model as its graph runs, else in the order in which they were built."""
    children = list(getattr(layer, "_layers", ()))
    by_depth = getattr(layer, "_nodes_by_depth", None)
    if by_depth:
        nodes = [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
        order = {id(node.operation): place for place, node in reversed(list(enumerate(nodes)))}
    else:
        order = {id(child): _first_build(child) for child in children}
    return sorted(children, key=lambda child: order.get(id(child), len(order) + len(children)))


def _first_build(layer: Any) -> int:
    """The place of the BN layer in it that was built first; 0 without any, which leaves the order as it is."""
    built = [_BUILT[below] for below in layers_below(layer) if below in _BUILT]
    return min(built, default=0)


def layers_below(root: Any) -> list[Any]:
    """A layer and all layers below it, once each."""
    found = {id(root): root}
    waiting = [root]
    while waiting:
        for child in getattr(waiting.pop(), "_layers", ()):
            if id(child) not in found:
                found[id(child)] = child
                waiting.append(child)
    return list(found.values())


def has_statistics(layer: Any) -> bool:
    """Whether it has moving statistics now: a layer that was not built has none."""
    return getattr(layer, "moving_mean", None) is not None and getattr(layer, "moving_variance", None) is not None


def all_roots() -> list[Any]:
    """Models that are in no other model."""
    models = [model for model in _MODELS if "_layers" in getattr(model, "__dict__", ())]
    inside = {id(layer) for model in models for layer in layers_below(model)[1:]}
    return [model for model in models if id(model) not in inside]


def held_below(root: Any) -> set[int]:
    """Ids of BN layers that the code asked to hold: called with ``training=False`` when a model was put together.

    Whether that is done is another question: ``fit`` overrides the argument of a functional model.
    """
    held: set[int] = set()
    for model in layers_below(root):
        for nodes in (getattr(model, "_nodes_by_depth", None) or {}).values():
            for node in nodes:
                if isinstance(node.operation, keras.Layer) and _asks_to_hold(node):
                    below = layers_below(node.operation)
                    held.update(id(layer) for layer in below if isinstance(layer, BatchNormalization))
    return held


def _asks_to_hold(node: Any) -> bool:
    """Whether a call says ``training=False``. Keras writes a layer's own default there as well: that asks nothing."""
    if node.arguments.kwargs.get("training") is not False:
        return False
    parameter = inspect.signature(node.operation.call).parameters.get("training")
    return parameter is None or parameter.default is not False


def label_of(root: Any) -> str:
    """What a person calls a model: its class, or the script's own name for it where the class says nothing."""
    name = type(root).__name__
    if name not in ("Sequential", "Functional", "Model"):
        return name
    given = str(root.name)
    if not given.startswith((name.lower(), "functional", "model")):
        return given
    return name_in_script(root) or name


def name_in_script(root: Any) -> str | None:
    """The script's global name of a model."""
    main = sys.modules.get("__main__")
    names = [(name, value) for name, value in list(vars(main).items()) if not name.startswith("_")] if main else []
    return next((name for name, value in names if value is root), None)


def facts_of(layer: Any, identifier: str) -> Layer:
    """What is known of a layer besides its numbers."""
    return Layer(
        id=identifier,
        name=identifier,
        kind=type(layer).__name__,
        framework="keras",
        channels=int(layer.moving_mean.shape[0]),
        epsilon=float(layer.epsilon),
        update_weight=update_weight_of(layer),
        estimator="population",
        dtype=str(layer.moving_mean.dtype),
        trained=None if layer.gamma is None and layer.beta is None else True,
        source=_LINES.get(layer),
    )


def update_weight_of(layer: Any) -> UpdateWeight:
    """The weight of the new value: 1 − Keras's momentum. None with renorm, whose statistics are no plain average."""
    if getattr(layer, "renorm", False):
        return None
    return 1.0 - float(layer.momentum)


def is_trained(layer: Any, owned: Collection[int] | None) -> bool | None:
    """Whether γ or β are trained, as their flags say; None where the layer has neither.

    Args:
        layer: The layer.
        owned: Ids of the variables that optimizers have; None where that is unknown.
    """
    variables = [variable for variable in (layer.gamma, layer.beta) if variable is not None]
    if not variables:
        return None
    trainable = [variable for variable in variables if variable.trainable and layer.trainable]
    return any(owned is None or id(variable) in owned for variable in trainable)
