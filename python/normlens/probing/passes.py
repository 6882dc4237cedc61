"""What one step's forward passes gave a layer, measured directly on a few channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..finding.layers import Layer

#: Enough to calibrate, cheap on wide layers.
CHANNELS = 8
#: Passes of fewer samples differ by their noise alone.
FEWEST_SAMPLES = 16


@dataclass
class LayerPasses:
    """The passes of one step through one layer.

    Attributes:
        step: The step.
        stride: Every how many channels one was measured.
        means: Of each pass, ``[pass][channel]``.
        variances: Likewise, by the estimator of the running variance.
        samples: Values per channel in a pass: the fewest.
        batch: Samples that the model was given in a pass; None where that is unknown.
    """

    step: int
    stride: int
    means: list[Any] = field(default_factory=list)
    variances: list[Any] = field(default_factory=list)
    samples: float = float("inf")
    batch: float | None = None

    @property
    def count(self) -> int:
        """How many passes there were."""
        return len(self.means)

    def record(self) -> dict[str, Any]:
        """As fields of a standing."""
        fields: dict[str, Any] = {"samplesPerPass": self.samples, "batch": self.batch}
        if self.count > 1 and (self.samples >= FEWEST_SAMPLES or self._are_equal()):
            means, variances = np.stack(self.means), np.stack(self.variances)
            with np.errstate(all="ignore"):
                # In units of the narrowest pass: two that are apart by many of its σ do not share statistics.
                sigma = np.sqrt(np.maximum(variances.min(axis=0), 1e-30))
                apart = (means.max(axis=0) - means.min(axis=0)) / sigma
                ratio = variances.max(axis=0) / np.maximum(variances.min(axis=0), 1e-30)
            fields["passApart"] = float(np.sqrt(np.mean(apart**2)))
            fields["passVarianceRatio"] = float(np.median(ratio))
        return fields

    def _are_equal(self) -> bool:
        """Whether all passes had the same batch: a block that is computed again in the backward pass."""
        return all(np.array_equal(mean, self.means[0]) for mean in self.means)

    def error_of(self, mean: Any, variance: Any, layer: Layer) -> tuple[float, float] | None:
        """How far a batch that was read back is off: mean in σ, variance relative."""
        share = _shares(layer.update_weight, self.count)
        if share is None:
            return None
        direct_mean = np.einsum("p,pc->c", share, np.stack(self.means))
        direct_variance = np.einsum("p,pc->c", share, np.stack(self.variances))
        with np.errstate(all="ignore"):
            mean_error = np.abs(mean[:: self.stride][: len(direct_mean)] - direct_mean) / np.sqrt(direct_variance)
            variance_error = np.abs(variance[:: self.stride][: len(direct_variance)] / direct_variance - 1)
        errors = float(np.nan_to_num(mean_error).max()), float(np.nan_to_num(variance_error).max())
        return errors if np.isfinite(direct_variance).all() else None


def _shares(weight: Any, passes: int) -> Any:
    """With which weights the passes are mixed, the newest heaviest."""
    if weight == "cumulative":
        return np.full(passes, 1.0 / passes)
    if not isinstance(weight, float) or not 0 < weight <= 1:
        return None
    shares = weight * (1 - weight) ** np.arange(passes - 1, -1, -1)
    return shares / shares.sum()
