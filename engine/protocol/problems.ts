/**
 * Expected failures. Each is a code with the data that tells what and where; it crosses processes as plain data and
 * becomes one sentence and one action in `describeProblem`, and nowhere else.
 */
import { megabytes } from "./numberText";
import type { Problem, ProblemText } from "./problemSchema";
import { describeRunProblem } from "./runProblemText";

export { type Problem, type ProblemCode, problemSchema, type ProblemText } from "./problemSchema";

/** How a line of a model file is told: `line 12`; in a notebook, whose cells are read as one text, `cell 3 line 2`. */
export type LineWords = (line: number) => string;

export const plainLineWords: LineWords = (line) => `line ${line}`;

/** Carries a Problem through code that throws. Only for expected failures; a programmer's error is a plain Error. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    /** How the lines of the problem's file are told. */
    readonly lineWords: LineWords = plainLineWords,
  ) {
    super(describeProblem(problem, lineWords).sentence);
    this.name = "ProblemError";
  }
}

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const shape = (sizes: readonly number[]): string => sizes.join("×");
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function missingInputShapes(model: string, inputs: number): ProblemText {
  const example = Array.from({ length: inputs }, () => "1x28x28").join(",");
  return {
    sentence:
      inputs === 1
        ? `The input shape of ${model} is not known.`
        : `The shapes of the ${inputs} inputs of ${model} are not all known.`,
    action: `Add a comment above the class: # normlens: model ${model} input=${example}`,
  };
}

function describeMissingModel(problem: Extract<Problem, { code: "no-model" | "model-not-found" }>): ProblemText {
  if (problem.code === "no-model")
    return {
      sentence: `${problem.path} defines no model that NormLens can read.`,
      action: "Open the file that defines the nn.Module or nn.Sequential.",
    };
  return {
    sentence: `${problem.path} defines no model ${problem.model}.`,
    action: problem.found.length > 0 ? `Choose one of: ${problem.found.join(", ")}.` : "Check the model's name.",
  };
}

function describeLayerProblem(
  problem: Extract<Problem, { code: "shape-mismatch" | "layer-unsupported" }>,
  at: string,
): ProblemText {
  if (problem.code === "shape-mismatch")
    return {
      sentence: `${problem.layer}${at} expects ${problem.expected} and gets ${problem.found}.`,
      action: "Change the layer's sizes or the input shape.",
    };
  return {
    sentence: `The engine cannot train ${problem.layer}${at}: ${problem.detail}.`,
    action: `Remove ${problem.className} for this run with # normlens: remove, or train it in your own framework.`,
  };
}

const positionsOf = ([, ...positions]: readonly number[]): string =>
  positions.every((size) => size === 1) ? "one" : `one for each of ${shape(positions)} positions`;

type FileProblem = Extract<
  Problem,
  { code: "file-unreadable" | "file-not-text" | "file-too-large" | "notebook-malformed" }
>;

function describeFileProblem(problem: FileProblem): ProblemText {
  switch (problem.code) {
    case "file-unreadable":
      return {
        sentence: `${problem.path} could not be read: ${problem.detail}.`,
        action: "Check the path and its permissions.",
      };
    case "file-not-text":
      return {
        sentence: `${problem.path} is no text that can be read: ${problem.detail}.`,
        action: "Save it as UTF-8 text.",
      };
    case "file-too-large":
      return {
        sentence: `${problem.path} is too large to read: ${plural(problem.lines, "line")}, ${plural(problem.characters, "character")}.`,
        action: "Move the model into a file of its own.",
      };
    case "notebook-malformed":
      return {
        sentence: `${problem.path} is no notebook that can be read: ${problem.detail}.`,
        action: "Open it in Jupyter and save it again.",
      };
  }
}

const namedShapes = (arrays: readonly { readonly name: string; readonly shape: readonly number[] }[]): string =>
  arrays.map(({ name, shape: sizes }) => `${name === "" ? "" : `${name} `}${shape(sizes)}`).join(" and ");

