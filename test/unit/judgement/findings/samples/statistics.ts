/** Statistics that are behind, too young, never updated, or jump. */
import { endAt, evaluated, layerOf, runOf, segment, standing } from "../makeRun";
import { keras, of, one, type RuleSample } from "./sample";

const behind = { updates: 690, lag: 1.27, lagFloor: 0.05, varianceRatio: 3.03 };

const onTime = { updates: 690, lag: 0.02, lagFloor: 0.02, varianceRatio: 1 };

const oldDecay = { updateWeight: 0.003, updatesBefore: 600 };

export const statisticsBehind: RuleSample = {
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

export const statisticsTooYoung: RuleSample = {
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

const fresh = { "running_mean.min": 0, "running_mean.max": 0, "running_variance.min": 1, "running_variance.max": 1 };

export const neverUpdatedStatistics: RuleSample = {
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

export const statisticsJump: RuleSample = {
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

export const momentumInverted: RuleSample = {
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
