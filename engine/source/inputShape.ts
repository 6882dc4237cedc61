import type { Shape } from "../protocol/modelGraph";
import type { Machine } from "./interpreter/machine";
import { traceForward, type ModuleInstance } from "./buildGraph";
import { inputNode, type Trace, type TraceNode } from "./torch/trace";

/**
 * The input's shape where the first layer determines it: a Linear takes its features, whether or not a flatten comes
 * before it (784 features may be 28×28 pixels or anything else, so it is 784). A convolution leaves height and width
 * open; then the shape is unknown.
 */
export function inferInputShape(machine: Machine, root: ModuleInstance): Shape | null {
  const nodes = machine.journal.rehearse(() => {
    const { trace } = traceForward(machine, root, []);
    return firstLayers(trace);
  });
  return nodes;
}

function firstLayers(trace: Trace): Shape | null {
  let current = inputNode(0);
  for (;;) {
    const consumers = trace.nodes.map((node, index) => ({ node, index })).filter(({ node }) => node.inputs.includes(current));
    const [only] = consumers;
    if (consumers.length !== 1 || only === undefined) return null;
    const features = featuresOf(only.node);
    if (features !== null) return [features];
    if (!keepsFeatures(only.node)) return null;
    current = only.index;
  }
}

function featuresOf(node: TraceNode): number | null {
  const op = opOf(node);
  return op?.kind === "linear" ? op.inFeatures : null;
}

/** Layers before the first Linear that leave the number of values per sample as it is. */
function keepsFeatures(node: TraceNode): boolean {
  const op = opOf(node);
  if (op?.kind === "other") return op.shapeRule?.rule === "same" || (op.shapeRule?.rule === "reshape" && op.shapeRule.sizes.length === 1);
  if (op?.kind === "batchNorm") return op.spatialDims === null;
  return op?.kind === "flatten" || op?.kind === "identity" || op?.kind === "activation";
}

function opOf(node: TraceNode) {
  return node.callee.kind === "module" ? node.callee.instance.module?.layer?.op : node.callee.op;
}
