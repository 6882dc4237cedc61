/** The sentence and the action for problems with the data of a run, and with how it is cut into batches. */
import { plural } from "./numberText";
import type { Problem, ProblemText } from "./problemSchema";

const shape = (sizes: readonly number[]): string => sizes.join("×");

const positionsOf = ([, ...positions]: readonly number[]): string =>
  positions.every((size) => size === 1) ? "one" : `one for each of ${shape(positions)} positions`;

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
      | "first-output-not-classes";
  }
>;

type LabelProblem = Extract<
  Problem,
  {
    code:
      | "batch-larger-than-data"
      | "batch-larger-than-class"
      | "order-needs-classes"
      | "data-has-test-part"
      | "output-not-classes"
      | "labels-not-per-output";
  }
>;

export function describeDataProblem(problem: DataProblem): ProblemText {
  switch (problem.code) {
    case "data-missing":
      return {
        sentence: `There is no data at ${problem.path}: ${problem.detail}.`,
        action: "Choose a folder or file with data, or the generated set digits.",
      };
    case "data-truncated":
      return {
        sentence: `${problem.path} is truncated: it has ${problem.foundBytes} of ${problem.expectedBytes} bytes.`,
        action: "Copy or download the file again.",
      };
    case "data-malformed":
      return {
        sentence: `${problem.path} can't be used as data: ${problem.detail}.`,
        action: "Check that this is the right file, or choose another one.",
      };
    case "weights-mismatch":
      return {
        sentence: `The weights in ${problem.path} don't fit the model: ${problem.detail}.`,
        action: "Choose a file with the state_dict of this model.",
      };
    case "data-shape-mismatch":
      return {
        sentence:
          `The samples of ${problem.data} are ${shape(problem.dataShape)}, but the model takes ` +
          `${shape(problem.inputShape)}.`,
        action: `Set the input shape to ${problem.dataShape.join("x")}, or choose other data.`,
      };
    case "data-inputs-mismatch":
      return {
        sentence:
          `The samples of ${problem.data} are ${namedShapes(problem.arrays)}, but the model takes ` +
          `${namedShapes(problem.inputs)}.`,
        action:
          "Choose data with one array per input under the input's name, or the generated set " +
          `noise:${problem.inputs.map((input) => input.shape.join("x")).join(",")}.`,
      };
    case "first-output-not-classes":
      return {
        sentence:
          `${problem.model} returns the scores of the ${problem.dataClasses} classes at ${problem.place}, ` +
          `but NormLens trains the first output, which has ${plural(problem.modelClasses, "value")}.`,
        action: `Return the output at ${problem.place} first.`,
      };
    case "data-classes-mismatch":
      return {
        sentence:
          `${problem.data} has labels for ${problem.dataClasses} classes, but the model returns ` +
          `${plural(problem.modelClasses, "score")}.`,
        action: `Give the last layer ${problem.dataClasses} outputs, or choose other data.`,
      };
  }
}

/** How the data is cut into batches, and what its labels are. */
export function describeLabelProblem(problem: LabelProblem): ProblemText {
  switch (problem.code) {
    case "batch-larger-than-data":
      return {
        sentence: `A batch of ${problem.batchSize} is larger than the ${plural(problem.samples, "training sample")}.`,
        action: `Choose a batch of at most ${problem.samples}.`,
      };
    case "batch-larger-than-class":
      return {
        sentence:
          `No class fills a batch of ${problem.batchSize}: the largest class has ` +
          `${plural(problem.samples, "training sample")}.`,
        action: `Choose a batch of at most ${problem.samples}, or keep the incomplete last batches.`,
      };
    case "order-needs-classes":
      return {
        sentence:
          `The order ${problem.order} needs one class per sample, but ${problem.data} has a label for each ` +
          "position.",
        action: "Choose the order shuffled or sequential.",
      };
    case "data-has-test-part":
      return {
        sentence: `${problem.path} has its own test samples, so no training samples can be split off for testing.`,
        action: "Set the split to 0, or leave it out.",
      };
    case "output-not-classes":
      return {
        sentence:
          `The model's output of ${shape(problem.outputShape)} is neither one score per class nor one per ` +
          "class and position.",
        action: "End the model with a layer that gives one value per class.",
      };
    case "labels-not-per-output":
      return {
        sentence:
          `${problem.data} has ` +
          `${problem.labelShape.length === 0 ? "one label" : `${shape(problem.labelShape)} labels`} per ` +
          `sample, but the model's output of ${shape(problem.outputShape)} needs ${positionsOf(problem.outputShape)}.`,
        action: "Choose data with such labels, or end the model with one value per class.",
      };
  }
}
