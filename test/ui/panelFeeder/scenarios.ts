/** What the feeder can show, by name. */
import type { Verdict } from "../../../engine/protocol/judgement";
import type { HostedRun, Scenario } from "./syntheticHost";
import { type RunOptions, SyntheticRun } from "./syntheticRun";

const comparison: Verdict = {
  tone: "information",
  sentence: "A reaches 97.0\u00a0%, C 96.2\u00a0%, B 88.0\u00a0%: B is 9.0 points behind.",
  answers: [
    { label: "A", parts: [{ kind: "strong", text: "as written" }, ", with BN, step 1\u202f000"] },
    { label: "B", parts: [{ kind: "strong", text: "momentum 0.003" }, ", with BN, step 1\u202f000"] },
    { label: "C", parts: [{ kind: "strong", text: "batch 256" }, ", with BN, step 1\u202f000"] },
    { label: "Difference", parts: ["9.0 points of test accuracy"] },
  ],
};

const interrupted: Verdict = {
  tone: "warning",
  sentence: "The run was interrupted at step 180.",
  answers: [
    { label: "Kept", parts: ["180 steps and everything measured in them"] },
    { label: "Next", parts: ["Train again; what was recorded is kept."] },
  ],
};

const findings = [
  {
    rule: "slow-momentum",
    severity: "error",
    layers: ["layer2.1.bn2"],
    step: 1,
    line: 13,
    verdict: "Running statistics are stale",
    evidence: "20 of 20 layers, since the start, worst layer2.1.bn2.",
    next: "Set momentum=0.1 on line 13.",
  },
  {
    rule: "too-few-updates",
    severity: "warning",
    layers: [],
    step: 400,
    line: 31,
    verdict: "Too few updates for this momentum",
    evidence: "0.001 needs 4 603 updates to forget the start; 400 done.",
    next: "",
  },
  {
    rule: "bias-before-norm",
    severity: "information",
    layers: ["relu1"],
    step: null,
    line: null,
    verdict: "Bias before a BN layer has no effect",
    evidence: "conv1, 16 parameters.",
    next: "",
  },
] as const;

const deep = { layers: 200, naming: "staged", stale: true, updateWeight: 0.003 } as const;

const fiveVariants: readonly RunOptions[] = [
  { name: "BN" },
  { name: "no normalization", layers: 0, accuracy: 0.3 },
  { name: "batch 256", accuracy: 0.962, batchSize: 256 },
  { name: "momentum 0.001", stale: true, updateWeight: 0.001 },
  { name: "batch 4", accuracy: 0.76, batchSize: 4 },
];

const threeSeeds = (options: RunOptions, variant: number): HostedRun[] =>
  [0, 1, 2].map((seed) => ({ run: new SyntheticRun(`${variant} ${seed}`, { layers: 6, ...options, seed }) }));

export const scenarios: Readonly<Record<string, () => Scenario>> = {
  healthy: () => ({ runs: [{ run: new SyntheticRun("a", {}) }] }),
  live: () => ({
    runs: [
      {
        run: new SyntheticRun("a", { steps: 300, plannedSteps: 4000 }),
        stepsAnUpdate: 8,
        view: { state: "running", controllable: true },
      },
    ],
  }),
  branching: () => ({ runs: [{ run: new SyntheticRun("a", { layers: 11, naming: "u", stale: true }) }] }),
  stale: () => ({ runs: [{ run: new SyntheticRun("a", { layers: 20, naming: "staged", stale: true }) }] }),
  slow: () => ({
    runs: [
      {
        run: new SyntheticRun("a", { layers: 20, naming: "staged", stale: true, steps: 400, updateWeight: 0.001 }),
      },
    ],
  }),
  deep: () => ({ runs: [{ run: new SyntheticRun("a", { ...deep, name: "momentum 0.003" }) }] }),
  deepLive: () => ({
    runs: [
      {
        run: new SyntheticRun("a", { ...deep, steps: 400, plannedSteps: 2000 }),
        stepsAnUpdate: 5,
        view: { state: "running", controllable: true },
      },
    ],
  }),
  compare: () => ({
    runs: [
      { run: new SyntheticRun("a", { layers: 6 }) },
      { run: new SyntheticRun("b", { layers: 6, stale: true, accuracy: 0.88, name: "momentum 0.003", seed: 1 }) },
      { run: new SyntheticRun("c", { layers: 6, accuracy: 0.962, name: "batch 256", seed: 2 }) },
    ],
    comparison,
  }),
  compareTwin: () => ({
    runs: [
      { run: new SyntheticRun("a", { layers: 3, name: "with BN" }) },
      { run: new SyntheticRun("b", { layers: 0, accuracy: 0.3, name: "without BN", seed: 1 }) },
    ],
    comparison: {
      ...comparison,
      answers: [],
      sentence: "A reaches 97.0\u00a0%, B 30.0\u00a0%: with batch normalization the same model is 67.0 points ahead.",
    },
  }),
  compareTwo: () => ({
    runs: [
      { run: new SyntheticRun("a", { layers: 6 }) },
      { run: new SyntheticRun("b", { layers: 6, stale: true, updateWeight: 0.003, name: "momentum 0.003" }) },
    ],
    comparison,
  }),
  compareSeeds: () => ({ runs: fiveVariants.flatMap(threeSeeds), comparison }),
  withoutBn: () => ({
    runs: [{ run: new SyntheticRun("a", { layers: 0, name: "without BN", accuracy: 0.9, activity: false }) }],
  }),
  starting: () => ({ runs: [{ run: new SyntheticRun("a", { steps: 0 }), view: { state: "starting", run: null } }] }),
  interrupted: () => ({
    runs: [
      {
        run: new SyntheticRun("a", { steps: 180, plannedSteps: 1000 }),
        view: { state: "interrupted" },
        verdict: interrupted,
        notes: [{ severity: "warning", sentence: "2 lines of the log did not fit and were skipped: 12, 40." }],
      },
    ],
  }),
  unsure: () => ({
    runs: [{ run: new SyntheticRun("a", { steps: 180, plannedSteps: 1000 }), view: { state: "unsure" } }],
  }),
  findings: () => ({
    runs: [
      {
        run: new SyntheticRun("a", { layers: 20, naming: "staged", stale: true, name: "momentum 0.001" }),
        findings,
        view: { editedLayers: ["layer2.1.bn2"] },
      },
    ],
  }),
  ranks: () => ({
    runs: [{ run: new SyntheticRun("a", { layers: 9, stale: true, ranks: 2, name: "torchrun, 2 processes" }) }],
  }),
  unknown: () => ({
    runs: [
      {
        run: new SyntheticRun("a", { unknownFacts: true, activity: false, name: "run 12", steps: 1234 }),
        view: { state: "unsure" },
      },
    ],
  }),
};
