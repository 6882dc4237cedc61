/** `normlens recalibrate RUN|CHECKPOINT`: running statistics again, over the training data with fixed weights. */
import { percentage } from "../protocol/numberText";
import { ProblemError } from "../protocol/problems";
import { findCheckpoint } from "../runs/findCheckpoint";
import { readRunEnds } from "../runs/readEnds";
import { readRunGraph } from "../runs/readRunGraph";
import { chooseKernels } from "../training/chooseKernels";
import { recalibrate } from "../training/recalibrate";
import { CliCommand } from "./cliCommand";
import { type RunsOptions, withJsonOption, withRunsOption } from "./sharedOptions";
import { count } from "./valueReaders";

/** 10³ to 10⁴ samples suffice (Wu & Johnson 2021, section 3.2). */
const USUAL_SAMPLES = 10_000;

export const recalibrateCommand = (): CliCommand =>
  withJsonOption(
    withRunsOption(
      new CliCommand("recalibrate")
        .description("Measure the running statistics of a checkpoint again.")
        .argument("<RUN>", "A run, its folder, or one of its checkpoints. A new checkpoint has the same weights.")
        .value("--samples <N>", `Training samples to measure on (default: ${USUAL_SAMPLES}).`, count),
    ),
  )
    .examples("normlens recalibrate 2026-11-20-083418-MnistMlp --samples 5000")
    .does(recalibrateRun);

async function recalibrateRun(command: CliCommand): Promise<number> {
  const options = command.opts<RunsOptions & { readonly samples?: number }>();
  const { runFolder, path } = findCheckpoint(command.args[0] ?? "", options.runs, "weights");
  const { run } = readRunEnds(runFolder);
  const { config } = run;
  if (!config) throw new ProblemError({ code: "settings-unknown", run: runFolder });
  const target = `${path.replace(/\.safetensors$/, "")}-recalibrated.safetensors`;
  const job = {
    graph: readRunGraph(runFolder),
    config,
    checkpoint: path,
    samples: options.samples ?? USUAL_SAMPLES,
    target,
  };
  const { samples, before, after } = await recalibrate(job, chooseKernels());
  const [testAccuracyBefore, testAccuracyAfter] = [before.accuracy, after.accuracy];
  const result = { checkpoint: target, samples, testAccuracyBefore, testAccuracyAfter };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : textOf(result));
  return 0;
}

interface Result {
  readonly checkpoint: string;
  readonly samples: number;
  readonly testAccuracyBefore: number;
  readonly testAccuracyAfter: number;
}

function textOf({ checkpoint, samples, testAccuracyBefore, testAccuracyAfter }: Result): string {
  const [before, after] = [percentage(testAccuracyBefore), percentage(testAccuracyAfter)];
  return [
    `Test accuracy ${before} % before, ${after} % with running statistics of ${samples} training samples.\n`,
    `Written to ${checkpoint}\n`,
  ].join("");
}
