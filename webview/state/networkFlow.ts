/** What flows into what in a network, as a graph of numbers: 0 is where everything begins, then the layers. Pure. */
import type { RunLayer } from "../../engine/protocol/records";

export interface Flow {
  /** The nodes whose values each node takes, each once, all of them smaller than the node itself. */
  readonly inputs: readonly (readonly number[])[];
  /** The normalization layers, in order. */
  readonly norms: readonly number[];
  nameOf(node: number): string;
}

type FlowLayer = Pick<RunLayer, "id" | "name" | "kind" | "inputs" | "norm">;

export function flowOf(layers: readonly FlowLayer[]): Flow {
  // What is no layer is an input of the model.
  const known = new Set(layers.map(({ id }) => id));
  const outside = [...new Set(layers.flatMap(({ inputs }) => inputs ?? []))].filter((id) => !known.has(id));
  const at = new Map([...outside, ...layers.map(({ id }) => id)].map((id, index) => [id, index + 1]));
  const firstLayer = outside.length + 1;
  const inputs: number[][] = [[], ...outside.map(() => [0])];
  layers.forEach((layer, index) => {
    const nodes = (layer.inputs ?? []).map((id) => at.get(id) ?? 0);
    const before = [...new Set(nodes)].filter((node) => node < index + firstLayer);
    inputs.push(before.length > 0 ? before : [0]);
  });
  const kindOf = (node: number): string | null => layers[node - firstLayer]?.kind ?? null;
  return {
    inputs: accumulated(inputs, kindOf),
    norms: layers.flatMap(({ norm }, index) => (norm ? index + firstLayer : [])),
    nameOf: (node) => layers[node - firstLayer]?.name ?? "",
  };
}

/**
 * A dense block joins all values so far again for each of its layers. To join what is joined already and one more value
 * is the same, and branches less.
 */
function accumulated(inputs: readonly (readonly number[])[], kindOf: (node: number) => string | null): number[][] {
  const lastJoin = new Map<string, { readonly node: number; readonly of: readonly number[] }>();
  return inputs.map((own, node) => {
    if (own.length < 2) return [...own];
    const key = `${kindOf(node) ?? ""} ${Math.min(...own)}`;
    const before = lastJoin.get(key);
    lastJoin.set(key, { node, of: own });
    const goesOn = before !== undefined && before.of.length < own.length && before.of.every((one) => own.includes(one));
    return goesOn ? [before.node, ...own.filter((one) => !before.of.includes(one))] : [...own];
  });
}

/** The last node that every way from the beginning to a node passes. */
export function immediateDominators(inputs: readonly (readonly number[])[]): number[] {
  const dominators: number[] = [];
  inputs.forEach((own, node) => {
    dominators[node] = own.length === 0 ? 0 : own.reduce((a, b) => commonDominator(dominators, a, b));
  });
  return dominators;
}

/** A node comes after what dominates it. */
function commonDominator(dominators: readonly number[], a: number, b: number): number {
  while (a !== b) {
    if (a > b) a = dominators[a] ?? 0;
    else b = dominators[b] ?? 0;
  }
  return a;
}

/** The nodes on ways to `to` that begin behind `from`, with `to` itself; none where they are the same. */
export function pathsBetween(inputs: readonly (readonly number[])[], from: number, to: number): Set<number> {
  const found = new Set<number>();
  const waiting = [to];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node <= from || found.has(node)) continue;
    found.add(node);
    waiting.push(...(inputs[node] ?? []));
  }
  return found;
}
