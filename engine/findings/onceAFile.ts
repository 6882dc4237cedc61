import type { SourceFile } from "../python/parse";

/** Rules ask the same of a file for each of its models: what follows from the text alone is found once. */
export function onceAFile<T>(find: (file: SourceFile) => T): (file: SourceFile) => T {
  const found = new WeakMap<SourceFile, { readonly value: T }>();
  return (file) => {
    const known = found.get(file) ?? { value: find(file) };
    found.set(file, known);
    return known.value;
  };
}
