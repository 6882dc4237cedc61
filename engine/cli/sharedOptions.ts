/** Options that several commands have, with the same words. */
import type { Shape } from "../protocol/shape";
import { DEFAULT_RUNS_FOLDER } from "../runs/runFolder";
import type { CliCommand } from "./cliCommand";
import { anyText, shapes } from "./valueReaders";

/** Which model of a file is meant, and what goes into it. */
export interface ModelOptions {
  readonly model?: string;
  readonly input?: readonly Shape[];
}

export interface RunsOptions {
  readonly runs: string;
  readonly json?: true;
}

export const FILE_TEXT = "A Python file, a JavaScript or TypeScript file with TensorFlow.js, or a notebook (.ipynb).";

export const withModelOptions = (command: CliCommand): CliCommand =>
  command
    .value("--model <EXPR>", 'The model to take, such as "Net(10)", where the file has several.', anyText)
    .value(
      "--input <SHAPE>",
      "The size of one sample, such as 1x28x28, or 1x28x28,10 for two inputs. By default NormLens infers it.",
      shapes,
    );

export const withRunsOption = (command: CliCommand): CliCommand =>
  command
    .value("--runs <DIR>", `The folder of runs (default: ${DEFAULT_RUNS_FOLDER}).`, anyText)
    .setOptionValueWithSource("runs", DEFAULT_RUNS_FOLDER, "default");

export const withJsonOption = (command: CliCommand): CliCommand =>
  command.option("--json", "Print one JSON document on stdout.");
