"""The run folder of docs/run-format.md: events, numbers, sign of life."""
