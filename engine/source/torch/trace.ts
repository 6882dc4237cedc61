import type { LayerOp } from "../../protocol/layerOps";
import type { SourceRange } from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import type { JoinedPlace } from "../interpreter/journal";
import type { InstanceValue, UnknownValue } from "../interpreter/values";

/** What a node of the forward pass calls: a layer module, or a function without a module. */
export type Callee =
  | { readonly kind: "module"; readonly instance: InstanceValue }
  | { readonly kind: "function"; readonly name: string; readonly className: string; readonly op: LayerOp };

export interface TraceNode {
  readonly callee: Callee;
  /** Positions of earlier nodes; negative ones are the model's inputs, see `inputNode`. */
  readonly inputs: readonly number[];
  readonly shape: Shape | null;
  readonly range: SourceRange;
}

/** The position that stands for the model's input of this index. */
export const inputNode = (index: number): number => -1 - index;

/** The index of the input that a position stands for; negative for a node. */
export const inputIndex = (node: number): number => -1 - node;

/** A change in place: what was the node `from` in a storage is the node `at` from then on. */
export interface Overwrite {
  /** null for a tensor that did not come from the input; undefined when it is not certain that the change happened. */
  readonly from: number | null | undefined;
  readonly at: number;
}

/** One forward pass as it is followed. */
export interface Trace {
  nodes: TraceNode[];
  /** By storage, in order. */
  overwrites: Map<number, readonly Overwrite[]>;
  /** How many storages there are; those of the inputs come first. */
  storages: number;
  /** Storages of tensors that do not come from the input and that have views, which are not followed. */
  readonly viewedConstants: Set<number>;
  readonly unknowns: UnknownValue[];
}

export function newTrace(inputs: number): Trace {
  return { nodes: [], overwrites: new Map(), storages: inputs, viewedConstants: new Set(), unknowns: [] };
}

/** Nodes made in a branch that may not run are taken out again, and the trace says that it is not complete. */
export function nodesPlace(trace: Trace): JoinedPlace {
  return {
    read: () => ({ nodes: [...trace.nodes], overwrites: new Map(trace.overwrites) }),
    write: (content) => {
      const { nodes, overwrites } = content as Trace;
      trace.nodes = [...nodes];
      trace.overwrites = new Map(overwrites);
    },
    taint: (reason) => trace.unknowns.push(reason),
    same: (a, b) => {
      // What is changed in place is a node too.
      const left = (a as Trace).nodes;
      const right = (b as Trace).nodes;
      return left.length === right.length && left.every((node, index) => node === right[index]);
    },
  };
}
