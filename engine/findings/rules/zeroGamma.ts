/**
 * γ starts at 0 in every BN layer. Behind a ReLU nothing of such a layer gets a gradient: its output is β = 0, and
 * ReLU has
 * the gradient 0 there. For the last BN layer of a residual branch it is right (Goyal et al. 2017, section 5.1).
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { Block, ConditionalBlock, Statement } from "../../python/statements";
import { assignmentsIn, callsIn, dottedName, nodesIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import type { SourceFinding } from "../sourceFinding";

export function zeroGamma(context: FindingContext): SourceFinding[] {
  const { text } = context.file;
  if (!text.includes("BatchNorm") || !/\bReLU6?\b|\brelu_?\b/.test(text)) return [];
  const branches = [...nodesIn(context.file.module.body)].flatMap((node) => (node.kind === "if" ? node.branches : []));
  return branches.flatMap((branch) => {
    const layer = normTested(branch.test);
    const zeroing = layer === null || shifts(branch, layer) ? undefined : zeroesGamma(branch, layer);
    return zeroing === undefined
      ? []
      : [
          findingOf({
            rule: "gamma-starts-at-zero",
            layers: [],
            expression: rangeOf(context, zeroing),
            verdict: "γ starts at 0 in every BN layer, and stays there behind a ReLU.",
            evidence:
              "With γ = 0 and β = 0 a BN layer gives 0 for every input. The gradient of ReLU at 0 is 0, so γ, β " +
              "and the layers " +
              "before get none. Only the last BN layer of a residual branch may start like this.",
            next: "Use 1 for the weight of BN layers, and 0 for their bias.",
          }),
        ];
  });
}

/** `m` of `isinstance(m, nn.BatchNorm2d)` or `isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))`. */
function normTested(test: Expression): string | null {
  if (test.kind !== "call" || dottedName(test.callee) !== "isinstance") return null;
  const [value, types] = test.arguments.map((argument) => argument.value);
  const classes = types?.kind === "sequence" ? types.elements : types === undefined ? [] : [types];
  const areNorms = classes.length > 0 && classes.every((cls) => (dottedName(cls) ?? "").includes("BatchNorm"));
  return areNorms && value?.kind === "name" ? value.name : null;
}

/** The last call of the branch that sets γ, if it sets 0 in each of the layers. */
function zeroesGamma({ body }: ConditionalBlock, layer: string): CallExpression | undefined {
  const name = `${layer}.weight`;
  const last = callsIn(body).findLast((call) => mentions(call, name));
  const isOfAll = last !== undefined && alwaysDone(body, layer).some((one) => callsIn(one).includes(last));
  return isOfAll && setsTo(last, name, 0) ? last : undefined;
}

/** Statements that every layer gets to: not those under a further condition (`if layer.is_last:`). */
function alwaysDone(body: Block, layer: string): Statement[] {
  return body.flatMap((statement) => {
    if (statement.kind === "with") return alwaysDone(statement.body, layer);
    if (statement.kind !== "if") return [statement];
    const [branch, ...others] = statement.branches;
    const isOnlyThere = branch !== undefined && others.length === 0 && asksForGamma(branch.test, layer);
    return isOnlyThere ? alwaysDone(branch.body, layer) : [];
  });
}

/** `layer.affine`, `layer.weight is not None`: whether there is a γ. */
function asksForGamma(test: Expression, layer: string): boolean {
  const asked = test.kind === "compare" ? test.left : test;
  return [`${layer}.affine`, `${layer}.weight`].includes(dottedName(asked) ?? "");
}

/** β away from 0 keeps the ReLU open. */
function shifts({ body }: ConditionalBlock, layer: string): boolean {
  const isOfLayer = (call: CallExpression): boolean =>
    mentions(call, `${layer}.bias`) && !setsTo(call, `${layer}.bias`, 0);
  return (
    callsIn(body).some(isOfLayer) ||
    assignmentsIn(body).some(({ targets }) => targets.some((target) => dottedName(target)?.startsWith(`${layer}.bias`)))
  );
}

const mentions = (call: CallExpression, name: string): boolean =>
  [call.callee, ...call.arguments.map(({ value }) => value)].some((part) => dottedName(part)?.startsWith(name));

/** `nn.init.constant_(m.weight, 0)`, `nn.init.zeros_(m.weight)`, `m.weight.data.fill_(0)`, `m.weight.data.zero_()`. */
function setsTo({ callee, arguments: args }: CallExpression, name: string, wanted: number): boolean {
  const callName = dottedName(callee) ?? "";
  const [first, second] = args.map(({ value }) => value);
  const isNumber = (value: Expression | undefined): boolean => value?.kind === "number" && value.value === wanted;
  if (/(^|\.)init\.zeros_$/.test(callName)) return first !== undefined && dottedName(first) === name;
  if (/(^|\.)init\.constant_$/.test(callName))
    return first !== undefined && [name, `${name}.data`].includes(dottedName(first) ?? "") && isNumber(second);
  if (callName === `${name}.data.zero_` || callName === `${name}.zero_`) return true;
  return (callName === `${name}.data.fill_` || callName === `${name}.fill_`) && isNumber(first);
}
