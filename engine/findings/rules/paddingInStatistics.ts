/**
 * A network that masks padded steps after its BN layers, or packs its sequences after them: the layers have counted the
 * padding already, and their statistics depend on how long the other samples of a batch are (pytorch/pytorch#70529).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { ClassStatement, FunctionStatement } from "../../python/statements";
import {
  assignmentsIn,
  attributesIn,
  callsIn,
  classesIn,
  dottedName,
  functionsIn,
  namesIn,
  nodesIn,
} from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { assignedPairs } from "../python/bindings";
import { counted } from "../wording";
import type { SourceFinding } from "../sourceFinding";

const LENGTHS = /^(x_|input_|seq_|src_)?(len|lens|length|lengths|n_frames|num_frames|seq_len|seq_lens)$/i;
const MASK = /mask|keep|valid/i;

export function paddingInStatistics(context: FindingContext): SourceFinding[] {
  // Most files have no BN over sequences, and every rule waits for this after every key.
  if (!context.file.text.includes("BatchNorm1d")) return [];
  return classesIn(context.file.module.body).flatMap((cls) => {
    const norms = new Set(
      assignmentsIn(cls.body)
        .flatMap(assignedPairs)
        .flatMap(([target, value]) => (isNorm1d(value) ? [dottedName(target) ?? ""] : [])),
    );
    const forward = functionsIn(cls.body).find(({ name }) => name === "forward");
    if (forward === undefined) return [];
    const masks = masksOf(forward);
    const masked = masks.size === 0 || norms.size === 0 ? [] : maskedCalls(forward, norms, masks);
    const calls = masked.length > 0 ? masked : callsBeforePacking(cls, forward);
    const [first] = calls;
    return first === undefined ? [] : [describe(context, first, calls.length, masked.length > 0)];
  });
}

/** Calls of layers with BN whose result `pack_padded_sequence` gets, under the name that it has there. */
function callsBeforePacking(cls: ClassStatement, forward: FunctionStatement): CallExpression[] {
  const packing = callsIn(forward.body).find(({ callee }) =>
    /(^|\.)pack_padded_sequence$/.test(dottedName(callee) ?? ""),
  );
  const packed = packing?.arguments[0]?.value;
  const layers = withNorms(cls);
  if (packing === undefined || packed === undefined || layers.size === 0) return [];
  for (const node of nodesIn(forward.body))
    if (node.kind === "for" && mentionsAttribute(node.iterable, layers))
      for (const { name } of namesIn(node.target)) layers.add(name);
  const data = new Set(namesIn(packed).map(({ name }) => name));
  return assignmentsIn(forward.body)
    .filter(({ targets: [target], to }) => target?.kind === "name" && data.has(target.name) && to <= packing.from)
    .flatMap(({ value }) => callsIn(value))
    .filter(({ callee }) => layers.has(dottedName(callee.kind === "subscript" ? callee.object : callee) ?? ""));
}

/** What the constructor makes of BatchNorm1d: a layer, a Sequential with one, a list that gets such. */
function withNorms(cls: ClassStatement): Set<string> {
  const constructor = functionsIn(cls.body).find(({ name }) => name === "__init__");
  const made = new Set<string>();
  const hasNorm = (value: Expression): boolean =>
    callsIn(value).some(isNorm1d) ||
    namesIn(value).some(({ name }) => made.has(name)) ||
    mentionsAttribute(value, made);
  for (const statement of constructor === undefined ? [] : nodesIn(constructor.body)) {
    const isAdded =
      statement.kind === "call" && /\.(append|extend|add_module)$/.test(dottedName(statement.callee) ?? "");
    if (statement.kind === "assign") {
      for (const [target, value] of assignedPairs(statement)) if (hasNorm(value)) made.add(dottedName(target) ?? "");
    } else if (isAdded && statement.arguments.some(({ value }) => hasNorm(value)))
      made.add((dottedName(statement.callee) ?? "").replace(/\.\w+$/, ""));
  }
  return made;
}

const mentionsAttribute = (value: Expression, names: ReadonlySet<string>): boolean =>
  attributesIn(value).some((attribute) => names.has(dottedName(attribute) ?? ""));

const isNorm1d = (value: Expression): boolean =>
  value.kind === "call" && /(^|\.)BatchNorm1d$/.test(dottedName(value.callee) ?? "");

/** Names that say which steps are real: a parameter called so, or a comparison with lengths. */
function masksOf({ parameters, body }: FunctionStatement): ReadonlySet<string> {
  const given = parameters.map(({ name }) => name).filter((name) => MASK.test(name));
  const computed = assignmentsIn(body).flatMap(({ targets: [target], value }) => {
    const compares = [...nodesIn(value)].some((node) => node.kind === "compare");
    const lengths = namesIn(value).some(({ name }) => LENGTHS.test(name));
    return target?.kind === "name" && compares && lengths ? [target.name] : [];
  });
  return new Set([...given, ...computed]);
}

/** BN calls that get no mask, and whose result is masked: `relu(self.norm(x)) * mask`, `….masked_fill(mask, 0)`. */
function maskedCalls(
  forward: FunctionStatement,
  norms: ReadonlySet<string>,
  masks: ReadonlySet<string>,
): CallExpression[] {
  const masked = [...nodesIn(forward.body)].flatMap((node): Expression[] => {
    if (node.kind === "binary" && node.operator === "*") {
      if (mentions(node.right, masks)) return [node.left];
      return mentions(node.left, masks) ? [node.right] : [];
    }
    const isFill = node.kind === "call" && node.callee.kind === "attribute" && /^masked_fill_?$/.test(node.callee.name);
    return isFill && node.callee.kind === "attribute" && node.arguments.some(({ value }) => mentions(value, masks))
      ? [node.callee.object]
      : [];
  });
  const calls = masked
    .flatMap((value) => callsIn(value))
    .filter((call) => norms.has(dottedName(call.callee) ?? "") && call.arguments.length === 1);
  // An input that was masked or packed before is another matter.
  return calls.filter(({ arguments: [argument] }) => argument !== undefined && !mentions(argument.value, masks));
}

const mentions = (value: Expression, names: ReadonlySet<string>): boolean =>
  namesIn(value).some(({ name }) => names.has(name));

function describe(context: FindingContext, call: CallExpression, count: number, isMasked: boolean): SourceFinding {
  return findingOf({
    rule: "padding-in-statistics",
    layers: [],
    expression: rangeOf(context, call),
    verdict: isMasked
      ? "Padded steps are masked after BN, so its statistics count them."
      : "Padded sequences are packed after BN, so its statistics count the padding.",
    evidence:
      `${counted(count, "BN call")} in this forward pass ${count === 1 ? "gets" : "get"} whole, padded sequences. ` +
      "Mean and variance are then those of a mixture with padding, and depend on the longest sample of the batch; " +
      "a sample without padding is normalized with them in evaluation.",
    next: "Use the mask before BN: normalize x[mask] only, or compute mean and variance with the mask.",
  });
}
