"""When a step was done, and whether it is worth a sample."""
