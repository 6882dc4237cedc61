/** Batches and numbers that statistics cannot be computed from, or not exactly. */
import { endAt, evaluated, layerOf, runOf, segment, standing } from "../makeRun";
import { moves, of, one, type RuleSample, still } from "./sample";

export const fewSamplesPerChannel: RuleSample = {
  expected: ["error", ["bn1"], 40],
  run: of(one(), evaluated([40, 80], { bn1: { samplesPerPass: 2, batch: 2, passes: 16 } })),
  also: {
    "four values": ["warning", of(one(), evaluated([40], { bn1: { samplesPerPass: 4, batch: 4, passes: 1 } }))],
    "vectors in batches of four": [
      "warning",
      of(one({}, { outputShape: [64] }), evaluated([40], { bn1: { batch: 4 } })),
    ],
    "two images": ["information", of(one(), evaluated([40], { bn1: { samplesPerPass: 2 * 4096, batch: 2 } }))],
  },
  nearly: {
    "has a small last batch": of(
      one(),
      standing(20, "rhythm", { bn1: { samplesPerPass: 32 } }),
      evaluated([40], { bn1: { samplesPerPass: 2 } }),
      standing(60, "rhythm", { bn1: { samplesPerPass: 32 } }),
      evaluated([80], { bn1: { samplesPerPass: 2 } }),
    ),
    "usually has more, by its facts": of(
      one({ samplesPerChannel: 64 }),
      evaluated([40, 80], { bn1: { samplesPerPass: 2 } }),
    ),
    "has many passes": of(one(), evaluated([40], { bn1: { samplesPerPass: 64, batch: 64, passes: 8 } })),
  },
};

const classOrder = { dependence: 6.9, batch: 36 };

export const correlatedBatches: RuleSample = {
  expected: ["warning", ["bn2"], 60],
  run: of(runOf(), evaluated([20, 60, 100], { bn1: { dependence: 0.13, batch: 36 }, bn2: classOrder }), endAt(100)),
  also: {
    "a critic that is never used": ["information", of(one(), standing(60, "rhythm", { bn1: classOrder }), endAt(100))],
  },
  nearly: {
    "has batches that chance explains": of(one(), evaluated([60, 100], { bn1: { dependence: 1.7, batch: 36 } })),
    "wanders at the start": of(
      one(),
      evaluated([10, 20], { bn1: classOrder }),
      evaluated([60, 100], { bn1: { dependence: 1.1, batch: 36 } }),
    ),
    "wanders once": of(
      one(),
      evaluated([60], { bn1: { dependence: 1, batch: 36 } }),
      evaluated([100], { bn1: classOrder }),
    ),
    "has large batches whose means hardly differ": of(
      one(),
      evaluated([60, 100], { bn1: { dependence: 8, batch: 512 } }),
    ),
    "has batches of unknown size": of(one(), evaluated([60, 100], { bn1: { dependence: 6.9 } })),
  },
};

export const lowPrecisionStatistics: RuleSample = {
  expected: ["warning", ["bn1"], 0],
  run: of(
    runOf([layerOf("bn1", { dtype: "bfloat16" }), layerOf("bn2")]),
    evaluated([100, 200], { bn1: { runningMoved: 0.13, passes: 1 }, bn2: { runningMoved: 1, passes: 1 } }),
  ),
  nearly: {
    "is never updated": of(one({ dtype: "bfloat16" }), evaluated([100, 200], { bn1: still })),
    "has float32": of(one(), evaluated([100, 200], { bn1: moves })),
  },
};

export const nanInRunningStats: RuleSample = {
  expected: ["error", ["bn1"], 60],
  run: of(
    runOf(),
    evaluated([30], { bn1: { broken: 0 } }),
    evaluated([60, 120], { bn1: { broken: 16 }, bn2: { broken: 0 } }),
  ),
  also: {
    "weights were put back, statistics were not": [
      "error",
      of(one(), evaluated([100], { bn1: { broken: 9 } }), segment(100, { withoutStatistics: ["bn1"] })),
    ],
  },
  nearly: {
    "is whole again": of(one(), evaluated([60], { bn1: { broken: 16 } }), evaluated([120], { bn1: { broken: 0 } })),
    "was set from outside since": of(one(), evaluated([100], { bn1: { broken: 16 } }), segment(100)),
  },
};

export const epsilonLarge: RuleSample = {
  expected: ["warning", ["bn1"], 100],
  run: of(
    runOf([layerOf("bn1", { epsilon: 0.8 }), layerOf("bn2")]),
    evaluated([100], { bn1: { epsilonShare: 0.93 }, bn2: { epsilonShare: 0.0001 } }),
  ),
  also: {
    "one layer of three": [
      "information",
      of(
        runOf(["bn1", "bn2", "bn3"].map((id) => layerOf(id))),
        evaluated([100], { bn1: { epsilonShare: 0.6 }, bn2: { epsilonShare: 0.1 }, bn3: { epsilonShare: 0 } }),
      ),
    ],
  },
  nearly: { "is smaller than the variance": of(one(), evaluated([100], { bn1: { epsilonShare: 0.4 } })) },
};

export const gammaDeadOrExploding: RuleSample = {
  expected: ["warning", ["bn1"], 100],
  run: of(one(), evaluated([50], { bn1: { largestGamma: 3 } }), evaluated([100], { bn1: { largestGamma: 240 } })),
  also: { "dead channels": ["information", of(one(), evaluated([100], { bn1: { deadGamma: 9, largestGamma: 1 } }))] },
  nearly: {
    "has a few dead channels": of(one(), evaluated([100], { bn1: { deadGamma: 7, largestGamma: 1 } })),
    "has a large γ": of(one(), evaluated([100], { bn1: { deadGamma: 0, largestGamma: 60 } })),
  },
};
