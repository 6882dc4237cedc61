/** Ranks of one training that go apart. */
import type { RankSample } from "../../../../../engine/protocol/ranks";
import type { WrittenRecord } from "../../../../../engine/protocol/records";
import { evaluated, layerOf, type RecordedRun, runOf, standing } from "../makeRun";
import { type RuleSample } from "./sample";

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

export const ranksApart: RuleSample = {
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

export const ranksTrainApart: RuleSample = {
  expected: ["error", ["bn1"], 20],
  run: ranked([rank(20, 0.02, { affineApart: 1 }), rank(100, 0.02, { affineApart: 1 })]),
  nearly: {
    "has the same weights": ranked([rank(20, 0.02), rank(100, 0.02)]),
    "differs in a channel": ranked([rank(20, 0.02, { affineApart: 0.06 }), rank(100, 0.02, { affineApart: 0.06 })]),
    "does not know": ranked([rank(20, 0.02, { affineApart: Number.NaN })]),
  },
};
