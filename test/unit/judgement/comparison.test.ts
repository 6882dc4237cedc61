/** Any number of runs side by side: variants, words against the first, what was set differently. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ComparedRun } from "../../../engine/judgement/compare";
import { compareRuns } from "../../../engine/judgement/comparison";
import { meanInterval, tQuantile } from "../../../engine/judgement/meanInterval";
import type { Comparison } from "../../../engine/protocol/comparison";
import type { RunState } from "../../../engine/protocol/judgement";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { type Measured, plain, type RecordOptions, runRecord, summaryOf } from "./makeSummary";

interface Options extends Omit<Measured, "run"> {
  readonly seed?: number | null;
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly record?: RecordOptions;
  readonly state?: RunState;
}

function run({ seed = 1, settings = {}, record = {}, state = "completed", ...measured }: Options = {}): ComparedRun {
  const own = { batchSize: 64, learningRate: 0.1, ...(seed === null ? {} : { seed }), ...settings };
  const { more = {}, ...options } = record;
  const written = runRecord({ ...options, more: { ...more, settings: own } });
  return { state, summary: summaryOf({ losses: [1, seed ?? 0.5, accuracyOf(measured)], ...measured, run: written }) };
}

const accuracyOf = ({ running }: Pick<Measured, "running">): number => running ?? 0.3;

/** A variant of as many seeds as it has accuracies. */
const seeds = (accuracies: readonly number[], options: Options = {}): ComparedRun[] =>
  accuracies.map((running, index) => run({ ...options, seed: index + 1, running, population: running }));

function compared(...runs: readonly ComparedRun[]): Comparison {
  const comparison = compareRuns(runs);
  assert.ok(comparison);
  return comparison;
}

/** What is said of the second variant. */
function second(...runs: readonly ComparedRun[]): string {
  const words = compared(...runs).words[1];
  assert.ok(words);
  return plain([`${words.tone}: ${words.sentence}`, ...words.more].join(" "));
}

const B = { settings: { batchSize: 4 } };
const end = (step: number, elapsedMs: number): WrittenRecord => ({ type: "end", step, status: "completed", elapsedMs });
const probe = (step: number, distance: number): WrittenRecord => ({
  type: "population",
  step,
  layers: ["bn1", "bn2"].map((layer) => ({ layer, meanDistance: distance, noiseFloor: 0.01 })),
});
const course = (distances: readonly number[]): Partial<Options> => ({
  layers: [{ gap: 0.02, gapFloor: 0.02 }],
  more: distances.map((distance, index) => probe(100 * index, distance)),
});

