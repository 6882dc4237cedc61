"""The same steps with the recorder and without, in alternating blocks of one process.

A machine that others use changes its speed from one second to the next by more than recording costs. So blocks are
short, a block with the recorder is compared with the one beside it, and the median says what the usual step costs.
Steps in which the recorder looks at all layers, or samples them, are too few to show in a median: they are compared
with the other steps of their own block.
"""

import json
import math
import os
import statistics
import time

# What a training pays once, at its beginning, is over by then.
WARM_UP_BLOCKS = 32
#: With the recorder and without, together; fewer where they would take longer than this.
BLOCKS, SECONDS = 640, float(os.environ.get("SECONDS", "100"))
#: Once awake the recorder looks at every layer in so many steps, for it has missed some. No training asks that of it.
WAKING = 3
#: Of the looks, so many are left out at either end: the machine was interrupted there.
TRIMMED = 0.1


def compare(name, layers, step, steps, recorder, samples, listen):
    """Prints one JSON line: the median step without and with, in ms, and what recording adds, as a share of a step with
    its standard error.

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
    looks = Looks(recorder)

    def block(awake):
        recorder.guard.alive = awake
        listen(awake)
        recorder.idle.end_all()
        if awake:
            recorder.idle.left[0] = time.perf_counter()  # What passed while it slept is no step.
        for _ in range(WAKING):
            step()
        times, looked = [], []
        for _ in range(steps):
            looks.seen = False
            began = time.perf_counter()
            step()
            times.append((time.perf_counter() - began) * 1e3)
            looked.append(looks.seen)
        return times, looked

    began = time.perf_counter()
    for _ in range(steps * WARM_UP_BLOCKS):
        step()
    of_block = (time.perf_counter() - began) / WARM_UP_BLOCKS * (steps + WAKING) / steps
    blocks = min(BLOCKS, 4 * math.ceil(SECONDS / of_block / 4))
    before = samples()
    usual, extra = {True: [], False: []}, []
    for index in range(blocks):
        awake = index % 4 in (1, 2)  # Whichever comes first: a machine that gets slower is no cost.
        times, looked = block(awake)
        idle, more = divided(times, looked)
        usual[awake].append(idle)
        extra += more
    recorder.guard.alive = True
    listen(True)
    pairs = [on / off - 1 for on, off in zip(usual[True], usual[False])]
    idle, idle_error = median(pairs)
    often = len(extra) / (steps * len(pairs))
    cost, cost_error = trimmed_mean(extra) if extra else (0.0, 0.0)
    share, error = idle + often * cost, math.hypot(idle_error, often * cost_error)
    row = {
        "name": name,
        "layers": layers,
        "without": statistics.median(usual[False]),
        "with": statistics.median(usual[False]) * (1 + share),
        "share": share,
        "error": error,
        "samples": samples() - before,
        "looks": len(extra),
        "looking": often * cost,
        "lookingError": often * cost_error,
        "steps": steps * len(pairs),
    }
    print(json.dumps(row), flush=True)


class Looks:
    """Whether the recorder has looked at all layers in a step. Most steps it only counts."""

    def __init__(self, recorder):
        self.seen = False
        look = recorder._tick

        def looked(*arguments):
            self.seen = True
            return look(*arguments)

        recorder._tick = looked


def divided(times, looked):
    """The usual step of a block, and what each look took more, as a share of it.

    The step after a look is counted with it: the look has taken the caches that the training had filled.
    """
    near = [now or before for now, before in zip(looked, [False, *looked])]
    idle = [time for time, is_near in zip(times, near) if not is_near]
    usual = statistics.median(idle or times)
    extra = [sum(times[at : at + 2]) / usual - len(times[at : at + 2]) for at, now in enumerate(looked) if now]
    return usual, extra


def median(values):
    """Of values, with its standard error (by the median absolute deviation)."""
    middle = statistics.median(values)
    spread = 1.4826 * statistics.median(abs(value - middle) for value in values)
    return middle, 1.2533 * spread / math.sqrt(len(values))


def trimmed_mean(values):
    """Of values, with its standard error (Tukey & McLaughlin 1963: by the winsorized variance)."""
    ordered = sorted(values)
    cut = int(TRIMMED * len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    spread = statistics.stdev(winsorized) if len(winsorized) > 1 else abs(kept[0])
    return statistics.fmean(kept), spread / (1 - 2 * TRIMMED) / math.sqrt(len(ordered))
