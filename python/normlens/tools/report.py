"""What the tools answer: rows a script can use, and a text a person can read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recalibrated:
    """One layer that was recalibrated.

    Attributes:
        layer: Its path in the model.
        mean_distance: How far the running mean was from the population mean, in σ (root mean square over channels).
        variance_distance: The same of the variance, in factors of two.
    """

    layer: str
    mean_distance: float
    variance_distance: float


@dataclass(frozen=True)
class RecalibrationReport:
    """What `recalibrate` did.

    Attributes:
        layers: In the order of construction.
        batches: Batches that were measured, over all processes.
        samples: Samples in them.
    """

    layers: tuple[Recalibrated, ...]
    batches: int
    samples: int

    def __str__(self) -> str:
        """A table, the furthest layers first."""
        rows = sorted(self.layers, key=lambda row: -row.mean_distance)
        width = max([len(row.layer) for row in rows] + [5])
        lines = [
            f"Running statistics of {len(rows)} BN layers now come from {self.batches} batches "
            f"({self.samples} samples). The weights are the same.",
            f"{'layer'.ljust(width)}  mean was off by  variance was off by",
        ]
        for row in rows:
            off = f"{row.mean_distance:>11.3f} σ  {2**row.variance_distance:>16.2f}×"
            lines.append(f"{row.layer.ljust(width)}  {off}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Remark:
    """One thing that can be said of a layer's buffers.

    Attributes:
        layer: Its path in the model.
        rule: The rule's name, as in the documentation.
        verdict: What is wrong, in one sentence.
        next: What to do, in one sentence.
    """

    layer: str
    rule: str
    verdict: str
    next: str


@dataclass(frozen=True)
class CheckReport:
    """What `check` found.

    Attributes:
        remarks: In the order of layers.
        layers: How many BN layers were looked at.
    """

    remarks: tuple[Remark, ...]
    layers: int

    def __str__(self) -> str:
        """A line a remark."""
        if self.layers == 0:
            return "The model has no BN layers."
        if not self.remarks:
            return f"Nothing is wrong with the buffers of {self.layers} BN layers."
        return "\n".join(f"{remark.layer}: {remark.verdict} {remark.next}" for remark in self.remarks)