describe("a comparison", () => {
  it("is of two runs or more", () => assert.equal(compareRuns([run()]), null));

  it("puts runs that differ in their seed alone into one variant", () => {
    const { variants } = compared(...seeds([0.9, 0.91]), ...seeds([0.8, 0.82], B), run({ seed: 3, running: 0.9 }));
    assert.deepEqual(
      variants.map(({ letter, seeds: own }) => [letter, own.map((seed) => `${seed.letter} ${seed.seed}`)]),
      [
        ["A", ["A 1", "B 2", "E 3"]],
        ["C", ["C 1", "D 2"]],
      ],
    );
  });

  const apart: readonly (readonly [string, Options, Options])[] = [
    ["an unknown seed", { seed: null }, { seed: null }],
    ["the same seed twice", { seed: 1 }, { seed: 1 }],
    ["another momentum", {}, { seed: 2, record: { updateWeight: 0.01 } }],
    ["another model", {}, { seed: 2, record: { more: { model: "Other()" } } }],
    ["another file", {}, { seed: 2, record: { more: { source: { path: "models/net.py", sha256: "ab" } } } }],
  ];
  for (const [what, one, other] of apart)
    it(`keeps runs apart that differ in ${what}`, () =>
      assert.equal(compared(run(one), run(other)).variants.length, 2));

  it("reads past the seed of a command", () => {
    const by = (command: string, seed: number): ComparedRun =>
      run({ seed, record: { more: { process: { command } } } });
    assert.equal(compared(by("python t.py --seed 1", 1), by("python t.py --seed 2", 2)).variants.length, 1);
    assert.equal(compared(by("python t.py --seed 1", 1), by("python t.py --seed 2 --wide", 2)).variants.length, 2);
  });

  const cases: readonly (readonly [string, readonly ComparedRun[], RegExp])[] = [
    [
      "a difference that chance explains",
      [...seeds([0.96, 0.95, 0.97]), ...seeds([0.94, 0.96, 0.93], B)],
      /^ok: D ends 1\.7 points lower \(−4\.6 to 7\.9\): no difference seen at this size\.$/,
    ],
    [
      "one that it does not",
      [...seeds([0.96, 0.95, 0.97]), ...seeds([0.76, 0.74, 0.78], B)],
      /^warning: D ends 20\.0 points lower \(17\.5 to 22\.5\)\.$/,
    ],
    [
      "a better one",
      [...seeds([0.5, 0.51]), ...seeds([0.9, 0.911], B)],
      /^ok: C ends 40\.1 points higher \(39\.4 to 40\.7\)\.$/,
    ],
    [
      "one seed",
      [run({ running: 0.96 }), run({ ...B, running: 0.93 })],
      /^information: B ends 3\.0 points lower; with one seed, how much of it is chance is unknown\.$/,
    ],
    [
      "one seed with the same accuracy",
      [run({ running: 0.96 }), run({ ...B, running: 0.96, losses: [2] })],
      /^ok: B ends at the same accuracy\.$/,
    ],
    [
      "seeds that are not shared",
      [...seeds([0.9, 0.9]), run({ ...B, seed: 8, running: 0.95 }), run({ ...B, seed: 9, running: 0.97 })],
      /^ok: C ends 6\.0 points higher on average; no seed is in both\.$/,
    ],
    [
      "a training that is the same to the last bit",
      [
        run({ running: 0.961, losses: [1, 0.5] }),
        run({ running: 0.56, losses: [1, 0.5], record: { updateWeight: 0.001 } }),
      ],
      /^error: B trains like A to the last bit; only evaluation differs: 56\.0 % against 96\.1 %\. With population statistics it has 97\.4 %\./,
    ],
    [
      "the same training and the same accuracy",
      [run({ losses: [1, 0.5] }), run({ ...B, losses: [1, 0.5] })],
      /^ok: B trains like A to the last bit, and evaluates alike: 97\.1 %\.$/,
    ],
    [
      "no accuracies",
      [
        run({ running: null, population: null, batch: null, losses: [0.5] }),
        run({ ...B, running: null, population: null, batch: null, losses: [0.25] }),
      ],
      /^information: B ends with a training loss of 0\.25, A with 0\.50; no accuracy to compare\.$/,
    ],
    [
      "a divergence",
      [run(), run({ ...B, state: "diverged", running: null, population: null, batch: null })],
      /^error: B diverged at step 1 000\.$/,
    ],
    [
      "seeds that failed",
      [...seeds([0.9, 0.9]), ...seeds([0.9, 0.9], { ...B, state: "failed" })],
      /^error: All 2 seeds of C failed\. /,
    ],
    [
      "a run that goes on, where it was evaluated last",
      [
        run({ running: 0.9, step: 500, more: [{ type: "eval", step: 900, running: { accuracy: 0.99 } }] }),
        run({ ...B, state: "running", running: 0.88, step: 500 }),
      ],
      /^information: B is so far 2\.0 points lower; /,
    ],
    [
      "statistics that settle sooner",
      [
        run(course([1, 0.8, 0.5, 0.3, 0.2, 0.15, 0.05, 0.02])),
        run({ ...B, ...course([1, 0.15, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]) }),
      ],
      /It settles 3 times faster: by step 200, A by step 600\./,
    ],
    [
      "statistics that never settle",
      [run(course([1, 0.05, 0.02, 0.02, 0.02])), run({ ...B, ...course([1, 0.9, 0.9, 0.9, 0.9]) })],
      /It has not settled by step 400; A had by step 100\./,
    ],
    [
      "probes that are too far apart to know",
      [run(course([1, 0.5, 0.05])), run({ ...B, ...course([1, 0.05, 0.02]) })],
      /^(?!.*settle)/,
    ],
    [
      "the layer with the largest difference of the gap",
      [
        run({
          layers: [
            { gap: 0.2, gapFloor: 0.01 },
            { gap: 0.3, gapFloor: 0.01 },
          ],
        }),
        run({
          ...B,
          layers: [
            { gap: 0.2, gapFloor: 0.01 },
            { gap: 0.18, gapFloor: 0.01 },
          ],
        }),
      ],
      /Its gap is 0\.12 σ smaller at bn2\.$/,
    ],
    [
      "layers that have other names by their place",
      [
        run({ layers: [{ gap: 0.1, gapFloor: 0.01 }], record: { layers: ["a"] } }),
        run({ layers: [{ gap: 0.6, gapFloor: 0.01 }], record: { layers: ["b"] } }),
      ],
      /Its gap is 0\.50 σ larger at b\.$/,
    ],
    [
      "no gap that is within the noise",
      [run({ layers: [{ gap: 0.2, gapFloor: 0.2 }] }), run({ ...B, layers: [{ gap: 0.6, gapFloor: 0.2 }] })],
      /^(?!.*gap)/,
    ],
    [
      "speed",
      [run({ more: [end(1000, 8000)] }), run({ ...B, more: [end(1000, 20_000)] })],
      /A step takes 20 ms, A’s 8\.0 ms, measuring and pauses included\.$/,
    ],
    [
      "no speed of two machines",
      [
        run({ more: [end(1000, 8000)], record: { more: { process: { host: "one" } } } }),
        run({ more: [end(1000, 20_000)], record: { more: { process: { host: "two" } } } }),
      ],
      /^(?!.*takes)/,
    ],
  ];
  for (const [what, runs, expected] of cases) it(`says ${what}`, () => assert.match(second(...runs), expected));

  it("begins with what the first reaches", () => {
    const [first] = compared(...seeds([0.96, 0.95, 0.97]), run(B)).words;
    assert.equal(plain(first?.sentence ?? ""), "A reaches 96.0 %, the mean of 3 seeds from 95.0 % to 97.0 %.");
    assert.deepEqual(first?.more, ["Differences below are against A."]);
  });

  it("has a headline", () => {
    const { sentence } = compared(...seeds([0.96, 0.95]), ...seeds([0.56, 0.55], B));
    assert.equal(plain(sentence), "2 variants with 2 seeds each: A is ahead with 95.5 %, C is 40.0 points behind it.");
    const none = { running: null, population: null, batch: null };
    assert.equal(compared(run(none), run({ ...B, ...none })).sentence, "2 variants: none has an accuracy.");
    assert.match(compared(...seeds([0.96, 0.95])).sentence, /^A reaches/);
  });

  it("shows what was set differently, and leaves out what is equal", () => {
    const { differences } = compared(
      run(),
      run({ ...B, record: { updateWeight: 0.01, layers: ["bn1", "bn2", "bn3"] } }),
      run({ seed: 4, settings: { weightDecay: 0.01 } }),
    );
    assert.deepEqual(differences, [
      { name: "BN layers", values: ["2", "3", "2"] },
      { name: "BN momentum", values: ["0.1", "0.01", "0.1"] },
      { name: "Batch size", values: ["64", "4", "64"] },
      { name: "Seed", values: ["1", "1", "4"] },
    ]);
  });

  it("gives a momentum as the framework does, and names the layers that have another", () => {
    const keras = run({ record: { framework: "keras", updateWeight: 0.01 } });
    const other = run({ record: { framework: "keras", updateWeight: 0.1 } });
    assert.deepEqual(compared(keras, other).differences, [{ name: "BN momentum", values: ["0.99", "0.9"] }]);
  });

  it("counts other layers by their kind, and needs no row to say that nothing is there", () => {
    const plain = run({ record: { layers: [], more: { layers: [{ id: "gn", kind: "GroupNorm" }] } } });
    assert.deepEqual(compared(run(), plain).differences, [
      { name: "BN layers", values: ["2", "0"] },
      { name: "Other layers", values: ["none of these", "1 GroupNorm"] },
    ]);
  });

  it("says unknown where a run does not say", () => {
    const { differences } = compared(
      run(B),
      run({ settings: { batchSize: 8 } }),
      run({ record: { updateWeight: null } }),
    );
    assert.deepEqual(differences[0], { name: "Batch size", values: ["4", "8", "64"] });
    const some = compared(
      run({ record: { updateWeight: 0.1 } }),
      run({ record: { updateWeight: null } }),
      run({ record: { updateWeight: 0.2 } }),
    );
    assert.deepEqual(some.differences[0], { name: "BN momentum", values: ["0.1", "unknown", "0.2"] });
  });

  it("gives words for the first eight of fifty runs", () => {
    const runs = Array.from({ length: 50 }, (_, index) => run({ settings: { batchSize: index + 1 } }));
    const { words, unsaid, variants, differences } = compared(...runs);
    assert.deepEqual([words.length, unsaid, variants.length], [8, 42, 50]);
    assert.equal(differences[0]?.values.length, 50);
  });
});

