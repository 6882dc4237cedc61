/** Files of settings beside the code: models are built from YAML and JSON as well as from Python. */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap } from "yaml";
import type { LibraryFunction, Machine } from "../interpreter/machine";
import { bool, dict, float, int, list, none, string, tuple, unknown, unknownPlain } from "../interpreter/newValues";
import { folderOf, joinPaths, pathText, pathValue } from "../interpreter/paths";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Value } from "../interpreter/values";

/** More nodes than this are data, not settings. */
const MOST_NODES = 20_000;

/** A function of one path; anything that is none is unknown. */
const ofPath =
  (make: (path: string) => Value): LibraryFunction =>
  ({ args, range }) => {
    const path = pathText(args.positional[0]);
    return args.taint ?? (path === null ? unknownPlain("this path is not known", range) : make(path));
  };

const join =
  (make: (path: string) => Value): LibraryFunction =>
  ({ args, range }) => {
    const parts = args.positional.map(pathText);
    return parts.includes(null) || args.taint !== null
      ? unknownPlain("this path is not known", range)
      : make(joinPaths(parts as string[]));
  };

const openFile: LibraryFunction = ({ args, range }) => {
  const path = pathText(args.positional[0] ?? args.keywords.get("file"));
  return path === null ? unknownPlain("this path is not known", range) : { kind: "file", path };
};

/** `yaml.safe_load(file)`, `json.loads(text)`. */
const load: LibraryFunction = ({ machine, args, range }) => {
  const [source] = args.positional;
  if (source?.kind === "unknown") return source;
  if (source?.kind === "string") return parsed(source.value, range);
  return source?.kind === "file" ? read(machine, source.path, range) : unknown("this file is not known", range);
};

function read(machine: Machine, path: string, range: SourceRange): Value {
  const text = machine.settingsText(path, range.path);
  return text === null ? unknown(`NormLens finds no file ${path} beside the code`, range) : parsed(text, range);
}

/** JSON is YAML. PyYAML reads version 1.1. */
function parsed(text: string, range: SourceRange): Value {
  const document = parseDocument(text, { version: "1.1", merge: true, logLevel: "silent" });
  if (document.errors.length > 0) return unknown("this file of settings can't be parsed", range);
  const state = { left: MOST_NODES, document, range };
  const value = valueOf(document.contents, state);
  return state.left < 0 ? unknown("this file of settings is too long to follow", range) : value;
}

interface Parsing {
  left: number;
  readonly document: Document;
  readonly range: SourceRange;
}

function valueOf(node: unknown, state: Parsing): Value {
  if (--state.left < 0) return none;
  if (isAlias(node)) return valueOf(node.resolve(state.document), state);
  if (isSeq(node)) return list(node.items.map((item) => valueOf(item, state)));
  if (isMap(node)) return mapOf(node, state);
  if (!isScalar(node)) return none;
  const { value, source = "" } = node;
  if (typeof value === "string") return string(value);
  if (typeof value === "boolean") return bool(value);
  if (typeof value !== "number")
    return value === null ? none : unknownPlain("NormLens does not follow this setting", state.range);
  // PyYAML takes 1e-3 for a string, since it has no point.
  if (/^[-+]?\d+e/i.test(source) && !source.includes(".")) return string(source);
  return Number.isInteger(value) && !/[.e]|inf|nan/i.test(source.replace(/^[-+]?0x.*/i, ""))
    ? int(value)
    : float(value);
}

/** `<<: *base` takes over the entries of another mapping, or of several, the first of which counts. */
function mapOf(node: YAMLMap, state: Parsing): Value {
  const merged: (readonly [Value, Value])[] = [];
  const own: (readonly [Value, Value])[] = [];
  for (const { key, value } of node.items) {
    const content = valueOf(value, state);
    if (!isScalar(key) || key.source !== "<<") {
      own.push([valueOf(key, state), content]);
      continue;
    }
    for (const map of content.kind === "list" ? [...content.elements].reverse() : [content])
      if (map.kind === "dict") for (const entry of map.entries.values()) merged.push([entry.key, entry.value]);
  }
  return dict([...merged, ...own]);
}

const splitEnding: LibraryFunction = ofPath((path) => {
  const ending = /[^/](\.[^./]*)$/.exec(path)?.[1] ?? "";
  return tuple([string(path.slice(0, path.length - ending.length)), string(ending)]);
});

export const settingsFunctions: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  ...["Path", "PurePath", "PosixPath"].map((name) => [`pathlib.${name}`, join(pathValue)] as const),
  ["os.path.join", join(string)],
  ["os.path.dirname", ofPath((path) => string(folderOf(path)))],
  ["os.path.basename", ofPath((path) => string(path.slice(path.lastIndexOf("/") + 1)))],
  ["os.path.splitext", splitEnding],
  ...["abspath", "realpath", "normpath", "expanduser"].map((name) => [`os.path.${name}`, ofPath(string)] as const),
  ["builtins.open", openFile],
  ["io.open", openFile],
  ...["safe_load", "load", "full_load", "unsafe_load"].map((name) => [`yaml.${name}`, load] as const),
  ["json.load", load],
  ["json.loads", load],
]);
