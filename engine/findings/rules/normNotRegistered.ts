/**
 * BN layers that no optimizer, no eval() and no checkpoint knows: one that is made where it is called, so that each
 * forward pass has a new one, and one that is kept in a list or dict of Python's own.
 */
import type { Layer } from "../../protocol/modelGraph";
import type { CallExpression, Span } from "../../python/expressions";
import type { FunctionStatement } from "../../python/statements";
import { assignmentsIn, callsIn, classesIn, functionsIn } from "../../python/walk";
import { groupBySite, isOurs, rangeKey, rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import type { SourceFinding } from "../sourceFinding";
import { torchCall } from "../torchCall";

const NORM = /^(Lazy)?(BatchNorm[123]d|SyncBatchNorm)$/;

/** Ways to make a layer part of a model that are not always followed. */
const REGISTERS = /\bsetattr\b|\badd_module\b|\bregister_module\b|\b_modules\b|__dict__|__setattr__/;

export function normNotRegistered(context: FindingContext): SourceFinding[] {
  const made = madeAnew(context);
  return [...made.map((call) => describeMade(context, call)), ...keptOutside(context, made)];
}

/** Called in the forward pass of a model that does not have it. */
function keptOutside(context: FindingContext, made: readonly CallExpression[]): SourceFinding[] {
  const { file, graph } = context;
  if (graph?.framework !== "pytorch" || REGISTERS.test(file.text) || !keepsNorms(context)) return [];
  const methods = functionsIn(file.module.body).filter((method) => made.some((call) => contains(method, call)));
  const isMadeThere = ({ range }: Layer): boolean =>
    methods.some((method) => {
      const { startLine, endLine } = rangeOf(context, method);
      return startLine <= range.startLine && range.endLine <= endLine;
    });
  const strangers = graph.layers.filter(
    (layer) =>
      layer.functional &&
      NORM.test(layer.className) &&
      isOurs(context, layer) &&
      isCalledItself(context, layer) &&
      !isMadeThere(layer),
  );
  return groupBySite(strangers).flatMap(([first]) => (first === undefined ? [] : [describeKept(first)]));
}

/** `norm(x)`, `self.norms[0](x)`: no layer of a container that is called, and no attribute, which is registered. */
function isCalledItself({ calls, graph }: FindingContext, { range, className }: Layer): boolean {
  const call = calls.get(rangeKey(range));
  const isAlone = graph?.layers.every(
    (other) => rangeKey(other.range) !== rangeKey(range) || other.className === className,
  );
  return call !== undefined && call.callee.kind !== "attribute" && isAlone === true;
}

/**
 * `[nn.BatchNorm1d(8)]`, `norms.append(nn.BatchNorm1d(8))`, or a layer of the file itself: a network that a class keeps
 * in a list to hide it is another matter.
 */
function keepsNorms(context: FindingContext): boolean {
  const { body } = context.file.module;
  const hasNorm = (value: object): boolean => callsIn(value).some((call) => isNorm(context, call));
  const isKept = assignmentsIn(body).some(
    (assignment) =>
      (/^(sequence|dict|comprehension)$/.test(assignment.value.kind) || body.includes(assignment)) &&
      hasNorm(assignment.value),
  );
  const isAppended = ({ callee, arguments: args }: CallExpression): boolean =>
    callee.kind === "attribute" &&
    /^(append|insert|extend)$/.test(callee.name) &&
    args.some(({ value }) => hasNorm(value));
  return isKept || callsIn(body).some(isAppended);
}

const isNorm = (context: FindingContext, call: CallExpression): boolean =>
  NORM.test(torchCall(context, call)?.className ?? "");

const contains = (outer: Span, inner: Span): boolean => outer.from <= inner.from && inner.to <= outer.to;

function describeKept({ range, className }: Layer): SourceFinding {
  return findingOf({
    rule: "norm-not-registered",
    layers: [],
    expression: range,
    verdict: `The ${className} that is called here is no part of the model.`,
    evidence:
      "A list or dict of Python's own does not register the layers in it: parameters() leaves out their γ and β, so " +
      "they keep their initial values, eval() does not reach them, so evaluation normalizes with the batch, and no " +
      "checkpoint has their running statistics.",
    next: "Make the list an nn.ModuleList, or the dict an nn.ModuleDict.",
  });
}

function madeAnew(context: FindingContext): CallExpression[] {
  const passes = classesIn(context.file.module.body)
    .filter((cls) => functionsIn(cls.body).some(({ name }) => name === "forward"))
    .flatMap((cls) => functionsIn(cls.body).filter(({ name }) => !name.startsWith("__")));
  return [...new Set(passes.flatMap((method) => madeAndCalled(context, method)))];
}

function describeMade(context: FindingContext, call: CallExpression): SourceFinding {
  return findingOf({
    rule: "norm-not-registered",
    layers: [],
    expression: rangeOf(context, call),
    verdict: "This BN layer is made anew in each forward pass.",
    evidence:
      "It is no part of the model: its γ and β stay 1 and 0, its running statistics start at 0 and 1 each " +
      "time, and eval() does not reach it, so evaluation normalizes with the batch.",
    next: "Make the layer in __init__ as an attribute of self, and call that.",
  });
}

/** `nn.BatchNorm2d(16)(x)`, or `bn = nn.BatchNorm2d(16)` and then `bn(x)`. */
function madeAndCalled(context: FindingContext, method: FunctionStatement): CallExpression[] {
  const calls = callsIn(method.body);
  const direct = calls.flatMap(({ callee }) => (callee.kind === "call" && isNorm(context, callee) ? [callee] : []));
  const named = assignmentsIn(method.body).flatMap(({ targets: [target], value }) => {
    const isCalled = calls.some(
      ({ callee }) => callee.kind === "name" && target?.kind === "name" && callee.name === target.name,
    );
    return isCalled && value.kind === "call" && isNorm(context, value) ? [value] : [];
  });
  return [...direct, ...named];
}
