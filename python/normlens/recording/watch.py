"""A watch: the BN layers of one model of a run, from its first optimizer step on."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..attaching.environment import read_environment
from ..finding.layers import Layer
from ..folding.sample import COLUMNS, standing_rows, take_sample
from ..folding.standing import RecentSamples, fingerprints
from ..folding.weights import WeightsCache
from ..packing.snapshot import Snapshot
from ..probing.passes import LayerPasses
from ..ticking.channel_steps import ChannelSteps
from ..ticking.rhythm import cost_clock
from .run import Run
from .source import Source

_MOST_PASSES_RECORDS = 3000
#: Standings in between, at steps that double.
_FIRST_STANDING = 16
_EVALUATIONS_IN_FULL = 100
#: So many steps may pass without a sample, or this share of those so far: where the rest of recording takes all that it
#: may cost, the end of a training could not be judged.
_LONGEST_PAUSE, _PAUSE_SHARE = 32, 1 / 8
_GAMMA_DEAD = 1e-3
_RUNNING_MEAN = COLUMNS.index("running_mean.median")
_RATIO = COLUMNS.index("variance_ratio")


@dataclass
class Pair:
    """Two snapshots around one step, on their way from a device."""

    step: int
    old: Snapshot
    new: Snapshot
    channels: bool


class Watch:
    """Samples the layers of one model and folds them.

    Args:
        run: Where it is recorded.
        source: The model.
        layers: Its layers with running statistics, in forward order.
        label: What a person calls the model.
        owned: Whether an optimizer trains it; a copy has no steps, only standings.
        continues: Whether the layers were another model's before, which was trained until now.
    """

    def __init__(
        self,
        run: Run,
        source: Source,
        layers: list[Layer],
        label: str,
        owned: bool = True,
        continues: bool = False,
    ) -> None:
        self.run, self.source, self.layers, self.label, self.owned = run, source, layers, label, owned
        self.layout = source.layout
        self.recent = RecentSamples(self.layout)
        self._weights = WeightsCache(layers)
        self._unsettled = set(range(len(layers)))
        #: Updates of each layer when this training of the model began; None until a sample says so.
        self._updates_before: np.ndarray[Any, Any] | None = np.zeros(len(layers), np.int64)
        self._variance_ratio = np.full(len(layers), np.nan)
        self.last_step = run.step if continues else -1
        self.phase_start = 0
        self.samples = 0
        self.measured: list[LayerPasses | None] = [None] * len(layers)
        self._every = read_environment().every or 0
        self._table = run.norms_table(layers)
        self._channel_tables = [run.channels_table(layer) for layer in layers] if owned else []
        self._channel_steps = self._new_channel_steps()
        self._old: tuple[int, Snapshot] | None = None
        self._pending: deque[Pair] = deque()
        self._latest: Snapshot | None = None
        self._cost = 0.001
        #: Unknown before the first step: how often it was written then says nothing of a step.
        self._writes: list[int] | None = None
        #: By how much each grew in the last step that was looked at, and steps since then.
        self._deltas = [0] * len(layers)
        self._unseen = 0
        #: It turned out that a counter is written more often than it counts.
        self._recount = False
        self._offset: list[int | None] = [None] * len(layers)
        self._known_offset = np.full(len(layers), -(1 << 30))
        self._passes: list[int | None] = [None] * len(layers)
        self._passes_records = 0
        self._usual = 1 << 30
        self._unusual_step = -1
        self._epsilon_share = np.full(len(layers), np.nan)
        self._running_print: np.ndarray[Any, Any] | None = None
        self._affine_print: np.ndarray[Any, Any] | None = None
        self._next_standing = _FIRST_STANDING
        self._last_standing, self._last_reason = -1, ""
        self._broken = np.zeros(len(layers), bool)
        self._evaluations = 0
        self._evaluated_step = -1
        self._sampled_step = -1
        self.calibrated: tuple[float, float] | None = None
        self.broadcast = False
        self._learning_rate = float("nan")

    # ---- steps

    def tick(self, learning_rate: float, seconds: float) -> None:
        """An optimizer step of this model was done."""
        run = self.run
        if self.last_step == run.step or run.step == 0:
            run.step += 1
        first = self.last_step < 0
        self.last_step = run.step
        if first:
            self.phase_start = run.step - 1
        self._learning_rate = learning_rate
        run.step_done(learning_rate, seconds)
        self._count_passes()
        self._sample()
        if run.step - self.phase_start >= self._next_standing:
            self._next_standing *= 2
            with run.rhythm.apart():
                self.standing("rhythm")

    def counted(self) -> tuple[list[int], list[int]]:
        """How often each layer's counter was written at the last step, and by how much more than at the one before."""
        return list(self._writes or ()), self._deltas

    def passed_over(self, steps: int, learning_rate: float | None) -> None:
        """So many steps were done since then that were like the last one."""
        self._unseen += steps
        if learning_rate is not None:
            self._learning_rate = learning_rate

    def idle_steps(self) -> int:
        """For how many of the next steps nothing is due."""
        if self._old is not None or self._pending or self._writes is None:
            return 0
        relative = self.run.step - self.phase_start
        before_standing = self._next_standing - relative - 1
        if self._every:
            return min(before_standing, (-1 - relative) % self._every - 1)
        affordable = min(self.run.rhythm.steps_until(self._cost), math.ceil(self._overdue() - self.run.step))
        sparse = math.ceil(self._sparse_until(relative) - self.run.step)
        idle = min(before_standing, max(affordable, sparse) - 1)
        return min(idle, self._channel_steps.next - relative - 2) if self.run.ranks > 1 else idle

    def begin_phase(self) -> None:
        """Another optimizer goes on with this model: another training of it."""
        self.source.begin_phase()
        self.run.rhythm.begin_phase()
        self.phase_start = self.run.step
        self._channel_steps = self._new_channel_steps()
        self._next_standing = _FIRST_STANDING
        self._old = None
        # The data may be others: until the running statistics have followed, batches differ from them for that reason.
        self._unsettled = set(range(len(self.layers)))
        self._updates_before = None
        self.recent.forget(list(range(len(self.layers))))

    def rest(self) -> None:
        """Nothing may happen for long now: says where the layers stand, if there were steps since it was said."""
        if self.owned and self._last_standing < self.last_step:
            self.standing("rhythm")

    def disturb(self, places: Sequence[int] | None = None) -> None:
        """Statistics were set from outside: nothing before explains what comes."""
        self._old = self._affine_print = None
        self._pending.clear()
        self._writes = None
        self.recent.forget(list(range(len(self.layers)) if places is None else places))

    def _new_channel_steps(self) -> ChannelSteps:
        size = sum(table.frame_bytes for table in self._channel_tables)
        return ChannelSteps(size, self.run.budget.channels.limit)

    def _count_passes(self) -> None:
        """Notes in how many forward passes each layer was updated since the last step, where that changed."""
        writes, before, unseen = self.source.writes(), self._writes, self._unseen
        self._writes, self._unseen = writes, 0
        if writes is None or before is None:
            return
        deltas = [now - was for now, was in zip(writes, before)]
        if unseen > 0:
            deltas = [delta - unseen * usual for delta, usual in zip(deltas, self._deltas)]
        if deltas == self._deltas and not self._recount:
            return  # As many as in the step before.
        self._deltas, self._recount = deltas, False
        changed: dict[int, list[int]] = {}
        for place, (now, delta) in enumerate(zip(writes, deltas)):
            if now < 0:
                continue
            passes = 0 if delta == 0 else max(0, delta - (self._offset[place] or 0))
            if passes != self._passes[place]:
                self._passes[place] = passes
                changed.setdefault(passes, []).append(place)
        if changed and max(changed) > self._usual:
            self._unusual_step = self.run.step
        self._usual = max((passes for passes in self._passes if passes is not None), default=0)
        for passes, places in changed.items():
            self._passes_record(self.run.step, passes, places)

    def _passes_record(self, step: int, passes: int, places: Sequence[int]) -> None:
        self._passes_records += 1
        if self._passes_records > _MOST_PASSES_RECORDS:
            return
        layers = [self.layers[place].id for place in places]
        training = self.source.is_training()
        self.run.record({"type": "passes", "step": step, "passes": passes, "layers": layers, "training": training})

    # ---- samples

    def _sample(self) -> None:
        step = self.run.step
        relative = step - self.phase_start
        if self._old is None and not self._pending and not self._wants_next(relative):
            return
        started, began = cost_clock(), time.perf_counter()
        snapshot: Snapshot | None = None
        if self._old is not None and self._old[0] == step - 1:
            snapshot = self.source.snapshot()
            if snapshot is not None:
                channels = self._channel_steps.is_due(relative)
                if channels:
                    self._channel_steps.take(relative)
                self._pending.append(Pair(step, self._old[1], snapshot, channels))
                self._sampled_step = step
        self._old = None
        self._process_arrived()
        if self._wants_next(relative):
            snapshot = snapshot or self.source.snapshot(affine=False)
            if snapshot is not None:
                self._old = (step, snapshot.slim())
        if snapshot is not None:
            spent = cost_clock() - started + self.source.behind
            # The first may have to compile what reads: that is no usual cost, and not paid by later samples.
            spent = min(spent, 4 * self._cost)
            self._cost += 0.3 * (spent - self._cost)
            # The caller pays by the clock on the wall; meanwhile other processes may have had their turn.
            self.run.rhythm.pay(spent - (time.perf_counter() - began))

    def _process_arrived(self) -> None:
        while self._pending and self._pending[0].old.ready() and self._pending[0].new.ready():
            self._process(self._pending.popleft())

    def _wants_next(self, relative: int) -> bool:
        """Whether the next step is worth a sample."""
        if self._every:
            return (relative + 1) % self._every == 0
        if self._channels_must(relative + 1):
            return True
        if self.run.step < self._sparse_until(relative):
            return False
        return self.run.rhythm.affords(self._cost) or self.run.step >= self._overdue()

    def _overdue(self) -> float:
        """The step after which a sample is taken, affordable or not."""
        last = max(self._sampled_step, self.phase_start)
        return last + max(_LONGEST_PAUSE, _PAUSE_SHARE * (last - self.phase_start))

    def _channels_must(self, relative: int) -> bool:
        """Whether this step's channels are recorded at any cost: all ranks take them at the same steps."""
        return self.run.ranks > 1 and self._channel_steps.is_due(relative)

    def _sparse_until(self, relative: int) -> float:
        """The step before which there is no sample, since much of the run's budget of bytes is used."""
        sparseness = self.run.budget.norms.sparseness()
        if sparseness <= 1 or self._sampled_step < 0:
            return 0
        return self._sampled_step + sparseness * max(1.0, relative / max(1, self.samples))

    def _process(self, pair: Pair) -> None:
        old, new = pair.old, pair.new
        if type(new) is not Snapshot:
            self._latest = new  # One that is taken when it is needed would not have arrived.
        passes, valid = self._updates_between(pair)
        if pair.step == self._unusual_step:
            # What a validation in training mode mixed in is no batch of the training.
            valid = np.zeros(len(self.layers), bool)
        if self.broadcast and self.run.rank > 0:
            # This rank began the step from rank 0's statistics, which it does not know: a reader inverts.
            valid = np.zeros(len(self.layers), bool)
        self._forget_the_start(new)
        weights = self._weights.of(passes, new.updates, valid)
        age = pair.step - self.phase_start
        sample = take_sample(self.layout, old, new, passes, weights, self.recent, pair.step, age)
        ratio = sample.rows[:, _RATIO]
        self._variance_ratio = np.where(np.isnan(ratio), self._variance_ratio, ratio)
        self._epsilon_share = np.where(np.isnan(sample.epsilon_share), self._epsilon_share, sample.epsilon_share)
        self.samples += 1
        self.run.add(self._table, pair.step, sample.rows, self.run.budget.norms)
        if pair.channels:
            vectors = (sample.batch_mean, sample.batch_variance, new.mean, new.variance, new.gamma, new.beta)
            numbers = np.stack(vectors).astype(np.float32)
            parts = [numbers[:, self.layout.slice_of(place)] for place in range(len(self.layers))]
            self.run.add_each(self._channel_tables, pair.step, parts, self.run.budget.channels)
        self._calibrate(pair, sample, passes)
        broken = ~np.isfinite(sample.rows[:, _RUNNING_MEAN])
        if (broken != self._broken).any():
            # What is not finite any more is said at once: it does not come back by itself.
            self._broken = broken
            self.standing("rhythm")

    def _forget_the_start(self, new: Snapshot) -> None:
        """While the initial 0 and 1 fade, batch means differ from running ones for that reason alone."""
        if not self._unsettled:
            return
        if self._updates_before is None:
            self._updates_before = new.updates.copy()
        since = new.updates - self._updates_before
        settled = [p for p in self._unsettled if since[p] >= _settling(self.layers[p].update_weight)]
        if settled:
            self.recent.forget(settled)
            self._unsettled.difference_update(settled)
            # Averages begin again: samples of the next steps, so that an evaluation soon after can be judged.
            self.run.rhythm.begin_phase()

    def _updates_between(self, pair: Pair) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """K of each layer (-1 unknown), and whether its change is updates and nothing else."""
        old, new = pair.old, pair.new
        counted = (old.updates >= 0) & (new.updates >= 0)
        passes = np.where(counted, new.updates - old.updates, -1)
        valid = counted & (passes > 0)
        outside: list[int] = []
        compiled = self.source.is_compiled()
        writes = np.array(new.writes) - np.array(old.writes)
        usual = old.identity == new.identity and np.array_equal(writes, passes + self._known_offset)
        if usual and all(new.training):
            return passes, valid
        for place in np.flatnonzero(passes != 0):
            k = int(passes[place])
            if not counted[place] and old.identity[place] == new.identity[place]:
                continue  # No counter: nobody knows.
            if old.identity[place] != new.identity[place] or k < 0:
                valid[place] = False
                outside.append(int(place))
                continue
            if not old.training[place] and not new.training[place]:
                # An average of the weights that copies the counter along.
                valid[place] = False
                passes[place] = 0
                continue
            offset = int(writes[place]) - k
            known = self._offset[place]
            if known is None or compiled:
                self._recount = self._recount or offset != (known or 0)
                self._offset[place] = offset
                self._known_offset[place] = offset
            elif offset != known:
                valid[place] = False
                outside.append(int(place))
        if outside and not compiled:
            ids = [self.layers[place].id for place in outside]
            self.run.record({"type": "segment", "step": pair.step, "reason": "written-from-outside", "layers": ids})
            self.recent.forget(outside)
        return passes, valid

    def _calibrate(self, pair: Pair, sample: Any, passes: np.ndarray[Any, Any]) -> None:
        """Compares what was read back with what the hooks of that step measured."""
        worst = self.calibrated
        for place, measured in enumerate(self.measured):
            if measured is None or measured.step != pair.step or measured.count != passes[place]:
                continue
            part = self.layout.slice_of(place)
            error = measured.error_of(sample.batch_mean[part], sample.batch_variance[part], self.layers[place])
            if error is not None:
                worst = error if worst is None else (max(worst[0], error[0]), max(worst[1], error[1]))
        self.calibrated = worst

    # ---- standings

    def evaluated(self) -> None:
        """The model is put into evaluation mode."""
        step = self.run.step
        if self._evaluated_step == step:
            return
        self._evaluated_step = step
        self._evaluations += 1
        if self._evaluations > _EVALUATIONS_IN_FULL and step - self._last_standing < step / 100:
            return
        self.run.record({"type": "eval", "step": step})
        self.standing("evaluated")

    def standing(self, when: str) -> None:
        """Writes where each layer stands now."""
        self._process_arrived()
        snapshot = self.source.snapshot()
        if snapshot is None or not snapshot.ready():
            snapshot = self._latest
        if snapshot is None:
            return
        self._last_standing, self._last_reason = self.run.step, when
        running, affine = self._moved(snapshot)
        self._tell_copies(affine)
        readings = self.recent.read()
        records = []
        for place, layer in enumerate(self.layers):
            part = self.layout.slice_of(place)
            finite = np.isfinite(snapshot.mean[part]) & np.isfinite(snapshot.variance[part])
            gamma = snapshot.gamma[part]
            usual = float(np.sqrt(np.mean(gamma.astype(np.float64) ** 2)))
            measured = self.measured[place]
            updates = int(snapshot.updates[place])
            record = {
                "layer": layer.id,
                "updates": updates if updates >= 0 and layer.counts_all else None,
                "lag": readings.lag[place],
                "lagFloor": readings.lag_floor[place],
                "varianceRatio": self._variance_ratio[place],
                "passes": self._passes[place],
                "broken": int((~finite).sum()),
                "runningMoved": running[place],
                "affineMoved": affine[place],
                "epsilonShare": self._epsilon_share[place],
                "deadGamma": int((np.abs(gamma) < _GAMMA_DEAD * usual).sum()) if np.isfinite(usual) else None,
                "largestGamma": float(np.abs(gamma).max()) if np.isfinite(usual) else None,
                "training": snapshot.training[place],
            }
            if measured is not None:
                record.update(measured.record())
                spread, batch = readings.spread[place], measured.batch
                # While the initial 0 and 1 fade, the spread is mostly theirs.
                is_settled = place not in self._unsettled
                record["dependence"] = batch * spread if batch is not None and is_settled else None
            records.append({name: value for name, value in record.items() if value is not None and value == value})
        learning_rate = self._learning_rate if self.owned else None
        self.run.record(
            {"type": "standing", "step": self.run.step, "when": when, "learningRate": learning_rate, "layers": records}
        )
        if not self.owned:
            rows = standing_rows(self.layout, snapshot)
            self.run.add(self._table, self.run.step, rows, self.run.budget.norms)

    def _tell_copies(self, affine: Sequence[float | None]) -> None:
        """γ and β that change though no optimizer has them are a copy's: an average of the weights in the model."""
        changed = False
        for layer, share in zip(self.layers, affine):
            if layer.trained is not False:
                is_copy = False
            elif layer.framework == "pytorch" and share is not None and share > 0:
                is_copy = True
            else:
                continue
            if self.owned and layer.owned is is_copy:
                layer.owned, changed = not is_copy, True
        if changed:
            self.run.layers_changed(self.layers)

    def _moved(self, snapshot: Snapshot) -> tuple[list[float | None], list[float | None]]:
        """Shares of channels whose statistics, and whose γ or β, changed since the last standing."""
        running = fingerprints([snapshot.mean, snapshot.variance])
        affine = fingerprints([snapshot.gamma, snapshot.beta])
        shares = [self._share(running, self._running_print), self._share(affine, self._affine_print)]
        self._running_print, self._affine_print = running, affine
        return shares[0], shares[1]

    def _share(self, now: Any, before: Any) -> list[float | None]:
        if before is None:
            return [None] * len(self.layers)
        parts = [self.layout.slice_of(place) for place in range(len(self.layers))]
        return [float((now[part] != before[part]).mean()) for part in parts]

    def finish(self) -> None:
        """The process ends: what came after the last step is counted, and the last standing is written."""
        writes, before = self.source.writes(), self._writes
        if before is not None:
            before = [was + self._unseen * usual for was, usual in zip(before, self._deltas)]
        if writes is not None and before is not None and self.owned:
            late: dict[int, list[int]] = {}
            for place, (now, was) in enumerate(zip(writes, before)):
                # A forward pass of another model's step (a GAN) is no more than a step has.
                if now - was > (self._passes[place] or 0):
                    late.setdefault(now - was, []).append(place)
            for passes, places in late.items():
                self._passes_record(self.run.step + 1, passes, places)
        # One that came in between says nothing of statistics that are used; the last ones are what is left.
        if self._last_standing < self.run.step or self._last_reason == "rhythm" or not self.owned:
            self.standing("end")


def _settling(weight: Any) -> float:
    """Updates until less than 1 % of the initial 0 and 1 is left."""
    if not isinstance(weight, float):
        return 1
    return math.log(0.01) / math.log(1 - weight) if 0 < weight < 1 else 1
