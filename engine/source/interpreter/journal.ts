/**
 * What branches that may or may not run have changed.
 *
 * When a condition is unknown, each branch is run on its own, its changes are noted and taken back, and then the
 * outcomes are compared: what is the same in all of them is kept, everything else becomes unknown. So the reader never
 * guesses a branch, and still knows what does not depend on it. All writes to values go through here.
 */
import { BranchJournal, type Changes, type Place } from "../../python/branchJournal";
import { isPlainValue, sameValue } from "./aboutValues";
import type { DictValue, InstanceValue, ListValue, ModuleState, SetValue, UnknownValue, Value } from "./values";

/** One thing that can change, and what it is where branches disagree about it. */
export interface JoinedPlace extends Place {
  /** Marks it as unknown; it is one of `contents`. */
  taint(reason: UnknownValue, contents: readonly unknown[]): void;
  same(a: unknown, b: unknown): boolean;
}

/** Joining one place costs about as much as this many steps of evaluation. */
const STEPS_PER_PLACE = 10;

/** The place beside a module's children that contains their order: noted before them, so put back after them. */
const ORDER = "\0order";

/** One of several values, where it is not known which; null where nothing is known of it. */
type EitherValue = (contents: readonly unknown[], reason: UnknownValue) => Value | null;

export interface Joined<T> {
  readonly results: T[];
  /** True when the branches left something unknown. */
  readonly differs: boolean;
  /** True when anything is known otherwise, or less, than before. */
  readonly changes: boolean;
}

export interface BranchOutcome<T> {
  readonly result: T;
  /** A branch that raises is not the one taken by a model that exists. */
  readonly isDead: boolean;
}

export class Journal {
  private readonly branches = new BranchJournal<JoinedPlace>();

  /** `spend` gets the number of places that each branch changed, so that joining is bounded like all other work. */
  constructor(
    private readonly spend: (steps: number) => void,
    private readonly either: EitherValue = () => null,
  ) {}

  /** Branches around the attempt that is being made: they do not make uncertain what happens in it. */
  private certain = 0;
  /** True inside a branch that may not run. */
  get isUncertain(): boolean {
    return this.branches.depth > this.certain;
  }

  private get isNoting(): boolean {
    return this.branches.depth > 0;
  }

  /** Call for a namespace that has just been made. */
  created(owner: object): void {
    this.branches.created(owner);
  }

  /** Call for an instance that has just been made, before it is given anything. */
  createdInstance({ attributes, module }: InstanceValue): void {
    this.created(attributes);
    for (const owner of module === null ? [] : [module, module.children, module.parameters]) this.created(owner);
  }

  setVariable(map: Map<string, Value>, key: string, value: Value): void {
    if (this.isNoting) this.branches.note(map, key, () => mapPlace(map, key, this.either));
    map.set(key, value);
  }

  deleteVariable(map: Map<string, Value>, key: string): void {
    if (this.isNoting) this.branches.note(map, key, () => mapPlace(map, key, this.either));
    map.delete(key);
  }

  /** Registers a module's child; the order of children is PyTorch's order of layers, so it is kept too. */
  setChild(state: ModuleState, name: string, child: Value): void {
    if (this.isNoting) this.branches.note(state.children, ORDER, () => orderPlace(state));
    this.setVariable(state.children, name, child);
  }

  deleteChild(state: ModuleState, name: string): void {
    if (this.isNoting) this.branches.note(state.children, ORDER, () => orderPlace(state));
    this.deleteVariable(state.children, name);
  }

  setParameter(state: ModuleState, key: string, count: number | null): void {
    if (this.isNoting) this.branches.note(state.parameters, key, () => countPlace(state.parameters, key));
    state.parameters.set(key, count);
  }

  /** Call before changing a list's elements in place. */
  beforeList(list: ListValue): void {
    if (this.isNoting) this.branches.note(list, "elements", () => listPlace(list));
  }

  /** Call before changing a dict's entries in place. */
  beforeDict(dict: DictValue): void {
    if (this.isNoting) this.branches.note(dict, "entries", () => dictPlace(dict));
  }

  /** Call before changing a set's elements in place. */
  beforeSet(set: SetValue): void {
    if (this.isNoting) this.branches.note(set, "elements", () => listPlace(set));
  }

  /** Call before a module becomes a layer or a container (`super().__init__` of a subclass of nn.Conv2d). */
  beforeModule(instance: InstanceValue & { readonly module: ModuleState }): void {
    if (this.isNoting) this.branches.note(instance.module, "state", () => modulePlace(instance.module));
  }

  /** For places this file does not know, such as the forward pass being traced. */
  beforeChange(owner: object, key: string, place: JoinedPlace): void {
    if (this.isNoting) this.branches.note(owner, key, () => place);
  }

  /** Runs each branch from the same state and joins their outcomes. */
  join<T>(branches: readonly (() => BranchOutcome<T>)[], reason: UnknownValue): Joined<T> {
    const finished = branches.map((run) => this.runBranch(run));
    const alive = finished.filter((branch) => !branch.outcome.isDead);
    const considered = alive.length > 0 ? alive : finished;
    let differs = false;
    let changes = false;
    for (const [owner, keys] of placesOf(considered.map((branch) => branch.after))) {
      for (const [key, place] of keys) {
        const current = place.read();
        const contents = considered.map((branch) => {
          const after = branch.after.get(owner)?.get(key);
          return after === undefined ? current : after.content;
        });
        const [first] = contents;
        const agree = contents.every((content) => place.same(content, first));
        if (agree && place.same(first, current)) continue;
        this.branches.note(owner, key, () => place);
        if (agree) place.write(first);
        else place.taint(reason, contents);
        differs ||= !agree;
        changes ||= !place.same(place.read(), current);
      }
    }
    return { results: considered.map((branch) => branch.outcome.result), differs, changes };
  }

