/** What must be true of findings in any recorded run. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { findingsOf, severityRank } from "../../../../engine/judgement/findings/findingsOf";
import { judge } from "../../../../engine/judgement/judge";
import type { RankSample } from "../../../../engine/protocol/ranks";
import type { WrittenRecord } from "../../../../engine/protocol/records";
import { foundIn, layerOf, type RecordedRun, runOf, standing, summaryOf } from "./makeRun";

const RUNS = { numRuns: 1500 };
type Written<Type extends WrittenRecord["type"]> = Extract<WrittenRecord, { type: Type }>;
type Numbers = Omit<Written<"standing">["layers"][number], "layer">;

const ids = ["bn1", "bn2", "bn3"] as const;
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
/** Evenly over the range: fast-check's own doubles are nearly all tiny. */
const between = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1000 }).map((part) => least + (part / 1000) * (most - least));
const share = fc.oneof(fc.constantFrom(0, 1), between(0, 1));
const step = fc.integer({ min: 0, max: 300 });
const some = maybe(fc.subarray([...ids], { minLength: 1 }));

const numbers: fc.Arbitrary<Numbers> = fc.record({
  updates: maybe(fc.integer({ min: 0, max: 400 })),
  lag: maybe(between(0, 2)),
  lagFloor: maybe(between(0, 0.3)),
  varianceRatio: maybe(between(0.01, 20)),
  samplesPerPass: maybe(fc.integer({ min: 1, max: 64 })),
  batch: maybe(fc.integer({ min: 1, max: 64 })),
  dependence: maybe(between(0, 20)),
  passes: maybe(fc.integer({ min: 0, max: 4 })),
  passApart: maybe(fc.oneof(fc.constant(0), between(0, 8))),
  passVarianceRatio: maybe(fc.oneof(fc.constant(1), between(1, 20))),
  broken: maybe(fc.integer({ min: 0, max: 16 })),
  runningMoved: maybe(share),
  affineMoved: maybe(share),
  epsilonShare: maybe(share),
  deadGamma: maybe(fc.integer({ min: 0, max: 16 })),
  largestGamma: maybe(between(0, 200)),
  training: maybe(fc.boolean()),
});

const facts = fc.record({
  updateWeight: maybe(fc.constantFrom<(number | "cumulative")[]>(0, 0.003, 0.01, 0.1, 0.99, 1, "cumulative")),
  trained: maybe(fc.boolean()),
  tracked: maybe(fc.boolean()),
  held: maybe(fc.boolean()),
  updatesBefore: maybe(fc.integer({ min: 0, max: 9 })),
  dtype: maybe(fc.constantFrom("float32", "bfloat16", "float16", "float64")),
  channels: maybe(fc.constant(16)),
  epsilon: maybe(fc.constantFrom(1e-5, 0.8)),
});

const standingRecord: fc.Arbitrary<WrittenRecord> = fc
  .tuple(
    step,
    fc.constantFrom("rhythm", "evaluated", "saved", "end"),
    fc.array(numbers, { minLength: 1, maxLength: ids.length }),
    maybe(fc.constantFrom(0.1, 0.001)),
  )
  .map(([at, when, entries, rate]) =>
    standing(
      at,
      when,
      Object.fromEntries(entries.map((entry, index): [string, Numbers] => [ids[index] ?? "bn1", entry])),
      rate,
    ),
  );

const otherRecord: fc.Arbitrary<WrittenRecord> = fc.oneof(
  fc.record({
    type: fc.constant("passes" as const),
    step,
    passes: fc.constantFrom(0, 1, 2, 17),
    layers: some,
    training: maybe(fc.boolean()),
  }),
  fc.record({
    type: fc.constant("segment" as const),
    step,
    reason: fc.constantFrom("weights-loaded", "statistics-recomputed", "resumed", "written-from-outside"),
    layers: some,
    withoutStatistics: some,
  }),
  fc.record({ type: fc.constant("checkpoint" as const), step, statistics: maybe(fc.boolean()), layers: some }),
  fc.record({ type: fc.constant("eval" as const), step }),
);

const rankSample: fc.Arbitrary<RankSample> = fc.record({
  layer: fc.constantFrom(...ids),
  step,
  rank: fc.constantFrom(1, 2),
  apart: fc.oneof(fc.constant(Number.NaN), between(0, 3)),
  logVarianceRatio: fc.oneof(fc.constant(Number.NaN), between(-2, 2)),
  affineApart: fc.oneof(fc.constant(Number.NaN), share),
  pooledShift: fc.oneof(fc.constant(Number.NaN), between(0, 3)),
  pooledVarianceRatio: fc.oneof(fc.constant(Number.NaN), between(0.5, 5)),
});

interface AnyRun extends RecordedRun {
  readonly run: WrittenRecord;
  readonly standings: readonly WrittenRecord[];
}

const anyRun: fc.Arbitrary<AnyRun> = fc
  .record({
    layers: fc.array(fc.tuple(facts, maybe(fc.boolean())), { minLength: 1, maxLength: ids.length }),
    keras: fc.boolean(),
    isBroadcast: maybe(fc.boolean()),
    standings: fc.array(standingRecord, { maxLength: 6 }),
    others: fc.array(otherRecord, { maxLength: 8 }),
    ranks: fc.array(rankSample, { maxLength: 6 }),
    end: maybe(fc.constant(300)),
  })
  .map(({ layers, keras, isBroadcast, standings, others, ranks, end }) => {
    const run = runOf(
      layers.map(([norm, owned], index) => layerOf(ids[index] ?? "bn1", norm, { owned })),
      { framework: keras ? "keras" : "pytorch", ranks: 3, settings: { broadcastBuffers: isBroadcast } },
    );
    const last: WrittenRecord[] = end === null ? [] : [{ type: "end", step: end, status: "completed" }];
    return { run, standings, records: [run, ...standings, ...others, ...last], ranks };
  });

