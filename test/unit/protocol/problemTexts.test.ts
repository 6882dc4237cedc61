/**
 * The texts of problems are in problemTexts.txt; NORMLENS_UPDATE=1 writes it again. Other tests assert codes and data.
 */
import { strict as assert } from "node:assert";
import { describeProblem, type Problem, type ProblemCode } from "../../../engine/protocol/problems";
import { checkSnapshot } from "../support/snapshot";

type Data<Code extends ProblemCode> = Omit<Extract<Problem, { code: Code }>, "code">;
type Samples = { readonly [Code in ProblemCode]: Data<Code> | readonly Data<Code>[] };

const at = { layer: "layer1.0.bn1", line: 7 };

/** A code that is missing here does not compile; a list shows what a field changes. */
const samples: Samples = {
  "told-by-producer": { sentence: "CUDA ran out of memory." },
  "file-unreadable": { path: "model.py", detail: "ENOENT" },
  "file-not-text": { path: "model.py", detail: "it contains null bytes" },
  "file-too-large": { path: "model.py", lines: 1, characters: 9000000 },
  "notebook-malformed": { path: "model.ipynb", detail: "it has no list of cells" },
  "syntax-error": [
    { path: "model.py", line: 7 },
    { path: "model.js", line: 7 },
  ],
  "no-model": { path: "model.py" },
  "model-not-found": [
    { path: "model.py", model: "Nett", found: ["Net", "Block"] },
    { path: "model.py", model: "Nett", found: [] },
  ],
  "unknown-value": [
    { reason: "NormLens does not follow timm.create_model", path: "model.py", line: 7 },
    { reason: "this command-line argument is required", path: "model.py", line: 7, remedy: "literal" },
    { reason: "Block needs the argument width", path: "model.py", line: 7, remedy: "argument" },
    { reason: "Net needs arguments: classes", path: "model.py", line: 7, remedy: "modelArguments", model: "Net" },
    { reason: "the shape of this tensor is unknown", path: "model.py", line: 7, remedy: "inputShape", model: "Net()" },
  ],
  "input-shape-unknown": [
    { model: "Net()", inputs: 1 },
    { model: "Net()", inputs: 2 },
  ],
  "shape-mismatch": { ...at, expected: "64 channels", found: "3×32×32" },
  "layer-unsupported": { ...at, className: "RReLU", detail: "RReLU is not supported yet" },
  "framework-unsupported": { model: "model", framework: "Keras" },
  "output-not-classes": { outputShape: [3, 4] },
  "data-missing": { path: "data/mnist", detail: "there is no such folder" },
  "data-truncated": { path: "train-images-idx3-ubyte", expectedBytes: 28, foundBytes: 27 },
  "data-malformed": { path: "t.csv", detail: "row 3 has no label" },
  "weights-mismatch": { path: "weights.safetensors", detail: "fc.bias is missing" },
  "data-shape-mismatch": { data: "digits", dataShape: [1, 28, 28], inputShape: [784] },
  "data-inputs-mismatch": {
    data: "pairs.npz",
    arrays: [{ name: "", shape: [784] }],
    inputs: [
      { name: "x", shape: [1, 28, 28] },
      { name: "z", shape: [10] },
    ],
  },
  "data-classes-mismatch": { data: "digits", dataClasses: 10, modelClasses: 1 },
  "first-output-not-classes": { model: "Net()", place: "1", dataClasses: 10, modelClasses: 6 },
  "batch-larger-than-data": { batchSize: 64, samples: 40 },
  "batch-larger-than-class": { batchSize: 25, samples: 24 },
  "order-needs-classes": { data: "masks.npz", order: "one-class" },
  "data-has-test-part": { path: "digits" },
  "labels-not-per-output": [
    { data: "digits", labelShape: [], outputShape: [2, 8, 8] },
    { data: "masks.npz", labelShape: [4, 4], outputShape: [2, 1, 1] },
  ],
  "batch-of-one": at,
  "virtual-batch-of-one": { ...at, samples: 17, virtual: 8 },
  "last-batch-of-one": { ...at, samples: 1025, batchSize: 64 },
  diverged: { ...at, step: 30, tensor: "output" },
  "disk-full": { path: "run.jsonl" },
  "read-only": { path: "run.jsonl" },
  "write-failed": { path: "run.jsonl", detail: "EIO" },
  "process-ended": { detail: "exit code 137" },
  "out-of-memory": [
    { neededBytes: 2e9, limitBytes: 1e9, largestBatch: 32 },
    { neededBytes: 2e9, limitBytes: 4e9 },
  ],
  "engine-unavailable": { detail: "its WebAssembly computes wrong numbers" },
  "run-unreadable": { path: ".normlens/runs/a", detail: "there is no such run" },
  "source-unknown": { run: ".normlens/runs/a" },
  "source-missing": { run: ".normlens/runs/a", path: "/there/train.py" },
  "settings-unknown": { run: ".normlens/runs/a" },
  "request-unanswered": { seconds: 10 },
  "checkpoint-missing": { path: ".normlens/runs/a" },
  "checkpoint-unusable": { path: "epoch3.bin", detail: "it is not a checkpoint" },
  "run-already-done": { path: "checkpoint-400.safetensors", steps: 400 },
  "no-running-statistics": { model: "Net()" },
  "setting-invalid": { setting: "normlens.batchSize", value: "-1" },
  internal: { detail: "reading 'length' of undefined" },
};

const problems = Object.entries(samples).flatMap(([code, data]) =>
  (Array.isArray(data) ? data : [data]).map((entry) => ({ code, ...(entry as object) }) as Problem),
);

describe("texts of problems", () => {
  for (const problem of problems)
    it(`${problem.code} has one sentence with its line, and one action`, () => {
      const { sentence, action } = describeProblem(problem);
      for (const text of [sentence, action]) assert.match(text, /^\S.*[.\w)]$/s, text);
      assert.doesNotMatch(action, / --\w/, "an action is shown in the editor too");
      if ("line" in problem) assert.match(sentence, /7/);
    });

  it("are those of the snapshot", () => {
    const texts = problems.map((problem) => {
      const { sentence, action } = describeProblem(problem);
      return `${problem.code}\n  ${sentence}\n  ${action}\n`;
    });
    checkSnapshot("test/unit/protocol/problemTexts.txt", texts.join("\n"));
  });
});
