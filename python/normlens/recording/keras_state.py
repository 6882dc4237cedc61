"""The values of Keras variables, also while a step of JAX is under way."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator
from typing import Any


class StepState:
    """With JAX a step that is under way has taken the values out of the variables: they are in its state."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        #: The model that is stepping, and the state of its step.
        self._stepping: tuple[Any, Any] | None = None
        self._places: weakref.WeakKeyDictionary[Any, tuple[Any, dict[int, tuple[int, int]]]] = (
            weakref.WeakKeyDictionary()
        )

    @contextlib.contextmanager
    def of(self, model: Any, state: Any) -> Iterator[None]:
        """While it is entered, variables of a model have the values of a step's state; None where there is none."""
        self._stepping = None if state is None else (model, state)
        try:
            yield
        finally:
            self._stepping = None

    def is_settled(self) -> bool:
        """Whether no step is under way."""
        return self._stepping is None

    def forget(self, model: Any) -> None:
        """Variables of this model may have been made or replaced."""
        self._places.pop(model, None)

    def value_of(self, variable: Any) -> Any:
        """The value of a variable. With JAX a step that is under way has taken it out of the variable."""
        if self._stepping is not None:
            model, state = self._stepping
            place = self._state_places(model, state).get(id(variable))
            if place is not None:
                return state[place[0]][place[1]]
        return variable._value if self._backend == "jax" else variable.value

    def values(self) -> list[tuple[Any, Any]]:
        """The variables of the model that is stepping, with their values; none where variables have them."""
        if self._stepping is None:
            return []
        model, places = self._stepping[0], self._state_places(*self._stepping)
        return [(variable, self.value_of(variable)) for variable in model.variables if id(variable) in places]

    def _state_places(self, model: Any, state: Any) -> dict[int, tuple[int, int]]:
        """Where each variable is in the state of JAX's steps, by its id. Asking a model for its variables is dear."""
        sizes = tuple(len(part) for part in state[:3])
        known = self._places.get(model)
        if known is None or known[0] != sizes:
            parts = (
                model.trainable_variables,
                model.non_trainable_variables,
                getattr(model.optimizer, "variables", ()),
            )
            places = {id(v): (which, at) for which, part in enumerate(parts) for at, v in enumerate(part)}
            known = self._places[model] = (sizes, places)
        return known[1]
