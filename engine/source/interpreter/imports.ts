import type { ImportFromStatement, ImportStatement } from "../python/ast";
import { setName } from "./assign";
import type { Machine } from "./machine";
import { globalScope } from "./scope";
import { type Scope, library, type Value } from "./values";

/** `import torch.nn as nn` binds the module, `import torch.nn` only its first part. */
export function executeImport(machine: Machine, statement: ImportStatement, scope: Scope): void {
  for (const { name, alias } of statement.names) {
    const root = name.split(".")[0] ?? name;
    setName(machine, alias ?? root, libraryName(machine, alias === null ? root : name), scope);
  }
}

export function executeImportFrom(machine: Machine, statement: ImportFromStatement, scope: Scope): void {
  const path = `${".".repeat(statement.level)}${statement.module}`;
  if (statement.names === null) {
    globalScope(scope).starImports.push(path);
    return;
  }
  const separator = path.endsWith(".") || path === "" ? "" : ".";
  for (const { name, alias } of statement.names) {
    setName(machine, alias ?? name, libraryName(machine, `${path}${separator}${name}`), scope);
  }
}

function libraryName(machine: Machine, path: string): Value {
  const canonical = machine.library.canonicalPath(path);
  return machine.library.constant(canonical) ?? library(canonical);
}
