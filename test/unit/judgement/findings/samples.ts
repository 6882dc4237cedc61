/** For each rule runs that have what it looks for, and runs that nearly have it. */
import type { RunFinding, Severity } from "../../../../engine/protocol/finding";
import type { RankSample } from "../../../../engine/protocol/ranks";
import type { WrittenRecord } from "../../../../engine/protocol/records";
import { endAt, evaluated, layerOf, passes, type RecordedRun, runOf, segment, standing } from "./makeRun";

export interface RuleSample {
  /** What is found, in short: severity, layers, step. */
  readonly expected: readonly [severity: Severity, layers: readonly string[], step: RunFinding["step"]];
  readonly run: RecordedRun;
  /** Other runs of which the rule finds this; by what they are. */
  readonly also?: Readonly<Record<string, readonly [Severity, RecordedRun]>>;
  /** By what they are. */
  readonly nearly: Readonly<Record<string, RecordedRun>>;
}

const of = (...records: readonly (WrittenRecord | WrittenRecord[])[]): RecordedRun => ({ records: records.flat() });

const one = (norm: Parameters<typeof layerOf>[1] = {}, more = {}): WrittenRecord => runOf([layerOf("bn1", norm, more)]);
const keras = (norm: Parameters<typeof layerOf>[1] = {}, more = {}): WrittenRecord =>
  runOf([layerOf("norm0", norm, { framework: "keras", kind: "BatchNormalization", ...more })], { framework: "keras" });

const behind = { updates: 690, lag: 1.27, lagFloor: 0.05, varianceRatio: 3.03 };
const onTime = { updates: 690, lag: 0.02, lagFloor: 0.02, varianceRatio: 1 };
const oldDecay = { updateWeight: 0.003, updatesBefore: 600 };

const statisticsBehind: RuleSample = {
  expected: ["error", ["bn1"], 90],
  run: of(
    runOf([layerOf("bn1", oldDecay), layerOf("bn2", oldDecay)]),
    evaluated([90], { bn1: behind, bn2: onTime }),
    endAt(90),
  ),
  also: {
    "a little behind": ["warning", of(one(oldDecay), evaluated([90], { bn1: { ...behind, lag: 0.2 } }), endAt(90))],
    "behind when it is saved": ["error", of(one(), standing(100, "saved", { bn1: behind }))],
    "behind at the end, and never evaluated": [
      "information",
      of(one(), standing(100, "end", { bn1: behind }), endAt(100)),
    ],
    "a cumulative average far behind": [
      "warning",
      of(one({ updateWeight: "cumulative" }), evaluated([90], { bn1: { ...behind, lag: 0.5 } }), endAt(90)),
    ],
  },
  nearly: {
    "is behind early and recovers": of(
      one(),
      standing(60, "evaluated", { bn1: behind }),
      evaluated([400], { bn1: onTime }),
    ),
    "is behind by noise": of(one(), evaluated([400], { bn1: { ...behind, lag: 0.2, lagFloor: 0.1 } })),
    "has a floor that nobody knows": of(one(), evaluated([400], { bn1: { ...behind, lagFloor: null } })),
    "had no time to settle": of(one(), evaluated([20], { bn1: { ...behind, updates: 20 } }), endAt(20)),
    "had no time since weights were loaded": of(one(), segment(380), evaluated([400], { bn1: behind })),
    "averages all batches of an epoch": of(
      one({ updateWeight: "cumulative" }),
      evaluated([400], { bn1: { ...behind, lag: 0.2 } }),
    ),
    "is behind between evaluations only": of(
      one(),
      standing(300, "rhythm", { bn1: behind }),
      evaluated([400], { bn1: onTime }),
    ),
  },
};

const tooYoung = { updates: 100, lag: 1.65, lagFloor: 0.1 };

