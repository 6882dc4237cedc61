/**
 * Expected failures. Each is a code with the data that says what and where. It crosses processes as plain data, and
 * only `describeProblem` makes it one sentence and one action.
 */
import { describeDataProblem, describeLabelProblem } from "./dataProblemText";
import { megabytes, plural } from "./numberText";
import type { Problem, ProblemText } from "./problemSchema";
import { describeRunProblem } from "./runProblemText";

export { type Problem, type ProblemCode, problemSchema, type ProblemText } from "./problemSchema";

/**
 * What a line of a model file is called: `line 12`; in a notebook, whose cells are read as one text, `cell 3 line 2`.
 */
export type LineWords = (line: number) => string;

export const plainLineWords: LineWords = (line) => `line ${line}`;

/** Carries a Problem through code that throws. Only for expected failures; a programmer's error is a plain Error. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    /** What the lines of the problem's file are called. */
    readonly lineWords: LineWords = plainLineWords,
  ) {
    super(describeProblem(problem, lineWords).sentence);
    this.name = "ProblemError";
  }
}

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** A layer of an nn.Sequential has a number for a name. */
const layerWords = (name: string): string => (/^[\d.]+$/.test(name) ? `layer ${name}` : name);

/** Where nothing says how many axes a sample has. */
const SIZES = "SIZES";

function missingInputShapes({
  model,
  inputs,
  example,
}: Extract<Problem, { code: "input-shape-unknown" }>): ProblemText {
  const one = example?.join("x") ?? SIZES;
  const examples = Array.from({ length: inputs }, () => one).join(",");
  return {
    sentence:
      inputs === 1
        ? `The input shape of ${model} is unknown.`
        : `Some of the ${inputs} input shapes of ${model} are unknown.`,
    action:
      example === undefined
        ? "Add a comment above the class, with the sizes of one sample joined by x: " +
          `# normlens: model ${model} input=${examples}`
        : `Add a comment above the class: # normlens: model ${model} input=${examples}`,
  };
}

function describeMissingModel(problem: Extract<Problem, { code: "no-model" | "model-not-found" }>): ProblemText {
  if (problem.code === "no-model")
    return {
      sentence: `${problem.path} contains no model that NormLens can read.`,
      action: "Open the file that defines the nn.Module, nn.Sequential or Keras model.",
    };
  return {
    sentence: `${problem.path} contains no model ${problem.model}.`,
    action: problem.found.length > 0 ? `Choose one of: ${problem.found.join(", ")}.` : "Check the name of the model.",
  };
}

function describeUnknownValue(problem: Extract<Problem, { code: "unknown-value" }>, lineWords: LineWords): ProblemText {
  return {
    sentence: `${capitalized(lineWords(problem.line))} of ${problem.path} has an unknown value: ${problem.reason}.`,
    action: unknownAction(problem),
  };
}

