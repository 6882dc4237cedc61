import { type LayerOp, spatialDimsOf } from "../protocol/layerOps";
import { INPUT_ID, type GraphNode, type Layer } from "../protocol/modelGraph";
import type { Shape } from "../protocol/shape";
import { isConvolution, keepsShape } from "../graph/layerKinds";
import { inferShapes } from "../graph/shapes";
import type { Machine } from "./interpreter/machine";
import { traceForward, type ModuleInstance } from "./buildGraph";
import { inputNode, type Trace, type TraceNode } from "./torch/trace";

/**
 * The input's shape where the layers determine it. A Linear takes its features, whether or not a flatten comes before
 * it (784 features may be 28×28 pixels or anything else, so it is 784). A convolution leaves height and width open:
 * they are inferred when of the usual image sizes exactly one fits every layer, and otherwise NaN, sizes that are not
 * known.
 */
export function inferInputShape(machine: Machine, root: ModuleInstance): Shape | null {
  return machine.journal.rehearse(() => {
    const { trace, inputs } = traceForward(machine, root, []);
    if (inputs.length !== 1) return null;
    const first = firstNeed(trace);
    if (first === null || first.isFlat) return first?.shape ?? null;
    return fittingImage(trace, first.shape) ?? first.shape;
  });
}

/** What a layer asks of its input. */
interface Need {
  readonly shape: Shape;
  /** True when it takes features, false when sizes besides the channels are open. */
  readonly isFlat: boolean;
}

/** What the first layer that says anything about its input's size needs. */
function firstNeed(trace: Trace): Need | null {
  let current = inputNode(0);
  for (;;) {
    const consumers = trace.nodes
      .map((node, index) => ({ node, index }))
      .filter(({ node }) => node.inputs.includes(current));
    const [only] = consumers;
    if (only === undefined) return null;
    const need = needOf(opOf(only.node));
    if (need !== null && (!need.isFlat || consumers.length === 1)) return need;
    if (consumers.length !== 1 || !keepsFeatures(only.node)) return null;
    current = only.index;
  }
}

function needOf(op: LayerOp | undefined): Need | null {
  const open = (channels: number, dims: number): Need => ({
    shape: [channels, ...Array.from({ length: dims }, () => NaN)],
    isFlat: false,
  });
  if (op?.kind === "linear") return { shape: [op.inFeatures], isFlat: true };
  if (op !== undefined && isConvolution(op)) return open(op.inChannels, spatialDimsOf(op));
  if (op?.kind === "batchNorm" && op.spatialDims !== null && op.spatialDims > 0)
    return open(op.numFeatures, op.spatialDims);
  const rule = op?.kind === "other" ? op.shapeRule : undefined;
  if (rule?.rule === "window" || rule?.rule === "transposedWindow")
    return rule.inChannels === undefined ? null : open(rule.inChannels, rule.kernelSize.length);
  return null;
}

/** Layers before the first Linear that leave the number of values per sample as it is. */
function keepsFeatures(node: TraceNode): boolean {
  const op = opOf(node);
  if (op?.kind === "rearrange") return op.rearrangement.rule === "reshape" && op.rearrangement.sizes.length === 1;
  if (op?.kind === "batchNorm") return op.spatialDims === null;
  return op?.kind === "flatten" || (op !== undefined && keepsShape(op));
}

function opOf(node: TraceNode): LayerOp | undefined {
  return node.callee.kind === "module" ? node.callee.instance.module?.layer?.op : node.callee.op;
}

/** Heights and widths that images in common data sets are cut or scaled to. */
const USUAL_SIZES = [28, 32, 48, 64, 96, 128, 160, 224, 227, 256, 299, 384, 512];

/** The only usual square image that fits all layers. Where several fit, the size makes no difference to the layers. */
function fittingImage(trace: Trace, [channels = NaN, ...sizes]: Shape): Shape | null {
  if (sizes.length !== 2) return null;
  const { layers, nodes } = asGraph(trace);
  const fitting = USUAL_SIZES.filter((size) => {
    const inputs = [{ id: INPUT_ID, name: "", shape: [channels, size, size] }];
    return inferShapes({ layers, nodes, inputs }).problems.length === 0;
  });
  const [size] = fitting;
  return size === undefined || fitting.length > 1 ? null : [channels, size, size];
}

function asGraph(trace: Trace): { readonly layers: readonly Layer[]; readonly nodes: readonly GraphNode[] } {
  const idOf = (node: number): string => (node < 0 ? INPUT_ID : String(node));
  const layers = trace.nodes.map((node, index): Layer => {
    const className =
      node.callee.kind === "module" ? (node.callee.instance.module?.layer?.className ?? "") : node.callee.className;
    const op = opOf(node) ?? ({ kind: "other", className } as const);
    return {
      name: idOf(index),
      className,
      op,
      functional: false,
      parameters: null,
      range: node.range,
      origin: "source",
    };
  });
  const nodes = trace.nodes.map(
    ({ inputs, range }, index): GraphNode => ({
      id: idOf(index),
      layer: idOf(index),
      inputs: inputs.map(idOf),
      outputShape: null,
      range,
    }),
  );
  return { layers, nodes };
}
