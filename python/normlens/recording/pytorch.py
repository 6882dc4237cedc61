"""Records the PyTorch trainings of this process: which models there are, and when each is sampled."""

from __future__ import annotations

import atexit
import os
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import torch
from torch import nn

from ..attaching.environment import read_environment
from ..finding.layers import Layer
from ..finding.pytorch import (
    all_roots,
    facts_of,
    has_statistics,
    is_norm,
    is_trained,
    label_of,
    name_in_script,
    named_modules,
    norms_below,
    remember_lines,
    unwrapped,
    update_weight_of,
)
from ..packing.layout import Layout
from ..packing.pytorch import TorchPacker, writes_of
from ..packing.snapshot import Snapshot
from ..probing.pytorch import PassMeter
from ..ticking.pytorch import NoHook, StepClock, learning_rate_of
from ..ticking.rhythm import cost_clock
from ..watching.pytorch import listen
from ..watching.ranks import forget_folder, rank_and_size, tell_folder, told_folder
from .guard import Guard
from .run import Run, script_path
from .watch import Watch

#: Models of one run that are written in full; a training of hundreds of short-lived ones counts the others.
_MOST_WATCHES = 12
_MOST_COPIES = 6
#: Share of the run that may go into searching models, once there were two searches.
_SEARCHING = 0.01
#: An optimizer that did not tick for so many ticks of others of its model is no clock any more.
_IDLE_TICKS = 8
#: Steps of a phase at which passes are measured, then at distances that double.
_MEASURED = (2, 3, 4)


class TorchSource:
    """The BN layers of a PyTorch model, which it does not keep alive."""

    def __init__(self, root: nn.Module, modules: Sequence[nn.Module], layout_order: Layout, compiled: bool) -> None:
        self.root = weakref.ref(root)
        self._modules = [weakref.ref(module) for module in modules]
        self._packer = TorchPacker(layout_order)
        self._buffers: list[Any] = [{} if isinstance(m, torch.jit.ScriptModule) else m._buffers for m in modules]
        self.owned: set[int] = set()
        self.roots = {id(root), id(unwrapped(root))}
        self.places = {id(module): place for place, module in enumerate(modules)}
        self._compiled = compiled

    def modules(self) -> Optional[list[nn.Module]]:
        """The layers; None when one of them is gone."""
        modules = [reference() for reference in self._modules]
        return None if any(module is None for module in modules) else modules  # type: ignore[return-value]

    def snapshot(self) -> Optional[Snapshot]:
        modules = self.modules()
        return None if modules is None else self._packer.snapshot(modules)

    def writes(self) -> Optional[list[int]]:
        if self.root() is None:
            return None
        # Asked after every step: the dictionaries of buffers stay the modules' own when tensors in them are replaced.
        try:
            return [buffers["num_batches_tracked"]._version for buffers in self._buffers]
        except (KeyError, AttributeError):
            modules = self.modules()
            return None if modules is None else [writes_of(module) for module in modules]

    def refresh(self, layers: Sequence[Layer]) -> bool:
        modules, changed = self.modules(), False
        for layer, module in zip(layers, modules or ()):
            trained = is_trained(module, self.owned)
            if trained != layer.trained:
                layer.trained, changed = trained, True
            weight = update_weight_of(module)
            if weight != layer.update_weight:
                layer.update_weight, changed = weight, True
        return changed

    def is_training(self) -> Optional[bool]:
        root = self.root()
        return None if root is None else bool(root.training)

    def is_compiled(self) -> bool:
        return self._compiled or _has_compiled()


