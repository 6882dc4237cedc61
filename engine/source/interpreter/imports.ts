import type { SourceRange } from "../../protocol/modelGraph";
import {
  type ImportedName,
  importedNames,
  memberText,
  type ModuleName,
  moduleText,
  starOf,
} from "../../python/importedNames";
import { isLibrary } from "../../python/libraryNames";
import type { ImportFromStatement, ImportStatement } from "../../python/statements";
import type { ModuleRequest } from "../../python/resolveModule";
import { requestFrom } from "../../python/addedFolders";
import { setName } from "./assign";
import type { Machine } from "./machine";
import { deferred, forced, memberOfModule, namespace } from "./moduleMembers";
import { globalScope, rangeIn } from "./scope";
import { hideBehindStar } from "./starNames";
import { library } from "./newValues";
import type { Scope, ModuleFile, Value } from "./values";

/** Binds the names of an import; the other file is read when a name of it is needed. */
export function executeImport(machine: Machine, statement: ImportStatement | ImportFromStatement, scope: Scope): void {
  const range = rangeIn(scope, statement);
  const star = starOf(statement);
  if (star !== null) importAll(machine, star, scope, range);
  for (const name of importedNames(statement))
    bind(machine, name.bound, importedValue(machine, name, scope, range), scope);
}

function importedValue(machine: Machine, name: ImportedName, scope: Scope, range: SourceRange): Value {
  const { module, level, member, loaded } = name;
  const isOutside = level === 0 && isLibrary(loaded);
  if (member === null) {
    return isOutside
      ? libraryName(machine, module)
      : deferred(true, range, () => moduleValue(machine, scope, name, range));
  }
  const full = memberText(name, member);
  const request = requestFrom(scope.file, { module, level });
  return isOutside
    ? libraryName(machine, full)
    : deferred(false, range, () => memberOfModule(machine, request, member, range) ?? libraryName(machine, full));
}

/**
 * `import a.b` makes `a` known when either is a file of the workspace: a folder without `__init__.py` is a package too.
 */
function moduleValue(machine: Machine, scope: Scope, { module, loaded }: ImportedName, range: SourceRange): Value {
  const request = (path: string): ModuleRequest => requestFrom(scope.file, { module: path, level: 0 });
  const found = machine.modules.load(request(module), range) ?? machine.modules.load(request(loaded), range);
  if (found === null) return libraryName(machine, module);
  return "kind" in found ? found : namespace(request(module));
}

/** Only a module's own names wait until they are needed: everything that reads them asks `lookUp`. */
function bind(machine: Machine, name: string, value: Value, scope: Scope): void {
  setName(machine, name, scope.kind === "module" ? value : forced(value), scope);
}

function importAll(machine: Machine, star: ModuleName, scope: Scope, range: SourceRange): void {
  const { module: name, level } = star;
  const path = moduleText(star);
  const request = requestFrom(scope.file, { module: name, level });
  const module = level === 0 && isLibrary(name) ? null : machine.modules.load(request, range);
  const names = module === null || "kind" in module ? null : exportedNames(module);
  if (module === null || "kind" in module || names === null || module.failure !== null) {
    importAllUnread(machine, path, scope, range);
    return;
  }
  for (const inner of module.scope.starImports) importAllUnread(machine, inner, scope, range);
  for (const exported of names) {
    const load = (): Value =>
      memberOfModule(machine, request, exported, range) ?? libraryName(machine, `${path}.${exported}`);
    bind(machine, exported, module.scope.variables.get(exported) ?? deferred(false, range, load), scope);
  }
}

function importAllUnread(machine: Machine, path: string, scope: Scope, range: SourceRange): void {
  hideBehindStar(machine, path, scope, range);
  globalScope(scope).starImports.push(path);
}

/** `__all__`, or every name that does not start with an underscore; null when `__all__` is not known. */
function exportedNames(module: ModuleFile): string[] | null {
  const all = module.scope.variables.get("__all__");
  if (all === undefined) return [...module.scope.variables.keys()].filter((name) => !name.startsWith("_"));
  if ((all.kind !== "list" && all.kind !== "tuple") || (all.kind === "list" && all.taint !== null)) return null;
  const names = all.elements.map((element) => (element.kind === "string" ? element.value : null));
  return names.includes(null) ? null : (names as string[]);
}

function libraryName(machine: Machine, path: string): Value {
  const canonical = machine.library.canonicalPath(path);
  return machine.modules.builtIn(canonical) ?? machine.library.constant(canonical) ?? library(canonical);
}