type DataProblem = Extract<
  Problem,
  {
    code:
      | "data-missing"
      | "data-truncated"
      | "data-malformed"
      | "weights-mismatch"
      | "data-shape-mismatch"
      | "data-inputs-mismatch"
      | "data-classes-mismatch"
      | "first-output-not-classes"
      | "batch-larger-than-data"
      | "output-not-classes"
      | "labels-not-per-output"
      | "batch-larger-than-class"
      | "order-needs-classes"
      | "data-has-test-part";
  }
>;

function describeDataProblem(problem: DataProblem): ProblemText {
  switch (problem.code) {
    case "data-missing":
      return {
        sentence: `No data at ${problem.path}: ${problem.detail}.`,
        action: "Give a folder with MNIST's IDX files, or use data=digits.",
      };
    case "data-truncated":
      return {
        sentence: `${problem.path} is truncated: ${problem.foundBytes} of ${problem.expectedBytes} bytes are there.`,
        action: "Copy or download the file again.",
      };
    case "data-malformed":
      return {
        sentence: `${problem.path} is not valid data: ${problem.detail}.`,
        action: "Check that the file is the one you mean.",
      };
    case "weights-mismatch":
      return {
        sentence: `${problem.path} holds another model's weights: ${problem.detail}.`,
        action: "Choose a file of this very model's state_dict.",
      };
    case "data-shape-mismatch":
      return {
        sentence: `${problem.data} holds samples of ${shape(problem.dataShape)}, the model takes ${shape(problem.inputShape)}.`,
        action: `Set input=${problem.dataShape.join("x")} or choose other data.`,
      };
    case "data-inputs-mismatch":
      return {
        sentence: `${problem.data} holds samples of ${namedShapes(problem.arrays)}, the model takes ${namedShapes(problem.inputs)}.`,
        action: `Choose data with an array for each input, of its name, or noise:${problem.inputs.map((input) => input.shape.join("x")).join(",")}.`,
      };
    case "first-output-not-classes":
      return {
        sentence: `${problem.model} returns ${plural(problem.modelClasses, "value")} first and the data's ${problem.dataClasses} classes at ${problem.place}, but its first output is what is trained.`,
        action: "Return that one first.",
      };
    case "data-classes-mismatch":
      return {
        sentence: `${problem.data} has labels for ${problem.dataClasses} classes, the model gives ${problem.modelClasses} scores.`,
        action: `Give the last layer ${problem.dataClasses} outputs or choose other data.`,
      };
    case "batch-larger-than-data":
      return {
        sentence: `A batch of ${problem.batchSize} does not fit ${problem.samples} training samples.`,
        action: `Choose a batch of at most ${problem.samples}.`,
      };
    case "batch-larger-than-class":
      return {
        sentence: `No class has ${problem.batchSize} training samples for a batch of its own: the largest has ${problem.samples}.`,
        action: `Choose a batch of at most ${problem.samples}, or keep the last ones (--keep-last).`,
      };
    case "order-needs-classes":
      return {
        sentence: `${problem.data} has labels for each position, and the order ${problem.order} needs one class a sample.`,
        action: "Choose the order shuffled or sequential.",
      };
    case "data-has-test-part":
      return {
        sentence: `${problem.path} has test samples of its own, so nothing of its training samples is split off.`,
        action: "Leave out --split.",
      };
    case "output-not-classes":
      return {
        sentence: `The model's output has shape ${shape(problem.outputShape)}, neither one score per class nor one per class and position.`,
        action: "End the model with a layer that gives one value per class.",
      };
    case "labels-not-per-output":
      return {
        sentence: `${problem.data} has ${problem.labelShape.length === 0 ? "one label" : `${shape(problem.labelShape)} labels`} per sample, the model's output of ${shape(problem.outputShape)} needs ${positionsOf(problem.outputShape)}.`,
        action: "Choose data with such labels, or end the model with one value per class.",
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
        sentence: `${problem.layer}${at} would get one value per channel; batch statistics need at least two.`,
        action: "Choose a larger batch.",
      };
    case "virtual-batch-of-one":
      return {
        sentence: `A batch of ${problem.samples} in virtual batches of ${problem.virtual} has one of a single sample, and ${problem.layer}${at} would get one value per channel; batch statistics need at least two.`,
        action: "Choose another batch size, or another number in # normlens: use ghost(…).",
      };
    case "last-batch-of-one":
      return {
        sentence: `The last batch of ${problem.samples} samples in batches of ${problem.batchSize} is a single one, and ${problem.layer}${at} would get one value per channel; batch statistics need at least two.`,
        action: "Drop the last batch (--drop-last) or choose another batch size.",
      };
    case "diverged":
      return {
        sentence: `Training diverged at step ${problem.step}: the first value that is not finite is ${problem.tensor} of ${problem.layer}${at}.`,
        action: "Lower the learning rate and train again.",
      };
  }
}

