/** Writes to maps of values that can be taken back, so that every way through a branch starts from the same state. */
import {
  ABSENT,
  unionOf,
  type Fields,
  type Guard,
  type ModeEntry,
  type ModesValue,
  type TracedValue,
} from "./tracedValues";

/** What one way has changed; undefined where it removed a key. */
export type Changes = ReadonlyMap<Fields, ReadonlyMap<string, TracedValue | undefined>>;

export interface Way {
  readonly changes: Changes;
  /** What holds on this way, as far as the branch says. */
  readonly guards: readonly Guard[];
}

interface Journal {
  readonly old: Map<Fields, Map<string, TracedValue | undefined>>;
  /** Made on this way: no other way knows them, so nothing is taken back. */
  readonly born: Set<Fields>;
}

export class Store {
  private readonly journals: Journal[] = [];
  /** Values that ways had to be compared in: what joining has cost. */
  compared = 0;

  get depth(): number {
    return this.journals.length;
  }

  set(fields: Fields, key: string, value: TracedValue): void {
    this.note(fields, key);
    fields.set(key, value);
  }

  delete(fields: Fields, key: string): void {
    this.note(fields, key);
    fields.delete(key);
  }

  /** The fields of something that has just been made. */
  born(fields: Fields): void {
    this.journals.at(-1)?.born.add(fields);
  }

  private note(fields: Fields, key: string): void {
    const journal = this.journals.at(-1);
    if (journal === undefined || journal.born.has(fields)) return;
    let known = journal.old.get(fields);
    if (known === undefined) journal.old.set(fields, (known = new Map<string, TracedValue | undefined>()));
    if (!known.has(key)) known.set(key, fields.get(key));
  }

  /** Runs `way` and takes its changes back. */
  follow(way: () => void): Changes {
    const journal: Journal = { old: new Map(), born: new Set() };
    this.journals.push(journal);
    way();
    this.journals.pop();
    const changes = currentOf([journal]);
    for (const [fields, old] of journal.old) for (const [key, value] of old) write(fields, key, value);
    for (const fields of journal.born) this.born(fields);
    return changes;
  }

  /** Runs work whose changes belong to no way: they stay, whichever way is taken. */
  outside(work: () => void): void {
    const journals = this.journals.splice(0);
    work();
    this.journals.push(...journals);
  }

  /** The changes since the journal at `depth` was opened: where a `return` leaves several branches at once. */
  changesSince(depth: number): Changes {
    return currentOf(this.journals.slice(depth));
  }

  /** The state after ways that meet again. */
  join(ways: readonly Way[]): void {
    const touched = new Map<Fields, Set<string>>();
    for (const { changes } of ways) {
      for (const [fields, entries] of changes) {
        const keys = touched.get(fields) ?? new Set();
        for (const key of entries.keys()) keys.add(key);
        touched.set(fields, keys);
      }
    }
    for (const [fields, keys] of touched) {
      this.compared += keys.size * ways.length;
      for (const key of keys) this.joinKey(fields, key, ways);
    }
  }

  private joinKey(fields: Fields, key: string, ways: readonly Way[]): void {
    const values = ways.map(({ changes, guards }) => {
      const entries = changes.get(fields);
      return { value: entries?.has(key) === true ? entries.get(key) : fields.get(key), guards };
    });
    const [first] = values;
    if (first !== undefined && values.every(({ value }) => value === first.value)) {
      this.note(fields, key);
      write(fields, key, first.value);
      return;
    }
    this.set(fields, key, joined(values));
  }
}

interface Guarded {
  readonly value: TracedValue | undefined;
  readonly guards: readonly Guard[];
}

function joined(values: readonly Guarded[]): TracedValue {
  if (values.some(({ value }) => value?.kind === "modes")) return joinedModes(values);
  if (values.some(({ value }) => value?.kind === "grad")) return joinedGrad(values);
  return unionOf(values.map(({ value }) => value ?? ABSENT));
}

/** Modules are made in train mode. */
export const INITIAL: ModeEntry = {
  mode: "train",
  site: null,
  loops: [],
  guards: [],
  undid: null,
  freezes: null,
  choice: null,
};

/** Entries that only one way has are true only where that way was taken. */
function joinedModes(values: readonly Guarded[]): ModesValue {
  const known = values[0]?.value;
  if (known?.kind === "modes" && values.every(({ value }) => value?.kind === "modes" && hasSameEntries(value, known)))
    return known;
  const entries: ModeEntry[] = [];
  for (const { value, guards } of values) {
    for (const entry of value?.kind === "modes" ? value.entries : [INITIAL]) {
      const isCommon = values.every(({ value: other }) =>
        (other?.kind === "modes" ? other.entries : [INITIAL]).includes(entry),
      );
      const guarded = isCommon || guards.length === 0 ? entry : { ...entry, guards: [...entry.guards, ...guards] };
      if (!entries.some((known) => isSameEntry(known, guarded))) entries.push(guarded);
    }
  }
  return { kind: "modes", entries: entries.slice(0, 16) };
}

const hasSameEntries = (a: ModesValue, b: ModesValue): boolean =>
  a.entries.length === b.entries.length && a.entries.every((entry, index) => entry === b.entries[index]);

function isSameEntry(a: ModeEntry, b: ModeEntry): boolean {
  if (a === b) return true;
  const isAlike =
    a.mode === b.mode &&
    a.site?.from === b.site?.from &&
    a.site?.file === b.site?.file &&
    a.undid === b.undid &&
    a.choice === b.choice &&
    a.freezes === b.freezes;
  const hasSameGuards =
    a.guards.length === b.guards.length &&
    a.guards.every((guard, index) => guard.key === b.guards[index]?.key && guard.truth === b.guards[index].truth);
  return isAlike && hasSameGuards && a.loops.length === b.loops.length && a.loops.at(-1)?.loop === b.loops.at(-1)?.loop;
}

/** Frozen on one way only is not frozen. */
function joinedGrad(values: readonly Guarded[]): TracedValue {
  const known = values.flatMap(({ value }) => (value?.kind === "grad" ? [value] : []));
  const off = known.filter(({ isOn }) => !isOn);
  const first = known[0]!;
  return off.length === values.length ? first : { ...first, isOn: true };
}

function currentOf(journals: readonly Journal[]): Changes {
  const changes = new Map<Fields, Map<string, TracedValue | undefined>>();
  for (const journal of journals) {
    for (const [fields, old] of journal.old) {
      const known = changes.get(fields) ?? new Map<string, TracedValue | undefined>();
      for (const key of old.keys()) known.set(key, fields.get(key));
      changes.set(fields, known);
    }
  }
  return changes;
}

function write(fields: Fields, key: string, value: TracedValue | undefined): void {
  if (value === undefined) fields.delete(key);
  else fields.set(key, value);
}
