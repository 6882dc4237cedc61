"""Records the Keras trainings of this process: which models there are, and when each is sampled."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras

from ..attaching.environment import read_environment
from ..finding.keras import (
    all_roots,
    builds_so_far,
    built_at,
    facts_of,
    has_statistics,
    held_below,
    is_trained,
    known_layers,
    label_of,
    name_in_script,
    norms_below,
    remember_layers,
)
from ..finding.layers import Layer
from ..finding.notebook import listen_to_cells
from ..packing.keras import packer_for
from ..packing.layout import Layout
from ..probing.passes import LayerPasses
from ..ticking.keras import StepClock, batch_of_fit, learning_rate_of
from ..ticking.keras_calls import Calls, Counter
from ..ticking.rhythm import cost_clock
from ..watching.keras import listen
from ..writing.heartbeat import LONGEST_SECONDS
from .cells import Cells
from .guard import Guard
from .keras_settings import rank_and_size_of, settings_of
from .keras_source import KerasSource, batch_of, note_beginnings, samples_of, source_of
from .labels import free_label
from .process_end import end_with_process
from .run import Run, script_path
from .watch import Watch

#: Models of one run that are written in full.
_MOST_WATCHES = 12
#: Share of the run that may go into searching models, once there were two searches.
_SEARCHING = 0.01
#: A clock that did not tick for so many ticks of others of its layers is no clock any more.
_IDLE_TICKS = 8
#: Each fit is a training by itself, but not where they are called in a loop.
_MOST_FITS = 8
#: The learning rate is asked for so rarely that asking takes a thousandth of the time.
_RATE_SHARE = 1e-3


class KerasRecorder:
    """One a process. Every entry is guarded: nothing raises into a person's script."""

    def __init__(self, backend: str) -> None:
        self.guard = Guard()
        self.backend = backend
        self.calls = Calls(backend)
        self.run: Run | None = None
        self.watches: list[Watch] = []
        self.untold = 0
        self._process = os.getpid()
        #: Models (of `fit` and `train_on_batch`) and optimizers (of loops): each with the watches that it ticks.
        self._clocks: weakref.WeakKeyDictionary[Any, list[Watch]] = weakref.WeakKeyDictionary()
        self._seconds: weakref.WeakKeyDictionary[Any, list[Watch]] = weakref.WeakKeyDictionary()
        self._idle: dict[tuple[int, int], int] = {}
        #: Models whose `fit` has begun and has done no step yet.
        self._beginning: weakref.WeakSet[Any] = weakref.WeakSet()
        self._fits: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._batches: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        #: Models that had layers without statistics before their first step, with the layer that was built last.
        self._unbuilt: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._loads: dict[int, tuple[Any, tuple[bool, bool]]] = {}
        #: JAX: the model that is stepping, and the state of its step.
        self._stepping: tuple[Any, Any] | None = None
        self._places: weakref.WeakKeyDictionary[Any, tuple[Any, dict[int, tuple[int, int]]]] = (
            weakref.WeakKeyDictionary()
        )
        self._searches, self._searching, self._began = 0, 0.0, time.perf_counter()
        self._rate_due, self._rate = 0.0, float("nan")
        self._left: float | None = None
        self._cells = Cells()
        self._nothing_found = False
        self._failure: str | None = None

    # ---- steps

    def failed_inside(self, error: Exception) -> None:
        """Something of ours failed where there is no guard."""
        with self.guard:
            raise error

    def fit_begins(self, model: Any, batch: int | None) -> None:
        """`fit` was called."""
        if not self._listens():
            return
        with self.guard:
            self._beginning.add(model)
            if batch is None:
                self._batches.pop(model, None)
            else:
                self._batches[model] = batch

    def fit_began(self, model: Any, data: Any, size: Any) -> None:
        """`fit` was called, perhaps before anything listened, with these data and this batch size."""
        if self._listens() and model not in self._beginning:
            self.fit_begins(model, batch_of_fit(data, size))

    def before_step(self, model: Any, state: Any) -> None:
        """A model is about to do a step."""
        if not self._listens():
            return
        is_new = model in self._beginning
        if not is_new and model in self._clocks and model not in self._unbuilt:
            return
        began = cost_clock()
        with self.guard, _StateOf(self, model, state):
            self._prepare(model)
        self._pay(began)

    def model_stepped(self, model: Any, state: Any) -> None:
        """A model has done a step of `fit` or `train_on_batch`."""
        if not self._listens():
            return
        entered, began = time.perf_counter(), cost_clock()
        with self.guard, _StateOf(self, model, state):
            if model in self._unbuilt:
                self._adopt_model(model, builds=self._unbuilt.pop(model))
            self._tick(model, entered, model.optimizer)
        self._pay(began)

    def optimizer_stepped(self, optimizer: Any) -> None:
        """An optimizer did a step in a person's own loop."""
        if not self._listens(steps=True):
            return
        entered, began = time.perf_counter(), cost_clock()
        with self.guard:
            if optimizer not in self._clocks and not self._adopt_optimizer(optimizer):
                return
            self._tick(optimizer, entered, optimizer)
        self._pay(began)

    def _tick(self, clock: Any, entered: float, optimizer: Any) -> None:
        run, watches = self.run, self._clocks.get(clock)
        if run is None or watches is None:
            return
        seconds = entered - self._left if self._left is not None else float("nan")
        if seconds == seconds:
            run.rhythm.step(seconds)
        learning_rate = self._learning_rate(optimizer)
        for watch in list(watches):
            if source_of(watch).layers() is None:
                self._drop(watch)
                continue
            watch.tick(learning_rate, seconds)
            relative = run.step - watch.phase_start
            if relative in (1, 2, 4, 8) or (relative >= 16 and relative & (relative - 1) == 0):
                self._refresh(watch, clock)
        self._let_idle_clocks_go(clock)
        run.beat(time.monotonic(), 0.0)

    def _refresh(self, watch: Watch, clock: Any) -> None:
        """Facts, and what the shapes of the last calls say."""
        source = source_of(watch)
        changed = source.refresh(watch.layers)
        batches = [batch_of(counter, self._batches.get(clock)) for counter in source.counters]
        # A layer may see positions as samples; the model's samples are no more than the fewest that any layer sees.
        known = [batch for batch in batches if batch is not None]
        for place, (layer, counter, batch) in enumerate(zip(watch.layers, source.counters, batches)):
            samples = samples_of(counter, batch, self._axis(source, place))
            if samples is None:
                continue
            measured = LayerPasses(watch.run.step, 1, samples=samples, batch=min(known) if known else None)
            watch.measured[place] = measured
            if layer.samples_per_pass is None:
                layer.samples_per_pass, changed = samples, True
        if changed:
            watch.run.layers_changed(watch.layers)

    def _axis(self, source: KerasSource, place: int) -> int:
        layers = source.layers()
        return -1 if layers is None else int(layers[place].axis)

    def _learning_rate(self, optimizer: Any) -> float:
        now = time.perf_counter()
        if optimizer is None or now < self._rate_due:
            return self._rate
        self._rate = learning_rate_of(optimizer, self._value_of)
        self._rate_due = now + (time.perf_counter() - now) / _RATE_SHARE
        return self._rate

    def _pay(self, began: float) -> None:
        self._left = time.perf_counter()
        if self.run is not None:
            self.run.rhythm.pay(cost_clock() - began)

    # ---- clocks

    def _let_idle_clocks_go(self, clock: Any) -> None:
        """Another clock of the same layers takes over when the first one has stopped."""
        for watch in list(self._seconds.get(clock, ())):
            key = (id(watch), id(clock))
            self._idle[key] = self._idle.get(key, 0) + 1
            if self._idle[key] >= _IDLE_TICKS:
                self._set_clock(watch, clock)
        ticked = {id(watch) for watch in self._clocks.get(clock, ())}
        if self._idle and ticked:
            self._idle = {key: count for key, count in self._idle.items() if key[0] not in ticked}

    def _set_clock(self, watch: Watch, clock: Any) -> None:
        self._drop(watch)
        self._clocks.setdefault(clock, []).append(watch)
        watch.begin_phase()
        watch.run.rhythm.begin_phase()

    def _drop(self, watch: Watch) -> None:
        for clocks in [*self._clocks.values(), *self._seconds.values()]:
            if watch in clocks:
                clocks.remove(watch)

    # ---- models

    def _prepare(self, model: Any) -> None:
        """Before a model's first step, and before the first of each `fit`."""
        is_new = model in self._beginning
        self._beginning.discard(model)
        self._places.pop(model, None)
        fits = self._fits[model] = self._fits.get(model, 0) + is_new
        norms = norms_below(model)
        if not norms:
            self._nothing_found = True
            self._clocks.setdefault(model, [])
            return
        if all(has_statistics(layer) for _, layer in norms):
            self._adopt(model, model, norms, takes_over=is_new)
            if is_new:
                self._begin_fit(model, fits)
        else:
            self._unbuilt[model] = builds_so_far()

    def _adopt_model(self, model: Any, builds: int) -> None:
        """Layers that were built in the first step have had no update before it."""
        norms = [(name, layer) for name, layer in norms_below(model) if has_statistics(layer)]
        built_now = {id(layer) for _, layer in norms if (built_at(layer) or 0) > builds}
        self._adopt(model, model, norms, takes_over=True, built_now=built_now)

    def _begin_fit(self, model: Any, fits: int) -> None:
        """Another `fit` of a model is another training of it."""
        for watch in self._clocks.get(model, ()):
            source = source_of(watch)
            source.held |= held_below(model)
            source.owned = _variables_of(model)
            self._refresh(watch, model)
            if 1 < fits <= _MOST_FITS and watch.last_step == watch.run.step:
                watch.begin_phase()
                watch.run.rhythm.begin_phase()

    def _adopt_optimizer(self, optimizer: Any) -> bool:
        """Finds the models that the optimizer of a loop trains. False: not now."""
        owned = _variables_in(optimizer)
        if self._searches >= 2 and self._searching > _SEARCHING * (time.perf_counter() - self._began):
            self.untold += 1
            return False
        started = cost_clock()
        self._searches += 1
        self._clocks[optimizer] = []
        models = self._models_of(owned)
        spent = cost_clock() - started
        self._searching += spent
        for root, norms in models:
            self._adopt(optimizer, root, norms, takes_over=False)
        for watch in [*self._clocks.get(optimizer, ()), *self._seconds.get(optimizer, ())]:
            source = source_of(watch)
            source.owned = owned | (source.owned or set())
            self._refresh(watch, optimizer)
        if self.run is not None:
            # A search has its own bound and is not paid by samples.
            self.run.rhythm.pay(-spent)
        self._nothing_found = self._nothing_found or not models
        return True

    def _models_of(self, owned: set[int]) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """Models of which an optimizer has variables, and layers that are in no model."""
        trees = []
        seen: set[int] = set()
        for root in all_roots():
            norms = [(name, layer) for name, layer in norms_below(root) if has_statistics(layer)]
            seen.update(id(layer) for _, layer in norms)
            share = sum(id(variable) in owned or id(variable.value) in owned for variable in root.trainable_variables)
            if norms and share > 0:
                trees.append((share, root, norms))
        # Those that own most come first, so that names do not depend on the collector's order.
        trees.sort(key=lambda tree: -tree[0])
        alone = [layer for layer in known_layers() if id(layer) not in seen and has_statistics(layer)]
        alone = [layer for layer in alone if is_trained(layer, owned)]
        rest = [(alone[0], [(layer.name, layer) for layer in alone])] if alone else []
        return [(root, norms) for _, root, norms in trees] + rest

    def _adopt(
        self,
        clock: Any,
        root: Any,
        norms: Sequence[tuple[str, Any]],
        takes_over: bool,
        built_now: Iterable[int] = (),
    ) -> None:
        """Watches layers that nobody watches; those of other models stay where they are and get another clock."""
        watched = {key for watch in self.watches for key in source_of(watch).places}
        below = {id(layer) for _, layer in norms}
        self._clocks.setdefault(clock, [])
        for watch in self.watches:
            if below.isdisjoint(source_of(watch).places) or watch in self._clocks[clock]:
                continue
            if takes_over or not any(watch in watches for watches in self._clocks.values()):
                self._set_clock(watch, clock)
            elif watch not in self._seconds.setdefault(clock, []):
                self._seconds[clock].append(watch)
        fresh = [(name, layer) for name, layer in norms if id(layer) not in watched]
        if not fresh:
            return
        before = self._continued(root, fresh)
        if before is None and len(self.watches) >= _MOST_WATCHES:
            self.untold += 1
            return
        self._watch(clock, root, fresh, set(built_now), before)

    def _continued(self, root: Any, norms: Sequence[tuple[str, Any]]) -> Watch | None:
        """The model of an earlier cell of a notebook whose place this one takes."""

        def is_kept(watch: Watch) -> bool:
            old = source_of(watch).root()
            # IPython keeps what a cell shows, under names of its own.
            return old is not None and name_in_script(old) is not None

        layers = [facts_of(layer, name) for name, layer in norms]
        return self._cells.continued(self.watches, label_of(root), layers, is_kept)

    def _watch(
        self, clock: Any, root: Any, norms: Sequence[tuple[str, Any]], built_now: set[int], before: Watch | None
    ) -> None:
        rank, _ = rank_and_size_of(self.backend)
        if rank > 0:
            return  # Rank 0 alone is recorded.
        modules = [layer for _, layer in norms]
        counters = [self.calls.of(layer) for layer in modules]
        layout = Layout([int(layer.moving_mean.shape[0]) for layer in modules])
        packer = packer_for(self.backend, layout, self._value_of)
        if packer is None:
            raise RuntimeError(f"the backend {self.backend} is unknown")
        run = self.run or self._begin_run(root)
        label = self._free_label(root) if before is None else before.label
        layers = self._facts(run, label, norms, before)
        source = KerasSource(root, modules, counters, layout, packer, lambda: self._stepping is None)
        source.held = held_below(root)
        source.owned = _variables_of(clock) if isinstance(clock, keras.Model) else _variables_in(clock)
        source.refresh(layers)
        snapshot = packer.snapshot(modules, [counter.updates() for counter in counters], waits=True)
        note_beginnings(layout, snapshot, layers, modules, counters, built_now, not isinstance(clock, keras.Model))
        if run.step == 0 and not self.watches:
            run.begin(self._run_fields(root, clock), layers)
        elif before is not None:
            run.started_again(layers)
            self._drop(before)
            self.watches.remove(before)
        else:
            run.layers_changed(layers)
        watch = Watch(run, source, layers, label, continues=before is not None)
        self.watches.append(watch)
        for counter in counters:
            counter.heard = _hearing(weakref.ref(self), weakref.ref(watch), layers, counter, counters)
        self._set_clock(watch, clock)
        self._write_loads(watch)

    def _facts(self, run: Run, label: str, norms: Sequence[tuple[str, Any]], before: Watch | None) -> list[Layer]:
        layers = []
        for place, (name, layer) in enumerate(norms):
            facts = facts_of(layer, run.free_id(name) if before is None else before.layers[place].id)
            facts.model = label
            layers.append(facts)
        return layers

    def _free_label(self, root: Any) -> str:
        taken = {watch.label for watch in self.watches}
        label = label_of(root)
        return free_label(label, taken, lambda: name_in_script(root))

    def _begin_run(self, root: Any) -> Run:
        script = script_path()
        title = f"{os.path.splitext(os.path.basename(script))[0]}-" if script else ""
        self.run = Run(read_environment().runs, title + label_of(root))
        return self.run

    def _run_fields(self, root: Any, clock: Any) -> dict[str, Any]:
        optimizer = getattr(clock, "optimizer", None) if isinstance(clock, keras.Model) else clock
        settings = settings_of(self.backend, clock, optimizer, self._batches.get(clock))
        if optimizer is not None:
            settings["learningRate"] = learning_rate_of(optimizer, self._value_of)
        return {
            "model": label_of(root),
            "framework": "keras",
            "parameters": int(root.count_params()) if root.built else None,
            "settings": {name: value for name, value in settings.items() if value is not None},
        }

    def _value_of(self, variable: Any) -> Any:
        """The value of a variable. With JAX a step that is under way has taken it out of the variable."""
        if self._stepping is not None:
            model, state = self._stepping
            place = self._state_places(model, state).get(id(variable))
            if place is not None:
                return state[place[0]][place[1]]
        return variable._value if self.backend == "jax" else variable.value

    def _state_places(self, model: Any, state: Any) -> dict[int, tuple[int, int]]:
        """Where each variable is in the state of JAX's steps, by its id. Asking a model for its variables is dear."""
        sizes = tuple(len(part) for part in state[:3])
        known = self._places.get(model)
        if known is None or known[0] != sizes:
            parts = (
                model.trainable_variables,
                model.non_trainable_variables,
                getattr(model.optimizer, "variables", ()),
            )
            places = {id(v): (which, at) for which, part in enumerate(parts) for at, v in enumerate(part)}
            known = self._places[model] = (sizes, places)
        return known[1]

    # ---- cells of a notebook

    def cell_ended(self) -> None:
        """A cell of a notebook has run. What a person does until the next one is no step."""
        self._left = None
        if not self._listens():
            return
        self._searches = 0
        if self.run is None:
            return
        with self.guard:
            self._cells.ended(self.run.step)
            for watch in self.watches:
                watch.rest()
            self.run.beat(time.monotonic(), LONGEST_SECONDS)

    # ---- evaluation, loading, saving

    def evaluated(self, model: Any) -> None:
        """A model is about to be evaluated."""
        if not self._listens() or self.run is None:
            return
        began = cost_clock()
        with self.guard:
            for watch in self._watches_below(model):
                watch.evaluated()
            self.run.beat(time.monotonic(), 60.0)
        self._pay(began)

    def inferred(self, counters: Any) -> None:
        """A compiled function ran layers in inference mode."""
        if not self._listens() or self.run is None:
            return
        began = cost_clock()
        with self.guard:
            for watch in self.watches:
                if any(counter in counters for counter in source_of(watch).counters):
                    watch.evaluated()
        self._pay(began)

    def loaded(self, layers: dict[int, tuple[Any, bool, bool]], detail: str) -> None:
        """Values were set from outside. Without a detail the layers belong to a load that is told as a whole."""
        if not self._listens():
            return
        with self.guard:
            for layer, _, _ in layers.values():
                self.calls.of(layer).is_loaded = True
            seen: set[int] = set()
            for watch in self.watches:
                places = source_of(watch).places
                found = {places[key]: (affine, run) for key, (_, affine, run) in layers.items() if key in places}
                seen.update(key for key in layers if key in places)
                if found and detail:
                    self._segment(watch, found, detail)
            for key, (layer, *flags) in layers.items():
                if key not in seen and detail:
                    self._loads[key] = (weakref.ref(layer), (flags[0], flags[1]))

    def saved(self, model: Any, path: str | None) -> None:
        """A model was written. Keras writes all variables of a layer."""
        if not self._listens() or self.run is None:
            return
        with self.guard:
            for watch in self._watches_below(model):
                watch.run.record(
                    {
                        "type": "checkpoint",
                        "step": watch.run.step,
                        "path": path,
                        "statistics": True,
                        "layers": [layer.id for layer in watch.layers],
                    }
                )
                watch.standing("saved")

    def _watches_below(self, model: Any) -> list[Watch]:
        below = {id(layer) for layer in model._flatten_layers()}
        return [watch for watch in self.watches if not below.isdisjoint(source_of(watch).places)]

    def _write_loads(self, watch: Watch) -> None:
        """What was loaded into a model before its first step."""
        places = {}
        for key, place in source_of(watch).places.items():
            reference, found = self._loads.pop(key, (None, None))
            if reference is not None and reference() is not None and found is not None:
                places[place] = found
        if places:
            self._segment(watch, places, None)

    def _segment(self, watch: Watch, places: dict[int, tuple[bool, bool]], detail: str | None) -> None:
        lost = [place for place, (_, statistics) in places.items() if not statistics]
        watch.disturb(list(places))
        source_of(watch).forget()
        watch.run.record(
            {
                "type": "segment",
                "step": watch.run.step,
                "reason": "weights-loaded",
                "detail": detail,
                "layers": [watch.layers[place].id for place in places],
                "withoutStatistics": [watch.layers[place].id for place in lost] or None,
            }
        )

    # ---- processes

    def failed(self, kind: type[BaseException]) -> None:
        """An exception nobody caught ends the script."""
        self._failure = kind.__name__

    def finish(self) -> None:
        """The process ends."""
        if not self._listens():
            return
        with self.guard:
            run = self.run
            if run is None:
                if self._nothing_found:
                    self.guard.say("no BN layers: nothing to record")
                return
            for watch in self.watches:
                watch.finish()
            if self._failure is None:
                run.end("completed")
            elif self._failure == "KeyboardInterrupt":
                run.end("stopped", "The script was interrupted from the keyboard.")
            else:
                run.end("failed", f"The script ended with {self._failure}.")

    def _listens(self, steps: bool = False) -> bool:
        """Whether this process is recorded. A forked child that has not stepped records nothing of its parent's run."""
        if not self.guard.alive:
            return False
        if os.getpid() == self._process:
            return True
        if steps:
            self.guard.alive = False  # TensorFlow and JAX don't work after a fork; what PyTorch does is not known.
        return False


