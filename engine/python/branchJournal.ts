/**
 * What the branches of a program change. A reader that does not know which branch is taken follows each from the same
 * state: what a branch changes is noted here first and taken back at its end. What the state is where branches meet
 * again is the reader's own affair.
 */

/** One thing that can change: a variable, an attribute, the contents of a list. */
export interface Place {
  read(): unknown;
  write(content: unknown): void;
}

/** What branches changed, by the object and the key in it. */
export type Changes<P extends Place> = ReadonlyMap<object, ReadonlyMap<string, Changed<P>>>;

export interface Changed<P extends Place> {
  readonly place: P;
  readonly content: unknown;
}

interface Note<P extends Place> {
  readonly place: P;
  readonly before: unknown;
}

interface Branch<P extends Place> {
  readonly notes: Map<object, Map<string, Note<P>>>;
  /** What was made in the branch needs no taking back: without the branch it is not there at all. */
  created: Set<object>;
}

export class BranchJournal<P extends Place> {
  private readonly branches: Branch<P>[] = [];

  /** How many branches are being followed, one inside the other. */
  get depth(): number {
    return this.branches.length;
  }

  /** Call for something that has just been made. */
  created(owner: object): void {
    this.branches.at(-1)?.created.add(owner);
  }

  /** Call before a change. The place is asked for only where it has to be remembered. */
  note(owner: object, key: string, place: () => P): void {
    const branch = this.branches.at(-1);
    if (branch === undefined || branch.created.has(owner)) return;
    const notes = notesOf(branch, owner);
    if (notes.has(key)) return;
    const made = place();
    notes.set(key, { place: made, before: made.read() });
  }

  /** Follows a branch and takes its changes back. */
  follow<T>(run: () => T): { readonly result: T; readonly changes: Changes<P> } {
    const branch: Branch<P> = { notes: new Map(), created: new Set() };
    this.branches.push(branch);
    const result = run();
    this.branches.pop();
    const changes = currentOf([branch]);
    takeBack(branch);
    // A branch around this one has made them, too.
    const around = this.branches.at(-1);
    if (around !== undefined) around.created = united(around.created, branch.created);
    return { result, changes };
  }

  /** The changes of all branches from `depth` on: what a `return` leaves with. */
  changesSince(depth: number): Changes<P> {
    return currentOf(this.branches.slice(depth));
  }

  /** Does something that happens whichever branches are taken. */
  outside<T>(run: () => T): T {
    const branches = this.branches.splice(0);
    const result = run();
    this.branches.push(...branches);
    return result;
  }

  /**
   * For a part that has been there as long as its whole and is seen only now: it has changed whenever the whole has.
   */
  sharePast(whole: object, part: object, placeOf: (key: string) => P): void {
    for (const branch of this.branches) {
      if (branch.created.has(whole)) branch.created.add(part);
      for (const [key, { before }] of branch.notes.get(whole) ?? [])
        notesOf(branch, part).set(key, { place: placeOf(key), before });
    }
  }
}

/** The smaller one goes into the larger, so that what is made deep inside is not handed on again and again. */
function united(a: Set<object>, b: Set<object>): Set<object> {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const owner of small) large.add(owner);
  return large;
}

function notesOf<P extends Place>({ notes }: Branch<P>, owner: object): Map<string, Note<P>> {
  const known = notes.get(owner) ?? new Map<string, Note<P>>();
  notes.set(owner, known);
  return known;
}

/** Backwards: what was changed first is put back last. */
function takeBack({ notes }: Branch<Place>): void {
  for (const keys of [...notes.values()].reverse()) {
    for (const { place, before } of [...keys.values()].reverse()) place.write(before);
  }
}

function currentOf<P extends Place>(branches: readonly Branch<P>[]): Changes<P> {
  const changes = new Map<object, Map<string, Changed<P>>>();
  for (const { notes } of branches) {
    for (const [owner, keys] of notes) {
      const known = changes.get(owner) ?? new Map<string, Changed<P>>();
      for (const [key, { place }] of keys) known.set(key, { place, content: place.read() });
      changes.set(owner, known);
    }
  }
  return changes;
}
