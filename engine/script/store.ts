/**
 * The one door through which the tracer changes anything: names, attributes, elements, and what it knows of an object
 * besides. So whatever a way through a branch changes can be taken back, and ways that meet again can be joined.
 */
import { BranchJournal, type Changes, type Place } from "../python/branchJournal";
import { joinedGradient, joinedModes } from "./modeEntries";
import {
  ABSENT,
  unionOf,
  type Fields,
  type Guard,
  type GradValue,
  type Left,
  type LowPrecision,
  type ModeEntry,
  type ObjectValue,
  type TracedValue,
  type Traits,
} from "./tracedValues";

/** Something that can change, and what it is where ways meet that left it differently. */
interface TracedPlace extends Place {
  join(ways: readonly Left<unknown>[]): unknown;
}

export type TracedChanges = Changes<TracedPlace>;

export interface Way {
  readonly changes: TracedChanges;
  /** What contains on this way, as far as the branch says. */
  readonly guards: readonly Guard[];
}

export class Store {
  private readonly journal = new BranchJournal<TracedPlace>();
  /** Values that ways had to be compared in: what joining has cost. */
  compared = 0;

  get depth(): number {
    return this.journal.depth;
  }

  set(fields: Fields, key: string, value: TracedValue): void {
    if (this.depth > 0) this.journal.note(fields, key, () => fieldPlace(fields, key));
    writable(fields).set(key, value);
  }

  setTrait<K extends keyof Traits>({ traits }: ObjectValue, key: K, value: Traits[K]): void {
    if (this.depth > 0) this.journal.note(traits, key, () => traitPlace(traits, key));
    traits[key] = value;
  }

  /** For what has been there all along and is seen only now: it is there on every way. */
  reveal(fields: Fields, key: string, value: TracedValue): void {
    writable(fields).set(key, value);
  }

  /** A part of a network that is seen only now: it has been in the network's modes ever since. */
  revealPart(whole: ObjectValue, name: string, part: ObjectValue): void {
    this.reveal(whole.fields, name, part);
    Object.assign(part.traits, whole.traits);
    this.journal.sharePast(whole.traits, part.traits, (key) => traitPlace(part.traits, key as keyof Traits));
  }

  /** Something that has just been made. */
  born({ fields, traits }: ObjectValue): void {
    this.journal.created(fields);
    this.journal.created(traits);
  }

  /** Runs `way` and takes its changes back. */
  follow(way: () => void): TracedChanges {
    return this.journal.follow(way).changes;
  }

  /** Runs work whose changes belong to no way: they stay, whichever way is taken. */
  outside<T>(work: () => T): T {
    return this.journal.outside(work);
  }

  /** The changes since the journal had `depth` branches: where a `return` leaves several branches at once. */
  changesSince(depth: number): TracedChanges {
    return this.journal.changesSince(depth);
  }

  /** The state after ways that meet again. */
  join(ways: readonly Way[]): void {
    for (const [owner, places] of touched(ways)) {
      this.compared += places.size * ways.length;
      for (const [key, place] of places) this.joinPlace(owner, key, place, ways);
    }
  }

  private joinPlace(owner: object, key: string, place: TracedPlace, ways: readonly Way[]): void {
    const left = ways.map(({ changes, guards }): Left<unknown> => {
      const change = changes.get(owner)?.get(key);
      return { content: change === undefined ? place.read() : change.content, guards };
    });
    const [first] = left;
    const areSame = left.every(({ content }) => content === first?.content);
    const content = areSame ? first?.content : place.join(left);
    this.journal.note(owner, key, () => place);
    place.write(content);
  }
}

/** Whether following something left BN layers in another mode. */
export function changesNormModes(changes: TracedChanges): boolean {
  for (const places of changes.values()) {
    const norm = places.get("normModes");
    if (norm !== undefined && norm.content !== norm.place.read()) return true;
  }
  return false;
}

/** `changes` with the modes as `later` left them. */
export function withModesOf(changes: TracedChanges, later: TracedChanges): TracedChanges {
  const result = new Map([...changes].map(([owner, places]) => [owner, new Map(places)]));
  for (const [owner, places] of later) {
    for (const key of ["normModes", "modes"]) {
      const change = places.get(key);
      if (change === undefined) continue;
      const known = result.get(owner) ?? new Map<string, typeof change>();
      result.set(owner, known.set(key, change));
    }
  }
  return result;
}

function touched(ways: readonly Way[]): Map<object, Map<string, TracedPlace>> {
  const owners = new Map<object, Map<string, TracedPlace>>();
  for (const { changes } of ways) {
    for (const [owner, places] of changes) {
      const known = owners.get(owner) ?? new Map<string, TracedPlace>();
      for (const [key, { place }] of places) if (!known.has(key)) known.set(key, place);
      owners.set(owner, known);
    }
  }
  return owners;
}

/** Everyone else sees fields that cannot be written. */
const writable = (fields: Fields): Map<string, TracedValue> => fields as Map<string, TracedValue>;

function fieldPlace(fields: Fields, key: string): TracedPlace {
  return {
    read: () => fields.get(key),
    write: (content) => {
      if (content === undefined) writable(fields).delete(key);
      else writable(fields).set(key, content as TracedValue);
    },
    join: (ways) => unionOf(ways.map(({ content }) => (content as TracedValue | undefined) ?? ABSENT)),
  };
}

function traitPlace<K extends keyof Traits>(traits: Traits, key: K): TracedPlace {
  return {
    read: () => traits[key],
    write: (content) => (traits[key] = content as Traits[K]),
    join: traitJoins[key],
  };
}

const joinedEntries = (ways: readonly Left<unknown>[]): readonly ModeEntry[] =>
  joinedModes(ways as readonly Left<readonly ModeEntry[]>[]);

const traitJoins: { readonly [K in keyof Traits]: (ways: readonly Left<unknown>[]) => Traits[K] } = {
  modes: joinedEntries,
  normModes: joinedEntries,
  gradient: (ways) => joinedGradient(ways.map(({ content }) => content as GradValue | null)),
  isSynced: (ways) => ways.some(({ content }) => content === true),
  lowPrecision: (ways) => (ways.every(({ content }) => content !== null) ? (ways[0]?.content as LowPrecision) : null),
};
