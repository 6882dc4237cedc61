"""The model on one batch: what the passes of a step see, and the difference between the modes."""
