/** Labels as files contain them, to classes 0 … n − 1. */
import { malformed } from "./dataFiles";

/** More classes than this are no classes: a column of prices, say. */
export const MAX_CLASSES = 10_000;

export interface Classes {
  readonly labels: Int32Array;
  readonly count: number;
  /** Absent where classes are numbers. */
  readonly names?: readonly string[];
}

/**
 * Whole numbers from 0 stay what they are; anything else is numbered in the order of its text. `what` names a sample in
 * the error.
 */
export function classesOf(path: string, found: readonly string[], what: (sample: number) => string): Classes {
  const empty = found.findIndex((label) => label === "");
  if (empty >= 0) throw malformed(path, `${what(empty)} has no label`);
  const isNumbered = found.every((label) => /^\d{1,9}(\.0*)?$/.test(label));
  if (isNumbered) return numberedClasses(path, found.map(Number), what);
  const names = [...new Set(found)].sort();
  if (names.length > MAX_CLASSES)
    throw malformed(path, `its labels have ${names.length} different values, too many for classes`);
  const indices = new Map(names.map((name, index) => [name, index]));
  return { labels: Int32Array.from(found, (label) => indices.get(label) ?? 0), count: names.length, names };
}

/** Classes that are numbers already; one that is out of range is named. */
export function numberedClasses(path: string, labels: ArrayLike<number>, what: (sample: number) => string): Classes {
  let highest = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample] ?? Number.NaN;
    if (!Number.isInteger(label) || label < 0 || label >= MAX_CLASSES)
      throw malformed(
        path,
        `${what(sample)} has the label ${label}, but classes are whole numbers from 0 to ${MAX_CLASSES - 1}`,
      );
    highest = Math.max(highest, label);
  }
  return { labels: Int32Array.from(labels), count: highest + 1 };
}
