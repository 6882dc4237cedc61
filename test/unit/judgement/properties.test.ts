/** What must be true for any run, whatever was measured. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { partText, plainText } from "../../../engine/judgement/parts";
import {
  type Judgement,
  isAbove,
  type Part,
  type RunState,
  type VerdictTone,
  viewIds,
} from "../../../engine/protocol/judgement";
import { percent, sigma, thousands } from "../../../engine/protocol/numberText";
import { judged, type LayerNumbers, type Measured, runRecord } from "./makeSummary";

const RUNS = { numRuns: 1500 };
const states: readonly RunState[] = ["running", "paused", "unsure", "completed", "stopped"];

/** Evenly over the range: fast-check's own doubles are nearly all tiny. */
const between = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 2000 }).map((part) => least + (part / 2000) * (most - least));
const amount = between(0, 3);
const floor = between(0.001, 0.5);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const layerNumbers: fc.Arbitrary<LayerNumbers> = fc
  .record({
    gap: maybe(amount),
    gapFloor: maybe(floor),
    distance: maybe(amount),
    distanceFloor: maybe(floor),
    shiftFloor: maybe(floor),
    shift: maybe(amount),
    varianceRatio: maybe(between(0.01, 50)),
  })
  .map((numbers) => Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)));
const accuracy = fc.option(between(0, 1), { nil: null });
const weight = fc.oneof(
  fc.constantFrom(0.1, 0.01, 0.001, 0.99, 1, 0),
  fc.constant(null),
  fc.constant("cumulative" as const),
);

interface Case {
  readonly measured: Measured;
  readonly state: RunState;
  readonly pinned: number | null;
}

const anyRun: fc.Arbitrary<Case> = fc
  .record({
    layers: fc.array(layerNumbers, { maxLength: 5 }),
    updateWeight: weight,
    planned: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: null }),
    step: fc.integer({ min: 0, max: 2000 }),
    classes: fc.option(fc.integer({ min: 2, max: 1000 }), { nil: null }),
    running: accuracy,
    population: accuracy,
    batch: accuracy,
    state: fc.constantFrom(...states),
    pinned: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: null }),
    segment: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: null }),
  })
  .map(({ layers, updateWeight, planned, step, classes, running, population, batch, state, pinned, segment }) => ({
    measured: {
      run: runRecord({
        layers: layers.map((_, index) => `bn${index + 1}`),
        updateWeight,
        steps: planned,
        more: { data: { classes } },
      }),
      layers,
      step,
      running,
      population,
      batch,
      more: segment === null ? [] : [{ type: "segment", step: segment, reason: "weights-loaded" } as const],
    },
    state,
    pinned,
  }));

const judgementOf = ({ measured, state, pinned }: Case): Judgement =>
  judged(measured, state, { pinned: pinned === null ? null : { step: pinned, samples: [] } });

const severityRank: Readonly<Record<VerdictTone, number>> = { busy: 0, ok: 0, information: 0, warning: 1, error: 2 };

