/** Watches the contracts that annotations state for BN layers, and says once for each when a run breaks it. */
import type { Finding } from "../protocol/finding";
import type { Layer } from "../protocol/modelGraph";
import { snapshotRunning, type RunningSnapshot } from "./probes";
import type { TrainingSession } from "./session";

export class ContractWatch {
  private readonly layers: ReadonlyMap<string, Layer>;
  private readonly broken = new Set<string>();
  private readonly hasFrozen: boolean;

  constructor(private readonly session: TrainingSession) {
    this.layers = new Map(session.graph.layers.map((layer) => [layer.name, layer]));
    this.hasFrozen = session.norms.some(({ name }) => this.layers.get(name)?.contracts?.frozen === true);
  }

  /** `min-batch`, which a run's batch size keeps or breaks before its first step. */
  atStart(batchSize: number): Finding[] {
    return this.session.norms.flatMap((norm) => {
      const { name } = norm;
      const layer = this.layers.get(name);
      const least = layer?.contracts?.minBatch;
      const seen = Math.min(...norm.parts(batchSize).map(({ count }) => count));
      if (layer === undefined || least === undefined || seen >= least) return [];
      return [
        brokenContract(layer, {
          verdict:
            `${name} is annotated min-batch=${least}, but this run trains with batches of ` +
            `${seen < batchSize ? `${batchSize} in parts of as few as ${seen}` : batchSize}.`,
          evidence: `Its batch statistics come from ${seen} samples and their positions.`,
          next: `Train with batches of ${least} or more, or annotate a smaller min-batch.`,
        }),
      ];
    });
  }

  /** `frozen`: `before` is how the running statistics stood before the last step. */
  afterStep(step: number, before: RunningSnapshot): Finding[] {
    if (!this.hasFrozen) return [];
    const after = snapshotRunning(this.session);
    return this.session.norms.flatMap(({ name }, index) => {
      const layer = this.layers.get(name);
      if (layer?.contracts?.frozen !== true || this.broken.has(name)) return [];
      const moved = largestDifference(before[index]?.mean, after[index]?.mean);
      if (moved === 0) return [];
      this.broken.add(name);
      return [
        brokenContract(layer, {
          verdict: `${name} is annotated frozen, but step ${step} changed its running statistics.`,
          evidence: `A running mean moved by ${moved.toPrecision(2)} in that step, so the layer is in train mode.`,
          next:
            "Keep the layer in eval mode during training (override train() in its model), or remove the " +
            "annotation.",
        }),
      ];
    });
  }
}

function brokenContract(layer: Layer, text: Pick<Finding, "verdict" | "evidence" | "next">): Finding {
  return { rule: "contract-broken", severity: "warning", layer: layer.name, line: layer.range.startLine, ...text };
}

function largestDifference(a: Float32Array | undefined, b: Float32Array | undefined): number {
  let most = 0;
  for (const [index, value] of (a ?? []).entries()) most = Math.max(most, Math.abs(value - (b?.[index] ?? value)));
  return most;
}
