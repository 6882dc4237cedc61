/** Imports: names of libraries are paths, names of the workspace are looked up when they are needed. */
import { type ImportedName, importedNames, memberText, moduleText, starOf } from "../python/importedNames";
import { documentedPath, isLibrary } from "../python/libraryNames";
import type { ImportFromStatement, ImportStatement } from "../python/statements";
import { external, type TracedScope, type TracedValue } from "./tracedValues";
import type { Tracing } from "./tracing";

export function followImport(
  tracing: Tracing,
  statement: ImportStatement | ImportFromStatement,
  scope: TracedScope,
): void {
  const star = starOf(statement);
  if (star !== null)
    tracing.store.set(scope.stars, moduleText(star), { kind: "imported", from: scope.file, ...star, name: null });
  for (const name of importedNames(statement)) tracing.store.set(scope.vars, name.bound, importedValue(name, scope));
}

function importedValue(name: ImportedName, scope: TracedScope): TracedValue {
  const { module, level, member, loaded } = name;
  if (level > 0 || !isLibrary(loaded)) return { kind: "imported", from: scope.file, module, level, name: member };
  return external(documentedPath(member === null ? module : memberText(name, member)));
}
