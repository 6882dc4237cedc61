/** Training with one or two images at a time: BN normalizes each with its own statistics, and evaluation does not. */
import type { CallExpression, Expression } from "../../../python/expressions";
import { assignmentsIn, callsIn, dottedName, nodesIn } from "../../../python/walk";
import { isLoader, numberOf } from "../../../script/dataSize";
import { argument, type Forward, type ObjectValue, type Site } from "../../../script/tracedValues";
import { findingOf } from "../../draft";
import type { SourceFinding } from "../../sourceFinding";
import { isFedBy } from "../fedBy";
import { isManaged, lineText, nameAt, rangeAt, usesBatchStatistics, type ScriptContext } from "../scriptContext";

const FEW = 2;

export function fewSamples(context: ScriptContext): SourceFinding[] {
  return context.trace.objects.filter(isLoader).flatMap((loader) => {
    const batch = batchOf(loader);
    const forward = batch === null ? undefined : context.trace.forwards.find((pass) => isTrainedOn(pass, loader));
    return batch === null || forward === undefined ? [] : describe(context, loader, forward, batch);
  });
}

/** 1 or 2, written or the default of an option; what puts batches together may make them larger. */
function batchOf({ args }: ObjectValue): number | null {
  const batch = numberOf(argument(args, "batch_size", 1));
  const chooses = ["collate_fn", "batch_sampler"].some((name) => args.keyword.has(name)) || args.positional.length > 3;
  return batch !== null && batch >= 1 && batch <= FEW && args.isComplete && !chooses ? batch : null;
}

const isWritten = ({ args }: ObjectValue): boolean => argument(args, "batch_size", 1)?.kind === "constant";

const isTrainedOn = (pass: Forward, loader: ObjectValue): boolean =>
  isFedBy(pass, loader) &&
  pass.training !== null &&
  pass.hasNorm &&
  !pass.isInner &&
  usesBatchStatistics(pass) &&
  !isManaged(pass.module) &&
  getsTheBatch(pass);

/** The pass gets what the loop brings, and not the parts of one sample side by side (`images[0]`, `x.view(-1, …)`). */
function getsTheBatch({ site, loops }: Forward): boolean {
  const loop = loops.at(-1)?.loop.site;
  const input = callAt(site)?.arguments[0]?.value;
  if (loop?.file !== site.file || input === undefined) return false;
  const moved = withoutMoves(input);
  if (moved.kind !== "name") return false;
  return assignmentsIn(site.file.module.body)
    .filter(({ from, to, targets }) => loop.from <= from && to <= loop.to && targets.some(names(moved.name)))
    .every(({ value }) => isPartOfBatch(value, moved.name));
}

const callAt = ({ file, from, to }: Site): CallExpression | undefined =>
  callsIn(file.module.body).find((call) => call.from === from && call.to === to);

const names =
  (name: string) =>
  (target: Expression): boolean =>
    [...nodesIn(target), target].some((node) => node.kind === "name" && node.name === name);

/** Moves and conversions that leave the samples of a batch as they are. */
const MOVES = /^(to|cuda|cpu|float|half|double|type|contiguous|clone|detach|requires_grad_)$/;

/** `x` of `Variable(x.float()).cuda()` */
function withoutMoves(expression: Expression): Expression {
  if (expression.kind !== "call") return expression;
  const { callee, arguments: args } = expression;
  if (callee.kind === "attribute" && MOVES.test(callee.name)) return withoutMoves(callee.object);
  const [first] = args;
  return first !== undefined && /(^|\.)Variable$/.test(dottedName(callee) ?? "")
    ? withoutMoves(first.value)
    : expression;
}

/** `x.cuda()`, `batch["image"]`, `batch[0].to(device)`; one sample of the batch itself is not. */
function isPartOfBatch(value: Expression, name: string): boolean {
  if (value.kind === "sequence") return value.elements.every((element) => isPartOfBatch(element, name));
  const moved = withoutMoves(value);
  if (moved.kind === "subscript" || moved.kind === "attribute") return !names(name)(moved);
  return moved.kind === "name";
}

function describe(context: ScriptContext, loader: ObjectValue, forward: Forward, batch: number): SourceFinding[] {
  const range = rangeAt(context, { site: loader.site, frames: forward.frames });
  if (range === null) return [];
  const name = nameAt(context, forward.module, forward);
  const unless = isWritten(loader) ? "" : ", unless an option says otherwise";
  const count = batch === 1 ? "1 sample" : `${String(batch)} samples`;
  return [
    findingOf({
      rule: "few-samples-per-channel",
      severity: "information",
      layers: [],
      expression: range,
      verdict: `${name} is trained on batches of ${count}${unless}.`,
      evidence:
        `On ${lineText(context, forward.site)} its BN layers normalize with the mean and variance of ${count}. ` +
        "Evaluation uses the running statistics of all, which fit no single batch that was trained on.",
      next: "Use batches of 8 or more if they fit, or GroupNorm or InstanceNorm instead of BN.",
    }),
  ];
}
