/**
 * A network that masks padded steps after each BN layer, and not before: the layer has counted the padding already,
 * and its
 * statistics depend on how long the other samples of a batch are (pytorch/pytorch#70529).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { FunctionStatement } from "../../python/statements";
import { assignmentsIn, callsIn, classesIn, dottedName, functionsIn, namesIn, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { assignedPairs } from "../python/bindings";
import { counted } from "../wording";
import type { SourceFinding } from "../sourceFinding";

const LENGTHS = /^(x_|input_|seq_|src_)?(len|lens|length|lengths|n_frames|num_frames|seq_len|seq_lens)$/i;
const MASK = /mask|keep|valid/i;

export function paddingInStatistics(context: FindingContext): SourceFinding[] {
  return classesIn(context.file.module.body).flatMap((cls) => {
    const norms = new Set(
      assignmentsIn(cls.body)
        .flatMap(assignedPairs)
        .flatMap(([target, value]) => (isNorm1d(value) ? [dottedName(target) ?? ""] : [])),
    );
    const forward = functionsIn(cls.body).find(({ name }) => name === "forward");
    if (forward === undefined || norms.size === 0) return [];
    const masks = masksOf(forward);
    const calls = masks.size === 0 ? [] : maskedCalls(forward, norms, masks);
    const [first] = calls;
    return first === undefined ? [] : [describe(context, first, calls.length)];
  });
}

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

function describe(context: FindingContext, call: CallExpression, count: number): SourceFinding {
  return findingOf({
    rule: "padding-in-statistics",
    layers: [],
    expression: rangeOf(context, call),
    verdict: "Padded steps are masked after BN, so its statistics count them.",
    evidence:
      `${counted(count, "BN call")} in this forward pass ${count === 1 ? "gets" : "get"} whole, padded sequences. ` +
      "Mean and variance are then those of a mixture with padding, and depend on the longest sample of the batch; " +
      "a sample without padding is normalized with them in evaluation.",
    next: "Use the mask before BN: normalize x[mask] only, or compute mean and variance with the mask.",
  });
}
