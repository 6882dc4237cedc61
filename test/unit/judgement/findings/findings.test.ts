/**
 * Each rule with a run that has what it looks for, and runs that nearly have it. The texts are in runFindingTexts.txt;
 * NORMLENS_UPDATE=1 writes it again.
 */
import { strict as assert } from "node:assert";
import { runRules } from "../../../../engine/judgement/findings/findingsOf";
import { ruleDescription } from "../../../../engine/findings/rules";
import { judge } from "../../../../engine/judgement/judge";
import type { RunFinding } from "../../../../engine/protocol/finding";
import type { Judgement, RunState } from "../../../../engine/protocol/judgement";
import { checkSnapshot } from "../../support/snapshot";
import { evaluated, foundIn, layerOf, type RecordedRun, runOf, segment, standing, summaryOf } from "./makeRun";
import { samples } from "./samples/allRules";

const of = (rule: string, run: RecordedRun): RunFinding[] => foundIn(run).filter((finding) => finding.rule === rule);

const textOf = ({ rule, severity, layers, step, line, verdict, evidence, next }: RunFinding): string =>
  [
    `${rule} (${severity}) in ${layers.join(", ")} at step ${step}, line ${line}`,
    `  ${verdict}`,
    `  ${evidence}`,
    `  ${next}`,
  ].join("\n");

const judgedAs = (run: RecordedRun, state: RunState = "completed"): Judgement =>
  judge({ summary: summaryOf(run), state, problem: null });

describe("findings of recorded runs", () => {
  it("have a sample and a description for each rule", () => {
    assert.deepEqual(Object.keys(samples).sort(), Object.keys(runRules).sort());
    for (const rule of Object.keys(runRules)) assert.notEqual(ruleDescription(rule), null, rule);
  });

  for (const [rule, { expected, run, also = {}, nearly }] of Object.entries(samples)) {
    describe(rule, () => {
      it("finds its sample, and nothing else does", () => {
        const found = foundIn(run).map(({ severity, layers, step }) => [severity, layers, step]);
        assert.deepEqual(found, [expected]);
      });
      for (const [what, [severity, other]] of Object.entries(also))
        it(`finds ${what}`, () => {
          const found = of(rule, other);
          assert.deepEqual(
            found.map((finding) => finding.severity),
            [severity],
          );
        });
      for (const [what, other] of Object.entries(nearly))
        it(`is silent about a run that ${what}`, () => assert.deepEqual(of(rule, other), []));
    });
  }

  it("have the texts of the snapshot", () => {
    const runs = Object.entries(samples).flatMap(([rule, { run, also = {} }]) =>
      [run, ...Object.values(also).map(([, other]) => other)].flatMap((one) => of(rule, one)),
    );
    checkSnapshot("test/unit/judgement/findings/runFindingTexts.txt", `${runs.map(textOf).join("\n\n")}\n`);
  });

  it("say of one layer that its statistics are young or behind, not both", () => {
    const young = samples["statistics-too-young"]?.run ?? { records: [] };
    assert.deepEqual(
      foundIn(young).map(({ rule }) => rule),
      ["statistics-too-young"],
    );
  });

  it("contain what the producer's own rules found, the worst first, with the layer's id", () => {
    const { records } = samples["momentum-inverted"]?.run ?? { records: [] };
    const found = foundIn({
      records: [
        runOf([layerOf("m.0", { updateWeight: 0.99 }, { name: "first" })]),
        ...records.slice(1),
        ...evaluated([100], { "m.0": {} }),
        { type: "finding", step: 3, finding: { rule: "own", severity: "error", layer: "first", verdict: "It broke." } },
        { type: "finding", step: 4, finding: { rule: "other", severity: "information", layer: "x", verdict: "Well." } },
      ],
    });
    assert.deepEqual(
      found.map(({ rule, layers, step }) => [rule, layers, step]),
      [
        ["own", ["m.0"], 3],
        ["momentum-inverted", ["m.0"], 0],
        ["other", ["x"], 4],
      ],
    );
  });
});