const statisticsTooYoung: RuleSample = {
  expected: ["warning", ["norm0"], 100],
  run: of(keras({ updateWeight: 0.01 }), evaluated([20, 100], { norm0: tooYoung }), endAt(100)),
  also: {
    // 0.9⁶⁰ is 0.0018.
    "batches that vary so little that the rest of the initial 1 is most of the running variance": [
      "warning",
      {
        ...of(one(), evaluated([60], { bn1: { updates: 60, lag: 0.2, lagFloor: 0.02 } }), endAt(60)),
        norms: { bn1: { "running_variance.median": 0.0019 } },
      },
    ],
    "the same where nobody knows whether the layer was new": [
      "warning",
      {
        ...of(
          one({ updatesBefore: null }),
          evaluated([60], { bn1: { updates: 60, lag: 0.2, lagFloor: 0.02 } }),
          endAt(60),
        ),
        norms: { bn1: { "running_variance.median": 0.0019 } },
      },
    ],
  },
  nearly: {
    "may have had other statistics before, which vary less than a rest of 1 does": {
      ...of(
        one({ updatesBefore: null }),
        evaluated([60], { bn1: { updates: 60, lag: 0.2, lagFloor: 0.02 } }),
        endAt(60),
      ),
      norms: { bn1: { "running_variance.median": 0.0005 } },
    },
    "has batches that vary as usual": {
      ...of(one(), evaluated([60], { bn1: { updates: 60, lag: 0.2, lagFloor: 0.02 } }), endAt(60)),
      norms: { bn1: { "running_variance.median": 0.3 } },
    },
    "has a faster momentum": of(keras({ updateWeight: 0.1 }), evaluated([100], { norm0: tooYoung }), endAt(100)),
    "is not behind": of(
      keras({ updateWeight: 0.01 }),
      evaluated([100], { norm0: { ...tooYoung, lag: 0.05 } }),
      endAt(100),
    ),
    "goes on from other statistics": of(
      keras({ updateWeight: 0.01, updatesBefore: 500 }),
      evaluated([100], { norm0: tooYoung }),
      endAt(100),
    ),
    "is still running": of(keras({ updateWeight: 0.01 }), evaluated([100], { norm0: tooYoung })),
  },
};

/** One pass a step, and `count` more at each of `steps`. */
const withPeaks = (steps: readonly number[], count: number): WrittenRecord[] => [
  passes(1, 1, { training: true }),
  ...steps.flatMap((step) => [passes(step, 1 + count), passes(step + 1, 1)]),
];

const statisticsUpdatedByValidation: RuleSample = {
  expected: ["warning", ["bn1", "bn2"], 33],
  run: of(
    runOf(),
    withPeaks([33, 65, 97, 129, 161], 16),
    passes(193, 16),
    evaluated([192], { bn1: {}, bn2: {} }),
    endAt(192),
  ),
  also: {
    "only after the last step": [
      "warning",
      of(one(), withPeaks([], 0), passes(193, 16), evaluated([192], { bn1: {} }), endAt(192)),
    ],
    "a sample every fifty steps": [
      "warning",
      of(one(), withPeaks([50, 100, 150], 1), evaluated([192], { bn1: {} }), endAt(192)),
    ],
    "a model that is never used": ["information", of(one(), withPeaks([33, 65], 16), endAt(192))],
  },
  nearly: {
    "skips single batches": of(one(), withPeaks([4, 69, 161, 228], 1), evaluated([240], { bn1: {} }), endAt(240)),
    "skips a batch whenever the loss scale grows": of(
      one(),
      withPeaks([2001, 4001, 6001, 8001], 1),
      evaluated([9000], { bn1: {} }),
      endAt(9000),
    ),
    "has one step with more": of(one(), withPeaks([33], 16), evaluated([192], { bn1: {} }), endAt(192)),
    "has a dry pass before the first step": of(
      one(),
      passes(1, 17),
      passes(2, 1),
      evaluated([99], { bn1: {} }),
      endAt(99),
    ),
    "carries the rest of an epoch over": of(
      one(),
      passes(1, 4),
      [50, 100, 150].flatMap((step) => [passes(step, 7), passes(step + 1, 4)]),
      evaluated([192], { bn1: {} }),
      endAt(192),
    ),
    "computes statistics again at the end": of(
      one(),
      passes(1, 1),
      passes(193, 40),
      segment(192, { reason: "statistics-recomputed" }),
      evaluated([192], { bn1: {} }),
      endAt(192),
    ),
    "has not said that it ended": of(one(), passes(1, 1), evaluated([192], { bn1: {} }), passes(193, 16)),
  },
};

