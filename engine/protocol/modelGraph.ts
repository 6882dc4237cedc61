/**
 * The model graph: what the reader found in a model file, and what the engine trains.
 *
 * Two lists keep the two halves apart. `layers` are the things that exist (a `nn.Conv2d` made on a line, with its
 * parameters), in definition order, which is the order of PyTorch's `named_modules()`. `nodes` are the calls that
 * happen in one forward pass, in execution order. A layer called twice is one layer and two nodes.
 */

import type { BatchNormOp, LayerOp } from "./layerOps";
import type { Problem } from "./problemSchema";
import type { Shape } from "./shape";

export type Framework = "pytorch" | "keras";

/** A stretch of source text. Lines count from 1, columns from 0 (as Python's own `ast` does); the end is exclusive. */
export interface SourceRange {
  readonly path: string;
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** What a person can do about something unknown. */
export type Remedy = NonNullable<Extract<Problem, { code: "unknown-value" }>["remedy"]>;

/** Something the reader could not determine. Nothing that depends on it is ever shown as certain. */
export interface Unknown {
  /** A clause that follows "has an unknown value:": "the bounds of this range are unknown". */
  readonly reason: string;
  /** Absent where NormLens does not follow the code, whatever is written there. */
  readonly remedy?: Remedy;
  readonly range: SourceRange;
  /** It is about a call alone that is in the graph with all its inputs. */
  readonly isOfCall?: true;
}

/** What an annotation did to a layer; kept so that views can say so. */
export type LayerOrigin = "source" | "added";

/** A call on the way to the line that makes a layer. */
export interface CallSite {
  /** The function the call is in: `ResNet._make_layer`. */
  readonly function: string;
  readonly range: SourceRange;
}

export interface Layer {
  /** The framework's own name (`layer1.0.bn1`). Functional calls are named after the function (`relu`, `relu#2`). */
  readonly name: string;
  /** The class or function as the user's framework spells it: `BatchNorm2d`, `F.relu`. */
  readonly className: string;
  readonly op: LayerOp;
  /** True for a call such as `F.relu(x)`, which has no module and no parameters. */
  readonly functional: boolean;
  /**
   * Parameters as the framework counts them; null when an argument they depend on is unknown. PyTorch's `parameters()`
   * leaves running statistics out, Keras's `count_params()` and `summary()` count moving means and variances.
   */
  readonly parameters: number | null;
  /** The expression that made the layer (the call, for functional ones). */
  readonly range: SourceRange;
  /** The calls that led there, the nearest first; absent for a layer that the model's own constructor makes itself. */
  readonly callPath?: readonly CallSite[];
  readonly origin: LayerOrigin;
  /**
   * Arguments of its constructor that follow from one that nobody gave (`source/assumed/`); `*` where any other may be
   * given as well.
   */
  readonly assumed?: readonly string[];
  /** What annotations promise of a batch normalisation layer. */
  readonly contracts?: NormContracts;
}

/** Promises about a batch normalisation layer, which are checked against the source and against runs. */
export interface NormContracts {
  /** Its weights and running statistics do not change. */
  readonly frozen?: true;
  /** It sees at least this many samples in each batch. */
  readonly minBatch?: number;
  /** All its data come from this domain, so it is called once in a forward pass. */
  readonly domain?: string;
}

/** The id of the model's first input where a node's `inputs` refer to it. */
export const INPUT_ID = "input";

/** A tensor that the model is called with. */
export interface GraphInput {
  /** `input` for the first, `input:<name>` for the others. */
  readonly id: string;
  /** The parameter of `forward`; empty where nothing names it. */
  readonly name: string;
  readonly shape: Shape | null;
}

/** A tensor that the model returns. */
export interface GraphOutput {
  /** Where it sits in the result: empty for a single tensor, `1` in a tuple, `aux` in a dict, `1.0` further inside. */
  readonly place: string;
  /** Id of the node whose value it is, or of an input that is passed through. */
  readonly node: string;
}

export interface GraphNode {
  /** Unique within the graph: the layer's name, with `@2` and on for its further calls. */
  readonly id: string;
  readonly layer: string;
  /** Ids of the nodes or inputs whose values this call takes. */
  readonly inputs: readonly string[];
  readonly outputShape: Shape | null;
  /** The call in `forward`. */
  readonly range: SourceRange;
}

export interface ModelGraph {
  /** The expression that builds the model: `MnistMlp()`. */
  readonly model: string;
  readonly framework: Framework;
  readonly source: { readonly path: string; readonly sha256: string };
  /** What `forward` takes, in its order; the first is `input`. */
  readonly inputs: readonly GraphInput[];
  readonly layers: readonly Layer[];
  readonly nodes: readonly GraphNode[];
  /** The values the model returns; none when the forward could not be followed to its end. */
  readonly outputs: readonly GraphOutput[];
  /** Parameters of the whole model, counted as those of a layer; null when unknown. */
  readonly parameters: number | null;
  readonly unknowns: readonly Unknown[];
}

/** The shape of the first input: the only one of a graph that is trained, where several are joined. */
export function inputShapeOf(graph: Pick<ModelGraph, "inputs">): Shape | null {
  return graph.inputs[0]?.shape ?? null;
}

/** The id of the only value the model returns; null when it returns several, or when that is not known. */
export function soleOutput(graph: ModelGraph): string | null {
  return graph.outputs.length === 1 ? (graph.outputs[0]?.node ?? null) : null;
}

/**
 * The id of the value that a run trains: the first that the model returns, as the main one is; null when it returns
 * none.
 */
export function trainedOutput(graph: Pick<ModelGraph, "outputs">): string | null {
  return graph.outputs[0]?.node ?? null;
}

/** Whether a value leaves the model. */
export function isReturned(graph: ModelGraph, id: string): boolean {
  return graph.outputs.some(({ node }) => node === id);
}

/** Batch normalisation layers in definition order. */
export function batchNormLayers(graph: ModelGraph): (Layer & { readonly op: BatchNormOp })[] {
  return graph.layers.filter((layer): layer is Layer & { op: BatchNormOp } => layer.op.kind === "batchNorm");
}

/** Layers that the forward pass calls, as far as it was followed. */
export function calledLayers(graph: ModelGraph): Layer[] {
  const called = new Set(graph.nodes.map(({ layer }) => layer));
  return graph.layers.filter(({ name }) => called.has(name));
}
