/** `F.batch_norm(…, training=True)`: eval() does not reach it, and every answer depends on its batch. */
import type { CallExpression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { locateArgument } from "../python/arguments";
import { fullPath } from "../python/constants";
import { isInside } from "../python/enclosing";
import type { SourceFinding } from "../sourceFinding";

export function functionalNorm(context: FindingContext): SourceFinding[] {
  return functionalNorms(context)
    .filter(alwaysTrains)
    .map((call) =>
      findingOf({
        rule: "no-track-running-stats",
        layers: [],
        expression: rangeOf(context, call),
        verdict: "This normalization uses the batch in evaluation too.",
        evidence:
          "training=True is written here, so eval() changes nothing: the output for a sample depends on the " +
          "other samples " +
          "of its batch. The running mean and variance that are passed are updated and never used.",
        next: "Pass training=self.training.",
      }),
    );
}

/** Calls of `F.batch_norm` that keep running statistics, in either mode. */
export const functionalNorms = ({ file, names }: Pick<FindingContext, "file" | "names">): CallExpression[] =>
  callsIn(file.module.body)
    .filter((call) => fullPath(call.callee, names.imports) === "torch.nn.functional.batch_norm")
    .filter((call) => keepsStatistics(call) && !isUnderMode(file, call));

const alwaysTrains = (call: CallExpression): boolean => {
  const value = locateArgument(call, "training", 5)?.value;
  return value?.kind === "constant" && value.value === true;
};

/** With None as statistics it is a way to compute something else (weight standardization, instance norm). */
const keepsStatistics = (call: CallExpression): boolean => {
  const mean = locateArgument(call, "running_mean", 1)?.value;
  return mean !== undefined && !(mean.kind === "constant" && mean.value === "None");
};

function isUnderMode(file: SourceFile, call: CallExpression): boolean {
  return [...nodesIn(file.module.body)].some(
    (node) =>
      node.kind === "if" &&
      isInside(call, node) &&
      node.branches.some(({ test }) => /train|eval/.test(file.text.slice(test.from, test.to))),
  );
}
