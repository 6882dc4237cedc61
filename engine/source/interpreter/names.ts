import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "./machine";
import { globalScope, scopeOf } from "./scope";
import { type Scope, library, string, unknown, type Value } from "./values";

/** A name's value: the innermost scope's, a star import's, a builtin's, or unknown. */
export function lookUp(machine: Machine, name: string, scope: Scope, range: SourceRange): Value {
  const found = scopeOf(scope, name)?.variables.get(name);
  if (found !== undefined) return found;
  if (name === "__name__") return string(moduleNameOf(scope));
  const builtin = `builtins.${name}`;
  const isBuiltin = machine.library.function(builtin) !== null || machine.library.constant(builtin) !== null;
  return fromStarImports(machine, name, scope, range) ?? (isBuiltin ? library(builtin) : undefinedName(name, range));
}

/** The name a file has when it is imported: models are read, not run, so `__name__ == "__main__"` is false. */
function moduleNameOf(scope: Scope): string {
  const base = scope.file.path.split(/[\\/]/).at(-1) ?? "";
  return base.replace(/\.\w+$/, "");
}

/** Later star imports hide earlier ones; one that the reader does not know may define any name. */
function fromStarImports(machine: Machine, name: string, scope: Scope, range: SourceRange): Value | null {
  for (const path of [...globalScope(scope).starImports].reverse()) {
    const full = machine.library.canonicalPath(`${path}.${name}`);
    const isKnown = machine.library.function(full) !== null || machine.library.moduleClass(full) !== null || machine.library.constant(full) !== null;
    if (isKnown) return library(full);
    if (!path.startsWith("torch")) return unknown(`${name} may come from ${path}, which is not read`, range);
  }
  return null;
}

function undefinedName(name: string, range: SourceRange): Value {
  return unknown(`the name ${name} is not defined in this file`, range);
}
