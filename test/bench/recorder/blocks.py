"""The same steps with the recorder and without, in alternating blocks of one process."""

import json
import math
import os
import statistics
import time

# What a training pays once, at its beginning, is over by then.
WARM_UP_BLOCKS = 12
BLOCKS = int(os.environ.get("BLOCKS", "80"))


def compare(name, layers, step, steps, recorder, samples, listen):
    """Prints one JSON line: the median step without and with, in ms, and the median share over pairs of blocks with its
    standard error.

    Args:
        name: Of the case.
        layers: BN layers.
        step: Does one step.
        steps: Of a block.
        recorder: Its guard puts it to sleep.
        samples: Says how many samples there were so far.
        listen: Whether the framework calls the recorder at all. It is called with False before blocks without it, so
            that they have nothing of it in their steps, and with True before the others.
    """
    for _ in range(steps * WARM_UP_BLOCKS):
        step()
    before = samples()
    times = {True: [], False: []}
    for block in range(BLOCKS):
        awake = block % 4 in (1, 2)  # Whichever comes first: a machine that gets slower is no cost.
        recorder.guard.alive = awake
        listen(awake)
        recorder.idle.end_all()
        if awake:
            recorder.idle.left[0] = time.perf_counter()  # What passed while it slept is no step.
        began = time.perf_counter()
        for _ in range(steps):
            step()
        times[awake].append((time.perf_counter() - began) / steps * 1e3)
    recorder.guard.alive = True
    listen(True)
    pairs = [on / off - 1 for on, off in zip(times[True], times[False])]
    middle = statistics.median(pairs)
    spread = 1.4826 * statistics.median(abs(pair - middle) for pair in pairs)
    row = {
        "name": name,
        "layers": layers,
        "without": statistics.median(times[False]),
        "with": statistics.median(times[True]),
        "share": middle,
        "error": 1.2533 * spread / math.sqrt(len(pairs)),
        "samples": samples() - before,
        "steps": steps * BLOCKS // 2,
    }
    print(json.dumps(row), flush=True)
