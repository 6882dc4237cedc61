/** Folders that a file adds to `sys.path`: Python finds modules there by their own names. */
import type { Expression } from "./expressions";
import type { ModuleName } from "./importedNames";
import type { SourceFile } from "./parse";
import { isLibrary } from "./libraryNames";
import type { ModuleRequest } from "./resolveModule";
import { callsIn, dottedName, functionsIn, nodesIn } from "./walk";

/** Expressions are followed through so many names. */
const MOST_NAMES = 3;

/** What an import in a file asks for. */
export const requestFrom = (file: SourceFile, { module, level }: ModuleName): ModuleRequest => ({
  fromPath: file.path,
  module,
  level,
  addedFolders: addedFolders(file),
  pathModules: pathModules(file),
});

const known = new WeakMap<SourceFile, readonly string[]>();

/** As far as the text says them; `..` is written as such, since what a path is relative to is seldom known. */
export function addedFolders(file: SourceFile): readonly string[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const folders = file.text.includes("sys.path") ? foldersIn(file) : [];
  known.set(file, folders);
  return folders;
}

const helpers = new WeakMap<SourceFile, readonly string[]>();

/** By their names: many projects have a file `_init_paths.py`. */
function pathModules(file: SourceFile): readonly string[] {
  const before = helpers.get(file);
  if (before !== undefined) return before;
  const names = file.module.body.flatMap((statement) =>
    statement.kind === "import"
      ? statement.names.map(({ name }) => name)
      : statement.kind === "importFrom" && statement.level === 0
        ? [statement.module]
        : [],
  );
  const found = names.filter((name) => /path/i.test(name) && !isLibrary(name));
  helpers.set(file, found);
  return found;
}

function foldersIn(file: SourceFile): string[] {
  const folders = additions(file).flatMap((expression) => pathsOf(file, expression, MOST_NAMES));
  return [...new Set(folders)];
}

const METHOD = /^sys\.path\.(append|insert|extend)$/;

function additions({ module }: SourceFile): Expression[] {
  const found: Expression[] = [];
  for (const node of nodesIn(module.body)) {
    if (node.kind === "augmented" && dottedName(node.target) === "sys.path") found.push(node.value);
    if (node.kind !== "call" || !METHOD.test(dottedName(node.callee) ?? "")) continue;
    const last = node.arguments.at(-1);
    if (last !== undefined) found.push(last.value);
  }
  return found;
}

function pathsOf(file: SourceFile, expression: Expression, names: number): string[] {
  if (expression.kind === "sequence") return expression.elements.flatMap((element) => pathsOf(file, element, names));
  if (expression.kind === "name")
    return names === 0 ? [] : valuesOf(file, expression.name).flatMap((value) => pathsOf(file, value, names - 1));
  const path = pathOf(expression);
  return path === null ? [] : [path];
}

/** What a name of the file is set to, or what the function is called with whose parameter it is. */
function valuesOf({ module }: SourceFile, name: string): Expression[] {
  const found: Expression[] = [];
  for (const node of nodesIn(module.body))
    if (node.kind === "assign" && node.targets.some((target) => target.kind === "name" && target.name === name))
      found.push(node.value);
  for (const made of functionsIn(module.body)) {
    const position = made.parameters.findIndex((parameter) => parameter.name === name);
    if (position < 0) continue;
    for (const call of callsIn(module.body)) {
      const given = dottedName(call.callee) === made.name ? call.arguments[position] : undefined;
      if (given !== undefined) found.push(given.value);
    }
  }
  return found;
}

/** `os.path.join(HERE, "..", "lib")`: its written parts, one after the other. */
function pathOf(expression: Expression): string | null {
  const nodes = nodesIn(expression);
  if (nodes.some(({ kind }) => kind === "formatString")) return null;
  const texts = nodes.flatMap((node) => (node.kind === "string" ? [node.value] : []));
  // A path of the whole disk is not in the project.
  if (expression.kind === "string" && /^([/\\~]|\w:)/.test(expression.value)) return null;
  const parts = texts
    .join("/")
    .split(/[/\\]/)
    .filter((part) => part !== "" && part !== ".");
  return parts.some((part) => part !== "..") ? parts.join("/") : null;
}