  /** Runs something that happens in any case, whichever branches are being followed. */
  outside<T>(run: () => T): T {
    return this.branches.outside(run);
  }

  /** Runs something and takes its changes back. */
  rehearse<T>(run: () => T): T {
    return this.runBranch(() => ({ result: run(), isDead: false })).outcome.result;
  }

  /** Runs something as if nothing else ever ran, and takes its changes back: one of several models of a file. */
  attempt<T>(run: () => T): T {
    const { certain } = this;
    this.certain = this.branches.depth + 1;
    const result = this.rehearse(run);
    this.certain = certain;
    return result;
  }

  private runBranch<T>(run: () => BranchOutcome<T>): { outcome: BranchOutcome<T>; after: Changes<JoinedPlace> } {
    const { result, changes } = this.branches.follow(run);
    for (const keys of changes.values()) this.spend(STEPS_PER_PLACE * keys.size);
    return { outcome: result, after: changes };
  }
}

function placesOf(outcomes: readonly Changes<JoinedPlace>[]): Map<object, Map<string, JoinedPlace>> {
  const places = new Map<object, Map<string, JoinedPlace>>();
  for (const outcome of outcomes) {
    for (const [owner, keys] of outcome) {
      const known = places.get(owner) ?? new Map<string, JoinedPlace>();
      places.set(owner, known);
      for (const [key, { place }] of keys) known.set(key, place);
      moveToEnd(known, ORDER);
    }
  }
  return places;
}

function moveToEnd(places: Map<string, JoinedPlace>, key: string): void {
  const place = places.get(key);
  if (place === undefined) return;
  places.delete(key);
  places.set(key, place);
}

function sameOptional(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameValue(a, b);
}

const isPlainContent = (content: unknown): boolean => content === undefined || isPlainValue(content as Value);

function mapPlace(map: Map<string, Value>, key: string, either: EitherValue): JoinedPlace {
  return {
    read: () => map.get(key),
    write: (content) => {
      if (content === undefined) map.delete(key);
      else map.set(key, content as Value);
    },
    taint: (reason, contents) =>
      map.set(key, either(contents, reason) ?? { ...reason, isPlain: contents.every(isPlainContent) }),
    same: (a, b) => sameOptional(a as Value | undefined, b as Value | undefined),
  };
}

function countPlace(map: Map<string, number | null>, key: string): JoinedPlace {
  return {
    read: () => map.get(key),
    write: (content) => {
      if (content === undefined) map.delete(key);
      else map.set(key, content as number | null);
    },
    taint: () => map.set(key, null),
    same: Object.is,
  };
}

/** The names of a module's children in order. Which of them are there is for their own places to say. */
function orderPlace(state: ModuleState): JoinedPlace {
  return {
    read: () => [...state.children.keys()],
    write: (content) => {
      const children = new Map(state.children);
      state.children.clear();
      for (const name of content as string[]) {
        const child = children.get(name);
        if (child !== undefined) state.children.set(name, child);
        children.delete(name);
      }
      for (const [name, child] of children) state.children.set(name, child);
    },
    taint: (reason) => state.unknowns.push(reason),
    same: (a, b) => sameOrder(a as string[], b as string[]),
  };
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  const left = a.filter((name) => b.includes(name));
  const right = b.filter((name) => a.includes(name));
  return left.every((name, index) => name === right[index]);
}

function listPlace(list: ListValue | SetValue): JoinedPlace {
  return {
    read: () => ({ elements: [...list.elements], taint: list.taint }),
    write: (content) => Object.assign(list, content),
    taint: (reason) => (list.taint = reason),
    same: (a, b) => {
      const left = a as ListValue;
      const right = b as ListValue;
      return (
        left.taint === right.taint &&
        left.elements.length === right.elements.length &&
        left.elements.every((element, index) => sameOptional(element, right.elements[index]))
      );
    },
  };
}

function dictPlace(dict: DictValue): JoinedPlace {
  return {
    read: () => ({ entries: new Map(dict.entries), taint: dict.taint }),
    write: (content) => Object.assign(dict, content),
    taint: (reason) => (dict.taint = reason),
    same: (a, b) => {
      const left = a as DictValue;
      const right = b as DictValue;
      const keys = [...right.entries.keys()];
      return (
        left.taint === right.taint &&
        left.entries.size === right.entries.size &&
        [...left.entries].every(
          ([key, entry], index) => key === keys[index] && sameOptional(entry.value, right.entries.get(key)?.value),
        )
      );
    },
  };
}

function modulePlace(state: ModuleState): JoinedPlace {
  return {
    read: () => ({ layer: state.layer, container: state.container }),
    write: (content) => Object.assign(state, content),
    taint: (reason) => state.unknowns.push(reason),
    same: (a, b) =>
      (a as ModuleState).layer === (b as ModuleState).layer &&
      (a as ModuleState).container === (b as ModuleState).container,
  };
}
