/**
 * A BN layer that is made where it is called: each forward pass has a new one, with γ = 1, β = 0, mean 0 and variance
 * 1,
 * that no optimizer, no eval() and no checkpoint knows.
 */
import type { CallExpression } from "../../python/expressions";
import type { FunctionStatement } from "../../python/statements";
import { assignmentsIn, callsIn, classesIn, functionsIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import type { SourceFinding } from "../sourceFinding";
import { torchCall } from "../torchCall";

const NORM = /^(Lazy)?(BatchNorm[123]d|SyncBatchNorm)$/;

export function normNotRegistered(context: FindingContext): SourceFinding[] {
  const passes = classesIn(context.file.module.body)
    .filter((cls) => functionsIn(cls.body).some(({ name }) => name === "forward"))
    .flatMap((cls) => functionsIn(cls.body).filter(({ name }) => !name.startsWith("__")));
  const made = new Set(passes.flatMap((method) => madeAndCalled(context, method)));
  return [...made].map((call) =>
    findingOf({
      rule: "norm-not-registered",
      layers: [],
      expression: rangeOf(context, call),
      verdict: "This BN layer is made anew in each forward pass.",
      evidence:
        "It is no part of the model: its γ and β stay 1 and 0, its running statistics start at 0 and 1 each " +
        "time, and " +
        "eval() does not reach it, so evaluation normalizes with the batch.",
      next: "Make the layer in __init__ as an attribute of self, and call that.",
    }),
  );
}

/** `nn.BatchNorm2d(16)(x)`, or `bn = nn.BatchNorm2d(16)` and then `bn(x)`. */
function madeAndCalled(context: FindingContext, method: FunctionStatement): CallExpression[] {
  const isNorm = (call: CallExpression): boolean => NORM.test(torchCall(context, call)?.className ?? "");
  const calls = callsIn(method.body);
  const direct = calls.flatMap(({ callee }) => (callee.kind === "call" && isNorm(callee) ? [callee] : []));
  const named = assignmentsIn(method.body).flatMap(({ targets: [target], value }) => {
    const isCalled = calls.some(
      ({ callee }) => callee.kind === "name" && target?.kind === "name" && callee.name === target.name,
    );
    return isCalled && value.kind === "call" && isNorm(value) ? [value] : [];
  });
  return [...direct, ...named];
}
