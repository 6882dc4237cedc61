"""The PyTorch models of a run: which optimizer trains which, and which no optimizer trains."""

from __future__ import annotations

import contextlib
import time
import weakref
from typing import Any

import torch
from torch import nn

from ..attaching.environment import read_environment
from ..finding.layers import Layer
from ..finding.pytorch import (
    all_roots,
    class_name,
    facts_of,
    has_statistics,
    is_norm,
    label_of,
    name_in_script,
    named_modules,
    norms_below,
    unwrapped,
)
from ..packing.layout import Layout
from ..probing.kept import Kept
from ..watching.ranks import tell_folder
from .cells import Cells
from .clocks import Clocks
from .labels import free_label
from .pytorch_run import begin_run, broadcasts, run_fields
from .pytorch_source import TorchSource, source_of
from .run import Run
from .watch import Watch

#: Models of one run that are written in full; a training of hundreds of short-lived ones says that there are others.
_MOST_WATCHES = 12
_MOST_COPIES = 6
#: Share of the run that may go into searching models, once there were two searches.
_SEARCHING = 0.01

#: Whether a layer's weights, and its running statistics, were in what was loaded.
Loaded = tuple[bool, bool]


class TorchModels:
    """The models of this process that have BN layers."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self.watches: list[Watch] = []
        self.copies: list[Watch] = []
        #: Optimizers stepped, and there was no BN layer in what they train.
        self.found_nothing = False
        #: The same, but for models that no optimizer trains.
        self.trains_none = False
        self.clocks = Clocks()
        self._others: list[weakref.ref[nn.Module]] = []
        self._roots: list[weakref.ref[nn.Module]] = []
        self._loads: dict[int, tuple[weakref.ref[nn.Module], Loaded]] = {}
        #: Batches that a person gave for probes, by what they run.
        self._given: weakref.WeakKeyDictionary[nn.Module, Kept] = weakref.WeakKeyDictionary()
        #: Models that the script named: these need no search.
        self._named: weakref.WeakSet[nn.Module] = weakref.WeakSet()
        self._searches, self._searching, self._began = 0, 0.0, time.perf_counter()
        self._cells = Cells()

    @property
    def all(self) -> list[Watch]:
        """Those that an optimizer trains, then copies."""
        return [*self.watches, *self.copies]

    def cell_ended(self) -> None:
        """A cell of a notebook has run: the next one may make its models again, and train others."""
        self._searches = 0
        self._cells.ended(self.run, self.all)

    def ticked_by(self, optimizer: Any) -> list[Watch]:
        """The models whose clock this optimizer is."""
        if self._cells.begins_phase():
            for watch in self.watches:
                watch.begin_phase()
        watches = self.clocks.of(optimizer)
        if watches is None:
            if not self._adopt(optimizer):
                return []
            watches = self.clocks.of(optimizer) or []
        return list(watches)

    def name(self, root: nn.Module) -> None:
        """A model that is to be recorded, where there is no time to search all of them."""
        self._named.add(root)

    def give(self, target: nn.Module, batch: Kept) -> None:
        """A person's batch for probes of a model, or of a part of it; the one that was given last counts."""
        self._given.pop(target, None)
        self._given[target] = batch
        for watch in self.all:
            self._give_to(source_of(watch))

    def begin_again(self) -> TorchModels:
        """For a forked child: nothing of its parent's run, and what the script asked for."""
        child = TorchModels()
        child._given.update(self._given)
        child._named.update(self._named)
        return child

    def _give_to(self, source: TorchSource) -> None:
        places = source.places
        for target, batch in self._given.items():
            if any(id(module) in places for module in target.modules()):
                source.inputs.give(target, batch)

    def _adopt(self, optimizer: Any) -> bool:
        """Finds the models that an optimizer trains. False: not now."""
        parameters = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        if self._belongs_to_known(optimizer, parameters):
            return True
        started = time.perf_counter()
        waiting = [*self._others, *(source_of(copy).root for copy in self.copies)]
        others = [root for root in (reference() for reference in waiting) if root is not None]
        if any(id(parameter) in parameters for root in others for parameter in root.parameters()):
            self._others = []
            self.clocks.know(optimizer)  # Those it does not train go back to the others.
            self._watch_roots(others, optimizer, parameters)
            return True
        named = [root for root in self._named if any(id(parameter) in parameters for parameter in root.parameters())]
        if self._searches < 2 or self._searching <= _SEARCHING * (time.perf_counter() - self._began):
            self._searches += 1
            roots = all_roots()
        elif named:
            roots = named
        else:
            return False
        # A search has its own bound and is not paid by samples.
        with contextlib.nullcontext() if self.run is None else self.run.rhythm.apart():
            self.clocks.know(optimizer)
            self._watch_roots(roots, optimizer, parameters)
            self._searching += time.perf_counter() - started
        return True

    def _belongs_to_known(self, optimizer: Any, parameters: set[int]) -> bool:
        """An optimizer of models that are watched already: another clock of theirs, or the one that goes on."""
        owners = []
        left = set(parameters)
        for watch in self.watches:
            root = source_of(watch).root()
            own = {id(parameter) for parameter in root.parameters()} if root is not None else set()
            if not own.isdisjoint(parameters):
                owners.append(watch)
                left -= own
        if left:
            return False  # There is more than the models that are known: a larger one around them, perhaps.
        self.clocks.know(optimizer)
        for watch in owners:
            self._join(watch, optimizer, parameters)
        return True

    def _join(self, watch: Watch, optimizer: Any, parameters: set[int]) -> None:
        """A watched model has another optimizer: beside its clock, or in the place of one that is gone."""
        source_of(watch).owned |= parameters
        self.clocks.join(watch, optimizer)

    def _watch_roots(self, roots: list[nn.Module], optimizer: Any, parameters: set[int]) -> None:
        """Those that own most of the parameters come first, so that names do not depend on the collector's order."""
        trees = []
        for root in roots:
            norms = norms_below(root)
            if norms:
                modules = list(named_modules(root))
                owned = sum(id(p) in parameters for _, m in modules for p in _own_parameters(m))
                trees.append((owned, len(modules), root, norms))
        trees.sort(key=lambda tree: (-tree[0], -tree[1]))
        seen: set[int] = set()
        for owned, _, root, norms in trees:
            fresh = [(path, module) for path, module in norms if self._first_seen(module, seen)]
            if owned == 0:
                # A model that was trained is no copy, though a notebook may keep it when it is made again.
                known = [*(source_of(copy).root for copy in self.copies), *self._roots]
                if not any(reference() is root for reference in known):
                    self._others.append(weakref.ref(root))
                continue
            self._roots.append(weakref.ref(root))
            if not fresh:
                continue
            same = [w for w in self.watches if source_of(w).places.keys() == {id(module) for _, module in fresh}]
            if same:
                self._join(same[0], optimizer, parameters)
                continue
            self._watch(root, fresh, optimizer, parameters)
        if not trees:
            self.found_nothing = True
        self.trains_none = bool(trees) and trees[0][0] == 0

    def _first_seen(self, module: nn.Module, seen: set[int]) -> bool:
        """Whether these statistics were not seen yet: a scripted copy shares them with its original."""
        if not has_statistics(module):
            return False
        mean = module.running_mean
        key = mean.data_ptr() if isinstance(mean, torch.Tensor) and mean.device.type != "meta" else id(mean)
        if key in seen:
            return False
        seen.add(key)
        return True

    def _watch(self, root: nn.Module, norms: list[tuple[str, nn.Module]], optimizer: Any, owned: set[int]) -> None:
        """Records a model, unless the run has as many as it may have."""
        ids = {id(module) for _, module in norms}
        taken = [w for w in self.all if not ids.isdisjoint(source_of(w).places)]
        before = None if taken else self._continued(root, norms)
        if before is None and self.run is not None and len(self.watches) >= _MOST_WATCHES:
            self.run.leave_out(label_of(root), len(self.watches))
            return
        run = self.run = self.run or begin_run(root)
        known = {id(m): layer for watch in taken for m, layer in zip(source_of(watch).modules() or [], watch.layers)}
        watch = self._new_watch(run, root, norms, known, owned, owned_model=True, before=before)
        for other in [*taken, *([before] if before is not None else [])]:
            self.clocks.drop(other)
            (self.watches if other in self.watches else self.copies).remove(other)
        self.watches.append(watch)
        self.clocks.set(watch, optimizer)
        self._write_loads(watch)

    def _continued(self, root: nn.Module, norms: list[tuple[str, nn.Module]]) -> Watch | None:
        """The model of an earlier cell of a notebook whose place this one takes."""

        def is_kept(watch: Watch) -> bool:
            old = source_of(watch).root()
            # IPython keeps what a cell shows, under names of its own.
            return old is not None and name_in_script(old) is not None

        layers = [self._facts(root, path, module, path or class_name(module)) for path, module in norms]
        return self._cells.continued(self.watches, label_of(root), layers, is_kept)

    def _facts(self, root: nn.Module, path: str, module: nn.Module, identifier: str) -> Layer:
        layer = facts_of(module, path, class_name(unwrapped(root)), identifier, identifier)
        layer.updates_before = None
        return layer

    def _new_watch(
        self,
        run: Run,
        root: nn.Module,
        norms: list[tuple[str, nn.Module]],
        known: dict[int, Layer],
        owned: set[int],
        owned_model: bool,
        before: Watch | None = None,
    ) -> Watch:
        label = self._free_label(label_of(root), root) if before is None else before.label
        several = bool(self.watches or self.copies)
        layers = []
        for place, (path, module) in enumerate(norms):
            layer = known.get(id(module))
            if before is not None:
                layer = self._facts(root, path, module, before.layers[place].id)
            elif layer is None:
                name = path or class_name(module)
                layer = self._facts(root, path, module, run.free_id(f"{label}.{name}" if several else name))
            layer.model, layer.owned = label, owned_model
            layers.append(layer)
        modules = [module for _, module in norms]
        layout = Layout([layer.channels for layer in layers])
        source = TorchSource(root, modules, layout, type(root).__name__ == "OptimizedModule")
        source.owned = set(owned)
        source.refresh(layers)
        self._give_to(source)
        first = self.run is None or (not self.watches and not self.copies)
        if first and run.step == 0:
            run.begin(run_fields(root, self.clocks.first()), layers)
            if run.ranks > 1 and run.rank == 0:
                tell_folder(read_environment().runs, run.folder)
        elif before is not None:
            run.started_again(layers)
        else:
            run.layers_changed(layers)
        watch = Watch(run, source, layers, label, owned_model, continues=before is not None)
        watch.broadcast = broadcasts(root)
        return watch

    def _free_label(self, label: str, root: nn.Module) -> str:
        taken = {watch.label for watch in self.all}
        return free_label(label, taken, lambda: name_in_script(root))

    def note_other(self, root: nn.Module) -> None:
        """A model that was evaluated and that no optimizer trains so far."""
        if self.run is None or any(reference() is root for reference in [*self._others, *self._roots]):
            return
        if any(source_of(watch).is_root(root) for watch in self.watches):
            return
        if any(is_norm(module) for _, module in named_modules(root)):
            self._others.append(weakref.ref(root))

    def look_at_copies(self) -> None:
        """Models that got no optimizer so far are averages, teachers, targets, servers."""
        if self.run is None:
            return
        watched = {key for watch in self.all for key in source_of(watch).places}
        others, self._others = self._others, []
        for reference in others:
            root = reference()
            if root is None or len(self.copies) >= _MOST_COPIES:
                continue
            norms = [(path, m) for path, m in norms_below(root) if has_statistics(m) and id(m) not in watched]
            if norms and len(norms) == len(norms_below(root)):
                copy = self._new_watch(self.run, root, norms, {}, set(), owned_model=False)
                self.copies.append(copy)
                copy.standing("rhythm")

    def _write_loads(self, watch: Watch) -> None:
        """What was loaded into a model before its first step."""
        places = {}
        for key, place in source_of(watch).places.items():
            reference, found = self._loads.pop(key, (None, None))
            if reference is not None and reference() is not None and found is not None:
                places[place] = found
        if places:
            self.segment(watch, places)

    def segment(self, watch: Watch, places: dict[int, Loaded]) -> None:
        """Weights were loaded into these layers."""
        touched = [place for place, (weights, statistics) in places.items() if weights or statistics]
        if not touched:
            return
        lost = [place for place in touched if not places[place][1]]
        watch.disturb(touched)
        watch.run.record(
            {
                "type": "segment",
                "step": watch.run.step,
                "reason": "weights-loaded",
                "detail": "load_state_dict",
                "layers": [watch.layers[place].id for place in touched],
                "withoutStatistics": [watch.layers[place].id for place in lost] or None,
            }
        )

    def keep_load(self, module: nn.Module, found: Loaded) -> None:
        """Something was loaded into a layer of a model that has not stepped yet."""
        self._loads[id(module)] = (weakref.ref(module), found)


def _own_parameters(module: nn.Module) -> list[Any]:
    if isinstance(module, torch.jit.ScriptModule):
        return list(module.parameters(recurse=False))
    return list(module._parameters.values())
