/**
 * Whether a value goes from one call to the next without anything else being able to see it. Where the forward pass was
 * followed to its end the graph knows all consumers; elsewhere (a model that returns two tensors, an unknown further
 * down) the text can still show that the value never had a name: both calls are of one Sequential, one is the other's
 * argument, or the next statement takes the value and rebinds its name.
 */
import { isReturned, type GraphNode, type SourceRange } from "../protocol/modelGraph";
import type { Expression } from "../python/expressions";
import type { Statement } from "../python/statements";
import { rangeKey, rangeOf, type FindingContext } from "./context";
import { hasEveryConsumer } from "./completeness";
import { dottedName, namesIn } from "../python/walk";

/** The only node that takes `node`'s value, when it is certain that nothing else does. */
export function soleConsumer(context: FindingContext, node: GraphNode): GraphNode | null {
  const { graph } = context;
  const [only, ...others] = context.consumers.get(node.id) ?? [];
  if (graph === null || only === undefined || others.length > 0 || isReturned(graph, node.id)) return null;
  return hasEveryConsumer(graph) || staysUnnamed(context, node, only) ? only : null;
}

function staysUnnamed(context: FindingContext, from: GraphNode, to: GraphNode): boolean {
  return (
    isOneSequential(context, from.range, to.range) ||
    isInside(from.range, to.range) ||
    reboundName(context, from.range, to.range) !== null
  );
}

/**
 * A Sequential calls its children where it is called itself: `self.features(x)`. A loop does so too, `x = layer(x)`,
 * and may keep each value: a call by a name, an index or `forward` is not taken for a Sequential's.
 */
function isOneSequential(context: FindingContext, from: SourceRange, to: SourceRange): boolean {
  const call = context.calls.get(rangeKey(from));
  const name = call === undefined ? null : dottedName(call.callee);
  return rangeKey(from) === rangeKey(to) && name !== null && name.includes(".") && !name.endsWith(".forward");
}

function isInside(inner: SourceRange, outer: SourceRange): boolean {
  if (inner.path !== outer.path) return false;
  const startsAfter =
    inner.startLine > outer.startLine || (inner.startLine === outer.startLine && inner.startColumn > outer.startColumn);
  const endsBefore =
    inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn);
  return startsAfter && endsBefore;
}

/** `x` in `x = self.conv(x)` and, right after it, `x = self.bn(x)` or `return self.bn(x)`; else null. */
export function reboundName(context: FindingContext, from: SourceRange, to: SourceRange): string | null {
  const binding = context.bindings.get(rangeKey(from));
  return binding !== undefined && takesAndRebinds(context, binding.next, binding.name, to) ? binding.name : null;
}

function takesAndRebinds(context: FindingContext, statement: Statement, name: string, range: SourceRange): boolean {
  const value: Expression | null = statement.kind === "assign" || statement.kind === "return" ? statement.value : null;
  if (value === null || namesIn(value).filter((node) => node.name === name).length !== 1) return false;
  const own = rangeOf(context, value);
  const holdsCall =
    rangeKey(own) === rangeKey(range) ||
    isInside(range, own) ||
    (range.startLine === own.startLine && range.startColumn === own.startColumn);
  const [target] = statement.kind === "assign" ? statement.targets : [];
  return holdsCall && (statement.kind === "return" || (target?.kind === "name" && target.name === name));
}
