import assert from "node:assert/strict";
import type { ComparedSeed, Comparison } from "../../../engine/protocol/comparison";
import type { RunView } from "../../../webview/protocol";
import {
  type CurveOptions,
  alignmentsOf,
  colorsOf,
  domainOf,
  measureOf,
  namesOf,
  shownVariants,
  valueAt,
} from "../../../webview/state/comparedCurves";
import type { RunModel } from "../../../webview/state/runModel";
import { block, runModel, runRecord } from "./makeRun";

const unknown = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };

const seedOf = (run: number, change: Partial<ComparedSeed> = {}): ComparedSeed => ({
  ...{ run, letter: String.fromCharCode(65 + run), seed: String(run), accuracy: 0.9, population: 0.9, loss: 0.1 },
  ...{ epochsPerStep: 0.01, msPerStep: 20, ...change },
});

const comparison = (...variants: readonly (readonly ComparedSeed[])[]): Comparison => ({
  ...{ tone: "information", sentence: "", words: [], unsaid: 0, differences: [] },
  variants: variants.map((seeds) => ({ letter: seeds[0]?.letter ?? "", accuracy: unknown, seeds })),
});

const evaluated = (steps: readonly number[], accuracies: readonly number[], view: Partial<RunView> = {}): RunModel =>
  runModel({ step: steps.at(-1) ?? 0, ...view }, [block("eval", "runningAccuracy", 0, steps, accuracies)]);

const byStep: CurveOptions = { alignment: "step", measure: "accuracy", range: [0, 1000] };
const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toFixed(3)));

describe("curves of variants", () => {
  it("are the mean of their seeds, with the band from the lowest to the highest", () => {
    const runs = [evaluated([0, 100, 200], [0, 0.5, 1]), evaluated([0, 200], [0.2, 0.6])];
    const [shown] = shownVariants(comparison([seedOf(0), seedOf(1)]), runs, byStep);
    assert.deepEqual(shown?.curve.x, [0, 100, 200]);
    assert.deepEqual(rounded(shown?.curve.mean ?? []), [0.1, 0.45, 0.8]);
    assert.deepEqual(rounded(shown?.curve.least ?? []), [0, 0.4, 0.6]);
    assert.deepEqual(rounded(shown?.curve.most ?? []), [0.2, 0.5, 1]);
  });

  it("are aligned by what every run knows", () => {
    const runs = [evaluated([0, 100], [0, 1]), evaluated([0, 100], [0, 1])];
    assert.deepEqual(alignmentsOf(comparison([seedOf(0)], [seedOf(1)]), runs), ["step", "epoch", "time"]);
    const without = comparison([seedOf(0)], [seedOf(1, { epochsPerStep: Number.NaN, msPerStep: Number.NaN })]);
    assert.deepEqual(alignmentsOf(without, runs), ["step"]);
    const [, epochs] = shownVariants(comparison([seedOf(0)], [seedOf(1, { epochsPerStep: 0.5 })]), runs, {
      ...byStep,
      alignment: "epoch",
    });
    assert.deepEqual(epochs?.curve.x, [0, 50]);
  });

  it("take the time of a run that goes on from its own clock", () => {
    const run = runModel({ step: 100, state: "running" }, [block("loss", "seconds", 0, [50, 100], [10, 20])]);
    const live = comparison([seedOf(0, { msPerStep: Number.NaN })]);
    assert.deepEqual(alignmentsOf(live, [run]), ["step", "epoch", "time"]);
    assert.deepEqual(domainOf(live, [run], { ...byStep, alignment: "time" }), [0, 20]);
  });

  it("are losses where no run has an accuracy", () => {
    const run = runModel({}, [block("loss", "loss", 0, [1, 2], [1, 0.5])]);
    assert.equal(measureOf([run]), "loss");
    assert.equal(measureOf([run, evaluated([0], [0.5])]), "accuracy");
    const [shown] = shownVariants(comparison([seedOf(0)]), [run], { ...byStep, measure: "loss" });
    assert.deepEqual(shown?.curve.x, [1, 2]);
  });

  it("are within the steps that are shown, and of no more points than can be told apart", () => {
    const steps = Array.from({ length: 1000 }, (_, index) => index);
    const runs = [
      evaluated(
        steps,
        steps.map((step) => step / 1000),
      ),
    ];
    const [shown] = shownVariants(comparison([seedOf(0)]), runs, { ...byStep, range: [100, 900] });
    assert.deepEqual([shown?.curve.x.length, shown?.curve.x[0], shown?.curve.x.at(-1)], [120, 100, 900]);
  });

  it("have a value between two points, and none outside", () => {
    const curve = { x: [0, 10], y: [0, 1] };
    assert.deepEqual(
      [0, 5, 10].map((at) => valueAt(curve, at)),
      [0, 0.5, 1],
    );
    assert.ok(Number.isNaN(valueAt(curve, 11)) && Number.isNaN(valueAt(curve, -1)));
  });
});

describe("variants", () => {
  const named = (name: string): RunModel => runModel({ run: runRecord({ name }) });

  it("have the names of their runs, or else what was set differently", () => {
    const two = comparison([seedOf(0)], [seedOf(1)]);
    assert.deepEqual(namesOf(two, [named("with BN"), named("without BN")]), ["with BN", "without BN"]);
    const differences = [
      { name: "Seed", values: ["1", "2"] },
      { name: "Batch size", values: ["64", "4"] },
    ];
    const same = [named("as written"), named("as written")];
    assert.deepEqual(namesOf({ ...two, differences }, same), ["Batch size 64", "Batch size 4"]);
    assert.deepEqual(namesOf(two, same), ["as written", "as written"]);
  });

  it("have the colours of their runs where these have some", () => {
    assert.deepEqual(colorsOf(comparison([seedOf(0), seedOf(1)], [seedOf(2)])), ["runA", "runC"]);
    assert.deepEqual(colorsOf(comparison([seedOf(0)], [seedOf(9)])), ["runA", "runB"]);
  });
});
