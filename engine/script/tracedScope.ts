/** Where names stand: a file's, a class body's, a call's. */
import type { SourceFile } from "../python/parse";
import type { Fields, ImportedValue, TracedScope } from "./tracedValues";
import { optionsOf } from "./tracedValues";

export const fileScope = (file: SourceFile): TracedScope => ({ ...scopeOf(file, new Map()), parent: null });

export const scopeInside = (parent: TracedScope, vars: Fields = new Map()): TracedScope => ({
  ...scopeOf(parent.file, vars),
  parent,
});

const scopeOf = (file: SourceFile, vars: Fields): Omit<TracedScope, "parent"> => ({
  vars,
  file,
  outer: new Set(),
  stars: new Map(),
  method: null,
});

/** What `from m import *` may have imported, the first one first. */
export const starsOf = ({ stars }: TracedScope): ImportedValue[] =>
  [...stars.values()].flatMap(optionsOf).filter((star) => star.kind === "imported");
