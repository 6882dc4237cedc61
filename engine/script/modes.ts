/**
 * Which mode a module is in. A module has two: its own, and that of the BN layers in it, which
 * `for m in net.modules(): if isinstance(m, BatchNorm2d): m.eval()` sets apart.
 */
import { excludes, guardsOf } from "./guards";
import type { Tracing } from "./tracing";
import { childrenOf, isNorm, withDescendants } from "./norms";
import { INITIAL } from "./modeEntries";
import {
  NO_ARGS,
  constant,
  type GradValue,
  type Guard,
  type ModeEntry,
  type ObjectValue,
  type PartValue,
  type TracedScope,
  type Site,
  type TracedValue,
} from "./tracedValues";
import type { Expression } from "../python/expressions";

type Key = "modes" | "normModes";
type Mode = ModeEntry["mode"];

export const modesOf = ({ traits }: ObjectValue, key: Key = "normModes"): readonly ModeEntry[] => traits[key];

/** Entries that can be meant where the given assumptions hold. */
export function possible(entries: readonly ModeEntry[], assumptions: readonly Guard[]): readonly ModeEntry[] {
  if (assumptions.length === 0) return entries;
  return entries.filter(
    ({ guards }) => !guards.some((guard) => assumptions.some((assumption) => excludes(assumption, guard))),
  );
}

/** `net.train(flag)`: with a flag that is not known it is one or the other, as the flag says. */
export function setModeByFlag(
  tracing: Tracing,
  module: ObjectValue,
  flag: TracedValue,
  node: Expression | null,
  scope: TracedScope | null,
  site: Site,
): void {
  if (flag.kind === "constant") return setMode(tracing, module, flag.value ? "train" : "eval", site);
  if (flag.kind === "modes") {
    restoreModes(tracing, module, { mode: flag.entries, norm: flag.entries });
    return;
  }
  const [guard] = node === null || scope === null ? [] : guardsOf(tracing, node, true, scope);
  if (guard === undefined) return setMode(tracing, module, "unknown", site);
  const ways = [true, false].map((truth) => ({
    changes: tracing.store.follow(() => setMode(tracing, module, truth ? "train" : "eval", site)),
    guards: [{ ...guard, truth }],
  }));
  tracing.store.join(ways);
}

/** `net.train()` and `net.eval()`: the module and everything below it; a class may have its own idea of it. */
export function setMode(tracing: Tracing, module: ObjectValue, mode: Mode, site: Site): void {
  tracing.trace.modeCalls.push({ module, mode, place: tracing.place(site) });
  descend(tracing, module, mode, site, module, new Set());
}

function descend(
  tracing: Tracing,
  module: ObjectValue,
  mode: Mode,
  site: Site,
  target: ObjectValue,
  seen: Set<ObjectValue>,
): void {
  if (seen.has(module)) return;
  seen.add(module);
  const isFrozen = mode === "eval" && intendsToFreeze(tracing, target);
  const freezes = isFrozen ? { what: "module" as const, on: target } : null;
  for (const key of ["modes", "normModes"] as const)
    write(tracing, module, key, mode, site, { freezes, target, isDeliberate: false });
  for (const child of childrenOf(module)) {
    const own = child.cls === null ? null : tracing.member(child.cls, "train");
    if (own?.kind === "function" && mode !== "unknown" && !seen.has(child)) {
      seen.add(child);
      tracing.callFunction({ ...own, self: child }, { ...NO_ARGS, positional: [constant(mode === "train")] }, site);
    } else descend(tracing, child, mode, site, target, seen);
  }
}

function write(
  tracing: Tracing,
  module: ObjectValue,
  key: Key,
  mode: Mode,
  site: Site,
  how: { freezes: ModeEntry["freezes"]; target: ObjectValue; isDeliberate: boolean },
): void {
  const { freezes, target, isDeliberate } = how;
  const undid = freezes !== null || isDeliberate ? null : undone(modesOf(module, key), target);
  const entry: ModeEntry = {
    mode,
    site,
    loops: [...tracing.loops],
    guards: [],
    undid,
    freezes,
    choice: tracing.choice,
  };
  tracing.store.setTrait(module, key, [entry]);
}

/** A module whose own train() is called was not meant to stay in eval mode; its BN layers may have been. */
function undone(before: readonly ModeEntry[], target: ObjectValue): Site | null {
  for (const { freezes, site, undid } of before) {
    if (freezes?.what === "norm" || (freezes !== null && !withDescendants(freezes.on).has(target))) return site;
    if (undid !== null) return undid;
  }
  return null;
}

const FREEZING = /freez|frozen|^fix|_fix|lock|bn_?eval|set_bn/i;

function intendsToFreeze(tracing: Tracing, module: ObjectValue): boolean {
  if (gradOf(module)?.isOn === false) return true;
  const names = tracing.frames.map(({ node }) => (node?.kind === "function" ? node.name : ""));
  // What a constructor calls may evaluate; what it says itself is meant to last.
  return names.at(-1) === "__init__" || names.some((name) => FREEZING.test(name));
}

/** `m.eval()` for the layers a loop goes through. */
export function setPartMode(tracing: Tracing, part: PartValue, mode: Mode, site: Site): void {
  if (part.what !== "modules" || part.isNorm === false) return;
  if (part.isNorm === null) return setMode(tracing, part.of, mode, site);
  tracing.trace.modeCalls.push({ module: part.of, mode, place: tracing.place(site) });
  for (const module of withDescendants(part.of))
    write(tracing, module, "normModes", mode, site, {
      freezes: mode === "eval" ? { what: "norm", on: part.of } : null,
      target: part.of,
      isDeliberate: true,
    });
}

export interface SavedModes {
  readonly mode: readonly ModeEntry[];
  readonly norm: readonly ModeEntry[];
}

export const savedModes = (module: ObjectValue): SavedModes => ({
  mode: modesOf(module, "modes"),
  norm: modesOf(module),
});

export function restoreModes(tracing: Tracing, module: ObjectValue, { mode, norm }: SavedModes): void {
  for (const part of withDescendants(module)) {
    tracing.store.setTrait(part, "modes", mode);
    tracing.store.setTrait(part, "normModes", norm);
  }
}

/** After code that cannot be read and may have set it. */
export function forgetModes(tracing: Tracing, module: ObjectValue): void {
  const entry: ModeEntry = { ...INITIAL, mode: "unknown" };
  restoreModes(tracing, module, { mode: [entry], norm: [entry] });
}

export const gradOf = ({ traits }: ObjectValue): GradValue | null => traits.gradient;

/** `requires_grad` of all parameters of a module. */
export function setGrad(tracing: Tracing, module: ObjectValue, isOn: boolean, site: Site, isPartial: boolean): void {
  tracing.trace.gradToggles.push({ module, isOn, isPartial, place: tracing.place(site) });
  if (isPartial && !isOn) return;
  for (const part of withDescendants(module)) tracing.store.setTrait(part, "gradient", { isOn, site });
}

/** Every BN layer below is in eval mode. */
export function isHeldInEval(module: ObjectValue, assumptions: readonly Guard[]): boolean {
  const norms = [...withDescendants(module)].filter(isNorm);
  return (
    norms.length > 0 && norms.every((norm) => possible(modesOf(norm), assumptions).every(({ mode }) => mode === "eval"))
  );
}
