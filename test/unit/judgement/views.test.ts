/** Verdicts of the views that say nothing about running statistics: gradients and health, ranks, findings. */
import { strict as assert } from "node:assert";
import { judge } from "../../../engine/judgement/judge";
import { plainText } from "../../../engine/judgement/parts";
import type { RunSummary } from "../../../engine/judgement/runSummary";
import { furtherVerdicts, type JudgedView } from "../../../engine/protocol/judgement";
import type { RankSample } from "../../../engine/protocol/ranks";
import { judged, plain, runRecord, summaryOf } from "./makeSummary";

const layers = [
  { id: "bn1", kind: "BatchNorm1d", norm: { channels: 4, updateWeight: 0.1, samplesPerChannel: 100 } },
  { id: "bn2", kind: "BatchNorm1d", norm: { channels: 4, updateWeight: 0.1, samplesPerChannel: 100 } },
  { id: "r2", name: "relu2", kind: "ReLU" },
];

function sample(summary: RunSummary, name: "norms" | "activity", rows: Record<string, Record<string, number>>): void {
  const columns = [...new Set(Object.values(rows).flatMap(Object.keys))];
  const ids = Object.keys(rows);
  const values = ids.flatMap((id) => columns.map((column) => rows[id]?.[column] ?? Number.NaN));
  const table = { name, columns, layers: ids, values: 1, type: "float64" } as const;
  summary.sample({ step: 10, table, values: Float64Array.from(values) });
}

const say = (summary: RunSummary, view: JudgedView): string =>
  plain(plainText(judge({ summary, state: "running", problem: null }).verdicts[view]));

describe("verdict of gradients and health", () => {
  const run = runRecord({ more: { layers } });
  const gradients = (first: number, last: number): RunSummary => {
    const summary = summaryOf({ run });
    sample(summary, "activity", {
      bn1: { activation_gradient_norm: first },
      bn2: { activation_gradient_norm: last },
    });
    return summary;
  };

  it("says that gradients reach every layer, long before running statistics settle", () => {
    assert.equal(
      say(gradients(0.5, 1), "health"),
      "Gradients reach every layer, and no layer is inactive.\nGradient: bn1 0.50, bn2 1.0 (0.50×)\nNext: Nothing to do.",
    );
  });

  it("says where they fade, and where they grow", () => {
    assert.match(
      say(gradients(1e-4, 1), "health"),
      /^Gradients fade towards the input: bn1 gets 10 000 times less than bn2\./,
    );
    assert.match(
      say(gradients(5000, 1), "health"),
      /^Gradients grow towards the input: bn1 gets 5 000 times as much as bn2\./,
    );
    assert.match(say(gradients(500, 1), "health"), /^Gradients reach every layer/);
  });

  it("names the least active layer by its name", () => {
    const summary = gradients(1, 1);
    sample(summary, "activity", {
      bn1: { activation_gradient_norm: 1 },
      r2: { dead_share: 0.75, saturated_share: 0.6 },
    });
    assert.match(say(summary, "health"), /^In relu2, 75.0 % of the channels are zero for the whole batch./);
    assert.match(say(summary, "health"), /Inactive: relu2 \(75.0 %\) and 1 more layer/);
  });

  it("of a recording says that gradients are not known, and what γ is", () => {
    const summary = summaryOf({ run });
    const gamma = (lowest: number, highest: number) => ({
      ...{ "gamma.min": lowest, "gamma.q1": 1, "gamma.median": 1, "gamma.q3": 1, "gamma.max": highest },
    });
    sample(summary, "norms", { bn1: gamma(0.2, 1.1), bn2: gamma(0.9, 3) });
    assert.equal(say(summary, "health"), "γ and β were recorded, gradients were not.\nγ: 0.20 in bn1 to 3.0 in bn2");
    assert.equal(say(summaryOf({ run }), "health"), "Gradients were not recorded.");
  });
});

describe("verdict of ranks", () => {
  const withRanks = (ranks: number, samples: readonly Partial<RankSample>[], broadcastBuffers = false): RunSummary => {
    const summary = summaryOf({ run: runRecord({ more: { layers, ranks, settings: { broadcastBuffers } } }) });
    const usual = { step: 40, rank: 1, apart: 0.02, logVarianceRatio: 0, affineApart: 0, pooledShift: 0.2 };
    summary.ranks(samples.map((one) => ({ layer: "bn1", ...usual, pooledVarianceRatio: 1.5, ...one })));
    return summary;
  };

  it("says that one process has no ranks, and that several were not compared yet", () => {
    assert.equal(say(withRanks(1, []), "ranks"), "One process trains: there are no ranks.");
    assert.match(say(withRanks(3, []), "ranks"), /^3 processes train together; they cannot be compared yet./);
  });

  it("says that they agree within the noise of two running means", () => {
    assert.equal(
      say(withRanks(2, [{}]), "ranks"),
      [
        "The running statistics of the 2 processes agree.",
        "Furthest: bn1: rank 1 of 2 is 0.02 σ from rank 0 at step 40, noise floor 0.03 σ",
        "SyncBN: Would move rank 0’s batch mean by 0.20 σ and make its variance 1.5×",
        "Samples: 100 a channel in each process, 200 with SyncBatchNorm",
        "Next: Nothing to do.",
      ].join("\n"),
    );
  });

  it("names the layer that is most above its floor", () => {
    const text = say(withRanks(2, [{ apart: 0.2 }, { layer: "bn2", apart: 0.5 }]), "ranks");
    assert.match(text, /^The running statistics of the 2 processes are apart in 2 of 2 layers./);
    assert.match(text, /Furthest: bn2: rank 1 of 2 is 0.50 σ/);
  });

  it("compares batches where each step begins with rank 0's statistics", () => {
    assert.match(say(withRanks(2, [{ apart: 0.08 }], true), "ranks"), /^The batches of .* apart.*\n.*0.80 σ/s);
  });

  it("goes back to a pinned step", () => {
    const summary = withRanks(2, [{ step: 20, apart: 0.9 }, { step: 40 }]);
    const at = (step: number) => judge({ summary, state: "running", problem: null, pinned: { step, samples: [] } });
    assert.equal(at(30).layers[0]?.ranks?.distance, 0.9);
    assert.equal(at(10).layers[0]?.ranks, null);
  });
});

describe("verdict of findings", () => {
  const finding = (severity: "error" | "warning", verdict: string, step: number) =>
    ({ type: "finding", step, finding: { rule: "own", severity, verdict, next: "Do this." } }) as const;

  it("counts them, and begins with the worst", () => {
    const more = [finding("warning", "Small.", 3), finding("error", "Large.", 9), finding("warning", "Also.", 4)];
    assert.equal(
      plain(plainText(judged({ more }).verdicts.findings)),
      "1 error and 2 warnings found.\nWorst: Large.\nSince: Step 9\nNext: Do this.",
    );
  });

  it("says that nothing was found", () => {
    assert.equal(judged({}).verdicts.findings.sentence, "Rules found nothing in this run.");
  });
});

describe("a page of text", () => {
  it("leaves out ranks of a single process, and the list that it has anyway", () => {
    const titles = furtherVerdicts(judged({})).map(({ title }) => title);
    assert.deepEqual(titles, ["Drift", "Convergence", "Train vs eval", "Gradients and health"]);
  });
});
