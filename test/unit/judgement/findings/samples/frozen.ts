/** Layers that are frozen and move, or train and do not move. */
import { endAt, evaluated, layerOf, passes, runOf, segment, standing } from "../makeRun";
import { moves, keras, of, one, type RuleSample, still } from "./sample";

export const frozenButUpdating: RuleSample = {
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

export const heldButUpdating: RuleSample = {
  expected: ["warning", ["norm0"], 126],
  run: of(keras({ held: true }), evaluated([63, 126], { norm0: moves })),
  nearly: {
    "stands still": of(keras({ held: true }), evaluated([63, 126], { norm0: still })),
    "is not held": of(keras({ held: false }), evaluated([63, 126], { norm0: moves })),
  },
};

export const notUpdatingThoughTraining: RuleSample = {
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
