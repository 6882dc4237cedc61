/**
 * How much the probes of a run look at. Depends on the model alone, so that the same run is seen alike on any machine.
 */
import { workOf } from "../graph/multiplyAdds";
import type { ModelGraph } from "../protocol/modelGraph";

export interface ProbeSize {
  /** For population statistics. */
  readonly batches: number;
  /** For the accuracies. */
  readonly testSamples: number;
}

const USUAL: ProbeSize = { batches: 16, testSamples: 1000 };
/** Of a model whose usual probe would take longer, so that it is seen oftener. */
const SMALL: ProbeSize = { batches: 8, testSamples: 250 };
/** Multiply-adds of a probe, about a tenth of a second. */
const MOST_WORK = 3e9;
/** The gap takes three passes over a batch, the accuracies as many over each sample. */
const MODES = 3;

/** Of every probe but the last one, which takes all that there is. */
export function probeSize(graph: ModelGraph, batchSize: number): ProbeSize {
  const samples = (USUAL.batches + MODES) * batchSize + MODES * USUAL.testSamples;
  return workOf(graph).multiplyAdds * samples > MOST_WORK ? SMALL : USUAL;
}