const updatesBeforeTraining: RuleSample = {
  expected: ["information", ["bn1", "bn2"], 0],
  run: of(runOf([layerOf("bn1", { updatesBefore: 1 }), layerOf("bn2", { updatesBefore: 1 })])),
  nearly: {
    "was trained before": of(one({ updatesBefore: 600 })),
    "has a layer without": of(runOf([layerOf("bn1", { updatesBefore: 1 }), layerOf("bn2")])),
    "has loaded weights": of(one({ updatesBefore: 1 }), segment(0)),
  },
};

const twoDomains = { passes: 2, passApart: 6.1, passVarianceRatio: 25, batch: 50 };

const oneNormForTwoInputs: RuleSample = {
  expected: ["warning", ["bn1"], 40],
  run: of(one(), evaluated([40, 80], { bn1: twoDomains })),
  also: {
    "only the variances differ": [
      "warning",
      of(one(), evaluated([40, 80], { bn1: { ...twoDomains, passApart: 0.2 } })),
    ],
  },
  nearly: {
    "gets inputs that come closer": of(
      one(),
      evaluated([40], { bn1: twoDomains }),
      evaluated([80], { bn1: { passes: 2, passApart: 0.3, passVarianceRatio: 1.2, batch: 50 } }),
    ),
    "sees two views of the same data": of(
      one(),
      evaluated([40, 80], { bn1: { passes: 2, passApart: 0.1, batch: 50 } }),
    ),
    "is never evaluated": of(
      one(),
      standing(40, "rhythm", { bn1: twoDomains }),
      standing(80, "end", { bn1: twoDomains }),
    ),
    "has one pass": of(one(), evaluated([40, 80], { bn1: { passes: 1, passApart: 6, batch: 50 } })),
    "has passes of two samples": of(
      one(),
      evaluated([40, 80], { bn1: { passes: 16, passApart: 2.8, passVarianceRatio: 900, batch: 2 } }),
    ),
  },
};

const checkpointingUpdatesTwice: RuleSample = {
  expected: ["warning", ["bn2"], 400],
  run: of(runOf(), evaluated([400], { bn1: { passes: 1 }, bn2: { passes: 2, passApart: 0, passVarianceRatio: 1 } })),
  nearly: {
    "sees other batches": of(runOf(), evaluated([400], { bn1: { passes: 1 }, bn2: { passes: 2, passApart: 0.01 } })),
    "has two passes everywhere": of(
      runOf(),
      evaluated([400], { bn1: { passes: 2, passApart: 0 }, bn2: { passes: 2, passApart: 0 } }),
    ),
    "does not know what the passes saw": of(runOf(), evaluated([400], { bn1: { passes: 1 }, bn2: { passes: 2 } })),
  },
};

