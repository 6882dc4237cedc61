"""Records what batch normalization does in PyTorch and Keras trainings."""

from __future__ import annotations

__version__ = "0.1.0"