class TorchRecorder:
    """One a process. Every entry is guarded: nothing raises into a person's script."""

    def __init__(self) -> None:
        self.guard = Guard()
        self.run: Optional[Run] = None
        self.watches: list[Watch] = []
        self.copies: list[Watch] = []
        self.ticks = 0
        self._process = os.getpid()
        self._clocks: weakref.WeakKeyDictionary[Any, list[Watch]] = weakref.WeakKeyDictionary()
        self._seconds: weakref.WeakKeyDictionary[Any, list[Watch]] = weakref.WeakKeyDictionary()
        self._idle: dict[tuple[int, int], int] = {}
        self._others: list[weakref.ref[nn.Module]] = []
        self._roots: list[weakref.ref[nn.Module]] = []
        self._loads: dict[int, tuple[Any, tuple[bool, bool]]] = {}
        self._meters: dict[int, PassMeter] = {}
        self._next_measure: dict[int, int] = {}
        self._searches, self._searching, self._began = 0, 0.0, time.perf_counter()
        self._left: Optional[float] = None
        self._nothing_found = False
        self._reset_at: dict[int, int] = {}
        self._failure: Optional[str] = None
        self.untold = 0

    # ---- entries

    def tick(self, optimizer: Any) -> None:
        """After an optimizer step."""
        if not self.guard.alive:
            return
        entered, began = time.perf_counter(), cost_clock()
        with self.guard:
            if os.getpid() != self._process:
                self._begin_in_child()
            self._tick(optimizer, entered)
        self._pay(began)

    def mode_set(self, root: nn.Module, training: bool) -> None:
        if not self.guard.alive or training or self._foreign():
            return
        began = cost_clock()
        with self.guard:
            below = {id(module) for _, module in named_modules(root)} if self.run is not None else set()
            for watch in [*self.watches, *self.copies]:
                if not below.isdisjoint(_source(watch).places):
                    watch.evaluated()
            if self.run is not None:
                self.run.beat(time.monotonic(), 60.0)
            self._note_other(root)
        self._pay(began)

    def loaded(self, module: nn.Module, layers: dict[int, tuple[bool, bool]]) -> None:
        if not self.guard.alive or self._foreign():
            return
        with self.guard:
            seen = set()
            for watch in [*self.watches, *self.copies]:
                source = _source(watch)
                places = {source.places[key]: found for key, found in layers.items() if key in source.places}
                seen.update(key for key in layers if key in source.places)
                if places:
                    self._segment(watch, places)
            for inner in module.modules():
                if id(inner) in layers and id(inner) not in seen:
                    self._loads[id(inner)] = (weakref.ref(inner), layers[id(inner)])

    def saved(self, names: Mapping[str, Any], path: Optional[str]) -> None:
        if not self.guard.alive or self.run is None or self._foreign():
            return
        with self.guard:
            for watch in [*self.watches, *self.copies]:
                self._checkpoint(watch, names, path)

    def reset(self, module: nn.Module) -> None:
        if not self.guard.alive or self.run is None or self._foreign():
            return
        with self.guard:
            for watch in self.watches:
                if id(module) not in _source(watch).places:
                    continue
                watch.disturb()
                if self._reset_at.get(id(watch)) != self.run.step:
                    self._reset_at[id(watch)] = self.run.step
                    self.run.record(
                        {
                            "type": "segment",
                            "step": self.run.step,
                            "reason": "statistics-recomputed",
                            "detail": "reset_running_stats",
                            "layers": [layer.id for layer in watch.layers],
                        }
                    )

    def failed(self, kind: type[BaseException]) -> None:
        """An exception nobody caught ends the script."""
        self._failure = kind.__name__

    def finish(self) -> None:
        """The process ends."""
        if not self.guard.alive or self._foreign():
            return
        with self.guard:
            run = self.run
            if run is None:
                if self._nothing_found:
                    self.guard.say("no BN layers: nothing to record")
                return
            self._look_at_copies()
            for watch in [*self.watches, *self.copies]:
                watch.finish()
            if self._failure is None:
                run.end("completed")
            elif self._failure == "KeyboardInterrupt":
                run.end("stopped", "The script was interrupted from the keyboard.")
            else:
                run.end("failed", f"The script ended with {self._failure}.")
            if run.ranks > 1 and run.rank == 0:
                forget_folder(read_environment().runs)

    # ---- steps

    def _tick(self, optimizer: Any, entered: float) -> None:
        self.ticks += 1
        watches = self._clocks.get(optimizer)
        if watches is None:
            if not self._adopt(optimizer):
                return
            watches = self._clocks.get(optimizer, [])
        run = self.run
        if run is None:
            return
        seconds = entered - self._left if self._left is not None else float("nan")
        if seconds == seconds:
            run.rhythm.step(seconds)
        for watch in list(watches):
            self._tick_watch(watch, optimizer, seconds)
        self._let_idle_clocks_go(optimizer)
        run.beat(time.monotonic(), 0.0)

    def _tick_watch(self, watch: Watch, optimizer: Any, seconds: float) -> None:
        run = watch.run
        meter = self._meters.pop(id(watch), None)
        if meter is not None:
            run.rhythm.pay(meter.seconds)
            for place, passes in meter.close().items():
                passes.step = run.step + 1 if watch.last_step == run.step else run.step
                watch.measured[place] = passes
        if _source(watch).root() is None:
            self._drop(watch)
            return
        watch.tick(learning_rate_of(optimizer), seconds)
        relative = run.step - watch.phase_start
        if relative in (1, 2, 4, 8) or (relative >= 16 and relative & (relative - 1) == 0):
            self._refresh(watch)
        self._measure_next(watch, relative)
        if relative in (16, 128, 1024):
            self._look_at_copies()
            for copy in self.copies:
                copy.standing("rhythm")

    def _refresh(self, watch: Watch) -> None:
        """Facts, and what the first measured steps said."""
        changed = _source(watch).refresh(watch.layers)
        for layer, measured in zip(watch.layers, watch.measured):
            if measured is not None and layer.samples_per_pass is None:
                layer.samples_per_pass, changed = measured.samples, True
        if changed:
            watch.run.layers_changed(watch.layers)

    def _measure_next(self, watch: Watch, relative: int) -> None:
        """Listens to the passes of the next step, in the first steps and now and then later; in eager mode only."""
        source = _source(watch)
        due = self._next_measure.get(id(watch), _MEASURED[0])
        if relative + 1 < due or source.is_compiled():
            return
        step = watch.run.step + 1
        self._meters[id(watch)] = PassMeter(step, source.places, source.roots)
        following = relative + 2 if relative + 1 in _MEASURED[:-1] else 2 * (relative + 1)
        self._next_measure[id(watch)] = following

    def _pay(self, began: float) -> None:
        self._left = time.perf_counter()
        if self.run is not None:
            self.run.rhythm.pay(cost_clock() - began)

    def _let_idle_clocks_go(self, optimizer: Any) -> None:
        """A clock that was thrown away may live on (a scheduler has it): another optimizer of its model takes over."""
        for watch in list(self._seconds.get(optimizer, ())):
            key = (id(watch), id(optimizer))
            self._idle[key] = self._idle.get(key, 0) + 1
            if self._idle[key] < _IDLE_TICKS:
                continue
            for clocks in list(self._clocks.values()):
                if watch in clocks:
                    clocks.remove(watch)
            self._seconds[optimizer].remove(watch)
            self._set_clock(watch, optimizer)
        ticked = {id(watch) for watch in self._clocks.get(optimizer, ())}
        if self._idle and ticked:
            self._idle = {key: count for key, count in self._idle.items() if key[0] not in ticked}

    def _set_clock(self, watch: Watch, optimizer: Any) -> None:
        self._clocks.setdefault(optimizer, []).append(watch)
        self._next_measure.pop(id(watch), None)
        watch.begin_phase()
        watch.run.rhythm.begin_phase()

    def _drop(self, watch: Watch) -> None:
        for clocks in list(self._clocks.values()) + list(self._seconds.values()):
            if watch in clocks:
                clocks.remove(watch)

    # ---- models

    def _adopt(self, optimizer: Any) -> bool:
        """Finds the models that an optimizer trains. False: not now."""
        parameters = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        if self._belongs_to_known(optimizer, parameters):
            return True
        started = cost_clock()
        waiting = [*self._others, *(_source(copy).root for copy in self.copies)]
        others = [root for root in (reference() for reference in waiting) if root is not None]
        if any(id(parameter) in parameters for root in others for parameter in root.parameters()):
            self._others = []
            self._clocks[optimizer] = []  # Those it does not train go back to the others.
            self._watch_roots(others, optimizer, parameters)
            return True
        if self._searches >= 2 and self._searching > _SEARCHING * (time.perf_counter() - self._began):
            self.untold += 1
            return False
        self._searches += 1
        roots = all_roots()
        self._clocks[optimizer] = []
        self._watch_roots(roots, optimizer, parameters)
        spent = cost_clock() - started
        self._searching += spent
        if self.run is not None:
            # A search has its own bound and is not paid by samples.
            self.run.rhythm.pay(-spent)
        return True

    def _belongs_to_known(self, optimizer: Any, parameters: set[int]) -> bool:
        """An optimizer of models that are watched already: another clock of theirs, or the one that goes on."""
        known = False
        for watch in self.watches:
            source = _source(watch)
            root = source.root()
            if root is None or not any(id(parameter) in parameters for parameter in root.parameters()):
                continue
            known = True
            source.owned |= parameters
            if any(watch in clocks for clocks in self._clocks.values()):
                self._seconds.setdefault(optimizer, []).append(watch)
            else:
                self._set_clock(watch, optimizer)
        if known:
            self._clocks.setdefault(optimizer, [])
        return known

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
                if not any(_source(copy).root() is root for copy in self.copies):
                    self._others.append(weakref.ref(root))
                continue
            self._roots.append(weakref.ref(root))
            if not fresh:
                continue
            if len(self.watches) >= _MOST_WATCHES:
                self.untold += 1
                continue
            self._watch(root, fresh, optimizer, parameters)
        if not trees:
            self._nothing_found = True

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
        ids = {id(module) for _, module in norms}
        taken = [w for w in [*self.watches, *self.copies] if not ids.isdisjoint(_source(w).places)]
        run = self.run or self._begin_run(root)
        if run is None:
            return
        known = {id(m): layer for watch in taken for m, layer in zip(_source(watch).modules() or [], watch.layers)}
        watch = self._new_watch(run, root, norms, known, owned, owned_model=True)
        for other in taken:
            self._drop(other)
            (self.watches if other in self.watches else self.copies).remove(other)
        self.watches.append(watch)
        self._set_clock(watch, optimizer)
        self._write_loads(watch)

    def _new_watch(
        self,
        run: Run,
        root: nn.Module,
        norms: list[tuple[str, nn.Module]],
        known: dict[int, Layer],
        owned: set[int],
        owned_model: bool,
    ) -> Watch:
        label = self._free_label(label_of(root), root)
        several = bool(self.watches or self.copies)
        layers = []
        for path, module in norms:
            layer = known.get(id(module))
            if layer is None:
                name = path or type(module).__name__
                identifier = run.free_id(f"{label}.{name}" if several else name)
                layer = facts_of(module, path, type(unwrapped(root)).__name__, identifier, identifier)
                layer.updates_before = None
            layer.model, layer.owned = label, owned_model
            layers.append(layer)
        modules = [module for _, module in norms]
        layout = Layout([layer.channels for layer in layers])
        source = TorchSource(root, modules, layout, type(root).__name__ == "OptimizedModule")
        source.owned = set(owned)
        source.refresh(layers)
        first = self.run is None or not self.watches and not self.copies
        if first and run.step == 0:
            run.begin(self._run_fields(root), layers)
            if run.ranks > 1 and run.rank == 0:
                tell_folder(read_environment().runs, run.folder)
        else:
            run.layers_changed(layers)
        watch = Watch(run, source, layers, label, owned_model)
        watch.broadcast = _broadcasts(root)
        return watch

    def _free_label(self, label: str, root: nn.Module) -> str:
        taken = {watch.label for watch in [*self.watches, *self.copies]}
        if label not in taken:
            return label
        own = name_in_script(root)
        if own is not None and own not in taken:
            return own
        count = 2
        while f"{label} {count}" in taken:
            count += 1
        return f"{label} {count}"

    def _begin_run(self, root: nn.Module) -> Optional[Run]:
        rank, size = rank_and_size()
        runs = read_environment().runs
        script = script_path()
        title = f"{os.path.splitext(os.path.basename(script))[0]}-" if script else ""
        if rank == 0:
            self.run = Run(runs, title + label_of(root), rank, size)
            return self.run
        folder = told_folder(runs)
        waited = time.monotonic()
        # Rank 0 writes the folder at the same step: a short wait, once, and then without.
        while folder is None and time.monotonic() - waited < 5:
            time.sleep(0.02)
            folder = told_folder(runs)
        if folder is None:
            raise OSError("rank 0 has no run folder that this rank can see")
        self.run = Run(runs, "", rank, size, folder)
        return self.run

    def _run_fields(self, root: nn.Module) -> dict[str, Any]:
        optimizer = next(iter(self._clocks), None)
        settings: dict[str, Any] = {"torch": torch.__version__, "python": sys.version.split()[0]}
        if optimizer is not None:
            group = optimizer.param_groups[0]
            settings["optimizer"] = type(optimizer).__name__
            settings["learningRate"] = learning_rate_of(optimizer)
            settings["weightDecay"] = group.get("weight_decay") if isinstance(group.get("weight_decay"), float) else None
        if _ddp(root) is not None:
            settings["broadcastBuffers"] = _broadcasts(root)
        return {
            "model": type(unwrapped(root)).__name__ if label_of(root) == "Sequential" else label_of(root),
            "framework": "pytorch",
            "parameters": sum(parameter.numel() for parameter in root.parameters()),
            "settings": settings,
        }

    # ---- copies: models that no optimizer owns

    def _note_other(self, root: nn.Module) -> None:
        if self.run is None or any(reference() is root for reference in [*self._others, *self._roots]):
            return
        if any(id(root) in _source(watch).roots for watch in self.watches):
            return
        if any(is_norm(module) for _, module in named_modules(root)):
            self._others.append(weakref.ref(root))

    def _look_at_copies(self) -> None:
        """Models that got no optimizer so far are averages, teachers, targets, servers."""
        if self.run is None:
            return
        watched = {key for watch in [*self.watches, *self.copies] for key in _source(watch).places}
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

    # ---- loading, saving

    def _write_loads(self, watch: Watch) -> None:
        """What was loaded into a model before its first step."""
        places = {}
        for key, place in _source(watch).places.items():
            reference, found = self._loads.pop(key, (None, None))
            if reference is not None and reference() is not None and found is not None:
                places[place] = found
        if places:
            self._segment(watch, places)

    def _segment(self, watch: Watch, places: dict[int, tuple[bool, bool]]) -> None:
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

    def _checkpoint(self, watch: Watch, names: Mapping[str, Any], path: Optional[str]) -> None:
        keys = {key.replace("_orig_mod.", "").replace("module.", "") for key in names if isinstance(key, str)}
        root = _source(watch).root()
        if root is None:
            return
        paths = [path_of for path_of, module in norms_below(root) if id(module) in _source(watch).places]
        affine = [p for p in paths if any(key == f"{p}.weight" or key.endswith(f".{p}.weight") for key in keys)]
        complete = [p for p in paths if any(key == f"{p}.running_mean" or key.endswith(f".{p}.running_mean") for key in keys)]
        if not affine and not complete:
            return
        watch.run.record(
            {
                "type": "checkpoint",
                "step": watch.run.step,
                "path": path,
                "statistics": len(complete) == len(paths),
                "layers": [layer.id for layer in watch.layers],
            }
        )
        watch.standing("saved")

    # ---- processes

    def _foreign(self) -> bool:
        """A forked child that has not stepped: it records nothing of its parent's run."""
        return os.getpid() != self._process

    def _begin_in_child(self) -> None:
        """A forked child that trains has a run of its own. It leaves without `atexit`."""
        guard = self.guard
        self.__init__()  # type: ignore[misc]
        self.guard = guard
        from multiprocessing import util

        util.Finalize(None, self.finish, exitpriority=1)


