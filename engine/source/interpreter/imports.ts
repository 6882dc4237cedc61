import type { SourceRange } from "../../protocol/modelGraph";
import type { ImportFromStatement, ImportStatement } from "../../python/statements";
import type { ModuleRequest } from "../../python/resolveModule";
import { setName } from "./assign";
import type { Machine } from "./machine";
import { deferred, forced, memberOfModule, namespace } from "./moduleMembers";
import { globalScope, rangeIn } from "./scope";
import { hideBehindStar } from "./starNames";
import { library } from "./newValues";
import type { Scope, ModuleFile, Value } from "./values";

/** Libraries that a file of the same name in the workspace does not stand for. */
const LIBRARIES = new Set(
  "torch tensorflow keras tf_keras numpy math os sys time logging warnings random json argparse builtins typing typing_extensions collections itertools functools copy re abc enum dataclasses pathlib datetime pprint contextlib inspect operator pickle shutil glob string types __future__".split(
    " ",
  ),
);

function isLibrary(path: string): boolean {
  return LIBRARIES.has(path.split(".")[0] ?? "");
}

/** `import torch.nn as nn` binds the module, `import torch.nn` only its first part. */
export function executeImport(machine: Machine, statement: ImportStatement, scope: Scope): void {
  const range = rangeIn(scope, statement);
  for (const { name, alias } of statement.names) {
    const root = name.split(".")[0] ?? name;
    const bound = alias === null ? root : name;
    const value = isLibrary(name)
      ? libraryName(machine, bound)
      : deferred(true, range, () => moduleValue(machine, scope, name, bound, range));
    bind(machine, alias ?? root, value, scope);
  }
}

/** `import a.b` makes `a` known when either is a file of the workspace: a folder without `__init__.py` is a package too. */
function moduleValue(machine: Machine, scope: Scope, name: string, bound: string, range: SourceRange): Value {
  const request = (module: string): ModuleRequest => ({ fromPath: scope.file.path, module, level: 0 });
  const found = machine.modules.load(request(bound), range) ?? machine.modules.load(request(name), range);
  if (found === null) return libraryName(machine, bound);
  return "kind" in found ? found : namespace(request(bound));
}

export function executeImportFrom(machine: Machine, statement: ImportFromStatement, scope: Scope): void {
  const path = `${".".repeat(statement.level)}${statement.module}`;
  const range = rangeIn(scope, statement);
  const request: ModuleRequest = { fromPath: scope.file.path, module: statement.module, level: statement.level };
  const isOutside = statement.level === 0 && isLibrary(path);
  if (statement.names === null) {
    importAll(machine, isOutside ? null : request, path, scope, range);
    return;
  }
  const separator = path.endsWith(".") || path === "" ? "" : ".";
  for (const { name, alias } of statement.names) {
    const full = `${path}${separator}${name}`;
    const value = isOutside
      ? libraryName(machine, full)
      : deferred(false, range, () => memberOfModule(machine, request, name, range) ?? libraryName(machine, full));
    bind(machine, alias ?? name, value, scope);
  }
}

/** Only a module's own names wait until they are needed: everything that reads them asks `lookUp`. */
function bind(machine: Machine, name: string, value: Value, scope: Scope): void {
  setName(machine, name, scope.kind === "module" ? value : forced(value), scope);
}

function importAll(
  machine: Machine,
  request: ModuleRequest | null,
  path: string,
  scope: Scope,
  range: SourceRange,
): void {
  const module = request === null ? null : machine.modules.load(request, range);
  const names = module === null || "kind" in module ? null : exportedNames(module);
  if (request === null || module === null || "kind" in module || names === null || module.failure !== null) {
    importAllUnread(machine, path, scope, range);
    return;
  }
  for (const inner of module.scope.starImports) importAllUnread(machine, inner, scope, range);
  for (const name of names) {
    const value =
      module.scope.variables.get(name) ??
      deferred(
        false,
        range,
        () => memberOfModule(machine, request, name, range) ?? libraryName(machine, `${path}.${name}`),
      );
    bind(machine, name, value, scope);
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