function describeMemoryProblem({
  neededBytes,
  limitBytes,
  largestBatch,
}: Extract<Problem, { code: "out-of-memory" }>): ProblemText {
  const why =
    neededBytes > limitBytes ? `and the limit is ${megabytes(limitBytes)}` : "which this machine does not have free";
  return {
    sentence: `Training needs ${megabytes(neededBytes)} of memory, ${why}.`,
    action: largestBatch ? `Choose a batch of at most ${largestBatch}.` : "Choose a smaller batch or model.",
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
        sentence: `The disk is full: ${problem.path} could not be written.`,
        action: "Free space; what was recorded until then is kept.",
      };
    case "read-only":
      return {
        sentence: `${problem.path} cannot be written: no permission or a read-only disk.`,
        action: "Choose another folder for runs (setting normlens.runsFolder, --runs).",
      };
    case "write-failed":
      return {
        sentence: `${problem.path} could not be written: ${problem.detail}.`,
        action: "Check the disk; what was recorded until then is kept.",
      };
    case "process-ended":
      return {
        sentence: `The training process ended: ${problem.detail}.`,
        action: "What was recorded is kept; train again.",
      };
    case "out-of-memory":
      return describeMemoryProblem(problem);
    case "engine-unavailable":
      return {
        sentence: `The engine cannot run here: ${problem.detail}.`,
        action:
          "Use Node 20 or newer, or a current VS Code, without a limit on what a process may address (ulimit -v).",
      };
    case "internal":
      return {
        sentence: `NormLens met an error of its own: ${problem.detail}.`,
        action: "Report it with the NormLens log (NormLens: Show Log).",
      };
  }
}

/** The sentence and the action for a problem. Text only; the caller decides where it is shown, and says how lines are told. */
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
        sentence: `${capitalized(lineWords(problem.line))} of ${problem.path} does not parse${/\.[cm]?[jt]s$/.test(problem.path) ? "" : " as Python 3"}.`,
        action: "Mend that line; the last good reading stays until then.",
      };
    case "no-model":
    case "model-not-found":
      return describeMissingModel(problem);
    case "unknown-value":
      return {
        sentence: `${capitalized(lineWords(problem.line))} of ${problem.path} could not be determined: ${problem.reason}.`,
        action: "Write the value as a literal or a default argument.",
      };
    case "input-shape-unknown":
      return missingInputShapes(problem.model, problem.inputs);
    case "shape-mismatch":
    case "layer-unsupported":
      return describeLayerProblem(problem, at(problem.line));
    case "framework-unsupported":
      return {
        sentence: `${problem.model} is a ${problem.framework} model: NormLens reads and checks it, but trains PyTorch models only.`,
        action: `Train it in ${problem.framework}; shapes, parameters and findings are shown here.`,
      };
    case "output-not-classes":
    case "data-missing":
    case "data-truncated":
    case "data-malformed":
    case "weights-mismatch":
    case "data-shape-mismatch":
    case "data-inputs-mismatch":
    case "data-classes-mismatch":
    case "first-output-not-classes":
    case "batch-larger-than-data":
    case "batch-larger-than-class":
    case "order-needs-classes":
    case "data-has-test-part":
    case "labels-not-per-output":
      return describeDataProblem(problem);
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
