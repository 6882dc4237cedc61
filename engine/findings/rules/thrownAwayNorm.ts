/**
 * A BN layer is called and nothing uses what it gives: `self.bn(x)` as a statement, or a name that gets another value
 * before anybody reads it. The layer's running statistics move, the network does without it.
 */
import type { Expression } from "../../python/expressions";
import type { Statement } from "../../python/statements";
import { classesIn, functionsIn, namesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { blocksIn } from "../python/blocks";
import { ownAttribute, storedLayers, type StoredLayers } from "../storedLayers";
import type { SourceFinding } from "../sourceFinding";

export function thrownAwayNorm(context: FindingContext): SourceFinding[] {
  return classesIn(context.file.module.body).flatMap((cls) => {
    const layers = storedLayers(context, cls);
    const blocks = functionsIn(cls.body)
      .filter(({ name }) => name !== "__init__")
      .flatMap(({ body }) => blocksIn(body));
    return blocks.flatMap((block) =>
      block.flatMap((statement, index) => {
        const call = thrownCall(statement, block.slice(index + 1), layers);
        return call === null ? [] : [describe(context, call)];
      }),
    );
  });
}

/** The call in a statement whose result nobody gets, as the rest of the block shows. */
function thrownCall(statement: Statement, rest: readonly Statement[], layers: StoredLayers): Expression | null {
  if (statement.kind === "expression") return isNormCall(statement.value, layers) ? statement.value : null;
  if (statement.kind !== "assign" || statement.targets.length !== 1) return null;
  const [target] = statement.targets;
  return target?.kind === "name" && isNormCall(statement.value, layers) && isReplaced(target.name, rest)
    ? statement.value
    : null;
}

/** The name gets another value before it is read, or the function returns without it. */
function isReplaced(name: string, rest: readonly Statement[]): boolean {
  const mentions = (root: object): boolean => namesIn(root).some((one) => one.name === name);
  const next = rest.find(mentions) ?? null;
  const leaves = rest.find(({ kind }) => kind === "return" || kind === "raise");
  if (next === null) return leaves?.kind === "return" && leaves.value !== null;
  if (leaves !== undefined && leaves.from < next.from) return leaves.kind === "return";
  return next.kind === "assign" && next.targets.every(({ kind }) => kind === "name") && !mentions(next.value);
}

function isNormCall(expression: Expression, layers: StoredLayers): boolean {
  if (expression.kind !== "call" || expression.arguments.length === 0) return false;
  const name = ownAttribute(expression.callee);
  return name !== null && /^BatchNorm[123]d$/.test(layers.get(name)?.className ?? "");
}

function describe(context: FindingContext, call: Expression): SourceFinding {
  const name = call.kind === "call" ? (ownAttribute(call.callee) ?? "") : "";
  return findingOf({
    rule: "norm-unused",
    layers: [],
    expression: rangeOf(context, call),
    verdict: `Nothing uses what ${name} gives here.`,
    evidence:
      "A BN layer returns the normalized values and leaves its input as it is. The running statistics move with each " +
      "pass in train mode, and the network computes as if the call were not there.",
    next: `Use the result of ${name} in what follows, or delete the call.`,
  });
}