describe("any judgement", () => {
  it("names only layers, lines and views that are there", () => {
    fc.assert(
      fc.property(anyRun, (input) => {
        const judgement = judgementOf(input);
        const ids = new Set(judgement.layers.map(({ id }) => id));
        const check = (part: Part): void => {
          if (typeof part === "string") return;
          if (part.kind === "layer") assert.ok(ids.has(part.id), part.id);
          if (part.kind === "line") assert.ok(ids.has(part.layer) && part.line >= 10, String(part.line));
          if (part.kind === "view") assert.ok(viewIds.includes(part.view));
        };
        for (const view of viewIds) for (const { parts } of judgement.verdicts[view].answers) parts.forEach(check);
      }),
      RUNS,
    );
  });

  it("gives no number in σ that is in no reading", () => {
    fc.assert(
      fc.property(anyRun, (input) => {
        const judgement = judgementOf(input);
        // The overview always judges the newest readings.
        const readings = [...judgement.layers, ...judgementOf({ ...input, pinned: null }).layers];
        const known = new Set(
          readings.flatMap((reading) =>
            Object.values(reading).flatMap((value) => (typeof value === "number" ? [sigma(value)] : [])),
          ),
        );
        for (const view of viewIds) {
          const text = plainText(judgement.verdicts[view]);
          for (const [found] of text.matchAll(/[<>−\d.\u202f]+\u00a0σ/g))
            assert.ok(known.has(found), `${found} in ${text}`);
        }
      }),
      RUNS,
    );
  });

  it("gives no percentage that was not measured, and no dash for what was", () => {
    fc.assert(
      fc.property(anyRun, (input) => {
        const { running, population, batch } = input.measured;
        const judgement = judgementOf(input);
        const known = new Set([running, population, batch].map(percent));
        const { sentence, answers } = judgement.verdicts.overview;
        // Where a finding is the worst that is known, its numbers are those of its own evidence.
        if (judgement.findings.some(({ verdict }) => verdict === sentence)) return;
        const text = [
          sentence,
          ...answers
            .filter(({ label }) => label !== "Since")
            .map(({ parts }) =>
              parts.map((part) => (typeof part === "string" ? part : "text" in part ? part.text : "")).join(""),
            ),
        ].join("\n");
        for (const [found] of text.matchAll(/[\d.]+\u00a0%/g)) assert.ok(known.has(found), `${found} in ${text}`);
      }),
      RUNS,
    );
  });

  it("says how many layers are above the floor as its own table shows them", () => {
    fc.assert(
      fc.property(anyRun, (input) => {
        const judgement = judgementOf({ ...input, pinned: null });
        const above = judgement.layers.filter(({ severity }) => isAbove(severity)).length;
        const { sentence, answers } = judgement.verdicts.overview;
        const text = plainText(judgement.verdicts.overview);
        const where = answers.filter(({ label }) => label === "Where" || label === "Layers");
        for (const { parts } of where) {
          const [first = ""] = parts.map((part) => (typeof part === "string" ? part : ""));
          if (first.startsWith("No single")) assert.equal(above, 0, text);
          if (first.startsWith("Only")) assert.equal(above, 1, text);
          const counted = /^(?:All )?(\d+) (?:of|BN)/.exec(first)?.[1];
          if (counted !== undefined) assert.equal(Number(counted), above, text);
        }
        if (sentence.startsWith("Healthy")) assert.equal(above, 0, text);
        if (sentence.includes("stale")) assert.ok(above > 0, text);
      }),
      RUNS,
    );
  });

  it("names no step after the one it judges, except the step at which it will judge", () => {
    fc.assert(
      fc.property(anyRun, (input) => {
        const judgement = judgementOf({ ...input, pinned: null });
        for (const view of viewIds)
          for (const { label, parts } of judgement.verdicts[view].answers) {
            if (label !== "Since" && label !== "Starts at" && label !== "Last measured") continue;
            const step = /[Ss]tep (\d+)/.exec(parts.map(partText).join("").replaceAll("\u202f", ""))?.[1];
            if (step !== undefined)
              assert.ok(Number(step) <= judgement.step, `step ${step} at ${thousands(judgement.step)}`);
          }
      }),
      RUNS,
    );
  });
});

describe("a healthy run", () => {
  const quiet = between(0, 0.1);
  const healthyLayer = fc.record({
    gap: quiet,
    gapFloor: floor,
    distance: quiet,
    distanceFloor: floor,
    shiftFloor: floor,
    shift: quiet,
    varianceRatio: between(0.5, 2),
  });
  const healthyRun = fc.record({
    layers: fc.array(healthyLayer, { minLength: 1, maxLength: 5 }),
    base: between(0.4, 0.97),
    spread: fc.tuple(...[0, 1, 2].map(() => between(0, 0.02))),
    updateWeight: weight.filter((value) => value !== 0),
    state: fc.constantFrom(...states),
    step: fc.integer({ min: 0, max: 3000 }),
  });

  it("never gets a warning, in any view, at any step", () => {
    fc.assert(
      fc.property(healthyRun, ({ layers, base, spread, updateWeight, state, step }) => {
        const run = runRecord({ layers: layers.map((_, index) => `bn${index + 1}`), updateWeight, steps: 3000 });
        const [a = 0, b = 0, c = 0] = spread;
        const measured = { run, layers, step, running: base + a, population: base + b, batch: base + c };
        for (const { tone, sentence } of Object.values(judged(measured, state).verdicts))
          assert.equal(severityRank[tone], 0, sentence);
      }),
      RUNS,
    );
  });
});

describe("a worse number", () => {
  const rank = (measured: Measured, view: (typeof viewIds)[number]): number =>
    severityRank[judged(measured, "completed").verdicts[view].tone];

  it("never gives a milder severity: a lower accuracy with running statistics", () => {
    const share = between(0.3, 1);
    fc.assert(
      fc.property(share, share, between(0, 1), between(0, 1), (population, batch, one, other) => {
        const [better, worse] = [Math.max(one, other), Math.min(one, other)];
        // Above what the weights reach with other statistics, nothing is lost.
        const most = Math.max(population, batch);
        const tone = (running: number): number => rank({ running: running * most, population, batch }, "overview");
        assert.ok(tone(worse) >= tone(better), `${worse * most} after ${better * most}`);
      }),
      RUNS,
    );
  });

  it("never gives a milder severity: a larger gap, distance or shift", () => {
    const measures = ["gap", "distance", "shift"] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...measures),
        amount,
        amount,
        floor,
        layerNumbers,
        (measure, one, other, noise, rest) => {
          const layer = (value: number): LayerNumbers => ({
            ...rest,
            gapFloor: noise,
            distanceFloor: noise,
            shiftFloor: noise,
            [measure]: value,
          });
          const run = runRecord({ layers: ["bn1"] });
          for (const view of viewIds) {
            const tone = (value: number): number => rank({ run, layers: [layer(value)] }, view);
            assert.ok(tone(Math.max(one, other)) >= tone(Math.min(one, other)), `${measure} in ${view}`);
          }
        },
      ),
      RUNS,
    );
  });
});
