import type { LayerOp, Shape, SourceRange } from "../../protocol/modelGraph";
import type { Place } from "../interpreter/journal";
import type { InstanceValue, UnknownValue } from "../interpreter/values";

/** What a node of the forward pass calls: a layer module, or a function without a module of its own. */
export type Callee =
  | { readonly kind: "module"; readonly instance: InstanceValue }
  | { readonly kind: "function"; readonly name: string; readonly className: string; readonly op: LayerOp };

export interface TraceNode {
  readonly callee: Callee;
  /** Positions of earlier nodes; `INPUT_NODE` is the model's input. */
  readonly inputs: readonly number[];
  readonly shape: Shape | null;
  readonly range: SourceRange;
}

export const INPUT_NODE = -1;

/** A change in place: what was the node `from` in this storage is the node `at` from then on. */
export interface Overwrite {
  readonly storage: number;
  /** null for a tensor that did not come from the input; undefined when it is not certain that the change happened. */
  readonly from: number | null | undefined;
  readonly at: number;
}

/** One forward pass as it is followed. */
export interface Trace {
  nodes: TraceNode[];
  overwrites: Overwrite[];
  /** How many storages there are; the input's is 0. */
  storages: number;
  /** Storages of tensors that do not come from the input and that have views, which are not followed. */
  readonly viewedConstants: Set<number>;
  readonly unknowns: UnknownValue[];
}

export function newTrace(): Trace {
  return { nodes: [], overwrites: [], storages: 1, viewedConstants: new Set(), unknowns: [] };
}

/** Nodes made in a branch that may not run are taken out again, and the trace says that it is not complete. */
export function nodesPlace(trace: Trace): Place {
  return {
    read: () => ({ nodes: [...trace.nodes], overwrites: [...trace.overwrites] }),
    write: (content) => {
      const { nodes, overwrites } = content as Trace;
      trace.nodes = [...nodes];
      trace.overwrites = [...overwrites];
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