const fewSamplesPerChannel: RuleSample = {
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

const correlatedBatches: RuleSample = {
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

const still = { runningMoved: 0, affineMoved: 0, passes: 0 };
const moves = { runningMoved: 1, affineMoved: 0, passes: 1 };

const frozenButUpdating: RuleSample = {
  expected: ["warning", ["bn1"], 80],
  run: of(
    runOf([layerOf("bn1", { trained: false }), layerOf("bn2")]),
    evaluated([40, 80, 120], { bn1: moves, bn2: { ...moves, affineMoved: 1 } }),
  ),
  also: {
    "Keras, without a second compile()": [
      "warning",
      of(keras({ trained: false }), evaluated([40, 80], { norm0: { ...moves, affineMoved: 0.9 } })),
    ],
    "a layer that was frozen after an evaluation": [
      "warning",
      of(
        one(),
        evaluated([40, 80], { bn1: moves }),
        { type: "layers", step: 81, layers: [layerOf("bn1", { trained: false })] },
        evaluated([120, 120], { bn1: moves }),
      ),
    ],
    "a model that is saved at the step of its evaluation": [
      "warning",
      of(
        one({ trained: false }),
        evaluated([40, 80], { bn1: moves }),
        standing(80, "saved", { bn1: { ...moves, runningMoved: 0 } }),
      ),
    ],
    "a model that is never used": [
      "information",
      of(one({ trained: false }), standing(40, "rhythm", { bn1: moves }), standing(80, "end", { bn1: moves })),
    ],
  },
  nearly: {
    "stands still": of(one({ trained: false }), evaluated([40, 80], { bn1: still })),
    "moved once, when weights were loaded": of(
      one({ trained: false }),
      segment(60),
      evaluated([40], { bn1: still }),
      evaluated([80], { bn1: { ...still, runningMoved: 1 } }),
      evaluated([120], { bn1: still }),
    ),
    "was frozen in the middle": of(
      one(),
      evaluated([40, 80], { bn1: moves }),
      { type: "layers", step: 90, layers: [layerOf("bn1", { trained: false })] },
      evaluated([120], { bn1: moves }),
      evaluated([160], { bn1: still }),
    ),
    "is trained": of(one(), evaluated([40, 80], { bn1: moves })),
    "is a copy": of(one({ trained: false }, { owned: false }), evaluated([40, 80], { bn1: moves })),
  },
};

const heldButUpdating: RuleSample = {
  expected: ["warning", ["norm0"], 126],
  run: of(keras({ held: true }), evaluated([63, 126], { norm0: moves })),
  nearly: {
    "stands still": of(keras({ held: true }), evaluated([63, 126], { norm0: still })),
    "is not held": of(keras({ held: false }), evaluated([63, 126], { norm0: moves })),
  },
};

const notUpdatingThoughTraining: RuleSample = {
  expected: ["warning", ["bn1", "bn2"], 31],
  run: of(
    runOf(),
    passes(1, 1, { training: true }),
    passes(31, 0, { training: false }),
    passes(76, 1, { training: true }),
    passes(91, 0, { training: false }),
    passes(151, 1, { training: true }),
    endAt(225),
  ),
  nearly: {
    "is held from the first step": of(one(), passes(1, 0, { training: false }), endAt(225)),
    "holds BN alone": of(one(), passes(1, 1), passes(31, 0, { training: true }), endAt(225)),
    "is not trained": of(one({ trained: false }), passes(1, 1), passes(31, 0, { training: false }), endAt(225)),
    "returns after a few steps": of(
      one(),
      passes(1, 1),
      passes(31, 0, { training: false }),
      passes(36, 1, { training: true }),
      endAt(225),
    ),
  },
};

const statisticsLostAtLoad: RuleSample = {
  expected: ["warning", ["bn1", "bn2"], 0],
  run: of(
    runOf(),
    segment(0, { detail: "load_state_dict(strict=False)", withoutStatistics: ["bn1", "bn2"] }),
    evaluated([0], { bn1: {}, bn2: {} }),
  ),
  nearly: {
    "has all it needs": of(one(), segment(0, { withoutStatistics: [] }), evaluated([0], { bn1: {} })),
    "has no running statistics": of(one({ tracked: false }), segment(0, { withoutStatistics: ["bn1"] })),
  },
};

const checkpointWithoutStatistics: RuleSample = {
  expected: ["warning", ["bn1", "bn2"], 80],
  run: of(
    runOf(),
    { type: "checkpoint", step: 80, path: "out/last.pt", statistics: false },
    { type: "checkpoint", step: 160, path: "out/last.pt", statistics: false },
  ),
  nearly: {
    "saves them": of(one(), { type: "checkpoint", step: 80, statistics: true }),
    "saves them in another file": of(
      one(),
      { type: "checkpoint", step: 80, path: "ema.pt", statistics: false },
      { type: "checkpoint", step: 80, path: "last.pt", statistics: true },
    ),
    "does not say": of(one(), { type: "checkpoint", step: 80 }),
    "saves another model": of(one(), { type: "checkpoint", step: 80, statistics: false, layers: ["other"] }),
  },
};

const lowPrecisionStatistics: RuleSample = {
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

const ema = { updates: 0, runningMoved: 0, affineMoved: 1, training: false };
const copyOf = (norm = {}): WrittenRecord => one({ trained: false, ...norm }, { owned: false });

const staleStatisticsInACopy: RuleSample = {
  expected: ["warning", ["bn1"], 100],
  run: of(copyOf(), evaluated([100, 200], { bn1: ema })),
  also: {
    "a copy that is never used": [
      "information",
      of(copyOf(), standing(100, "rhythm", { bn1: ema }), standing(200, "end", { bn1: ema })),
    ],
    "a copy without updates": ["warning", of(copyOf(), evaluated([100, 200], { bn1: { updates: 0, affineMoved: 1 } }))],
  },
  nearly: {
    "copies statistics too": of(copyOf(), evaluated([100, 200], { bn1: { ...ema, updates: 300, runningMoved: 1 } })),
    "copies nothing": of(copyOf(), evaluated([100, 200], { bn1: { ...ema, affineMoved: 0 } })),
    "is trained": of(one(), evaluated([100, 200], { bn1: { ...ema, updates: 100 } })),
    "was seen once": of(copyOf(), evaluated([100], { bn1: ema })),
  },
};

const fresh = { "running_mean.min": 0, "running_mean.max": 0, "running_variance.min": 1, "running_variance.max": 1 };

const neverUpdatedStatistics: RuleSample = {
  expected: ["warning", ["bn1"], 100],
  run: of(one(), evaluated([100, 200], { bn1: { updates: 0 } }), endAt(200)),
  also: {
    "a Keras loop without training=True": [
      "warning",
      of(keras({}), evaluated([100, 200], { norm0: { updates: 0 } }), endAt(200)),
    ],
    "weights set again and again, with the statistics of a new layer": [
      "warning",
      { ...of(one(), segment(3), segment(60), evaluated([200], { bn1: { updates: 0 } })), norms: { bn1: fresh } },
    ],
  },
  nearly: {
    "is a short trial": of(one(), evaluated([20], { bn1: { updates: 0 } }), endAt(20)),
    "has statistics from elsewhere": of(one({ updatesBefore: 900 }), evaluated([200], { bn1: { updates: 0 } })),
    "has loaded statistics": of(one(), segment(0), evaluated([200], { bn1: { updates: 0 } })),
    "has loaded statistics of which one channel is trained": {
      ...of(one(), segment(0), evaluated([200], { bn1: { updates: 0 } })),
      norms: { bn1: { ...fresh, "running_mean.max": 0.1 } },
    },
    "is never evaluated": of(one(), standing(200, "end", { bn1: { updates: 0 } }), endAt(200)),
    "is updated": of(one(), evaluated([200], { bn1: { updates: 200 } })),
  },
};

const nanInRunningStats: RuleSample = {
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

const epsilonLarge: RuleSample = {
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

const gammaDeadOrExploding: RuleSample = {
  expected: ["warning", ["bn1"], 100],
  run: of(one(), evaluated([50], { bn1: { largestGamma: 3 } }), evaluated([100], { bn1: { largestGamma: 240 } })),
  also: { "dead channels": ["information", of(one(), evaluated([100], { bn1: { deadGamma: 9, largestGamma: 1 } }))] },
  nearly: {
    "has a few dead channels": of(one(), evaluated([100], { bn1: { deadGamma: 7, largestGamma: 1 } })),
    "has a large γ": of(one(), evaluated([100], { bn1: { deadGamma: 0, largestGamma: 60 } })),
  },
};

const statisticsJump: RuleSample = {
  expected: ["information", ["bn1"], 80],
  run: of(
    one(),
    standing(40, "rhythm", { bn1: onTime }, 0.001),
    standing(80, "rhythm", { bn1: { ...behind, varianceRatio: 1 } }, 0.1),
  ),
  also: {
    "the variance, after a load": [
      "information",
      of(
        one(),
        segment(40),
        standing(40, "rhythm", { bn1: { varianceRatio: 1 } }),
        standing(60, "rhythm", { bn1: { varianceRatio: 6 } }),
      ),
    ],
  },
  nearly: {
    "jumps without a cause": of(
      one(),
      standing(40, "rhythm", { bn1: onTime }),
      standing(80, "rhythm", { bn1: behind }),
    ),
    "moves a little": of(
      one(),
      standing(40, "rhythm", { bn1: onTime }, 0.001),
      standing(80, "rhythm", { bn1: { ...onTime, lag: 0.2 } }, 0.1),
    ),
  },
};

const rank = (step: number, apart: number, more: Partial<RankSample> = {}): RankSample => ({
  ...{ layer: "bn1", step, rank: 1, apart, logVarianceRatio: 1.18, affineApart: 0 },
  ...{ pooledShift: 1.25, pooledVarianceRatio: 2.6, ...more },
});
const ranked = (ranks: readonly RankSample[], settings = {}, more: readonly WrittenRecord[] = []): RecordedRun => ({
  records: [
    runOf([layerOf("bn1", { samplesPerChannel: 32 }), layerOf("bn2")], { ranks: 2, settings }),
    ...evaluated([100], { bn1: {} }),
    ...more,
  ],
  ranks,
});

const ranksApart: RuleSample = {
  expected: ["error", ["bn1"], 10],
  run: ranked([rank(1, 0.25, { apart: 0.05 }), rank(10, 1.2), rank(20, 2.2), rank(100, 2.5)]),
  also: {
    "a little": ["warning", ranked([rank(20, 0.21), rank(100, 0.22)])],
    "in what was saved": [
      "error",
      ranked([rank(10, 1.2), rank(100, 2.5)], {}, [
        { type: "checkpoint", step: 90, path: "out/net.pt", statistics: true },
      ]),
    ],
    "batches, where buffers are broadcast": [
      "error",
      ranked([rank(20, 0.25), rank(100, 0.25)], { broadcastBuffers: true }),
    ],
  },
  nearly: {
    "is together": ranked([rank(20, 0.02), rank(100, 0.016)]),
    "is apart by the noise of its batches": ranked([rank(20, 0.16), rank(100, 0.16)]),
    "was apart at the start": ranked([rank(1, 2), rank(20, 0.02), rank(50, 0.02), rank(100, 0.01)]),
    "is young, and has batches of few images": ranked([rank(3, 0.02)], { broadcastBuffers: true }, [
      standing(3, "rhythm", { bn1: { samplesPerPass: 65_536, batch: 64 } }),
    ]),
    "has buffers that are broadcast": ranked([rank(20, 0.03), rank(100, 0.03)], { broadcastBuffers: true }),
  },
};

const ranksTrainApart: RuleSample = {
  expected: ["error", ["bn1"], 20],
  run: ranked([rank(20, 0.02, { affineApart: 1 }), rank(100, 0.02, { affineApart: 1 })]),
  nearly: {
    "has the same weights": ranked([rank(20, 0.02), rank(100, 0.02)]),
    "differs in a channel": ranked([rank(20, 0.02, { affineApart: 0.06 }), rank(100, 0.02, { affineApart: 0.06 })]),
    "does not know": ranked([rank(20, 0.02, { affineApart: Number.NaN })]),
  },
};

const momentumInverted: RuleSample = {
  expected: ["warning", ["bn1"], 0],
  run: of(runOf([layerOf("bn1", { updateWeight: 0.99 }), layerOf("bn2")]), evaluated([100], { bn1: {}, bn2: {} })),
  also: {
    Keras: ["warning", of(keras({ updateWeight: 0.9 }), evaluated([100], { norm0: {} }))],
    "evaluation that is as good as with other statistics": [
      "information",
      of(one({ updateWeight: 0.99 }), {
        type: "eval",
        step: 100,
        running: { accuracy: 0.9 },
        population: { accuracy: 0.91 },
      }),
    ],
  },
  nearly: {
    "has a momentum of 0.3": of(one({ updateWeight: 0.3 }), evaluated([100], { bn1: {} })),
    "is never used": of(one({ updateWeight: 0.99 }), standing(100, "end", { bn1: {} })),
    "averages all batches": of(one({ updateWeight: "cumulative" }), evaluated([100], { bn1: {} })),
  },
};

/** A rule that is missing here fails its test. */
export const samples: Readonly<Record<string, RuleSample>> = {
  "statistics-behind": statisticsBehind,
  "statistics-too-young": statisticsTooYoung,
  "statistics-updated-by-validation": statisticsUpdatedByValidation,
  "updates-before-training": updatesBeforeTraining,
  "one-norm-for-two-inputs": oneNormForTwoInputs,
  "checkpointing-updates-twice": checkpointingUpdatesTwice,
  "few-samples-per-channel": fewSamplesPerChannel,
  "correlated-batches": correlatedBatches,
  "frozen-but-updating": frozenButUpdating,
  "held-but-updating": heldButUpdating,
  "not-updating-though-training": notUpdatingThoughTraining,
  "statistics-lost-at-load": statisticsLostAtLoad,
  "checkpoint-without-statistics": checkpointWithoutStatistics,
  "low-precision-statistics": lowPrecisionStatistics,
  "stale-statistics-in-a-copy": staleStatisticsInACopy,
  "never-updated-statistics": neverUpdatedStatistics,
  "nan-in-running-stats": nanInRunningStats,
  "epsilon-large": epsilonLarge,
  "gamma-dead-or-exploding": gammaDeadOrExploding,
  "statistics-jump": statisticsJump,
  "ranks-apart": ranksApart,
  "ranks-train-apart": ranksTrainApart,
  "momentum-inverted": momentumInverted,
};
