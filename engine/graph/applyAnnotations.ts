import type { BatchNormOp, Layer, ModelGraph } from "../protocol/modelGraph";
import type { Directive, PlacedDirective, Setting } from "./directive";
import { insertNorm, nodesOf, normPlaceAfter, removeLayer, replaceLayer, soleConsumer, withShapes } from "./editGraph";
import { isActivation } from "./layerKinds";

/** Why a directive did nothing, or not all of what it says. */
export interface DirectiveIssue {
  readonly line: number;
  readonly severity: "error" | "information";
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
    if (!isApplied(directive)) {
      issues.push({ line, severity: "information", message: "Not applied yet by the engine." });
      continue;
    }
    const targets = targetsOf(directive, layersOnLine(base, line));
    if (targets.length === 0) issues.push({ line, severity: "error", message: missingTarget(directive) });
    for (const target of targets) {
      const current = graph.layers.find((layer) => layer.name === target.name);
      if (current === undefined) continue;
      const applied = applyDirective(graph, current, directive);
      graph = withShapes(applied.graph);
      if (applied.error !== null) issues.push({ line, severity: "error", message: applied.error });
    }
  }
  return { graph, issues };
}

type AppliedDirective = Extract<Directive, { kind: "add" | "remove" | "set" }>;

function isApplied(directive: Directive): directive is AppliedDirective {
  return directive.kind === "add" || directive.kind === "remove" || directive.kind === "set";
}

/** The layers whose creating expression covers the line of the model file; those of imported files are not meant. */
export function layersOnLine(graph: ModelGraph, line: number): Layer[] {
  const { path } = graph.source;
  return graph.layers.filter((layer) => layer.range.path === path && layer.range.startLine <= line && line <= layer.range.endLine);
}

/**
 * Of several layers on one line, `add` means the ones with weights and `remove` the normalisations, if there are any:
 * `nn.Sequential(nn.Conv2d(…), nn.BatchNorm2d(…), nn.ReLU())` on one line is common.
 */
function targetsOf(directive: AppliedDirective, layers: readonly Layer[]): readonly Layer[] {
  const norms = layers.filter((layer) => layer.op.kind === "batchNorm");
  switch (directive.kind) {
    case "set":
      return norms;
    case "remove":
      return norms.length > 0 ? norms : layers;
    case "add": {
      const weighted = layers.filter((layer) => layer.op.kind === "linear" || layer.op.kind === "conv2d" || (layer.op.kind === "other" && layer.op.weightedSum !== undefined));
      return weighted.length > 0 ? weighted : layers;
    }
  }
}

function missingTarget(directive: AppliedDirective): string {
  return directive.kind === "set" ? "This line makes no batch normalization layer of the model." : "This line makes no layer of the model.";
}

function applyDirective(graph: ModelGraph, layer: Layer, directive: AppliedDirective): Applied {
  switch (directive.kind) {
    case "add":
      return addNorm(graph, layer, directive.position);
    case "remove": {
      const removed = removeLayer(graph, layer);
      return removed === null
        ? { graph, error: `${layer.name} takes several inputs and cannot be removed.` }
        : { graph: removed, error: null };
    }
    case "set":
      return { graph: changeSettings(graph, layer, directive.settings), error: null };
  }
}

function addNorm(graph: ModelGraph, layer: Layer, position: "after-layer" | "after-activation"): Applied {
  const after = position === "after-layer" ? layer : activationAfter(graph, layer);
  if (after === null) return { graph, error: `No activation follows ${layer.name} directly.` };
  if (nodesOf(graph, after.name).length === 0) return { graph, error: `${after.name} is never called in the forward pass.` };
  const place = normPlaceAfter(graph, after);
  if (place === null) return { graph, error: `The output shape of ${after.name} is not known, so the channels are not either.` };
  return { graph: insertNorm(graph, { layer, after, ...place }), error: null };
}

/** The activation that takes the layer's output, over batch normalisations in between. */
function activationAfter(graph: ModelGraph, layer: Layer): Layer | null {
  let [node] = nodesOf(graph, layer.name);
  while (node !== undefined) {
    const next = soleConsumer(graph, node.id);
    const nextLayer = graph.layers.find((candidate) => candidate.name === next?.layer);
    if (next === null || nextLayer === undefined) return null;
    if (isActivation(nextLayer)) return nextLayer;
    if (nextLayer.op.kind !== "batchNorm") return null;
    node = next;
  }
  return null;
}

function changeSettings(graph: ModelGraph, layer: Layer, settings: readonly Setting[]): ModelGraph {
  if (layer.op.kind !== "batchNorm") return graph;
  const op = settings.reduce((changed, setting) => changeSetting(changed, setting, graph.framework === "keras"), layer.op);
  return replaceLayer(graph, { ...layer, op });
}

/** The momentum is written in the framework's own convention. */
function changeSetting(op: BatchNormOp, setting: Setting, keras: boolean): BatchNormOp {
  if (setting.name === "eps") return { ...op, epsilon: setting.value };
  return { ...op, runningStatsUpdateWeight: keras ? Number((1 - setting.value).toPrecision(12)) : setting.value };
}