describe("a model that was made again in its run", () => {
  const usual = { broken: 0, lag: 0.02, lagFloor: 0.02, varianceRatio: 1, runningMoved: 1, affineMoved: 1, passes: 1 };
  /** What a file has stays what it is. What a producer's own rules found, and several processes, has no model. */
  const isOfFacts = ["checkpoint-without-statistics", "momentum-inverted", "ranks-apart", "ranks-train-apart"];

  for (const [rule, { run }] of Object.entries(samples)) {
    if (isOfFacts.includes(rule)) continue;
    it(`is not blamed for what the one before did: ${rule}`, () => {
      const { normLayers, lastStep } = summaryOf(run);
      const ids = normLayers.map(({ id }) => id);
      const layers = normLayers.map(({ id, owned }) => layerOf(id, {}, { owned }));
      const numbers = Object.fromEntries(ids.map((id) => [id, { ...usual, updates: 500 }]));
      const again = [
        { type: "layers", step: lastStep, layers } as const,
        segment(lastStep, { reason: "started-again", layers: ids }),
        ...[400, 500].map((step) => standing(lastStep + step, "evaluated", numbers)),
      ];
      const records = [...run.records.filter(({ type }) => type !== "end" && type !== "finding"), ...again];
      assert.deepEqual(
        foundIn({ records }).map(({ verdict }) => verdict),
        [],
      );
    });
  }

  it("is judged by its own updates, from the step at which it began", () => {
    const numbers = { bn1: { ...usual, updates: 60, lag: 0.5 }, bn2: { ...usual, updates: 60 } };
    const slow = [layerOf("bn1", { updateWeight: 0.01 }), layerOf("bn2")];
    const again = segment(5000, { reason: "started-again" });
    const first = evaluated([4000, 5000], { bn1: { ...usual, updates: 5000 }, bn2: usual });
    const run = { records: [runOf(slow), ...first, again, ...evaluated([5060], numbers)] };
    assert.deepEqual(of("statistics-too-young", { records: run.records.slice(0, -1) }), []);
    assert.deepEqual(
      of("statistics-too-young", { records: [...run.records, { type: "end", step: 5060, status: "completed" }] }).map(
        ({ layers, step }) => [layers, step],
      ),
      [[["bn1"], 5060]],
    );
    const [note] = judgedAs(run).notes;
    assert.match(note?.sentence ?? "", /The model was made again at step 5.000/);
  });
});

describe("the overview of a recorded run", () => {
  const quiet = { records: [runOf(), ...evaluated([100, 200], { bn1: { lag: 0.02, lagFloor: 0.02 }, bn2: {} })] };

  it("says what was looked at where nothing was found", () => {
    const { tone, sentence, answers } = judgedAs(quiet).verdicts.overview;
    assert.deepEqual([tone, sentence], ["ok", "No fault found in 2 BN layers."]);
    assert.deepEqual(
      answers.map(({ label }) => label),
      ["Looked at", "Furthest", "Next"],
    );
    assert.equal(judgedAs(quiet, "running").verdicts.overview.sentence, "No fault found so far in 2 BN layers.");
  });

  it("is the worst finding, with its tone and what to do next", () => {
    const run = samples["nan-in-running-stats"]?.run ?? { records: [] };
    const { findings, verdicts } = judgedAs(run);
    assert.equal(verdicts.overview.tone, "error");
    assert.equal(verdicts.overview.sentence, findings[0]?.verdict);
    assert.deepEqual(verdicts.overview.answers.at(-1), { label: "Next", parts: [findings[0]?.next] });
  });

  it("is not too early because weights were loaded last", () => {
    const last: RecordedRun = { records: [...quiet.records, segment(200)] };
    assert.equal(judgedAs(last).verdicts.overview.sentence, "No fault found in 2 BN layers.");
    const short = { records: [runOf(), ...evaluated([20], { bn1: {}, bn2: {} })] };
    assert.match(judgedAs(short).verdicts.overview.sentence, /Too short/);
  });

  it("is not too early because a copy was loaded at the end", () => {
    const run = runOf([layerOf("bn1"), layerOf("copy", {}, { owned: false })]);
    const load = segment(200, { layers: ["copy"] });
    const records = [run, ...evaluated([100, 200], { bn1: { lag: 0.02, lagFloor: 0.02 } }), load];
    const { verdicts, notes } = judgedAs({ records });
    assert.equal(verdicts.overview.sentence, "No fault found in 1 BN layer.");
    assert.deepEqual(notes, [{ severity: "information", sentence: "Weights were loaded at step 200." }]);
  });

  it("is no finding that is only information, and how a run ended comes first", () => {
    const { records } = samples["updates-before-training"]?.run ?? { records: [] };
    const dry = { records: [...records, ...evaluated([100], { bn1: {}, bn2: {} })] };
    assert.equal(judgedAs(dry).verdicts.overview.tone, "ok");
    const broken = samples["nan-in-running-stats"]?.run ?? { records: [] };
    assert.match(judgedAs(broken, "interrupted").verdicts.overview.sentence, /interrupted/);
  });

  it("leaves the layer views of a run without probes as they are", () => {
    const faulty = { records: [runOf(), standing(100, "evaluated", { bn1: { broken: 3 } })] };
    const [one, other] = [judgedAs(quiet), judgedAs(faulty)];
    for (const view of ["drift", "convergence", "gap"] as const)
      assert.equal(one.verdicts[view].sentence, other.verdicts[view].sentence);
  });
});
