/** Paths of files: what pathlib.Path and os.path make of them. */
import { none, string, unknownPlain } from "./newValues";
import type { SourceRange } from "../../protocol/modelGraph";
import type { PathValue, Value } from "./values";

export const pathValue = (path: string): PathValue => ({ kind: "path", path });

/** The text of a string or a path; null for anything else. */
export function pathText(value: Value | undefined): string | null {
  if (value?.kind === "string") return value.value;
  return value?.kind === "path" ? value.path : null;
}

/** As os.path.join does: an absolute part begins anew. */
export function joinPaths(parts: readonly string[]): string {
  return normalized(parts.reduce((path, part) => (part.startsWith("/") || path === "" ? part : `${path}/${part}`), ""));
}

/** Without `.` and with `..` taken back. */
function normalized(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "." || (part === "" && kept.length > 0)) continue;
    if (part === ".." && kept.length > 0 && kept.at(-1) !== ".." && kept.at(-1) !== "") kept.pop();
    else kept.push(part);
  }
  return kept.join("/") || ".";
}

export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || "/";
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const endingOf = (path: string): string => /.(\.[^.]*)$/.exec(nameOf(path))?.[1] ?? "";

/** `path.parent`, `path.stem`; null for what is a method or not known. */
export function pathAttribute({ path }: PathValue, name: string): Value | null {
  switch (name) {
    case "parent":
      return pathValue(folderOf(path));
    case "name":
      return string(nameOf(path));
    case "suffix":
      return string(endingOf(path));
    case "stem":
      return string(nameOf(path).slice(0, nameOf(path).length - endingOf(path).length));
    default:
      return null;
  }
}

/** Methods of paths and of open files that matter here. */
export function callOnPath(receiver: Value, name: string, args: readonly Value[], range: SourceRange): Value {
  const path = receiver.kind === "path" || receiver.kind === "file" ? receiver.path : "";
  if (receiver.kind === "path") {
    const parts = args.map(pathText);
    if (name === "joinpath" && !parts.includes(null)) return pathValue(joinPaths([path, ...(parts as string[])]));
    if (name === "resolve" || name === "absolute" || name === "expanduser") return receiver;
    if (name === "as_posix") return string(path);
    if (name === "open") return { kind: "file", path };
  }
  if (receiver.kind === "file" && name === "close") return none;
  return unknownPlain(`NormLens does not follow ${name}() of a file`, range);
}