/** What helps depends on why the value is unknown; a literal is no help where the code itself is not followed. */
function unknownAction({ remedy, model }: Extract<Problem, { code: "unknown-value" }>): string {
  const name = model?.replace(/\(.*$/s, "") ?? "…";
  switch (remedy) {
    case "literal":
      return "Write the value as a literal or a default argument.";
    case "argument":
      return "Pass the missing argument in this call.";
    case "modelArguments":
      return `Pass the model's arguments in a comment: # normlens: model ${name}(…)`;
    case "inputShape":
      return (
        "Give the sizes of one sample, joined by x, in a comment: " +
        `# normlens: model ${model ?? name} input=${SIZES}`
      );
    case undefined:
      return "Write this line with code that NormLens follows, or train the model in its own framework.";
  }
}

function describeLayerProblem(
  problem: Extract<Problem, { code: "shape-mismatch" | "layer-unsupported" }>,
  at: string,
): ProblemText {
  if (problem.code === "shape-mismatch")
    return {
      sentence: `The input of ${layerWords(problem.layer)}${at} is ${problem.found}, but it needs ${problem.expected}.`,
      action: "Change the sizes of the layer, or the input shape.",
    };
  return {
    sentence: `NormLens can't train ${layerWords(problem.layer)}${at}: ${problem.detail}.`,
    action:
      `Remove ${problem.className} for this run with # normlens: remove, ` + "or train the model in its own framework.",
  };
}

type FileProblem = Extract<
  Problem,
  { code: "file-unreadable" | "file-not-text" | "file-too-large" | "notebook-malformed" }
>;

function describeFileProblem(problem: FileProblem): ProblemText {
  switch (problem.code) {
    case "file-unreadable":
      return {
        sentence: `${problem.path} can't be read: ${problem.detail}.`,
        action: "Check the path and its permissions.",
      };
    case "file-not-text":
      return {
        sentence: `${problem.path} is not a text file: ${problem.detail}.`,
        action: "Save the file as UTF-8 text.",
      };
    case "file-too-large":
      return {
        sentence:
          `${problem.path} is too large to read: ${plural(problem.lines, "line")}, ` +
          `${plural(problem.characters, "character")}.`,
        action: "Move the model into a separate file.",
      };
    case "notebook-malformed":
      return {
        sentence: `${problem.path} is not a valid notebook: ${problem.detail}.`,
        action: "Open the notebook in Jupyter and save it again.",
      };
  }
}

type TrainingProblem = Extract<
  Problem,
  { code: "batch-of-one" | "virtual-batch-of-one" | "last-batch-of-one" | "diverged" }
>;

function describeTrainingProblem(problem: TrainingProblem, at: string): ProblemText {
  switch (problem.code) {
    case "batch-of-one":
      return {
        sentence:
          `With a batch of 1, ${layerWords(problem.layer)}${at} gets one value per channel, but batch ` +
          "statistics need at least two.",
        action: "Choose a larger batch.",
      };
    case "virtual-batch-of-one":
      return {
        sentence:
          `A batch of ${problem.samples} in virtual batches of ${problem.virtual} leaves one with a single ` +
          `sample, which gives ${layerWords(problem.layer)}${at} one value per channel. Batch statistics ` +
          "need at least two.",
        action: "Choose another batch size, or another number in # normlens: use ghost(…).",
      };
    case "last-batch-of-one":
      return {
        sentence:
          `With ${problem.samples} samples in batches of ${problem.batchSize}, the last batch has a single ` +
          `sample, which gives ${layerWords(problem.layer)}${at} one value per channel. Batch statistics ` +
          "need at least two.",
        action: "Drop the last batch, or choose another batch size.",
      };
    case "diverged":
      return {
        sentence:
          `Training diverged at step ${problem.step}: the first value that is not finite is in the ` +
          `${problem.tensor} of ${layerWords(problem.layer)}${at}.`,
        action: "Lower the learning rate, and train again.",
      };
  }
}

function describeMemoryProblem({
  neededBytes,
  limitBytes,
  largestBatch,
}: Extract<Problem, { code: "out-of-memory" }>): ProblemText {
  const why =
    neededBytes > limitBytes ? `and the limit is ${megabytes(limitBytes)}` : "which is more than this machine has free";
  return {
    sentence: `Training needs ${megabytes(neededBytes)} of memory, ${why}.`,
    action: largestBatch ? `Choose a batch of at most ${largestBatch}.` : "Choose a smaller batch or a smaller model.",
  };
}

type Interruption = Extract<
  Problem,
  {
    code:
      | "disk-full"
      | "read-only"
      | "write-failed"
      | "process-ended"
      | "out-of-memory"
      | "engine-unavailable"
      | "internal";
  }
>;

function describeInterruption(problem: Interruption): ProblemText {
  switch (problem.code) {
    case "disk-full":
      return {
        sentence: `${problem.path} can't be written: the disk is full.`,
        action: "Free some space, and train again. Everything recorded so far is kept.",
      };
    case "read-only":
      return {
        sentence: `${problem.path} can't be written: the folder or the disk is read-only.`,
        action: "Choose another folder for runs.",
      };
    case "write-failed":
      return {
        sentence: `${problem.path} can't be written: ${problem.detail}.`,
        action: "Check the disk, and train again. Everything recorded so far is kept.",
      };
    case "process-ended":
      return {
        sentence: `The training process ended: ${problem.detail}.`,
        action: "Train again. Everything recorded so far is kept.",
      };
    case "out-of-memory":
      return describeMemoryProblem(problem);
    case "engine-unavailable":
      return {
        sentence: `NormLens can't train on this machine: ${problem.detail}.`,
        action:
          "Use a current VS Code, or Node 20 or newer, and no limit on the address space of a process (ulimit -v).",
      };
    case "internal":
      return {
        sentence: `NormLens has an internal error: ${problem.detail}.`,
        action: "Report it, with the NormLens log if you use VS Code (NormLens: Show Log).",
      };
  }
}

/** The sentence and the action for a problem. The caller decides where they are shown, and what lines are called. */
export function describeProblem(problem: Problem, lineWords: LineWords = plainLineWords): ProblemText {
  const at = (line: number | null): string => (line === null ? "" : ` (${lineWords(line)})`);
  switch (problem.code) {
    case "file-unreadable":
    case "file-not-text":
    case "file-too-large":
    case "notebook-malformed":
      return describeFileProblem(problem);
    case "syntax-error":
      return {
        sentence:
          `${capitalized(lineWords(problem.line))} of ${problem.path} can't be ` +
          `parsed${/\.[cm]?[jt]s$/.test(problem.path) ? "" : " as Python 3"}.`,
        action: "Fix that line. Until then NormLens shows the last version that it could read.",
      };
    case "no-model":
    case "model-not-found":
      return describeMissingModel(problem);
    case "unknown-value":
      return describeUnknownValue(problem, lineWords);
    case "input-shape-unknown":
      return missingInputShapes(problem);
    case "shape-mismatch":
    case "layer-unsupported":
      return describeLayerProblem(problem, at(problem.line));
    case "framework-unsupported":
      return {
        sentence:
          `${problem.model} is a ${problem.framework} model. NormLens reads and checks it, but can only ` +
          "train PyTorch models.",
        action: `Train it in ${problem.framework}. NormLens shows its shapes, parameters and findings.`,
      };
    case "data-missing":
    case "data-truncated":
    case "data-malformed":
    case "weights-mismatch":
    case "data-shape-mismatch":
    case "data-inputs-mismatch":
    case "data-classes-mismatch":
    case "first-output-not-classes":
      return describeDataProblem(problem);
    case "batch-larger-than-data":
    case "batch-larger-than-class":
    case "order-needs-classes":
    case "data-has-test-part":
    case "output-not-classes":
    case "labels-not-per-output":
      return describeLabelProblem(problem);
    case "batch-of-one":
    case "virtual-batch-of-one":
    case "last-batch-of-one":
    case "diverged":
      return describeTrainingProblem(problem, at(problem.line));
    case "disk-full":
    case "read-only":
    case "write-failed":
    case "process-ended":
    case "out-of-memory":
    case "engine-unavailable":
    case "internal":
      return describeInterruption(problem);
    case "told-by-producer":
    case "run-unreadable":
    case "source-unknown":
    case "source-missing":
    case "settings-unknown":
    case "request-unanswered":
    case "checkpoint-missing":
    case "checkpoint-unusable":
    case "run-already-done":
    case "no-running-statistics":
    case "setting-invalid":
      return describeRunProblem(problem);
  }
}
