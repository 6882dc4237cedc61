/** A judgement written by hand for a run that nobody trained: plausible words, no rules. */
import type {
  Answer,
  Judgement,
  LayerReading,
  Part,
  Health,
  RankReading,
  Spread,
  Verdict,
  JudgedView,
} from "../../../engine/protocol/judgement";
import type { SyntheticRun } from "./syntheticRun";

const answer = (label: string, ...parts: readonly Part[]): Answer => ({ label, parts });

function severityOf(value: number, floor: number): Health {
  if (value <= 3 * floor || value <= 0.1) return "ok";
  return value > 0.3 ? "error" : "warning";
}

function readingOf(run: SyntheticRun, id: string, step: number): LayerReading {
  const probe = run.stepsOf("gap", 0, step).at(-1) ?? 0;
  const gap = run.value("gap", "gap", id, probe);
  const shift = run.value("norm", "mean_shift", id, step);
  const distance = run.value("population", "meanDistance", id, probe);
  const of = (column: string): number => run.value("norm", `${column}.median`, id, step);
  const spreadAt = (quantity: string): Spread =>
    ["min", "q1", "median", "q3", "max"].map((edge) =>
      run.value("norm", `${quantity}.${edge}`, id, step),
    ) as unknown as Spread;
  const gapSeverity = severityOf(gap, 0.05);
  const distanceSeverity = severityOf(distance, 0.03);
  return {
    ...{ id, name: id, shift, shiftFloor: 0.03, varianceRatio: run.value("norm", "variance_ratio", id, step) },
    ...{ gap, alone: run.value("gap", "alone", id, probe), gapFloor: 0.05 },
    ...{
      distance,
      firstDistance: run.value("population", "meanDistance", id, 0),
      distanceFloor: 0.03,
      updatesLeft: distance > 0.1 ? 22 : 0,
    },
    ...{ varianceDistance: run.value("population", "varianceDistance", id, probe), varianceFloor: 0.04 },
    ...{ batchMean: of("batch_mean"), batchVariance: of("batch_variance") },
    ...{ runningMean: of("running_mean"), runningVariance: of("running_variance") },
    ...{ populationMean: of("batch_mean"), populationVariance: of("batch_variance"), passes: 1 },
    gradient: run.value("activity", "activation_gradient_norm", id, step),
    ...{ gamma: spreadAt("gamma"), beta: spreadAt("beta") },
    ranks: ranksOf(run, id, step),
    ...{ shiftSeverity: severityOf(shift, 0.03), gapSeverity, distanceSeverity },
    severity: gapSeverity === "error" || distanceSeverity === "error" ? "error" : gapSeverity,
  };
}

function ranksOf(run: SyntheticRun, id: string, step: number): RankReading | null {
  if ((run.options.ranks ?? 1) < 2) return null;
  const of = (column: string): number => run.value("ranks", column, id, step);
  const distance = of("distance");
  return {
    ...{ step, rank: 1, distance, floor: 0.04, severity: severityOf(distance, 0.04), samples: 784 },
    ...{ varianceRatio: of("varianceRatio"), pooledShift: of("pooledShift") },
    pooledVarianceRatio: of("pooledVarianceRatio"),
  };
}

export interface JudgementExtras {
  readonly findings?: Judgement["findings"];
  readonly notes?: Judgement["notes"];
  /** Instead of what the numbers say. */
  readonly verdict?: Verdict;
}

export function judgementOf(run: SyntheticRun, at: number | null, extras: JudgementExtras = {}): Judgement {
  const step = Math.min(at ?? run.step, run.step);
  const layers = run.norms.map((id) => readingOf(run, id, Math.max(1, step)));
  const verdicts = extras.verdict
    ? sameForAll(extras.verdict)
    : run.norms.length === 0
      ? sameForAll(withoutNorm(run, step))
      : run.options.stale
        ? staleVerdicts(layers)
        : healthyVerdicts(layers);
  const evaluated = (column: string): number => run.value("eval", column, null, step);
  return {
    at,
    step,
    triage: run.options.stale ? "staleRunning" : "healthy",
    accuracies: {
      running: evaluated("runningAccuracy"),
      population: evaluated("populationAccuracy"),
      batch: evaluated("batchAccuracy"),
    },
    loss: run.value("loss", "loss", null, step),
    verdicts,
    layers,
    recalibration: null,
    findings: extras.findings ?? [],
    notes: extras.notes ?? [],
  };
}