def _source(watch: Watch) -> TorchSource:
    source = watch.source
    assert isinstance(source, TorchSource)
    return source


def _own_parameters(module: nn.Module) -> list[Any]:
    if isinstance(module, torch.jit.ScriptModule):
        return list(module.parameters(recurse=False))
    return list(module._parameters.values())


def _ddp(root: nn.Module) -> Optional[nn.Module]:
    module: Optional[nn.Module] = root
    while module is not None:
        if type(module).__name__ == "DistributedDataParallel":
            return module
        inner = unwrapped(module)
        module = inner if inner is not module and type(module).__name__ == "OptimizedModule" else None
    return None


def _broadcasts(root: nn.Module) -> bool:
    """Whether each forward pass begins with rank 0's buffers."""
    ddp = _ddp(root)
    if ddp is None:
        return False
    return bool(getattr(ddp, "broadcast_buffers", False)) and bool(getattr(ddp, "forward_sync_buffers", True))


def _has_compiled() -> bool:
    dynamo = sys.modules.get("torch._dynamo.utils")
    return bool(dynamo is not None and dynamo.counters["frames"].get("ok"))


_recorder: Optional[TorchRecorder] = None


def arm() -> None:
    """From now on the PyTorch trainings of this process are recorded. Called once (`attaching/arming.py`)."""
    global _recorder
    recorder = TorchRecorder()
    try:
        StepClock(recorder.tick).start()
    except NoHook as error:
        recorder.guard.say(f"not recording: {error}")
        return
    remember_lines()
    listen(recorder)
    _end_with_process(recorder)
    _recorder = recorder


def recorder() -> Optional[TorchRecorder]:
    """What records this process; None where nothing does."""
    return _recorder


def _end_with_process(recorder: TorchRecorder) -> None:
    atexit.register(recorder.finish)
    previous = sys.excepthook

    def excepthook(kind: Any, value: Any, trace: Any) -> None:
        recorder.failed(kind)
        previous(kind, value, trace)

    sys.excepthook = excepthook
