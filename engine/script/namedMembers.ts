/** Members that a script picks by a name it computes: `models.__dict__[args.arch]`, `getattr(models, "resnet18")`. */
import { isLibrary } from "../python/libraryNames";
import { starsOf } from "./tracedScope";
import type { Tracing } from "./tracing";
import { textOf } from "./norms";
import { external, type FileValue, type ImportedValue, type Site, type TracedValue } from "./tracedValues";

/** What a file calls `key`; null when the text does not say which name that is, or the file has none like it. */
export function memberNamed(tracing: Tracing, file: FileValue, key: TracedValue, site: Site): TracedValue | null {
  const name = textOf(key);
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
  const text = given === undefined ? null : textOf(given);
  const [, dots = "", name = ""] = /^(\.*)([\w.]+)$/.exec(text ?? "") ?? [];
  if (name === "") return null;
  const isWhole = path !== "__import__" || positional.length > 3 || keyword.has("fromlist");
  const module = isWhole ? name : (name.split(".")[0] ?? name);
  if (dots === "" && isLibrary(module)) return external(module);
  const value: ImportedValue = { kind: "imported", from: file, module, level: dots.length, name: null };
  return tracing.resolve(value);
}