describe("a mean over seeds", () => {
  it("has Student’s 95 % interval", () => {
    const { mean, low, high } = meanInterval([1, 2, 3, Number.NaN]);
    assert.deepEqual(
      [mean, low, high].map((value) => value.toFixed(3)),
      ["2.000", "-0.484", "4.484"],
    );
    assert.ok(Number.isNaN(meanInterval([1]).low) && Number.isNaN(meanInterval([]).mean));
  });

  // Published tables.
  for (const [freedom, quantile] of [
    [1, 12.706],
    [10, 2.228],
    [11, 2.201],
    [20, 2.086],
    [49, 2.01],
    [1000, 1.962],
  ] as const)
    it(`takes ${quantile} for ${freedom} degrees of freedom`, () =>
      assert.ok(Math.abs(tQuantile(freedom) - quantile) < 6e-4, String(tQuantile(freedom))));
});

describe("any comparison", () => {
  const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
  const anyRun: fc.Arbitrary<ComparedRun> = fc
    .record({
      seed: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
      state: fc.constantFrom<RunState>(
        "starting",
        "running",
        "completed",
        "diverged",
        "failed",
        "interrupted",
        "stopped",
      ),
      batchSize: fc.constantFrom(4, 64),
      updateWeight: fc.constantFrom(0.1, 0.01, null, "cumulative" as const),
      running: share,
      population: share,
      losses: fc.array(fc.double({ min: 0, max: 5 }), { maxLength: 3 }),
      names: fc.uniqueArray(fc.constantFrom("bn1", "bn2", "a", "b"), { maxLength: 3 }),
      gap: fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: undefined }),
      distances: fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 4 }),
      hasRecord: fc.boolean(),
    })
    .map(({ seed, state, batchSize, updateWeight, names, gap, distances, hasRecord, ...measured }) => {
      const layers = names.map(() => (gap === undefined ? {} : { gap }));
      const more = distances.map((distance, index) => probe(50 * index, distance));
      const record = { layers: names, updateWeight };
      const one = run({ seed, state, settings: { batchSize }, record, layers, more, ...measured, batch: null });
      if (!hasRecord) one.summary.run = null;
      return one;
    });

  it("is made without an error, and every run is in one variant", () =>
    fc.assert(
      fc.property(fc.array(anyRun, { minLength: 2, maxLength: 12 }), (runs) => {
        const { variants, words, unsaid, sentence, differences } = compared(...runs);
        const places = variants.flatMap(({ seeds: own }) => own.map((seed) => seed.run));
        assert.deepEqual(
          [...places].sort((a, b) => a - b),
          [...runs.keys()],
        );
        assert.equal(words.length + unsaid, variants.length);
        for (const text of [sentence, ...words.flatMap(({ sentence: first, more }) => [first, ...more])])
          assert.doesNotMatch(text, /NaN|undefined|null|Infinity|–/);
        for (const { values } of differences) assert.equal(values.length, variants.length);
      }),
      { numRuns: 150 },
    ));
});
