/** Which names a file binds, in whatever scope, and which it only uses: those come from somewhere else. */
import type { Expression } from "./expressions";
import { importedNames } from "./importedNames";
import type { SourceFile } from "./parse";
import { namesIn, nodesIn, type AnyNode } from "./walk";

const known = new WeakMap<SourceFile, ReadonlySet<string>>();

/** Names that a file uses and nothing in it binds: builtins, and what another file or an earlier cell has. */
export function unboundNames(file: SourceFile): ReadonlySet<string> {
  const before = known.get(file);
  if (before !== undefined) return before;
  const bound = new Set(nodesIn(file.module.body).flatMap(boundBy));
  const unbound = new Set(namesIn(file.module.body).flatMap(({ name }) => (bound.has(name) ? [] : [name])));
  known.set(file, unbound);
  return unbound;
}

function boundBy(node: AnyNode): readonly string[] {
  // Parameters and keyword arguments have kinds of their own, and no more than a name.
  if ("defaultValue" in node) return [];
  switch (node.kind) {
    case "assign":
      return node.targets.flatMap(namesOf);
    case "annotated":
    case "augmented":
    case "for":
    case "named":
      return namesOf(node.target);
    case "with":
      return node.items.flatMap(({ target }) => (target === null ? [] : namesOf(target)));
    case "comprehension":
      return node.clauses.flatMap(({ target }) => namesOf(target));
    case "lambda":
      return node.parameters.map(({ name }) => name);
    case "function":
      return [node.name, ...node.parameters.map(({ name }) => name)];
    case "class":
      return [node.name];
    case "import":
    case "importFrom":
      return importedNames(node).map(({ bound }) => bound);
    case "try":
      return node.handlers.flatMap(({ name }) => name ?? []);
    case "match":
      return node.cases.flatMap(({ captures }) => captures);
    default:
      return [];
  }
}

function namesOf(target: Expression): string[] {
  if (target.kind === "name") return [target.name];
  if (target.kind === "starred") return namesOf(target.value);
  return target.kind === "sequence" ? target.elements.flatMap(namesOf) : [];
}
