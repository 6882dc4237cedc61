/** What every rule looks at: the graph as written, its neighbours, and the text it came from. */
import type { BatchNormOp } from "../protocol/layerOps";
import { batchNormLayers, type GraphNode, type Layer, type ModelGraph, type SourceRange } from "../protocol/modelGraph";
import type { CallExpression, Span } from "../python/expressions";
import type { SourceFile } from "../python/parse";
import type { ModelReading } from "../source/modelReading";
import { bindingsIn, type Binding } from "./python/bindings";
import { namesOf, type FileNames } from "./python/constants";
import { onceAFile } from "./onceAFile";
import { callsIn } from "../python/walk";

export type BatchNormLayer = Layer & { readonly op: BatchNormOp };

export interface FindingContext {
  readonly reading: ModelReading;
  readonly file: SourceFile;
  readonly names: FileNames;
  /** The model as written; null when none could be built. Its layers may be from other files than this one. */
  readonly graph: ModelGraph | null;
  readonly layers: ReadonlyMap<string, Layer>;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly consumers: ReadonlyMap<string, readonly GraphNode[]>;
  readonly nodesOfLayer: ReadonlyMap<string, readonly GraphNode[]>;
  /** Calls and single assignments of the file, by their (value's) range. */
  readonly calls: ReadonlyMap<string, CallExpression>;
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Layers that an annotation takes out, by name. */
  readonly removed: ReadonlySet<string>;
}

export function rangeKey(range: SourceRange): string {
  return `${range.path}:${range.startLine}:${range.startColumn}:${range.endLine}:${range.endColumn}`;
}

export function contextOf(reading: ModelReading, file: SourceFile): FindingContext {
  const { graph } = reading;
  const consumers = new Map<string, GraphNode[]>();
  const nodesOfLayer = new Map<string, GraphNode[]>();
  for (const node of graph?.nodes ?? []) {
    for (const input of new Set(node.inputs)) append(consumers, input, node);
    append(nodesOfLayer, node.layer, node);
  }
  return {
    reading,
    file,
    ...textOf(file),
    graph,
    layers: new Map(graph?.layers.map((layer) => [layer.name, layer])),
    nodes: new Map(graph?.nodes.map((node) => [node.id, node])),
    consumers,
    nodesOfLayer,
    removed: removedLayers(reading),
  };
}

/** What the text alone says is the same for every reading of a file. */
const textOf = onceAFile((file): Pick<FindingContext, "names" | "bindings" | "calls"> => {
  const keyOf = (span: Span): string => rangeKey(file.lines.range(file.path, span));
  return {
    names: namesOf(file),
    bindings: new Map(bindingsIn(file.module.body).map((binding) => [keyOf(binding.value), binding])),
    calls: new Map(callsIn(file.module.body).map((call) => [keyOf(call), call])),
  };
});

/** A removed layer is gone from the variant, or an identity in it. */
function removedLayers({ graph, variant }: ModelReading): Set<string> {
  const remaining = new Map(variant?.layers.map((layer) => [layer.name, layer]));
  const removed = (graph?.layers ?? []).filter((layer) => {
    const after = remaining.get(layer.name);
    return after === undefined || (after.op.kind === "identity" && layer.op.kind !== "identity");
  });
  return new Set(removed.map((layer) => layer.name));
}

export const rangeOf = ({ file }: Pick<FindingContext, "file">, span: Span): SourceRange =>
  file.lines.range(file.path, span);

/**
 * The call that makes a layer, if it is in this file and names the layer's own class, so that its arguments are known
 * by position.
 */
export function constructorCall(
  context: FindingContext,
  layer: Pick<Layer, "className" | "range">,
): CallExpression | null {
  const call = context.calls.get(rangeKey(layer.range));
  if (call === undefined) return null;
  const { callee } = call;
  const name = callee.kind === "attribute" || callee.kind === "name" ? callee.name : null;
  const isClass =
    name === layer.className ||
    (callee.kind === "name" && context.names.imports.get(callee.name)?.endsWith(`.${layer.className}`));
  return isClass ? call : null;
}

/** BN layers that the file's text makes and no annotation removes. */
export function normLayers(context: FindingContext): BatchNormLayer[] {
  const { graph } = context;
  return graph === null ? [] : batchNormLayers(graph).filter((layer) => isOurs(context, layer));
}

/** Whether a setting of a layer is as the file says, and does not follow from an argument that nobody gave. */
export const isGiven = ({ assumed = [] }: Layer, setting: string): boolean =>
  !assumed.includes(setting) && !assumed.includes("*");

/** What stands in another file belongs to that file. */
export function isOurs({ file, removed }: FindingContext, layer: Layer): boolean {
  return layer.origin === "source" && layer.range.path === file.path && !removed.has(layer.name);
}

export function layerOf({ layers }: FindingContext, node: GraphNode): Layer | null {
  return layers.get(node.layer) ?? null;
}

export function callsOf({ nodesOfLayer }: FindingContext, layer: Layer): readonly GraphNode[] {
  return nodesOfLayer.get(layer.name) ?? [];
}

function append<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** Layers by the expression that makes them: one line in a block's constructor makes many. */
export function groupBySite<T extends Layer>(layers: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const layer of layers) append(groups, rangeKey(layer.range), layer);
  return [...groups.values()];
}
