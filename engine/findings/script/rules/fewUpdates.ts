/**
 * Too few steps for the momentum. After n updates with momentum m the statistics still have the weight (1 − m)^n of
 * what
 * they were before: of the initial 0 and 1, or of other data.
 */
import { thousands } from "../../../protocol/numberText";
import type { Expression } from "../../../python/expressions";
import { namesIn } from "../../../python/walk";
import { findingOf } from "../../draft";
import { isUnitTest } from "../../python/unitTest";
import { functionAround } from "../../python/enclosing";
import { short } from "../../wording";
import type { SourceFinding } from "../../sourceFinding";
import { anchor, isManaged, isOnly, nameOf, usesBatchStatistics, type ScriptContext } from "../scriptContext";
import { numberOf } from "../../../script/dataSize";
import { isNorm, withDescendants } from "../../../script/norms";
import { isLiteral, timesRun } from "../../../script/rounds";
import { argument, type Forward, type ObjectValue, type Site } from "../../../script/tracedValues";

/** What the initial values may still weigh, and what earlier data may after a training on new data. */
const YOUNG = 0.05;
const BEHIND = 0.5;

export function fewUpdates(context: ScriptContext): SourceFinding[] {
  const { trace } = context;
  if (!trace.isComplete || isUnitTest(context.file)) return [];
  const trained = new Set(trace.forwards.filter(({ training }) => training !== null).map(({ module }) => module));
  return [...trained].flatMap((module) => {
    const norm = [...withDescendants(module)].find((part) => isNorm(part) && part.type.includes("Norm"));
    const momentum = norm === undefined ? null : momentumOf(norm);
    const counts = countsOf(trace.forwards, module);
    if (norm === undefined || momentum === null || counts === null || isManaged(module) || trace.loaded.has(module))
      return [];
    return describe(context, module, norm, momentum, counts) ?? [];
  });
}

/** null for a momentum that is not known, or None: then the average is over all batches. */
function momentumOf({ args }: ObjectValue): number | null {
  const given = argument(args, "momentum", 2);
  if (given === null) return args.isComplete ? 0.1 : null;
  return given.kind === "constant" ? numberOf(given) : null;
}

/** Updates of each training that is followed by an evaluation; null when one of them can't be counted. */
function countsOf(forwards: readonly Forward[], module: ObjectValue): number[] | null {
  const own = forwards.filter((pass) => pass.module === module && !pass.isInner);
  const last = own.findLastIndex(({ modes, isHeld }) => isOnly(modes, "eval") || isHeld);
  const before = own.slice(0, last + 1);
  const updates = before.filter((pass) => !(isOnly(pass.modes, "eval") || pass.isHeld));
  if (updates.length === 0 || !updates.every((pass) => pass.training !== null && usesBatchStatistics(pass)))
    return null;
  const seen = updates.filter((pass, index) => updates.findIndex((other) => isSamePass(pass, other)) === index);
  const counts = seen.map(timesRun);
  return counts.every((count) => count !== null) ? counts : null;
}

/** A loop is followed again where its first round ends in another mode: that is the same pass. */
function isSamePass(a: Forward, b: Forward): boolean {
  return wayTo(a) === wayTo(b);
}

/** The calls and loops that lead to a pass; of a literal list each round counts by itself. */
function wayTo({ site, frames, loops }: Forward): string {
  const calls = frames.map(({ call }) => call?.from ?? 0);
  const rounds = loops.map(({ loop, iteration }) => `${loop.site.from}.${isLiteral(loop.iterable) ? iteration : 0}`);
  return [site.file.path, site.from, ...calls, ...rounds].join(" ");
}

function describe(
  context: ScriptContext,
  module: ObjectValue,
  norm: ObjectValue,
  momentum: number,
  counts: readonly number[],
): SourceFinding | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const latest = counts.at(-1) ?? total;
  const left = (updates: number): number => (1 - momentum) ** updates;
  const isYoung = left(total) > YOUNG && counts.length === 1;
  if (!isYoung && !(counts.length > 1 && left(latest) > BEHIND && momentum < 0.1)) return null;
  const site = anchor(context, causeOf(norm), []);
  if (site === null) return null;
  const updates = isYoung ? total : latest;
  const name = nameOf(module);
  return findingOf({
    rule: isYoung ? "statistics-too-young" : "statistics-behind",
    severity: "warning",
    layers: [],
    expression: site.file.lines.range(site.file.path, site),
    verdict: isYoung
      ? `${name} is evaluated while its running statistics still contain the initial 0 and 1.`
      : `${name} is evaluated with running statistics of an earlier training.`,
    evidence:
      `The script makes ${thousands(updates)} updates with momentum ${short(momentum)}, after which ` +
      `${short(100 * left(updates))} % of the statistics are what they were before. ` +
      `${thousands(Math.ceil(Math.log(0.01) / Math.log(1 - momentum)))} updates leave 1 %.`,
    next: "Use a larger momentum for so few steps, or update_bn before the evaluation.",
  });
}

/** The momentum's default value where it is one, the momentum, or the layer. */
function causeOf({ args, site }: ObjectValue): Site {
  const node = args.nodes.find((argument) => argument.kind === "keyword" && argument.name === "momentum");
  if (node === undefined) return site;
  return { file: site.file, ...(defaultOf(site, node.value) ?? node.value) };
}

function defaultOf(site: Site, value: Expression): { from: number; to: number } | null {
  const [only, ...others] = namesIn(value);
  const parameter = functionAround(site.file, site)?.parameters.find(({ name }) => name === only?.name);
  const isDefault = others.length === 0 && parameter !== undefined && parameter.defaultValue !== null;
  return isDefault ? { from: parameter.from, to: parameter.to } : null;
}
