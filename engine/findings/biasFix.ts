import type { CallExpression } from "../python/expressions";
import { rangeOf, type FindingContext } from "./context";
import { appendedArgument, biasArgument, hasSpread, locateArgument } from "./python/arguments";
import { attributesIn, nodesIn } from "../python/walk";
import type { SourceFix } from "./sourceFinding";

/**
 * `bias=False` (Keras: `use_bias=False`) in the call; null when the bias is computed, when arguments are spread, or
 * when the file touches biases.
 */
export function biasFix(context: FindingContext, call: CallExpression, className: string): SourceFix | null {
  const place = biasArgument(className);
  if (place === null || hasSpread(call) || touchesBiases(context)) return null;
  const title = `Pass ${place.name}=False`;
  const argument = locateArgument(call, place.name, place.position);
  if (argument !== null) {
    const isTrue = argument.value.kind === "constant" && argument.value.value === true;
    return isTrue ? { title, edits: [{ range: rangeOf(context, argument.value), newText: "False" }] } : null;
  }
  return appended(context, call, title, place.name);
}

function appended(context: FindingContext, call: CallExpression, title: string, name: string): SourceFix | null {
  const place = call.arguments.length === 0 ? null : appendedArgument(context.file.text, call, `${name}=False`);
  if (place === null) return null;
  return {
    title,
    edits: [{ range: rangeOf(context, { from: place.offset, to: place.offset }), newText: place.newText }],
  };
}

/** What else there is to do without the bias, where the file uses it: empty where it does not. */
export function biasElsewhere(context: FindingContext): string {
  const use = attributesIn(context.file.module.body).find(({ name }) => name === "bias");
  if (use === undefined || !touchesBiases(context)) return "";
  return ` Line ${rangeOf(context, use).startLine} uses a bias, which is None then.`;
}

/** `conv.bias.data.zero_()` would fail on None, unless the file asks first (`if m.bias is not None`). */
function touchesBiases({ file }: FindingContext): boolean {
  const isBias = (node: { kind: string; name?: string }): boolean => node.kind === "attribute" && node.name === "bias";
  if (!attributesIn(file.module.body).some(isBias)) return false;
  for (const node of nodesIn(file.module.body)) {
    if (
      node.kind === "compare" &&
      isBias(node.left) &&
      node.comparisons.some(({ operator }) => operator.startsWith("is"))
    )
      return false;
  }
  return true;
}
