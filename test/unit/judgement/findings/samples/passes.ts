/** Statistics that other passes than those of the training update. */
import type { WrittenRecord } from "../../../../../engine/protocol/records";
import { endAt, evaluated, layerOf, passes, runOf, segment, standing } from "../makeRun";
import { of, one, type RuleSample } from "./sample";

const withPeaks = (steps: readonly number[], count: number): WrittenRecord[] => [
  passes(1, 1, { training: true }),
  ...steps.flatMap((step) => [passes(step, 1 + count), passes(step + 1, 1)]),
];

export const statisticsUpdatedByValidation: RuleSample = {
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

export const updatesBeforeTraining: RuleSample = {
  expected: ["information", ["bn1", "bn2"], 0],
  run: of(runOf([layerOf("bn1", { updatesBefore: 1 }), layerOf("bn2", { updatesBefore: 1 })])),
  nearly: {
    "was trained before": of(one({ updatesBefore: 600 })),
    "has a layer without": of(runOf([layerOf("bn1", { updatesBefore: 1 }), layerOf("bn2")])),
    "has loaded weights": of(one({ updatesBefore: 1 }), segment(0)),
  },
};

const twoDomains = { passes: 2, passApart: 6.1, passVarianceRatio: 25, batch: 50 };

export const oneNormForTwoInputs: RuleSample = {
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

export const checkpointingUpdatesTwice: RuleSample = {
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
