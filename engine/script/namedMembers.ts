/** Members that a script picks by a name it computes: `models.__dict__[args.arch]`, `getattr(models, "resnet18")`. */
import { isLibrary } from "../python/libraryNames";
import { starsOf } from "./tracedScope";
import type { Tracing } from "./tracing";
import { textOf } from "./norms";
import { textsHere } from "./guards";
import {
  external,
  type Args,
  type FileValue,
  type ImportedValue,
  type Site,
  type TracedScope,
  type TracedValue,
} from "./tracedValues";

/** A name as the tests around it say, else as it is or as the default of its option. */
function nameOf(tracing: Tracing, value: TracedValue): string | null {
  const plain = textOf(value);
  const [first = null, ...others] = value.kind === "unknown" ? textsHere(tracing, value) : [];
  return first === null || (plain !== null && [first, ...others].includes(plain)) ? plain : first;
}

/** What a file calls `key`; null when the text does not say which name that is, or the file has none like it. */
export function memberNamed(tracing: Tracing, file: FileValue, key: TracedValue, site: Site): TracedValue | null {
  const name = nameOf(tracing, key);
  if (name === null) return null;
  if (file.scope.vars.has(name)) return tracing.attribute(file, name, site);
  if (starsOf(file.scope).length === 0) return null;
  const value = tracing.attribute(file, name, site);
  return value.kind === "external" ? null : value;
}

/** `importlib.import_module("models." + name)`, `__import__("models.net", fromlist=["Net"])`; null for no import. */
export function importNamed(
  tracing: Tracing,
  path: string,
  { positional, keyword }: { positional: readonly TracedValue[]; keyword: ReadonlyMap<string, TracedValue> },
  { file }: Site,
): TracedValue | null {
  if (path !== "importlib.import_module" && path !== "__import__") return null;
  const given = positional[0] ?? keyword.get("name");
  const text = given === undefined ? null : nameOf(tracing, given);
  const [, dots = "", name = ""] = /^(\.*)([\w.]+)$/.exec(text ?? "") ?? [];
  if (name === "") return null;
  const isWhole = path !== "__import__" || positional.length > 3 || keyword.has("fromlist");
  const module = isWhole ? name : (name.split(".")[0] ?? name);
  if (dots === "" && isLibrary(module)) return external(module);
  const value: ImportedValue = { kind: "imported", from: file, module, level: dots.length, name: null };
  return tracing.resolve(value);
}

/** `globals()`, and `eval(name)` of a name or of names with dots; null for anything else. */
export function ownNamed(
  tracing: Tracing,
  callee: TracedValue,
  args: Args,
  scope: TracedScope,
  site: Site,
): TracedValue | null {
  if (callee.kind !== "external") return null;
  const [first] = args.positional;
  if (callee.path === "globals" && first === undefined) return { kind: "file", scope: moduleOf(scope) };
  if (callee.path !== "eval" || first === undefined) return null;
  const text = nameOf(tracing, first);
  if (text === null || !/^[A-Za-z_][\w.]*$/.test(text)) return null;
  const [name = "", ...attributes] = text.split(".");
  const found = tracing.lookup(name, scope);
  if (found.kind === "external" && found.path === name) return null;
  return attributes.reduce((value, attribute) => tracing.attribute(value, attribute, site), found);
}

function moduleOf(scope: TracedScope): TracedScope {
  let module = scope;
  while (module.parent !== null) module = module.parent;
  return module;
}
