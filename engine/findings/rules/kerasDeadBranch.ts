/**
 * `x = BatchNormalization()(x)` in a function that builds a graph, where every name of the value, and of what layers
 * make of it, gets another value before anything else reads it: the layer is in no model.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { Statement } from "../../python/statements";
import { functionsIn, namesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { blocksIn } from "../python/blocks";
import { fullPath } from "../python/constants";
import type { SourceFinding } from "../sourceFinding";

interface Step {
  readonly name: string;
  readonly value: CallExpression;
}

export function kerasDeadBranch(context: FindingContext): SourceFinding[] {
  const { file, names } = context;
  if (!file.text.includes("BatchNormalization") || !/\bkeras\b/.test(file.text)) return [];
  return functionsIn(file.module.body)
    .flatMap(({ body }) => blocksIn(body))
    .flatMap((block) =>
      block.flatMap((statement, index) => {
        const step = layerStep(statement);
        return step !== null && isNorm(step, names.imports) && isReplaced(step.name, block.slice(index + 1))
          ? [describe(context, step)]
          : [];
      }),
    );
}

/** `name = Layer(…)(…)` */
function layerStep(statement: Statement): Step | null {
  if (statement.kind !== "assign" || statement.targets.length !== 1) return null;
  const [target] = statement.targets;
  const { value } = statement;
  return target?.kind === "name" && value.kind === "call" && value.callee.kind === "call"
    ? { name: target.name, value }
    : null;
}

function isNorm({ value }: Step, imports: ReadonlyMap<string, string>): boolean {
  const { callee } = value;
  const path = callee.kind === "call" ? fullPath(callee.callee, imports) : null;
  return /(^|\.)keras\.(\w+\.)*BatchNormalization$/.test(path ?? "");
}

/** No statement reads the value, or what layers make of it, but the layers whose values are replaced as well. */
function isReplaced(name: string, rest: readonly Statement[]): boolean {
  const live = new Set([name]);
  const reads = (root: Expression | Statement): boolean => namesIn(root).some((one) => live.has(one.name));
  for (const statement of rest) {
    const step = layerStep(statement);
    if (step !== null && reads(step.value)) live.add(step.name);
    else if (step !== null) live.delete(step.name);
    else if (reads(statement)) return false;
    if (live.size === 0) return true;
  }
  return false;
}

const describe = (context: FindingContext, { name, value }: Step): SourceFinding =>
  findingOf({
    rule: "norm-unused",
    layers: [],
    expression: rangeOf(context, value),
    verdict: `This layer is in no model: ${name} gets another value before anything uses it.`,
    evidence:
      "A model has the layers on the way from its inputs to its outputs. What this layer gives, and what later " +
      "layers make of it, reaches no output.",
    next: `Go on from ${name} in the next layer, or delete the layers that nothing uses.`,
  });
