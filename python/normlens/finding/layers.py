"""What is known of a BN layer besides its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

UpdateWeight = Union[float, str, None]


@dataclass
class Source:
    """A line of code.

    Attributes:
        path: Of the file; None in a cell of a notebook.
        line: From 1; of the cell in a notebook.
        cell: The number that the notebook shows beside the cell.
    """

    path: str | None
    line: int
    cell: int | None = None


@dataclass
class Layer:
    """A BN layer as the run record lists it (docs/run-format.md)."""

    id: str
    name: str
    kind: str
    framework: str
    channels: int
    epsilon: float
    update_weight: UpdateWeight
    estimator: str
    dtype: str
    trained: bool | None = None
    tracked: bool = True
    held: bool | None = None
    updates_before: int | None = None
    samples_per_pass: float | None = None
    model: str | None = None
    owned: bool = True
    source: Source | None = None
    #: Whether the counter has all updates, and not only those since this process is recorded (Keras has none).
    counts_all: bool = True

    def record(self, script: str | None) -> dict[str, Any]:
        """As JSON. A line of the run's own script has no path."""
        source: dict[str, Any] | None = None
        if self.source is not None:
            path = None if self.source.path == script else self.source.path
            source = _known({"path": path, "line": self.source.line, "cell": self.source.cell})
        norm = {
            "channels": self.channels,
            "samplesPerChannel": self.samples_per_pass,
            "epsilon": self.epsilon,
            "updateWeight": self.update_weight,
            "runningVarianceEstimator": self.estimator,
            "dtype": self.dtype,
            "trained": self.trained,
            "tracked": self.tracked,
            "held": self.held,
            "updatesBefore": self.updates_before,
        }
        return _known(
            {
                "id": self.id,
                "name": self.name,
                "kind": self.kind,
                "framework": self.framework,
                "parameters": 2 * self.channels if self.trained is not None else 0,
                "source": source,
                "model": self.model,
                "owned": self.owned,
                "norm": _known(norm),
            }
        )


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
