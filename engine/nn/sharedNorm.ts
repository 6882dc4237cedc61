/**
 * A BN layer that is called more than once in a pass. Each call normalizes with its own statistics and moves the same
 * running ones, so to what measures the layer its calls are as parts of a batch: small batches, one after another.
 */
import type { Arena } from "./arena";
import type { MeasuredNorm } from "./batchNorm";
import { poolStatistics } from "./pooledStatistics";
import { known } from "./step";

export interface SharedNorm extends MeasuredNorm {
  /** Puts what all calls saw into `batchStatistics`, after a pass over `count` samples in a batch mode. */
  pool(count: number): void;
}

export function sharedNorm(calls: readonly MeasuredNorm[], arena: Arena): SharedNorm {
  const first = known(calls[0]);
  const { channels, columns } = first.input;
  const whole = { mean: arena.allocateFloats(columns), variance: arena.allocateFloats(columns) };
  const parts: MeasuredNorm["parts"] = (count) =>
    calls.flatMap((norm, call) => norm.parts(count).map((part) => ({ ...part, call })));
  return {
    name: first.name,
    op: first.op,
    input: first.input,
    state: first.state,
    calls: calls.length,
    statisticsFor: (mode) => first.statisticsFor(mode),
    batchStatistics: whole,
    parts,
    pool: (count) => {
      poolStatistics({ arena, channels, parts: parts(count), whole });
    },
  };
}

/** The layers of a network that have running statistics, in the order of their first calls. */
export function measuredNorms(
  calls: readonly MeasuredNorm[],
  arena: Arena,
): { readonly norms: readonly MeasuredNorm[]; readonly shared: readonly SharedNorm[] } {
  const byName = new Map<string, MeasuredNorm[]>();
  for (const call of calls) byName.set(call.name, [...(byName.get(call.name) ?? []), call]);
  const shared: SharedNorm[] = [];
  const norms = [...byName.values()].map((ofLayer) => {
    if (ofLayer.length === 1) return known(ofLayer[0]);
    const norm = sharedNorm(ofLayer, arena);
    shared.push(norm);
    return norm;
  });
  return { norms, shared };
}
