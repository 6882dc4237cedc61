/** What the rules about scripts look at, and how they point at it. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { Span } from "../../python/expressions";
import type { FunctionStatement } from "../../python/statements";
import type { SourceFile } from "../../python/parse";
import type { Place, ScriptTrace } from "../../script/tracing";
import { withDescendants } from "../../script/norms";
import type { Forward, Frame, ModeEntry, ObjectValue, Site } from "../../script/tracedValues";

export interface ScriptContext {
  readonly file: SourceFile;
  readonly trace: ScriptTrace;
}

/** A place in the file that is looked at: of what happens in another file, the call that leads there. */
export function anchor({ file }: ScriptContext, site: Site, frames: readonly Frame[]): Site | null {
  if (site.file === file) return site;
  for (const frame of [...frames].reverse()) if (frame.call?.file === file) return frame.call;
  return null;
}

export function rangeAt(context: ScriptContext, { site, frames }: Pick<Place, "site" | "frames">): SourceRange | null {
  const found = anchor(context, site, frames);
  return found === null ? null : found.file.lines.range(found.file.path, found);
}

/** `line 12`, or `line 12 of engine.py`. */
export function lineText({ file }: ScriptContext, site: Site): string {
  const { line } = site.file.lines.position(site.from);
  return site.file === file ? `line ${line}` : `line ${line} of ${site.file.path.split("/").at(-1) ?? ""}`;
}

/** `def evaluate(model, loader)`, without its body. */
export function headOf(node: FunctionStatement, file: SourceFile): Span {
  const [first] = node.body;
  const text = file.text.slice(node.from, first?.from ?? node.to);
  const start = Math.max(0, text.search(/(async\s+)?def\s/));
  const end = text.lastIndexOf(":");
  return { from: node.from + start, to: node.from + (end < start ? text.length : end) };
}

export function functionOf({
  frames,
}: {
  readonly frames: readonly Frame[];
}): { node: FunctionStatement; file: SourceFile } | null {
  const frame = frames.at(-1);
  return frame?.node?.kind === "function" ? { node: frame.node, file: frame.file } : null;
}

/** How people call the network: its name in the script, else its class. */
export function nameOf(module: ObjectValue): string {
  const [first] = module.names;
  return first ?? module.type.split(".").at(-1) ?? module.type;
}

/** The same where something happens to it: a function may call it otherwise. */
export function nameAt(
  context: ScriptContext,
  module: ObjectValue,
  { site, frames }: Pick<Place, "site" | "frames">,
): string {
  const at = anchor(context, site, frames) ?? site;
  const words = at.file.text.slice(at.from, at.to).match(/[A-Za-z_]\w*/g) ?? [];
  return words.find((word) => module.names.has(word)) ?? nameOf(module);
}

export const isManaged = (module: ObjectValue): boolean => module.facts.isManaged === true;

export const isOnly = (modes: readonly ModeEntry[], mode: ModeEntry["mode"]): boolean =>
  modes.length > 0 && modes.every((entry) => entry.mode === mode);

/** BN layers of the network use the batch's own statistics in this pass, and update the running ones. */
export const usesBatchStatistics = ({ modes, isHeld }: Pick<Forward, "modes" | "isHeld">): boolean =>
  isOnly(modes, "train") && !isHeld;

/** Networks that the script trains, with everything in them. */
export function trainedModules({ trace }: ScriptContext): ReadonlySet<ObjectValue> {
  const trained = new Set<ObjectValue>();
  for (const { module, training } of trace.forwards)
    if (training !== null && !trained.has(module)) for (const part of withDescendants(module)) trained.add(part);
  return trained;
}

export function siteKey({ file, from, to }: Site): string {
  return `${file.path}:${from}:${to}`;
}

export function grouped<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known === undefined) groups.set(key(item), [item]);
    else known.push(item);
  }
  return [...groups.values()];
}