const inactive: Verdict = {
  tone: "warning",
  sentence: "In relu2, 82.0\u00a0% of the channels are zero for the whole batch.",
  answers: [
    answer("Inactive", { kind: "strong", text: "relu2" }, " (82.0\u00a0%)"),
    answer("Next", "Use a smaller learning rate, or look at β of the BN layer before it."),
  ],
};

const sameForAll = (verdict: Verdict): Record<JudgedView, Verdict> => ({
  ...{ overview: verdict, drift: verdict, convergence: verdict, gap: verdict },
  ...{ health: verdict, ranks: verdict, findings: verdict },
});

const withoutNorm = (run: SyntheticRun, step: number): Verdict => ({
  tone: "information",
  sentence: "This run has no batch normalization.",
  answers: [
    answer(
      "Accuracy",
      `${(100 * run.value("eval", "runningAccuracy", null, step)).toFixed(1)}\u00a0% of test images right`,
    ),
    answer(
      "Next",
      { kind: "command", command: "compare", text: "Compare with BN" },
      " trains the same model with BN beside it.",
    ),
  ],
});

function healthyVerdicts(layers: readonly LayerReading[]): Record<JudgedView, Verdict> {
  const largest = layers[0];
  const where: Part[] = largest
    ? [{ kind: "layer", id: largest.id, name: largest.name }, " (0.02\u00a0σ, noise floor 0.05\u00a0σ)"]
    : [];
  const say = (sentence: string): Verdict => ({
    tone: "ok",
    sentence,
    answers: [
      answer("Accuracy", { kind: "strong", text: "97.1\u00a0%" }, " of test images right"),
      answer("Largest", ...where),
      answer("Next", "Nothing to do."),
    ],
  });
  return {
    overview: say("Healthy: the three accuracies agree within 0.3 points."),
    drift: say("Batches and running statistics agree."),
    convergence: say("Running statistics have converged: what is left is noise."),
    gap: say("Train and eval mode agree: 1.2\u00a0% of predictions flip, and no layer stands out of the noise."),
    health: inactive,
    ranks: say("The running statistics of the 2 processes agree."),
    findings: say("Rules found nothing in this run."),
  };
}

const openConvergence: readonly Part[] = [
  "Open ",
  { kind: "view", view: "convergence", text: "Convergence" },
  ": will it settle on its own?",
];

function staleVerdicts(layers: readonly LayerReading[]): Record<JudgedView, Verdict> {
  const worst = layers.reduce((a, b) => (b.gap > a.gap ? b : a));
  const where = answer(
    "Where",
    `All ${layers.length} BN layers, most in `,
    { kind: "layer", id: worst.id, name: worst.name },
    ` (${worst.gap.toFixed(2)}\u00a0σ, noise floor 0.05\u00a0σ)`,
  );
  const say = (sentence: string, ...next: Part[]): Verdict => ({
    tone: "error",
    sentence,
    answers: [
      where,
      answer("Since", "The start: 1\u202f000 updates leave 37\u00a0% of the initial 0 and 1"),
      answer("Next", ...next),
    ],
  });
  return {
    overview: say(
      "Evaluation uses stale running statistics; the weights are fine.",
      "Set ",
      { kind: "code", text: "momentum=0.1" },
      " on ",
      { kind: "line", line: 12, layer: worst.id },
      " and 3 more lines, then train again.",
    ),
    drift: say(
      `Batches and running statistics disagree in ${layers.length} of ${layers.length} layers.`,
      ...openConvergence,
    ),
    convergence: say(
      "Running statistics are still 0.15 to 0.60\u00a0σ from population statistics.",
      "Give the new value more weight.",
    ),
    gap: say(
      "The same images give different answers: 52.0\u00a0% of predictions flip between train and eval mode.",
      ...openConvergence,
    ),
    health: inactive,
    ranks: {
      tone: "error",
      sentence: `The running statistics of the 2 processes are apart in ${layers.length} of ${layers.length} layers.`,
      answers: [
        answer("Furthest", { kind: "layer", id: worst.id, name: worst.name }, ": rank 1 of 2 is 0.42 σ from rank 0"),
        answer("SyncBN", "Would move rank 0’s batch mean by 0.21 σ and make its variance 1.4×"),
        answer("Next", "Give each process a random share of all data."),
      ],
    },
    findings: {
      tone: "error",
      sentence: "1 error, 1 warning and 1 remark found.",
      answers: [answer("Worst", "Running statistics are stale"), answer("Since", "Step 1")],
    },
  };
}
