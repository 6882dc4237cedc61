/** Names that come from `from module import *` where the module is not read. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "./machine";
import { globalScope } from "./scope";
import { library, unknown } from "./newValues";
import type { Scope, Value } from "./values";

export function isKnownName(machine: Machine, path: string): boolean {
  const { library: known } = machine;
  return known.function(path) !== null || known.moduleClass(path) !== null || known.constant(path) !== null;
}

/** Later star imports hide earlier ones; one that the reader does not know may define any name. */
export function fromStarImports(machine: Machine, name: string, scope: Scope, range: SourceRange): Value | null {
  for (const path of [...globalScope(scope).starImports].reverse()) {
    const full = machine.library.canonicalPath(`${path}.${name}`);
    if (isKnownName(machine, full)) return library(full);
    const builtIn = machine.modules.builtIn(full);
    if (builtIn !== null) return builtIn;
    if (!/^(torch|(keras|tensorflow)(\.|$))/.test(path))
      return unknown(`${name} may come from ${path}, which NormLens does not read`, range);
  }
  return null;
}

/**
 * What `from module import *` does to names that were there before, where the module is not read: it may replace any
 * of them. Whole libraries (`nn`, `F`) and names of Python's own libraries stay what they are: modules that people
 * star-import bring the same ones along, and no others under those names.
 */
export function hideBehindStar(machine: Machine, path: string, scope: Scope, range: SourceRange): void {
  const names = globalScope(scope).variables;
  for (const [name, value] of [...names]) {
    const full = machine.library.canonicalPath(`${path}.${name}`);
    if (isKnownName(machine, full)) machine.journal.setVariable(names, name, library(full));
    else if (!/^(torch|(keras|tensorflow)(\.|$))/.test(path) && !isWholeLibrary(machine, value)) {
      machine.journal.setVariable(
        names,
        name,
        unknown(`from ${path} import *, which NormLens does not read, may replace ${name}`, range),
      );
    }
  }
}

function isWholeLibrary(machine: Machine, value: Value): boolean {
  if (value.kind === "library" && value.path.startsWith("keras.")) return true;
  if (value.kind === "library")
    return !/^(torch|(keras|tensorflow)(\.|$))/.test(value.path) || !isKnownName(machine, value.path);
  return value.kind === "namespace" || (value.kind === "deferred" && value.isModule);
}
