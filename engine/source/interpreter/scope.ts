import type { SourceRange } from "../../protocol/modelGraph";
import type { Span } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import type { ClassValue, Scope, Value } from "./values";

export function moduleScope(file: SourceFile): Scope {
  return createScope("module", null, file);
}

export function createScope(
  kind: Scope["kind"],
  parent: Scope | null,
  file: SourceFile,
  method: { readonly owner: ClassValue | null; readonly self: Value | null } = { owner: null, self: null },
): Scope {
  return { kind, variables: new Map(), parent, file, redirected: new Map(), starImports: [], ...method };
}

export function globalScope(scope: Scope): Scope {
  let current = scope;
  while (current.parent !== null) current = current.parent;
  return current;
}

/** The scope a name is read from: class bodies are not visible from the functions inside them. */
export function scopeOf(scope: Scope, name: string): Scope | null {
  const redirected = scope.redirected.get(name);
  if (redirected !== undefined) return redirected;
  if (scope.variables.has(name)) return scope;
  for (let outer = scope.parent; outer !== null; outer = outer.parent) {
    if (outer.kind !== "class" && outer.variables.has(name)) return outer;
  }
  return null;
}

/** The enclosing function scope that `nonlocal name` means. */
export function nonlocalScope(scope: Scope, name: string): Scope | null {
  for (let outer = scope.parent; outer !== null; outer = outer.parent) {
    if (outer.kind === "function" && outer.variables.has(name)) return outer;
  }
  return null;
}

export function rangeIn(scope: Scope, span: Span): SourceRange {
  return scope.file.site?.range ?? scope.file.lines.range(scope.file.path, span);
}
