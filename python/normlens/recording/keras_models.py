"""The Keras models of a run: what trains which, and how often each layer was updated before."""

from __future__ import annotations

import contextlib
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
    layers_below,
    name_in_script,
    norms_below,
)
from ..finding.layers import Layer
from ..packing.keras import packer_for
from ..packing.layout import Layout
from ..probing.kept import Kept
from ..probing.passes import LayerPasses
from ..ticking.keras import Fit, learning_rate_of
from ..ticking.keras_calls import Calls, Counter
from .cells import Cells
from .clocks import Clocks
from .keras_settings import rank_and_size_of, settings_of
from .keras_source import KerasSource, batch_of, note_beginnings, samples_of, source_of
from .keras_state import StepState
from .labels import free_label
from .run import Run, script_path
from .watch import Watch

#: Models of one run that are written in full.
_MOST_WATCHES = 12
#: Share of the run that may go into searching models, once there were two searches.
_SEARCHING = 0.01
#: Each fit is a training by itself, but not where they are called in a loop.
_MOST_FITS = 8


class KerasModels:
    """The models of this process that have BN layers.

    Args:
        backend: Of Keras.
        calls: Counts the calls of layers.
        state: Has the values of variables.
        evaluated: Called when a layer that stands for its model is called in inference mode.
    """

    def __init__(self, backend: str, calls: Calls, state: StepState, evaluated: Callable[[Watch], None]) -> None:
        self.backend, self.calls, self._state, self._evaluated = backend, calls, state, evaluated
        self.run: Run | None = None
        self.watches: list[Watch] = []
        #: Something stepped, and there was no BN layer in what it trains.
        self.found_nothing = False
        #: Models (of `fit` and `train_on_batch`) and optimizers (of loops).
        self.clocks = Clocks()
        #: Models whose `fit` has begun and has done no step yet.
        self._beginning: weakref.WeakSet[Any] = weakref.WeakSet()
        self._fits: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._batches: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        #: What each `fit` was given, until its first step.
        self._data: weakref.WeakKeyDictionary[Any, Fit] = weakref.WeakKeyDictionary()
        #: Batches for probes that a person gave, by what is run on them.
        self._given: weakref.WeakKeyDictionary[Any, Kept] = weakref.WeakKeyDictionary()
        #: Models that had layers without statistics before their first step, with the layer that was built last.
        self._unbuilt: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._cells = Cells()
        self._loads: dict[int, tuple[Any, tuple[bool, bool]]] = {}
        self._searches, self._searching, self._began = 0, 0.0, time.perf_counter()

    def cell_ended(self) -> None:
        """A cell of a notebook has run: the next one may make its models again, and train others."""
        self._searches = 0
        self._cells.ended(self.run, self.watches)

    def is_beginning(self, model: Any) -> bool:
        """Whether `fit` was called and has done no step yet."""
        return model in self._beginning

    def apart(self) -> contextlib.AbstractContextManager[None]:
        """Around what has its own bound and is not paid by samples: finding models, tracing what reads them."""
        return contextlib.nullcontext() if self.run is None else self.run.rhythm.apart()

    def prepare(self, model: Any) -> None:
        """Before a model's first step, and before the first of each `fit`."""
        is_new = model in self._beginning
        self._beginning.discard(model)
        self._state.forget(model)
        fits = self._fits[model] = self._fits.get(model, 0) + is_new
        norms = norms_below(model)
        if not norms:
            self.found_nothing = True
            self.clocks.know(model)
            self._data.pop(model, None)
            return
        if all(has_statistics(layer) for _, layer in norms):
            self._adopt(model, model, norms, takes_over=is_new)
            if is_new:
                self._begin_fit(model, fits)
            self._take_data(model)
        else:
            self._unbuilt[model] = builds_so_far()

    def is_prepared(self, model: Any) -> bool:
        """Whether there is nothing to do before the model's next step."""
        return model not in self._beginning and self.clocks.of(model) is not None and model not in self._unbuilt

    def fit_begins(self, model: Any, fit: Fit) -> None:
        """`fit` was called."""
        self._beginning.add(model)
        self._data[model] = fit
        batch = fit.batch
        if batch is None:
            self._batches.pop(model, None)
        else:
            self._batches[model] = batch

    def fit_ended(self, model: Any) -> None:
        """It has returned, or has failed: perhaps before its first step."""
        self._beginning.discard(model)
        self._data.pop(model, None)

    def give(self, target: Any, batch: Kept) -> None:
        """A person's batch for probes of a model, or of a part of it; the one that was given last counts."""
        self._given.pop(target, None)
        self._given[target] = batch
        for watch in self.watches:
            self._give_to(source_of(watch))

    def _give_to(self, source: KerasSource) -> None:
        places = source.places
        for target, batch in self._given.items():
            if any(id(layer) in places for layer in layers_below(target)):
                source.inputs.give(target, batch)

    def _take_data(self, model: Any) -> None:
        """Keeps batches of what `fit` was given, which may be large and is not held longer."""
        fit = self._data.pop(model, None)
        if fit is None:
            return
        for watch in self.clocks.of(model) or ():
            source_of(watch).inputs.take_from(model, fit, watch.run.step)

    def adopt_built(self, model: Any) -> None:
        """After a step. Layers that were built in the first one have had no update before it."""
        if model not in self._unbuilt:
            return
        builds = self._unbuilt.pop(model)
        norms = [(name, layer) for name, layer in norms_below(model) if has_statistics(layer)]
        built_now = {id(layer) for _, layer in norms if (built_at(layer) or 0) > builds}
        self._adopt(model, model, norms, takes_over=True, built_now=built_now)
        self._take_data(model)

    def _begin_fit(self, model: Any, fits: int) -> None:
        """Another `fit` of a model is another training of it."""
        for watch in self.clocks.of(model) or ():
            source = source_of(watch)
            source.held |= held_below(model)
            source.owned = _variables_of(model)
            self.refresh(watch, model)
            if 1 < fits <= _MOST_FITS and watch.last_step == watch.run.step:
                watch.begin_phase()

    def adopt_optimizer(self, optimizer: Any) -> bool:
        """Finds the models that the optimizer of a loop trains. False: not now."""
        if self.clocks.of(optimizer) is not None:
            return True
        owned = _variables_in(optimizer)
        if self._searches >= 2 and self._searching > _SEARCHING * (time.perf_counter() - self._began):
            return False
        started = time.perf_counter()
        self._searches += 1
        self.clocks.know(optimizer)
        with self.apart():
            models = self._models_of(owned)
            self._searching += time.perf_counter() - started
            for root, norms in models:
                self._adopt(optimizer, root, norms, takes_over=False)
        for watch in [*(self.clocks.of(optimizer) or ()), *self.clocks.beside(optimizer)]:
            source = source_of(watch)
            source.owned = owned | (source.owned or set())
            self.refresh(watch, optimizer)
        self.found_nothing = self.found_nothing or not models
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
        self.clocks.know(clock)
        for watch in self.watches:
            if below.isdisjoint(source_of(watch).places) or watch in (self.clocks.of(clock) or ()):
                continue
            if takes_over:
                self.clocks.set(watch, clock)
            else:
                self.clocks.join(watch, clock)
        fresh = [(name, layer) for name, layer in norms if id(layer) not in watched]
        if not fresh:
            return
        before = self._continued(root, fresh)
        if before is None and self.run is not None and len(self.watches) >= _MOST_WATCHES:
            self.run.leave_out(label_of(root), len(self.watches))
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
        packer = packer_for(self.backend, layout, self._state.value_of)
        if packer is None:
            raise RuntimeError(f"the backend {self.backend} is unknown")
        run = self.run or self._begin_run(root)
        label = self._free_label(root) if before is None else before.label
        layers = self._facts(run, label, norms, before)
        source = KerasSource(root, modules, counters, layout, packer, self._state.is_settled)
        source.held = held_below(root)
        source.owned = _variables_of(clock) if isinstance(clock, keras.Model) else _variables_in(clock)
        source.refresh(layers)
        snapshot = packer.snapshot(modules, [counter.updates() for counter in counters], waits=True)
        note_beginnings(layout, snapshot, layers, modules, counters, built_now, not isinstance(clock, keras.Model))
        if run.step == 0 and not self.watches:
            run.begin(self._run_fields(root, clock), layers)
        elif before is not None:
            run.started_again(layers)
            self.clocks.drop(before)
            self.watches.remove(before)
        else:
            run.layers_changed(layers)
        watch = Watch(run, source, layers, label, continues=before is not None)
        self.watches.append(watch)
        self._give_to(source)
        hears = _hearing(weakref.ref(watch), self._evaluated)
        for counter in counters:
            counter.heard = hears(counter)
        self.clocks.set(watch, clock)
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
            settings["learningRate"] = learning_rate_of(optimizer, self._state.value_of)
        return {
            "model": label_of(root),
            "framework": "keras",
            "parameters": int(root.count_params()) if root.built else None,
            "settings": {name: value for name, value in settings.items() if value is not None},
        }

    def refresh(self, watch: Watch, clock: Any) -> None:
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

    def below(self, model: Any) -> list[Watch]:
        """The watches that have layers of this model."""
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
            self.segment(watch, places, None)

    def segment(self, watch: Watch, places: dict[int, tuple[bool, bool]], detail: str | None) -> None:
        """Values were set in these layers: whether their weights, and their statistics, were among them."""
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

    def keep_load(self, layer: Any, affine: bool, statistics: bool) -> None:
        """Something was loaded into a layer of a model that has not stepped yet."""
        self._loads[id(layer)] = (weakref.ref(layer), (affine, statistics))


def _hearing(watch: weakref.ref[Watch], evaluated: Callable[[Watch], None]) -> Callable[[Counter], Callable[[], None]]:
    """What hears that a layer is called in inference mode.

    A model is evaluated when the first of its layers that are trained is. Others may be held on purpose in training.
    """

    def hears(counter: Counter) -> Callable[[], None]:
        def heard() -> None:
            model = watch()
            if model is None:
                return
            trained = (at for at, layer in enumerate(model.layers) if layer.trained is not False and not layer.held)
            first = next(trained, None)
            if first is not None and source_of(model).counters[first] is counter:
                evaluated(model)

        return heard

    return hears


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