describe("findings of any run", () => {
  it("name only layers and steps that are in it, and no number that is not known", () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const summary = summaryOf(run);
        const known = new Set(summary.normLayers.map(({ id }) => id));
        for (const { rule, layers, step: at, verdict, evidence, next } of findingsOf(summary)) {
          const text = [verdict, evidence, next].join("\n");
          for (const id of layers) assert.ok(known.has(id), `${rule}: ${id}`);
          for (const [id] of text.matchAll(/bn\d/g)) assert.ok(known.has(id), text);
          assert.ok(layers.length > 0 && (at === null || (at >= 0 && at <= summary.lastStep + 1)), `${rule} at ${at}`);
          for (const [, number] of text.matchAll(/steps? (\d+)/g))
            assert.ok(Number(number) <= summary.lastStep + 1, text);
          assert.doesNotMatch(text, /undefined|null|Infinity|–/);
          if (rule !== "nan-in-running-stats") assert.doesNotMatch(text, /NaN/);
          for (const sentence of [verdict, evidence, next]) assert.match(sentence, /\.$/);
        }
      }),
      RUNS,
    );
  });

  it("come the worst first, and a run that has a warning or an error is not called healthy", () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const { findings, verdicts } = judge({ summary: summaryOf(run), state: "completed", problem: null });
        const ranks = findings.map(({ severity }) => severityRank[severity]);
        assert.deepEqual(
          ranks,
          [...ranks].sort((a, b) => b - a),
        );
        if ((ranks[0] ?? 0) > 0) assert.ok(["warning", "error"].includes(verdicts.overview.tone));
      }),
      RUNS,
    );
  });

  it("are none where nothing is known", () => {
    const unknown = fc.record({
      type: fc.constant("standing" as const),
      step,
      when: fc.constantFrom("rhythm", "evaluated", "saved", "end"),
      layers: fc.constant(ids.map((layer) => ({ layer }))),
    });
    const silent: fc.Arbitrary<WrittenRecord> = fc.oneof(
      unknown,
      fc.record({ type: fc.constant("segment" as const), step, reason: fc.constant("weights-loaded" as const) }),
      fc.record({ type: fc.constant("checkpoint" as const), step }),
      fc.record({ type: fc.constant("eval" as const), step }),
    );
    const layers = ids.map((id) => ({ id, norm: {} }));
    fc.assert(
      fc.property(fc.array(silent), (records) => {
        assert.deepEqual(foundIn({ records: [runOf(layers, { framework: null }), ...records] }), []);
      }),
    );
  });
});

describe("a worse number", () => {
  const rankOf = (run: RecordedRun, rule: string): number =>
    Math.max(
      -1,
      ...foundIn(run)
        .filter((finding) => finding.rule === rule)
        .map(({ severity }) => severityRank[severity]),
    );

  const larger: readonly (readonly [rule: string, field: keyof Numbers, most: number])[] = [
    ["statistics-behind", "lag", 2],
    ["statistics-too-young", "lag", 2],
    ["correlated-batches", "dependence", 20],
    ["one-norm-for-two-inputs", "passApart", 8],
    ["one-norm-for-two-inputs", "passVarianceRatio", 20],
    ["few-samples-per-channel", "samplesPerPass", -16],
    ["frozen-but-updating", "runningMoved", 1],
    ["held-but-updating", "runningMoved", 1],
    ["nan-in-running-stats", "broken", 16],
    ["epsilon-large", "epsilonShare", 1],
    ["gamma-dead-or-exploding", "largestGamma", 200],
    ["gamma-dead-or-exploding", "deadGamma", 16],
  ];
  for (const [rule, field, most] of larger)
    it(`never gives a milder severity: ${field} of ${rule}`, () => {
      const value = fc
        .integer({ min: 0, max: 16 })
        .map((part) => (most < 0 ? part + 1 : (part / 16) * most))
        .map((amount) => (most === 16 ? Math.round(amount) : amount));
      fc.assert(
        fc.property(anyRun, value, value, (any, one, other) => {
          const having = (amount: number): RecordedRun => ({
            ...any,
            records: any.records.map((record) =>
              record.type === "standing"
                ? { ...record, layers: record.layers.map((entry) => ({ ...entry, [field]: amount })) }
                : record,
            ),
          });
          const [least, worst] = [Math.min(one, other), Math.max(one, other)];
          const [mild, bad] = most < 0 ? [worst, least] : [least, worst];
          assert.ok(rankOf(having(bad), rule) >= rankOf(having(mild), rule));
        }),
        { numRuns: 500 },
      );
    });

  for (const [rule, field] of [
    ["ranks-apart", "apart"],
    ["ranks-train-apart", "affineApart"],
  ] as const)
    it(`never gives a milder severity: ${field} of ${rule}`, () => {
      fc.assert(
        fc.property(anyRun, between(0, 1), between(0, 1), (any, one, other) => {
          const having = (amount: number): RecordedRun => ({
            ...any,
            ranks: (any.ranks ?? []).map((sample) => ({ ...sample, [field]: amount })),
          });
          assert.ok(rankOf(having(Math.max(one, other)), rule) >= rankOf(having(Math.min(one, other)), rule));
        }),
        { numRuns: 500 },
      );
    });
});
