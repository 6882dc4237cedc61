import type { BatchNormOp } from "../protocol/layerOps";
import type { GraphNode, Layer, ModelGraph, NormContracts } from "../protocol/modelGraph";
import type { Directive, PlacedDirective, Setting } from "./directive";
import { insertNorm, nodesOf, normPlaceAfter, removeLayer, replaceLayer, soleConsumer, withShapes } from "./editGraph";
import { isActivation, isLinearOrConvolution, isNormalization } from "./layerKinds";
import { replaceNorm } from "./replaceNorm";

/** Why a directive did nothing, or not all of what it says. */
export interface DirectiveIssue {
  readonly line: number;
  readonly message: string;
}

export interface Variant {
  readonly graph: ModelGraph;
  readonly issues: readonly DirectiveIssue[];
}

interface Applied {
  readonly graph: ModelGraph;
  readonly error: string | null;
}

/**
 * Applies annotations to the graph as written, in the order of their lines. Directives concern the layers of their
 * line in the file as written, so a line's layers are looked up in the base graph.
 */
export function applyAnnotations(base: ModelGraph, placed: readonly PlacedDirective[]): Variant {
  const issues: DirectiveIssue[] = [];
  let graph = base;
  for (const { directive, line } of placed) {
    const targets = targetsOf(directive, layersOnLine(base, line));
    if (targets.length === 0) issues.push({ line, message: missingTarget(directive) });
    for (const target of targets) {
      const current = graph.layers.find((layer) => layer.name === target.name);
      if (current === undefined) continue;
      const applied = applyDirective(graph, current, directive);
      graph = withShapes(applied.graph);
      if (applied.error !== null) issues.push({ line, message: applied.error });
    }
  }
  return { graph, issues };
}

/** The layers whose creating expression covers the line of the model file; those of imported files are not meant. */
export function layersOnLine(graph: ModelGraph, line: number): Layer[] {
  const { path } = graph.source;
  return graph.layers.filter(
    (layer) => layer.range.path === path && layer.range.startLine <= line && line <= layer.range.endLine,
  );
}

/**
 * Of several layers on one line, `add` means the ones with weights and `remove` the normalisations, if there are any:
 * `nn.Sequential(nn.Conv2d(…), nn.BatchNorm2d(…), nn.ReLU())` on one line is common.
 */
function targetsOf(directive: Directive, layers: readonly Layer[]): readonly Layer[] {
  const norms = layers.filter((layer) => layer.op.kind === "batchNorm");
  switch (directive.kind) {
    case "set":
    case "frozen":
    case "minBatch":
    case "domain":
      return norms;
    case "use":
      return layers.filter(isNormalization);
    case "remove":
      return norms.length > 0 ? norms : layers;
    case "add": {
      const weighted = layers.filter(
        (layer) => isLinearOrConvolution(layer.op) || (layer.op.kind === "other" && layer.op.weightedSum !== undefined),
      );
      return weighted.length > 0 ? weighted : layers;
    }
  }
}

function missingTarget(directive: Directive): string {
  if (directive.kind === "add" || directive.kind === "remove") return "This line creates no layer of the model.";
  return `This line creates no ${directive.kind === "use" ? "" : "batch "}normalization layer of the model.`;
}

function applyDirective(graph: ModelGraph, layer: Layer, directive: Directive): Applied {
  switch (directive.kind) {
    case "add":
      return addNorm(graph, layer, directive.position);
    case "remove": {
      const removed = removeLayer(graph, layer);
      return removed === null
        ? { graph, error: `${layer.name} can't be removed: it has several inputs.` }
        : { graph: removed, error: null };
    }
    case "use": {
      const replaced = replaceNorm(graph, layer, directive.norm);
      return typeof replaced === "string" ? { graph, error: replaced } : { graph: replaced, error: null };
    }
    case "set":
      return { graph: changeSettings(graph, layer, directive.settings), error: null };
    case "frozen":
      return { graph: withContract(graph, layer, { frozen: true }), error: null };
    case "minBatch":
      return { graph: withContract(graph, layer, { minBatch: directive.samples }), error: null };
    case "domain":
      return { graph: withContract(graph, layer, { domain: directive.name }), error: null };
  }
}

function addNorm(graph: ModelGraph, layer: Layer, position: "after-layer" | "after-activation"): Applied {
  const own = nodesOf(graph, layer.name);
  if (own.length === 0) return { graph, error: `The forward pass never calls ${layer.name}.` };
  const calls = position === "after-layer" ? own : activationsAfter(graph, own);
  const after = graph.layers.find(({ name }) => name === calls?.[0]?.layer);
  if (calls === null || after === undefined) return { graph, error: `No activation follows ${layer.name} directly.` };
  const place = normPlaceAfter(graph, after, calls);
  if (place === null)
    return { graph, error: `The output shape of ${after.name} is unknown, and with it the number of channels.` };
  return { graph: insertNorm(graph, { layer, after, calls, ...place }), error: null };
}

/** For each call the activation that takes its output, over batch normalisations in between; null when one has none. */
function activationsAfter(graph: ModelGraph, calls: readonly GraphNode[]): GraphNode[] | null {
  const activations = calls.map((call) => activationAfter(graph, call));
  return activations.includes(null) ? null : (activations as GraphNode[]);
}

function activationAfter(graph: ModelGraph, call: GraphNode): GraphNode | null {
  for (let node = call; ; ) {
    const next = soleConsumer(graph, node.id);
    const layer = graph.layers.find((candidate) => candidate.name === next?.layer);
    if (next === null || layer === undefined) return null;
    if (isActivation(layer)) return next;
    if (layer.op.kind !== "batchNorm") return null;
    node = next;
  }
}

function withContract(graph: ModelGraph, layer: Layer, contract: NormContracts): ModelGraph {
  return replaceLayer(graph, { ...layer, contracts: { ...layer.contracts, ...contract } });
}

function changeSettings(graph: ModelGraph, layer: Layer, settings: readonly Setting[]): ModelGraph {
  if (layer.op.kind !== "batchNorm") return graph;
  const op = settings.reduce(
    (changed, setting) => changeSetting(changed, setting, graph.framework === "keras"),
    layer.op,
  );
  return replaceLayer(graph, { ...layer, op });
}

/** The momentum is written in the framework's own convention. */
function changeSetting(op: BatchNormOp, setting: Setting, keras: boolean): BatchNormOp {
  if (setting.name === "eps") return { ...op, epsilon: setting.value };
  return { ...op, runningStatsUpdateWeight: keras ? Number((1 - setting.value).toPrecision(12)) : setting.value };
}
