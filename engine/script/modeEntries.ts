/** The modes a module may be in, and what they are where ways meet that left it in different ones. */
import type { GradValue, Left, ModeEntry, Traits } from "./tracedValues";

/** More than this many are not distinguished. */
const MOST_ENTRIES = 16;

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

/** What every module starts with. */
const INITIAL_MODES: readonly ModeEntry[] = [INITIAL];

/** What is known of any object that has just been made. */
export const NEW_TRAITS: Traits = {
  modes: INITIAL_MODES,
  normModes: INITIAL_MODES,
  gradient: null,
  isSynced: false,
  lowPrecision: null,
};

/** Entries that only one way has are true only where that way was taken. */
export function joinedModes(ways: readonly Left<readonly ModeEntry[]>[]): readonly ModeEntry[] {
  const [first] = ways;
  if (first !== undefined && ways.every(({ content }) => hasSameEntries(content, first.content))) return first.content;
  const entries: ModeEntry[] = [];
  for (const { content, guards } of ways) {
    for (const entry of content) {
      const isCommon = guards.length === 0 || ways.every((other) => other.content.includes(entry));
      const guarded = isCommon ? entry : { ...entry, guards: [...entry.guards, ...guards] };
      if (!entries.some((known) => isSameEntry(known, guarded))) entries.push(guarded);
    }
  }
  return entries.slice(0, MOST_ENTRIES);
}

const hasSameEntries = (a: readonly ModeEntry[], b: readonly ModeEntry[]): boolean =>
  a.length === b.length && a.every((entry, index) => entry === b[index]);

function isSameEntry(a: ModeEntry, b: ModeEntry): boolean {
  if (a === b) return true;
  const isAlike =
    a.mode === b.mode &&
    a.site?.from === b.site?.from &&
    a.site?.file === b.site?.file &&
    a.undid === b.undid &&
    a.choice === b.choice &&
    isSameFreeze(a.freezes, b.freezes);
  const hasSameGuards =
    a.guards.length === b.guards.length &&
    a.guards.every((guard, index) => guard.key === b.guards[index]?.key && guard.truth === b.guards[index].truth);
  return isAlike && hasSameGuards && a.loops.length === b.loops.length && a.loops.at(-1)?.loop === b.loops.at(-1)?.loop;
}

const isSameFreeze = (a: ModeEntry["freezes"], b: ModeEntry["freezes"]): boolean =>
  a?.what === b?.what && a?.on === b?.on;

/** Frozen on one way only is not frozen. */
export function joinedGradient(ways: readonly (GradValue | null)[]): GradValue | null {
  const known = ways.filter((grad) => grad !== null);
  const [first] = known;
  if (first === undefined) return null;
  return known.filter(({ isOn }) => !isOn).length === ways.length ? first : { ...first, isOn: true };
}
