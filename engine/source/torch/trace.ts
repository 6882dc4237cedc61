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

/** One forward pass as it is followed. */
export interface Trace {
  nodes: TraceNode[];
  readonly unknowns: UnknownValue[];
}

export function newTrace(): Trace {
  return { nodes: [], unknowns: [] };
}

/** Nodes made in a branch that may not run are taken out again, and the trace says that it is not complete. */
export function nodesPlace(trace: Trace): Place {
  return {
    read: () => [...trace.nodes],
    write: (content) => (trace.nodes = [...(content as TraceNode[])]),
    taint: (reason) => trace.unknowns.push(reason),
    same: (a, b) => {
      const left = a as TraceNode[];
      const right = b as TraceNode[];
      return left.length === right.length && left.every((node, index) => node === right[index]);
    },
  };
}
