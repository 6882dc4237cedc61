/** Statistics that a file or a copy does not have. */
import type { WrittenRecord } from "../../../../../engine/protocol/records";
import { evaluated, runOf, segment, standing } from "../makeRun";
import { of, one, type RuleSample } from "./sample";

export const statisticsLostAtLoad: RuleSample = {
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

export const checkpointWithoutStatistics: RuleSample = {
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

const ema = { updates: 0, runningMoved: 0, affineMoved: 1, training: false };

const copyOf = (norm = {}): WrittenRecord => one({ trained: false, ...norm }, { owned: false });

export const staleStatisticsInACopy: RuleSample = {
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
