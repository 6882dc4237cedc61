import type { SourceRange } from "../../protocol/modelGraph";
import type { ModuleRequest } from "../../python/resolveModule";
import { originalOfCopy } from "../builtIn/projectCopies";
import type { Machine } from "./machine";
import { fromStarImports } from "./starNames";
import { unknown } from "./newValues";
import type { ModuleFile, NamespaceValue, Value } from "./values";

/** A value that is read only when it is needed. */
export function forced(value: Value): Value {
  return value.kind === "deferred" ? value.load() : value;
}

/** A value that `load` gives, once. One that needs itself comes from files that import each other. */
export function deferred(isModule: boolean, range: SourceRange, load: () => Value): Value {
  let value: Value | null = null;
  return {
    kind: "deferred",
    isModule,
    load: () => {
      if (value !== null) return value;
      value = unknown(`the files that ${range.path} imports import it again`, range);
      value = load();
      return value;
    },
  };
}

/** A name of another file; null when the file does not define it. */
export function memberOfFile(machine: Machine, file: ModuleFile, name: string): Value | null {
  const value = file.scope.variables.get(name);
  if (value !== undefined) return original(machine, file, forced(value));
  const range = { path: file.path, startLine: 1, startColumn: 0, endLine: 1, endColumn: 0 };
  const starred = fromStarImports(machine, name, file.scope, range);
  if (starred !== null) return starred;
  if (file.isLoading)
    return unknown(
      `these files import each other before ${name} is defined: ${machine.modules.cycle(file.path)}`,
      range,
    );
  return file.failure;
}

/** What a library says of a class that a file has a copy of. */
function original(machine: Machine, { scope }: ModuleFile, value: Value): Value {
  const path = value.kind === "class" ? originalOfCopy(value.name, scope.file.text) : null;
  return (path === null ? null : machine.modules.builtIn(path)) ?? value;
}

/** `module.name`: a name of the module's file, or a module inside the package; null when there is neither. */
export function memberOfModule(
  machine: Machine,
  request: ModuleRequest,
  name: string,
  range: SourceRange,
): Value | null {
  const module = machine.modules.load(request, range);
  if (module !== null && "kind" in module) return module;
  const inner = { ...request, module: request.module === "" ? name : `${request.module}.${name}` };
  // `from . import resnet` in a package's own file means the module beside it.
  const member = module === null || module.path === request.fromPath ? null : memberOfFile(machine, module, name);
  if (member !== null && !(member.kind === "unknown" && module?.isLoading === true)) return member;
  const submodule = machine.modules.load(inner, range);
  if (submodule !== null) return "kind" in submodule ? submodule : namespace(inner);
  if (member !== null) return member;
  return module === null ? null : unknown(`${module.path} does not define ${name}`, range);
}

export function namespace(request: ModuleRequest): NamespaceValue {
  return { kind: "namespace", request };
}
