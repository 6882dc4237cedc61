import type { SourceRange } from "../../protocol/modelGraph";
import type { Machine } from "./machine";
import { forced } from "./moduleMembers";
import { scopeOf } from "./scope";
import { fromStarImports, isKnownName } from "./starNames";
import { library, string, unknown } from "./newValues";
import type { Scope, Value } from "./values";

/** A name's value: the innermost scope's, a star import's, a builtin's, or unknown. */
export function lookUp(machine: Machine, name: string, scope: Scope, range: SourceRange): Value {
  const found = scopeOf(scope, name)?.variables.get(name);
  if (found !== undefined) return forced(found);
  if (name === "__name__") return string(machine.script === scope.file.path ? "__main__" : moduleNameOf(scope));
  if (name === "__file__") return string(scope.file.path.replaceAll("\\", "/"));
  const builtin = `builtins.${name}`;
  const isBuiltin = isKnownName(machine, builtin);
  if (isBuiltin && !REDEFINED.has(name)) return library(builtin);
  const starred = fromStarImports(machine, name, scope, range);
  if (starred !== null && starred.kind !== "unknown") return starred;
  const missing = isBuiltin ? null : machine.library.missingImport(scope.file, name);
  if (missing !== null) return library(missing);
  return starred ?? (isBuiltin ? library(builtin) : undefinedName(name, range));
}

/** Builtins that modules meant for star imports (numpy, math, six.moves) replace with their own. */
const REDEFINED = new Set("abs all any input map max min pow range round sum zip".split(" "));

/** The name a file has when it is imported: only callers are run, so else `__name__ == "__main__"` is false. */
function moduleNameOf(scope: Scope): string {
  const base = scope.file.path.split(/[\\/]/).at(-1) ?? "";
  return base.replace(/\.\w+$/, "");
}

function undefinedName(name: string, range: SourceRange): Value {
  return unknown(`the name ${name} is not defined in this file`, range);
}
