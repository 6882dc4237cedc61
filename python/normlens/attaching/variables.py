"""The names of the environment variables between a launcher and the processes that it starts."""

from __future__ import annotations

#: `1` records; anything else does not.
RECORD = "NORMLENS_RECORD"
#: The folder of runs.
RUNS = "NORMLENS_RUNS"
#: The name of the run.
RUN_NAME = "NORMLENS_RUN_NAME"
#: The same for all processes of one launch, and different for each launch.
LAUNCH = "NORMLENS_LAUNCH"
#: Samples every n-th step, in place of the rhythm that the cost of a sample sets. For tests.
EVERY = "NORMLENS_EVERY"
#: `1` prints tracebacks of our own failures.
DEBUG = "NORMLENS_DEBUG"

PYTHONPATH = "PYTHONPATH"