class _StateOf:
    """JAX: while it is entered, variables of a model have the values of a step's state."""

    def __init__(self, recorder: KerasRecorder, model: Any, state: Any) -> None:
        self._recorder, self._model, self._state = recorder, model, state

    def __enter__(self) -> None:
        self._recorder._stepping = None if self._state is None else (self._model, self._state)

    def __exit__(self, *error: Any) -> None:
        self._recorder._stepping = None


def _hearing(
    recorder: weakref.ref[KerasRecorder],
    watch: weakref.ref[Watch],
    layers: Sequence[Layer],
    counter: Counter,
    counters: Sequence[Counter],
) -> Callable[[], None]:
    """What hears that a layer is called in inference mode.

    A model is evaluated when the first of its layers that are trained is. Others may be held on purpose in training.
    """
    place = list(counters).index(counter)

    def heard() -> None:
        listening, evaluated = recorder(), watch()
        if listening is None or evaluated is None or not listening._listens() or listening.run is None:
            return
        first = next((at for at, layer in enumerate(layers) if layer.trained is not False and not layer.held), None)
        if place == first:
            began = cost_clock()
            with listening.guard:
                evaluated.evaluated()
            listening._pay(began)

    return heard


def _variables_of(model: Any) -> set[int] | None:
    """Ids of the variables that a model's optimizers have; None where one is not built yet."""
    kind = keras.optimizers.Optimizer
    optimizers = [model.optimizer, *(value for value in list(vars(model).values()) if isinstance(value, kind))]
    optimizers = [optimizer for optimizer in optimizers if isinstance(optimizer, kind)]
    if not optimizers or not all(optimizer.built for optimizer in optimizers):
        return None
    return {key for optimizer in optimizers for key in _variables_in(optimizer)}


def _variables_in(optimizer: Any) -> set[int]:
    """Ids of the variables that an optimizer of Keras has, or of the parameters of one of PyTorch."""
    if hasattr(optimizer, "param_groups"):
        parameters = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        variables = [v for layer in known_layers() for v in (layer.gamma, layer.beta) if v is not None]
        return parameters | {id(variable) for variable in variables if id(variable.value) in parameters}
    while hasattr(optimizer, "inner_optimizer"):
        optimizer = optimizer.inner_optimizer
    return {id(variable) for variable in getattr(optimizer, "_trainable_variables", ())}


_recorder: KerasRecorder | None = None


def arm() -> None:
    """From now on the Keras trainings of this process are recorded. Called once (`attaching/arming.py`)."""
    global _recorder
    recorder = KerasRecorder(keras.backend.backend())
    remember_layers()
    recorder.calls.start()
    StepClock(recorder.backend, recorder.calls, recorder).start()
    listen(recorder)
    listen_to_cells(recorder.cell_ended)
    end_with_process(recorder)
    _recorder = recorder


def recorder() -> KerasRecorder | None:
    """What records this process; None where nothing does."""
    return _recorder
